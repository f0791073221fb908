"""Short addresses over HTTP."""

import http.client
import sqlite3
from urllib.parse import parse_qsl, urlsplit

import pytest

from contentops.pages.campaigns.short_pages import short_pages

ASSET = "zh-CN/equipment-inspection-white-paper-2026"
WECOM = "https://work.weixin.qq.com/ca/cawcde0000000000001"


@pytest.fixture
def running(example, serve):
    return serve(example)


def ask(server, path: str, method: str = "GET", **headers: str):
    connection = http.client.HTTPConnection(server.host, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def test_leads_to_the_page_with_its_campaign_in_the_form(running) -> None:
    made = running.workspace.pages.links.make(ASSET, "wechat", "秋季活动", content="hero", by="张三一")
    for path in (f"/s/{made.code}", f"/s/{made.code}/", f"/s/{made.code.upper()}"):
        status, headers, body = ask(running, path)
        assert (status, headers["location"], body) == (302, f"{made.url}&via={made.code}", b"")
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers
        head = ask(running, path, "HEAD")
        own = {"date", "x-request-id"}
        assert (head[0], {**head[1], **{name: headers[name] for name in own}}) == (302, headers)
    assert ask(running, f"/s/{made.code}", "POST")[0] == 405
    page = ask(running, headers["location"].removeprefix(running.address))[2].decode()
    assert '<input type="hidden" name="utm_campaign" value="秋季活动">' in page
    assert '<input type="hidden" name="utm_content" value="hero">' in page


@pytest.mark.row("B17")
def test_parameters_of_advertising_systems_come_along(running) -> None:
    made = running.workspace.pages.links.make(ASSET, "baidu", "q4", by="x")
    query = "bd_vid=123&gclid=a%0d%0aX:1&utm_source=evil&utm_term=%E7%82%B9%E6%A3%80&e=zhang%40example.cn&%ff=%ff"
    location = ask(running, f"/s/{made.code}?{query}")[1]["location"]
    passed = dict(parse_qsl(urlsplit(location).query))
    assert passed == {
        "utm_source": "baidu", "utm_medium": "cpc", "utm_campaign": "q4", "bd_vid": "123", "utm_term": "点检",
        "via": made.code,
    }  # fmt: skip
    long = "&".join(f"p{number}={'x' * 150}" for number in range(100))
    assert len(ask(running, f"/s/{made.code}?{long}")[1]["location"]) <= 2000


def test_wecom_gets_its_state_and_nothing_else(running) -> None:
    made = running.workspace.pages.links.make(ASSET, "wecom", "q4", wecom=WECOM, by="x")
    location = ask(running, f"/s/{made.code}?gclid=1")[1]["location"]
    assert location == f"{WECOM}?customer_channel={made.state}"


def test_any_other_code_is_the_sites_404(running) -> None:
    for code in ("bcdfghj", "x", "bcdfghj/x", "%00", "..%2f..%2fcontentops.toml", "%E5%AD%97", "b" * 3000, ""):
        status, headers, body = ask(running, f"/s/{code}")
        assert status == 404, code
        assert "不存在".encode() in body
        assert "location" not in headers


def test_a_built_page_leads_on_while_the_database_cannot_be_read(running) -> None:
    desk = running.workspace.pages.links
    made = desk.make(ASSET, "wechat", "q4", by="x")
    for path, content in short_pages(desk.all()).items():
        file = running.workspace.pages.output / path
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
    with sqlite3.connect(running.workspace.folder / "contentops.db") as connection:
        connection.execute("ALTER TABLE tracked_link RENAME TO gone")
    connection.close()
    status, headers, body = ask(running, f"/s/{made.code}/")
    assert (status, headers["cache-control"]) == (200, "no-store")
    assert made.url.replace("&", "&amp;").encode() in body
