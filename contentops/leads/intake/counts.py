"""Counts of senders in the database: read, and added to, in the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Executable, select
from sqlmodel import col

from contentops.leads.intake.limits import Counts, SenderLimit, Window, keys_of
from contentops.models import RateCount
from contentops.store.among import among
from contentops.store.rows import Rows, insert_rows

# Numbers of minutes and numbers of hours are never the same: keys and spans need not be compared in pairs.
_COUNTS: Executable = select(col(RateCount.key), col(RateCount.span), col(RateCount.count).label("forms")).where(
    among(col(RateCount.key), "keys"), among(col(RateCount.span), "spans")
)


def counts_of(connection: Connection, forms: Iterable[tuple[str, datetime]], windows: Sequence[Window]) -> Counts:
    """Return what was counted so far of the senders of some forms, which came at some moments."""
    wanted = keys_of(forms, windows)
    if not wanted:
        return {}
    given = {"keys": {key for key, _span in wanted}, "spans": {span for _key, span in wanted}}
    return {(row.key, row.span): row.forms for row in connection.execute(_COUNTS, given)}


def more(counts: Mapping[tuple[str, int], int]) -> Rows:
    """Return the rows that add to what is there.

    Args:
        counts: how many more, by key of a sender and number of the span.
    """
    rows = [{"key": key, "span": span, "count": count} for (key, span), count in sorted(counts.items())]
    return Rows(RateCount, rows, 'ON CONFLICT ("key", span) DO UPDATE SET count = rate_count.count + excluded.count')


def count_one(connection: Connection, sender: str, at: datetime, windows: Sequence[Window]) -> int:
    """Count one request and return 0, or the seconds after which the sender may try again; then it does not count."""
    limit = SenderLimit(windows, counts_of(connection, [(sender, at)], windows))
    wait = limit.seconds_to_wait(sender, at)
    insert_rows(connection, more(limit.grown))
    return wait
