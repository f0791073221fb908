"""What odd and hostile clients send, row by row of the threat table A: the real server, real sockets."""

import gzip
import json
import logging
import re
import socket
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from contentops.models import Touch
from contentops.pages.gate import TRACKED
from contentops.web.reading import JSON
from contentops.web.reading import URLENCODED as FORM

PAGE, SECOND = "/zh/w/", "/zh/b/"
MULTIPART = "multipart/form-data; boundary=XyZ"
BOMB = gzip.compress(b"name=" + b"x" * 30_000_000, 1)


@pytest.fixture(autouse=True)
def _stays_alive(site):
    """Whatever a test did to the server, the next visitor is served (A19)."""
    yield
    assert site.ask("GET", "/healthz").status == 200


@pytest.fixture
def nothing_stored(site):
    """Nothing that the test sends leaves a row behind."""
    before = site.counts()
    yield
    assert site.counts() == before


def part(name: str, value: str | bytes, *more: str, disposition: str = "") -> bytes:
    lines = ["Content-Disposition: " + (disposition or f'form-data; name="{name}"'), *more]
    data = value if isinstance(value, bytes) else value.encode()
    return "\r\n".join(["--XyZ", *lines, "", ""]).encode() + data + b"\r\n"


def multipart(fields: dict[str, str], *more: bytes) -> bytes:
    return b"".join(part(name, value) for name, value in fields.items()) + b"".join(more) + b"--XyZ--\r\n"


def peak_memory(pid: int) -> float:
    """The most memory that a process ever had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


class TestTooMuch:
    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.row("A1")
    def test_A1_body_larger_than_needed(self, site) -> None:
        whole = b"x" * 40_000_000
        declared = site.head(f"Content-Type: {FORM}", f"Content-Length: {len(whole)}")
        assert b" 413 " in site.raw(declared + whole)
        chunked = site.head(f"Content-Type: {FORM}", "Transfer-Encoding: chunked")
        assert b" 413 " in site.raw(chunked + b"100000\r\n" + whole[: 2**20] + b"\r\n" + b"100000\r\n" + whole[: 2**20])
        fields = b"&".join(b"f%d=" % n + b"y" * 900_000 for n in range(20))
        lines = f"Content-Type: {FORM}", f"Content-Length: {len(fields)}"
        assert b" 413 " in site.raw(site.head(*lines) + fields)
        just = b"a=" + b"x" * (64 * 1024 - 2)
        assert site.send(just, Content_Type=FORM).status == 422  # exactly as much as is taken
        assert site.send(just + b"x", Content_Type=FORM).status == 413

    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
    @pytest.mark.row("A1")
    def test_A1_memory_stays_flat(self, new_site, contentops_serve) -> None:
        with new_site() as site:
            folder = site.folder
        with contentops_serve(folder) as process:
            site.address = process.address
            assert site.ask("POST", f"{PAGE}form", urlencode(site.good()), Content_Type=FORM).status == 303
            before = peak_memory(process.pid)
            for lines in (["Content-Length: 40000000"], ["Transfer-Encoding: chunked"]):
                whole = b"2625A00\r\n" + b"x" * 40_000_000
                for _again in range(3):
                    assert b" 413 " in site.raw(site.head(f"Content-Type: {FORM}", *lines) + whole)
            assert peak_memory(process.pid) - before < 10

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize(
        ("lines", "body", "status"),
        [
            (["Content-Length: 1000000000000000"], b"name=", 413),
            (["Content-Length: 99999999999999999999"], b"", 413),
            (["Content-Length: " + "9" * 400], b"", 400),
            (["Transfer-Encoding: chunked"], b"FFFFFFFFFFFFFFFF\r\nname=" + b"x" * 70_000, 413),
            (["Transfer-Encoding: chunked"], b"F" * 40 + b"\r\nname=", 400),
            (["Transfer-Encoding: chunked"], b"1000\r\n" + b"x" * 4096 + b"\r\n" + b"1\r\nx\r\n" * 70_000, 413),
        ],
        ids=["10^15", "20 digits", "400 digits", "chunk FFFF", "chunk of 40 digits", "never ends"],
    )
    @pytest.mark.row("A2")
    def test_A2_lying_lengths(self, site, lines, body, status) -> None:
        begun = time.monotonic()
        answer = site.raw(site.head(f"Content-Type: {FORM}", *lines) + body)
        assert answer.startswith(b"HTTP/1.1 %d " % status), answer[:80]
        assert time.monotonic() - begun < 5  # it hung up by itself

    @pytest.mark.row("A2")
    def test_A2_body_that_never_comes_or_never_ends(self, site, monkeypatch) -> None:
        from contentops.web import patience, reading

        monkeypatch.setattr(reading, "BODY_DEADLINE_SECONDS", 0.3)
        monkeypatch.setattr(patience, "HEADER_DEADLINE_SECONDS", 0.3)
        monkeypatch.setattr(site.server.config, "timeout_keep_alive", 0.3)
        answer = site.raw(site.head(f"Content-Type: {FORM}", "Content-Length: 9") + b"name=")
        assert b" 408 " in answer
        assert b"connection: close" in answer.lower()
        # Nobody wants this body, and nobody waits for its end either.
        begun = time.monotonic()
        assert b" 405 " in site.raw(b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\nabc", timeout=10)
        assert time.monotonic() - begun < 8

    @pytest.mark.row("A3")
    def test_A3_slow_connections_do_not_stand_in_the_way(self, site, monkeypatch) -> None:
        from contentops.web import patience, reading

        monkeypatch.setattr(reading, "BODY_DEADLINE_SECONDS", 1.5)
        monkeypatch.setattr(patience, "HEADER_DEADLINE_SECONDS", 1.5)
        monkeypatch.setattr(site.server.config, "timeout_keep_alive", 1.5)
        slow_head = b"GET / HTTP/1.1\r\nHost:"
        slow_body = site.head(f"Content-Type: {FORM}", "Content-Length: 100") + b"name="
        second = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + slow_head
        held = []
        try:
            for number in range(120):
                connection = socket.create_connection(site.host_port, 10)
                connection.sendall((slow_head, slow_body, second, b"")[number % 4])
                held.append(connection)
            begun = time.monotonic()
            assert site.post().status == 303
            assert time.monotonic() - begun < 2
            for connection in held:
                connection.settimeout(10)
                while connection.recv(65_536):
                    pass  # until the server hangs up
        finally:
            for connection in held:
                connection.close()

    @pytest.mark.row("A3")
    def test_A3_who_does_not_read_the_answer_is_hung_up_on(self, site, monkeypatch) -> None:
        from contentops.web import patience

        monkeypatch.setattr(patience, "READER_DEADLINE_SECONDS", 0.3)
        aborted: list[object] = []

        class Watched:
            def abort(self) -> None:
                aborted.append(self)

        import asyncio

        async def stall() -> None:
            protocol = patience.ImpatientProtocol.__new__(patience.ImpatientProtocol)
            protocol.loop, protocol.transport = asyncio.get_running_loop(), Watched()
            protocol.flow = type("Flow", (), {"pause_writing": lambda s: None, "resume_writing": lambda s: None})()
            protocol.pause_writing()
            protocol.resume_writing()
            await asyncio.sleep(0.4)
            assert not aborted
            protocol.pause_writing()
            await asyncio.sleep(0.4)

        asyncio.run(stall())
        assert len(aborted) == 1

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.row("A4")
    def test_A4_clients_that_hang_up(self, site, caplog) -> None:
        caplog.set_level(logging.DEBUG, "contentops")
        for _again in range(50):
            with socket.create_connection(site.host_port, 10) as gone:
                gone.sendall(site.head(f"Content-Type: {FORM}", "Content-Length: 100") + b"name=zhang")
        for _try in range(100):
            said = [record for record in caplog.records if "hung up" in record.getMessage()]
            if len(said) == 50:
                break
            time.sleep(0.05)
        assert len(said) == 50
        assert not [record for record in caplog.records if record.exc_info or record.levelno > logging.INFO]


class TestMultipart:
    def test_forms_of_scripts_are_taken(self, site) -> None:
        fields = site.good(name="龘 & 𠮷=“张”", utm_source="微信")
        answer = site.send(multipart(fields), Content_Type=MULTIPART, Accept=JSON)
        assert answer.status == 200
        assert answer.json["download"].startswith(f"{site.address}/d/")
        (lead,) = site.leads_of(fields["email"])
        assert (lead.contact.name, lead.touches[0].source) == (fields["name"], "微信")
        assert site.send(multipart(fields)[:-2], Content_Type=MULTIPART).status == 303
        wrong = site.send(multipart({**fields, "email": "x"}), Content_Type=MULTIPART, Accept=JSON)
        assert (wrong.status, wrong.json) == (422, {"errors": {"email": "invalid"}})

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize(
        ("kind", "body", "status"),
        [
            ("multipart/form-data", b"--x--", 400),
            ("multipart/form-data; boundary=", b"----", 400),
            ('multipart/form-data; boundary=""', b"----", 400),
            ("multipart/form-data; boundary=other", multipart({"name": "x"}), 400),
            ("multipart/form-data; boundary=" + "x" * 5000, b"--x--", 400),
            ("multipart/form-data; boundary=" + "x" * 71, b"--" + b"x" * 71 + b"--", 400),
            ("multipart/form-data; boundary=a\xe4b", b"--a\xe4b--", 400),
            (MULTIPART + "; charset=gbk", multipart({"name": "x"}), 415),
            ("multipart/mixed; boundary=XyZ", multipart({"name": "x"}), 415),
            (MULTIPART, b"", 400),
            (MULTIPART, multipart({"name": "x"}).replace(b"\r\n", b"\n"), 400),
            (MULTIPART, b"preamble" + multipart({"name": "x"}), 400),
            (MULTIPART, part("", "x", disposition="form-data") + b"--XyZ--", 400),
            (MULTIPART, part("", "x", disposition='attachment; name="name"') + b"--XyZ--", 400),
            (MULTIPART, b"--XyZ\r\n\r\nx\r\n--XyZ--", 400),
            (MULTIPART, b"--XyZ\r\n: x\r\n\r\nx\r\n--XyZ--", 400),
            (MULTIPART, b"--XyZ\r\nContent Disposition: x\r\n\r\nx\r\n--XyZ--", 400),
            (MULTIPART, part("name", "x", "Content-Disposition: form-data; name=email") + b"--XyZ--", 400),
            (MULTIPART, part("name", "eA==", "Content-Transfer-Encoding: base64") + b"--XyZ--", 400),
            (MULTIPART, part("name", "x", "Content-Type: text/plain; charset=gbk") + b"--XyZ--", 415),
            (MULTIPART, part("name", "x", "X: " + "y" * 9000) + b"--XyZ--", 400),
            (MULTIPART, part("name", "x", *(f"X-{n}: y" for n in range(3000))) + b"--XyZ--", 400),
            (MULTIPART, part("a", "x") * 61 + b"--XyZ--", 413),
            (MULTIPART, b"--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n" * 1200 + b"--XyZ--", 413),
            (MULTIPART, part("name", b"\xff\xfe") + b"--XyZ--", 400),
            (MULTIPART, part("name", "张".encode("gb18030")) + b"--XyZ--", 400),
            (MULTIPART, part("n", "y").replace(b'"n"', b'"\xff"') + b"--XyZ--", 400),
        ],
        ids=lambda value: str(value)[:40] if isinstance(value, str | int) else "",
    )  # fmt: skip
    @pytest.mark.row("A5")
    def test_A5_malformed(self, site, kind, body, status) -> None:
        for accept in (JSON, "text/html"):
            answer = site.raw(
                site.head(f"Accept: {accept}", f"Content-Length: {len(body)}", "Connection: close").replace(
                    b"Connection", b"Content-Type: " + kind.encode("latin-1") + b"\r\nConnection"
                )
                + body
            )
            assert answer.startswith(b"HTTP/1.1 %d " % status), answer[:80]

    def test_A5_log_is_not_written_by_those_who_send(self, site, capfd, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        site.send(b"--XyZ\nContent-Disposition: form-data\n\nx", Content_Type=MULTIPART)
        assert "boundary" not in caplog.text + capfd.readouterr().err

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.row("A6")
    def test_A6_cut_off(self, site) -> None:
        whole = multipart(site.good(name="张三" * 20, company="示例公司"))
        end = len(whole) - len(b"\r\n")
        for length in [*range(0, end, 20), end - 1]:
            answer = site.send(whole[:length], Content_Type=MULTIPART, Accept=JSON)
            assert answer.status == 400, whole[:length]

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize("name", ["name", "photo"])
    @pytest.mark.parametrize("file", ['filename="../../x.sh"', 'filename="x\\..\\y"', "filename*=UTF-8''x", "FileName=x", 'filename=""'])  # fmt: skip
    @pytest.mark.row("A7")
    def test_A7_files_are_not_taken(self, site, name, file, tmp_path, monkeypatch) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        files = {path for path in site.folder.rglob("*") if "contentops.db" not in path.name}
        fields = {key: value for key, value in site.good().items() if key != name}
        held = part(name, b"\x89PNG" * 9000, disposition=f'form-data; name="{name}"; {file}')
        answer = site.send(multipart(fields, held), Content_Type=MULTIPART, Accept=JSON)
        assert answer.status == 422
        assert answer.json == {"errors": {"name" if name == "name" else "form": "file"}}
        assert not list(tmp_path.iterdir())
        assert {path for path in site.folder.rglob("*") if "contentops.db" not in path.name} == files


class TestJson:
    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize(
        "body",
        [b"", b"[]", b"1", b"null", b'"name"', b"{", b'{"a":"b"', b"{'a':'b'}", b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":"x"}x',
         b'{"a":"x"}{}', "\ufeff{}".encode(), '{"a":"b"}'.encode("utf-16"), '{"a":"b"}'.encode("utf-32"), b'{"a":"\xff"}',
         b'{"a":"\\ud800"}', b"[" * 60_000, b'{"a":' * 10_000, b'{"a":' + b"[" * 21 + b"]" * 21 + b"}", b'{"a":' + b"9" * 6000 + b"}", b"name=x&email=y",
         b'{"a":"\x00"}', b'{"a":1,}'],
        ids=lambda body: repr(body[:16]),
    )  # fmt: skip
    @pytest.mark.row("A8")
    def test_A8_malformed(self, site, body) -> None:
        begun = time.monotonic()
        answer = site.program(body)
        assert (answer.status, answer.json) == (400, {"error": "malformed"})
        assert time.monotonic() - begun < 2

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.row("A8")
    def test_A8_same_key_twice(self, site) -> None:
        body = b'{"name":"a","email":"a@example.cn","email":"b@example.cn","consent_delivery":"yes"}'
        answer = site.program(body)
        assert (answer.status, answer.json) == (422, {"errors": {"email": "twice"}})

    def test_A8_brackets_in_texts_are_texts(self, site) -> None:
        fields = site.good(name="[" * 40 + '"\\' + "{" * 40)
        assert site.program(fields).status == 200
        assert site.leads_of(fields["email"])[0].contact.name == fields["name"]

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [("name", [], "invalid"), ("name", {"$gt": ""}, "invalid"), ("name", 7, "invalid"), ("name", None, "invalid"),
         ("email", True, "invalid"), ("email", ["a@example.cn"], "invalid"), ("email", {"a": {"b": 1}}, "invalid"),
         ("consent_delivery", "false", "consent"), ("consent_delivery", True, "invalid"), ("consent_delivery", 1, "invalid")],
    )  # fmt: skip
    @pytest.mark.row("A9")
    def test_A9_wrong_types(self, site, field, value, code) -> None:
        answer = site.program({**site.good(), field: value})
        assert (answer.status, answer.json) == (422, {"errors": {field: code}})

    def test_A9_programs_are_answered_in_json(self, site) -> None:
        """Whoever sends JSON and asks for nothing else, too."""
        for accept in ("*/*", JSON, "application/*"):
            assert site.program(site.good(), Accept=accept).json["download"]
            assert site.program({}, Accept=accept).json["errors"]
            assert site.program(b"[", Accept=accept).json == {"error": "malformed"}
        assert site.program({}, Accept="text/html").headers["content-type"].startswith("text/html")


class TestTypes:
    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize(
        ("kind", "body", "status"),
        [("", None, 415), ("text/plain", None, 415), ("text/plain; application/json", None, 415), ("x", None, 415), ("application/octet-stream", None, 415),
         ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 415), ("text/html", None, 415),
         (JSON, None, 400), (f"{JSON}-patch+json", None, 415), (f"{FORM};charset=gbk", None, 415), (f"{FORM};charset=unknown", None, 415),
         (f"{JSON};charset=utf-16", b"{}", 415), (f"{FORM}, {JSON}", None, 415)],
    )  # fmt: skip
    @pytest.mark.row("A10", "A11")
    def test_A10_types_that_are_not_taken(self, site, kind, body, status) -> None:
        body = urlencode(site.good()) if body is None else body
        answer = site.send(body, Content_Type=kind, Accept=JSON)
        assert answer.status == status
        assert answer.json == {"error": {415: "unsupported_type", 400: "malformed"}[status]}

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.row("A10")
    def test_A10_no_type_and_two_types(self, site) -> None:
        body = urlencode(site.good()).encode()
        length = f"Content-Length: {len(body)}"
        for lines in ([], [f"Content-Type: {FORM}", f"Content-Type: {JSON}"]):
            assert b" 415 " in site.raw(site.head(length, *lines, "Connection: close") + body)

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize("kind", ["\\" * 8000, FORM + ";" * 8000, FORM + '; charset="' + "\\" * 7000, 'multipart/form-data; a="' + '\\"' * 4000 + ";" * 4000])  # fmt: skip
    @pytest.mark.row("A11")
    def test_A11_types_that_make_parsers_slow(self, site, kind) -> None:
        begun = time.process_time()  # of the client and the server together, whatever else the machine does
        assert site.send(b"name=x", Content_Type=kind).status in (400, 415, 422)
        assert time.process_time() - begun < 0.5

    def test_A11_utf8_may_be_said(self, site) -> None:
        for said in ("; charset=UTF-8", ';charset="utf-8"', "; x=y; charset=utf8"):
            assert site.post(Content_Type=FORM + said).status == 303


BROKEN_BYTES = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xe5\xbc", b"\xf5\x80\x80\x80", "张".encode("gb18030"), b"\x80"]  # fmt: skip


class TestCharacters:
    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize("broken", BROKEN_BYTES, ids=repr)
    @pytest.mark.row("A12")
    def test_A12_what_is_not_utf8_is_never_guessed(self, site, broken) -> None:
        fields = site.good()
        percent = urlencode(fields).encode().replace(quote("张三").encode(), quote(broken).encode())
        raw = urlencode(fields).encode().replace(quote("张三").encode(), broken)
        as_json = json.dumps(fields, ensure_ascii=False).encode().replace("张三".encode(), broken)
        parts = multipart(fields).replace("张三".encode(), broken)
        for body, kind in ((percent, FORM), (raw, FORM), (as_json, JSON), (parts, MULTIPART)):
            answer = site.send(body, Content_Type=kind, Accept=JSON)
            assert (answer.status, answer.json) == (400, {"error": "malformed"}), kind

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize("char", ["\x00", "\x01", "\x1b", "\x7f", "\x85", "\x9f", "\ufffe", "\uffff", "\U0001ffff", "\ufdd0", "\u202e", "\u2066", "\u2028"])  # fmt: skip
    @pytest.mark.parametrize("field", ["name", "company", "email", "phone"])
    @pytest.mark.row("A13")
    def test_A13_characters_that_cannot_be_stored(self, site, char, field) -> None:
        whole = {"name": "张三", "company": "公司", "email": "a@example.cn", "phone": "13800138000"}
        fields = {**whole, "consent_delivery": "yes", field: whole[field][:1] + char + whole[field][1:]}
        answer = site.post(fields, Accept=JSON)
        assert (answer.status, answer.json) == (422, {"errors": {field: "characters"}})

    @pytest.mark.row("A13")
    def test_A13_in_campaigns_they_are_left_out(self, site) -> None:
        for char in ("\x00", "\x1b", "\u202e", "\uffff", "\x85"):
            fields = site.good(utm_source=f"we{char}chat", utm_campaign=char)
            assert site.post(fields, User_Agent="x\x85y").status == 303
            (touch,) = site.leads_of(fields["email"])[0].touches
            assert (touch.source, touch.campaign) == ("wechat", "")

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize("blank", ["", " ", "\u3000", "\u200b", "\u200d\u200b", "\u2060", "\u00a0", "\ufeff", "\u00ad", " \u3000 "])  # fmt: skip
    @pytest.mark.row("A14")
    def test_A14_blank_by_unicode(self, site, blank) -> None:
        answer = site.post({**site.good(), "name": blank}, Accept=JSON)
        assert (answer.status, answer.json) == (422, {"errors": {"name": "required"}})

    @pytest.mark.parametrize(
        ("field", "limit", "char"),
        [("name", 100, "张"), ("name", 100, "x"), ("name", 100, "𠮷"), ("company", 200, "司"), ("name", 100, "é")],
    )
    @pytest.mark.row("A15")
    def test_A15_limits(self, site, field, limit, char) -> None:
        for length in (limit - 1, limit):
            fields = site.good(**{field: char * length})
            assert site.post(fields).status == 303
            assert getattr(site.leads_of(fields["email"])[0].contact, field) == char * length
        answer = site.post({**site.good(), field: char * (limit + 1)}, Accept=JSON)
        assert (answer.status, answer.json) == (422, {"errors": {field: "too_long"}})

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [("name", "张" * 6_000, "too_long"), ("name", "a" + "\u0301" * 20_000, "too_long"), ("name", "\ufdfa" * 101, "too_long"),
         ("email", "a" * 243 + "@example.cn", "invalid"), ("email", "a" * 60_000 + "@example.cn", "too_long"), ("phone", "1" * 41, "too_long"), ("phone", "+86" + "1" * 30, "invalid")],
        ids=lambda value: value[:12],
    )  # fmt: skip
    def test_A15_far_too_long(self, site, field, value, code) -> None:
        body = "&".join(f"{name}={value}" for name, value in {**site.good(), field: value}.items())
        answer = site.send(body.encode(), Content_Type=FORM, Accept=JSON)
        assert (answer.status, answer.json) == (422, {"errors": {field: code}})

    @pytest.mark.row("A15")
    def test_A15_limits_of_contacts(self, site) -> None:
        """254 characters of an address, 40 of a number; one more is said, and nothing is stored."""
        begin, end = "a" * 64 + "@" + f"{'b' * 50}." * 3, ".example.cn"
        addresses = {length: begin + "c" * (length - len(begin + end)) + end for length in (253, 254, 255)}
        for length in (253, 254):
            assert site.program({**site.good(), "email": addresses[length]}).status == 200
            assert len(site.leads_of(addresses[length])) == 1
        before = site.counts()
        for field, value in (("email", addresses[255]), ("phone", "138 0013 8000" + " " * 27 + "0")):
            answer = site.program({**site.good(), field: value})
            assert (answer.status, answer.json) == (422, {"errors": {field: "too_long"}})
        assert site.counts() == before
        assert site.program({**site.good(), "phone": "138 0013" + " " * 28 + "8000"}).status == 200

    @pytest.mark.row("A15")
    def test_A15_campaigns_are_cut_and_flagged(self, site) -> None:
        for length in (199, 200, 201, 5000):
            fields = site.good(utm_source="源" * length)
            assert site.post(fields).status == 303
            (touch,) = site.leads_of(fields["email"])[0].touches
            assert (touch.source, touch.flags) == ("源" * min(length, 200), "cut" if length > 200 else "")


STRANGE = ["张三", "龘䶮𠮷", "O'Brien", "Nguyễn Văn Ánh", "أحمد", "👩‍💻 开发", "Null", "None", "-Dash", "=1+1", "50% + tax", "a&b=c;d", "<b>粗</b>", "{{ 7*7 }}", "\\N", "'; DROP TABLE lead; --",
           "欧阳・娜娜", "Iñtërnâtiônàlizætiøn", "ß", "ｶﾅ", "x" * 100, '"引号"', "%s %(x)s", "张 三", "Zoë\u0301"]  # fmt: skip


class TestStrangeButReal:
    @pytest.mark.parametrize("kind", ["form", "json", "multipart"])
    @pytest.mark.row("A12", "A16")
    def test_A16_names_come_back_as_they_were_sent(self, site, kind) -> None:
        sent = {}
        for name in STRANGE:
            fields = site.good(name=f"  {name}\u3000")
            sent[fields["email"]] = name
            if kind == "form":
                assert site.post(fields).status == 303
            elif kind == "json":
                assert site.program(fields).status == 200
            else:
                assert site.send(multipart(fields), Content_Type=MULTIPART).status == 303
        rows = {row["email"]: row["name"] for row in site.workspace.leads.rows()}
        assert {email: rows[email] for email in sent} == sent
        lines = map(json.loads, b"".join(site.workspace.leads.export("jsonl")).decode().splitlines())
        assert {row["email"]: row["name"] for row in lines if row["email"] in sent} == sent

    def test_A16_other_spellings_of_a_character_are_one(self, site) -> None:
        fields = site.good(name="Zoe\u0308")
        site.post(fields)
        assert site.leads_of(fields["email"])[0].contact.name == "Zoë"

    @pytest.mark.row("A13", "A16", "F20")
    def test_A13_A16_both_databases(self, new_site, new_postgres_database) -> None:
        """PostgreSQL refuses NUL, SQLite swallows it: the answer is the same."""
        told = []
        for url in ("", new_postgres_database()):
            with new_site(database_url=url) as site:
                names = ["a\x00b", "\ud800".encode("utf-8", "surrogatepass"), *STRANGE]
                forms = [{"name": name, "email": f"k{n}@example.cn", "consent_delivery": "yes", "utm_source": "a\x00b"} for n, name in enumerate(names)]  # fmt: skip
                statuses = [site.post(form).status for form in forms]
                sources = {touch.source for touch in site.stored(Touch)}
                rows = sorted((row["email"], row["name"]) for row in site.workspace.leads.rows())
                told.append((statuses, sources, rows))
        assert told[0] == told[1]
        assert told[0][:2] == ([422, 400] + [303] * len(STRANGE), {"ab"})


class TestFields:
    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize("field", ["name", "email", "consent_delivery"])
    @pytest.mark.row("A17")
    def test_A17_known_field_twice(self, site, field) -> None:
        fields = site.good()
        answer = site.send(urlencode([*fields.items(), (field, fields[field])]), Content_Type=FORM, Accept=JSON)
        assert (answer.status, answer.json) == (422, {"errors": {field: "twice"}})

    @pytest.mark.row("A17")
    def test_A17_of_campaigns_the_first_counts(self, site) -> None:
        fields = site.good(utm_source="wechat")
        assert site.send(urlencode([*fields.items(), ("utm_source", "other")]), Content_Type=FORM).status == 303
        assert site.leads_of(fields["email"])[0].touches[0].source == "wechat"

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize("name", ["email[]", "lead.email", "EMAIL", "Email", "email ", "email\x00", " email", "email[0]", "e-mail"])  # fmt: skip
    @pytest.mark.row("A17")
    def test_A17_other_names_are_no_fields(self, site, name) -> None:
        answer = site.post({"name": "张三", "consent_delivery": "yes", name: "a@example.cn"}, Accept=JSON)
        assert (answer.status, answer.json) == (422, {"errors": {"email": "contact"}})

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.row("A17")
    def test_A17_too_many(self, site) -> None:
        good = urlencode(site.good())
        for body in (
            good + "&name=x" * 5000,
            good + "".join(f"&f{n}=" for n in range(7000)),
            "&" * 61,
            good + "&x=1" * 58,
        ):
            assert site.send(body, Content_Type=FORM, Accept=JSON).json == {"error": "too_large"}
        assert site.program({f"f{n}": "" for n in range(61)}).status == 413

    @pytest.mark.row("A18")
    def test_A18_only_the_forms_own_fields_are_read(self, site) -> None:
        fields = site.good()
        extra = {"id": "x" * 32, "lead_id": "x", "contact_id": "x", "person_id": "x", "created_at": "2001-01-01", "at": "2001-01-01", "status": "won", "confirmed": "yes", "confirmed_at": "2001-01-01",
                 "awaits_confirmation": "1", "consent_version": "x", "trusted": "1", "quarantined": "1", "origin": "import", "ip": "1.2.3.4", "role": "admin", "asset_id": "x", "asset_path": "/etc/passwd",
                 "webhook_url": "http://example.com", "template": "x", "expires": "2099-01-01", "job_title": "总裁", "language": "en", "page": "/x", "touches": "9"}  # fmt: skip
        assert site.post({**fields, **extra}).status == 303
        plain = site.good()
        assert site.post(plain).status == 303
        (with_extra,), (without,) = site.leads_of(fields["email"]), site.leads_of(plain["email"])
        for name, more in (("lead", ()), ("contact", ()), ("touches", ()), ("submissions", ("fields",))):
            rows = [getattr(found, name) for found in (with_extra, without)]
            first, second = (row[0] if isinstance(row, list) else row for row in rows)
            own = {
                "id",
                "lead_id",
                "contact_id",
                "person_id",
                "email",
                "created_at",
                "changed_at",
                "last_at",
                "at",
                *more,
            }
            assert first.model_dump(exclude=own) == second.model_dump(exclude=own)
            assert first.id != "x" * 32
        (submission,) = with_extra.submissions
        assert set(submission.fields) == {"name", "email"}
        assert with_extra.contact.person_id == with_extra.contact.id
        assert with_extra.lead.created_at.year > 2001

    def test_A18_campaign_names_are_a_fixed_list(self) -> None:
        assert not {"id", "lead_id", "at", "page", "flags"} & set(TRACKED)


class TestWire:
    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize(
        ("request_line", "lines"),
        [
            ("POST {page} HTTP/1.1", ["Host: x", "Content-Length: 5", "Content-Length: 6"]),
            ("POST {page} HTTP/1.1", ["Host: x", "Content-Length: 5, 6"]),
            ("POST {page} HTTP/1.1", ["Host: x", "Content-Length: -1"]),
            ("POST {page} HTTP/1.1", ["Host: x", "Content-Length: five"]),
            ("POST {page} HTTP/1.1", ["Host: x", "Content-Length: +5"]),
            ("POST {page} HTTP/1.1", ["Host: x", "Content-Length: 0x5"]),
            ("POST {page} HTTP/1.1", ["Host: x", "Transfer-Encoding: gzip, chunked"]),
            ("POST {page} HTTP/1.1", ["Host: x", "Transfer-Encoding: x"]),
            ("POST {page} HTTP/1.1", ["Host: x", "Bad Header: 1"]),
            ("POST {page} HTTP/1.1", ["Host: x", " folded: 1"]),
            ("POST {page} HTTP/1.1", []),
            ("POST {page} HTTP/9.9", ["Host: x"]),
            ("POST {page} HTTP/1.1 more", ["Host: x"]),
            ("POST", []),
            ("\x00\x01\x02\xff\xfe", []),
            ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", []),
            ("PRI * HTTP/2.0", []),
        ],
        ids=lambda value: repr(value)[:50],
    )
    @pytest.mark.row("A19")
    def test_A19_malformed_requests(self, site, request_line, lines) -> None:
        head = "\r\n".join([request_line.format(page=f"{PAGE}form"), *lines, "", ""]).encode("latin-1")
        answer = site.raw(head + b"name=", half_close=True)
        assert re.match(rb"HTTP/1.1 (40[045]|415|501) ", answer), answer[:80]
        assert answer.count(b"HTTP/1.1") == 1

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.row("A19")
    def test_A19_nothing_is_smuggled(self, site) -> None:
        good = urlencode(site.good())
        hidden = (
            f"POST {PAGE}form HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: {len(good)}\r\n\r\n{good}"
        )
        lines = f"Content-Type: {FORM}", f"Content-Length: {4 + len(hidden)}", "Transfer-Encoding: chunked"
        for path in (f"{PAGE}form", "/healthz", PAGE):
            answer = site.raw(
                site.head(*lines).replace(f"{PAGE}form".encode(), path.encode()) + b"0\r\n\r\n" + hidden.encode()
            )
            assert answer.startswith(b"HTTP/1.1 400 ")
            assert answer.count(b"HTTP/1.1") == 1
        chunk = site.head(f"Content-Type: {FORM}", "Transfer-Encoding: chunked")
        for bad in (
            b"zz\r\nname=\r\n0\r\n\r\n",
            b"-5\r\nname=\r\n",
            b"5 5\r\nname=\r\n",
            b"5\nname=\n0\n\n",
            b"5\r\nname=xx0\r\n\r\n",
        ):
            answer = site.raw(chunk + bad, half_close=True)
            assert not answer or answer.startswith(b"HTTP/1.1 4"), bad  # or it hung up

    @pytest.mark.parametrize("path", [f"{PAGE}form", "/healthz"])
    def test_A19_nonsense_in_the_middle_costs_no_traceback(self, site, caplog, path) -> None:
        """Before the answer and after it."""
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        with socket.create_connection(site.host_port, 5) as connection:
            connection.sendall(head)
            time.sleep(0.2)
            connection.sendall(b"zz\r\n\x00")
            got = b""
            while chunk := connection.recv(65_536):
                got += chunk
        assert re.match(rb"HTTP/1.1 40[05] ", got)
        assert got.count(b"HTTP/1.1") == 1
        assert site.ask("GET", "/healthz").status == 200
        assert not [record for record in caplog.records if record.exc_info or record.levelno > logging.WARNING]

    @pytest.mark.row("B19")
    def test_B19_what_is_no_http_is_told_so_with_the_headers_of_every_answer(self, site) -> None:
        answer = site.raw(b"\x00\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 ")
        for header in (
            b"X-Content-Type-Options: nosniff",
            b"Content-Security-Policy: default-src 'none'",
            b"Referrer-Policy",
        ):
            assert header in answer
        assert b"uvicorn" not in answer.lower()

    @pytest.mark.parametrize("method", ["CONNECT", "TRACE", "OPTIONS", "PROPFIND", "get", "X" * 200])
    @pytest.mark.row("A19")
    def test_A19_other_methods(self, site, method) -> None:
        for target in (f"{PAGE}form", "/", "example.com:443", "http://example.com/", "*"):
            answer = site.raw(f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            assert re.match(rb"HTTP/1.1 4(00|04|05)", answer), answer[:80]
            assert b"access-control" not in answer.lower()

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
    @pytest.mark.row("A20")
    def test_A20_only_post_stores(self, site, method) -> None:
        """Link previews and prefetching fetch addresses."""
        good = urlencode(site.good())
        for path, body in ((f"{PAGE}form?{good}", None), (f"{PAGE}?{good}", None), (f"{PAGE}form?{good}", good)):
            answer = site.ask(method, path, body, Content_Type=FORM)
            if path.startswith(f"{PAGE}form"):
                assert answer.status == 405
                assert answer.headers["allow"] == "POST"
        assert site.ask("POST", f"{PAGE}form?{good}", "", Content_Type=FORM).status == 422  # the address is not read
        assert site.ask("POST", f"{PAGE}?{good}", good, Content_Type=FORM).status == 405

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity, gzip", "GZIP", "x"])
    @pytest.mark.row("A21")
    def test_A21_compressed_bodies_are_never_unpacked(self, site, coding) -> None:
        begun = time.monotonic()
        answer = site.send(BOMB, Content_Type=FORM, Content_Encoding=coding, Accept=JSON)
        assert (answer.status, answer.json) == (415, {"error": "unsupported_type"})
        assert time.monotonic() - begun < 2

    @pytest.mark.parametrize(
        "path",
        ["/zh/nothing/form", "/xx/w/form", "/zh/W/form", "/zh/w/form/", "/zh//w/form", "//evil.example/..", "//evil.example/%2e%2e", "/\\evil.example", "/%5c%5cevil.example/", "/zh/w/form%00", "/%00", "/%ZZ",
         "/%", "/%E4%BD", "/%C0%AF", "/zh/w/form;x=y", "/zh/../../etc/passwd", "/" + "a" * 300, "/" + "a" * 70_000, "/" + "a/" * 5000, "/zh/" + "b" * 5000 + "/form", "/zh/w/thanks", "//", "///", "/.", "/..",
         "/healthz/", "/d/", "/d/x", "/s/", "/s/%00", "/calendar/x", "/calendar/%00.ics", "http://evil.example/zh/w/form", "/?x=" + "y" * 60_000],
        ids=lambda path: path[:30],
    )  # fmt: skip
    @pytest.mark.row("A22")
    def test_A22_unknown_paths(self, site, path) -> None:
        for method in ("GET", "POST"):
            answer = site.raw(
                f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )
            assert re.match(rb"HTTP/1.1 (200|30[0-9]|4[0-9][0-9]) ", answer), answer[:80]
            where = re.search(rb"(?im)^location: *(\S*)", answer)
            assert where is None or re.match(rb"/(?![/\\])", where[1]), where

    @pytest.mark.usefixtures("nothing_stored")
    @pytest.mark.row("A22")
    def test_A22_many_headers(self, site) -> None:
        many = [f"X-{n}: {'y' * 20}" for n in range(500)]
        answer = site.raw(site.head(*many, f"Content-Type: {FORM}", "Content-Length: 0", "Connection: close"))
        assert re.match(rb"HTTP/1.1 4[0-9][0-9] ", answer)
        assert re.match(rb"HTTP/1.1 4[0-9][0-9] ", site.raw(site.head("X: " + "y" * 200_000)))

    def test_A22_pipelined_requests_are_answered_in_turn(self, site) -> None:
        one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        last = one.replace(b"Host: x", b"Host: x\r\nConnection: close")
        assert site.raw(one * 20 + last).count(b'{"status":"ok"}') == 21

    def test_connection_is_used_again_after_a_refused_form(self, site) -> None:
        connection = HTTPConnection(*site.host_port, timeout=10)
        for fields, expected in (({"name": ""}, 422), (site.good(), 303), ({"name": ""}, 422)):
            connection.request("POST", f"{PAGE}form", urlencode(fields), {"Content-Type": FORM, "Origin": site.address})
            response = connection.getresponse()
            response.read()
            assert response.status == expected
        connection.close()


def test_shape_of_this_file() -> None:
    """Every row of table A is named here."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert {f"A{n}" for n in range(1, 23)} <= set(re.findall(r"(?<=test_)A\d+|(?<=_)A\d+", text))
