"""Who may import whom: rooms only from rooms below, each third-party package in its rooms, no code among the data."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "contentops"

# From the street to the cellar. A room imports from its own and from lower ones only.
STOREYS = [
    {"__main__"},
    {"cli"},
    {"testing"},
    {"__init__"},
    {"web"},
    {"workspace"},
    {"privacy", "upkeep"},
    {"followup"},
    {"leads"},
    {"pages"},
    {"planning"},
    {"assets"},
    {"store"},
    {"models"},
    {"scaffold"},
    {"settings"},
    {"tables"},
    {"errors"},
    {"texts", "bundled", "cells", "disk"},
]
LEVEL = {room: level for level, rooms in enumerate(reversed(STOREYS)) for room in rooms}

DATA_ROOMS = {"models", "store", "assets", "planning", "pages", "leads", "followup", "privacy", "upkeep"}
ONLY_IN = {
    "alembic": {"store"},
    "anyio": {"web"},
    "babel": {"pages"},
    "dateutil": {"assets", "planning"},
    "disposable_email_domains": {"leads"},
    "dns": {"leads"},
    "email_validator": {"leads"},
    "filelock": {"assets", "leads", "pages"},
    "fontTools": {"pages"},
    "holidays": {"planning", "settings"},
    "icalendar": {"planning", "followup"},
    "imagesize": {"pages"},
    "itsdangerous": {"leads"},
    "jinja2": {"pages", "followup", "privacy"},
    "markdown": {"pages"},
    "markupsafe": {"pages"},
    "nh3": {"pages"},
    "PIL": {"pages"},
    "phonenumbers": {"leads"},
    "psycopg": {"store"},
    "pydantic": {"models", "settings", "assets", "planning"},
    "pydantic_settings": {"settings"},
    "python_calamine": {"tables"},
    "python_multipart": {"web"},
    "rich": {"cli"},
    "segno": {"pages"},
    "slugify": {"assets"},
    "sqlalchemy": DATA_ROOMS,
    "sqlmodel": DATA_ROOMS,
    "starlette": {"web"},
    "typer": {"cli"},
    "uvicorn": {"web"},
    "watchfiles": {"web"},
    "xlsxwriter": {"leads", "planning"},
    "yaml": {"assets"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_MODULE, LONGEST_BODY = 300, 40


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            yield node.lineno, node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
class TestModule:
    def test_imports_point_down(self, path: Path) -> None:
        """A room knows only the rooms below it."""
        here = room_of(path)
        assert here in LEVEL, f"{here} has no storey: add it to STOREYS"
        if "migrations" in path.parts:
            return
        for line, module in imports(path):
            if not module.startswith("contentops"):
                continue
            parts = module.split(".")
            there = parts[1] if len(parts) > 1 else "__init__"
            assert LEVEL[there] < LEVEL[here] or there == here, f"{path}:{line}: {here} must not import {there}"

    def test_packages_stay_in_their_rooms(self, path: Path) -> None:
        """Each third-party package is spoken to where the table says."""
        for line, module in imports(path):
            package = module.split(".")[0]
            if package == "contentops" or package in sys.stdlib_module_names:
                continue
            assert package in ONLY_IN, f"{path}:{line}: {package} is in no room yet: add it to ONLY_IN"
            assert room_of(path) in ONLY_IN[package], f"{path}:{line}: {package} belongs to {ONLY_IN[package]}"

    def test_fits_on_a_table(self, path: Path) -> None:
        """Modules and function bodies stay short enough to read without scrolling back."""
        text = path.read_text(encoding="utf-8")
        if "migrations" in path.parts:
            return
        assert text.count("\n") <= LONGEST_MODULE
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if isinstance(node.body[0], ast.Expr) and ast.get_docstring(node) else node.body
                length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                assert length <= LONGEST_BODY, f"{path}:{node.lineno}: {node.name} has {length} lines"

    def test_name_says_something(self, path: Path) -> None:
        """No drawer for odds and ends, no module that shadows the standard library."""
        name = path.stem
        assert name not in {"utils", "helpers", "core", "base", "manager", "services"}
        if not name.startswith("__"):
            assert name not in sys.stdlib_module_names


def test_folders_of_data_hold_no_code() -> None:
    """With a .py in it, calendar/ would shadow the standard library's calendar and break strptime."""
    for folder in ("templates", "calendar", "examples"):
        assert not list((ROOT / folder).rglob("*.py")) if (ROOT / folder).is_dir() else True


def test_standard_librarys_calendar_wins_in_the_checkout() -> None:
    code = "import calendar; print(calendar.day_abbr[0])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip()
