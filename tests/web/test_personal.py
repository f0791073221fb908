"""Personal links over the real server: confirm, unsubscribe, preferences, a new link."""

import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import event

from contentops.leads.consent.ledger import ANY, GIVEN, PENDING, WITHDRAWN, may
from contentops.leads.grants import CONFIRM_LINK, DOWNLOAD_LINK, PREFERENCES_LINK
from contentops.models import Consent, Contact, Lead, Message, MessageState, NoticeText
from contentops.pages.notice import DELIVERY, MARKETING, Notice
from contentops.web.reading import URLENCODED as FORM

ENGLISH = "/en/paper/"
ONE_CLICK = "List-Unsubscribe=One-Click"


def agrees(visitor, contact, channel: str = "email") -> bool:
    return may(visitor.workspace.leads.consents.of(contact.id).agreement, MARKETING, channel)


def hidden(text: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))


class TestConfirming:
    @pytest.mark.row("D7")
    def test_d7_looking_changes_nothing_and_the_button_does(self, any_visitor) -> None:
        visitor = any_visitor
        contact = visitor.contact()
        lead = visitor.lead(contact, awaits=True)
        visitor.said(contact, PENDING)
        link = visitor.confirm(lead)
        for method in ("GET", "HEAD", "GET", "HEAD", "GET"):
            assert visitor.ask(method, link).status == 200
        assert len(visitor.rows(Consent)) == 1
        assert visitor.rows(Lead)[0].awaits_confirmation
        assert visitor.rows(Message) == []
        page = visitor.get(link)
        assert "Please confirm your e-mail address" in page.text
        assert f'action="{link}"' in page.text
        first = visitor.post(link)
        assert first.status == 200
        assert "your address is confirmed" in first.text
        assert agrees(visitor, contact)
        assert [row.kind for row in visitor.rows(Message)] == ["asset"]
        second = visitor.post(link)
        assert (second.status, _plain(second.text)) == (200, _plain(first.text))
        assert (len(visitor.rows(Consent)), len(visitor.rows(Message))) == (2, 1)
        assert _plain(visitor.get(link).text) == _plain(first.text)
        given = next(row for row in visitor.rows(Consent) if row.action is GIVEN)
        assert len(given.evidence) == 64
        assert link.split("/")[2] not in given.evidence

    def test_after_it_the_material_is_a_click_away(self, visitor) -> None:
        lead = visitor.lead(visitor.contact(), awaits=True)
        assert visitor.get(visitor.download(lead)).status == 403
        page = visitor.post(visitor.confirm(lead))
        link = re.search(r'href="(/d/[^"]+)"', page.text)[1]
        assert visitor.get(link).body.startswith(b"%PDF")

    def test_d1_links_for_something_else_and_old_ones(self, visitor) -> None:
        contact = visitor.contact()
        lead = visitor.lead(contact, awaits=True)
        for purpose, subject in ((DOWNLOAD_LINK, lead), (PREFERENCES_LINK, contact)):
            assert visitor.post(f"/c/{visitor.token(purpose, subject)}/").status == 404
        expired = visitor.post(visitor.confirm(lead, days=-1))
        assert expired.status == 410
        assert "fill in the form again" in expired.text
        assert visitor.rows(Lead)[0].awaits_confirmation

    def test_page_speaks_the_language_of_the_form(self, visitor) -> None:
        lead = visitor.lead(visitor.contact(language="en"), language="zh-CN")
        assert '<html lang="zh-CN">' in visitor.get(visitor.confirm(lead)).text


class TestUnsubscribing:
    @pytest.mark.row("D8")
    def test_d8_looking_changes_nothing(self, visitor) -> None:
        contact = visitor.contact()
        visitor.said(contact)
        link = visitor.unsubscribe(contact)
        for method in ("GET", "HEAD", "GET"):
            assert visitor.ask(method, link).status == 200
        assert len(visitor.rows(Consent)) == 1
        assert agrees(visitor, contact)

    @pytest.mark.row("D8", "P6")
    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            (FORM, ONE_CLICK),
            ("multipart/form-data; boundary=x", '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'),
        ],
    )  # fmt: skip
    def test_d8_one_click_of_a_mail_program(self, any_visitor, kind, body) -> None:
        """RFC 8058: no cookie, no redirect, no Origin of ours; again and again the same answer."""
        visitor = any_visitor
        contact = visitor.contact()
        visitor.said(contact)
        message = visitor.queued("nurture.1", contact)
        link = visitor.unsubscribe(contact)
        headers = {"Content_Type": kind, "Origin": "https://mail.example", "Sec_Fetch_Site": "cross-site"}
        for _time in range(3):
            answer = visitor.ask("POST", link, body, **headers)
            assert answer.status == 200
            assert not {"location", "set-cookie"} & set(answer.headers)
        assert not agrees(visitor, contact)
        withdrawn = [row for row in visitor.rows(Consent) if row.action is WITHDRAWN]
        assert [(row.how, row.channel) for row in withdrawn] == [("one_click", ANY)]
        assert {row.id: row.state for row in visitor.rows(Message)} == {message.id: MessageState.CANCELLED}

    def test_p6_button_of_the_page_does_it_and_leads_to_the_preferences(self, visitor) -> None:
        contact = visitor.contact()
        visitor.said(contact)
        link = visitor.unsubscribe(contact)
        page = visitor.post(link)
        assert page.status == 200
        assert "You are unsubscribed" in page.text
        assert f'href="{link.replace("/u/", "/p/")}/"' in page.text
        assert not agrees(visitor, contact)
        assert visitor.rows(Consent)[-1].how == "link"

    @pytest.mark.row("D8")
    @pytest.mark.parametrize("broken", ["withdrawn", "erasure_key"])
    def test_d8_what_cannot_be_kept_is_asked_for_again_later(self, visitor, caplog, broken) -> None:
        """A list of another key, a key that is none: mail programs try again, the log says what to mend."""
        contact = visitor.contact()
        visitor.said(contact)
        (visitor.workspace.folder / ".contentops" / "erasure_key").write_text("k" * 40)
        (visitor.workspace.folder / ".contentops" / broken).write_text(
            f"key {'0' * 64}\n" if broken == "withdrawn" else "kurz"
        )
        answer = visitor.ask("POST", visitor.unsubscribe(contact), ONE_CLICK, Content_Type=FORM)
        assert (answer.status, answer.headers["retry-after"]) == (503, "60")
        assert "暂时无法完成" in answer.text
        (line,) = [record for record in caplog.records if record.levelname == "ERROR"]
        assert ("another key" if broken == "withdrawn" else "at least 32") in line.getMessage()
        assert line.exc_info is None
        assert agrees(visitor, contact)

    @pytest.mark.row("D8")
    def test_d8_erased_people_are_unsubscribed_too(self, visitor) -> None:
        contact = visitor.contact()
        link = visitor.unsubscribe(contact)
        with visitor.workspace.store.write() as session:
            session.delete(session.get(Contact, contact.id))
        assert visitor.get(link).status == 200
        assert visitor.ask("POST", link, ONE_CLICK, Content_Type=FORM).status == 200
        assert visitor.rows(Consent) == []

    def test_d8_link_has_no_end_but_must_be_ours(self, visitor) -> None:
        contact = visitor.contact()
        visitor.said(contact)
        old = visitor.unsubscribe(contact, days=-400)
        page = visitor.post(old)
        assert page.status == 200
        assert "/p/" not in page.text
        assert not agrees(visitor, contact)
        lead = visitor.lead(contact)
        for wrong in ("x", old[3:-1], visitor.token(CONFIRM_LINK, lead), "%E4%BD%A0%E5%A5%BD", "A" * 5000):
            assert visitor.ask("POST", f"/u/{wrong}", ONE_CLICK, Content_Type=FORM).status == 404


class TestPreferences:
    def choose(self, visitor, link, **ticked):
        shown = visitor.get(link).text
        return visitor.post(link, {**hidden(shown), **{name.replace("_", "."): "yes" for name in ticked}})

    def test_shows_what_holds_and_saves_what_changed(self, any_visitor) -> None:
        visitor = any_visitor
        contact = visitor.contact(phone="+8613800138000")
        visitor.said(contact, GIVEN, DELIVERY)
        visitor.said(contact, GIVEN, channel="email")
        link = visitor.preferences(contact)
        text = visitor.get(link).text
        boxes = dict(re.findall(r'name="([\w.]+)" type="checkbox" value="yes"( checked)?', text))
        assert boxes == {"marketing.email": " checked", "marketing.phone": "", "delivery.any": " checked"}
        assert "contact me by e-mail" in text
        assert "Since " in text
        assert "z***@example.cn" in text
        assert "zhang@" not in text
        assert "privacy@example.com" in text
        saved = visitor.post(link, {**hidden(text), "marketing.phone": "yes", "delivery.any": "yes"})
        assert (saved.status, saved.headers["location"]) == (303, f"{link}?saved")
        assert 'role="status"' in visitor.get(saved.headers["location"]).text
        assert (agrees(visitor, contact), agrees(visitor, contact, "phone")) == (False, True)
        said = [(row.purpose, row.channel, row.action) for row in visitor.rows(Consent)[2:]]
        assert sorted(said) == [(MARKETING, "email", WITHDRAWN), (MARKETING, "phone", GIVEN)]
        yes = next(row for row in visitor.rows(Consent) if row.how == "preferences" and row.action is GIVEN)
        notice = Notice(visitor.workspace.settings.privacy, "en")
        assert (yes.wording, yes.notice, yes.page) == (notice.channel_wording("phone"), notice.page_version(), "/p/")
        assert [row.version for row in visitor.rows(NoticeText)] == [yes.notice]

    def test_saving_without_a_change_writes_nothing(self, visitor) -> None:
        contact = visitor.contact()
        visitor.said(contact, GIVEN)
        self.choose(visitor, visitor.preferences(contact), marketing_email=True)
        assert len(visitor.rows(Consent)) == 1

    def test_no_that_came_meanwhile_stays(self, visitor) -> None:
        """The page was open in another tab while they unsubscribed by a mail."""
        contact = visitor.contact()
        visitor.said(contact, GIVEN)
        link = visitor.preferences(contact)
        shown = hidden(visitor.get(link).text)
        visitor.post(visitor.unsubscribe(contact))
        visitor.post(link, {**shown, "marketing.email": "yes"})
        assert not agrees(visitor, contact)

    @pytest.mark.row("P5")
    def test_p5_page_with_an_old_notice_is_shown_again(self, visitor) -> None:
        contact = visitor.contact()
        link = visitor.preferences(contact)
        page = visitor.post(link, {**hidden(visitor.get(link).text), "notice": "0" * 16, "marketing.email": "yes"})
        assert page.status == 422
        assert "privacy notice has changed" in page.text
        assert visitor.rows(Consent) == []

    def test_question_that_waits_is_said(self, visitor) -> None:
        contact = visitor.contact()
        visitor.said(contact, PENDING)
        assert "Not confirmed yet" in visitor.get(visitor.preferences(contact)).text

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Origin": "https://evil.example"}, 403), ({"Sec_Fetch_Site": "cross-site"}, 403), ({"Origin": "null"}, 303),
            ({"Origin": "null", "Sec_Fetch_Site": "cross-site"}, 403), ({"Origin": "null", "Sec_Fetch_Site": "same-origin"}, 303),
            ({"Content_Type": "text/plain"}, 415),
        ],
    )  # fmt: skip
    def test_who_may_post(self, visitor, headers, status) -> None:
        contact = visitor.contact()
        link = visitor.preferences(contact)
        shown = hidden(visitor.get(link).text)
        assert visitor.post(link, {**shown, "marketing.email": "yes"}, **headers).status == status
        assert agrees(visitor, contact) is (status == 303)

    def test_expired_forged_and_erased(self, visitor) -> None:
        contact = visitor.contact()
        old = visitor.get(visitor.preferences(contact, days=-1))
        assert old.status == 410
        assert "newest mail" in old.text
        link = visitor.preferences(contact)
        with visitor.workspace.store.write() as session:
            session.delete(session.get(Contact, contact.id))
        bodies = {visitor.get(path).body for path in (link, "/p/x/", "/p/" + "A" * 5000, f"/p{link[2:-2]}/")}
        assert len(bodies) == 1
        assert visitor.get(link).status == 404


class TestAgain:
    PATH = f"{ENGLISH}again/"

    @pytest.mark.row("C12")
    def test_known_address_gets_mail_and_nobody_learns_it(self, any_visitor) -> None:
        """(C12) The same answer for known, unknown and suppressed addresses, and for those who asked for something else."""
        visitor = any_visitor
        known = visitor.contact()
        lead = visitor.lead(known)
        visitor.contact("other@example.cn")
        withdrawn = visitor.contact("no@example.cn")
        visitor.lead(withdrawn)
        visitor.said(withdrawn, WITHDRAWN, DELIVERY)
        answers = [
            visitor.post(self.PATH, {"email": email})
            for email in (
                "ZHANG@example.cn",
                "other@example.cn",
                "nobody@example.com",
                "no@example.cn",
                "zhang@example.cn",
            )
        ]
        assert {answer.status for answer in answers} == {200}
        assert len({answer.body for answer in answers}) == 1
        own = {"date", "x-request-id"}
        assert len({tuple(sorted((k, v) for k, v in a.headers.items() if k not in own)) for a in answers}) == 1
        (message,) = visitor.rows(Message)
        assert (message.kind, message.lead_id, message.contact_id) == ("link", lead.id, known.id)

    def test_c12_unknown_addresses_cost_as_much_as_known_ones(self, visitor) -> None:
        """Else the time of the answer would tell them apart; what is measured here are statements, not seconds."""
        visitor.lead(visitor.contact())
        desk, asset = visitor.workspace.leads.renewals, visitor.asset()
        counts = {}
        for email in ("zhang@example.cn", "zhang@example.cn ", "nobody@example.com", "nonsense"):
            seen: list[str] = []

            def note(_connection, _cursor, statement, *_rest, seen=seen) -> None:
                seen.append(statement.split()[0])

            event.listen(visitor.workspace.store.engine, "before_cursor_execute", note)
            desk.ask_again(asset, email)
            event.remove(visitor.workspace.store.engine, "before_cursor_execute", note)
            counts[email] = (seen.count("SELECT"), seen.count("INSERT"))
        assert len(set(counts.values())) == 1
        assert counts["nonsense"][1] == 1
        assert len(visitor.rows(Message)) == 1

    def test_who_has_to_confirm_gets_that_mail_again(self, visitor) -> None:
        visitor.lead(visitor.contact(), awaits=True)
        visitor.post(self.PATH, {"email": "zhang@example.cn"})
        assert [row.kind for row in visitor.rows(Message)] == ["confirm"]

    def test_who_confirmed_by_one_contact_gets_the_link_though_another_one_still_waits(
        self, any_visitor, clock
    ) -> None:
        visitor = any_visitor
        waiting, confirmed = visitor.contact(), visitor.contact("zhang@example.com")
        visitor.lead(waiting, awaits=True)
        with visitor.workspace.store.write() as session:
            session.get(Contact, confirmed.id).person_id = waiting.id
        lead = visitor.lead(confirmed)
        visitor.post(self.PATH, {"email": "zhang@example.cn"})
        assert [(row.kind, row.lead_id) for row in visitor.rows(Message)] == [("link", lead.id)]

    def test_page_has_one_field_and_says_what_is_wrong(self, visitor) -> None:
        page = visitor.get(self.PATH)
        assert (page.status, page.text.count("<input")) == (200, 1)
        for typed, said in (
            ("", "please fill this in"),
            ("<b>x", "does not look right"),
            ("张三@example.cn", "Latin letters"),
        ):
            wrong = visitor.post(self.PATH, {"email": typed})
            assert wrong.status == 422
            assert said in wrong.text
            assert "<b>x" not in wrong.text
        assert visitor.rows(Message) == []

    def test_limited_per_sender(self, visitor, clock) -> None:
        visitor.workspace.leads.intake._now = clock  # at the turn of a minute one more may be let through
        statuses = [visitor.post(self.PATH, {"email": f"a{n}@example.cn"}).status for n in range(12)]
        assert statuses == [200] * 10 + [429] * 2

    def test_foreign_forms_and_pages_that_are_not_there(self, visitor) -> None:
        visitor.lead(visitor.contact())
        fields = {"email": "zhang@example.cn"}
        assert visitor.post(self.PATH, fields, Origin="https://evil.example").status == 403
        assert visitor.get("/en/nothing/again/").status == visitor.post("/en/nothing/again/", fields).status == 404
        assert visitor.rows(Message) == []


@pytest.mark.row("C20")
def test_c20_no_link_follows_the_host_header(visitor) -> None:
    contact = visitor.contact()
    lead = visitor.lead(contact, awaits=True)
    forged = {"Host": "evil.example", "X_Forwarded_Host": "evil.example", "Forwarded": "host=evil.example"}
    paths = [visitor.confirm(lead), visitor.preferences(contact), visitor.unsubscribe(contact), f"{ENGLISH}again/",
             visitor.download(lead, days=-1)]  # fmt: skip
    for path in paths:
        for answer in (visitor.get(path, **forged), visitor.post(path, {"email": "zhang@example.cn"}, **forged)):
            assert "evil" not in answer.text + str(answer.headers), path


@pytest.mark.row("B18", "B19")
def test_b18_b19_headers_of_every_personal_answer(visitor) -> None:
    contact = visitor.contact()
    lead = visitor.lead(contact)
    paths = [visitor.confirm(lead), visitor.confirm(lead, -1), visitor.preferences(contact), visitor.preferences(contact, -1),
             visitor.unsubscribe(contact), visitor.download(lead), visitor.download(lead, -1), f"{ENGLISH}again/",
             "/c/x/", "/p/x/", "/u/x", "/d/x/y.pdf"]  # fmt: skip
    for path in paths:
        for answer in (visitor.get(path), visitor.post(path), visitor.get(path, Range="bytes=99999-")):
            assert answer.status in (200, 303, 404, 410, 416, 422), path
            headers = answer.headers
            assert headers["cache-control"] == "no-store", path
            assert headers["referrer-policy"] == "no-referrer", path
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-robots-tag"] == "noindex"
            assert "set-cookie" not in headers
            assert (
                headers["content-security-policy"] == "sandbox"
                or "default-src 'none'" in headers["content-security-policy"]
            )
        problem = visitor.get(path.replace("/u/", "/c/"), Accept="application/json")
        if problem.status == 404:
            assert problem.headers["content-type"] == "application/json"
    for method in ("PUT", "DELETE", "PATCH"):
        assert visitor.ask(method, visitor.preferences(contact)).status == 405


def test_size_and_junk(visitor) -> None:
    link = visitor.preferences(visitor.contact())
    assert visitor.ask("POST", link, b"x" * 70_000, Content_Type=FORM).status == 413
    assert visitor.ask("POST", link, b"was=%FF", Content_Type=FORM).status == 400
    assert visitor.ask("POST", link, urlencode([("a", "b")] * 80), Content_Type=FORM).status == 413


def _plain(text: str) -> str:
    """A page without the token of its new link, which differs by the second in which it was made."""
    return re.sub(r'href="/d/[^"]+"', "", text)
