"""What visitors get by mail: the letters, the mail server's answers, what keeps a mail from going."""

import logging
import re
from datetime import timedelta
from email.policy import SMTP as WIRE

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from contentops.errors import MailRefused, SettingsInvalid
from contentops.followup.mail.letter import Letter, serialised
from contentops.followup.outbox.desk import Outbox
from contentops.followup.outbox.kinds import KINDS, Kind
from contentops.followup.outbox.letters import plain
from contentops.leads.grants import CONFIRM_LINK, DOWNLOAD_LINK, PREFERENCES_LINK
from contentops.leads.masking import masked, without_addresses
from contentops.leads.suppression import BY_HAND, hashing_key, key_hash, suppress
from contentops.models import (
    Asset,
    Consent,
    ConsentAction,
    Contact,
    DeliveryPause,
    Lead,
    Message,
    MessageState,
    Submission,
    Suppression,
    WorkflowState,
)  # fmt: skip
from contentops.workspace import Workspace

from . import servers
from .servers import SENDER, mail_toml, message, publish, queue, text_of

URL = "http://127.0.0.1:8000"


@pytest.fixture
def server():
    with servers.smtp_server() as running:
        yield running


@pytest.fixture
def shop(make_workspace, server, clock):
    """A workspace with a published paper and a mail server; keywords go into [mail]."""

    def make(database_url=None, extra="", **values):
        workspace = make_workspace(database_url, extra=mail_toml(server.port, **values) + extra)
        return workspace, publish(workspace)

    return make


def settle_in(workspace, port) -> None:
    with (workspace.folder / "contentops.toml").open("a", encoding="utf-8") as file:
        file.write(mail_toml(port))


def waits(workspace, row) -> timedelta:
    return message(workspace, row).next_at - workspace.now()


class TestLetters:
    def test_the_asset_comes_by_mail_once(self, shop, server, clock) -> None:
        workspace, paper = shop()
        queue(workspace, paper)
        assert workspace.outbox.run(once=True).done == 1
        assert workspace.outbox.run(once=True).done == 0
        ((to, letter),) = server.letters
        assert to == ["zhang@example.cn"]
        assert letter["Subject"] == "What you asked for: 点检白皮书" or "点检白皮书" in letter["Subject"]
        text = text_of(letter)
        assert "联巡云（示例）科技有限公司" in text
        assert "privacy@example.com" in text
        assert "2026年12月5日" in text
        assert f"{URL}/zh/w/" in text
        (token,) = re.findall(rf"{URL}/d/([^/\s]+)/w\.pdf", text)
        grant = workspace.leads.links.read(DOWNLOAD_LINK, token, clock())
        assert grant.asset_id == paper.id
        assert grant.until == clock() + timedelta(days=14)
        (token,) = re.findall(rf"{URL}/p/([^/\s]+)/", text)
        assert workspace.leads.links.read(PREFERENCES_LINK, token, clock()).subject_id

    @pytest.mark.row("B8")
    def test_B8_nothing_breaks_out_of_a_header(self, shop, server) -> None:
        """(B8) Sixteen titles and names; the server sees one recipient and known headers."""
        workspace, _paper = shop(per_person_day=100)
        payloads = ["Hello =?UTF-8?Q?=0ABcc: evil@x.example=?= x", "a\r\nBcc: evil@x.example", "a\nTo: b@x.example",
                    "=?utf-8?b?Cg==?=", "a\0b", "a\x0bb", "a\x85b", "a\u2028Bcc: x", "\x1b[31mred", "中文" * 200,
                    "=?utf-8?q?a=0D=0ABcc:x@example.com?=", "a" * 900, "Ünïcödé, \"q\" <x@y.example>", "a, b@x.example",
                    "=?gb18030?q?=0A?=", "龘䶮𠮷👩‍🔧"]  # fmt: skip
        for number, title in enumerate(payloads):
            paper = publish(workspace, f"p{number}")
            with workspace.store.write() as session:
                session.get(Asset, paper.id).title = title[:300]
            queue(workspace, paper, f"a{number}@example.cn", contact={"name": title[:100], "company": title[:100]})
        assert workspace.outbox.run(once=True).done == 16
        allowed = {"from", "to", "subject", "date", "message-id", "mime-version", "content-type", "auto-submitted",
                   "precedence", "content-language", "x-peer", "x-mailfrom", "x-rcptto"}  # fmt: skip
        assert sorted(server.to()) == sorted(f"a{number}@example.cn" for number in range(16))
        for to, letter in server.letters:
            assert {name.lower() for name in letter.keys()} <= allowed  # noqa: SIM118
            assert [a.addr_spec for a in letter["To"].addresses] == to
            assert len(letter["Subject"]) < 200

    @pytest.mark.row("E21")
    @pytest.mark.parametrize(
        "email", ["a@example.cn, b@example.com", "a@example.cn\r\nRCPT TO:<b@example.com>", "<a@example.cn>", "a",
                  "a b@example.cn", "张三@example.cn", "a@example.cn;b@example.com", "a@[127.0.0.1]"],
    )  # fmt: skip
    @pytest.mark.row("B9")
    def test_B9_E21_an_odd_address_gets_no_mail(self, shop, server, email) -> None:
        workspace, paper = shop()
        row = queue(workspace, paper, email)
        assert workspace.outbox.run(once=True).dead == 1
        assert server.letters == []
        assert server.tries == 0
        assert "address" in message(workspace, row).last_error

    @pytest.mark.row("B10", "B11")
    def test_B10_B11_no_words_of_the_submitter_and_no_foreign_links(self, shop, server) -> None:
        workspace, paper = shop()
        hostile = {"name": "Win at http://evil.example <b>now</b>", "company": "http://evil.example",
                   "job_title": "<img src=http://evil.example>", "language": "en"}  # fmt: skip
        for kind in ("asset", "confirm", "link"):
            queue(workspace, paper, kind=kind, contact=hostile, lead={"awaits_confirmation": kind == "confirm"},
                  email=f"{kind}@example.cn")  # fmt: skip
        with workspace.store.write() as session:
            session.get(Asset, paper.id).title = "点检 <script>alert(1)</script> & 保养"
        assert workspace.outbox.run(once=True).done == 3
        for _to, letter in server.letters:
            text, html = text_of(letter), text_of(letter, "html")
            assert "evil" not in text + html
            assert "<script" not in html
            assert "<img" not in html
            urls = re.findall(r"https?://[^\s\"<>]+", text + html)
            assert urls
            assert all(url.startswith(URL + "/") for url in urls)
            assert "Hello" in text

    @given(title=st.text(max_size=300))
    @pytest.mark.row("B8")
    def test_B8_any_title_makes_one_plain_line(self, title) -> None:
        line = plain(title)
        assert len(line) <= 120
        assert line.isprintable() or not line

    @pytest.mark.row("B12")
    def test_B12_text_and_dots_survive(self, clock) -> None:
        text = "一\n.二\n..三\n" + "长" * 3000 + "\n.\n完\n"
        letter = Letter("a@example.cn", "主题", text, "<p>.一</p>", "zh-CN", "message x")
        with servers.smtp_server() as server:
            from contentops.followup.mail import MailLine
            from contentops.settings import MailSettings

            line = MailLine(MailSettings.model_validate(
                {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": SENDER}))  # fmt: skip
            line.send(letter, clock())
            line.send(letter, clock())
            line.close()
            assert server.connections == 1
            for _to, read in server.letters:
                assert text_of(read).replace("\r\n", "\n") == text
        assert max(map(len, serialised(letter, SENDER, clock()).split(b"\r\n"))) <= 998

    @pytest.mark.row("D8")
    def test_D8_E22_headers(self, shop, server, clock) -> None:
        """(D8, E22) A confirmation can be unsubscribed from by one click; no mail of ours is answered by machines."""
        workspace, paper = shop()
        settings = workspace.settings.model_copy(update={"public_url": "https://example.cn"})
        outbox = Outbox(workspace.store, settings, workspace.folder, workspace.now)
        queue(workspace, paper, lead={"awaits_confirmation": True}, kind="confirm")
        queue(workspace, paper, "li@example.cn")
        assert outbox.run(once=True).done == 2
        by_person = {to[0]: letter for to, letter in server.letters}
        confirm, asset = by_person["zhang@example.cn"], by_person["li@example.cn"]
        found = re.fullmatch(r"<https://example\.cn/u/([^/>]+)>", confirm["List-Unsubscribe"])
        assert workspace.leads.links.read(PREFERENCES_LINK, found[1], clock() + timedelta(days=31)).subject_id
        assert confirm["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert asset["List-Unsubscribe"] is None
        raw = next(raw for raw in server.raw if b"List-Unsubscribe: " in raw)
        assert b"List-Unsubscribe: <https://example.cn/u/" in raw  # as it stands, not in encoded words
        for letter in (confirm, asset):
            assert (letter["Auto-Submitted"], letter["Precedence"]) == ("auto-generated", "bulk")
        (token,) = re.findall(r"https://example\.cn/c/([^/\s]+)/", text_of(confirm))
        grant = workspace.leads.links.read(CONFIRM_LINK, token, clock())
        with workspace.store.read() as session:
            assert session.get(Lead, grant.subject_id).contact_id == grant.asset_id

    @pytest.mark.parametrize(
        "url", ["https://x.example/a b", "https://x.example/<", "javascript:1", "https://x/\r\nBcc: y"]
    )
    def test_D8_an_odd_address_to_unsubscribe_is_refused(self, url, clock) -> None:
        with pytest.raises(MailRefused):
            serialised(Letter("a@example.cn", "x", "x", "", "en", "k", unsubscribe=url), SENDER, clock())

    @pytest.mark.row("D13")
    @pytest.mark.parametrize(("size", "enclosed"), [(40_000, True), (1_200_000, False)])
    def test_D13_only_small_files_go_along(self, shop, server, size, enclosed) -> None:
        workspace, _paper = shop(attach_max_mb=1)
        paper = publish(workspace, "big", size=size)
        queue(workspace, paper)
        assert workspace.outbox.run(once=True).done == 1
        ((_to, letter),) = server.letters
        files = [part.get_filename() for part in letter.iter_attachments()]
        assert files == (["w.pdf"] if enclosed else [])
        assert "/d/" in text_of(letter)
        if enclosed:
            assert len(next(iter(letter.iter_attachments())).get_content()) == size

    @pytest.mark.row("D13")
    def test_D13_nothing_goes_along_by_default(self, shop, server) -> None:
        workspace, paper = shop()
        queue(workspace, paper)
        workspace.outbox.run(once=True)
        assert list(server.letters[0][1].iter_attachments()) == []

    @pytest.mark.row("D12")
    @pytest.mark.parametrize("fault", ["gone", "changed", "link"])
    def test_D12_file_that_is_not_the_same_any_more_goes_along_with_no_mail(self, shop, server, fault, caplog) -> None:
        workspace, paper = shop(attach_max_mb=1)
        (kept,) = workspace.assets.kept_files.iterdir()
        size = kept.stat().st_size
        kept.unlink()
        if fault == "changed":
            kept.write_bytes(b"x" * size)
        elif fault == "link":
            kept.symlink_to(workspace.folder / "contentops.toml")
        queue(workspace, paper)
        assert workspace.outbox.run(once=True).done == 1
        letter = server.letters[0][1]
        assert list(letter.iter_attachments()) == []
        assert "/d/" in text_of(letter)
        assert "missing or changed" in caplog.text

    @pytest.mark.parametrize(
        ("language", "controller"), [("en", "Example Works Co., Ltd."), ("zh-CN", "联巡云（示例）科技有限公司")]
    )
    def test_footer_ends_no_company_twice_and_has_no_blank_after_a_stop(
        self, shop, server, language, controller, monkeypatch
    ) -> None:
        workspace, paper = shop()
        monkeypatch.setitem(workspace.settings.privacy.controller, "", controller)
        queue(workspace, paper, contact={"language": language})
        assert workspace.outbox.run(once=True).done == 1
        text, html = (text_of(server.letters[0][1], form) for form in ("plain", "html"))
        lines = text.replace("\r", "").split("\n")
        at = next(number for number, line in enumerate(lines) if line.endswith(controller))
        assert "privacy@example.com" in lines[at + 1]
        assert f"{controller}<br>" in html
        assert not re.search(r"\.\.|。 ", text + html)

    def test_teams_template_takes_the_place_and_a_broken_one_loses_nothing(self, shop, server, clock) -> None:
        workspace, paper = shop()
        folder = workspace.folder / "templates" / "mail"
        folder.mkdir(parents=True)
        (folder / "asset.txt").write_text("{{ nonsense.x }}", encoding="utf-8")
        row = queue(workspace, paper)
        assert workspace.outbox.run(once=True).retry == 1
        assert "asset.txt" in message(workspace, row).last_error
        (folder / "asset.txt").write_text("自己的话 {{ letter.url }}", encoding="utf-8")
        clock.forward(minutes=2)
        assert workspace.outbox.run(once=True).done == 1
        assert text_of(server.letters[0][1]).startswith("自己的话")


class TestAnswers:
    @pytest.mark.row("E16")
    def test_E16_down_then_up(self, any_workspace, clock) -> None:
        """(E16) A server that is down costs tries by the schedule and loses nothing; the rest is not even tried."""
        port = servers.free_port()
        settle_in(any_workspace, port)
        with Workspace.open(any_workspace.folder, now=clock) as workspace:
            paper = publish(workspace)
            rows = [queue(workspace, paper, f"a{n}@example.cn") for n in range(5)]
            assert workspace.outbox.run(once=True).retry == 1
            assert sum(message(workspace, row).attempts for row in rows) == 1
            assert workspace.outbox.run(once=True).retry == 0  # paused: nobody is asked
            clock.forward(seconds=61)
            assert workspace.outbox.run(once=True).retry == 1  # one probe
            with servers.smtp_server(port) as server:
                clock.forward(minutes=6)
                assert workspace.outbox.run(once=True).done == 5
                assert sorted(server.to()) == [f"a{n}@example.cn" for n in range(5)]
            assert workspace.outbox.standing().paused == {}

    @pytest.mark.row("E5", "E16")
    def test_E5_E16_schedule_then_dead_then_retry(self, shop, server, clock) -> None:
        """(E5, E16) 1m 5m 30m 2h 6h 12h, give or take a fifth, then dead, an alarm, and again on demand."""
        workspace, paper = shop()
        server.mode = "4xx"
        row = queue(workspace, paper)
        for minutes in (1, 5, 30, 120, 360, 720):
            assert workspace.outbox.run(once=True).retry == 1
            wait = waits(workspace, row)
            assert timedelta(minutes=minutes * 0.8) <= wait <= timedelta(minutes=minutes * 1.2)
            clock.moment += wait - timedelta(seconds=1)
            assert workspace.outbox.run(once=True).retry == 0  # not before its time
            clock.forward(seconds=1)
        assert workspace.outbox.run(once=True).dead == 1
        found = message(workspace, row)
        assert (found.state, found.attempts, found.done_at) == (MessageState.DEAD, 7, clock())
        assert [problem.where for problem in workspace.outbox.standing().problems] == ["dead"]
        server.mode = "ok"
        assert workspace.outbox.retry(dead=True) == 1
        assert workspace.outbox.run(once=True).done == 1
        assert len(server.letters) == 1

    @pytest.mark.row("E17")
    def test_E17_greylisting_is_tried_again(self, shop, server, clock) -> None:
        workspace, paper = shop()
        server.mode = "greylist"
        rows = [queue(workspace, paper, f"a{n}@example.cn") for n in range(3)]
        done = workspace.outbox.run(once=True)
        assert (done.done, done.retry) == (0, 3)
        assert workspace.outbox.standing().paused == {}
        clock.forward(minutes=2)
        assert workspace.outbox.run(once=True).done == 3
        assert sorted(server.to()) == sorted({f"a{n}@example.cn" for n in range(3)})
        assert all(message(workspace, row).attempts == 2 for row in rows)

    @pytest.mark.row("E18")
    def test_E18_a_bounce_ends_it_for_this_address_only(self, shop, server, clock) -> None:
        workspace, paper = shop()
        server.mode, server.refused = "5xx", {"gone@example.cn"}
        gone, there = queue(workspace, paper, "gone@example.cn"), queue(workspace, paper)
        done = workspace.outbox.run(once=True)
        assert (done.cancelled, done.done) == (1, 1)
        found = message(workspace, gone)
        assert found.state is MessageState.CANCELLED
        assert workspace.outbox.standing().problems == (), "a wrong address is nothing that an operator can mend"
        assert found.last_error.startswith("bounced")
        assert "gone@example.cn" not in found.last_error
        assert message(workspace, there).state is MessageState.DONE
        with workspace.store.read() as session:
            (row,) = session.exec(select(Suppression)).all()
            assert session.get(Lead, gone.lead_id) is not None
        assert (row.reason, row.key_hash) == (
            "bounced",
            key_hash(hashing_key(workspace.folder), "mail:gone@example.cn"),
        )
        clock.forward(days=2)
        again = queue(workspace, paper, "gone@example.cn")
        assert workspace.outbox.run(once=True).cancelled == 1
        assert "bounced" in message(workspace, again).last_error

    @pytest.mark.row("E19")
    @pytest.mark.parametrize("mode", ["barred", "sender", "auth"])
    def test_E19_account_errors_pause_everything_and_blame_nobody(
        self, mode, make_workspace, clock, monkeypatch, caplog
    ) -> None:
        options = {"authenticator": servers.RefusingAuth(), "auth_require_tls": False} if mode == "auth" else {}
        values = {"username": '"ops"'} if mode == "auth" else {}
        monkeypatch.setenv("CONTENTOPS_MAIL__PASSWORD", "canary-secret-42")
        with servers.smtp_server(**options) as server:
            server.mode = mode
            workspace = make_workspace(extra=mail_toml(server.port, **values))
            paper = publish(workspace)
            rows = [queue(workspace, paper, f"a{n}@example.cn") for n in range(30)]
            with caplog.at_level(logging.DEBUG):
                workspace.outbox.run(once=True)
            logged = " ".join(r.getMessage() for r in caplog.records if r.name.startswith("contentops"))
            assert "paused" in logged
            assert "canary" not in logged
            assert "@example.cn" not in logged
            first_ones = 2 if mode == "barred" else 1  # one recipient that is barred may be the only one
            assert server.tries <= first_ones
            now = [message(workspace, row) for row in rows]
            assert {each.state for each in now} == {MessageState.DUE}
            assert sum(each.attempts for each in now) == first_ones - 1
            with workspace.store.read() as session:
                assert session.exec(select(Suppression)).all() == []
                first = session.exec(select(DeliveryPause)).one()
            workspace.outbox.run(once=True)
            assert server.tries <= first_ones  # nothing is claimed while it is paused
            clock.moment = first.until
            workspace.outbox.run(once=True)
            with workspace.store.read() as session:
                second = session.exec(select(DeliveryPause)).one()
            assert second.failures == 2
            assert second.until - clock() > first.until - (clock() - timedelta(minutes=1))
        with servers.smtp_server(
            server.port, **({"authenticator": Accepting(), "auth_require_tls": False} if mode == "auth" else {})
        ) as server:
            clock.moment = second.until + timedelta(seconds=2)
            assert workspace.outbox.run(once=True).done == 30
            assert len(server.letters) == 30

    def test_E19_a_message_that_waited_for_days_comes_to_an_end(self, shop, server, clock) -> None:
        workspace, paper = shop()
        server.mode = "sender"
        row = queue(workspace, paper)
        for _n in range(3):
            workspace.outbox.run(once=True)
            clock.forward(hours=1)
        assert message(workspace, row).attempts == 0
        clock.forward(days=3)
        for _n in range(7):
            workspace.outbox.run(once=True)
            clock.forward(days=1)
        assert message(workspace, row).state is MessageState.DEAD

    @pytest.mark.row("E19")
    def test_E19_one_letter_that_policy_refuses_does_not_stop_the_others(self, shop, server, clock) -> None:
        workspace, paper = shop()
        server.mode = "ok"
        queue(workspace, paper, "a0@example.cn")
        queue(workspace, paper, "a1@example.cn")
        handle = server.handle_RCPT

        async def refuse_one(smtp, session, envelope, address, options):
            return (
                "550 5.7.1 policy"
                if address == "a1@example.cn"
                else await handle(smtp, session, envelope, address, options)
            )

        server.handle_RCPT = refuse_one
        clock.forward(seconds=1)
        queue(workspace, paper, "a2@example.cn")
        workspace.outbox.run(once=True)
        for _n in range(3):
            clock.forward(minutes=3)
            workspace.outbox.run(once=True)
        assert sorted(server.to()) == ["a0@example.cn", "a2@example.cn"]
        with workspace.store.read() as session:
            assert session.exec(select(Suppression)).all() == []

    @pytest.mark.row("E20")
    def test_E20_a_lost_answer_may_repeat_with_the_same_message_id(self, shop, server, clock) -> None:
        workspace, paper = shop()
        server.mode = "drop"
        row = queue(workspace, paper)
        assert workspace.outbox.run(once=True).retry == 1
        server.mode = "ok"
        clock.forward(minutes=2)
        assert workspace.outbox.run(once=True).done == 1
        assert len(server.ids) == 2
        assert len(set(server.ids)) == 1
        assert message(workspace, row).attempts == 2

    @pytest.mark.row("E16")
    def test_E16_a_server_that_hangs_is_left_alone(self, make_workspace, clock) -> None:
        with servers.hanging_server() as port:
            workspace = make_workspace(extra=mail_toml(port, timeout_seconds=0.2))
            paper = publish(workspace)
            for n in range(5):
                queue(workspace, paper, f"a{n}@example.cn")
            assert workspace.outbox.run(once=True).retry == 1
            assert "mail" in workspace.outbox.standing().paused

    @pytest.mark.row("E16")
    @pytest.mark.parametrize(("security", "word"), [("starttls", "STARTTLS"), ("tls", "SSL")])
    def test_E16_no_trusted_connection_no_mail(self, shop, server, security, word) -> None:
        """(E16) Never in the clear instead: tried again later, with an alarm."""
        workspace, paper = shop(security=f'"{security}"')
        row = queue(workspace, paper)
        assert workspace.outbox.run(once=True).retry == 1
        assert server.letters == []
        assert word in message(workspace, row).last_error
        assert "mail" in workspace.outbox.standing().paused

    def test_a_letter_that_the_server_does_not_like_is_no_bounce(self, shop, server) -> None:
        workspace, paper = shop()
        server.mode = "content"
        row = queue(workspace, paper)
        assert workspace.outbox.run(once=True).dead == 1
        assert "554" in message(workspace, row).last_error
        with workspace.store.read() as session:
            assert session.exec(select(Suppression)).all() == []

    @pytest.mark.parametrize(("sender", "said"), [("", "needs a sender"), ("keine", "one e-mail address")])
    def test_a_server_without_a_sender_is_a_wrong_setting(self, make_workspace, sender, said) -> None:
        with pytest.raises(SettingsInvalid, match=said):
            make_workspace(extra=f'\n[mail]\nhost = "127.0.0.1"\nsender = "{sender}"\n')


class Accepting:
    def __call__(self, *_args):
        from aiosmtpd.smtp import AuthResult

        return AuthResult(success=True)


class TestAtSendTime:
    @pytest.mark.row("C11")
    def test_C11_one_mail_a_day_for_one_asset_and_three_in_all(self, any_workspace, clock) -> None:
        """(C11) Twenty posts from twenty sources to one address, with tags and capitals: one mail; three for all assets."""
        with servers.smtp_server() as server:
            settle_in(any_workspace, server.port)
            with Workspace.open(any_workspace.folder, now=clock) as workspace:
                papers = [publish(workspace, f"p{n}") for n in range(5)]
                for n in range(20):
                    queue(workspace, papers[0], f"Victim{f'+{n}' if n else ''}@example.cn")
                done = workspace.outbox.run(once=True)
                assert (done.done, done.cancelled) == (1, 19)
                assert len(server.letters) == 1
                for paper in papers[1:]:
                    queue(workspace, paper, "victim@example.cn")
                workspace.outbox.run(once=True)
                assert len(server.letters) == 3
                queue(workspace, papers[0], "other@example.cn")
                workspace.outbox.run(once=True)
                assert len(server.letters) == 4
                clock.forward(hours=24, seconds=1)
                queue(workspace, papers[0], "victim+99@example.cn")
                workspace.outbox.run(once=True)
                assert len(server.letters) == 5
                errors = {row.last_error for row in workspace.outbox.list("cancelled")}
                assert all(error.startswith("capped") for error in errors)

    def test_C11_caps_hold_between_workers_that_send_at_once(self, shop, server, at_once) -> None:
        workspace, paper = shop()
        server.mode = "slow"
        for n in range(60):
            queue(workspace, paper, f"victim+{n}@example.cn")
        at_once(4, lambda: workspace.outbox.run(once=True))
        assert len(server.letters) == 1
        states = workspace.outbox.standing().counts
        assert states.get(MessageState.CANCELLED, 0) + states.get(MessageState.DUE, 0) == 59

    @pytest.mark.row("C8", "C11")
    def test_C11_per_minute(self, shop, server, clock) -> None:
        workspace, paper = shop(per_minute=7)
        for n in range(20):
            queue(workspace, paper, f"a{n}@example.cn")
        for expected in (7, 14, 20):
            workspace.outbox.run(once=True)
            assert len(server.letters) == expected
            clock.forward(seconds=61)

    @pytest.mark.row("C11")
    def test_C11_suppressed_addresses_get_nothing(self, shop, server) -> None:
        workspace, paper = shop()
        row = queue(workspace, paper)
        with workspace.store.write() as session:
            suppress(
                session, key_hash(hashing_key(workspace.folder), "mail:zhang@example.cn"), BY_HAND, workspace.now()
            )
        assert workspace.outbox.run(once=True).cancelled == 1
        assert server.letters == []
        assert "by_hand" in message(workspace, row).last_error

    @pytest.mark.parametrize("gone", [Contact, Lead])
    def test_P10_the_erased_get_nothing(self, shop, server, gone) -> None:
        workspace, paper = shop()
        row = queue(workspace, paper)
        with workspace.store.write() as session:
            session.delete(session.get(Lead, row.lead_id))
            if gone is Contact:
                session.flush()
                session.delete(session.get(Contact, row.contact_id))
        assert workspace.outbox.run(once=True).cancelled == 1
        assert server.letters == []
        assert "erased" in message(workspace, row).last_error

    @pytest.mark.row("P10")
    def test_P10_erasure_between_claim_and_sending_wins(self, shop, server, monkeypatch) -> None:
        """(P10) Erased after the worker took it: read again under the lease, right before it goes."""
        from contentops.store import moments

        workspace, paper = shop()
        row = queue(workspace, paper)

        def erase(name: str) -> None:
            if name == "before-send":
                with workspace.store.write() as session:
                    session.get(Message, row.id).state = MessageState.CANCELLED
                    session.delete(session.get(Lead, row.lead_id))
                    session.flush()
                    session.delete(session.get(Contact, row.contact_id))

        monkeypatch.setattr(moments, "hook", erase)
        workspace.outbox.run(once=True)
        assert server.letters == []
        assert message(workspace, row).state is MessageState.CANCELLED

    def test_without_an_address_or_an_asset_nothing_goes(self, shop, server) -> None:
        workspace, paper = shop()
        queue(workspace, paper, None)
        queue(workspace, paper)
        with workspace.store.write() as session:
            session.get(Asset, paper.id).state = WorkflowState.RETIRED
        assert workspace.outbox.run(once=True).cancelled == 2
        assert server.letters == []

    def test_D7_what_waits_for_confirmation_waits(self, shop, server) -> None:
        workspace, paper = shop()
        asset = queue(workspace, paper, lead={"awaits_confirmation": True})
        confirm = queue(workspace, paper, kind="confirm")
        workspace.outbox.run(once=True)
        assert message(workspace, asset).state is MessageState.CANCELLED
        assert message(workspace, confirm).state is MessageState.DONE
        with workspace.store.write() as session:
            session.get(Lead, asset.lead_id).awaits_confirmation = False
        late = queue(workspace, paper, "li@example.cn", kind="confirm")
        workspace.outbox.run(once=True)
        assert "nothing left to confirm" in message(workspace, late).last_error

    def test_a_pending_consent_is_confirmed_by_mail(self, shop, server) -> None:
        workspace, paper = shop()
        row = queue(workspace, paper, kind="confirm")
        agree(workspace, row, ConsentAction.PENDING)
        assert workspace.outbox.run(once=True).done == 1
        assert "相关内容" in text_of(server.letters[0][1]) or "related content" in text_of(server.letters[0][1])

    @pytest.mark.parametrize(("action", "goes"), [(None, False), (ConsentAction.PENDING, False),
                                                  (ConsentAction.WITHDRAWN, False), (ConsentAction.GIVEN, True)])  # fmt: skip
    def test_marketing_needs_consent_that_still_stands(self, shop, server, monkeypatch, action, goes) -> None:
        monkeypatch.setitem(KINDS, "asset", Kind("asset", marketing=True, unsubscribe=True))
        workspace, paper = shop()
        row = queue(workspace, paper)
        if action:
            agree(workspace, row, action)
        assert workspace.outbox.run(once=True).done == goes
        assert bool(server.letters) is goes

    def test_an_unknown_kind_of_mail_is_parked(self, shop, server) -> None:
        workspace, paper = shop()
        row = queue(workspace, paper, kind="poem")
        assert workspace.outbox.run(once=True).parked == 1
        assert message(workspace, row).state is MessageState.PARKED
        assert workspace.outbox.retry([row.id]) == 1


def agree(workspace, row, action) -> None:
    with workspace.store.write() as session:
        form = Submission.model_validate({"asset_id": row.asset_id, "lead_id": row.lead_id, "at": workspace.now()})
        session.add(form)
        session.flush()
        session.add(Consent.model_validate({
            "submission_id": form.id, "contact_id": row.contact_id, "purpose": "marketing", "action": action, "wording": "x",
            "wording_sha256": "x", "locale": "zh-CN", "page": "/zh/w/", "at": workspace.now(),
        }))  # fmt: skip


def test_addresses_are_masked_in_what_servers_say() -> None:
    assert masked("jane.doe@example.com") == "j***@e…"
    said = without_addresses("550 <jane.doe@example.com>: User jane.doe unknown\r\nnot jane", "jane.doe@example.com")
    assert "jane.doe" not in said
    assert "\n" not in said
    assert len(without_addresses("x" * 900)) == 500


def test_a_read_back_letter_is_what_was_meant(clock) -> None:
    from email import message_from_bytes

    letter = Letter("a@example.cn", "主题", "正文", "", "zh-CN", "k", unsubscribe="https://example.cn/u/" + "a" * 300)
    read = message_from_bytes(serialised(letter, SENDER, clock()), policy=WIRE)
    assert read["List-Unsubscribe"] == f"<{letter.unsubscribe}>"
