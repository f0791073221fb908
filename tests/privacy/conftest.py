"""A workspace with people in it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from contentops.models import Record
from contentops.workspace import Workspace

from .shared import GOOD, Canaries, made, put_canaries_into, with_assets


@pytest.fixture
def gated(any_workspace: Workspace) -> Workspace:
    return with_assets(any_workspace)


@pytest.fixture
def local(workspace: Workspace) -> Workspace:
    """The same on SQLite only."""
    return with_assets(workspace)


@pytest.fixture
def take() -> Callable[..., str]:
    """Send a form as a visitor does; returns the lead's id, or nothing for one in quarantine."""

    def send(workspace: Workspace, slug: str = "w", **values: str) -> str:
        form = {**GOOD, **({} if {"email", "phone"} & values.keys() else {"email": "li@example.cn"}), **values}
        captured = workspace.leads.capture(workspace.assets.get(slug), form.items(), page=f"/zh/{slug}/")
        return captured.lead_id or ""

    return send


@pytest.fixture
def rows() -> Callable[..., list[Any]]:
    def read(workspace: Workspace, table: type[Record]) -> list[Any]:
        with workspace.store.read() as session:
            return list(session.exec(select(table)))

    return read


@pytest.fixture
def add() -> Callable[..., Any]:
    """Store a row with given values; what is not given is filled by its type."""

    def store(workspace: Workspace, table: type[Record], **values: Any) -> Any:
        row = made(table, workspace.now(), values, lambda _name: "x")
        with workspace.store.write() as session:
            session.add(row)
        return row

    return store


@pytest.fixture
def put_canaries() -> Callable[[Workspace], Canaries]:
    return put_canaries_into
