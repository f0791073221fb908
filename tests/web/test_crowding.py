"""More at once than can be answered: everybody is told so, with the headers of every answer (B19)."""

import socket
import threading
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from sqlmodel import func, select

from contentops.models import Lead
from contentops.testing import write_content
from contentops.web import app, crowding, patience
from contentops.web.reading import JSON
from contentops.web.reading import URLENCODED as FORM

MOST = 3
PAGE = "/zh/w/"


@pytest.fixture
def site(workspace, serve):
    for name, front_matter in (("w", "lang: zh-CN"), ("w-en", "lang: en\nslug: w")):
        text = f"---\ntitle: 点检白皮书\n{front_matter}\ncontentops: {{gate: gated, attachment: w.pdf}}\n---\n正文。\n"
        write_content(workspace, f"whitepaper/{name}/index.md", text)
        write_content(workspace, f"whitepaper/{name}/w.pdf", b"%PDF")
    assert not workspace.assets.sync().problems
    return serve(workspace)


def ask(site, method, path, body=None, **headers):
    connection = HTTPConnection(site.host, timeout=20)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, names)
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read().decode()
    finally:
        connection.close()


def post(site, path=f"{PAGE}form", **headers):
    form = urlencode({"name": "张三", "email": "zhang@example.cn", "consent_delivery": "yes"})
    return ask(site, "POST", path, form, Content_Type=FORM, Origin=site.address, **headers)


def slow_form(site, held: ExitStack) -> socket.socket:
    """Begin a form and leave it there."""
    host, port = site.host.split(":")
    connection = held.enter_context(socket.create_connection((host, int(port)), 20))
    head = f"POST {PAGE}form HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 9\r\n"
    connection.sendall(f"{head}Origin: {site.address}\r\n\r\nname".encode())
    return connection


def check_headers(headers) -> None:
    assert headers["retry-after"] == "5"
    assert headers["connection"] == "close"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex"
    assert "permissions-policy" in headers
    for word in ("default-src 'none'", "base-uri 'none'", "frame-ancestors"):
        assert word in headers["content-security-policy"]
    assert "server" not in headers


def until(condition) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.row("B19")
def test_B19_a_web_socket_is_asked_for_in_vain(site, caplog) -> None:
    """Whether or not a library for them is installed: the request is answered like any other, by our application."""
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "eA==",
    }
    for path, status in ((PAGE, 200), ("/nothing", 404), ("/healthz", 200)):
        answer, headers, _text = ask(site, "GET", path, **asked)
        assert answer == status, path
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors" in headers["content-security-policy"]
    assert post(site, **asked)[0] == 303
    assert "pip install" not in caplog.text


@pytest.fixture
def few_requests(monkeypatch):
    monkeypatch.setattr(app, "MOST_REQUESTS", MOST)


class TestRequests:
    @pytest.mark.row("B19")
    def test_B19_a_crowd_is_told_so_with_the_headers_of_every_answer(self, few_requests, site) -> None:
        with ExitStack() as held:
            for _number in range(MOST):
                slow_form(site, held)
            until(lambda: ask(site, "GET", PAGE)[0] == 503)
            for path, words in ((PAGE, "未保存任何信息，请稍后再试。"), ("/en/w/", "Nothing was saved")):
                for status, headers, text in (ask(site, "GET", path), post(site, f"{path}form")):
                    assert status == 503
                    assert words in text
                    assert headers["content-type"].startswith("text/html")
                    check_headers(headers)
            status, headers, text = post(site, Accept=JSON)
            assert (status, text, headers["content-type"]) == (503, '{"error":"not_saved"}', JSON)
            check_headers(headers)
            assert ask(site, "HEAD", PAGE)[2] == ""
            for watched in ("/healthz", "/readyz"):  # monitoring is not kept out
                assert ask(site, "GET", watched)[0] == 200
        until(lambda: ask(site, "GET", PAGE)[0] == 200)
        assert post(site)[0] == 303
        with site.workspace.store.read() as session:
            assert session.exec(select(func.count()).select_from(Lead)).one() == 1

    def test_every_request_gives_its_place_back(self, few_requests, site) -> None:
        """Whatever became of it: answered, refused, broken off."""
        for _number in range(2 * MOST):
            assert ask(site, "GET", "/zh/nothing/")[0] == 404
            with ExitStack() as held:
                slow_form(site, held)
        until(lambda: [ask(site, "GET", PAGE)[0] for _number in range(MOST)] == [200] * MOST)

    def test_the_usual_number_is_enough_for_many(self, site) -> None:
        found: list[int] = []
        threads = [threading.Thread(target=lambda: found.append(ask(site, "GET", PAGE)[0])) for _number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert found == [200] * 40
        assert crowding.MOST_REQUESTS < crowding.MOST_CONNECTIONS  # else nobody would see our own page


class TestConnections:
    @pytest.mark.row("B19")
    def test_B19_too_many_connections_are_told_so_too(self, site, monkeypatch) -> None:
        monkeypatch.setattr(patience, "MOST_CONNECTIONS", 5)
        host, port = site.host.split(":")
        with ExitStack() as held:
            for _number in range(5):
                held.enter_context(socket.create_connection((host, int(port)), 20))
            until(lambda: ask(site, "GET", "/healthz")[0] == 503)
            for status, headers, text in (ask(site, "GET", PAGE), post(site)):
                assert status == 503
                assert "请稍后再试" in text
                assert "try again" in text
                check_headers(headers)
        until(lambda: ask(site, "GET", PAGE)[0] == 200)
