"""The calendar over HTTP: validators, secrets, single events, pages."""

import http.client
from datetime import date
from email.utils import format_datetime, parsedate_to_datetime

import pytest
import vobject

from contentops.testing import write_content


@pytest.fixture
def running(workspace, serve):
    write_content(workspace, "qa/cost.md", "---\ntitle: 工厂保养成本怎样算清楚\ncontentops: {state: idea}\n---\n")
    workspace.assets.sync()
    workspace.team.assign("support", "孙八音")
    workspace.calendar.plan("cost", date(2026, 12, 10))
    server = serve(workspace)
    server.subscription = server.workspace.calendar.feeds.add("张三一")
    return server


def ask(server, path: str, method: str = "GET", **headers: str):
    connection = http.client.HTTPConnection(server.host, timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


class TestFeed:
    @pytest.mark.row("D17")
    def test_headers_and_bytes(self, running) -> None:
        path = f"/calendar/{running.subscription.token}.ics"
        status, headers, body = ask(running, path)
        assert status == 200
        assert headers["content-type"] == "text/calendar; charset=utf-8"
        assert headers["cache-control"] == "private, max-age=900"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-robots-tag"] == "noindex"
        assert headers["content-disposition"] == 'inline; filename="contentops.ics"'
        assert "set-cookie" not in headers
        assert len(vobject.readOne(body.decode()).vevent_list) == 5
        assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n" in body
        assert ask(running, path)[2] == body
        assert ask(running, path, Authorization="Bearer something")[0] == 200
        assert ask(running, path, "POST")[0] == 405

    def test_head_says_the_same_without_a_body(self, running) -> None:
        path = f"/calendar/{running.subscription.token}.ics"
        _status, of_get, body = ask(running, path)
        status, of_head, nothing = ask(running, path, "HEAD")
        assert (status, nothing) == (200, b"")
        assert of_head["etag"] == of_get["etag"]
        assert int(of_head["content-length"]) == len(body)

    def test_unchanged_is_304_and_changed_is_not(self, running) -> None:
        path = f"/calendar/{running.subscription.token}.ics"
        _status, headers, body = ask(running, path)
        status, again, nothing = ask(running, path, If_None_Match=headers["etag"])
        assert (status, nothing, again["etag"]) == (304, b"", headers["etag"])
        assert ask(running, path, If_None_Match=f'"x", W/{headers["etag"]}')[0] == 304
        assert ask(running, path, If_None_Match="*")[0] == 304
        assert ask(running, path, If_None_Match='"x"')[0] == 200
        running.workspace.calendar.plan("cost", date(2026, 12, 17))
        status, moved, other = ask(running, path, If_None_Match=headers["etag"])
        assert (status, other != body, moved["etag"] != headers["etag"]) == (200, True, True)

    def test_dates_are_believed_only_when_their_second_is_over(self, running) -> None:
        path = f"/calendar/{running.subscription.token}.ics"
        _status, headers, _body = ask(running, path)
        if "last-modified" not in headers:  # asked within the very second of the change
            assert ask(running, path, If_Modified_Since=format_datetime(running.workspace.now(), usegmt=True))[0] == 200
            import time

            time.sleep(1.1)
            _status, headers, _body = ask(running, path)
        assert ask(running, path, If_Modified_Since=headers["last-modified"])[0] == 304
        assert ask(running, path, If_Modified_Since="Thu, 01 Jan 2026 00:00:00 GMT")[0] == 200
        assert ask(running, path, If_Modified_Since="nonsense")[0] == 200
        # A tag decides where both stand (RFC 9110 13.2.2).
        assert ask(running, path, If_None_Match='"x"', If_Modified_Since=headers["last-modified"])[0] == 200
        running.workspace.calendar.plan("cost", date(2026, 12, 17))
        assert ask(running, path, If_Modified_Since=headers["last-modified"])[0] == 200
        assert parsedate_to_datetime(headers["last-modified"]) <= running.workspace.now()

    @pytest.mark.row("D16")
    def test_a_wrong_secret_is_a_plain_404(self, running) -> None:
        good = running.subscription.token
        answers = {ask(running, f"/calendar/{token}.ics")[::2] for token in (good[:-1], "x", "%E4%BD%A0", "a" * 20_000)}
        assert {status for status, _body in answers} == {404}
        assert len({body for _status, body in answers}) == 1
        running.workspace.calendar.feeds.revoke("张三一")
        assert ask(running, f"/calendar/{good}.ics")[0] == 404
        assert ask(running, f"/calendar/{good}/")[0] == 404

    @pytest.mark.row("D16")
    def test_guessing_is_slowed_down(self, running) -> None:
        statuses = [ask(running, f"/calendar/{number}.ics")[0] for number in range(33)]
        assert statuses[0] == 404
        assert statuses[-1] == 429

    def test_one_event(self, running) -> None:
        item = running.workspace.calendar.agenda()[0]
        status, headers, body = ask(running, f"/calendar/{running.subscription.token}/{item.uid}.ics")
        assert (status, body.count(b"BEGIN:VEVENT")) == (200, 1)
        assert headers["content-disposition"].startswith("attachment")
        assert ask(running, f"/calendar/{running.subscription.token}/nonsense.ics")[0] == 404
        limited = running.workspace.calendar.feeds.add("b", lanes=["publication"])
        assert ask(running, f"/calendar/{limited.token}/{item.uid}.ics")[0] == 404


class TestPage:
    def test_views_filters_and_their_limits(self, running) -> None:
        base = f"/calendar/{running.subscription.token}/"
        status, headers, body = ask(running, base + "?day=2026-12-10")
        page = body.decode()
        assert status == 200
        assert "2026年12月" in page
        assert "工厂保养成本怎样算清楚" in page
        assert headers["cache-control"] == "no-store"
        assert "style-src 'sha256-" in headers["content-security-policy"]
        assert "<script" not in page
        for view in ("week", "agenda"):
            assert "工厂保养成本怎样算清楚" in ask(running, f"{base}?view={view}&day=2026-12-09")[2].decode()
        assert "发布 · 工厂" not in ask(running, f"{base}?day=2026-12-10&lane=review")[2].decode()
        for odd in ("view=x&day=x", "day=0001-01-01", "day=9999-12-31", "role=%00&kind=<b>", "day=2026-02-30"):
            assert ask(running, f"{base}?{odd}")[0] == 200
        limited = running.workspace.calendar.feeds.add("b", lanes=["publication"])
        page = ask(running, f"/calendar/{limited.token}/?day=2026-12-10&lane=step")[2].decode()
        assert "发布 · 工厂" in page
        assert "收集问题 · 工厂" not in page

    def test_holidays_and_make_up_days_are_marked(self, running) -> None:
        base = f"/calendar/{running.subscription.token}/"
        page = ask(running, base + "?day=2026-10-01")[2].decode()
        assert 'title="国庆节">休</span>' in page
        assert ">班</span>" in page
        assert "节假日安排尚未公布" in ask(running, base + "?day=2027-01-10")[2].decode()
        assert "尚未公布" not in page
