"""People and machines that open links (D6)."""

from datetime import UTC, datetime, timedelta

import pytest

from contentops.leads.scanners import Visit, is_machine

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PEOPLE = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.49 Language/zh_CN",
    "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 Version/4.0 Chrome/116.0 Mobile Safari/537.36 QQBrowser",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1",
    "Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 Chrome/114 Mobile Safari/537.36 DingTalk/7.5 wxwork/4",
    "Mozilla/5.0 (Linux; Android 13; CUBOT KINGKONG 9) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 11; CUBOT/P50) AppleWebKit/537.36 Chrome/119.0.0.0 Mobile Safari/537.36",
]
MACHINES = [
    "", "  ", "curl/8.5.0", "python-requests/2.32", "Python-urllib/3.11", "Wget/1.21", "Go-http-client/2.0",
    "facebookexternalhit/1.1", "Slackbot-LinkExpanding 1.0", "WhatsApp/2.23", "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)", "Googlebot/2.1", "bingbot/2.0",
    "Mozilla/5.0 (compatible; bot/1.0; Mimecast Targeted Threat Protection)", "BarracudaCentral", "Proofpoint URL Defense",
    "Mozilla/5.0 SafeLinks", "Microsoft Office/16.0 (Microsoft Outlook 16.0)", "SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (via ggpht.com GoogleImageProxy)", "okhttp/4.12",
]  # fmt: skip


@pytest.mark.parametrize("agent", PEOPLE)
def test_d6_browsers_are_people_those_of_wechat_and_wecom_too(agent) -> None:
    assert not is_machine(Visit(NOW, agent), [])


@pytest.mark.row("D6")
@pytest.mark.parametrize("agent", MACHINES)
def test_d6_scanners_previews_and_programs_are_machines(agent) -> None:
    assert is_machine(Visit(NOW, agent), [])


def test_d6_link_opened_as_soon_as_its_mail_left_was_opened_by_a_scanner() -> None:
    for seconds, expected in ((0, True), (9, True), (10, False), (3600, False), (-5, False)):
        visit = Visit(NOW, PEOPLE[0])
        assert is_machine(visit, [NOW - timedelta(seconds=seconds)]) is expected, seconds
    assert is_machine(Visit(NOW, PEOPLE[0]), [None]), "the mail is leaving just now"


def test_quick_click_on_the_thank_you_page_is_a_person() -> None:
    assert not is_machine(Visit(NOW, PEOPLE[0], from_own_page=True), [NOW])
    assert is_machine(Visit(NOW, "curl/8", from_own_page=True), [])


def test_prefetch_counts_for_nobody() -> None:
    assert is_machine(Visit(NOW, PEOPLE[0], is_prefetch=True), [])
