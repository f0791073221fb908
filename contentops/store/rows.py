"""Many rows into several tables at once.

Each statement that runs while other threads compute costs a change of threads; on PostgreSQL each costs a round trip as
well. So the rows of a batch go together, by the types that the tables' columns have anyway: on SQLite one statement
for each table, on PostgreSQL one for all of them.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import JSON, Connection, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

MOST_ROWS, SMALLEST_POWER = 256, 16
"""Rows in one statement on SQLite at most, and from how many on only powers of two; see :func:`_sizes`."""

_Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows for one table, all with the same columns.

    Attributes:
        values: by column. Columns that none of them names get no value: the table's own default, or NULL.
        conflict: what to do with rows that are there already, such as ``ON CONFLICT DO NOTHING``: SQL of our own.
    """

    model: type[SQLModel]
    values: Sequence[Mapping[str, Any]]
    conflict: str = ""

    @property
    def table(self) -> Table:
        """The table they go into."""
        table: Table = self.model.__table__  # type: ignore[attr-defined]
        return table


def insert_rows(connection: Connection, *parts: Rows) -> None:
    """Insert rows into tables, in an order that foreign keys allow."""
    parts = tuple(part for part in parts if part.values)
    if not parts:
        return
    if connection.dialect.name == "postgresql":
        _insert_together(connection, parts)
        return
    for part in parts:
        _insert(connection, part)


def _insert(connection: Connection, part: Rows) -> None:
    names, values_of = tuple(part.values[0]), itemgetter(*part.values[0])
    width, processes, start = len(names), _processes(part.table, names, connection.dialect), 0
    for size in _sizes(len(part.values)):
        rows = part.values[start : start + size]
        start += size
        parameters = list(chain.from_iterable(map(values_of, rows)) if width > 1 else map(values_of, rows))
        for name, process in processes:
            place = slice(names.index(name), None, width)
            parameters[place] = [process(value) for value in parameters[place]]
        connection.exec_driver_sql(_statement(part.table, names, size, part.conflict), tuple(parameters))


def _sizes(count: int) -> Iterator[int]:
    """Cut a number of rows into powers of two and a small rest.

    So there are few different statements, which SQLite has parsed already: that is half the work of a row.
    """
    while count >= SMALLEST_POWER:
        size = min(MOST_ROWS, 1 << (count.bit_length() - 1))
        yield size
        count -= size
    if count:
        yield count


def _insert_together(connection: Connection, parts: Sequence[Rows]) -> None:
    """Send all rows in one statement, those of a table as a JSON array of objects."""
    shape = tuple((part.table, tuple(part.values[0]), part.conflict) for part in parts)
    documents = tuple(_document(part, connection.dialect) for part in parts)
    connection.exec_driver_sql(_together(shape, connection.dialect), documents)


def _document(part: Rows, dialect: Dialect) -> str:
    processes = _processes(part.table, tuple(part.values[0]), dialect)
    return _dumps([{**row, **{name: process(row[name]) for name, process in processes}} for row in part.values])


_dumps = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


@lru_cache(maxsize=64)
def _processes(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[tuple[str, _Process], ...]:
    """Return how the values of some columns are written; those of the others are passed as they are."""
    processes = ((name, _process(table.c[name].type, dialect)) for name in names)
    return tuple((name, process) for name, process in processes if process is not None)


def _process(kind: TypeEngine[Any], dialect: Dialect) -> _Process | None:
    if isinstance(kind, JSON) and dialect.name == "postgresql":
        return None  # it stands in a JSON document anyway
    if isinstance(kind, UTCDateTime):
        return _written_moment(dialect)
    process: _Process | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return process


@lru_cache(maxsize=8)
def _written_moment(dialect: Dialect) -> _Process:
    """Return how moments are written as text, one for all columns: all that a form brings bears the same one."""
    process: _Process | None = UTCDateTime().dialect_impl(dialect).bind_processor(dialect)

    @lru_cache(maxsize=4096)
    def written(moment: datetime | None) -> str | None:
        text = process(moment) if process else moment
        return text.isoformat() if isinstance(text, datetime) else text

    return written


@lru_cache(maxsize=1024)
def _statement(table: Table, names: tuple[str, ...], count: int, conflict: str) -> str:
    row = "(" + ", ".join("?" * len(names)) + ")"
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join([row] * count)
    return f'INSERT INTO "{table.name}" ({columns}) VALUES {values} {conflict}'.rstrip()  # noqa: S608 - our own names


@lru_cache(maxsize=256)
def _together(shape: tuple[tuple[Table, tuple[str, ...], str], ...], dialect: Dialect) -> str:
    inserts = []
    for number, (table, names, conflict) in enumerate(shape):
        columns = ", ".join(f'"{name}"' for name in names)
        types = ", ".join(f'"{name}" {table.c[name].type.compile(dialect)}' for name in names)
        source = f"SELECT {columns} FROM json_to_recordset(%s::json) AS given({types})"  # noqa: S608 - our own names
        inserts.append(f'part{number} AS (INSERT INTO "{table.name}" ({columns}) {source} {conflict})')
    return f"WITH {', '.join(inserts)} SELECT 1"
