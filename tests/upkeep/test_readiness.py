"""/healthz and /readyz (F24): what is wrong by name, without secrets or people, cheap to ask."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection

import pytest
from sqlalchemy import text

from contentops.models import Message, MessageState
from contentops.testing import write_content
from contentops.upkeep import readiness as rules
from contentops.workspace import Workspace


def queue(workspace, state=MessageState.DUE, **values) -> None:
    now = workspace.now()
    given = {"kind": "asset", "state": state, "next_at": now, "created_at": now, **values}
    with workspace.store.write() as session:
        session.add(Message.model_validate(given))


def get(server, path: str):
    connection = HTTPConnection(server.host, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class TestRules:
    def test_F24_all_is_well(self, any_workspace) -> None:
        found = any_workspace.upkeep.readiness()
        assert found.is_ready
        assert (found.oldest_due_seconds, found.dead, found.last_backup_at) == (0, 0, None)

    def test_F24_message_that_waits_too_long(self, any_workspace, clock) -> None:
        queue(any_workspace)
        queue(any_workspace, next_at=clock.moment + timedelta(days=3))
        clock.forward(minutes=60)
        assert any_workspace.upkeep.readiness().is_ready
        clock.forward(seconds=1)
        found = any_workspace.upkeep.readiness()
        assert found.failed == (rules.OLDEST_DUE,)
        assert found.oldest_due_seconds == 3601

    def test_F24_lease_of_a_dead_worker_counts_as_waiting(self, any_workspace, clock) -> None:
        queue(any_workspace, MessageState.LEASED, lease_until=clock.moment + timedelta(minutes=5))
        clock.forward(minutes=4)
        assert any_workspace.upkeep.readiness().oldest_due_seconds == 0
        clock.forward(hours=2)
        assert any_workspace.upkeep.readiness().failed == (rules.OLDEST_DUE,)

    def test_F24_dead_messages_of_the_last_week(self, make_workspace, clock) -> None:
        workspace = make_workspace(extra="\n[server]\ndead_messages = 2\n")
        for _number in range(2):
            queue(workspace, MessageState.DEAD, done_at=clock.moment)
        assert workspace.upkeep.readiness().failed == (rules.DEAD,)
        clock.forward(days=8)
        assert workspace.upkeep.readiness().is_ready

    @pytest.mark.row("C22")
    def test_C22_more_leads_in_an_hour_than_usual(self, make_workspace, clock) -> None:
        """A warning and an entry in the log; forms are taken all the same."""
        workspace = make_workspace(extra="\n[server]\nleads_per_hour = 2\n")
        write_content(
            workspace, "qa/w.md", "---\ntitle: 白皮书\ncontentops: {gate: partial}\n---\n一\n\n<!-- more -->\n\n二\n"
        )
        workspace.assets.sync()
        asset, yes = workspace.assets.get("w"), {"name": "张三", "consent_delivery": "yes"}
        for number in range(6):
            assert (rules.MANY_LEADS in workspace.upkeep.readiness().failed) is (number > 2)
            workspace.leads.capture(asset, {**yes, "email": f"a{number}@example.cn"}.items(), page="/zh/w/")
            workspace.leads.capture(asset, {**yes, "email": "a0@example.cn"}.items(), page="/zh/w/")
        clock.forward(hours=1)
        assert workspace.upkeep.readiness().is_ready

    def test_c22_leads_are_counted_and_said_not_people(self, make_workspace, clock) -> None:
        workspace = make_workspace(extra="\n[server]\nleads_per_hour = 2\n")
        form = {"name": "李梅", "email": "li@example.cn", "consent_delivery": "yes"}
        for slug in ("a", "b", "c"):
            front = f"---\ntitle: 手册 {slug}\ncontentops: {{gate: partial}}\n---\n一\n\n<!-- more -->\n\n二\n"
            write_content(workspace, f"qa/{slug}.md", front)
        workspace.assets.sync()
        for slug in ("a", "b", "c"):
            workspace.leads.capture(workspace.assets.get(slug), form.items(), page=f"/zh/{slug}/")
        assert rules.new_leads(workspace.store, clock.moment) == 3
        (said,) = rules.in_words(workspace.upkeep.readiness(), workspace.settings.server)
        assert "more than 2 new leads in an hour" in said

    def test_F24_schema_that_was_changed_under_a_running_server(self, any_workspace) -> None:
        assert any_workspace.upkeep.readiness().is_ready
        with any_workspace.store.write() as session:
            session.connection().execute(text("UPDATE contentops_version SET version_num = '9999'"))
        assert any_workspace.upkeep.readiness().failed == (rules.SCHEMA,)

    def test_F24_no_room_on_the_disk(self, make_workspace) -> None:
        workspace = make_workspace(extra="\n[server]\nfree_mb = 1000000000000\n")
        assert workspace.upkeep.readiness().failed == (rules.DISK,)

    def test_F24_locked_database(self, workspace) -> None:
        with closing(sqlite3.connect(workspace.folder / "contentops.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert workspace.upkeep.readiness().failed == (rules.WRITABLE,)
        assert workspace.upkeep.readiness().is_ready

    def test_F24_server_that_takes_no_changes(self, make_workspace, new_postgres_database) -> None:
        workspace = make_workspace(new_postgres_database())
        with workspace.store.engine.connect() as connection:
            name = connection.execute(text("SELECT current_database()")).scalar()
            connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
            connection.commit()
        workspace.close()
        assert workspace.upkeep.readiness().failed == (rules.WRITABLE,)

    def test_F24_database_that_is_gone(self, workspace) -> None:
        workspace.close()
        (workspace.folder / "contentops.db").unlink()
        assert workspace.upkeep.readiness().failed == (rules.DATABASE,)


class TestEndpoints:
    @pytest.mark.row("E16", "F24")
    @pytest.mark.parametrize("failed", [("dead_messages",), ("oldest_due_message", "dead_messages"), ("many_leads",)])
    def test_E16_F24_mail_that_does_not_leave_is_a_warning_forms_are_taken(
        self, workspace, serve, monkeypatch, failed
    ) -> None:
        server = serve(workspace)
        monkeypatch.setattr(server.workspace.upkeep, "readiness", lambda: rules.Readiness(failed, 7200, 50))
        status, body = get(server, "/readyz")
        assert status == 200
        answer = json.loads(body)
        assert (answer["status"], answer["failed"], answer["warnings"]) == ("ok", [], list(failed))
        assert (answer["oldest_due_seconds"], answer["dead_messages"]) == (7200, 50)

    def test_F24_what_keeps_forms_out_is_told_apart_from_mail(self, workspace, serve, monkeypatch) -> None:
        server = serve(workspace)
        found = rules.Readiness((rules.DISK, rules.DEAD), 0, 50)
        monkeypatch.setattr(server.workspace.upkeep, "readiness", lambda: found)
        status, body = get(server, "/readyz")
        assert status == 503
        answer = json.loads(body)
        assert (answer["failed"], answer["warnings"]) == (["disk_space"], ["dead_messages"])

    @pytest.mark.row("F24")
    def test_F24_over_http(self, make_workspace, serve, tmp_path) -> None:
        workspace = make_workspace(extra="\n[server]\noldest_due_minutes = 5\n")
        made_at = workspace.upkeep.backup(tmp_path / "备份").manifest.made_at
        server = serve(workspace)
        assert get(server, "/healthz") == (200, b'{"status":"ok"}')
        status, body = get(server, "/readyz")
        assert status == 200
        answer = json.loads(body)
        assert answer.pop("last_backup_at").startswith(made_at.rstrip("Z"))
        assert answer == {"status": "ok", "failed": [], "warnings": [], "oldest_due_seconds": 0, "dead_messages": 0}

    @pytest.mark.row("F24")
    def test_F24_names_what_failed_and_is_kept_for_a_second(self, workspace, serve, monkeypatch) -> None:
        server = serve(workspace)
        asked = []

        def failing() -> rules.Readiness:
            asked.append(1)
            return rules.Readiness((rules.DATABASE,))

        monkeypatch.setattr(server.workspace.upkeep, "readiness", failing)
        for _number in range(20):
            status, body = get(server, "/readyz")
            assert status == 503
            assert json.loads(body) == {
                "status": "failing", "failed": ["database"], "warnings": [], "last_backup_at": None,
            }  # fmt: skip
        assert len(asked) < 5

    def test_F24_database_that_lets_us_wait_is_an_answer_too(self, workspace, serve, monkeypatch) -> None:
        import threading

        from contentops.web import health

        server, free = serve(workspace), threading.Event()

        def stuck() -> rules.Readiness:
            free.wait(20)
            return rules.Readiness(())

        monkeypatch.setattr(health, "WAIT_SECONDS", 0.2)
        monkeypatch.setattr(server.workspace.upkeep, "readiness", stuck)
        assert get(server, "/readyz") == (503, b'{"status":"failing","failed":["slow"],"warnings":[]}')
        assert get(server, "/healthz")[0] == 200
        free.set()

    def test_workspace_of_a_program_has_the_same_desk(self, workspace) -> None:
        with Workspace.open(workspace.folder) as other:
            assert other.upkeep.readiness().is_ready
