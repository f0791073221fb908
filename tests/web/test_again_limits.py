"""How often one sender may have new links sent, by their address or by an old link: all processes count together."""

from sqlalchemy import event

from contentops.models import RateCount
from contentops.testing import FixedClock

from .conftest import Visitor

AGAIN = "/en/paper/again/"


def standing_still(*visitors) -> FixedClock:
    """Have servers count at one moment: at the turn of a minute a few more are let through (tests/leads/test_limits)."""
    clock = FixedClock()
    for visitor in visitors:
        visitor.workspace.leads.intake._now = clock
    return clock


class TestLimits:
    def test_two_processes_count_together(self, any_visitor, serve) -> None:
        one, two = any_visitor, type(any_visitor)(serve(any_visitor.workspace))
        clock = standing_still(one, two)
        old = one.download(one.lead(one.contact()), days=-1)
        tries = [
            visitor.post(path, {"email": f"a{number}@example.cn"}).status
            for number in range(4)
            for visitor, path in ((one, AGAIN), (two, AGAIN), (two, old))
        ]
        assert tries == [200] * 10 + [429] * 2
        answer = two.post("/zh/paper/again/", {"email": "zhang@example.cn"})
        assert (answer.status, answer.headers["retry-after"]) == (429, "67")
        clock.forward(minutes=2)
        assert two.post("/zh/paper/again/", {"email": "zhang@example.cn"}).status == 200

    def test_what_is_kept_is_no_address_of_anybody_and_goes_after_a_day(self, visitor) -> None:
        visitor.workspace.leads.intake._now = FixedClock()  # long ago
        visitor.post(AGAIN, {"email": "zhang@example.cn"})
        kept = visitor.rows(RateCount)
        assert sorted(row.count for row in kept) == [1, 1]
        for row in kept:
            sender, _colon, seconds = row.key.partition(":")
            assert (len(sender), seconds in ("60", "3600")) == (32, True)
            assert set(sender) <= set("0123456789abcdef")
        assert visitor.workspace.privacy.purge()["rate_counts"] == 2

    def test_forms_and_new_links_are_counted_apart(self, visitor) -> None:
        """Who asks for a new link ten times can still fill in the form, as the page tells them to."""
        standing_still(visitor)
        for number in range(12):
            visitor.post(AGAIN, {"email": f"a{number}@example.cn"})
        form = {"name": "李梅", "email": "li@example.cn", "company": "示例制造", "consent_delivery": "yes"}
        assert visitor.post("/en/paper/form", form).status == 303

    def test_wrong_addresses_cost_nothing(self, visitor) -> None:
        assert [visitor.post(AGAIN, {"email": "李梅"}).status for _time in range(3)] == [422] * 3
        assert visitor.rows(RateCount) == []

    def test_flood_is_stopped_before_the_database(self, make_workspace, small_site, serve) -> None:
        """In memory, at five times as many: the database is not asked for each."""
        visitor = Visitor(serve(small_site(make_workspace(extra="[capture]\nper_minute = 1\n"))))
        seen: list[str] = []
        engine = visitor.workspace.store.engine
        event.listen(engine, "before_cursor_execute", lambda _one, _two, statement, *_rest: seen.append(statement))
        statuses = [visitor.post(AGAIN, {"email": f"a{number}@example.cn"}).status for number in range(9)]
        assert statuses[0] == 200
        assert set(statuses[5:]) == {429}
        assert len([statement for statement in seen if "FROM rate_count" in statement]) == 5
