"""How often one sender may post: what two counts per window can promise, and what they cannot.

Counted are spans that begin at fixed moments (each whole minute, each whole hour). A form at the fraction g of its span
is let through if ``held + earlier * (1 - g) < most``: held forms in its span, earlier ones in the span before, taken to
be spread evenly. What follows for any window of that length that ends with such a form:

* Of the window's forms, ``held + 1`` are of this span and ``a <= earlier`` of the one before, so their number is
  ``held + 1 + a < most + 1 + (a - earlier * (1 - g))``: beyond `most` by no more than the forms of the span before came
  later than evenly spread. This error is at most ``earlier * g``.
* A span by itself never has more than `most` forms (``held < most``), so ``earlier <= most``, ``g < 1`` and the number
  is less than ``2 * most + 1``: at most twice `most`, and only for who sends the most at the very end of one span and
  again at the very end of the next.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from contentops.leads.intake.limits import HOUR, LOW_TRUST_SHARE, MINUTE, SenderLimit, Window

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
WINDOW = Window(60, 5)
gaps = st.lists(st.integers(0, 40_000), max_size=120)
"""Milliseconds from one form to the next."""


def let_through(windows: tuple[Window, ...], moments: list[datetime], sender: str = "s") -> list[datetime]:
    """Return the moments at which a form was let through; each is a batch of its own, as the database keeps counts."""
    counts: Counter[tuple[str, int]] = Counter()
    passed = []
    for at in moments:
        limit = SenderLimit(windows, dict(counts))
        if not limit.seconds_to_wait(sender, at, trusted=True):
            passed.append(at)
        counts.update(limit.grown)
    return passed


def moments_of(milliseconds: list[int]) -> list[datetime]:
    moments, at = [], START
    for gap in milliseconds:
        at += timedelta(milliseconds=gap)
        moments.append(at)
    return moments


def milliseconds(at: datetime) -> int:
    return round((at - START) / timedelta(milliseconds=1))


BURSTS = [0] * 5 + [59_999] + [0] * 8 + [59_998] + [0] * 8
"""The worst there is: as many as go at the end of a minute, and again at the end of the next."""


@given(gaps)
@example(BURSTS)
@example([30_000, *[0] * 9, 59_000, *[0] * 9, 29_000, *[0] * 9])
def test_no_window_lets_more_through_than_the_proof_says(given_gaps) -> None:
    passed = [milliseconds(at) for at in let_through((WINDOW,), moments_of(given_gaps))]
    length, most = WINDOW.seconds * 1000, WINDOW.most
    per_span = Counter(at // length for at in passed)
    assert max(per_span.values(), default=0) <= most
    for number, end in enumerate(passed):
        inside = [at for at in passed[: number + 1] if end - length < at]
        span, gone = end // length, Fraction(end % length, length)
        late = sum(1 for at in inside if at // length == span - 1)  # a in the proof
        error = late - per_span[span - 1] * (1 - gone)
        assert len(inside) < most + 1 + max(error, 0)
        assert error <= per_span[span - 1] * gone
        assert len(inside) <= 2 * most


def test_twice_as_many_is_reached_by_bursts_at_the_ends_of_spans() -> None:
    """The bound is not only a bound: one who knows the rule gets there, once every two minutes, and no further."""
    ends = [START + timedelta(seconds=60 * span, milliseconds=59_999) for span in range(1, 3)]
    passed = let_through((WINDOW,), [end for end in ends for _form in range(20)])
    assert len(passed) == 2 * WINDOW.most
    assert passed[-1] - passed[0] <= timedelta(seconds=60)


@given(st.integers(1, 50), st.integers(2, 8))
def test_who_posts_evenly_gets_what_is_promised(most, times) -> None:
    """Several times too often, evenly: over many windows no more than one in each passes beyond the limit."""
    window = Window(60, most)
    step = timedelta(seconds=60) / (most * times)
    passed = let_through((window,), [START + step * number for number in range(most * times * 6)])
    assert len(passed) <= 6 * (most + 1)
    assert len(passed) >= 5 * (most - 1)


@given(gaps, st.booleans())
def test_the_wait_that_is_told_is_enough(given_gaps, trusted) -> None:
    """Who comes back after it, is let in."""
    windows, counts = (Window(MINUTE, 4), Window(HOUR, 9)), Counter()
    for at in moments_of(given_gaps):
        limit = SenderLimit(windows, dict(counts))
        wait = limit.seconds_to_wait("s", at, trusted=trusted)
        if wait:
            assert not limit.grown, "what was refused does not count"
            assert wait <= 2 * HOUR
            again = SenderLimit(windows, dict(counts))
            assert again.seconds_to_wait("s", at + timedelta(seconds=wait), trusted=trusted) == 0
        counts.update(limit.grown)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 20_000)), max_size=60))
def test_senders_do_not_count_for_each_other(forms) -> None:
    """No page can be closed for everybody by one."""
    counts: dict[tuple[str, int], int] = {}
    limit, at, passed = SenderLimit((WINDOW,), counts), START, {"a": [], "b": []}
    own: dict[str, list[datetime]] = {"a": [], "b": []}
    for sender, gap in forms:
        at += timedelta(milliseconds=gap)
        own[sender].append(at)
        if not limit.seconds_to_wait(sender, at, trusted=True):
            passed[sender].append(at)
    assert passed == {sender: let_through((WINDOW,), moments, sender) for sender, moments in own.items()}


def test_low_trust_gets_half_and_at_least_one() -> None:
    for most, expected in ((10, 10 // LOW_TRUST_SHARE), (1, 1)):
        limit = SenderLimit((Window(60, most),), {})
        answers = [limit.seconds_to_wait("s", START, trusted=False) for _form in range(20)]
        assert answers.count(0) == expected
