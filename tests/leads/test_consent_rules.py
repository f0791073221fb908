"""What entries of the ledger come to: rules that hold whatever was said in whatever order."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contentops.leads.consent.ledger import (
    ANY,
    CHANNELS,
    GIVEN,
    PENDING,
    WITHDRAWN,
    changed,
    channels_of,
    may,
    standing,
    unanswered,
)
from contentops.models import ConsentAction
from contentops.pages.notice import DELIVERY, MARKETING, PURPOSES

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    action: ConsentAction
    minute: int = 0
    contact_id: str = "a"
    purpose: str = MARKETING
    channel: str = ANY

    @property
    def at(self) -> datetime:
        return NOW + timedelta(minutes=self.minute)


ENTRIES = st.lists(
    st.builds(
        Said,
        action=st.sampled_from(ConsentAction),
        minute=st.integers(0, 5),
        contact_id=st.sampled_from("abc"),
        purpose=st.sampled_from(PURPOSES),
        channel=st.sampled_from((*CHANNELS, ANY)),
    ),
    max_size=12,
)


def answered(asked: Said, channel: str, minute: int) -> Said:
    return Said(GIVEN, minute, asked.contact_id, asked.purpose, channel)


class TestUnanswered:
    def test_question_waits_until_it_is_answered(self) -> None:
        asked = Said(PENDING)
        assert unanswered([asked]) == [(asked, ANY)]
        assert unanswered([asked, Said(GIVEN, 1)]) == []
        assert unanswered([Said(GIVEN, 0), later := Said(PENDING, 1)]) == [(later, ANY)]

    def test_no_in_between_wins_over_a_late_click(self) -> None:
        """(D7, P6) Also a no by another contact of the same person, and one at the very same moment."""
        asked = Said(PENDING)
        assert unanswered([asked, Said(WITHDRAWN, 1)]) == []
        assert unanswered([asked, Said(WITHDRAWN, 0, "b")]) == []
        by_mail = Said(WITHDRAWN, 1, channel="email")
        assert unanswered([asked, by_mail]) == [(asked, "phone"), (asked, "wecom")]

    @given(ENTRIES)
    def test_answering_all_leaves_none_and_changes_nothing_else(self, entries) -> None:
        """A no is undone only by a question that was asked after it."""
        questions, before = unanswered(entries), standing(entries)
        answers = [answered(asked, channel, 6) for asked, channel in questions]
        after = standing([*entries, *answers])
        assert unanswered([*entries, *answers]) == []
        for purpose, channel in before:
            asked = [each.at for each, _how in questions if each.purpose == purpose and channel in channels_of(each)]
            noes = [
                each.at
                for each in entries
                if each.action is WITHDRAWN and each.purpose == purpose and channel in channels_of(each)
            ]
            if after[(purpose, channel)] is not before[(purpose, channel)]:
                assert after[(purpose, channel)] is GIVEN
                assert max(asked) > max(noes, default=NOW - timedelta(1))

    @given(ENTRIES)
    def test_each_question_is_asked_once(self, entries) -> None:
        found = [
            (asked.contact_id, asked.purpose, each)
            for asked, channel in unanswered(entries)
            for each in (CHANNELS if channel == ANY else (channel,))
        ]
        assert len(found) == len(set(found))


class TestChanged:
    @given(ENTRIES, st.sampled_from((*CHANNELS, ANY)), st.sampled_from(PURPOSES), st.booleans())
    def test_what_is_written_makes_it_hold_and_once_is_enough(self, entries, channel, purpose, is_yes) -> None:
        wanted = {(purpose, channel): is_yes}
        news = changed(standing(entries), wanted)
        written = [Said(action, 9, "a", *key) for key, action in news.items()]
        after = standing([*entries, *written])
        channels = channels_of(Said(GIVEN, channel=channel))
        assert all(may(after, purpose, each) is is_yes for each in channels)
        assert all(after[(purpose, each)] is (GIVEN if is_yes else WITHDRAWN) for each in channels)
        assert changed(after, wanted) == {}

    def test_no_to_what_was_never_said_is_written(self) -> None:
        assert changed({}, {(MARKETING, "email"): False}) == {(MARKETING, "email"): WITHDRAWN}

    def test_purposes_are_apart(self) -> None:
        agreement = standing([Said(GIVEN, purpose=DELIVERY), Said(WITHDRAWN, purpose=MARKETING)])
        assert may(agreement, DELIVERY, "email")
        assert not may(agreement, MARKETING, "email")
