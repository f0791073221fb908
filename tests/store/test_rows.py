"""Rows of several tables written at once, and lists compared as one parameter, on SQLite and on PostgreSQL."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, delete, event
from sqlalchemy.dialects import sqlite
from sqlmodel import col, select

from contentops.errors import StoreConflict
from contentops.leads.intake import counts, known
from contentops.models import Consent, ConsentAction, Contact, ContactKey, RateCount, Touch
from contentops.store import Store
from contentops.store.among import among
from contentops.store.rows import MOST_ROWS, Rows, insert_rows
from contentops.workspace import Workspace

AT = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)
ADD = 'ON CONFLICT ("key", span) DO UPDATE SET count = rate_count.count + excluded.count'
PLAIN_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def contact(number: int, **values: Any) -> dict[str, Any]:
    row_id = f"{number:032x}"
    blank = {"name": f"张三{number}", "company": "示例机械", "job_title": "", "email": None, "phone": None}
    times = {"language": "zh-CN", "created_at": AT, "changed_at": AT}
    return {"id": row_id, "person_id": row_id, **blank, **times, **values}


def written(store: Store, *parts: Rows) -> None:
    with store.write() as session:
        insert_rows(session.connection(), *parts)


@pytest.fixture
def statements(any_workspace: Workspace) -> list[str]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "INSERT" in statement:
            said.append(statement)

    event.listen(any_workspace.store.engine, "before_cursor_execute", note)
    return said


@pytest.mark.parametrize("count", [1, 15, 16, 17, 63, MOST_ROWS, MOST_ROWS + 31])
def test_all_rows_arrive_in_few_statements(any_workspace: Workspace, statements: list[str], count: int) -> None:
    people = [contact(number) for number in range(count)]
    keys = [{"value": f"mail:{number}@example.cn", "contact_id": row["id"]} for number, row in enumerate(people)]
    written(any_workspace.store, Rows(Contact, people), Rows(Touch, []), Rows(ContactKey, keys))
    with any_workspace.store.read() as session:
        assert {row.id: row.name for row in session.exec(select(Contact))} == {row["id"]: row["name"] for row in people}
        assert {(key.value, key.contact_id) for key in session.exec(select(ContactKey))} == {
            (key["value"], key["contact_id"]) for key in keys
        }
    if any_workspace.store.file is None:
        assert len(statements) == 1
    else:
        assert len(statements) <= 2 * 5  # powers of two and a rest, for each of two tables


def test_nothing_to_write_asks_nothing(any_workspace: Workspace, statements: list[str]) -> None:
    written(any_workspace.store, Rows(Contact, []), Rows(ContactKey, []))
    assert statements == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLAIN_TEXT, st.booleans(), st.sampled_from(list(ConsentAction)))
@example('"\\\n\t{}[],%s ? :x ‮龘𠮷 👩‍🔧', True, ConsentAction.WITHDRAWN)
def test_values_come_back_as_they_went(
    any_workspace: Workspace, text: str, has_mail: bool, action: ConsentAction
) -> None:
    """Texts of any kind, NULL, JSON, enums and moments, the same as if each row had been stored by itself."""
    later = (AT + timedelta(hours=8)).astimezone(timezone(timedelta(hours=8)))
    person = contact(1, name=text, email=text if has_mail else None, changed_at=later)
    word = {
        "id": "c" * 32, "contact_id": person["id"], "submission_id": None, "purpose": "marketing", "channel": "email",
        "action": action, "how": "form", "wording": text, "wording_sha256": "", "notice": "", "locale": "zh-CN",
        "page": "/zh/w/", "evidence": text, "at": later,
    }  # fmt: skip
    with any_workspace.store.write() as session:
        session.execute(delete(Consent))
        session.execute(delete(Contact))
        insert_rows(session.connection(), Rows(Contact, [person]), Rows(Consent, [word]))
    with any_workspace.store.read() as session:
        found, said = session.exec(select(Contact)).one(), session.exec(select(Consent)).one()
    assert (found.name, found.email, found.changed_at) == (text, text if has_mail else None, later)
    assert (said.wording, said.evidence, said.action, said.submission_id, said.at) == (text, text, action, None, later)


def test_counts_are_added_up(any_workspace: Workspace) -> None:
    for count in (2, 3):
        rows = [{"key": "网络:60", "span": span, "count": count} for span in (7, 8)]
        written(any_workspace.store, Rows(RateCount, rows, ADD))
    with any_workspace.store.read() as session:
        assert [row.count for row in session.exec(select(RateCount))] == [5, 5]


def test_one_wrong_row_undoes_all(any_workspace: Workspace) -> None:
    """What names a row that is not there is a conflict with somebody else's change; nothing of the batch stays."""
    wrong = [{"value": "mail:zhang@example.cn", "contact_id": "f" * 32}]
    with pytest.raises(StoreConflict):
        written(any_workspace.store, Rows(Contact, [contact(1)]), Rows(ContactKey, wrong))
    with any_workspace.store.read() as session:
        assert session.exec(select(Contact)).all() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PLAIN_TEXT, max_size=12), st.sets(st.integers(0, 5), max_size=4))
@example(["o'brien", '"', "\\", "{a,b}", "NULL", "张三", ""], {0, 1, 2, 3})
def test_among_is_in(any_workspace: Workspace, values: list[str], spans: set[int]) -> None:
    """A list as one parameter finds what ``in_`` finds, for texts of any kind and for numbers."""
    stored = [*dict.fromkeys([*values[::2], "谁"])]
    rows = [{"key": key, "span": span, "count": 1} for key in stored for span in (0, 3, 9)]
    with any_workspace.store.write() as session:
        session.execute(delete(RateCount))
        insert_rows(session.connection(), Rows(RateCount, rows))
    key, span = col(RateCount.key), col(RateCount.span)
    with any_workspace.store.read() as session:
        query = select(key, span).where(among(key, "keys"), among(span, "spans"))
        found = session.connection().execute(query, {"keys": values, "spans": spans}).all()
        expected = session.exec(select(key, span).where(key.in_(values), span.in_(spans))).all()
    assert sorted(map(tuple, found)) == sorted(map(tuple, expected))


def test_among_is_one_statement_for_any_length(any_workspace: Workspace) -> None:
    said: list[str] = []
    note: Callable[..., None] = lambda _c, _cursor, statement, *_rest: said.append(statement)  # noqa: E731
    event.listen(any_workspace.store.engine, "before_cursor_execute", note)
    with any_workspace.store.read() as session:
        for count in (0, 1, 40_000):
            values = [str(number) for number in range(count)]
            query = select(col(Contact.id)).where(among(col(Contact.id), "ids"))
            assert session.connection().execute(query, {"ids": values}).all() == []
    assert len({statement for statement in said if "contact" in statement}) == 1


STATEMENTS = {
    name: str(query.compile(dialect=sqlite.dialect()))
    for name, query in {**vars(known), **vars(counts)}.items()
    if isinstance(query, Select) and query.whereclause is not None
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_what_is_known_is_found_by_indexes(made_database: Path, name: str) -> None:
    """However many people there are, a form costs the same."""
    sql = STATEMENTS[name]
    with closing(sqlite3.connect(made_database)) as database:
        plan = [step[3] for step in database.execute(f"EXPLAIN QUERY PLAN {sql}", ["[]"] * sql.count("?"))]
    assert {step.split()[1] for step in plan if step.startswith("SCAN")} <= {"json_each"}, plan
