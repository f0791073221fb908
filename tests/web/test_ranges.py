"""Parts of files (D14)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.web.ranges import MAX_RANGES, WHOLE, Asked, asked

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "spans"),
    [
        ("bytes=0-", [(0, 999)]), ("bytes=0-0", [(0, 0)]), ("bytes=500-", [(500, 999)]), ("bytes=-1", [(999, 999)]),
        ("bytes=-5000", [(0, 999)]), ("bytes=10-9999", [(10, 999)]), ("BYTES = 1-2", [(1, 2)]), ("bytes=1-2, 5-6", [(1, 2), (5, 6)]),
        ("bytes=1-2,2000-3000", [(1, 2)]), ("bytes=" + ",".join(["0-0"] * 5), [(0, 0)] * 5),
    ],
)  # fmt: skip
def test_parts_that_are_served(header, spans) -> None:
    found = asked(header, SIZE)
    assert list(found.spans) == spans
    assert asked(found.header, SIZE) == found


@pytest.mark.row("D14")
@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-1", "lines=0-1", "bytes=1", "bytes=1-2;3-4", "bytes=0-1,x",
     "bytes=" + ",".join(["0-0"] * 6), "bytes=٣-٤", "bytes=0-0,", "bytes=--1"],
)  # fmt: skip
def test_what_cannot_be_understood_or_is_too_much_is_the_whole_file(header) -> None:
    assert asked(header, SIZE) == WHOLE


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0", "bytes=1000-,2000-"])
def test_what_is_not_in_the_file_is_outside(header) -> None:
    assert asked(header, SIZE) == Asked((), is_outside=True)
    assert asked("bytes=0-", 0).is_outside


def test_file_that_changed_since_is_sent_whole() -> None:
    assert asked("bytes=5-", SIZE, if_range='"old"', etag='"new"') == WHOLE
    assert asked("bytes=5-", SIZE, if_range="Sat, 21 Nov 2026 09:00:00 GMT", etag='"new"') == WHOLE
    assert asked("bytes=5-", SIZE, if_range='"new"', etag='"new"').spans == ((5, 999),)


@pytest.mark.row("D14")
def test_d14_thousands_of_parts_cost_nothing() -> None:
    header = "bytes=" + ",".join(f"{n}-" for n in range(200_000))
    begun = time.perf_counter()
    assert asked(header, SIZE) == WHOLE
    assert time.perf_counter() - begun < 0.1


@given(st.text("bytes=0123456789-, ", max_size=40), st.integers(0, 300))
def test_whatever_is_asked_for_lies_in_the_file(header, size) -> None:
    found = asked(f"bytes={header}", size)
    assert len(found.spans) <= MAX_RANGES
    assert all(0 <= first <= last < size for first, last in found.spans)
    assert not (found.spans and found.is_outside)
