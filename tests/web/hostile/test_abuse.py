"""What people do to a public form, row by row of the threat table C; B and D rows that concern every answer."""

import email
import re
import socket
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from contentops.errors import SettingsInvalid
from contentops.leads.grants import DOWNLOAD_LINK, FORM_SHOWN, Grant
from contentops.leads.intake.desk import FORM_HOURS
from contentops.leads.suppression import BY_HAND, hashing_key, key_hash, suppress
from contentops.models import Lead, Message, RateCount, Submission, Suppression
from contentops.pages.notice import Notice
from contentops.web.reading import JSON
from contentops.web.reading import URLENCODED as FORM
from contentops.workspace import Workspace

PAGE, SECOND, ENGLISH, CONFIRMED = "/zh/w/", "/zh/b/", "/en/w/", "/zh/all/"
ROUTES = [("GET", "/"), ("GET", "/zh/"), ("GET", PAGE), ("GET", f"{PAGE}?utm_source=x"), ("GET", ENGLISH), ("GET", f"{PAGE}thanks/?g=x"), ("GET", f"{PAGE}form"), ("POST", f"{PAGE}form"),
          ("GET", "/d/x/y"), ("GET", "/s/none"), ("GET", "/s/none/"), ("GET", "/calendar/x.ics"), ("GET", "/calendar/x/"), ("GET", "/calendar/x"), ("GET", "/calendar/x/y.ics"), ("GET", "/healthz"),
          ("GET", "/zh/nothing/"), ("GET", "/robots.txt"), ("GET", "/zh"), ("POST", "/"), ("DELETE", "/healthz"), ("PUT", PAGE), ("GET", "/zh/privacy/"), ("GET", "/readyz"), ("GET", "/t"), ("POST", "/t"), ("GET", "/c/x/"), ("POST", "/c/x/"), ("GET", "/p/x/"), ("POST", "/p/x/"), ("GET", "/u/x"), ("POST", "/u/x"), ("GET", f"{PAGE}again/"), ("POST", f"{PAGE}again/")]  # fmt: skip


def token_of(location: str) -> str:
    return parse_qs(urlsplit(location).query)["g"][0]


def shown_before(site, seconds: float, page: str = PAGE) -> str:
    """A token of a page that was shown some time ago."""
    until = site.workspace.now() - timedelta(seconds=seconds) + timedelta(hours=FORM_HOURS)
    return site.workspace.leads.links.sign(FORM_SHOWN, Grant(page, "", until))


class TestForeignSites:
    @pytest.mark.parametrize(
        "origin",
        ["https://evil.example", "{own}.evil.example", "https{tail}", "{own}0", "http://localhost.evil.example", "null", "", "file://", "{own}/", "{own} {own}", "{own},https://evil.example", "http://user@{host}",
         "chrome-extension://abc", "http://127.0.0.1", "HTTPS://EVIL.EXAMPLE", "http://[::1]", "*"],
    )  # fmt: skip
    @pytest.mark.row("C1")
    def test_C1_forms_of_other_sites_are_refused(self, site, origin) -> None:
        host = site.address.removeprefix("http://")
        before = site.counts()
        for kind in ("text/html", JSON):
            value = origin.format(own=site.address, tail=site.address.removeprefix("http"), host=host)
            answer = site.post(Origin=value, Accept=kind)
            assert answer.status == 403
            assert answer.headers["vary"] == "Accept, Origin"
            assert "access-control-allow-origin" not in answer.headers
        assert site.counts() == before

    @pytest.mark.row("C1")
    def test_C1_fetch_metadata(self, site) -> None:
        before = site.counts()
        assert site.ask("POST", f"{PAGE}form", urlencode(site.good()), Content_Type=FORM, Sec_Fetch_Site="cross-site").status == 403  # fmt: skip
        assert site.counts() == before

    @pytest.mark.row("C1")
    def test_C1_own_pages_and_old_browsers(self, site) -> None:
        for headers, said in (({"Origin": site.address}, True), ({"Origin": site.address.upper()}, True), ({"Origin": "null", "Sec_Fetch_Site": "same-origin"}, True), ({}, False)):  # fmt: skip
            notice = Notice(site.workspace.settings.privacy, "zh-CN").page_version()
            fields = site.good(notice=notice, form_token=shown_before(site, 60))
            answer = site.ask("POST", f"{PAGE}form", urlencode(fields), Content_Type=FORM, **headers)
            assert answer.status == 303
            assert "origin" in answer.headers["vary"].lower()
            assert site.leads_of(fields["email"])[0].submissions[0].trusted is said

    @pytest.mark.row("C1")
    def test_C1_pages_on_another_host_are_named_in_the_settings(self, new_site) -> None:
        """Exactly those: scheme, host and port; they are told nothing that their scripts could read."""
        with new_site(origins='["https://Landing.example.cn:443/", "http://127.0.0.1:9999"]') as site:
            for origin in ("https://landing.example.cn", "https://LANDING.example.cn", "http://127.0.0.1:9999"):
                answer = site.post(Origin=origin, Sec_Fetch_Site="cross-site")
                assert answer.status == 303
                assert "access-control-allow-origin" not in answer.headers
            for origin in ("http://landing.example.cn", "https://landing.example.cn:8443", "https://landing.example.cn.evil.example", "https://xlanding.example.cn", "https://example.cn", "http://127.0.0.1:99990"):  # fmt: skip
                assert site.post(Origin=origin).status == 403
            assert len(site.stored(Lead)) == 3

    @pytest.mark.row("C1")
    @pytest.mark.parametrize(
        "origin",
        [
            "*",
            "https://*.example.cn",
            "www.example.cn",
            "https://a.example.cn/zh/",
            "",
            "https://a.example.cn:99999",
            "https://li@a.example.cn",
            "https://-.example.cn",
            "https://[::g]",
        ],
    )
    def test_C1_no_stars_in_the_settings(self, workspace, origin) -> None:
        file = workspace.folder / "contentops.toml"
        file.write_text(file.read_text(encoding="utf-8") + f'\n[capture]\nallowed_origins = ["{origin}"]\n', encoding="utf-8")  # fmt: skip
        with pytest.raises(SettingsInvalid, match="allowed_origins"):
            Workspace.open(workspace.folder)

    @pytest.mark.row("C2")
    def test_C2_without_preflight_only_forms(self, site) -> None:
        before = site.counts()
        for kind in ("text/plain", "text/plain; charset=utf-8"):
            assert site.send('{"name": "x"}', Content_Type=kind, Origin="https://evil.example").status == 415
        preflight = site.ask("OPTIONS", f"{PAGE}form", Origin="https://evil.example", Access_Control_Request_Method="POST")  # fmt: skip
        assert preflight.status == 405
        assert not [name for name in preflight.headers if name.startswith("access-control")]
        assert site.program(site.good(), Origin="https://evil.example").status == 403
        assert site.counts() == before


class TestAgain:
    @pytest.mark.parametrize("key", ["", "header", "field"])
    @pytest.mark.parametrize("kind", ["form", "json"])
    @pytest.mark.row("C3")
    def test_C3_equal_posts_at_once_are_one_lead(self, site, at_once, key, kind) -> None:
        fields = site.good(**({"idempotency_key": f"k-{kind}"} if key == "field" else {}))
        headers = {"Idempotency_Key": f"h-{kind}"} if key == "header" else {}
        send = site.post if kind == "form" else site.program
        answers = at_once(8, lambda: send(fields, **headers))
        assert {answer.status for answer in answers} == {303 if kind == "form" else 200}
        (lead,) = site.leads_of(fields["email"])
        said = {answer.headers.get("location") or answer.json["download"] for answer in answers}
        tokens = {token_of(one) if kind == "form" else one.split("/d/")[1].split("/")[0] for one in said}
        links, now = site.workspace.leads.links, site.workspace.now()
        grants = {links.read(DOWNLOAD_LINK, token, now).subject_id for token in tokens}
        assert grants == {lead.lead.id}
        if key:
            assert len(said) == len(lead.submissions) == len(lead.touches) == 1
        assert len(lead.messages) == 1

    @pytest.mark.row("C3")
    def test_C3_other_data_under_the_same_key(self, site) -> None:
        fields = site.good()
        first = site.program(fields, Idempotency_Key="order-1")
        before = site.counts()
        for other in ({**fields, "name": "李四"}, {**fields, "utm_source": "x"}, site.good()):
            answer = site.program(other, Idempotency_Key="order-1")
            assert (answer.status, answer.json) == (409, {"error": "key_reused"})
        page = site.post({**fields, "name": "李四"}, Idempotency_Key="order-1")
        assert page.status == 409
        assert page.headers["content-type"].startswith("text/html")
        assert fields["email"] not in page.text
        assert site.program(fields, Idempotency_Key="order-1").json == first.json
        assert site.counts() == before
        assert site.program(fields, page=SECOND, Idempotency_Key="order-1").status == 200  # of another form

    @pytest.mark.parametrize("key", ["x" * 101, "x" * 300, "schlüssel", "a\tb"])
    def test_C3_keys_that_are_none(self, site, key) -> None:
        before = site.counts()
        answer = site.program(site.good(), Idempotency_Key=key)
        assert (answer.status, answer.json) == (422, {"errors": {"form": "invalid"}})
        assert site.counts() == before

    @pytest.mark.row("C4")
    def test_C4_repeat_visitor_is_one_lead_with_two_touches(self, site) -> None:
        fields = site.good(utm_source="wechat")
        first = site.post({**fields, "consent_marketing": "yes"})
        again = site.post({**fields, "utm_source": "zhihu", "name": "张三丰"})
        (lead,) = site.leads_of(fields["email"])
        assert [touch.source for touch in lead.touches] == ["wechat", "zhihu"]
        assert (first.status, again.status, lead.contact.name) == (303, 303, "张三")
        from contentops.models import Consent

        marketing = [row for row in site.stored(Consent, contact_id=lead.contact.id) if row.purpose == "marketing"]
        assert [row.submission_id for row in marketing] == [lead.submissions[0].id]  # only when ticked again

    @pytest.mark.row("C5")
    def test_C5_replay(self, site) -> None:
        fields = site.good()
        body = urlencode(fields)
        with ThreadPoolExecutor(4) as pool:
            statuses = set(pool.map(lambda _n: site.send(body, Content_Type=FORM).status, range(50)))
        (lead,) = site.leads_of(fields["email"])
        assert (statuses, len(lead.messages)) == ({303}, 1)

    @pytest.mark.row("C22")
    def test_C22_touches_of_a_lead_are_counted(self, site) -> None:
        fields = site.good()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _n: site.post(fields).status, range(110)))
        assert len(site.leads_of(fields["email"])[0].touches) == 100


class TestNotSaved:
    @pytest.mark.parametrize("where", ["opening", "storing"])
    def test_programs_and_people_are_told_in_their_own_way(self, site, monkeypatch, where) -> None:
        """503 only where the form could not be saved; it can be sent again."""
        from contentops.errors import StoreError
        from contentops.pages.visitor import VisitorPages
        from contentops.store.group_commit import GroupCommit

        async def refused(*_given):
            raise StoreError("gone")

        def closed(*_given):
            raise StoreError("gone")

        if where == "opening":
            monkeypatch.setattr(VisitorPages, "gated_asset", closed)
        else:
            monkeypatch.setattr(GroupCommit, "run", refused)
        before = site.counts()
        time.sleep(1.1)  # a page that was known a moment ago is known for a second
        told, shown = site.program(site.good(), page=ENGLISH), site.post(site.good(), page=ENGLISH)
        assert (told.status, told.json) == (503, {"error": "not_saved"})
        assert shown.status == 503
        assert "again" in shown.text
        for answer in (told, shown):
            assert (answer.headers["retry-after"], answer.headers["vary"]) == ("5", "Accept, Origin")
        assert site.counts() == before


class TestMachines:
    @pytest.mark.row("C6")
    def test_C6_hidden_field(self, site) -> None:
        """The answer is that of success; the form is kept apart and can be released."""
        fields = site.good(website_url_confirm="http://spam.example")
        before = site.counts()
        answer, usual = site.post(fields), site.post(site.good())
        assert _shape(answer) == _shape(usual)
        after = site.counts()
        assert after["submission"] == before["submission"] + 2
        assert {name: after[name] - before[name] for name in ("contact", "lead", "touch", "message")} == {"contact": 1, "lead": 1, "touch": 1, "message": 1}  # fmt: skip
        (held,) = [row for row in site.workspace.leads.quarantine.list() if row.sent["email"] == fields["email"]]
        assert held.reason == "honeypot"
        site.workspace.leads.quarantine.release(held.id)
        assert len(site.leads_of(fields["email"])) == 1

    @pytest.mark.row("C6")
    def test_C6_people_do_not_fill_it(self, site) -> None:
        html = site.ask("GET", PAGE).text
        (field,) = re.findall(r"<input[^>]*website_url_confirm[^>]*>", html)
        assert 'tabindex="-1"' in field
        assert 'autocomplete="off"' in field
        assert "display:none" not in field.replace(" ", "")

    @pytest.mark.row("C7")
    def test_C7_too_young(self, site) -> None:
        fields = site.good(form_token=shown_before(site, 0.5))
        answer = site.post(fields)
        assert _shape(answer) == _shape(site.post(site.good(form_token=shown_before(site, 60))))
        assert site.leads_of(fields["email"]) == []
        (held,) = [row for row in site.workspace.leads.quarantine.list() if row.sent["email"] == fields["email"]]
        assert held.reason == "too_fast"
        assert "form_token" not in held.sent

    def test_C7_pages_say_when_they_were_shown(self, site) -> None:
        """Each visitor's own page; sent at once, it looks like a machine's."""
        html = site.ask("GET", PAGE).text
        token = re.search(r'name="form_token" value="([^"]+)"', html)[1]
        fields = site.good(form_token=token)
        assert site.post(fields).status == 303
        assert site.leads_of(fields["email"]) == []
        held = [row for row in site.workspace.leads.quarantine.list() if row.sent["email"] == fields["email"]]
        assert [row.reason for row in held] == ["too_fast"]

    def test_C7_moment_for_pages_elsewhere(self, site) -> None:
        """Other sites' scripts cannot read it, and it is good for one page only."""
        answer = site.ask("GET", f"/t?page={PAGE}", Origin=site.address)
        assert (answer.headers["access-control-allow-origin"], answer.headers["vary"]) == (site.address, "Origin")
        assert "access-control-allow-credentials" not in answer.headers
        token = answer.json["form_token"]
        assert site.program(site.good(form_token=token), page=SECOND).json == {"errors": {"form": "token"}}
        for origin in ("https://evil.example", "null", f"{site.address}.evil.example", "*"):
            foreign = site.ask("GET", f"/t?page={PAGE}", Origin=origin)
            assert "access-control-allow-origin" not in foreign.headers
        for page in ("", "//evil.example/", "/zh/w", "/zh/w/%0a", "/" + "a" * 5000 + "/", "/zh/<script>/"):
            assert site.ask("GET", f"/t?page={quote(page)}").status == 404

    @pytest.mark.parametrize("forged", ["x", "forged.token", "你好", "x" * 5000, "{real}x", "{download}", "{other}"])
    @pytest.mark.row("C7")
    def test_C7_forged_or_of_another_page(self, site, forged) -> None:
        real, until = shown_before(site, 60), site.workspace.now() + timedelta(hours=1)
        download = site.workspace.leads.links.sign(DOWNLOAD_LINK, Grant(PAGE, "", until))
        token = forged.format(real=real, download=download, other=shown_before(site, 60, SECOND))
        before = site.counts()
        answer = site.post(site.good(form_token=token), Accept=JSON)
        assert (answer.status, answer.json) == (422, {"errors": {"form": "token"}})
        page = site.post(site.good(form_token=token)).text
        assert f'value="{token}"' not in page  # sent again, it would be refused again
        assert site.counts() == before

    @pytest.mark.parametrize("token", ["", "too old", "in time"])
    @pytest.mark.row("C7")
    def test_C7_who_shows_no_token_in_time_gets_half(self, new_site, token) -> None:
        """Nobody is refused for it: browsers without scripts, pages that lay open over night."""
        with new_site(most=6) as site:
            notice = Notice(site.workspace.settings.privacy, "zh-CN").page_version()
            age = {"": 0, "too old": (FORM_HOURS + 1) * 3600, "in time": 60}[token]
            more = {"form_token": shown_before(site, age)} if token else {}
            statuses = [site.post(site.good(notice=notice, **more)).status for _n in range(7)]
            expected = 6 if token == "in time" else 3
            assert statuses == [303] * expected + [429] * (7 - expected)


def _shape(answer) -> tuple:
    """All of an answer but what differs from one to the next anyway."""
    location = re.sub(r"\?g=.*", "?g=", answer.headers.get("location", ""))
    own = ("date", "location", "x-request-id")
    return answer.status, location, {k: v for k, v in answer.headers.items() if k not in own}, answer.body


class TestLimits:
    FORWARDED = [{"X_Forwarded_For": "6.6.6.{n}"}, {"X_Real_IP": "6.6.7.{n}"}, {"CF_Connecting_IP": "6.6.8.{n}"}, {"Forwarded": "for=6.6.9.{n}"}, {"True_Client_IP": "6.7.0.{n}"}, {"X_Client_IP": "6.7.1.{n}"},
                 {"X_Forwarded_For": "2001:db8:{n}::1"}, {"X_Forwarded_For": "unknown"}]  # fmt: skip

    @pytest.mark.row("C8", "C9")
    def test_C8_C9_one_source_whatever_it_says_of_itself(self, new_site) -> None:
        with new_site(most=20) as site:
            answers = []
            for number in range(35):
                header = self.FORWARDED[number % len(self.FORWARDED)]
                said = {name: value.format(n=number) for name, value in header.items()}
                answers.append(site.program(site.good(), **said))
            statuses = [answer.status for answer in answers]
            assert statuses == [200] * 10 + [429] * 25  # half of 20: no notice, no token
            assert answers[-1].json == {"error": "too_many"}
            assert 1 <= int(answers[-1].headers["retry-after"]) <= 3600 * 2
            page = site.post(site.good())
            assert page.status == 429
            assert "请" in page.text
            assert "retry-after" in page.headers
            assert len(site.stored(Lead)) == 10
            # No address is stored, only a keyed hash of it.
            assert not [row.key for row in site.stored(RateCount) if "127.0.0.1" in row.key]

    @pytest.mark.row("C8", "C9")
    def test_C8_C9_behind_a_proxy_every_visitor_has_their_own_limit(self, new_site) -> None:
        with new_site(most=8, proxies='["127.0.0.0/8", "10.0.0.0/8"]') as site:

            def sent(forwarded: str, times: int) -> list[int]:
                return [site.program(site.good(), X_Forwarded_For=forwarded).status for _n in range(times)]

            assert sent("198.51.100.7", 5) == [200] * 4 + [429]
            assert sent("6.6.6.6, 198.51.100.7", 1) == [429]  # what they say of themselves stands left
            assert sent("198.51.100.7, 10.0.0.2", 1) == [429]  # two proxies of ours
            assert sent("198.51.100.8", 4) == [200] * 4  # the page is not closed to others
            assert sent("2001:db8:1:2:3:4:5:6", 3) == [200] * 3
            assert sent("2001:db8:1:2:ffff::1", 2) == [200, 429]  # one /64 is one household
            assert sent("2001:db8:1:3::1", 1) == [200]
            assert sent("::ffff:198.51.100.7", 1) == [429]  # the same IPv4 address

    @pytest.mark.parametrize("networks", ['["10.0.0.0/33"]', '["proxy"]', '["10.0.0.1/8"]', '[""]', '"10.0.0.0/8"'])
    @pytest.mark.row("C9")
    def test_C9_wrong_settings_are_found_at_the_start(self, workspace, networks) -> None:
        file = workspace.folder / "contentops.toml"
        file.write_text(file.read_text(encoding="utf-8") + f"\n[capture]\ntrusted_proxies = {networks}\n", encoding="utf-8")  # fmt: skip
        with pytest.raises(SettingsInvalid):
            Workspace.open(workspace.folder)

    @pytest.mark.parametrize("database", ["sqlite", "postgresql"])
    @pytest.mark.row("C10")
    def test_C10_two_processes_count_together(self, new_site, contentops_serve, database, request) -> None:
        url = request.getfixturevalue("new_postgres_database")() if database == "postgresql" else ""
        with new_site(most=24, database_url=url) as site, contentops_serve(site.folder) as other:
            servers = [site, type(site)(site.workspace, other.address, site.folder)]
            statuses = [servers[n % 2].program(site.good(email=f"c{n}@example.cn")).status for n in range(35)]
            assert statuses == [200] * 12 + [429] * 23
            assert len(site.stored(Lead)) == 12

    @pytest.mark.row("C11")
    def test_C11_one_victim_many_sources(self, new_site) -> None:
        """At most one mail per person and asset in 24 hours; what it says of the address's spelling is no way around."""
        with new_site(most=8, proxies='["127.0.0.0/8"]') as site:
            for number in range(20):
                address = ("victim@example.cn", "VICTIM@EXAMPLE.CN", "Victim@example.cn")[number % 3]
                answer = site.program(site.good(email=address), X_Forwarded_For=f"203.0.113.{number}")
                assert answer.status == 200
                assert answer.json["download"]
            assert len(site.stored(Message)) == len(site.stored(Lead)) == 1


class TestNobodyIsGivenAway:
    @pytest.mark.row("C12")
    def test_C12_known_new_and_suppressed_are_answered_alike(self, site) -> None:
        known, stopped = site.good(), site.good()
        site.post(known)
        site.post(stopped)
        with site.workspace.store.write() as session:
            hashed = key_hash(hashing_key(site.folder), f"mail:{stopped['email']}")
            suppress(session, hashed, BY_HAND, site.workspace.now())
        assert site.stored(Suppression)
        for send, page in (
            (site.post, PAGE),
            (site.program, PAGE),
            (site.post, CONFIRMED),
            (site.program, CONFIRMED),
            (site.post, SECOND),
        ):
            shapes = []
            for fields in (site.good(), known, stopped, known):
                answer = send(fields, page=page)
                _status, location, headers, body = _shape(answer)
                headers.pop("content-length")
                shapes.append(
                    (answer.status, location, headers, re.sub(rb'(/d/)[^"]*|("expires_at":")[^"]*', rb"\1\2", body))
                )
            assert all(shape == shapes[0] for shape in shapes), shapes

    @pytest.mark.row("C12")
    def test_C12_no_difference_in_time(self, site) -> None:
        known = site.good()
        site.program(known)
        times: dict[str, list[float]] = {"new": [], "known": []}
        for _n in range(40):
            for name, fields in (("new", site.good()), ("known", known)):
                begun = time.perf_counter()
                site.program(fields)
                times[name].append(time.perf_counter() - begun)
        new, old = (statistics.median(times[name]) for name in ("new", "known"))
        assert abs(new - old) < max(0.5 * new, 0.02)

    @pytest.mark.row("C13")
    def test_C13_phone_alone_gets_the_link_and_no_message(self, site) -> None:
        before = site.counts()
        answer = site.program({"name": "张三", "phone": "13900139001", "consent_delivery": "yes"})
        after = site.counts()
        assert answer.json["download"]
        assert (after["lead"], after["message"]) == (before["lead"] + 1, before["message"])

    def test_C14_no_name_is_looked_up(self, site, monkeypatch) -> None:
        """A resolver that is down costs no form; addresses of hosts that do not exist are taken."""
        asked: list[str] = []
        real = socket.getaddrinfo

        def down(host, *rest, **more):
            if host != "127.0.0.1":
                asked.append(host)
                raise socket.gaierror(socket.EAI_AGAIN, "resolver down")
            return real(host, *rest, **more)

        monkeypatch.setattr(socket, "getaddrinfo", down)
        for domain in ("mailinator.com", "no-mx.example", "nothing-here.example.com", "公司.cn"):
            assert site.program(site.good(email=f"a@{domain}")).status == 200
        assert not asked


class TestContacts:
    @pytest.mark.parametrize(
        ("typed", "key"),
        [("A.B@EXAMPLE.com", "mail:a.b@example.com"), ("a.b@example.com", "mail:a.b@example.com"), ("  a.b@example.com ", "mail:a.b@example.com"), ("ａ.ｂ＠ｅｘａｍｐｌｅ．ｃｏｍ", "mail:a.b@example.com"),
         ("ab@example.com", "mail:ab@example.com"), ("a.b+x@example.com", "mail:a.b+x@example.com"), ("a@公司.cn", "mail:a@xn--55qx5d.cn"), ("a@xn--55qx5d.cn", "mail:a@xn--55qx5d.cn"),
         ("a@EXAMPLE.CN", "mail:a@example.cn"), ("x@pаypal.com", "mail:x@xn--pypal-4ve.com")],
    )  # fmt: skip
    @pytest.mark.row("C15")
    def test_C15_one_key_for_the_spellings_of_an_address(self, site, typed, key) -> None:
        from contentops.models import Contact, ContactKey

        assert site.program({"name": "张三", "email": typed, "consent_delivery": "yes"}).status == 200
        (row,) = site.stored(ContactKey, value=key)
        (contact,) = site.stored(Contact, id=row.contact_id)
        assert contact.email
        leads = [lead.id for lead in site.stored(Lead, contact_id=contact.id)]
        assert typed.strip() in [form.fields["email"] for lead_id in leads for form in site.stored(Submission, lead_id=lead_id)]  # fmt: skip

    @pytest.mark.parametrize(
        ("typed", "code"),
        [("а@example.com", "ascii"), ("张三@example.cn", "ascii"), ("a", "invalid"), ("a@", "invalid"), ("@example.cn", "invalid"), ("a@b@example.cn", "invalid"), ("a b@example.cn", "invalid"), ("a@example", "invalid"),
         ("a@127.0.0.1", "invalid"), ("a@[127.0.0.1]", "invalid"), ("a@example..cn", "invalid"), (".a@example.cn", "invalid"), ("a@-example.cn", "invalid"), ("a@localhost", "invalid"), ("a,b@example.cn", "invalid"), ("<a@example.cn>", "invalid"),
         ("a@example.cn\nBcc: b@example.cn", "characters"), ("a@example.cn, b@example.cn", "invalid"), ('"a b"@example.cn', "invalid"), ("a" * 65 + "@example.cn", "invalid"), ("=?utf-8?q?a?=@example.cn,b", "invalid")],
    )  # fmt: skip
    @pytest.mark.row("B9", "C15")
    def test_C15_addresses_that_are_none(self, site, typed, code) -> None:
        before = site.counts()
        answer = site.program({"name": "张三", "email": typed, "consent_delivery": "yes"})
        assert (answer.status, answer.json) == (422, {"errors": {"email": code}})
        assert site.counts() == before

    @pytest.mark.parametrize(
        ("typed", "key"),
        [("13800138000", "+8613800138000"), ("+86 138-0013-8000", "+8613800138000"), ("008613800138000", "+8613800138000"), ("86 138 0013 8000", "+8613800138000"), ("１３８００１３８０００", "+8613800138000"),
         ("tel:+8613800138000", "+8613800138000"), ("(+86)13800138000", "+8613800138000"), ("010-6552 9988", "+861065529988"), ("010-6552 9988 转 12", "+861065529988;ext=12"), ("010-65529988 分机 12", "+861065529988;ext=12"),
         ("400-820-8820", "+864008208820"), ("+852 2123 4567", "+85221234567"), ("+886 2 2345 6789", "+886223456789"), ("+853 2833 3000", "+85328333000"), ("+49 30 901820", "+4930901820")],
    )  # fmt: skip
    @pytest.mark.row("C16")
    def test_C16_spellings_of_a_number(self, site, typed, key) -> None:
        from contentops.models import ContactKey

        assert site.program({"name": "张三", "phone": typed, "consent_delivery": "yes"}).status == 200
        (row,) = site.stored(ContactKey, value=f"tel:{key}")
        sent = [form.fields["phone"] for lead in site.stored(Lead, contact_id=row.contact_id) for form in site.stored(Submission, lead_id=lead.id)]  # fmt: skip
        assert typed in sent  # as it was typed, should it have been read wrongly

    @pytest.mark.parametrize("typed", ["1", "12345", "abc", "+86", "138001380001380013800", "+999 123456789", "13800138000 13900139000", "=1+1", "1380013800a", "٣", "+", "()", "110"])  # fmt: skip
    @pytest.mark.row("C16")
    def test_C16_numbers_that_are_none(self, site, typed) -> None:
        answer = site.program({"name": "张三", "phone": typed, "consent_delivery": "yes"})
        assert (answer.status, answer.json) == (422, {"errors": {"phone": "invalid"}})

    @pytest.mark.row("C17")
    def test_C17_either_is_enough_and_a_wrong_one_is_told(self, site) -> None:
        base = {"name": "张三", "consent_delivery": "yes"}
        before = site.counts()
        for fields, errors in (
            ({}, {"email": "contact"}),
            ({"email": "", "phone": " "}, {"email": "contact"}),
            ({"email": "x", "phone": "y"}, {"email": "invalid", "phone": "invalid"}),
            ({"email": "a@example.cn", "phone": "y"}, {"phone": "invalid"}),
            ({"email": "x", "phone": "13800138000"}, {"email": "invalid"}),
        ):
            answer = site.program({**base, **fields})
            assert (answer.status, answer.json) == (422, {"errors": errors})
        page = site.post(base).text
        assert "请留下邮箱或电话" in page
        assert site.counts() == before

    @pytest.mark.parametrize("said", [None, "", "0", "1", "false", "true", "off", "on", "no", "YES", "Yes", " yes", "yes ", "yes\x00", "ｙｅｓ", "是", "yes,yes"])  # fmt: skip
    @pytest.mark.row("C18")
    def test_C18_only_a_clear_yes_is_one(self, site, said) -> None:
        before = site.counts()
        fields = {name: value for name, value in site.good().items() if name != "consent_delivery"}
        fields |= {} if said is None else {"consent_delivery": said}
        query = "?consent_delivery=yes"
        body = urlencode(fields)
        answer = site.ask("POST", f"{PAGE}form{query}", body, Content_Type=FORM, Accept=JSON, Origin=site.address)
        assert (answer.status, answer.json) == (422, {"errors": {"consent_delivery": "consent"}})
        assert site.program(fields).json == {"errors": {"consent_delivery": "consent"}}
        assert site.counts() == before

    @pytest.mark.row("C18")
    def test_C18_marketing_is_another_box(self, site) -> None:
        from contentops.models import Consent

        for said, expected in (("yes", True), ("on", False), ("", False), ("1", False)):
            fields = site.good(consent_marketing=said)
            assert site.post(fields).status == 303
            contact_id = site.leads_of(fields["email"])[0].contact.id
            purposes = {row.purpose for row in site.stored(Consent, contact_id=contact_id)}
            assert ("marketing" in purposes) is expected
        twice = urlencode([*site.good().items(), ("consent_delivery", "no")])
        assert site.send(twice, Content_Type=FORM, Accept=JSON).json == {"errors": {"consent_delivery": "twice"}}


TARGETS = ["//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example", "/\t/evil.example", "//evil.example@own", "https://own@evil.example", ".evil.example",
           "@evil.example", "/%0d%0aLocation:%20//evil.example", "/\r\nX: evil.example", "／／evil.example", "javascript:alert(1)//evil.example", "data:text/html,evil.example", "//evil.example/%2f..", "http:///evil.example", "/redirect?u=//evil.example", "%2f%2fevil.example"]  # fmt: skip


class TestWhereItLeads:
    @pytest.mark.parametrize("target", TARGETS)
    @pytest.mark.row("B17", "C19")
    def test_C19_nobody_is_sent_elsewhere(self, site, target) -> None:
        names = ("next", "redirect", "url", "return_to", "returnUrl", "landing", "via")
        fields = site.good(**dict.fromkeys(names, target))
        query = urlencode(dict.fromkeys(names, target))
        answer = site.ask("POST", f"{PAGE}form?{query}", urlencode(fields), Content_Type=FORM, Referer=f"https://evil.example/{quote(target)}", Origin=site.address)  # fmt: skip
        assert answer.status == 303
        assert re.fullmatch(rf"{PAGE}thanks/\?g=[\w.-]+", answer.headers["location"])
        assert "evil.example" not in site.ask("GET", answer.headers["location"]).text
        assert site.leads_of(fields["email"])[0].touches[0].landing_path == PAGE or target.startswith("/")

    HOSTS = [{"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Host": "127.0.0.1@evil.example"}, {"X_Forwarded_Host": "evil.example"}, {"X_Host": "evil.example"}, {"X_Forwarded_Server": "evil.example"}, {"Forwarded": "host=evil.example"},
             {"X_HTTP_Host_Override": "evil.example"}, {"X_Original_URL": "//evil.example"}, {"X_Rewrite_URL": "//evil.example"}, {"X_Forwarded_Proto": "evil.example"}, {"X_Forwarded_Prefix": "//evil.example"}, {"X_Original_Host": "evil.example"}, {"Referer": "http://evil.example/"}]  # fmt: skip

    @pytest.mark.parametrize("headers", HOSTS, ids=lambda headers: next(iter(headers)))
    @pytest.mark.row("C20")
    def test_C20_the_host_header_is_never_used(self, site, headers) -> None:
        link = site.program(site.good(), **headers).json["download"]
        assert link.startswith(f"{site.address}/d/")
        page = site.post(site.good(), **headers).headers["location"]
        assert page.startswith("/zh/")
        for path in (page, PAGE, f"{PAGE}?utm_source=x", "/zh/", "/zh/nothing/", PAGE[:-1], f"{PAGE}form"):
            answer = site.ask("GET", path, **headers)
            assert "evil" not in answer.headers.get("location", "")
            if "Referer" not in headers:
                assert b"evil.example" not in answer.body
        assert b"evil.example" not in site.post({"name": ""}, **headers).body

    @pytest.mark.row("C20")
    def test_C20_nor_in_the_mail_that_follows(self, new_site) -> None:
        with new_site() as site:
            for headers in self.HOSTS:
                for page in (PAGE, CONFIRMED):
                    assert site.post(site.good(), page, **headers).status == 303
            assert site.workspace.outbox.run(once=True).done == 2 * len(self.HOSTS)
            letters = [email.message_from_bytes(file.read_bytes()) for file in site.folder.rglob("*.eml")]
            assert len(letters) == 2 * len(self.HOSTS)
            for letter in letters:
                parts = [part.get_payload(decode=True).decode() for part in letter.walk() if not part.is_multipart()]
                text = " ".join([*letter.values(), *parts])
                assert f"{site.address}/" in text
                assert "evil.example" not in text

    @pytest.mark.row("C21")
    def test_C21_nobody_else_frames_the_form(self, site) -> None:
        for answer in (site.ask("GET", PAGE), site.post({"name": ""}), site.post(Origin="https://evil.example")):
            assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


class Elements(HTMLParser):
    """Tags with the names of their attributes, and addresses that could do something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.active: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append((tag, tuple(name for name, _value in attrs)))
        for name, value in attrs:
            leads = name in ("href", "src", "action", "formaction", "content", "style", "srcdoc")
            if name.startswith("on") or (leads and re.match(r"\s*(javascript|data:text|vbscript)", value or "", re.I)):
                self.active.append(name)


def elements(html: str) -> Elements:
    parsed = Elements()
    parsed.feed(html)
    return parsed


PAYLOADS = ["<script>alert(1)</script>", '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", '" onfocus=alert(1) autofocus x="', "' onmouseover='alert(1)", "<svg/onload=alert(1)>", "</textarea><script>1</script>", "</title><script>1</script>",
            "</style><script>1</script>", "<!--", "-->", "<![CDATA[", "&lt;script&gt;", "&#60;script&#62;", "\\u003cscript\\u003e", "javascript:alert(1)", "{{7*7}}", "{% raw %}", "{{ config }}", "${7*7}", "<%= 1 %>", "`onload=x`",
            "＜script＞", "<ScRiPt>", "<a href=javascript:x>", "<base href=//evil.example>", "<meta http-equiv=refresh content=0>", "<form action=//evil.example>", "]]>", "%3Cscript%3E", "<b\ufeff>"]  # fmt: skip


class TestEveryAnswer:
    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_B1_what_was_typed_is_text(self, site, payload) -> None:
        names = (
            "name",
            "company",
            "email",
            "phone",
            "utm_source",
            "utm_campaign",
            "referrer_host",
            "form_token",
            "notice",
            "unknown",
        )
        plain = elements(site.post(dict.fromkeys(names, "x")).text)
        answer = site.post(dict.fromkeys(names, payload))
        assert answer.status == 422
        hostile = elements(answer.text)
        campaign = [each for each in hostile.found if each == ("input", ("type", "name", "value"))]
        known = [each for each in plain.found if each == ("input", ("type", "name", "value"))]
        assert len(campaign) <= len(known)
        assert [e for e in hostile.found if e not in campaign] == [e for e in plain.found if e not in known]
        assert not hostile.active
        assert "49" not in re.findall(r'value="([^"]*)"', answer.text)

    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_B1_in_addresses(self, site, payload) -> None:
        quoted = quote(payload, safe="")
        plain = elements(site.ask("GET", f"{PAGE}?utm_source=x").text)
        shown = elements(site.ask("GET", f"{PAGE}?utm_source={quoted}", Referer=f"http://x/{quoted}").text)
        assert not shown.active
        assert set(shown.found) <= set(plain.found)
        missing = elements(site.ask("GET", "/zh/nothing/").text)
        for path in (
            f"/zh/{quoted}/",
            f"/{quoted}/",
            f"{PAGE}thanks/?g={quoted}",
            f"/d/{quoted}/{quoted}",
            f"/s/{quoted}",
        ):
            answer = site.ask("GET", path)
            text = answer.body.decode("utf-8", "replace")
            assert not elements(text).active
            if answer.status == 404 and not path.startswith(("/d/", "/s/")):
                assert elements(text).found == missing.found
            assert "alert(1)" not in text

    @pytest.mark.parametrize(("method", "path"), ROUTES)
    @pytest.mark.row("B18", "B19")
    def test_B18_B19_headers(self, site, method, path) -> None:
        for accept in ("text/html", JSON):
            answer = site.ask(method, path, "" if method == "POST" else None, Accept=accept)
            assert answer.headers["x-content-type-options"] == "nosniff"
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src" not in policy
            assert "unsafe" not in policy
            assert answer.headers["referrer-policy"]
            assert "server" not in answer.headers
            assert "set-cookie" not in answer.headers
            assert "access-control-allow-origin" not in answer.headers
            kind = answer.headers.get("content-type", "")
            assert ("html" in kind) is not answer.body.startswith((b"{", b"[")) or "html" not in kind
            if answer.body.startswith((b"{", b"[")):
                assert kind == JSON

    @pytest.mark.row("B19")
    def test_B19_answers_with_a_link(self, site) -> None:
        form, program = site.post(site.good()), site.program(site.good())
        thanks = site.ask("GET", form.headers["location"])
        file = site.ask("GET", program.json["download"].removeprefix(site.address))
        refused = site.post({"name": "张三"})
        for answer in (form, program, thanks, file, refused):
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == ("same-origin" if answer is refused else "no-referrer")
            assert answer.headers["x-robots-tag"] == "noindex"
        assert file.body.startswith(b"%PDF")
        for name in ("base-uri 'none'", "form-action 'self'"):
            assert name in thanks.headers["content-security-policy"]

    @pytest.mark.parametrize("where", ["handler", "rules", "middleware", "answer"])
    @pytest.mark.row("B20")
    def test_B20_faults_say_nothing_about_the_inside(self, site, monkeypatch, where) -> None:
        from contentops.web import answers, capture
        from contentops.web.reading import client_network  # noqa: F401

        def broken(*_arguments, **_more):
            raise RuntimeError("geheim SELECT * FROM contact /etc/passwd")

        name, target = {
            "handler": ("check_size", capture),
            "rules": ("entry", site.workspace.leads.intake),
            "middleware": ("MutableHeaders", answers),
            "answer": ("no_store_json", capture),
        }[where]
        monkeypatch.setattr(target, name, broken)
        answer = site.program(site.good())
        assert answer.status == 500
        for word in (
            b"geheim",
            b"SELECT",
            b"passwd",
            b"Traceback",
            b"RuntimeError",
            b"contentops",
            b".py",
            b"starlette",
            b"uvicorn",
        ):
            assert word not in answer.body
        assert "server" not in answer.headers


TRAVERSALS = ["../contentops.toml", "..%2fcontentops.toml", "%2e%2e/contentops.toml", "%2e%2e%2fcontentops.toml", "%252e%252e%252fcontentops.toml", "..\\contentops.toml", "..%5ccontentops.toml", "%c0%ae%c0%ae/contentops.toml", "..%c0%afcontentops.toml",
              "....//contentops.toml", "..;/contentops.toml", "/etc/passwd", "%2fetc%2fpasswd", "//etc/passwd", "file:///etc/passwd", "C:%5cWindows%5cwin.ini", "C:/Windows/win.ini", "%00", "contentops.toml%00.pdf", "contentops.db", ".contentops/secret_key",
              "../.contentops/secret_key", "..%2f.contentops%2fsecret_key", "..%2fcontentops.db", "%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%ef%bc%8fcontentops.toml", "．．/contentops.toml", "~/.ssh/id_rsa", "..%u2215contentops.toml", "%5c%5cevil.example%5cshare",
              "a/../../contentops.toml", "./././../contentops.toml", "..", "../../../../../../../../proc/self/environ"]  # fmt: skip


class TestFiles:
    @pytest.mark.row("D9")
    @pytest.mark.parametrize("path", TRAVERSALS)
    def test_D9_no_path_of_a_request_reaches_the_disk(self, site, path) -> None:
        link = site.program(site.good()).json["download"].removeprefix(site.address)
        token = link.split("/")[2]
        path = quote(path, safe="/%:;~\\.")
        for prefix in (
            "/",
            "/zh/",
            "/static/",
            "/zh/w/",
            "/d/",
            "/d/x/",
            "/s/",
            "/c/",
            "/p/",
            "/u/",
            "/calendar/",
            "/calendar/x/",
        ):
            answer = site.raw(f"GET {prefix}{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            assert re.match(rb"HTTP/1.1 (30[1378]|4\d\d) ", answer), (prefix, answer[:60])
            assert not re.search(rb"public_url|SQLite|root:|\[fonts\]", answer)
            where = re.search(rb"(?im)^location: *(\S*)", answer)
            assert where is None or re.match(rb"/(?![/\\])", where[1]), where
        answer = site.raw(f"GET /d/{token}/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        # The token says which file; the name behind it is for people.
        assert re.match(rb"HTTP/1.1 (200|404|400) ", answer)
        assert b"public_url" not in answer
        assert (b"%PDF" in answer) is (b" 200 " in answer[:20])

    @pytest.mark.row("D14")
    @pytest.mark.parametrize(
        ("ranges", "status"),
        [("bytes=0-9", 206), ("bytes=-5", 206), ("bytes=10-", 206), ("bytes=0-0,2-2", 206), ("bytes=99999-", 416), ("bytes=" + ",".join(f"{n}-{n}" for n in range(2000)), 200), ("bytes=" + "0-," * 3000, 200),
         ("bytes=0-" + "9" * 40, 200), ("bytes=0-" + "9" * 5000, 200), ("bytes=5-2", 400), ("bytes=x-y", 400), ("bytes", 400), ("items=0-5", 400), ("bytes=--5", 400), ("bytes=" + "-" * 8000, 400), ("bytes=1-2-3", 400)],
        ids=lambda value: str(value)[:24],
    )  # fmt: skip
    def test_D14_ranges(self, site, ranges, status) -> None:
        link = site.program(site.good()).json["download"].removeprefix(site.address)
        begun = time.process_time()
        answer = site.ask("GET", link, Range=ranges)
        assert time.process_time() - begun < 0.5
        assert answer.status in ((status,) if status in (200, 206) else (400, 416, 200))
        assert len(answer.body) < 20_000
        if answer.status == 200:
            assert len(answer.body) == 5009
        assert site.ask("GET", f"{PAGE}", Range=ranges).status in (200, 206, 400, 416)
