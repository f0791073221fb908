"""What a personal link hands over: whole and in parts, to people and machines, and what it says where it cannot."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlmodel import select

from contentops.leads.grants import DOWNLOAD_LINK, Grant
from contentops.models import Attachment, Contact, Download, Lead, Message, MessageState
from contentops.testing import write_content

PDF = b"%PDF-1.7 " + bytes(range(256)) * 20
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.49 Language/zh_CN"


@pytest.fixture
def lead(visitor) -> Lead:
    return visitor.lead(visitor.contact())


def downloads(visitor, expected: int) -> list[Download]:
    """Hand-overs are written after the file was sent: wait a moment for them."""
    for _try in range(200):
        if len(visitor.rows(Download)) >= expected:
            break
        time.sleep(0.02)
    return sorted(visitor.rows(Download), key=lambda row: row.at)


class TestServing:
    @pytest.mark.row("D5", "D11")
    def test_whole_and_in_parts(self, visitor, lead) -> None:
        """(D5) HEAD, Range, resume with If-Range, what lies outside; (D11) never shown by the browser itself."""
        link = visitor.download(lead)
        whole = visitor.get(link)
        assert (whole.status, whole.body) == (200, PDF)
        assert whole.headers["content-disposition"].startswith('attachment; filename="download.pdf"; ')
        assert unquote(whole.headers["content-disposition"]).endswith("filename*=UTF-8''点检白皮书.pdf")
        assert whole.headers["content-security-policy"] == "sandbox"
        assert whole.headers["x-content-type-options"] == "nosniff"
        head = visitor.ask("HEAD", link)
        assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(PDF)))
        tag = whole.headers["etag"]
        resumed = visitor.get(link, Range="bytes=1000-", If_Range=tag)
        assert (resumed.status, resumed.body) == (206, PDF[1000:])
        assert resumed.headers["content-range"] == f"bytes 1000-{len(PDF) - 1}/{len(PDF)}"
        assert visitor.get(link, Range="bytes=1000-", If_Range='"another"').body == PDF
        assert visitor.get(link, Range="bytes=-10").body == PDF[-10:]
        outside = visitor.get(link, Range="bytes=99999-")
        assert (outside.status, outside.headers["content-range"]) == (416, f"bytes */{len(PDF)}")
        two = visitor.get(link, Range="bytes=0-3,100-103")
        assert two.status == 206
        assert PDF[100:104] in two.body

    def test_d14_many_ranges_are_the_whole_file(self, visitor, lead) -> None:
        link = visitor.download(lead)
        ranges = "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 4000, 2))
        begun = time.perf_counter()
        answer = visitor.get(link, Range=ranges)
        assert (answer.status, answer.body) == (200, PDF)
        assert time.perf_counter() - begun < 5

    @pytest.mark.row("D11")
    def test_d11_pages_and_drawings_cannot_be_handed_over_at_all(self, workspace) -> None:
        for ending in ("html", "svg"):
            text = f"---\ntitle: {ending}\ncontentops: {{gate: gated, attachment: w.{ending}}}\n---\n"
            write_content(workspace, f"whitepaper/{ending}/index.md", text)
            write_content(workspace, f"whitepaper/{ending}/w.{ending}", b"<svg onload=alert(1)>")
        problems = " ".join(map(str, workspace.assets.sync().problems))
        assert "w.html" in problems
        assert "w.svg" in problems

    @pytest.mark.parametrize(
        "name", ['点检 "手册" 100%.pdf', "a;b='c', 龘𠮷.pdf", "x\N{RIGHT-TO-LEFT OVERRIDE}fdp.pdf"]
    )
    @pytest.mark.row("B17")
    def test_b17_name_of_the_file_splits_no_header(self, workspace, small_site, serve, name) -> None:
        from tests.web.conftest import Visitor

        visitor = Visitor(serve(small_site(workspace, "w.pdf")))
        lead = visitor.lead(visitor.contact())
        with visitor.workspace.store.write() as session:
            for row in session.exec(select(Attachment)):
                row.file_name = name
        answer = visitor.get(visitor.download(lead))
        header = answer.headers["content-disposition"]
        assert answer.body == PDF
        assert header.isascii()
        assert header.count('"') == 2
        assert unquote(header.split("filename*=UTF-8''")[1]) == name

    @pytest.mark.parametrize("name", ['a"\r\nX-Evil: 1; 报告.pdf', 'a.pdf"\r\nX-Evil: 1', "a.报告"])
    @pytest.mark.row("B17")
    def test_b17_line_break_in_a_name(self, visitor, lead, name) -> None:
        with visitor.workspace.store.write() as session:
            for row in session.exec(select(Attachment)):
                row.file_name = name
        answer = visitor.get(visitor.download(lead))
        assert answer.status == 200
        assert "x-evil" not in answer.headers

    def test_newest_file_is_handed_over(self, visitor, lead) -> None:
        link = visitor.download(lead)
        assert visitor.get(link).body == PDF
        for language in ("en", "zh-CN"):
            write_content(visitor.workspace, f"whitepaper/{language}/paper/点检白皮书.pdf", b"%PDF-1.7 second edition")
        visitor.workspace.assets.sync()
        assert visitor.get(link).body == b"%PDF-1.7 second edition"


class TestCounting:
    @pytest.mark.row("D6")
    def test_d6_scanners_take_nothing_away_and_count_for_nobody(self, visitor, lead) -> None:
        link = visitor.download(lead)
        asked = (("HEAD", BROWSER), ("GET", "Mozilla/5.0 SafeLinks"), ("GET", ""), ("GET", BROWSER))
        for number, (method, agent) in enumerate(asked):
            assert visitor.ask(method, link, User_Agent=agent).status == 200
            assert len(downloads(visitor, number)) == number
        assert sorted(row.by_machine for row in downloads(visitor, 3)) == [False, True, True]

    @pytest.mark.row("D6")
    def test_d6_first_seconds_after_the_mail_belong_to_its_scanner(self, visitor, lead) -> None:
        contact, now = visitor.rows(Contact)[0], visitor.workspace.now()
        done = {"lead_id": lead.id, "state": MessageState.DONE, "done_at": now}
        message = visitor.queued("asset", contact, **done)
        link = visitor.download(lead)
        visitor.get(link, User_Agent=BROWSER)
        visitor.get(link, User_Agent=BROWSER, Sec_Fetch_Site="same-origin")
        assert sorted(row.by_machine for row in downloads(visitor, 2)) == [False, True]
        with visitor.workspace.store.write() as session:
            session.get(Message, message.id).done_at = now - timedelta(minutes=1)
        visitor.get(link, User_Agent=BROWSER)
        assert sorted(row.by_machine for row in downloads(visitor, 3)) == [False, False, True]

    def test_only_a_beginning_counts(self, visitor, lead) -> None:
        link = visitor.download(lead)
        for asked in ("bytes=500-", "bytes=-5", "bytes=99999-", "bytes=0-99"):
            visitor.get(link, User_Agent=BROWSER, Range=asked)
        visitor.get(link, User_Agent=BROWSER, Sec_Purpose="prefetch")
        assert [row.by_machine for row in downloads(visitor, 2)] == [False, True]


class TestLimit:
    @pytest.fixture
    def limited(self, make_workspace, small_site, serve):
        from tests.web.conftest import Visitor

        return Visitor(serve(small_site(make_workspace(extra="\n[capture]\ndownloads_per_link = 2\n"))))

    @pytest.mark.row("D5")
    def test_d5_link_that_went_round_ends_and_its_owner_gets_a_new_one(self, limited) -> None:
        contact = limited.contact()
        lead = limited.lead(contact)
        link = limited.download(lead, days=13.9)  # made two hours ago
        assert limited.get(link, User_Agent="Mozilla/5.0 SafeLinks").status == 200
        for number in (2, 3):  # with the machine's
            assert limited.get(link, User_Agent=BROWSER).body == PDF
            assert len(downloads(limited, number)) == number
        assert limited.get(link, User_Agent=BROWSER, Range="bytes=100-200").status == 206, "a part of the last one"
        for asked in ({}, {"Range": "bytes=0-"}, {"User_Agent": ""}):
            page = limited.get(link, **asked)
            assert page.status == 410
            assert b"%PDF" not in page.body
        assert limited.post(link).status == 200
        (message,) = limited.rows(Message)
        assert (message.kind, message.contact_id) == ("link", contact.id)
        with limited.workspace.store.write() as session:
            for row in session.exec(select(Download)):
                row.at -= timedelta(hours=2)
        assert limited.get(link, User_Agent=BROWSER, Range="bytes=100-200").status == 410
        assert limited.get(limited.download(lead), User_Agent=BROWSER).body == PDF, "a newer link"

    @pytest.mark.parametrize(("times", "said"), [(0, "several times"), (1, "for 1 download."), (2, "for 2 downloads.")])
    def test_page_after_the_form_says_how_often_the_link_works(
        self, make_workspace, small_site, serve, times, said
    ) -> None:
        from tests.web.conftest import Visitor

        extra = f"\n[capture]\ndownloads_per_link = {times}\n"
        visitor = Visitor(serve(small_site(make_workspace(extra=extra))))
        link = visitor.download(visitor.lead(visitor.contact()))
        page = visitor.get(f"/en/paper/thanks/?g={link.split('/')[2]}")
        assert said in page.text
        assert ("several times" in page.text) == (times == 0)

    @pytest.mark.row("D5")
    def test_d5_a_part_is_handed_over_only_soon_after_a_beginning(self, limited) -> None:
        """Else all but the first byte could be had for ever."""
        link = limited.download(limited.lead(limited.contact()), days=13.9)
        for part in ("bytes=1-", "bytes=-5000", "bytes=100-200,300-"):
            assert limited.get(link, User_Agent=BROWSER, Range=part).status == 410
        assert limited.ask("HEAD", link, User_Agent=BROWSER).status == 200
        assert limited.get(link, User_Agent=BROWSER, Range="bytes=1-").status == 410, "nothing has begun with HEAD"
        assert limited.get(link, User_Agent=BROWSER, Range="bytes=1-, 0-0").status == 206
        assert limited.get(link, User_Agent=BROWSER, Range="bytes=1-").body == PDF[1:]
        assert [row.by_machine for row in limited.rows(Download)] == [False]

    @pytest.mark.row("D5")
    def test_d5_of_many_at_once_no_more_are_served_than_are_allowed(self, limited) -> None:
        link = limited.download(limited.lead(limited.contact()))
        with ThreadPoolExecutor(12) as threads:
            statuses = list(threads.map(lambda _n: limited.get(link, User_Agent=BROWSER).status, range(12)))
        assert sorted(statuses) == [200] * 2 + [410] * 10
        assert len(limited.rows(Download)) == 2

    @pytest.mark.row("D6")
    def test_d6_machines_take_no_place_where_there_is_a_limit(self, limited) -> None:
        link = limited.download(limited.lead(limited.contact()))
        for _time in range(3):
            assert limited.ask("HEAD", link, User_Agent=BROWSER).status == 200
            assert limited.get(link, User_Agent="Mozilla/5.0 SafeLinks").body == PDF
        assert [row.by_machine for row in limited.rows(Download)] == [True] * 3
        assert limited.get(link, User_Agent=BROWSER).body == PDF

    @pytest.mark.row("D5")
    def test_d5_as_it_comes_nothing_ends_before_its_day(self, visitor, lead) -> None:
        link = visitor.download(lead)
        for _time in range(12):
            assert visitor.get(link, User_Agent=BROWSER).status == 200
        assert len(downloads(visitor, 12)) == 12

    @pytest.mark.row("D5")
    def test_d5_link_names_nobody(self, visitor) -> None:
        lead = visitor.lead(visitor.contact("zhang.san@example.cn", "+8613800138000"))
        token = visitor.token(DOWNLOAD_LINK, lead)
        content = base64.urlsafe_b64decode(token.partition(".")[0] + "==")
        version, lead_id, asset_id, until = json.loads(content)
        assert (version, lead_id, asset_id) == (1, lead.id, lead.asset_id)
        assert isinstance(until, int)


class TestNotHandedOver:
    @pytest.mark.row("D10", "D12")
    @pytest.mark.parametrize("fault", ["gone", "shorter", "changed", "link"])
    def test_d12_file_that_is_missing_or_changed_is_said_kindly(self, visitor, lead, fault, caplog, tmp_path) -> None:
        link = visitor.download(lead)
        assert visitor.get(link).status == 200
        for kept in visitor.workspace.assets.kept_files.iterdir():
            if fault == "gone":
                kept.unlink()
            elif fault == "shorter":
                kept.write_bytes(PDF[:-1])
            elif fault == "changed":
                kept.write_bytes(b"x" * len(PDF))
            else:  # (D10) somebody laid a link in its place
                moved = kept.rename(tmp_path / kept.name)
                kept.symlink_to(moved)
        answer = visitor.get(link)
        assert (answer.status, answer.headers["retry-after"]) == (503, "300")
        assert "Your link stays good" in answer.text
        assert "missing or changed" in caplog.text
        assert link not in caplog.text

    def test_unpublished_or_expired_asset_says_so_and_the_lead_stays(self, visitor, lead) -> None:
        link = visitor.download(lead)
        visitor.workspace.assets.move("en/paper", "retired", by="x")
        for path in (link, visitor.download(lead, days=-1)):
            answer = visitor.get(path)
            assert answer.status == 410
            assert "no longer available" in answer.text
            assert "Inspection paper" in answer.text
        assert visitor.post(link).status == 410
        assert visitor.rows(Message) == []
        assert len(visitor.rows(Lead)) == 1

    def test_asset_without_its_file_is_gone_too(self, visitor, lead) -> None:
        with visitor.workspace.store.write() as session:
            for row in session.exec(select(Attachment)):
                session.delete(row)
        assert visitor.get(visitor.download(lead)).status == 410

    def test_who_has_not_confirmed_is_asked_to(self, visitor) -> None:
        """Until then neither the link nor the thank-you page hands anything over."""
        lead = visitor.lead(visitor.contact(), awaits=True)
        link = visitor.download(lead)
        refused = visitor.get(link)
        assert refused.status == 403
        assert "confirm your address" in refused.text
        assert 'href="/en/paper/again/"' in refused.text
        thanks = visitor.get(f"/en/paper/thanks/?g={link.split('/')[2]}")
        assert "confirm your address" in thanks.text
        assert "/d/" not in thanks.text
        visitor.workspace.leads.consents.confirm(lead.id)
        assert visitor.get(link).body == PDF

    def test_after_the_form_nobody_is_promised_a_button_that_their_mail_may_not_have(self, visitor) -> None:
        """Who was never asked to confirm gets the material itself; the page is the same for all, so it tells nobody."""
        page = visitor.get("/en/paper/thanks/?confirm=1")
        assert page.status == 200
        assert "look into your mail" in page.text
        assert "press the button" not in page.text
        assert "confirm your address" not in page.text
        assert 'href="/en/paper/again/"' in page.text

    @pytest.mark.row("D2")
    def test_d2_expired_link_offers_a_new_one_by_mail_to_the_known_address_only(self, any_visitor, clock) -> None:
        visitor = any_visitor
        contact = visitor.contact()
        lead = visitor.lead(contact)
        old = visitor.download(lead, days=-1)
        page = visitor.get(old)
        assert page.status == 410
        assert f'<form id="form" class="capture" method="post" action="{old}"' in page.text
        assert "<input" not in page.text, "nobody can name another address"
        assert "zhang" not in page.text
        assert visitor.rows(Message) == []
        for _time in range(2):
            answer = visitor.post(old, {"email": "thief@example.com"})
            assert answer.status == 200
            assert "/d/" not in answer.text
        (message,) = visitor.rows(Message)
        assert (message.kind, message.lead_id, message.contact_id) == ("link", lead.id, contact.id)
        visitor.workspace.leads.intake._now = clock  # at the turn of a minute one more may be let through
        assert [visitor.post(old).status for _time in range(12)][-2:] == [429, 429]

    def test_who_left_a_phone_number_only_is_led_to_the_form(self, visitor) -> None:
        old = visitor.download(visitor.lead(visitor.contact(None, "+8613800138000")), days=-1)
        for answer in (visitor.get(old), visitor.post(old)):
            assert answer.status == 410
            assert 'href="/en/paper/"' in answer.text
            assert "<form" not in answer.text
        assert visitor.rows(Message) == []

    def test_h1_link_of_a_machine_whose_clock_is_ahead_or_behind(self, visitor, lead) -> None:
        seconds = {link: visitor.download(lead, days=link / 86_400) for link in (-100, -200)}
        assert {late: visitor.get(link).status for late, link in seconds.items()} == {-100: 200, -200: 410}

    @pytest.mark.row("D1")
    def test_erased_and_forged_are_the_same_nothing(self, visitor, lead) -> None:
        """(D1) The same page for whatever is not a link of ours, and for people who are not there any more."""
        links = visitor.workspace.leads.links
        stranger = links.sign(
            DOWNLOAD_LINK, Grant("0" * 32, lead.asset_id, visitor.workspace.now() + timedelta(days=1))
        )
        token = visitor.token(DOWNLOAD_LINK, lead)
        with visitor.workspace.store.write() as session:
            session.delete(session.get(Lead, lead.id))
        answers = [visitor.get(f"/d/{each}/x.pdf") for each in (stranger, token, token[:-1], "x", "A" * 5000)]
        assert {answer.status for answer in answers} == {404}
        assert len({answer.body for answer in answers}) == 1
        assert visitor.post(f"/d/{token}/x.pdf").status == 404
