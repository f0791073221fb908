"""The log (P1, P2, P3, D18, B20): nobody's data, nobody's secrets, and no line that a visitor wrote."""

import io
import json
import logging
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from contentops.leads.grants import DOWNLOAD_LINK, Grant
from contentops.web.logs import LogFormatter, known_secrets, start_logging
from contentops.web.redaction import one_line, redacted

ANY_TEXT = st.text(st.characters(), max_size=80)
LINE_ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def record(message: str, *words: object, error: BaseException | None = None) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("contentops.web", logging.ERROR, "x.py", 1, message, words, trace)


class TestLines:
    @pytest.mark.row("P3")
    @given(ANY_TEXT)
    @example(f"张三{LINE_ENDS}CRITICAL 伪造 \x1b[31m\u202e\ud800")
    def test_P3_input_begins_no_line(self, typed: str) -> None:
        plain = LogFormatter(as_json=False).format(record("a form: %s", typed))
        assert len(plain.splitlines()) == 1
        assert plain.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", plain)
        line = LogFormatter(as_json=True).format(record("a form: %s", typed))
        assert len(line.splitlines()) == 1
        assert json.loads(line)["level"] == "ERROR"
        plain.encode("utf-8")
        line.encode("utf-8")

    @pytest.mark.row("P3")
    @given(ANY_TEXT)
    @example("x\nCRITICAL contentops.web 伪造")
    def test_P3_neither_in_a_traceback(self, typed: str) -> None:
        try:
            raise ValueError(typed)
        except ValueError as error:
            found = record("it broke", error=error)
        first, *rest = LogFormatter(as_json=False).format(found).splitlines()
        assert first.endswith("it broke")
        assert rest
        assert all(line.startswith("  | ") for line in rest)
        assert len(LogFormatter(as_json=True).format(found).splitlines()) == 1

    def test_P3_facts_are_written_as_they_are(self) -> None:
        found = record("request")
        found.facts = {"route": "/d/{token}/{name}", "status": 200, "odd": "a\nb"}
        assert "route=/d/{token}/{name} status=200 odd=a\\nb" in LogFormatter(as_json=False).format(found)
        assert json.loads(LogFormatter(as_json=True).format(found))["route"] == "/d/{token}/{name}"

    def test_wrong_format_costs_no_line(self) -> None:
        assert "broken %d" in LogFormatter(as_json=False).format(record("broken %d", "x"))

    @given(ANY_TEXT)
    def test_chinese_stays_readable(self, typed: str) -> None:
        assert one_line("设备点检" + typed).startswith("设备点检")


class TestRedaction:
    @pytest.mark.row("P1")
    @pytest.mark.parametrize(
        "canary",
        ["zhang.san+x@example.cn", "zhang%40example.cn", "张三@例子.公司", "LI@EXAMPLE.COM", "13800138000", "138 0013 8000",
         "+86 138-0013-8000", "008613800138000", "010-65529988", "400-820-8820", "+49 (30) 901820", "１３８００１３８０００", "+8613800138000"],
    )  # fmt: skip
    def test_P1_addresses_and_numbers(self, canary: str) -> None:
        cleaned = redacted(f"refused by peer: <{canary}>, gave up; 电话{canary}，谢谢")
        assert canary not in cleaned
        assert "gave up" in cleaned

    @pytest.mark.row("D18")
    def test_D18_links_tokens_and_secrets(self, workspace) -> None:
        from datetime import timedelta

        grant = Grant("0" * 32, "1" * 32, workspace.now() + timedelta(days=1))
        token = workspace.leads.links.sign(DOWNLOAD_LINK, grant)
        feed = "Zk3vX9-qLm2RtY7wPb5NcD8e"
        key = (workspace.folder / ".contentops" / "secret_key").read_text().strip()
        for written in (
            token,
            f"/d/{token}/手册.pdf",
            f"/zh/w/thanks/?g={token}",
            f"/calendar/{feed}.ics",
            f"/u/{feed}",
        ):
            cleaned = redacted(f"GET {written} failed")
            assert token not in cleaned
            assert feed not in cleaned
            assert cleaned.endswith("failed")
        assert key not in redacted(f"key {key}")
        assert "pw" not in redacted("postgresql://li:pw@db.example.com/leads")
        for written in ("password=kanarie1", "password: 'kanarie1'", '"secret_key": "kanarie1"', "api-key=kanarie1"):
            assert "kanarie1" not in redacted(written)
        assert redacted("it says sesam here", ["sesam"]) == "it says [secret] here"

    @pytest.mark.parametrize(
        "harmless",
        ["a form could not be saved: DatabaseBusy (OperationalError)", "message 5f3a9c0e8b7d4f6a91c2d3e4f5061728 dead",
         "2026-11-22 07:30:12 took 1234.5 ms", 'File "/srv/contentops/web/app.py", line 63, in failed',
         "127.0.0.1:8000 闭环", "schema 0004, revision 0003"],
    )  # fmt: skip
    def test_useful_words_stay(self, harmless: str) -> None:
        assert redacted(harmless) == harmless

    @pytest.mark.row("P2")
    def test_P2_secrets_of_the_settings_are_known(self, make_workspace, monkeypatch) -> None:
        monkeypatch.setenv("CONTENTOPS_SECRET_KEY", "kV3-mA9_tR7xQ2wE8yU5iO1pL6sD4fG0hJzXcNbB")
        monkeypatch.setenv("CONTENTOPS_MAIL__PASSWORD", "geheim 一二三")
        workspace = make_workspace()
        url = "postgresql://li:kan%40rie@db.example.com/leads"
        found = known_secrets(workspace.settings.model_copy(update={"database_url": url}))
        assert set(found) == {"kV3-mA9_tR7xQ2wE8yU5iO1pL6sD4fG0hJzXcNbB", "geheim 一二三", "kan@rie", "kan%40rie"}

    @pytest.mark.row("P1")
    def test_P1_whatever_any_library_logs_is_cleaned(self, workspace) -> None:
        """Also pydantic's errors, whose text quotes what was typed unless told not to."""

        class Form(BaseModel):
            model_config = ConfigDict(strict=True)
            age: int

        stream, root = io.StringIO(), logging.getLogger()
        before, level = root.handlers[:], root.level
        try:
            start_logging(workspace.settings, stream, ["kanarie"])
            logging.getLogger("somebody.else").warning("to %s with kanarie", "li@example.cn")
            try:
                Form(age="li@example.cn")
            except ValidationError:
                logging.getLogger("contentops.web").exception("refused")
            logging.getLogger("sqlalchemy.engine.Engine").info("INSERT INTO contact VALUES ('li@example.cn')")
        finally:
            root.handlers[:] = before
            root.setLevel(level)
            logging.captureWarnings(capture=False)
        assert "to [e-mail] with [secret]" in stream.getvalue()
        assert "li@" not in stream.getvalue()
        assert "INSERT" not in stream.getvalue()


BROKEN = (  # the same program, whose pages break with a message that names somebody
    "from contentops.web import pages\n"
    "async def broken(self, request): raise RuntimeError('Zhang 13800138000 zhang@example.cn SELECT /srv/geheim')\n"
    "pages.LandingEndpoint.__call__ = broken\n"
    "from contentops.cli import main; main()"
)


class TestRealServer:
    @pytest.mark.row("P1", "D18")
    def test_P1_P2_D18_nothing_of_a_visitor_is_logged(self, gated_workspace, serve_process) -> None:
        workspace = gated_workspace(extra='\n[server]\nlog = "json"\n')
        server = serve_process(workspace)
        status, headers, _body = server.post(name="卡纳里", email="kanarie@example.cn", phone="13800138000")
        assert status == 303
        token = headers["location"].partition("g=")[2]
        assert server.ask("GET", f"/zh/w/thanks/?g={token}")[0] == 200
        assert server.ask("GET", f"/d/{token}/w")[0] == 200
        agent = {
            "User-Agent": "Kanarienvogel/1.0",
            "X-Forwarded-For": "203.0.113.77",
            "Referer": "http://kanarie.example/",
        }
        server.ask("GET", "/zh/w/?utm_source=kanarie", headers=agent)
        server.ask("GET", "/d/kanarie-token/x")
        server.ask("KANARIE", "/zh/w/form")
        server.post(email="kein@@kanarie")
        assert server.stop() == 0
        log = server.logged()
        for canary in ("anarie", "卡纳里", "13800138000", "203.0.113.77", '127.0.0.1"', token[:20], "utm_source"):
            assert canary not in log, canary
        lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        requests = [line for line in lines if line["message"] == "request"]
        assert {(line["method"], line["route"], line["status"]) for line in requests} >= {
            ("POST", "/{prefix}/{slug}/form", 303), ("GET", "/{prefix}/{slug}/thanks/", 200),
            ("GET", "/d/{token}/{name}", 200), ("POST", "/{prefix}/{slug}/form", 422),
        }  # fmt: skip
        assert all(line["ms"] >= 0 and len(line["request_id"]) == 16 for line in requests)

    @pytest.mark.row("B20")
    def test_B20_error_page_says_a_number_and_nothing_else(self, gated_workspace, serve_process) -> None:
        server = serve_process(gated_workspace(), code=BROKEN)
        status, headers, body = server.ask("GET", "/zh/w/")
        number = headers["x-request-id"]
        assert status == 500
        assert number in body.decode()
        assert "server" not in headers
        for inside in ("Traceback", "RuntimeError", "SELECT", "geheim", "zhang", "uvicorn", "tarlette", "python"):
            assert inside not in body.decode()
            assert inside not in str(headers)
        status, headers, body = server.ask("GET", "/zh/w/", headers={"Accept": "application/json"})
        assert json.loads(body) == {"error": "internal", "id": headers["x-request-id"]}
        assert server.stop() == 0
        log = server.logged()
        assert log.count(f"[{number}] unhandled error") == 1
        assert log.count("Traceback") == 2  # one for each request, not one from us and one from the server
        assert "13800138000" not in log
        assert "zhang@" not in log

    def test_access_log_can_be_off(self, gated_workspace, serve_process) -> None:
        server = serve_process(gated_workspace(extra="\n[server]\naccess_log = false\n"))
        assert "x-request-id" in server.ask("GET", "/healthz")[1]
        assert server.stop() == 0
        assert "healthz" not in server.logged()
