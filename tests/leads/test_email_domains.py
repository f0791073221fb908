"""Domains that are disposable or take no mail: found out by the worker, shown as a flag, never a refusal (C14)."""

import json
import logging
import threading
import time
from datetime import timedelta

import pytest
from dns.resolver import Resolver
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlmodel import select

from contentops.cli.serving import work
from contentops.leads.domains import desk
from contentops.leads.domains.asking import MailLookup, Unanswered
from contentops.leads.domains.disposable import Disposables, domain_of, with_parents
from contentops.leads.domains.known import Flags, flags_of
from contentops.leads.domains.letters import has_mixed_letters
from contentops.leads.identity.wordlists import FREE_MAIL
from contentops.models import Contact, EmailDomain, Lead
from contentops.settings import DomainSettings
from contentops.settings.domains import host_and_port
from contentops.testing import write_content

from .dns_server import FAULTY, SILENT, name_server

ZONE = {
    "good.example.com": {"MX": ["10 mx.example.com."]},
    "gongsi.example.cn": {"MX": ["10 mx1.example.cn.", "20 mx2.example.cn."]},
    "old.example.com": {"A": ["192.0.2.7"]},
    "six.example.com": {"AAAA": ["2001:db8::7"]},
    "null.example.com": {"MX": ["0 ."], "A": ["192.0.2.7"]},
    "empty.example.com": {"TXT": ['"v=spf1 -all"']},
    "faulty.example.com": FAULTY,
    "slow.example.com": SILENT,
}
PERSON = {"name": "张三", "company": "示例公司", "consent_delivery": "yes"}


@pytest.fixture
def dns():
    with name_server(ZONE) as server:
        yield server


@pytest.fixture
def shop(make_workspace, dns):
    """A workspace with a paper that asks this DNS; keywords go into [domains]."""

    def make(database_url=None, **values):
        lines = {"dns": "true", "dns_servers": f'["{dns.address}"]', "dns_seconds": "0.3", **values}
        extra = "\n[domains]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())
        workspace = make_workspace(database_url, extra=extra)
        text = "---\ntitle: 点检白皮书\ncontentops: {gate: gated, attachment: w.pdf}\n---\n正文。\n"
        write_content(workspace, "whitepaper/w/index.md", text)
        write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
        assert not workspace.assets.sync().problems
        return workspace

    return make


def take(workspace, *addresses) -> None:
    for address in addresses:
        form = {**PERSON, "email": address}
        workspace.leads.capture(workspace.assets.get("w"), form.items(), page="/zh/w/")


def known(workspace) -> dict[str, tuple[bool, bool | None]]:
    with workspace.store.read() as session:
        return {row.domain: (row.disposable, row.accepts_mail) for row in session.exec(select(EmailDomain))}


class TestDisposables:
    def test_listed_domains_and_those_below_them(self) -> None:
        found = Disposables(DomainSettings())
        assert "mailinator.com" in found
        assert "xyz.mailinator.com" in found
        for domain in ("example.com", "com", "mailinator-x.example", "mailinator.com.example.cn", ""):
            assert domain not in found

    def test_a_provider_where_people_live_is_none(self) -> None:
        """Lists have such ones now and then: 21cn.com, China Telecom's."""
        found = Disposables(DomainSettings())
        assert [domain for domain in FREE_MAIL if domain in found] == []

    def test_settings_have_the_last_word(self) -> None:
        settings = DomainSettings(
            disposable=("Linshi.Example.cn", "21cn.com", "例子.example"), not_disposable=("mailinator.com",)
        )
        found = Disposables(settings)
        assert all(each in found for each in ("linshi.example.cn", "a.linshi.example.cn", "21cn.com"))
        assert "xn--fsqu00a.example" in found
        assert "mailinator.com" not in found
        without = Disposables(DomainSettings(disposable_list=False, disposable=("x.example.com",)))
        assert "mailinator.com" not in without
        assert "x.example.com" in without

    @given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=5))
    def test_parents_end_in_the_domain_and_have_two_labels(self, labels) -> None:
        domain = ".".join(labels)
        found = list(with_parents(domain))
        assert all(domain.endswith(each) and "." in each for each in found)
        assert len(found) == len(labels) - 1

    def test_domain_of(self) -> None:
        assert domain_of("Zhang@Example.CN") == domain_of("mail:zhang@example.cn") == "example.cn"
        assert domain_of("tel:+8613800138000") == ""


class TestSettings:
    @pytest.mark.parametrize(
        "domain", ["", "com", "a b.com", "a@example.com", "-x.com", "http://example.com", "x" * 300]
    )
    def test_what_is_no_domain_is_refused(self, domain) -> None:
        with pytest.raises(ValidationError, match="domain"):
            DomainSettings(disposable=(domain,))

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("10.0.0.53", ("10.0.0.53", 53)), ("127.0.0.1:5353", ("127.0.0.1", 5353)), ("::1", ("::1", 53)),
         ("[::1]:5353", ("::1", 5353)), (" [2001:db8::53] ", ("2001:db8::53", 53))],
    )  # fmt: skip
    def test_servers(self, text, expected) -> None:
        assert host_and_port(text) == expected

    @pytest.mark.parametrize(
        "text", ["", "dns.example.com", "10.0.0", "10.0.0.53:0", "10.0.0.53:99999", "[::1", "::1]:53"]
    )
    def test_what_is_no_server_is_refused(self, text) -> None:
        with pytest.raises(ValidationError, match="DNS server"):
            DomainSettings(dns_servers=(text,))


class TestAsking:
    @pytest.fixture
    def lookup(self, dns) -> MailLookup:
        return MailLookup(DomainSettings(dns_servers=(dns.address,), dns_seconds=0.3))

    @pytest.mark.parametrize(
        ("domain", "expected"),
        [("good.example.com", True), ("gongsi.example.cn", True), ("old.example.com", True), ("six.example.com", True),
         ("null.example.com", False), ("empty.example.com", False), ("nothing.example.com", False)],
    )  # fmt: skip
    @pytest.mark.row("C14")
    def test_C14_who_takes_mail(self, lookup, domain, expected) -> None:
        """RFC 5321 5.1: a domain without a mail exchanger is its own; RFC 7505: one "." says that nobody is."""
        assert lookup.takes_mail(domain) is expected

    def test_an_exchanger_is_enough(self, lookup, dns) -> None:
        lookup.takes_mail("good.example.com")
        lookup.takes_mail("null.example.com")
        assert dns.asked == [("good.example.com", "MX"), ("null.example.com", "MX")]

    @pytest.mark.parametrize(("domain", "is_silent"), [("slow.example.com", True), ("faulty.example.com", False)])
    def test_no_answer_is_none(self, lookup, domain, is_silent) -> None:
        begun = time.monotonic()
        with pytest.raises(Unanswered) as caught:
            lookup.takes_mail(domain)
        assert caught.value.is_silent is is_silent
        assert time.monotonic() - begun < 2

    def test_nobody_listens(self, dns) -> None:
        dns.close()
        with pytest.raises(Unanswered) as caught:
            MailLookup(DomainSettings(dns_servers=(dns.address,), dns_seconds=0.3)).takes_mail("good.example.com")
        assert caught.value.is_silent

    @pytest.mark.parametrize("domain", ["x" * 64 + ".example.com", "a..example.com", "\\.example.com"])
    def test_odd_names_are_no_faults(self, lookup, domain) -> None:
        try:
            assert lookup.takes_mail(domain) is False
        except Unanswered as error:
            assert not error.is_silent


class TestRounds:
    @pytest.mark.row("C14")
    def test_C14_each_domain_is_asked_once_and_again_after_some_weeks(self, shop, dns, clock, database_url) -> None:
        workspace = shop(database_url, again_days=20)
        take(workspace, "a@good.example.com", "b@good.example.com", "c@null.example.com", "d@mailinator.com")
        found = workspace.leads.domains.check()
        assert (found.new, found.told, found.unanswered) == (3, 3, 0)
        expected = {
            "good.example.com": (False, True),
            "null.example.com": (False, False),
            "mailinator.com": (True, False),
        }
        assert known(workspace) == expected
        count = len(dns.asked)
        clock.forward(days=19)
        take(workspace, "e@good.example.com", "f@gongsi.example.cn")
        assert workspace.leads.domains.check() == desk.Checked(1, 1, 0)
        assert dns.asked[count:] == [("gongsi.example.cn", "MX")]
        clock.forward(days=1, minutes=1)
        dns.zone["null.example.com"] = {"MX": ["10 mx.example.com."]}
        assert workspace.leads.domains.check().told == 3
        assert known(workspace)["null.example.com"] == (False, True)

    def test_nothing_leaves_the_house_unasked(self, shop, dns) -> None:
        workspace = shop(dns="false")
        take(workspace, "a@good.example.com", "d@mailinator.com")
        assert workspace.leads.domains.check() == desk.Checked(2, 0, 0)
        assert known(workspace) == {"good.example.com": (False, None), "mailinator.com": (True, None)}
        assert dns.asked == []
        assert not DomainSettings().dns

    def test_switched_off_altogether(self, shop) -> None:
        workspace = shop(dns="false", disposable_list="false")
        take(workspace, "d@mailinator.com")
        assert workspace.leads.domains.check() == desk.Checked()
        assert known(workspace) == {}

    @pytest.mark.row("C14")
    def test_C14_a_silent_dns_changes_nothing_and_is_tried_later(self, shop, dns, clock, caplog, monkeypatch) -> None:
        workspace = shop()
        take(workspace, "a@good.example.com", "b@null.example.com")
        domains = workspace.leads.domains
        domains.check()
        before = known(workspace)
        clock.forward(days=40)
        dns.is_silent = True
        dns.asked.clear()
        take(workspace, "c@gongsi.example.cn", "d@old.example.com", "e@six.example.com")
        with caplog.at_level(logging.WARNING, "contentops.domains"):
            found = domains.check()
        assert (found.told, found.unanswered) == (0, 2)  # and the others were spared the wait
        assert len(dns.domains) == 2
        assert [record.getMessage() for record in caplog.records if "does not answer" in record.getMessage()]
        assert not [record for record in caplog.records if "example" in record.getMessage()]
        assert {domain: row for domain, row in known(workspace).items() if domain in before} == before
        assert domains.check() == desk.Checked()  # it is left alone
        dns.is_silent = False
        clock.forward(hours=2)
        monkeypatch.setattr(domains, "_silent_until", 0.0)
        assert domains.check() == desk.Checked(0, 5, 0)
        assert all(known(workspace)[f"{name}.example.com"][1] for name in ("good", "old", "six"))

    def test_one_domain_out_of_order_holds_up_nobody(self, shop, clock) -> None:
        workspace = shop()
        take(workspace, "a@faulty.example.com", "b@slow.example.com", "c@faulty2.example.com", "d@good.example.com")
        found = workspace.leads.domains.check()
        assert (found.told, found.unanswered) == (2, 2)
        assert known(workspace)["faulty.example.com"] == (False, None)
        clock.forward(minutes=30)
        assert workspace.leads.domains.check() == desk.Checked()
        clock.forward(minutes=31)
        assert workspace.leads.domains.check().unanswered == 1  # the one that was silent
        clock.forward(days=1)
        assert workspace.leads.domains.check().unanswered == 2

    def test_few_at_a_time_and_all_in_the_end(self, shop, dns, monkeypatch) -> None:
        monkeypatch.setattr(desk, "MOST_ASKED", 3)
        monkeypatch.setattr(desk, "PAGE", 2)
        monkeypatch.setattr(desk, "PAGES", 2)
        workspace = shop()
        take(workspace, *(f"zhang@x{number}.example.com" for number in range(10)))
        sums = []
        for _number in range(6):
            dns.asked.clear()
            sums.append(workspace.leads.domains.check())
            assert len(dns.domains) <= 3
        assert [found.new for found in sums] == [4, 4, 2, 0, 0, 0]
        assert sum(found.told for found in sums) == 10
        assert set(known(workspace).values()) == {(False, False)}

    def test_who_is_stored_with_an_earlier_moment_is_seen(self, shop, clock) -> None:
        """Forms are stored in another order than they came; whose id tells no moment is seen within a day."""
        workspace = shop(dns="false")
        take(workspace, "a@good.example.com")
        workspace.leads.domains.check()
        for days, domain in ((0.002, "soon.example.com"), (90, "fair.example.cn")):
            with workspace.store.write() as session:
                moment = workspace.now() - timedelta(days=days)
                row = {"id": domain[:32], "person_id": domain[:32], "email": f"wang@{domain}"}
                session.add(Contact.model_validate({**row, "created_at": moment, "changed_at": moment}))
        workspace.leads.domains.check()
        assert set(known(workspace)) == {"good.example.com", "soon.example.com"}
        clock.forward(days=1, minutes=1)
        workspace.leads.domains.check()
        assert "fair.example.cn" in known(workspace)

    def test_C14_who_is_imported_with_the_day_of_the_fair_is_seen_at_once(self, shop, tmp_path, run_cli, clock) -> None:
        workspace = shop(dns="false")
        take(workspace, "a@good.example.com")
        workspace.leads.domains.check()
        sheet = tmp_path / "展会.csv"
        for number in range(2):
            clock.forward(hours=1)
            sheet.write_text(f"邮箱,姓名,时间\np{number}@fair{number}.example.cn,甲,2026-09-01\n", encoding="utf-8")
            assert run_cli("-w", workspace.folder, "lead", "import", sheet, "--asset", "w", "--apply")[0] == 0
            assert workspace.leads.domains.check().new == 1
            assert f"fair{number}.example.cn" in known(workspace)

    def test_more_imported_people_than_one_round_reads(self, shop, monkeypatch) -> None:
        monkeypatch.setattr(desk, "PAGE", 2)
        monkeypatch.setattr(desk, "PAGES", 2)
        workspace = shop(dns="false")
        for number in range(9):  # newer by their change than all who come next
            take(workspace, f"a@old{number}.example.com")
        while workspace.leads.domains.check().new:
            pass
        moment = workspace.now() - timedelta(days=90)
        with workspace.store.write() as session:
            for number in range(9):
                row = {"person_id": "p", "email": f"wang@fair{number}.example.cn", "created_at": moment}
                session.add(Contact.model_validate({**row, "changed_at": moment}))
        for _round in range(6):
            workspace.leads.domains.check()
        assert {f"fair{number}.example.cn" for number in range(9)} <= known(workspace).keys()

    def test_a_new_list_holds_for_what_is_known(self, shop, monkeypatch) -> None:
        workspace = shop(dns="false", disposable='["good.example.com"]', not_disposable='["mailinator.com"]')
        take(workspace, "a@good.example.com", "d@mailinator.com")
        workspace.leads.domains.check()
        assert known(workspace) == {"good.example.com": (True, None), "mailinator.com": (False, None)}
        desk.MailDomains(workspace.store, DomainSettings(), workspace.now).check()
        assert known(workspace) == {"good.example.com": (False, None), "mailinator.com": (True, None)}

    def test_several_workers_at_once(self, shop, at_once, database_url) -> None:
        workspace = shop(database_url)
        take(workspace, *(f"zhang@y{number}.example.com" for number in range(8)))
        settings = workspace.settings.domains
        desks = iter([desk.MailDomains(workspace.store, settings, workspace.now) for _number in range(3)])
        at_once(3, lambda: next(desks).check())
        assert set(known(workspace).values()) == {(False, False)}
        assert len(known(workspace)) == 8

    def test_told_to_stop_it_asks_nothing_more(self, shop, dns) -> None:
        workspace, stop = shop(), threading.Event()
        take(workspace, "a@good.example.com")
        stop.set()
        workspace.leads.domains.check(stop)
        assert dns.asked == []


class TestShown:
    @pytest.fixture
    def flagged(self, shop):
        workspace = shop()
        take(workspace, "a@good.example.com", "b@null.example.com", "c@mailinator.com", "d@faulty.example.com")
        workspace.leads.domains.check()
        return workspace

    @pytest.mark.row("C14")
    def test_C14_in_rows_and_files(self, flagged) -> None:
        rows = {row["email"]: (row["disposable"], row["no_mail"]) for row in flagged.leads.rows()}
        assert rows == {
            "a@good.example.com": ("", ""),
            "b@null.example.com": ("", "yes"),
            "c@mailinator.com": ("yes", "yes"),
            "d@faulty.example.com": ("", ""),  # nothing is known, so nothing is said
        }
        chinese = b"".join(flagged.leads.export("csv")).decode("utf-8-sig")
        assert '"一次性邮箱","邮箱收不到信"' in chinese
        assert chinese.count('"是"') == 3
        lines = b"".join(flagged.leads.export("jsonl")).decode().splitlines()
        assert sorted(json.loads(line)["no_mail"] for line in lines) == ["", "", "yes", "yes"]

    @pytest.mark.row("C15")
    def test_C15_domains_that_look_like_another_one(self, shop, run_cli) -> None:
        """Taken, and flagged at once; Chinese domains and those of one script are not."""
        domains = [
            "p\u0430ypal.example.com",
            "公司a.example.cn",
            "пример.example.com",
            "bücher.example",
            "\u03bfrg-x.example",
        ]
        workspace = shop()
        take(workspace, *(f"a@{domain}" for domain in domains))
        rows = {row["email"]: row["mixed_letters"] for row in workspace.leads.rows()}
        flagged = {"a@xn--pypal-4ve.example.com", "a@" + domains[-1].encode("idna").decode()}
        assert {email for email, flag in rows.items() if flag == "yes"} == flagged
        assert len(rows) == len(domains)
        assert not has_mixed_letters("xn--99999999.example.com")  # nobody can read it
        _code, out, _err = run_cli("-w", workspace.folder, "lead", "list")
        assert out.count("letters that look alike") == 2

    @pytest.mark.row("C14")
    def test_C14_in_lead_list_and_show(self, flagged, run_cli) -> None:
        _code, out, _err = run_cli("-w", flagged.folder, "lead", "list")
        lines = {line.split("\t")[3]: line.split("\t")[-1] for line in out.splitlines()}
        assert lines["a@good.example.com"] == ""
        assert lines["b@null.example.com"] == "takes no mail"
        assert lines["c@mailinator.com"] == "disposable mailbox, takes no mail"
        _code, out, _err = run_cli("-w", flagged.folder, "lead", "show", "c@mailinator.com")
        assert "c@mailinator.com · disposable mailbox, takes no mail" in out
        _code, out, _err = run_cli("-w", flagged.folder, "lead", "show", "c@mailinator.com", "--json")
        assert json.loads(out)["flags"] == {
            "c@mailinator.com": {"disposable": True, "no_mail": True, "mixed_letters": False}
        }
        _code, out, _err = run_cli("-w", flagged.folder, "lead", "show", "a@good.example.com", "--json")
        assert json.loads(out)["flags"] == {}

    def test_a_file_with_flags_can_be_read_back(self, flagged) -> None:
        content = b"".join(flagged.leads.export("xlsx"))
        found = flagged.leads.incoming.look(content, name="线索.xlsx")
        assert not found.problems
        assert {row.row.form.points[0].shown for row in found.rows} >= {"a@good.example.com", "c@mailinator.com"}

    def test_many_addresses(self, flagged) -> None:
        addresses = [f"a@z{number}.example.com" for number in range(1200)]
        with flagged.store.read() as session:
            assert flags_of(session, [*addresses, "B@Null.example.com", ""]) == {
                "B@Null.example.com": Flags(False, True)
            }


class TestPrivacy:
    def test_P8_the_domain_of_an_erased_person_goes_with_them(self, shop, database_url) -> None:
        workspace = shop(database_url)
        take(workspace, "zhang@good.example.com", "li@good.example.com", "wang@old.example.com")
        workspace.leads.domains.check()
        workspace.privacy.erase("wang@old.example.com")
        assert set(known(workspace)) == {"good.example.com"}
        workspace.privacy.erase("zhang@good.example.com")
        assert set(known(workspace)) == {"good.example.com"}  # somebody else's as well

    def test_P10_a_domain_without_people_goes_with_the_purge(self, shop, clock) -> None:
        workspace = shop()
        take(workspace, "zhang@good.example.com")
        clock.forward(days=700)
        take(workspace, "li@old.example.com")
        workspace.leads.domains.check()
        assert workspace.privacy.purge(dry_run=True)["domains"] == 0
        clock.forward(days=60)
        assert workspace.privacy.purge()["domains"] == 1
        assert set(known(workspace)) == {"old.example.com"}


class TestBesideTheWork:
    @pytest.mark.row("C14")
    def test_C14_no_form_waits_for_the_dns_and_the_worker_delivers(self, shop, dns, serve, monkeypatch) -> None:
        """The DNS hangs: forms are stored without a question to it, mail leaves, and the flag comes later."""
        from http.client import HTTPConnection
        from urllib.parse import urlencode

        dns.is_silent = True
        workspace = shop(dns_seconds="2")
        server, stop = serve(workspace), threading.Event()
        questions, resolve = [], Resolver.resolve

        def counted(self, name, *arguments, **more):
            questions.append(str(name))
            return resolve(self, name, *arguments, **more)

        monkeypatch.setattr(Resolver, "resolve", counted)  # whoever asks, and whichever server
        for number in range(5):
            connection = HTTPConnection(server.host, timeout=20)
            form = urlencode({**PERSON, "email": f"kehu{number}@mailinator.com"})
            connection.request("POST", "/zh/w/form", form, {
                "Content-Type": "application/x-www-form-urlencoded", "Origin": server.address,
            })  # fmt: skip
            assert connection.getresponse().status == 303
            connection.close()
        assert questions == []
        worker = threading.Thread(target=work, args=(workspace, stop))
        worker.start()
        try:
            letters = workspace.folder / "out" / "mail"
            end = time.monotonic() + 20
            while len(list(letters.glob("*.eml"))) < 5 or not questions:
                assert time.monotonic() < end
                time.sleep(0.05)
            assert known(workspace) == {"mailinator.com": (True, None)}
            with workspace.store.read() as session:
                assert len(session.exec(select(Lead)).all()) == 5
        finally:
            stop.set()
            worker.join(20)
        assert not worker.is_alive()

    def test_the_worker_looks_again_and_again(self, shop, monkeypatch) -> None:
        from contentops.cli import serving

        monkeypatch.setattr(serving, "DOMAINS_SECONDS", 0.05)
        workspace, stop = shop(), threading.Event()
        worker = threading.Thread(target=work, args=(workspace, stop))
        worker.start()
        try:
            for address in ("a@good.example.com", "b@gongsi.example.cn"):
                take(workspace, address)
                end = time.monotonic() + 20
                while known(workspace).get(domain_of(address)) != (False, True):
                    assert time.monotonic() < end
                    time.sleep(0.05)
        finally:
            stop.set()
            worker.join(20)
