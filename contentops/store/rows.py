"""Many rows into one table by one statement.

Each statement that runs while other threads compute costs a change of threads; on PostgreSQL each costs a round trip.
So the rows of a batch go together, by the types that the table's columns have anyway.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect
from sqlmodel import SQLModel

MOST_PARAMETERS = 30_000
"""SQLite takes 32,766 in one statement, PostgreSQL twice as many."""

_Process = Callable[[Any], Any] | None


def insert_rows(
    connection: Connection, model: type[SQLModel], rows: Sequence[Mapping[str, Any]], *, conflict: str = ""
) -> None:
    """Insert rows, all with the same columns.

    Args:
        rows: values by column. Columns that none of them names get the model's defaults, where these are values.
        conflict: what to do with rows that are there already, such as ``ON CONFLICT DO NOTHING``: SQL of our own.
    """
    if not rows:
        return
    table: Table = model.__table__  # type: ignore[attr-defined]
    names = tuple(rows[0])
    processes = _processes(table, names, connection.dialect)
    most = MOST_PARAMETERS // len(names)
    for start in range(0, len(rows), most):
        part = rows[start : start + most]
        sql = _statement(table, names, len(part), connection.dialect.name, conflict)
        connection.exec_driver_sql(sql, tuple(_parameters(part, names, processes)))


def _parameters(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], processes: Sequence[_Process]
) -> Iterator[Any]:
    for row in rows:
        for name, process in zip(names, processes, strict=True):
            yield process(row[name]) if process else row[name]


@lru_cache(maxsize=64)
def _processes(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[_Process, ...]:
    return tuple(table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)


@lru_cache(maxsize=1024)
def _statement(table: Table, names: tuple[str, ...], count: int, dialect: str, conflict: str) -> str:
    mark = "?" if dialect == "sqlite" else "%s"
    row = "(" + ", ".join([mark] * len(names)) + ")"
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join([row] * count)
    return f'INSERT INTO "{table.name}" ({columns}) VALUES {values} {conflict}'.rstrip()  # noqa: S608 - our own names
