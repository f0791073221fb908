"""What a visitor is told (PIPL art. 17, GDPR art. 13), and what is kept of it as proof."""

from datetime import UTC, datetime

import pytest

from contentops.leads.consent.notices import notice_row
from contentops.leads.intake.entries import Shown
from contentops.models import NoticeText
from contentops.pages.notice import CHANNELS, PURPOSES, Notice
from contentops.settings import PrivacySettings
from contentops.testing import write_content

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SETTINGS = PrivacySettings(controller="联巡云（示例）科技有限公司", contact="privacy@example.com", retention_months=18)
DUTIES = {
    "who": "联巡云（示例）科技有限公司",
    "how to reach them": "contact: privacy@example.com",
    "kinds": "name, company, e-mail address or phone number",
    "whether it must be given": "voluntary",
    "purpose": "To hand you the material",
    "basis": "rest on your consent",
    "method": "store your data electronically",
    "recipients": "Our own staff",
    "how long": "18 months after the last contact",
    "access, correction, erasure": "see, correct and delete",
    "restriction": "restricted",
    "copy": "get a copy",
    "withdrawal": "withdraw each consent at any time, as easily as you gave it",
    "the way to it": "preferences link in every mail",
    "complaint": "complain to the authority",
}


@pytest.mark.parametrize("duty", DUTIES)
def test_every_duty_is_met(duty) -> None:
    assert DUTIES[duty] in Notice(SETTINGS, "en").text()


@pytest.mark.row("P4")
def test_text_has_every_wording_and_no_hole() -> None:
    """(P4) What is kept is what stood beside each box."""
    for language in ("zh-CN", "en"):
        notice = Notice(SETTINGS, language)
        text = notice.text()
        wordings = [*map(notice.wording, PURPOSES), *map(notice.channel_wording, CHANNELS)]
        assert all(f"[ ] {wording}" in text for wording in wordings)
        assert len(set(wordings)) == 5
        assert "{" not in text


def test_version_follows_every_word(monkeypatch) -> None:
    notice = Notice(SETTINGS, "zh-CN")
    others = [
        Notice(SETTINGS, "en"),
        Notice(SETTINGS.model_copy(update={"retention_months": 24}), "zh-CN"),
        Notice(SETTINGS.model_copy(update={"contact": "dpo@example.com"}), "zh-CN"),
    ]
    assert len({each.page_version() for each in (notice, *others)}) == 4
    before = notice.page_version()
    monkeypatch.setattr(Notice, "channel_wording", lambda _self, channel: f"another word for {channel}")
    assert notice.page_version() != before


@pytest.mark.row("P4")
def test_row_can_be_stored_and_read_back(workspace) -> None:
    """(P4) An old version stays resolvable."""
    notice = Notice(workspace.settings.privacy, "zh-CN")
    row = notice_row(Shown.of(notice), NOW)
    with workspace.store.write() as session:
        session.add(NoticeText.model_validate(row))
    with workspace.store.read() as session:
        kept = session.get(NoticeText, notice.page_version())
    assert (kept.text, kept.locale, kept.first_at) == (notice.text(), "zh-CN", NOW)


@pytest.mark.parametrize(
    ("contact", "is_built"),
    [("privacy@example.com", True), ("电话：021-6552 9988", True), ("https://example.cn/privacy", True), ("请问前台", False), ("x", False)],
)  # fmt: skip
def test_page_whose_notice_names_no_way_to_reach_anybody_does_not_build(make_workspace, contact, is_built) -> None:
    workspace = make_workspace(contact=contact)
    write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
    write_content(
        workspace,
        "whitepaper/w/index.md",
        "---\ntitle: 白皮书\ncontentops: {gate: gated, attachment: w.pdf}\n---\n",
    )
    workspace.assets.sync()
    report = workspace.pages.build()
    assert (report.output / "zh" / "w" / "index.html").is_file() is is_built
    assert any("privacy.contact" in str(problem) for problem in report.problems) is not is_built
