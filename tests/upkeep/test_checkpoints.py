"""SQLite's log, and who writes it into the database (F18)."""

import os
from contextlib import ExitStack

import pytest
from sqlmodel import select

from contentops.models import NoticeText
from contentops.upkeep.starting import LARGE_LOG_MB

LEFT = "\n[server]\nleave_checkpoints = true\n"


def log_size(workspace) -> int:
    return os.path.getsize(f"{workspace.store.file}-wal")


def write_megabytes(workspace, count: int) -> None:
    for number in range(count):
        with workspace.store.write() as session:
            row = {"version": f"{number}", "locale": "zh-CN", "text": "隐私" * 170_000, "first_at": workspace.now()}
            session.add(NoticeText.model_validate(row))


@pytest.mark.parametrize(("extra", "pages"), [("", 1000), (LEFT, 0)])
@pytest.mark.row("F18")
def test_F18_every_connection_leaves_checkpoints_as_set(make_workspace, extra, pages) -> None:
    workspace = make_workspace(extra=extra)
    with ExitStack() as held:  # all of them at once, so that each is another one
        sessions = [held.enter_context(workspace.store.read()) for _number in range(4)]
        found = {session.connection().exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() for session in sessions}
    with workspace.store.write() as session:
        found.add(session.connection().exec_driver_sql("PRAGMA wal_autocheckpoint").scalar())
    assert found == {pages}


@pytest.mark.parametrize(("extra", "is_left"), [("", False), (LEFT, True)])
@pytest.mark.row("F18")
def test_F18_the_log_is_left_to_the_other_program(make_workspace, extra, is_left) -> None:
    workspace = make_workspace(extra=extra)
    write_megabytes(workspace, 12)
    assert (log_size(workspace) > 10_000_000) is is_left
    with workspace.store.read() as session:
        assert len(session.exec(select(NoticeText.version)).all()) == 12


@pytest.mark.parametrize(("extra", "word"), [("", "reads the database"), (LEFT, "Litestream")])
@pytest.mark.row("F18")
def test_F18_a_log_that_nobody_empties_is_said_at_the_start(make_workspace, extra, word) -> None:
    workspace = make_workspace(extra=extra)
    assert workspace.upkeep.check_start() == ()
    with workspace.store.read():  # keeps the log: it goes with the last connection
        write_megabytes(workspace, 1)
        os.truncate(f"{workspace.store.file}-wal", (LARGE_LOG_MB - 1) * 1_000_000)  # nothing but holes behind the end
        assert workspace.upkeep.check_start() == ()
        os.truncate(f"{workspace.store.file}-wal", LARGE_LOG_MB * 1_000_000)
        (warning,) = workspace.upkeep.check_start()
    assert f"{LARGE_LOG_MB} MB" in warning
    assert word in warning
