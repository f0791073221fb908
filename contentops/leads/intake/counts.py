"""Counts of senders in the database: read, and added to, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, tuple_
from sqlmodel import col

from contentops.leads.intake.limits import SharedLimit, Window, keys_of
from contentops.models import RateCount
from contentops.store.rows import insert_rows


def add_counts(connection: Connection, counts: Mapping[tuple[str, int], int]) -> None:
    """Add to what is there.

    Args:
        counts: how many more, by key of a sender and number of the span.
    """
    insert_rows(
        connection, RateCount,
        [{"key": key, "span": span, "count": count} for (key, span), count in sorted(counts.items())],
        conflict='ON CONFLICT ("key", span) DO UPDATE SET count = rate_count.count + excluded.count',
    )  # fmt: skip


def count_one(connection: Connection, sender: str, at: datetime, windows: Sequence[Window]) -> int:
    """Count one request and return 0, or the seconds after which the sender may try again; then it does not count."""
    pair = tuple_(col(RateCount.key), col(RateCount.span))
    query = select(col(RateCount.key), col(RateCount.span), col(RateCount.count))
    known = connection.execute(query.where(pair.in_(keys_of([(sender, at)], windows))))
    limit = SharedLimit(windows, {(key, span): count for key, span, count in known})
    wait = limit.seconds_to_wait(sender, at, trusted=True)
    add_counts(connection, limit.grown)
    return wait
