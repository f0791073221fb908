"""Mail to colleagues, through a real SMTP server."""

import socket
from datetime import date
from email import message_from_bytes
from email.policy import SMTP

import icalendar
import pytest
from aiosmtpd.controller import Controller

from contentops.errors import Conflict, MailRefused, MailUnavailable
from contentops.followup.mail import Letter, Mailer, serialised
from contentops.settings import MailSettings
from contentops.testing import write_content
from contentops.workspace import Workspace

SENDER = "calendar@example.com"


class Inbox:
    """Takes mail; answers with `reply` to the addresses in `refused`."""

    def __init__(self) -> None:
        self.letters, self.refused, self.reply = [], set(), "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return self.reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=SMTP)))
        return "250 OK"


@pytest.fixture
def inbox():
    handler = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    handler.port = port
    yield handler
    controller.stop()


def settings(port: int, **values) -> MailSettings:
    given = {"host": "127.0.0.1", "port": port, "security": "none", "sender": SENDER, "timeout_seconds": 5}
    return MailSettings.model_validate({**given, **values})


@pytest.fixture
def team(make_workspace, database_url, inbox, clock) -> Workspace:
    """A workspace on Monday, 23 November 2026, with one answer due this week and people with addresses."""
    mail = f'\n[mail]\nhost = "127.0.0.1"\nport = {inbox.port}\nsecurity = "none"\nsender = "{SENDER}"\n'
    workspace = make_workspace(database_url, extra=mail)
    clock.forward(days=2)
    write_content(workspace, "qa/cost.md", "---\ntitle: 工厂保养成本怎样算清楚\ncontentops: {state: idea}\n---\n")
    workspace.assets.sync()
    workspace.team.assign("support", "孙八音", email="sun@example.cn")
    workspace.team.assign("ops", "陈七言", email="chen@example.cn")
    workspace.calendar.plan("cost", date(2026, 11, 25))
    return workspace


class TestReminders:
    def test_each_person_gets_their_day_once(self, team, inbox) -> None:
        done = team.colleagues.remind()
        assert [digest.person for digest in done.digests] == ["孙八音"]
        ((to, letter),) = inbox.letters
        assert to == ["sun@example.cn"]
        assert letter["Subject"] == "内容日历：1 项已逾期，4 项本周到期"
        assert letter["Auto-Submitted"] == "auto-generated"
        text = letter.get_body(("plain",)).get_content()
        assert "工厂保养成本怎样算清楚" in text
        assert "已逾期" in text
        assert "工厂保养成本怎样算清楚" in letter.get_body(("html",)).get_content()
        again = team.colleagues.remind()
        assert (again.digests, again.skipped) == ((), ("孙八音",))
        assert len(inbox.letters) == 1
        assert len(team.colleagues.remind(again=True).digests) == 1

    def test_not_on_a_day_off_and_again_on_the_next_day(self, team, inbox, clock) -> None:
        team.colleagues.remind()
        clock.forward(days=1)
        assert len(team.colleagues.remind().digests) == 1
        clock.forward(days=4)  # Saturday
        assert team.colleagues.remind().day_off
        assert len(inbox.letters) == 2

    def test_two_at_once_send_one(self, team, inbox, at_once) -> None:
        at_once(4, team.colleagues.remind)
        assert len(inbox.letters) == 1

    def test_dry_run_marks_nothing(self, team, inbox) -> None:
        assert len(team.colleagues.remind(dry_run=True).digests) == 1
        assert inbox.letters == []
        assert len(team.colleagues.remind().digests) == 1

    def test_what_did_not_leave_is_said_and_tried_again(self, team, inbox) -> None:
        inbox.refused, inbox.reply = {"sun@example.cn"}, "451 try later"
        done = team.colleagues.remind()
        assert "451 try later" in done.problems[0].message
        inbox.refused = set()
        assert len(team.colleagues.remind().digests) == 1

    def test_without_an_address_it_is_said(self, team) -> None:
        from sqlmodel import select

        from contentops.models import Person

        with team.store.write() as session:
            for person in session.exec(select(Person)):
                person.email = None
        assert "--email" in team.colleagues.remind().problems[0].message

    def test_stdout_is_a_medium_of_its_own(self, team, inbox) -> None:
        (digest,) = team.colleagues.remind(medium="stdout").digests
        assert "孙八音" in team.colleagues.rendered(digest)
        assert team.colleagues.remind(medium="stdout").skipped == ("孙八音",)
        assert len(team.colleagues.remind().digests) == 1

    def test_whose_turn_it_is_and_what_is_in_review(self, team, clock) -> None:
        team.calendar.plan("cost", date(2026, 12, 17))
        assert team.calendar.digests(person="孙八音")[0].is_empty
        team.calendar.steps.tick("cost", "collect", by="x")
        team.calendar.steps.complete("cost", "collect", by="x")
        (digest,) = team.calendar.digests(person="孙八音")
        assert [item.key for item in digest.waiting] == ["answer"]
        team.assets.move("cost", "in_review", by="x")
        assert [asset.slug for asset in team.calendar.digests(person="孙八音")[0].in_review] == ["cost"]
        clock.forward(days=23)
        assert [item.key for item in team.calendar.digests(person="孙八音")[0].late] == ["answer"]


class TestInvitations:
    @pytest.fixture
    def inviting(self, team) -> Workspace:
        path = team.folder / "contentops.toml"
        text = path.read_text(encoding="utf-8").replace("[calendar]\n", "[calendar]\ninvitations = true\n")
        path.write_text(text, encoding="utf-8")
        again = Workspace.open(team.folder, now=team._now)
        yield again
        again.close()

    def event(self, letter):
        part = next(part for part in letter.walk() if part.get_content_type() == "text/calendar")
        found = icalendar.Calendar.from_ical(part.get_payload(decode=True))
        (event,) = found.walk("VEVENT")
        assert part["Content-Type"].params["method"] == found["METHOD"]
        assert "attachment" not in str(part.get("Content-Disposition"))
        return str(found["METHOD"]), event

    def test_off_by_default(self, team, inbox) -> None:
        with pytest.raises(Conflict, match="invitations are off"):
            team.colleagues.invite()
        assert inbox.letters == []

    def test_request_update_and_cancel(self, inviting, inbox) -> None:
        inviting.calendar.plan("cost", date(2026, 12, 10))
        first = inviting.colleagues.invite()
        assert len(first.requested) == len(inbox.letters) == 5
        method, event = self.event(inbox.letters[0][1])
        assert (method, int(event["SEQUENCE"]), str(event["ATTENDEE"])) == ("REQUEST", 0, "mailto:sun@example.cn")
        assert event["ATTENDEE"].params["RSVP"] == "FALSE"
        assert str(event["ORGANIZER"]) == f"mailto:{SENDER}"
        feed = inviting.calendar.export().decode()
        assert str(event["UID"]) not in feed  # a subscriber would see it twice
        assert inviting.colleagues.invite().requested == ()
        inviting.calendar.move("cost", "collect", date(2026, 12, 4))
        assert len(inviting.colleagues.invite().updated) == 1
        method, updated = self.event(inbox.letters[-1][1])
        assert (method, int(updated["SEQUENCE"]), updated["DTSTART"].dt) == ("REQUEST", 1, date(2026, 12, 4))
        inviting.team.assign("support", "王五舟", email="wang@example.cn")
        done = inviting.colleagues.invite()
        assert (len(done.requested), len(done.cancelled)) == (5, 5)
        cancelled = [self.event(letter) for to, letter in inbox.letters if to == ["sun@example.cn"]][-5:]
        assert {method for method, _event in cancelled} == {"CANCEL"}
        assert {str(event["STATUS"]) for _method, event in cancelled} == {"CANCELLED"}
        assert all(int(event["SEQUENCE"]) >= 1 for _method, event in cancelled)

    def test_dry_run_sends_nothing(self, inviting, inbox) -> None:
        assert inviting.colleagues.invite(dry_run=True).requested
        assert inbox.letters == []


HOSTILE = "标题\r\nBcc: evil@example.com\r\n\r\n正文 =?utf-8?q?a=0D=0ABcc:x@example.com?="


class TestLetters:
    def letter(self, **values) -> Letter:
        given = {"to": "a@example.cn", "subject": "主题", "text": "一\n.二\n" + "长" * 3000, "html": "<p>一</p>",
                 "language": "zh-CN", "key": "k"}  # fmt: skip
        return Letter(**{**given, **values})

    @pytest.mark.row("B12")
    def test_text_survives_with_dots_and_long_lines(self, inbox, clock) -> None:
        Mailer(settings(inbox.port)).send(self.letter(), clock())
        ((_to, read),) = inbox.letters
        assert read.get_body(("plain",)).get_content().replace("\r\n", "\n").rstrip("\n") == "一\n.二\n" + "长" * 3000
        assert read["Content-Language"] == "zh-CN"

    def test_the_same_letter_has_the_same_message_id(self, clock) -> None:
        ids = {
            message_from_bytes(serialised(self.letter(), SENDER, clock()), policy=SMTP)["Message-ID"] for _n in range(2)
        }
        assert len(ids) == 1
        assert (
            len(
                {*ids, message_from_bytes(serialised(self.letter(key="l"), SENDER, clock()), policy=SMTP)["Message-ID"]}
            )
            == 2
        )

    @pytest.mark.row("B8")
    def test_nothing_breaks_out_of_a_header(self, clock) -> None:
        read = message_from_bytes(serialised(self.letter(subject=HOSTILE), SENDER, clock()), policy=SMTP)
        assert "bcc" not in {name.lower() for name in read}
        assert "evil@example.com" in read["Subject"]

    @pytest.mark.parametrize(
        "to", ["a@example.cn, b@example.com", "a@example.cn\r\nBcc: b@example.com", "<a@example.cn> x", ""]
    )
    @pytest.mark.row("B9")
    def test_one_recipient_or_none(self, to, clock) -> None:
        with pytest.raises(MailRefused):
            serialised(self.letter(to=to), SENDER, clock())

    @pytest.mark.parametrize(("reply", "error"), [("451 later", MailUnavailable), ("550 nobody", MailRefused)])
    def test_not_now_and_never_are_told_apart(self, inbox, clock, reply, error) -> None:
        inbox.refused, inbox.reply = {"a@example.cn"}, reply
        with pytest.raises(error, match=reply[:3]):
            Mailer(settings(inbox.port)).send(self.letter(), clock())

    def test_nobody_there(self, clock) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            with pytest.raises(MailUnavailable, match="cannot be used"):
                Mailer(settings(taken.getsockname()[1])).send(self.letter(), clock())
        with pytest.raises(MailUnavailable, match="host and sender"):
            Mailer(MailSettings()).send(self.letter(), clock())

    def test_a_server_without_tls_is_not_trusted_with_starttls(self, inbox, clock) -> None:
        with pytest.raises(MailUnavailable):
            Mailer(settings(inbox.port, security="starttls")).send(self.letter(), clock())
        assert inbox.letters == []

    def test_password_belongs_into_the_environment(self, workspace) -> None:
        from contentops.errors import SettingsInvalid

        path = workspace.folder / "contentops.toml"
        path.write_text(path.read_text(encoding="utf-8") + '\n[mail]\npassword = "x"\n', encoding="utf-8")
        with pytest.raises(SettingsInvalid, match="CONTENTOPS_MAIL__PASSWORD"):
            Workspace.open(workspace.folder)


class TestHarm:
    def test_one_odd_address_does_not_keep_the_others_from_theirs(self, team, inbox) -> None:
        team.team.assign("support", "孙八音", email="张三@example.cn")
        done = team.colleagues.remind()
        assert "plain addresses only" in done.problems[0].message or "cannot be written" in done.problems[0].message
        team.team.assign("support", "孙八音", email="sun@example.cn")
        assert len(team.colleagues.remind().digests) == 1

    def test_a_broken_template_claims_nothing(self, team, inbox) -> None:
        from contentops.errors import WorkspaceError

        folder = team.folder / "templates" / "mail"
        folder.mkdir(parents=True)
        (folder / "digest.txt").write_text("{{ nonsense.x }}", encoding="utf-8")
        with pytest.raises(WorkspaceError, match=r"digest\.txt"):
            team.colleagues.remind()
        (folder / "digest.txt").unlink()
        assert len(team.colleagues.remind().digests) == 1

    def test_invitations_go_out_once_and_done_work_is_not_cancelled(self, team, inbox, at_once) -> None:
        path = team.folder / "contentops.toml"
        text = path.read_text(encoding="utf-8").replace("[calendar]\n", "[calendar]\ninvitations = true\n")
        path.write_text(text, encoding="utf-8")
        with Workspace.open(team.folder, now=team._now) as inviting:
            inviting.calendar.plan("cost", date(2026, 12, 10))
            at_once(2, inviting.colleagues.invite)
            assert len(inbox.letters) == 5
            inviting.calendar.steps.tick("cost", "collect", by="x")
            inviting.calendar.steps.complete("cost", "collect", by="x")
            assert inviting.colleagues.invite().cancelled == ()
