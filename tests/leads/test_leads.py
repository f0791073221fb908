"""A form that was taken is on disk, once, with everything that belongs to it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from contentops.errors import LinkRefused, SubmissionInvalid
from contentops.leads.scanners import Visit
from contentops.models import Consent, Contact, ContactKey, Lead, Submission, Touch
from contentops.testing import write_content

GOOD = {
    "name": "张三",
    "company": "示例公司",
    "email": "zhang@example.cn",
    "consent_delivery": "yes",
    "utm_source": "wechat",
}


@pytest.fixture
def gated(any_workspace):
    for name in ("w", "v"):
        write_content(
            any_workspace,
            f"whitepaper/{name}/index.md",
            "---\ntitle: 白皮书\ncontentops: {gate: gated, attachment: w.pdf}\n---\n",
        )
        write_content(any_workspace, f"whitepaper/{name}/w.pdf", b"%PDF")
    any_workspace.assets.sync()
    return any_workspace


def take(workspace, slug: str = "w", **values):
    asset = workspace.assets.get(slug)
    return workspace.leads.capture(asset, {**GOOD, **values}.items(), page=f"/zh/{slug}/")


def rows_of(workspace, table) -> list:
    with workspace.store.read() as session:
        return list(session.exec(select(table)))


class TestCapture:
    def test_everything_is_stored_together(self, gated) -> None:
        captured = take(gated, consent_marketing="yes", utm_campaign="q4")
        (contact,) = rows_of(gated, Contact)
        (lead,) = rows_of(gated, Lead)
        (touch,) = rows_of(gated, Touch)
        (submission,) = rows_of(gated, Submission)
        assert (contact.name, contact.email, lead.contact_id) == ("张三", "zhang@example.cn", contact.id)
        assert captured.lead_id == lead.id == touch.lead_id == submission.lead_id
        assert (touch.source, touch.campaign, touch.landing_path) == ("wechat", "q4", "/zh/w/")
        consents = {row.purpose: row for row in rows_of(gated, Consent)}
        assert set(consents) == {"delivery", "marketing"}
        assert "联巡云（示例）科技有限公司" in consents["delivery"].wording
        assert consents["delivery"].locale == "zh-CN"
        assert len(consents["delivery"].wording_sha256) == 64

    @pytest.mark.row("P4")
    def test_unticked_box_is_no_consent(self, gated) -> None:
        take(gated)
        assert [row.purpose for row in rows_of(gated, Consent)] == ["delivery"]
        assert next(gated.leads.rows())["marketing_consent"] == "no"

    def test_same_person_again_is_the_same_lead(self, gated, clock) -> None:
        first = take(gated)
        clock.forward(days=7)
        again = take(gated, email="ZHANG@example.cn", utm_source="zhihu")
        assert again.lead_id == first.lead_id
        assert [touch.source for touch in sorted(rows_of(gated, Touch), key=lambda t: t.at)] == ["wechat", "zhihu"]
        (row,) = gated.leads.rows()
        assert (row["first_source"], row["touches"]) == ("wechat", 2)
        assert len(rows_of(gated, Submission)) == 2

    def test_another_asset_is_another_lead_of_the_same_person(self, gated) -> None:
        assert take(gated).lead_id != take(gated, "v").lead_id
        assert len(rows_of(gated, Contact)) == 1

    def test_second_key_joins_the_same_person(self, gated) -> None:
        take(gated)
        take(gated, phone="138 0013 8000")
        take(gated, "v", email="", phone="+8613800138000")
        (contact,) = rows_of(gated, Contact)
        assert (contact.email, contact.phone) == ("zhang@example.cn", "+8613800138000")
        assert {key.value for key in rows_of(gated, ContactKey)} == {"mail:zhang@example.cn", "tel:+8613800138000"}

    def test_refused_form_stores_nothing(self, gated) -> None:
        with pytest.raises(SubmissionInvalid):
            take(gated, email="nonsense")
        for table in (Contact, Lead, Submission, Touch, Consent):
            assert rows_of(gated, table) == []

    def test_machine_is_kept_apart_and_gets_a_link_to_nothing(self, gated) -> None:
        captured = take(gated, website_url_confirm="x")
        assert captured.lead_id is None
        (submission,) = rows_of(gated, Submission)
        assert submission.quarantined
        assert rows_of(gated, Lead) == []
        with pytest.raises(LinkRefused):
            gated.leads.downloads.open(captured.token)

    def test_eight_clicks_at_once_are_one_lead(self, gated, at_once) -> None:
        asset = gated.assets.get("w")
        results = at_once(8, lambda: gated.leads.capture(asset, GOOD.items(), page="/zh/w/").lead_id)
        assert len(set(results)) == 1
        assert len(rows_of(gated, Lead)) == 1
        assert len(rows_of(gated, Touch)) == 8

    def test_fault_in_the_middle_stores_nothing(self, gated, monkeypatch) -> None:
        from contentops.pages.notice import Notice

        def fail(*_arguments) -> str:
            raise RuntimeError

        monkeypatch.setattr(Notice, "version", fail)  # asked for after contact, lead and touch were written
        with pytest.raises(RuntimeError):
            take(gated)
        assert rows_of(gated, Contact) == rows_of(gated, Lead) == []

    def test_link_hands_over_until_it_ends(self, gated, clock) -> None:
        captured = take(gated)
        handed = gated.leads.downloads.open(captured.token)
        assert (handed.lead_id, handed.attachment.file_name) == (captured.lead_id, "w.pdf")
        gated.leads.downloads.record(handed, Visit(clock(), "Mozilla/5.0"))
        assert next(gated.leads.rows())["downloads"] == 1
        assert captured.until - clock() == timedelta(days=14)
        clock.forward(days=15)
        with pytest.raises(LinkRefused, match="expired"):
            gated.leads.downloads.open(captured.token)


class TestPeople:
    def test_colleagues_behind_one_switchboard_stay_two(self, gated) -> None:
        take(gated, name="张三", email="z@example.cn", phone="010-6552 9988", consent_marketing="yes")
        take(gated, name="李四", email="l@example.cn", phone="010-6552 9988")
        rows = {row["name"]: row for row in gated.leads.rows()}
        assert {name: row["email"] for name, row in rows.items()} == {"张三": "z@example.cn", "李四": "l@example.cn"}
        assert {name: row["marketing_consent"] for name, row in rows.items()} == {"张三": "yes", "李四": "no"}

    def test_nobody_overwrites_a_person_by_knowing_their_address(self, gated) -> None:
        take(gated, name="张三", company="")
        take(gated, name="冒名", company="示例公司")
        (contact,) = rows_of(gated, Contact)
        assert (contact.name, contact.company) == ("张三", "示例公司")

    @pytest.mark.row("P5")
    def test_form_that_showed_another_notice_is_asked_again(self, gated) -> None:
        from contentops.pages.notice import Notice

        with pytest.raises(SubmissionInvalid) as caught:
            take(gated, notice="0" * 16)
        assert caught.value.codes == {"form": "notice"}
        assert take(gated, notice=Notice(gated.settings.privacy, "zh-CN").page_version()).lead_id
        assert [row.trusted for row in rows_of(gated, Submission)] == [False]  # nothing says when it was shown (C7)
