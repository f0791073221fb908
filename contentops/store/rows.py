"""Many rows into one table by one statement.

Each statement that runs while other threads compute costs a change of threads; on PostgreSQL each costs a round trip.
So the rows of a batch go together, by the types that the table's columns have anyway.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

MOST_PARAMETERS = 30_000
"""SQLite takes 32,766 in one statement, PostgreSQL twice as many."""

COPY_FROM = 8
"""Rows from which on PostgreSQL gets them by COPY."""

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
    if connection.dialect.name == "postgresql" and not conflict and len(rows) >= COPY_FROM:
        _copy(connection, table, names, rows, processes)
        return
    most = MOST_PARAMETERS // len(names)
    for start in range(0, len(rows), most):
        part = rows[start : start + most]
        sql = _statement(table, names, len(part), connection.dialect.name, conflict)
        columns = (
            _column([row[name] for row in part], process) for name, process in zip(names, processes, strict=True)
        )
        connection.exec_driver_sql(sql, tuple(chain.from_iterable(zip(*columns, strict=True))))


def _copy(
    connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]],
    processes: Sequence[_Process],
) -> None:  # fmt: skip
    """Send rows by PostgreSQL's COPY, which parses and plans nothing: half the work of a statement with parameters."""
    import psycopg

    columns = ", ".join(f'"{name}"' for name in names)
    values = (_column([row[name] for row in rows], process) for name, process in zip(names, processes, strict=True))
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in zip(*values, strict=True):
                copy.write_row(row)
    except psycopg.Error as error:  # as SQLAlchemy would have it, for those who tell faults apart
        raise DBAPIError.instance(None, None, error, psycopg.Error, dialect=connection.dialect) from error
    finally:
        cursor.close()


def _column(values: list[Any], process: _Process) -> Iterable[Any]:
    if process is None:
        return values
    if isinstance(values[0], datetime):  # all that a form brings bears the same moment, and writing one out is dear
        return [_written(process, value) for value in values]
    return map(process, values)


@lru_cache(maxsize=4096)
def _written(process: Callable[[Any], Any], value: datetime) -> Any:
    return process(value)


@lru_cache(maxsize=64)
def _processes(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[_Process, ...]:
    return tuple(_process(dialect, repr(table.c[name].type), table.c[name].type) for name in names)


_known: dict[tuple[str, str], _Process] = {}


def _process(dialect: Dialect, key: str, kind: TypeEngine[Any]) -> _Process:
    # One for all columns of a type: what is written out for one column need not be for the next.
    return _known.setdefault((dialect.name, key), kind.dialect_impl(dialect).bind_processor(dialect))


@lru_cache(maxsize=1024)
def _statement(table: Table, names: tuple[str, ...], count: int, dialect: str, conflict: str) -> str:
    mark = "?" if dialect == "sqlite" else "%s"
    row = "(" + ", ".join([mark] * len(names)) + ")"
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join([row] * count)
    return f'INSERT INTO "{table.name}" ({columns}) VALUES {values} {conflict}'.rstrip()  # noqa: S608 - our own names
