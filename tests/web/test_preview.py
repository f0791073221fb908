"""`contentops page preview`: what is on its way, over a real server and in a real browser."""

import http.client
import shutil
import threading
import time
from urllib.parse import quote, urlencode

import pytest

from contentops.testing import write_content
from contentops.workspace import Workspace

PAPER = "---\ntitle: 白皮书\ncontentops: {gate: gated, attachment: w.pdf}\n---\n\n## 第一节\n\n正文一。\n"


@pytest.fixture
def previewed(workspace):
    """Start the preview's real server; returns a function that asks it."""
    from contentops.web.server import bind, make_preview_server

    write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
    write_content(workspace, "whitepaper/w/index.zh.md", PAPER)
    write_content(workspace, "qa/entwurf.md", "---\ntitle: 草稿页\ndraft: true\n---\n草稿正文\n")
    write_content(workspace, "qa/spaeter.md", "---\ntitle: 以后的页\npublishDate: 2027-03-01\n---\n以后\n")
    write_content(workspace, "qa/frueher.md", "---\ntitle: 过期的页\nexpiryDate: 2026-03-01\n---\n过期\n")
    listening = bind("127.0.0.1", 0)
    port = listening.getsockname()[1]
    served = Workspace(workspace.folder, workspace.settings, now=workspace.now)
    server = make_preview_server(served)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)

    def ask(path: str, method: str = "GET", form: dict | None = None) -> tuple[int, str, dict]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        connection.request(method, quote(path, safe="/?=&"), urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, dict(answer.getheaders())

    ask.port = port
    ask.workspace = workspace
    yield ask
    server.should_exit = True
    thread.join(15)
    listening.close()
    served.close()
    assert not thread.is_alive()


def test_a_web_socket_is_asked_for_in_vain(previewed) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", previewed.port, timeout=20)
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "eA==",
    }
    connection.request("GET", "/zh/w/", headers=asked)
    answer = connection.getresponse()
    assert answer.status == 200
    assert "<html" in answer.read().decode()
    connection.close()


def version(port: int, after: str | None = None) -> str:
    """Return the version that the server tells; with `after`, the next one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/_preview/events")
    answer = connection.getresponse()
    while True:
        line = answer.readline().decode().strip()
        if line.startswith("data:") and line != after:
            connection.close()
            return line


class TestPages:
    def test_list_names_everything_and_why_it_is_not_public(self, previewed) -> None:
        status, text, headers = previewed("/_preview/")
        assert status == 200
        for words in ("草稿页", "Draft", "以后的页", "Public from 1 March 2027", "过期的页", "Expired on 1 March 2026"):
            assert words in text
        assert headers["cache-control"] == "no-store"
        assert previewed("/")[0] == 307

    @pytest.mark.parametrize(
        ("path", "words"),
        [
            ("/zh/entwurf/", "Draft"),
            ("/zh/spaeter/", "Public from 1 March 2027"),
            ("/zh/frueher/", "Expired on 1 March 2026"),
        ],
    )
    def test_page_that_visitors_do_not_see_has_a_banner(self, previewed, path, words) -> None:
        status, text, _headers = previewed(path)
        assert status == 200
        assert f"<b>{words}</b>" in text

    def test_every_state_of_the_form(self, previewed) -> None:
        assert 'role="alert"' not in previewed("/zh/w/")[1]
        mistakes = previewed("/zh/w/?state=errors")[1]
        assert 'role="alert"' in mistakes
        assert mistakes.count('aria-invalid="true"') >= 4
        assert "w.pdf" in previewed("/zh/w/thanks/")[1]
        assert "链接已过期" in previewed("/zh/w/?state=expired")[1]

    def test_bench_shows_phone_and_desktop_and_links_every_state(self, previewed) -> None:
        text = previewed("/_preview/zh/w/")[1]
        assert text.count("<iframe") == 2
        assert all(f"?state={state}" in text for state in ("page", "errors", "thanks", "expired"))

    def test_findings_and_keywords_of_the_page(self, previewed) -> None:
        text = previewed("/_preview/findings/zh/w/")[1]
        assert "missing-promise" in text
        assert "content/whitepaper/w/index.zh.md:3" in text

    def test_form_is_checked_and_nothing_is_stored(self, previewed) -> None:
        status, text, _headers = previewed("/zh/w/form", "POST", {"name": "", "email": "not an address"})
        assert status == 422
        assert "not an address" in text
        good = {"name": "张示例", "email": "zhang@example.cn", "consent_delivery": "yes"}
        status, _text, headers = previewed("/zh/w/form", "POST", good)
        assert (status, headers["location"]) == (303, "thanks/")
        assert not list(previewed.workspace.leads.rows())

    def test_unknown_addresses_and_methods(self, previewed) -> None:
        assert previewed("/zh/nichts/")[0] == 404
        assert previewed("/../contentops.toml")[0] == 404
        assert previewed("/_preview/specimens/zh-CN/nichts/")[0] == 404
        assert previewed("/_preview/nichts/nichts/")[0] == 307

    def test_components_of_the_theme(self, previewed) -> None:
        text = previewed("/_preview/specimens/")[1]
        assert "/_preview/specimens/zh-CN/" in text
        path = text.split('href="/_preview/specimens/zh-CN/')[1].split('"')[0]
        assert previewed(f"/_preview/specimens/zh-CN/{path}")[0] == 200

    def test_another_host_name_is_refused(self, previewed) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", previewed.port, timeout=20)
        connection.request("GET", "/_preview/", headers={"Host": "evil.example.com"})
        assert connection.getresponse().status == 400
        connection.close()


class TestReload:
    def test_saved_text_theme_and_settings_show_and_are_told(self, previewed) -> None:
        folder, port = previewed.workspace.folder, previewed.port
        before = version(port)
        write_content(previewed.workspace, "whitepaper/w/index.zh.md", PAPER + "\n新的一段。\n")
        before = version(port, before)
        assert "新的一段。" in previewed("/zh/w/")[1]
        own = folder / "templates" / "calm"
        own.mkdir()
        (own / "layout.html").write_text('{% extends "!shipped/layout.html" %}{% block footer %}页脚二{% endblock %}')
        before = version(port, before)
        assert "页脚二" in previewed("/zh/w/")[1]
        settings = folder / "contentops.toml"
        settings.write_text(settings.read_text(encoding="utf-8").replace("联巡云", "新名字"), encoding="utf-8")
        version(port, before)
        assert "新名字" in previewed("/zh/w/")[1]

    def test_mistake_is_told_on_the_page_and_what_was_good_stays(self, previewed) -> None:
        before = version(previewed.port)
        write_content(previewed.workspace, "whitepaper/w/index.zh.md", PAPER.replace("白皮书", "a: b: c"))
        before = version(previewed.port, before)
        text = previewed("/zh/w/")[1]
        assert "content/whitepaper/w/index.zh.md:2" in text
        assert "<h1>白皮书</h1>" in text
        own = previewed.workspace.folder / "templates" / "calm"
        own.mkdir()
        (own / "landing.html").write_text("{% if %}")
        version(previewed.port, before)
        status, text, _headers = previewed("/zh/w/")
        assert status == 500
        assert "templates/calm/landing.html:1" in text


@pytest.mark.browser
def test_browser_reloads_by_itself(previewed) -> None:
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, names)))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        wrong = []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.goto(f"http://127.0.0.1:{previewed.port}/zh/w/")
        page.get_by_text("正文一。").wait_for()
        write_content(previewed.workspace, "whitepaper/w/index.zh.md", PAPER.replace("正文一", "正文二"))
        page.get_by_text("正文二。").wait_for(timeout=10_000)
        page.goto(f"http://127.0.0.1:{previewed.port}/_preview/zh/w/")
        page.get_by_text("missing-promise").wait_for(timeout=10_000)
        assert page.frame_locator("iframe").first.locator("h1").inner_text() == "白皮书"
        assert page.frame_locator("iframe").first.locator(".preview-bar").count() == 0
        assert not wrong
        browser.close()
