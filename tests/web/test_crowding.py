"""More at once than can be answered: everybody is told so, with the headers of every answer (B19)."""

import socket
import threading
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from pydantic import ValidationError
from sqlmodel import func, select

from contentops.models import Lead
from contentops.settings import CaptureSettings
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
def proxied(gated_workspace, serve):
    """Behind a proxy that says for whom it asks."""
    return serve(gated_workspace(extra='\n[capture]\ntrusted_proxies = ["127.0.0.1/32"]\n'))


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

    @pytest.mark.row("A3")
    def test_A3_one_sender_who_is_slow_closes_nothing_for_others(self, proxied) -> None:
        """Their own requests beyond their share are answered 429."""
        share = crowding.share_of(crowding.MOST_REQUESTS, proxied.workspace.settings.capture)
        assert share <= crowding.MOST_REQUESTS / 5
        slow, other = {"X_Forwarded_For": "192.0.2.1"}, {"X_Forwarded_For": "192.0.2.2"}
        host, port = proxied.host.split(":")
        with ExitStack() as held:
            for _number in range(share):
                line = held.enter_context(socket.create_connection((host, int(port)), 20))
                line.sendall(
                    b"POST /u/x HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Length: 9\r\n\r\nname"
                )
            until(lambda: ask(proxied, "GET", PAGE, **slow)[0] == 429)
            status, headers, text = post(proxied, **slow)
            assert (status, "<html" in text) == (429, True)
            check_headers(headers)
            assert ask(proxied, "GET", PAGE, **other)[0] == 200
            assert post(proxied, **other)[0] == 303
            assert ask(proxied, "GET", "/healthz", **slow)[0] == 200
        until(lambda: ask(proxied, "GET", PAGE, **slow)[0] == 200)

    @pytest.mark.row("A3")
    def test_A3_personal_links_ask_the_guard_before_they_read(self, gated_workspace, serve, monkeypatch) -> None:
        site = serve(gated_workspace(extra="\n[capture]\nper_minute = 1\n"))
        assert [post(site, "/p/x")[0] for _number in range(6)] == [404] * 5 + [429]
        host, port = site.host.split(":")
        with socket.create_connection((host, int(port)), 20) as line:  # whose body does not come
            line.sendall(b"POST /p/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nname")
            assert line.recv(100).startswith(b"HTTP/1.1 429 ")
        assert [post(site, "/u/x")[0] for _number in range(6)] == [404] * 6, "mail providers unsubscribe many"

    def test_who_may_send_more_in_a_minute_may_send_them_at_once(self) -> None:
        for per_minute, share in ((1, 140), (10, 140), (200, 200), (100_000, 700)):
            assert crowding.share_of(700, CaptureSettings(per_minute=per_minute)) == share

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

    def test_pages_are_served_while_as_many_forms_wait_as_the_settings_allow(self) -> None:
        """Else a queue that is longer would be a promise that nobody keeps."""
        assert CaptureSettings(waiting=600).waiting <= crowding.MOST_REQUESTS - 100
        with pytest.raises(ValidationError, match="waiting"):
            CaptureSettings(waiting=601)


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

    @pytest.mark.row("A3")
    def test_A3_one_sender_cannot_have_all_connections(self, site) -> None:
        host, port = site.host.split(":")
        share = crowding.share_of(crowding.MOST_CONNECTIONS, site.workspace.settings.capture)
        with ExitStack() as held:
            idle = []
            for _number in range(share + 20):
                try:
                    line = socket.create_connection((host, int(port)), 20, source_address=("127.0.0.2", 0))
                except OSError:
                    pytest.skip("this system has one loopback address only")
                idle.append(held.enter_context(line))
            for line in idle[-20:]:
                assert line.recv(100) == b""  # hung up on
            idle[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle[0].recv(100).startswith(b"HTTP/1.1 200 ")
            assert ask(site, "GET", PAGE)[0] == 200
        until(lambda: is_answered(host, int(port)))


def is_answered(host: str, port: int) -> bool:
    with socket.create_connection((host, port), 20, source_address=("127.0.0.2", 0)) as line:
        try:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            return line.recv(100).startswith(b"HTTP/1.1 200 ")
        except ConnectionError:
            return False
