"""Which row names the columns, and what a header means. Pure rules."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from contentops.tables.reading import Cell, Table

Words = Mapping[str, tuple[str, ...]]
"""What headers are called, by field: in lower case, no blanks, no punctuation. The first field that fits counts."""

_HEADER_WITHIN = 20  # rows from the top


@dataclass(frozen=True, slots=True)
class Headed:
    """A table whose header was found.

    Attributes:
        table: the sheet. row: number of the header's row. headers: its texts.
    """

    table: Table
    row: int
    headers: tuple[str, ...]


def meaning(header: str, words: Words) -> str | None:
    """Return the field that a header names."""
    word = re.sub(r"[\W_]+", "", header).casefold()
    return next((name for name, known in words.items() if word in known), None) if word else None


def find_header(table: Table, words: Words, needed: Iterable[str], said: Iterable[Iterable[str]] = ()) -> Headed | None:
    """Return the row that names the columns: the one among the first with the most words that are known.

    Args:
        needed: fields of which a header has one at least. said: sets of headers that were named by the user or
            accepted before; a row that has all of one is the header.
    """
    best: tuple[int, Headed] | None = None
    wanted, sets = set(needed), [set(headers) for headers in said]
    for number, row in table.rows[:_HEADER_WITHIN]:
        headers = tuple(" ".join(str(cell or "").split()) for cell in row)
        if any(each and each <= set(headers) for each in sets):
            return Headed(table, number, headers)
        known = {name for header in headers if (name := meaning(header, words))}
        if known & wanted and (best is None or len(known) > best[0]):
            best = (len(known), Headed(table, number, headers))
    return best[1] if best else None


def cells_of(headed: Headed, fields: Mapping[str, str]) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Yield each row below the header as field → cell.

    Args:
        fields: field → header.
    """
    place = {name: headed.headers.index(header) for name, header in fields.items() if header in headed.headers}
    for number, row in headed.table.rows:
        if number > headed.row:
            yield number, {name: row[index] if index < len(row) else None for name, index in place.items()}
