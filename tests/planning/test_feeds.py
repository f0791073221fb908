"""Subscriptions: who sees what, by which secret, and when a feed counts as changed."""

from datetime import date

import pytest

from contentops.errors import AlreadyExists, InvalidArgument, NotFound
from contentops.models import Feed
from contentops.planning.outgoing.ledger import Filters


def days_of(workspace, feed: Feed) -> bytes:
    return workspace.calendar.export(workspace.calendar.feeds.filters_of(feed))


class TestSecrets:
    @pytest.mark.row("D16")
    def test_the_secret_is_shown_once_and_kept_as_a_hash(self, planned_anywhere) -> None:
        made = planned_anywhere.calendar.feeds.add("张三一 的 Outlook")
        assert made.url == f"http://127.0.0.1:8000/calendar/{made.token}.ics"
        assert len(made.token) >= 32
        assert made.token not in repr(planned_anywhere.calendar.feeds.all()[0].model_dump())
        assert planned_anywhere.calendar.feeds.by_token(made.token).label == "张三一 的 Outlook"
        assert made.links["Apple, Outlook"].startswith("webcal://127.0.0.1:8000/calendar/")

    @pytest.mark.parametrize("wrong", ["", "x", "你好", "\ud800", "a" * 20_000, "%", "' OR 1=1 --"])
    def test_anything_else_is_no_secret(self, planned_anywhere, wrong) -> None:
        planned_anywhere.calendar.feeds.add("a")
        assert planned_anywhere.calendar.feeds.by_token(wrong) is None

    @pytest.mark.row("D17")
    def test_rotate_and_revoke_end_the_old_secret(self, planned_anywhere) -> None:
        feeds = planned_anywhere.calendar.feeds
        first = feeds.add("a")
        second = feeds.rotate("a")
        assert feeds.by_token(first.token) is None
        assert feeds.by_token(second.token) is not None
        assert feeds.revoke("a").revoked_at is not None
        assert feeds.by_token(second.token) is None
        assert feeds.by_token(feeds.rotate("a").token) is not None
        for verb in (feeds.rotate, feeds.revoke):
            with pytest.raises(NotFound):
                verb("nobody")

    def test_labels_are_unique_and_needed(self, planned_anywhere) -> None:
        planned_anywhere.calendar.feeds.add("a")
        with pytest.raises(AlreadyExists):
            planned_anywhere.calendar.feeds.add(" a ")
        with pytest.raises(InvalidArgument):
            planned_anywhere.calendar.feeds.add(" ")

    def test_last_use_is_kept_by_the_day(self, planned_anywhere, clock) -> None:
        feeds = planned_anywhere.calendar.feeds
        made = feeds.add("a")
        feeds.note_use(made.feed)
        feeds.note_use(feeds.by_token(made.token))
        assert feeds.all()[0].last_used_on == clock().date()


class TestFilters:
    @pytest.mark.row("D17")
    def test_by_role_kind_lane_and_person(self, planned_anywhere) -> None:
        planned_anywhere.team.assign("support", "孙八音")
        feeds = planned_anywhere.calendar.feeds
        for limits, count in (
            ({"roles": ["support"]}, 1), ({"kinds": ["qa"]}, 2), ({"kinds": ["whitepaper"]}, 0),
            ({"lanes": ["publication"]}, 1), ({"person": "孙八音"}, 1), ({"person": "孙八音", "roles": ["ops"]}, 0),
        ):  # fmt: skip
            feed = feeds.add(str(limits), **limits).feed
            assert days_of(planned_anywhere, feed).count(b"BEGIN:VEVENT") == count, limits

    def test_a_person_sees_what_their_roles_owe_today(self, planned_anywhere) -> None:
        planned_anywhere.team.assign("support", "孙八音")
        feed = planned_anywhere.calendar.feeds.add("孙八音", person="孙八音").feed
        planned_anywhere.team.assign("support", "王五舟")
        assert b"BEGIN:VEVENT" not in days_of(planned_anywhere, feed)  # nothing, and not everything
        planned_anywhere.team.assign("ops", "孙八音")
        assert b"-publish@contentops" in days_of(planned_anywhere, feed)

    @pytest.mark.parametrize("limits", [{"roles": ["x"]}, {"kinds": ["x"]}, {"lanes": ["x"]}, {"person": "无此人"}])
    def test_wrong_limits_are_said_at_once(self, planned_anywhere, limits) -> None:
        with pytest.raises((NotFound, InvalidArgument)):
            planned_anywhere.calendar.feeds.add("a", **limits)


class TestVersions:
    """Equal versions must have equal bytes, whatever changes; and nothing is built to find out."""

    def test_unchanged_is_unchanged(self, planned_anywhere, clock) -> None:
        feed = planned_anywhere.calendar.feeds.add("a").feed
        before = planned_anywhere.calendar.feeds.version(feed)
        planned_anywhere.leads.rows()
        clock.forward(hours=1)
        assert planned_anywhere.calendar.feeds.version(feed) == before

    @pytest.mark.parametrize(
        "change", ["plan", "title", "person", "state", "tick", "sql", "slot", "expiry", "standard"]
    )
    def test_every_change_changes_the_version_or_leaves_the_bytes(self, planned_anywhere, clock, change) -> None:
        from sqlmodel import select

        from contentops.models import Milestone
        from contentops.testing import write_content

        planned_anywhere.team.assign("support", "孙八音")
        feed = planned_anywhere.calendar.feeds.add("a").feed
        version, body = planned_anywhere.calendar.feeds.version(feed), days_of(planned_anywhere, feed)
        clock.forward(hours=1)
        if change == "plan":
            planned_anywhere.calendar.plan("cost", date(2026, 12, 17))
        elif change == "title":
            write_content(planned_anywhere, "qa/cost.md", "---\ntitle: 新标题\ncontentops: {id: asset-1}\n---\n")
            planned_anywhere.assets.sync()
        elif change == "person":
            planned_anywhere.team.assign("support", "王五舟")
        elif change == "state":
            planned_anywhere.assets.move("cost", "retired", by="x")
        elif change == "tick":
            planned_anywhere.calendar.steps.complete("cost", "draft", by="x")
        elif change == "sql":  # somebody who queries the tables themselves
            with planned_anywhere.store.write() as session:
                session.exec(select(Milestone)).first().due_on = date(2027, 1, 4)
        elif change == "slot":
            (planned_anywhere.folder / "calendar" / "cadence.toml").write_text(
                '[[series]]\nkey = "s"\nname = "s"\nkind = "qa"\nworking_day = 1\nstarts_on = 2026-12-01\n'
            )
            planned_anywhere.calendar.series.extend(date(2027, 1, 31))
        elif change == "expiry":
            planned_anywhere.calendar.move("cost", "expiry", date(2027, 12, 31))
        else:
            path = planned_anywhere.folder / "calendar" / "qa.toml"
            path.write_text(
                path.read_text(encoding="utf-8").replace('zh-CN = "问答"', 'zh-CN = "答疑"'), encoding="utf-8"
            )
            del planned_anywhere.assets.standards
        assert days_of(planned_anywhere, feed) != body
        assert planned_anywhere.calendar.feeds.version(feed) != version

    def test_a_cancelled_event_that_drops_out_changes_it(self, planned_anywhere, clock) -> None:
        feed = planned_anywhere.calendar.feeds.add("a").feed
        days_of(planned_anywhere, feed)
        planned_anywhere.assets.move("cost", "retired", by="x")
        assert days_of(planned_anywhere, feed).count(b"STATUS:CANCELLED") == 2
        clock.forward(days=90)
        version = planned_anywhere.calendar.feeds.version(feed)
        assert days_of(planned_anywhere, feed).count(b"STATUS:CANCELLED") == 2
        clock.forward(days=1)
        assert b"BEGIN:VEVENT" not in days_of(planned_anywhere, feed)
        assert planned_anywhere.calendar.feeds.version(feed) != version

    def test_only_what_changed_is_written_anew(self, planned_anywhere, clock) -> None:
        planned_anywhere.assets.idea("另一个", kind="qa", slug="other", by="x")
        planned_anywhere.calendar.plan("other", date(2026, 12, 24))
        planned_anywhere.calendar.export()
        before = planned_anywhere.calendar.ledger.known(item.uid for item in planned_anywhere.calendar.agenda())
        clock.forward(hours=1)
        planned_anywhere.calendar.move("other", "draft", date(2026, 12, 18))
        planned_anywhere.calendar.export()
        after = planned_anywhere.calendar.ledger.known(before)
        changed = [uid for uid in before if before[uid].revision != after[uid].revision]
        assert [after[uid].key for uid in changed] == ["draft"]
        assert [after[uid].former[-1]["day"] for uid in changed] == ["2026-12-21"]

    def test_one_event_as_a_file_has_no_calendar_name(self, planned_anywhere) -> None:
        uid = planned_anywhere.calendar.agenda()[0].uid
        content = planned_anywhere.calendar.export(Filters(uid=uid))
        assert content.count(b"BEGIN:VEVENT") == 1
        assert b"X-WR-CALNAME" not in content
