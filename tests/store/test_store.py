"""The store's contract, on SQLite and on PostgreSQL."""

import sqlite3
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text, update
from sqlmodel import col, select

from contentops.errors import DatabaseBusy, DatabaseMissing, SchemaMismatch, StoreConflict, StoreError
from contentops.models import Asset, Attachment, Person
from contentops.store import Store
from contentops.store import engine as engines


def asset(**values) -> Asset:
    now = datetime(2026, 11, 21, 9, tzinfo=UTC)
    given = {"slug": "a", "kind": "qa", "language": "zh-CN", "translation_key": "a", "title": "标题 龘𠮷 👩‍🔧"}
    return Asset.model_validate({**given, "created_at": now, "changed_at": now, **values})


class TestOnBothDatabases:
    @pytest.mark.row("F20")
    def test_value_comes_back_as_it_went(self, any_workspace) -> None:
        """Chinese beyond the basic plane, emoji, JSON, enums by value, aware UTC."""
        stored = asset(keywords={"product": ["点检"]}, offer={"promise": "“值”"}, state="in_review")
        with any_workspace.store.write() as session:
            session.add(stored)
        with any_workspace.store.read() as session:
            found = session.exec(select(Asset)).one()
            raw = session.connection().execute(text("SELECT state, gate FROM asset")).one()
        assert found.title == "标题 龘𠮷 👩‍🔧"
        assert found.keywords == {"product": ["点检"]}
        assert found.created_at == datetime(2026, 11, 21, 9, tzinfo=UTC)
        assert found.created_at.tzinfo is not None
        assert tuple(raw) == ("in_review", "open")

    def test_exception_undoes_everything(self, any_workspace) -> None:
        def write_and_fail() -> None:
            with any_workspace.store.write() as session:
                session.add(asset())
                session.flush()
                raise RuntimeError

        with pytest.raises(RuntimeError):
            write_and_fail()
        assert any_workspace.assets.find() == []

    def test_reader_writes_nothing(self, any_workspace) -> None:
        with any_workspace.store.read() as session:
            session.add(asset())
            session.flush()
        assert any_workspace.assets.find() == []

    def test_same_thing_twice_is_a_conflict(self, any_workspace) -> None:
        with any_workspace.store.write() as session:
            session.add(asset())
        with pytest.raises(StoreConflict, match="nothing was saved"), any_workspace.store.write() as session:
            session.add(asset())

    def test_a_value_that_is_missing_is_a_fault_of_the_program_and_no_conflict(self, any_workspace) -> None:
        """Nobody is told to try again what can never work, and nobody's data is in the message."""
        with any_workspace.store.write() as session:
            session.add(row := asset())
        with pytest.raises(StoreError, match="title") as raised, any_workspace.store.write() as session:
            session.execute(update(Asset).where(col(Asset.id) == row.id).values(title=None))
        assert not isinstance(raised.value, StoreConflict)
        assert "\n" not in str(raised.value)
        assert row.id not in str(raised.value)

    def test_orphan_is_refused(self, any_workspace) -> None:
        """Foreign keys hold on SQLite too."""
        row = {"asset_id": "0" * 32, "role": "download", "path": "x", "file_name": "x", "media_type": "x"}
        with pytest.raises(StoreError), any_workspace.store.write() as session:
            session.add(Attachment.model_validate({**row, "size_bytes": 1, "mtime_ns": 2**62, "sha256": "x"}))

    @pytest.mark.row("F3")
    def test_writers_of_two_processes_do_not_lose(self, any_workspace) -> None:
        """Read, then write, many times at once: every increment counts (SQLite: BEGIN IMMEDIATE)."""
        with any_workspace.store.write() as session:
            session.add(Person.model_validate({"name": "0"}))
        others = [Store(any_workspace.settings.database_url, any_workspace.folder) for _number in range(2)]

        def count(store: Store) -> None:
            for _number in range(20):
                with store.write() as session:
                    person = session.exec(select(Person).with_for_update()).one()
                    person.name = str(int(person.name) + 1)
                    session.add(person)

        threads = [threading.Thread(target=count, args=(store,)) for store in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for store in others:
            store.close()
        with any_workspace.store.read() as session:
            assert session.exec(select(Person)).one().name == "40"

    def test_older_and_newer_schema_are_refused_with_the_command(self, any_workspace) -> None:
        for found, word in (("0000", "contentops migrate"), ("9999", "update contentops")):
            with any_workspace.store.write() as session:
                session.connection().execute(text(f"UPDATE contentops_version SET version_num = '{found}'"))
            other = Store(any_workspace.settings.database_url, any_workspace.folder)
            with pytest.raises(SchemaMismatch, match=word):
                other.check()
            other.close()


class TestSQLite:
    def test_every_connection_is_durable_and_strict(self, workspace) -> None:
        with workspace.store.write() as session:
            pragmas = {
                name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
            }
        assert pragmas == {
            "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000, "trusted_schema": 0,
        }  # fmt: skip

    def test_locked_database_is_a_sentence(self, workspace, monkeypatch) -> None:
        monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 100)
        other = sqlite3.connect(workspace.folder / "contentops.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            store = Store(workspace.settings.database_url, workspace.folder)
            with pytest.raises(DatabaseBusy, match="in use by another process"), store.write() as session:
                session.exec(select(Asset)).all()
        finally:
            other.execute("ROLLBACK")
            other.close()
            store.close()

    def test_damaged_file_is_a_sentence(self, workspace) -> None:
        workspace.close()
        (workspace.folder / "contentops.db").write_bytes(b"this is no database" * 100)
        with pytest.raises(StoreError, match="database"):
            Store(workspace.settings.database_url, workspace.folder).check()

    def test_deleted_file_is_named(self, workspace) -> None:
        workspace.close()
        (workspace.folder / "contentops.db").unlink()
        with pytest.raises(DatabaseMissing, match=r"contentops\.db"):
            Store(workspace.settings.database_url, workspace.folder).check()


def test_server_that_is_not_there_is_a_sentence(tmp_path) -> None:
    store = Store("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
    with pytest.raises(StoreError, match="cannot be used"):
        store.check()
    store.close()


@pytest.mark.parametrize("name", ["c#d", "what?x", "50%41x", "空 格", "a&b=c;d"])
def test_odd_folder_names_keep_their_database_inside(tmp_path, name) -> None:
    from contentops import Workspace

    with Workspace.init(tmp_path / name) as workspace:
        assert workspace.assets.find() == []
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "contentops.db").stat().st_size > 4096
