"""The schema moves whole or not at all."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect

from contentops.models import Record
from contentops.store import migrate, schema
from contentops.store.engine import database_url as url_of
from contentops.store.engine import make_engine


def test_head_is_alembics_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_migrated_database_is_what_the_models_say(empty_database_url, tmp_path) -> None:
    assert migrate(empty_database_url, tmp_path) == (None, schema.HEAD)
    engine = make_engine(url_of(empty_database_url, tmp_path))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": schema.VERSION_TABLE}
        )
        assert compare_metadata(context, Record.metadata) == []
    engine.dispose()


def test_may_run_any_number_of_times(empty_database_url, tmp_path) -> None:
    migrate(empty_database_url, tmp_path)
    assert migrate(empty_database_url, tmp_path) == (schema.HEAD, schema.HEAD)


def test_failure_at_any_statement_leaves_nothing(empty_database_url, tmp_path, monkeypatch) -> None:
    """DDL rolls back on both databases; the next run makes the whole schema."""
    real, at = schema.make_engine, {"statement": 0}

    def failing(url):
        engine = real(url)
        count = iter(range(10_000))

        @event.listens_for(engine, "before_cursor_execute")
        def fail(_connection, _cursor, statement, *_rest) -> None:
            if statement.lstrip().startswith(("CREATE", "INSERT")) and next(count) == at["statement"]:
                raise RuntimeError(statement)

        return engine

    for statement in (0, 1, 2, 7, 15, 25):
        at["statement"] = statement
        monkeypatch.setattr(schema, "make_engine", failing)
        with pytest.raises(RuntimeError):
            migrate(empty_database_url, tmp_path)
        monkeypatch.setattr(schema, "make_engine", real)
        engine = make_engine(url_of(empty_database_url, tmp_path))
        assert inspect(engine).get_table_names() == []
        engine.dispose()
    assert migrate(empty_database_url, tmp_path) == (None, schema.HEAD)


def test_two_at_once_wait_for_each_other(empty_database_url, tmp_path, at_once) -> None:
    results = at_once(2, lambda: migrate(empty_database_url, tmp_path))
    assert sorted(results, key=str) == [(schema.HEAD, schema.HEAD), (None, schema.HEAD)]


def at_revision(url, folder, revision) -> None:
    """Make a database as an older contentops left it."""
    from alembic import command

    if schema.sqlite_file(url_of(url, folder)):
        schema.sqlite_file(url_of(url, folder)).touch()
    with schema._writing(make_engine(url_of(url, folder))) as connection:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.attributes |= {"connection": connection, "version_table": schema.VERSION_TABLE}
        command.upgrade(config, revision)


ASSET = (
    "INSERT INTO asset (id, slug, kind, language, translation_key, title, description, state, gate, draft, publish_on,"
    " aliases, stages, personas, industries, keywords, offer, front_matter, created_at, changed_at) VALUES"
    " ('a1', 'cost', 'qa', 'zh-CN', 'k', '成本怎样算', '', 'planned', 'open', false, '2026-12-10', '[]', '[]', '[]',"
    " '[]', '{}', '{}', '{}', '2026-11-01 00:00:00', '2026-11-01 00:00:00')"
)
MILESTONE = (
    "INSERT INTO milestone (id, asset_id, step, name, role, due_on, effort_hours, state, standard_version, revision,"
    " fingerprint, created_at, changed_at) VALUES ('m1', 'a1', 'publish', '{}', 'ops', '2026-12-10', 1, 'due', 1, 7,"
    " 'abc', '2026-11-01 00:00:00', '2026-11-02 00:00:00')"
)


def test_what_an_older_contentops_stored_is_carried_over(empty_database_url, tmp_path) -> None:
    """Nothing that hangs on an asset goes, and no SEQUENCE that has left the house falls."""
    at_revision(empty_database_url, tmp_path, "0001")
    engine = make_engine(url_of(empty_database_url, tmp_path))
    with engine.execution_options(contentops_writes=True).begin() as connection:
        for statement in (ASSET, MILESTONE):
            connection.exec_driver_sql(statement)
    assert migrate(empty_database_url, tmp_path) == ("0001", schema.HEAD)
    with engine.begin() as connection:
        assert str(connection.exec_driver_sql("SELECT planned_on FROM asset").scalar()) == "2026-12-10"
        assert connection.exec_driver_sql("SELECT step, lane FROM milestone").one() == ("publish", "publication")
        row = connection.exec_driver_sql("SELECT uid, revision, lane FROM calendar_event").one()
    assert row == ("a1-publish@contentops", 7, "publication")
    engine.dispose()
