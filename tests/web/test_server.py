"""The real server over real sockets: pages, the form's law, downloads."""

import json
import logging
import re
import socket
import sqlite3
import time
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import unquote, urlencode

import pytest
from sqlmodel import select

from contentops.errors import WorkspaceError
from contentops.leads.grants import FORM_SHOWN, Grant
from contentops.leads.intake.desk import FORM_HOURS
from contentops.models import Download, Lead, Submission, Touch
from contentops.pages.notice import Notice
from contentops.testing import write_content
from contentops.web.reading import JSON
from contentops.web.reading import URLENCODED as FORM
from contentops.web.server import bind

PAGE = "/zh/equipment-inspection-white-paper-2026/"
ENGLISH = "/en/equipment-inspection-white-paper-2026/"
GOOD = {"name": "张三", "company": "示例公司", "email": "zhang@example.cn", "consent_delivery": "yes"}


@pytest.fixture
def server(example, serve):
    return serve(example)


@pytest.fixture
def ask(server):
    """One request; returns status, headers (lower case) and body."""

    def request(method: str, path: str, body=None, **headers):
        connection = HTTPConnection(server.host, timeout=20)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, names)
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        finally:
            connection.close()

    return request


@pytest.fixture
def post(ask, server):
    def send(page: str = PAGE, fields=None, **headers):
        given = {"Content_Type": FORM, "Origin": server.address, **headers}
        return ask("POST", f"{page}form", urlencode(GOOD if fields is None else fields), **given)

    return send


def shown_a_minute_ago(workspace, page: str) -> str:
    until = workspace.now() + timedelta(hours=FORM_HOURS, minutes=-1)
    return workspace.leads.links.sign(FORM_SHOWN, Grant(page, "", until))


def downloads(server, expected: int) -> int:
    """Count hand-overs; they are written after the file was sent, so wait a moment for them."""
    for _try in range(100):
        if len(stored(server, Download)) >= expected:
            break
        time.sleep(0.05)
    return len(stored(server, Download))


def stored(server, table) -> list:
    with server.workspace.store.read() as session:
        return list(session.exec(select(table)))


class TestPages:
    def test_files_and_headers(self, ask) -> None:
        for path in ("/", "/zh/", "/en/", PAGE, ENGLISH, "/zh/privacy/", "/robots.txt", "/sitemap.xml"):
            status, headers, body = ask("GET", path)
            assert status == 200, path
            assert body
            assert headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "server" not in headers
        assert ask("HEAD", PAGE)[0] == 200
        assert ask("GET", "/healthz")[2] == b'{"status":"ok"}'

    def test_unknown_page_is_a_page_in_the_right_language(self, ask) -> None:
        assert "不存在".encode() in ask("GET", "/zh/nothing/")[2]
        assert ask("GET", "/zh")[1]["location"] == "/zh/"
        status, _headers, body = ask("GET", "/en/nothing/")
        assert status == 404
        assert b"This page does not exist" in body

    @pytest.mark.parametrize(
        "path", ["/../contentops.toml", "/%2e%2e/contentops.toml", "/..%2fcontentops.toml", "/%252e%252e/x", "/static/../../contentops.db",
                 "/zh/..%5c..%5ccontentops.toml", "/%00", "//evil.example/..", "/.contentops/secret_key", "/d/x/..%2f..%2fcontentops.db"]
    )  # fmt: skip
    def test_nothing_outside_the_site_is_served(self, ask, path) -> None:
        status, headers, body = ask("GET", path)
        assert status in (308, 400, 404)
        assert b"sqlite" not in body
        assert not headers.get("location", "/").startswith("//")
        assert "http" not in headers.get("location", "/")

    def test_campaign_travels_in_the_form_without_scripts(self, ask) -> None:
        query = urlencode({"utm_source": "wechat", "utm_campaign": '"><script>alert(1)</script>', "other": "x"})
        _status, headers, body = ask("GET", f"{PAGE}?{query}", Referer="https://www.zhihu.com/question/1?private=1")
        text = body.decode()
        assert '<input type="hidden" name="utm_source" value="wechat">' in text
        assert '<input type="hidden" name="referrer_host" value="www.zhihu.com">' in text
        assert "<script>alert" not in text
        assert "private=1" not in text
        assert headers["cache-control"] == "no-store"


class TestForm:
    def test_accepted_means_stored_and_leads_to_the_file(self, post, ask, server) -> None:
        status, headers, _body = post()
        assert status == 303
        assert headers["cache-control"] == "no-store"
        assert len(stored(server, Lead)) == 1
        location = headers["location"]
        assert location.startswith(f"{PAGE}thanks/?g=")
        assert "zhang" not in location
        status, headers, body = ask("GET", location)
        assert (status, headers["referrer-policy"], headers["x-robots-tag"]) == (200, "no-referrer", "noindex")
        link = re.search(r'href="(/d/[^"]+)"', body.decode())[1]
        status, headers, body = ask("GET", link)
        assert status == 200
        assert body.startswith(b"%PDF")
        assert headers["content-type"] == "application/pdf"
        assert unquote(headers["content-disposition"]).endswith("filename*=UTF-8''设备点检数字化白皮书.pdf")
        assert headers["content-security-policy"] == "sandbox"
        assert headers["x-content-type-options"] == "nosniff"

    def test_wrong_form_comes_back_with_what_was_typed(self, post, server) -> None:
        typed = {
            **GOOD,
            "name": "<b>张</b>",
            "email": "nonsense",
            "company": '公司 & "Co"',
            "utm_source": "wechat",
            "consent_marketing": "yes",
        }
        status, headers, body = post(fields=typed)
        text = body.decode()
        assert status == 422
        assert 'value="&lt;b&gt;张&lt;/b&gt;"' in text
        assert 'value="nonsense"' in text
        assert 'aria-describedby="email-error"' in text
        assert 'role="alert"' in text
        assert 'href="#email"' in text
        assert "<title>错误：" in text
        assert 'name="utm_source" value="wechat"' in text
        assert headers["referrer-policy"] == "same-origin"
        assert re.search(r'id="consent_marketing"[^>]* checked', text)
        assert stored(server, Lead) == stored(server, Submission) == []

    def test_english_page_speaks_english(self, post) -> None:
        text = post(ENGLISH, {"name": ""})[2].decode()
        assert "<title>Error: " in text
        assert "please fill this in" in text
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"联巡云[^<\s]*|中文", "", text))

    def test_json(self, ask, server) -> None:
        body = json.dumps(GOOD).encode()
        status, headers, answer = ask("POST", f"{PAGE}form", body, Content_Type=JSON, Accept=JSON)
        assert status == 200
        assert headers["content-type"] == "application/json"
        link = json.loads(answer)["download"]
        assert ask("GET", link.removeprefix(server.address))[2].startswith(b"%PDF")
        status, _headers, answer = ask("POST", f"{PAGE}form", b'{"name": ""}', Content_Type=JSON, Accept=JSON)
        assert status == 422
        assert json.loads(answer)["errors"] == {"name": "required", "email": "contact", "consent_delivery": "consent"}
        assert stored(server, Submission)[0].trusted is False

    @pytest.mark.parametrize(
        ("headers", "body", "status"),
        [
            ({"Content_Type": "text/plain"}, b"name=x", 415),
            ({"Content_Type": "multipart/form-data; boundary=x"}, b"--x", 400),
            ({"Content_Type": FORM}, b"x" * 70_000, 413),
            ({"Content_Type": FORM}, b"name=%FF", 400),
            ({"Content_Type": JSON}, b"[]", 400),
            ({"Content_Type": FORM, "Origin": "https://evil.example"}, b"name=x", 403),
            ({"Content_Type": FORM, "Sec_Fetch_Site": "cross-site"}, b"name=x", 403),
            ({"Content_Type": FORM, "Content_Encoding": "gzip"}, b"name=x", 415),
        ],
    )
    def test_answer_contract(self, ask, server, headers, body, status) -> None:
        for accept, kind in (("text/html", "text/html"), (JSON, JSON)):
            answer, got, content = ask("POST", f"{PAGE}form", body, Accept=accept, **headers)
            assert answer == status
            assert got["content-type"].startswith(kind)
            assert content
        assert stored(server, Submission) == []

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
    def test_only_post_takes_a_form(self, ask, server, method) -> None:
        status, headers, _body = ask(method, f"{PAGE}form?{urlencode(GOOD)}")
        assert status == 405
        assert "POST" in headers["allow"]
        assert stored(server, Submission) == []

    @pytest.mark.parametrize("page", ["/zh/nothing/", "/en/nothing/", "/zh/design-a-25-minute-route/", "/xx/y/"])
    def test_form_of_a_page_that_is_not_there_or_not_gated(self, post, page) -> None:
        assert post(page)[0] == 404

    def test_redirect_goes_nowhere_else(self, post) -> None:
        for name in ("next", "redirect", "url", "return_to"):
            assert post(fields={**GOOD, name: "//evil.example"})[1]["location"].startswith(PAGE)

    def test_host_header_is_never_used(self, post) -> None:
        status, headers, _body = post(Host="evil.example", X_Forwarded_Host="evil.example")
        assert status == 303
        assert "evil" not in headers["location"]

    def test_machine_gets_the_same_answer(self, post, server) -> None:
        assert post(fields={**GOOD, "website_url_confirm": "x"})[0] == 303
        assert stored(server, Lead) == []
        assert stored(server, Submission)[0].quarantined

    def test_unpublished_page_takes_no_form(self, post, server) -> None:
        server.workspace.assets.move("zh-CN/equipment-inspection-white-paper-2026", "retired", by="x")
        assert post()[0] == 404

    def test_too_many_from_one_sender(self, post, server) -> None:
        """Who does not say which notice they read, and when, is trusted half as much (C7)."""
        answers = [post(fields={**GOOD, "email": f"a{n}@example.cn"}) for n in range(7)]
        assert [answer[0] for answer in answers] == [303] * 5 + [429] * 2
        shown = {
            "notice": Notice(server.workspace.settings.privacy, "zh-CN").page_version(),
            "form_token": shown_a_minute_ago(server.workspace, PAGE),
        }
        answers = [post(fields={**GOOD, **shown, "email": f"b{n}@example.cn"}) for n in range(9)]
        assert [answer[0] for answer in answers] == [303] * 5 + [429] * 4
        assert 1 <= int(answers[-1][1]["retry-after"]) <= 121
        # Nobody chooses their own address.
        assert post(X_Forwarded_For="6.6.6.6")[0] == 429

    @pytest.mark.row("F4")
    def test_database_that_is_locked_is_said_and_nothing_lost(self, post, server, monkeypatch) -> None:
        from contentops.store import engine as engines

        monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 200)
        server.workspace.store.engine.dispose()
        other = sqlite3.connect(server.workspace.folder / "contentops.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            status, headers, body = post()
        finally:
            other.execute("ROLLBACK")
            other.close()
        assert status == 503
        assert headers["retry-after"] == "5"
        assert 'value="zhang@example.cn"' in body.decode()
        assert post()[0] == 303
        assert len(stored(server, Lead)) == 1

    def test_slow_and_broken_senders(self, server, monkeypatch) -> None:
        from contentops.web import reading

        monkeypatch.setattr(reading, "BODY_DEADLINE_SECONDS", 0.3)
        head = f"POST {PAGE}form HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
        host, port = server.host.split(":")
        with socket.create_connection((host, int(port)), 10) as slow:
            slow.sendall(f"{head}Content-Length: 100\r\n\r\nname=".encode())
            assert b" 408 " in slow.recv(200)
        with socket.create_connection((host, int(port)), 10) as gone:
            gone.sendall(f"{head}Content-Length: 100\r\n\r\nname=".encode())
        with socket.create_connection((host, int(port)), 10) as endless:
            endless.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            try:
                for _chunk in range(100):
                    endless.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            except OSError:
                pass
            assert b" 413 " in endless.recv(200)
        with socket.create_connection((host, int(port)), 10) as junk:
            junk.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
            assert b"400" in junk.recv(200)

    def test_no_personal_data_in_the_log_of_a_conflict(self, any_workspace, serve, caplog, monkeypatch) -> None:
        """PostgreSQL quotes the value that was there already."""
        from contentops.leads.identity.arriving import Decision
        from contentops.leads.intake import capture

        text = "---\ntitle: x\nlang: zh-CN\nslug: w\ncontentops: {gate: gated, attachment: w.pdf}\n---\n"
        write_content(any_workspace, "whitepaper/w/index.md", text)
        write_content(any_workspace, "whitepaper/w/w.pdf", b"%PDF")
        any_workspace.assets.sync()
        server = serve(any_workspace)

        def somebody_new(points, *_known) -> Decision:
            return Decision(None, tuple(point.key for point in points), (), ())

        monkeypatch.setattr(capture, "decide", somebody_new)
        for expected in (303, 503):
            connection = HTTPConnection(server.host, timeout=20)
            connection.request("POST", "/zh/w/form", urlencode(GOOD), {"Content-Type": FORM})
            response = connection.getresponse()
            response.read()
            connection.close()
            assert response.status == expected
        assert "StoreConflict" in caplog.text
        assert "zhang@" not in caplog.text

    def test_no_personal_data_in_the_log(self, post, ask, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        post()
        post(fields={**GOOD, "email": "canary@nonsense"})
        ask("GET", f"{PAGE}?email=canary@example.com")
        assert "zhang@" not in caplog.text
        assert "canary" not in caplog.text


class TestDownload:
    @pytest.fixture
    def link(self, post, ask):
        page = ask("GET", post()[1]["location"])[2].decode()
        return re.search(r'href="(/d/[^"]+)"', page)[1]

    def test_scanners_do_not_use_a_link_up(self, ask, link, server) -> None:
        for method in ("HEAD", "HEAD", "GET", "GET"):
            assert ask(method, link)[0] == 200
        assert downloads(server, 2) == 2

    def test_resume(self, ask, link, server) -> None:
        whole = ask("GET", link)[2]
        status, headers, part = ask("GET", link, Range="bytes=1000-1999")
        assert (status, part) == (206, whole[1000:2000])
        assert headers["content-range"].startswith("bytes 1000-1999/")
        assert ask("GET", link, Range="bytes=" + ",".join(f"{n}-{n}" for n in range(0, 4000, 2)))[2] == whole
        assert downloads(server, 2) == 2

    def test_forged_link_is_not_there(self, ask, link) -> None:
        token = link.split("/")[2]
        for wrong in (token[:-2] + "AA", "x", "你好".encode().hex(), token + "x" * 700, "%E4%BD%A0"):
            assert ask("GET", f"/d/{wrong}/x.pdf")[0] == 404
        assert ask("GET", f"/d/{token}/another-name.pdf")[0] == 200  # the name is for people only

    @pytest.mark.row("D12")
    def test_file_that_is_gone_is_said_and_forms_go_on(self, ask, link, post, server) -> None:
        for kept in server.workspace.assets.kept_files.iterdir():
            kept.unlink()
        status, headers, _body = ask("GET", link)
        assert (status, headers["retry-after"]) == (503, "300")
        assert post()[0] == 303

    def test_thanks_without_a_link_leads_back(self, ask) -> None:
        for query in ("", "?g=", "?g=forged"):
            status, headers, body = ask("GET", f"{PAGE}thanks/{query}")
            assert status == 200
            assert f'href="{PAGE}"' in body.decode()
            assert headers["cache-control"] == "no-store"

    def test_campaign_is_kept(self, post, server) -> None:
        post(fields={**GOOD, "utm_source": "wechat", "utm_medium": "article", "referrer_host": "mp.weixin.qq.com"})
        (touch,) = stored(server, Touch)
        assert (touch.source, touch.medium, touch.referrer_host, touch.landing_path) == (
            "wechat",
            "article",
            "mp.weixin.qq.com",
            PAGE,
        )


def test_last_resort_says_nothing_about_the_inside(example, serve, monkeypatch) -> None:
    server = serve(example)

    def broken(*_arguments):
        raise RuntimeError("secret detail /etc/passwd")

    monkeypatch.setattr(type(server.workspace.pages.visitor), "gated_asset", broken)
    connection = HTTPConnection(server.host, timeout=10)
    connection.request("POST", f"{PAGE}form", urlencode(GOOD), {"Content-Type": FORM})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status == 500
    assert b"secret detail" not in body
    assert b"Traceback" not in body


def test_port_that_is_taken_is_a_sentence() -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(WorkspaceError, match="--port"):
            bind("127.0.0.1", taken.getsockname()[1])


class TestOddRequests:
    def test_other_languages_have_their_forms_too(self, workspace, serve) -> None:
        for tag in ("de", "en-GB"):
            text = f"---\ntitle: {tag}\nlang: {tag}\nslug: w\ncontentops: {{gate: gated, attachment: w.pdf}}\n---\n"
            write_content(workspace, f"whitepaper/{tag}/index.md", text)
            write_content(workspace, f"whitepaper/{tag}/w.pdf", b"%PDF")
        workspace.assets.sync()
        server = serve(workspace)
        for prefix in ("de", "en-gb"):
            connection = HTTPConnection(server.host, timeout=10)
            connection.request("POST", f"/{prefix}/w/form", urlencode(GOOD), {"Content-Type": FORM})
            response = connection.getresponse()
            response.read()
            connection.close()
            assert response.status == 303
            assert response.getheader("Location").startswith(f"/{prefix}/w/thanks/")

    @pytest.mark.parametrize("referrer", ["http://x:abc/", "http://[bad/", "nonsense"])
    def test_junk_referrer_is_ignored(self, ask, referrer) -> None:
        assert ask("GET", PAGE, Referer=referrer)[0] == 200

    def test_own_server_is_no_foreign_site_whatever_public_url_says(self, ask, server) -> None:
        port = server.host.split(":")[1]
        body = urlencode(GOOD)
        assert ask("POST", f"{PAGE}form", body, Content_Type=FORM, Origin=f"http://localhost:{port}")[0] == 303
        assert (
            ask("POST", f"{PAGE}form", body, Content_Type=FORM, Origin="null", Sec_Fetch_Site="same-origin")[0] == 303
        )

    def test_own_pages_are_no_referrer_whatever_public_url_says(self, ask, server) -> None:
        port = server.host.split(":")[1]
        body = ask("GET", PAGE, Referer=f"http://localhost:{port}/zh/")[2].decode()
        assert "referrer_host" not in body

    def test_campaign_survives_the_missing_slash(self, ask) -> None:
        status, headers, _body = ask("GET", f"{PAGE[:-1]}?utm_source=wechat")
        assert (status, headers["location"]) == (308, f"{PAGE}?utm_source=wechat")

    def test_half_a_request_is_hung_up_on(self, example, serve, monkeypatch) -> None:
        from contentops.web import patience

        monkeypatch.setattr(patience, "HEADER_DEADLINE_SECONDS", 0.3)
        server = serve(example)
        host, port = server.host.split(":")
        with socket.create_connection((host, int(port)), 10) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost:")
            assert slow.recv(100) == b""

    def test_database_that_is_gone_is_503_and_pages_stay(self, ask, server) -> None:
        server.workspace.close()
        (server.workspace.folder / "contentops.db").rename(server.workspace.folder / "gone.db")
        assert ask("GET", PAGE)[0] == 200
        assert ask("GET", f"{PAGE}?utm_source=x")[0] == 200
        status, headers, _body = ask("GET", f"{PAGE}thanks/?g=x")
        assert (status, headers["retry-after"]) == (503, "5")
        assert "default-src 'none'" in headers["content-security-policy"]

    def test_impatience_does_not_cost_the_hour(self, post) -> None:
        answers = [post(fields={**GOOD, "email": f"a{n}@example.cn"}) for n in range(70)]
        assert int(answers[-1][1]["retry-after"]) <= 61


@pytest.mark.row("F20")
def test_whole_way_on_both_databases(any_workspace, serve) -> None:
    """Page, form, thank-you page, file: on SQLite and on PostgreSQL."""
    text = "---\ntitle: 白皮书\nlang: zh-CN\ncontentops: {gate: gated, attachment: 白皮书.pdf}\n---\n"
    write_content(any_workspace, "whitepaper/w/index.md", text)
    write_content(any_workspace, "whitepaper/w/白皮书.pdf", b"%PDF-1.7 x")
    any_workspace.assets.sync()
    server = serve(any_workspace)

    def ask(method: str, path: str, body: str | None = None):
        connection = HTTPConnection(server.host, timeout=20)
        connection.request(method, path, body, {"Content-Type": FORM, "Origin": server.address})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response, content

    form = ask("GET", "/zh/w/")[1].decode()
    notice = re.search(r'name="notice" value="(\w+)"', form)[1]
    response, _content = ask(
        "POST",
        "/zh/w/form",
        urlencode(
            {**GOOD, "name": "龘𠮷", "notice": notice, "form_token": shown_a_minute_ago(server.workspace, "/zh/w/")}
        ),
    )
    assert response.status == 303
    thanks = ask("GET", response.getheader("Location"))[1].decode()
    response, content = ask("GET", re.search(r'href="(/d/[^"]+)"', thanks)[1])
    assert content == b"%PDF-1.7 x"
    (lead,) = server.workspace.leads.rows()
    assert lead["name"] == "龘𠮷"
    assert stored(server, Submission)[0].trusted


class TestFormsElsewhere:
    """Pages lie on another host than the server that takes their forms."""

    @pytest.mark.row("B19")
    def test_forms_go_there_and_a_mistake_can_be_mended_there(self, example, serve) -> None:
        forms = "https://forms.example.com"
        site = example.settings.site.model_copy(update={"form_origin": forms})
        object.__setattr__(example, "settings", example.settings.model_copy(update={"site": site}))
        server = serve(example)
        connection = HTTPConnection(server.host, timeout=10)
        connection.request("GET", PAGE)
        answer = connection.getresponse()
        assert f'action="{forms}{PAGE}form"' in answer.read().decode()
        assert f"form-action 'self' {forms};" in answer.headers["Content-Security-Policy"]
        for origin, status in ((server.address, 422), (forms, 422), ("https://evil.example.com", 403)):
            headers = {"Content-Type": FORM, "Origin": origin}
            connection.request("POST", f"{PAGE}form", urlencode({"name": ""}), headers)
            refused = connection.getresponse()
            refused.read()
            assert refused.status == status, origin
            # To hang up on a body that is still coming in would reset the connection, and the answer with it.
            assert "Connection" not in refused.headers
        connection.close()


class TestCampaignVisitors:
    def test_page_is_the_built_one_with_the_campaign_in_its_form(self, ask, server) -> None:
        _status, _headers, plain = ask("GET", PAGE)
        status, headers, body = ask(
            "GET", PAGE + '?utm_source=wechat&utm_campaign="><script>x</script>&utm_term=a@b.cn'
        )
        assert status == 200
        assert headers["cache-control"] == "no-store"
        text = body.decode()
        assert '<input type="hidden" name="utm_source" value="wechat">' in text
        assert "<script>x" not in text
        assert "utm_term" not in text
        assert '<input type="hidden" name="landing" value="/zh/equipment-inspection-white-paper-2026/">' in text
        added = r'<input type="hidden" name="(utm_\w+|landing|form_token)"[^>]*>|\?utm_source[^"#]*'
        assert re.sub(added, "", text) == re.sub(added, "", plain.decode())

    def test_theme_that_writes_the_field_in_another_way(self, example, serve) -> None:
        folder = example.folder / "templates" / "calm" / "sections"
        folder.mkdir(parents=True)
        (folder / "hero.html").write_text(
            "<h1>x</h1>{% for name, value in form.hidden if form %}<input name={{ name }} value={{ value }}>{% endfor %}"
        )
        server = serve(example)
        connection = HTTPConnection(server.host, timeout=20)
        connection.request("GET", PAGE + "?utm_source=wechat")
        html = connection.getresponse().read().decode()
        connection.close()
        assert "<input name=utm_source value=wechat>" in html
        (token,) = re.findall(r"<input name=form_token value=([^ >]+)>", html)  # the same limits as for other pages
        assert server.workspace.leads.links.read(FORM_SHOWN, token, server.workspace.now()).subject_id == PAGE


class TestShortLinks:
    def test_title_of_what_is_not_out_is_in_no_file(self, workspace) -> None:
        write_content(workspace, "qa/geheim.md", "---\ntitle: 尚未公开的标题\ndraft: true\n---\n")
        write_content(workspace, "qa/offen.md", "# 公开的标题\n")
        workspace.assets.sync()
        codes = [workspace.pages.links.make(slug, "wechat", "q4", by="张三一").code for slug in ("geheim", "offen")]
        site = workspace.pages.build().output
        assert not (site / "s" / codes[0]).exists()
        assert (site / "s" / codes[1] / "index.html").is_file()
        assert "尚未公开" not in "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))


def test_new_style_of_another_process_reaches_the_visitors_pages(server, ask, post) -> None:
    from contentops.workspace import Workspace

    folder = server.workspace.folder / "templates" / "calm"
    folder.mkdir()
    (folder / "style.css").write_text("body { color: #123 }")
    with Workspace.open(server.workspace.folder) as other:
        other.pages.build()
    status, _headers, body = post(fields={"name": ""})
    assert status == 422
    style = re.search(r'href="(/static/style\.[^"]+)"', body.decode())[1]
    assert ask("GET", style)[0] == 200


def test_link_to_a_text_that_became_open_leads_to_the_page(example, serve) -> None:
    server = serve(example)
    page = "/zh/food-and-beverage/"
    connection = HTTPConnection(server.host, timeout=20)
    headers = {"Content-Type": FORM, "Origin": server.address}
    connection.request("POST", f"{page}form", urlencode(GOOD), headers)
    answer = connection.getresponse()
    answer.read()
    connection.request("GET", answer.headers["Location"])
    link = re.search(r'href="(/d/[^"]+)"', connection.getresponse().read().decode())[1]
    connection.request("GET", link)
    whole = connection.getresponse()
    assert (whole.status, whole.headers["Cache-Control"]) == (200, "no-store")
    assert "不适合的情况" in whole.read().decode()
    file = next(example.folder.rglob("food-and-beverage/index.zh.md"))
    file.write_text(file.read_text(encoding="utf-8").replace("gate: partial", "gate: open"), encoding="utf-8")
    server.workspace.assets.sync()
    connection.request("GET", link)
    moved = connection.getresponse()
    assert (moved.status, moved.headers["Location"]) == (303, page)
    connection.close()
