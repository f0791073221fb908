"""Every threat and fault in docs/threats.md is held by a test that names its row, and no test names a row of none."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+) \| (.+) \|$", re.MULTILINE)


@cache
def listed() -> list[str]:
    return [number for number, _threat, _answer in ROW.findall((ROOT / "docs" / "threats.md").read_text("utf-8"))]


@cache
def named() -> set[str]:
    """Return the rows that markers of tests name, without importing them."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "row":
                found |= {given.value for given in node.args if isinstance(given, ast.Constant)}
    return found


def test_no_row_is_listed_twice() -> None:
    rows = listed()
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("row", listed())
def test_row_is_held_by_a_test(row: str) -> None:
    assert row in named()


def test_no_test_names_a_row_that_is_not_listed() -> None:
    assert named() <= set(listed())
