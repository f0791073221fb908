"""Our own export, edited in Excel: rows back into entries. Pure rules."""

from collections.abc import Iterator, Mapping

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


def own_rows(table: Table, header: int, places: Mapping[str, int]) -> Iterator[Incoming]:
    """Yield the rows of our own sheet as entries.

    Args:
        header, places: from :func:`own_columns`.
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
            # The revision says whether the row is older; a time that a program wrote in its own way would not.
            sequence=_whole_number(cells.get("revision")),
            state_said=bool(word),
            problem=why,
        )


def _text(cell: Cell) -> str:
    return formula_unsafe(str(cell).strip()) if cell is not None else ""


def _whole_number(cell: Cell) -> int:
    """Return the revision of a row; -1, older than any, where it cannot be read."""
    try:
        return int(float(_text(cell)))
    except (ValueError, OverflowError):
        return -1
