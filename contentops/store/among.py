"""A column compared with a whole list that is one parameter.

SQLAlchemy's ``in_`` writes a parameter for each value, so that each length is another statement to compose, parse and
plan: dear where it happens a hundred times a second. Here the statement is always the same, and a list may have any
length.
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Text, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import Boolean, Integer, TypeDecorator, TypeEngine


class _Values(TypeDecorator[Any]):
    """Texts or whole numbers: an array on PostgreSQL, a JSON array on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, numbers: bool = False) -> None:
        super().__init__()
        self.numbers = numbers

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(BigInteger if self.numbers else Text))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return values if dialect.name == "postgresql" else json.dumps(values, ensure_ascii=False)


class _Among(ColumnElement[bool]):
    inherit_cache = True
    type = Boolean()
    # Else SQLAlchemy writes "... = 1" for a database without booleans, and no index is used.
    _is_implicitly_boolean = True
    _traverse_internals = [
        ("column", InternalTraversal.dp_clauseelement),
        ("values", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.values = bindparam(name, type_=_Values(isinstance(column.type, Integer)))


def among(column: Any, name: str) -> ColumnElement[bool]:
    """Return the condition that a column of texts or whole numbers has one of the values of the parameter `name`.

    An empty list is met by no row, as is NULL.
    """
    return _Among(column, name)


@compiles(_Among, "sqlite")
def _sqlite(element: _Among, compiler: Any, **how: Any) -> str:
    column, values = compiler.process(element.column, **how), compiler.process(element.values, **how)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - names and parameters of our own


@compiles(_Among, "postgresql")
def _postgresql(element: _Among, compiler: Any, **how: Any) -> str:
    column, values = compiler.process(element.column, **how), compiler.process(element.values, **how)
    return f"{column} = ANY({values})"
