"""Whatever bytes come: an answer within a second, never a 5xx, nothing stored unless it was accepted.

The application is driven in this process, without sockets, so that hundreds of requests cost seconds.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contentops.models import Submission
from contentops.pages.gate import FORM_TOKEN, HONEYPOT, IDEMPOTENCY_KEY, NOTICE, TRACKED
from contentops.web.app import create_app
from contentops.web.reading import JSON
from contentops.web.reading import URLENCODED as FORM

PAGE = "/zh/w/"
GOOD = {"name": "张三", "email": "zhang@example.cn", "consent_delivery": "yes"}
QUICK = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Driver:
    """Asks an ASGI application."""

    def __init__(self, site) -> None:
        self.site, self.app, self.runner = site, create_app(site.workspace), asyncio.Runner()

    def ask(self, method: str, path: str, body: bytes = b"", headers=(), query: bytes = b"") -> tuple[int, bytes]:
        """Return status and body; a fault of the application comes through."""
        pieces = [body[:100], body[100:]]
        sent: list = []

        async def receive() -> dict:
            if not pieces:
                await asyncio.Event().wait()  # the client waits for its answer
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message) -> None:
            sent.append(message)

        raw = path.encode("utf-8", "surrogatepass")
        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path, "raw_path": quote(raw).encode(), "query_string": query,
                 "headers": [(b"host", b"x"), *headers], "client": ("203.0.113.5", 1), "server": ("x", 80), "scheme": "http", "root_path": ""}  # fmt: skip
        begun = time.process_time()
        self.runner.run(self.app(scope, receive, send))
        assert time.process_time() - begun < 1
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])

    def submissions(self) -> int:
        return len(self.site.stored(Submission))


@pytest.fixture(scope="module")
def driver(site) -> Iterator[Driver]:
    driver = Driver(site)
    yield driver
    driver.runner.close()


names = st.sampled_from(["name", "company", "email", "phone", "consent_delivery", "consent_marketing", HONEYPOT, FORM_TOKEN, NOTICE, IDEMPOTENCY_KEY, *TRACKED]) | st.text(max_size=12)  # fmt: skip
values = st.sampled_from(["yes", "张三", "a@example.cn", "13800138000", "", "\x00", "x" * 400, "1e9", "+86"]) | st.text(
    max_size=40
)
pairs = st.lists(st.tuples(names, values), max_size=12)
right = st.fixed_dictionaries(
    {
        "name": st.text("张三李四 ab'-", min_size=1, max_size=20),
        "email": st.emails(),
        "consent_delivery": st.just("yes"),
    },
    optional={
        "phone": values,
        "utm_source": values,
        "company": st.text(max_size=30),
        IDEMPOTENCY_KEY: st.text("ab", max_size=2),
    },
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | values,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def parts(found: list[tuple[str, str]], boundary: bytes = b"XyZ") -> bytes:
    lines = (
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (boundary, encoded(name), encoded(value))
        for name, value in found
    )
    return b"".join(lines) + b"--%b--\r\n" % boundary


@st.composite
def mangled(draw, bodies) -> bytes:
    """A body as it is, or with some bytes cut out, put in, or changed."""
    body = draw(bodies)
    for _again in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 30)))
        body = body[:start] + draw(st.binary(max_size=12)) + body[end:]
    return body


form_bodies = mangled((pairs | right.map(lambda fields: list(fields.items()))).map(lambda found: urlencode([(encoded(n), encoded(v)) for n, v in found]).encode()))  # fmt: skip
json_bodies = mangled((json_values | right).map(lambda value: json.dumps(value, ensure_ascii=False)).map(encoded))
multipart_bodies = mangled((pairs | right.map(lambda fields: list(fields.items()))).map(parts))
types = st.sampled_from([FORM, JSON, "multipart/form-data; boundary=XyZ"])
accepts = st.sampled_from([JSON, JSON, JSON, "text/html", ""])


def check(driver: Driver, body: bytes, kind: str, accept: str) -> None:
    before = driver.submissions()
    headers = [(b"content-type", kind.encode()), (b"accept", accept.encode())]
    status, answer = driver.ask("POST", f"{PAGE}form", body, headers)
    assert status in {200, 303, 400, 409, 413, 415, 422}
    grown = driver.submissions() - before
    assert grown in ((0, 1) if status in (200, 303) else (0,))
    if JSON in (accept, kind) and accept != "text/html":
        told = json.loads(answer)
        assert set(told) <= {"errors", "error", "download", "expires_at"}
        assert ("download" in told) is (status == 200)


def test_right_form_is_stored_once(driver) -> None:
    """The driver does reach the database: what follows is no empty promise."""
    for kind, body in ((FORM, urlencode(GOOD).encode()), (JSON, json.dumps(GOOD).encode()), ("multipart/form-data; boundary=XyZ", parts(list(GOOD.items())))):  # fmt: skip
        before = driver.submissions()
        check(driver, body, kind, JSON)
        assert driver.submissions() == before + 1


@QUICK
@given(form_bodies, accepts)
def test_any_form(driver, body, accept) -> None:
    check(driver, body, FORM, accept)


@QUICK
@given(json_bodies, accepts)
def test_any_json(driver, body, accept) -> None:
    check(driver, body, JSON, accept)


@QUICK
@given(multipart_bodies, accepts)
def test_any_multipart(driver, body, accept) -> None:
    check(driver, body, "multipart/form-data; boundary=XyZ", accept)


@QUICK
@given(st.binary(max_size=300), types, accepts)
def test_any_bytes(driver, body, kind, accept) -> None:
    check(driver, body, kind, accept)


@QUICK
@given(right, st.sampled_from([FORM, JSON, "multipart/form-data; boundary=XyZ"]))
def test_what_is_sent_is_what_is_stored(driver, fields, kind) -> None:
    """All three ways of sending a form lead to the same answer."""
    fields.pop(IDEMPOTENCY_KEY, None)
    bodies = {FORM: urlencode(fields).encode(), JSON: json.dumps(fields).encode()}
    headers = [(b"content-type", kind.encode()), (b"accept", JSON.encode())]
    status, answer = driver.ask("POST", f"{PAGE}form", bodies.get(kind, parts(list(fields.items()))), headers)
    as_form, same = driver.ask("POST", f"{PAGE}form", bodies[FORM], [(b"content-type", FORM.encode()), *headers[1:]])
    assert status == as_form
    assert json.loads(answer).get("errors") == json.loads(same).get("errors")


segments = st.sampled_from(["zh", "en", "w", "b", "form", "thanks", "again", "d", "s", "c", "p", "u", "t", "calendar", "static", "healthz", "readyz", "x.ics", "..", ".", "", "\x00", "%2e", "\\", "\ud800", "~", "a" * 300]) | st.text(max_size=12)  # fmt: skip
paths = (
    st.lists(segments, max_size=6)
    .map(lambda found: "/" + "/".join(found))
    .flatmap(lambda path: st.sampled_from([path, path + "/"]))
)
methods = st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "TRACE", "X"])
odd_headers = st.lists(
    st.tuples(
        st.sampled_from([b"accept", b"range", b"if-range", b"if-none-match", b"if-modified-since", b"referer", b"origin", b"cookie", b"user-agent", b"accept-language", b"x-forwarded-for", b"content-type", b"content-length", b"sec-fetch-site"]),
        st.binary(max_size=30) | st.sampled_from([b"bytes=0-", b"bytes=5-1,,", b"*", b'"x"', b"http://[", b"\xff" * 9, b"-1", b"0"]),
    ),
    max_size=3,
)  # fmt: skip


@settings(QUICK, max_examples=300)
@given(methods, paths, st.text(max_size=20) | st.sampled_from(["utm_source=%FF", "g=%", "utm_source=a&utm_source=b"]), odd_headers, st.binary(max_size=20))  # fmt: skip
def test_any_path_of_any_route(driver, method, path, query, headers, body) -> None:
    before = driver.submissions()
    status, _body = driver.ask(method, path, body, headers, encoded(query))
    assert status < 500
    assert driver.submissions() == before


@settings(QUICK, max_examples=60)
@given(st.sampled_from(["/d/{}/x", "/c/{}/", "/p/{}/", "/u/{}", "/s/{}", "/calendar/{}.ics", "/zh/{}/", "/zh/{}/form", "/zh/w/thanks/?g={}"]), st.text(max_size=30) | st.binary(max_size=30).map(quote), st.sampled_from(["GET", "POST"]))  # fmt: skip
def test_any_token(driver, route, token, method) -> None:
    path, _mark, query = route.partition("?")
    status, _body = driver.ask(method, path.format(token), b"", (), encoded(query.format(quote(encoded(token)))))
    assert status < 500
