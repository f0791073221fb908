"""The calendar as a page: marks, folding, printing; and in a real browser without scripts."""

from datetime import date
from html.parser import HTMLParser

import pytest

from contentops.pages.calendar_page import CalendarPage
from contentops.pages.theme import Brand
from contentops.planning.working_days import WorkingCalendar


class Reader(HTMLParser):
    """Checks that every element is closed, and collects days."""

    VOID = {"meta", "link", "input", "br", "img"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.days = [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "td":
            self.days.append(dict(attrs))

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def page(tmp_path, **values) -> CalendarPage:
    given = {
        "name": "联巡云",
        "language": "zh-CN",
        "brand": Brand("#0b5c5c"),
        "calendar": WorkingCalendar("CN"),
        "week_start": "monday",
    }
    return CalendarPage(tmp_path, **{**given, **values})


TODAY = date(2026, 10, 14)


class TestMonth:
    def test_weeks_begin_where_the_team_begins_them(self, tmp_path) -> None:
        assert page(tmp_path).span("month", TODAY) == (date(2026, 9, 28), date(2026, 11, 1))
        assert page(tmp_path, week_start="sunday").span("month", TODAY) == (date(2026, 9, 27), date(2026, 10, 31))
        assert page(tmp_path).span("week", TODAY) == (date(2026, 10, 12), date(2026, 10, 18))
        assert page(tmp_path).neighbours("month", date(2026, 12, 31)) == (date(2026, 11, 30), date(2027, 1, 1))

    @pytest.mark.parametrize("language", ["zh-CN", "en"])
    def test_marks_today_and_well_formed(self, tmp_path, language) -> None:
        html = page(tmp_path, language=language).render("month", [TODAY], [], today=TODAY)
        days = Reader(html).days
        assert len(days) == 35
        assert [day for day in days if day.get("aria-current") == "date"]
        assert html.count('class="mark off"') == 5  # 1, 2, 5, 6, 7 October
        assert html.count('class="mark on"') == 1  # Saturday the 10th
        assert ("2026年10月" if language == "zh-CN" else "October 2026") in html
        assert f'lang="{language}"' in html

    def test_hostile_titles_stay_text(self, workspace) -> None:
        hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
        workspace.assets.idea(hostile, kind="qa", slug="hostile", by="x")
        workspace.calendar.plan("hostile", date(2026, 12, 17))
        html = workspace.pages.agenda(workspace.calendar.agenda()).decode()
        assert "<script" not in html
        assert "<img" not in html
        Reader(html)

    def test_a_file_to_print_folds_nothing_and_asks_nobody(self, workspace) -> None:
        for number in range(6):
            workspace.assets.idea(f"选题{number}", kind="qa", slug=f"i{number}", by="x")
            workspace.calendar.plan(f"i{number}", date(2026, 12, 17))
        workspace.assets.idea("以后再说", kind="qa", slug="later", by="x")
        html = workspace.pages.agenda(workspace.calendar.agenda()).decode()
        assert 'class="more"' not in html
        assert "以后再说" in html
        assert "http://" not in html.replace("http://127.0.0.1:8000", "")
        assert "@page" in html


@pytest.mark.browser
def test_in_a_browser_without_scripts(workspace, serve) -> None:
    """A month on a desk and the same markup as a list of days on a phone; nothing is asked of anybody else."""
    from playwright.sync_api import sync_playwright

    from tests.conftest import chromium

    for number in range(6):
        workspace.assets.idea(f"设备点检怎样闭环 {number}", kind="qa", slug=f"i{number}", by="x")
        workspace.calendar.plan(f"i{number}", date(2026, 12, 17))
    server = serve(workspace)
    made = server.workspace.calendar.feeds.add("张三一")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        for width, height in ((1280, 900), (360, 740)):
            context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=False)
            window, asked, said = context.new_page(), [], []
            window.on("request", lambda request, asked=asked: asked.append(request.url))
            window.on("console", lambda message, said=said: said.append(message.text))
            window.goto(made.page + "?day=2026-12-10")
            assert said == []
            assert all(url.startswith(server.address) for url in asked)
            assert window.evaluate("document.documentElement.scrollWidth") <= width
            table = window.locator("table.month")
            assert table.locator("thead").is_visible() is (width > 700)
            busy = window.locator("td", has_text="发布 · 设备点检怎样闭环 0").first
            assert busy.is_visible()
            more = busy.locator("details.more summary")
            assert "2" in more.inner_text()
            more.click()
            assert busy.locator("details.more .entry").first.is_visible()
            window.select_option("select[name=lane]", "publication")
            window.click("button")
            assert "lane=publication" in window.url
            assert window.get_by_text("收集问题 · 设备点检怎样闭环 0").count() == 0
            window.get_by_role("link", name="周", exact=True).first.click()
            assert "view=week" in window.url
            context.close()
        browser.close()
