"""Our own export, edited in Excel: rows back into entries. Pure rules."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from contentops.cells import formula_unsafe
from contentops.models import MilestoneState
from contentops.planning.columns import COLUMNS, named_states
from contentops.planning.incoming.differences import Incoming
from contentops.planning.incoming.plans import read_day
from contentops.planning.incoming.tables import Cell, Table
from contentops.texts import gettext as _

_NEEDED = ("uid", "day")


def own_columns(table: Table) -> tuple[int, dict[str, int]] | None:
    """Return the header's row and which column is which, or None for a table that is not ours."""
    headers = {name.casefold(): column.key for column in COLUMNS for name in (column.en, column.zh)}
    for number, row in table.rows[:5]:
        found = {headers[text]: place for place, cell in enumerate(row) if (text := _text(cell).casefold()) in headers}
        uids = [_text(cells[found["uid"]]) for _number, cells in table.rows[:50] if len(cells) > found.get("uid", 999)]
        if all(key in found for key in _NEEDED) and any(uid.endswith("@contentops") for uid in uids):
            return number, found
    return None


def own_rows(table: Table, header: int, places: Mapping[str, int], zone: ZoneInfo) -> Iterator[Incoming]:
    """Yield the rows of our own sheet as entries.

    Args:
        header, places: from :func:`own_columns`. zone: the workspace's, in which the times are meant.
    """
    states = named_states()
    for number, row in table.rows:
        if number <= header:
            continue
        cells = {key: row[place] if place < len(row) else None for key, place in places.items()}
        uid, place = _text(cells["uid"]), _("{table} row {number}").format(table=table.name, number=number)
        if not uid:
            message = _("a row without an ID; a plan of new pieces goes into a file of its own, without our IDs")
            yield Incoming("", place, None, summary=_text(cells.get("title")), problem=message)
            continue
        day, why = read_day(cells["day"])
        word = _text(cells.get("state")).casefold()
        state = states.get(word, MilestoneState.DUE)
        if word and word not in states:
            why = why or _("'{word}' is no state").format(word=_text(cells.get("state")))
        yield Incoming(
            uid=uid,
            place=place,
            day=day,
            cancelled=state is MilestoneState.DROPPED,
            done=state is MilestoneState.DONE,
            modified_at=_moment(cells.get("modified"), zone),
            problem=why,
        )


def _text(cell: Cell) -> str:
    return formula_unsafe(str(cell).strip()) if cell is not None else ""


def _moment(cell: Cell, zone: ZoneInfo) -> datetime | None:
    if isinstance(cell, str):
        try:
            cell = datetime.fromisoformat(cell.strip())
        except ValueError:
            return None
    if isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - made aware below
    return cell.replace(tzinfo=zone).astimezone(UTC) if isinstance(cell, datetime) else None
