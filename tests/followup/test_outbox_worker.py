"""Leases, schedules, several workers, broken workers, the folder, the commands."""

import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP as WIRE
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from contentops.errors import Conflict, InvalidArgument, NotFound
from contentops.followup.outbox import worker as worker_module
from contentops.followup.outbox.claims import Claims
from contentops.followup.outbox.desk import Outbox
from contentops.followup.outbox.schedule import LONGEST_PAUSE, Schedule
from contentops.followup.outbox.targets import Outcome, Verdict
from contentops.followup.outbox.worker import Worker
from contentops.models import DeliveryPause, Lead, Message, MessageState
from contentops.store import moments
from contentops.workspace import Workspace

from .servers import mail_toml, message, publish, queue, smtp_server, text_of

USUAL = Schedule.of((1, 5, 30, 120, 360, 720))
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


class Sink:
    """A target that keeps what it is given, and does with some what `behave` says."""

    name, per_minute = "sink", 0

    def __init__(self, behave=lambda message: Outcome(Verdict.DONE, reached=True)) -> None:
        self.given, self.behave, self.rests = [], behave, 0

    def recipient(self, email):
        return email

    def send(self, message):
        self.given.append(message.id)
        return self.behave(message)

    def rest(self):
        self.rests += 1


def fill(workspace, count: int, target: str = "sink", **values) -> list[str]:
    now = workspace.now()
    rows = [
        Message.model_validate({"kind": "asset", "target": target, "next_at": now, "created_at": now, **values})
        for _n in range(count)
    ]
    with workspace.store.write() as session:
        session.add_all(rows)
    return [row.id for row in rows]


def rows_of(workspace) -> dict[str, Message]:
    with workspace.store.read() as session:
        return {row.id: row for row in session.exec(select(Message))}


def a_worker(workspace, target, *, lease: float = 300, chance=lambda: 0.5, **values) -> Worker:
    claims = Claims(workspace.store, USUAL, timedelta(seconds=lease), chance)
    return Worker(claims, [target], workspace.now, timedelta(seconds=5), **values)


class TestSchedule:
    @pytest.mark.row("E5")
    @given(attempts=st.integers(-3, 30), chance=st.floats(0, 1))
    def test_E5_waits_are_within_a_fifth_and_end(self, attempts, chance) -> None:
        again = USUAL.next_try(attempts, NOW, chance)
        assert (again is None) == (attempts < 1 or attempts >= USUAL.tries)
        if again is not None:
            wait = USUAL.waits[attempts - 1]
            assert wait * 0.8 - timedelta(seconds=1) <= again - NOW <= wait * 1.2 + timedelta(seconds=1)
            assert again - NOW <= USUAL.longest + timedelta(seconds=1)

    @given(st.lists(st.integers(0, 40), min_size=2, max_size=2).map(sorted))
    def test_E19_pauses_grow_and_have_an_end(self, failures) -> None:
        fewer, more = (USUAL.pause(each, NOW) for each in failures)
        assert NOW < fewer <= more <= NOW + LONGEST_PAUSE

    def test_E5_all_waits_together_are_most_of_a_day(self) -> None:
        assert timedelta(hours=20) < sum(USUAL.waits, timedelta()) < timedelta(hours=24)


class TestWorkers:
    @pytest.mark.row("E3")
    @pytest.mark.parametrize("lease", [300])
    def test_E3_several_at_once_deliver_each_row_once(self, any_workspace, at_once, lease) -> None:
        ids = fill(any_workspace, 400)
        sinks: list[Sink] = []

        def work() -> None:
            sink = Sink()
            sinks.append(sink)
            a_worker(any_workspace, sink).drain()

        at_once(4, work)
        given_out = [each for sink in sinks for each in sink.given]
        assert sorted(given_out) == sorted(ids)
        assert {row.state for row in rows_of(any_workspace).values()} == {MessageState.DONE}
        assert {row.attempts for row in rows_of(any_workspace).values()} == {1}

    @pytest.mark.row("E3")
    def test_E3_a_late_worker_cannot_overwrite(self, any_workspace, clock) -> None:
        """(E3) The lease ran out, another one took it and marked it: the first one's word is not taken."""
        (row_id,) = fill(any_workspace, 1)
        second = Sink(lambda message: Outcome(Verdict.DEAD, "no"))

        def slow(message):
            clock.forward(seconds=400)
            a_worker(any_workspace, second).drain()
            return Outcome(Verdict.DONE)

        first = a_worker(any_workspace, Sink(slow))
        first.drain()
        assert second.given == [row_id]
        assert rows_of(any_workspace)[row_id].state is MessageState.DEAD
        assert first.delivered.done == 0

    @pytest.mark.row("E4")
    def test_E4_rows_of_a_worker_that_died_come_back_one_by_one(self, any_workspace, clock) -> None:
        ids = fill(any_workspace, 30)
        claims = Claims(any_workspace.store, USUAL, timedelta(seconds=300), lambda: 0.5)
        held = claims.claim(Sink(), any_workspace.now())
        assert len(held.messages) == 20
        clock.forward(seconds=299)
        sink = Sink()
        a_worker(any_workspace, sink).drain()
        assert len(sink.given) == 10
        clock.forward(seconds=2)
        single = claims.claim(Sink(), any_workspace.now())
        assert len(single.messages) == 1
        assert single.messages[0].attempts == 2
        claims.settle(single, "sink", [(single.messages[0], Outcome(Verdict.DONE))], any_workspace.now())
        a_worker(any_workspace, sink).drain()
        assert sorted([*sink.given, single.messages[0].id]) == sorted(ids)

    @pytest.mark.row("E4")
    def test_E4_a_message_that_kills_workers_ends_and_takes_no_other_along(self, workspace, clock) -> None:
        """(E4) A real process that dies of one message (os._exit), again and again."""
        poison = fill(workspace, 1, kind="poison")[0]
        clock.forward(seconds=1)
        others = fill(workspace, 25)
        program = (
            "import os, sys; from datetime import datetime, timedelta; sys.path.insert(0, sys.argv[3])\n"
            "from contentops.workspace import Workspace; from contentops.followup.outbox.claims import Claims\n"
            "from contentops.followup.outbox.schedule import Schedule; from contentops.followup.outbox.worker import Worker\n"
            "from contentops.followup.outbox.targets import Outcome, Verdict\n"
            "now = datetime.fromisoformat(sys.argv[2]); ws = Workspace.open(sys.argv[1], now=lambda: now)\n"
            "class T:\n"
            "    name, per_minute = 'sink', 0\n"
            "    def send(self, m):\n"
            "        if m.kind == 'poison': os._exit(9)\n"
            "        return Outcome(Verdict.DONE, reached=True)\n"
            "    def rest(self): pass\n"
            "Worker(Claims(ws.store, Schedule.of((1, 5)), timedelta(seconds=300), lambda: .5), [T()],"
            " lambda: now, timedelta(seconds=5)).drain()\n"
        )
        codes = []
        for _n in range(5):
            words = [sys.executable, "-c", program, str(workspace.folder), workspace.now().isoformat(), os.getcwd()]
            codes.append(subprocess.run(words, check=False).returncode)
            clock.forward(seconds=301)
        assert codes == [9] * 3 + [0, 0]
        rows = rows_of(workspace)
        assert rows[poison].state is MessageState.DEAD
        assert "broke down" in rows[poison].last_error
        assert {rows[each].state for each in others} == {MessageState.DONE}

    @pytest.mark.row("E2")
    def test_E2_crash_after_sending_repeats_the_same_letter(self, make_workspace, clock, monkeypatch) -> None:
        with smtp_server() as server:
            workspace = make_workspace(extra=mail_toml(server.port))
            queue(workspace, publish(workspace))

            class Killed(BaseException):
                pass

            def die(name: str) -> None:
                if name == "before-mark":
                    raise Killed

            monkeypatch.setattr(moments, "hook", die)
            with pytest.raises(Killed):
                workspace.outbox.run(once=True)
            monkeypatch.setattr(moments, "hook", None)
            assert workspace.outbox.run(once=True).done == 0  # still leased to the dead one
            clock.forward(seconds=301)
            assert workspace.outbox.run(once=True).done == 1
            assert len(server.letters) == 2
            assert len(set(server.ids)) == 1

    def test_moments_come_in_their_order(self, workspace, monkeypatch) -> None:
        seen: list[str] = []
        monkeypatch.setattr(moments, "hook", seen.append)
        fill(workspace, 2)
        a_worker(workspace, Sink()).drain()
        assert seen == ["before-send", "after-send", "before-send", "after-send", "before-mark"]

    def test_an_odd_message_does_not_keep_the_others(self, workspace) -> None:
        ids = fill(workspace, 5)

        def raising(message):
            if message.id == ids[2]:
                raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogate of zhang@example.cn")
            return Outcome(Verdict.DONE)

        done = a_worker(workspace, Sink(raising))
        done.drain()
        assert (done.delivered.done, done.delivered.retry) == (4, 1)
        assert "zhang" not in rows_of(workspace)[ids[2]].last_error

    def test_the_rest_goes_back_when_the_lease_gets_short(self, workspace, clock) -> None:
        ids = fill(workspace, 6)

        def slow(message):
            clock.forward(seconds=100)
            return Outcome(Verdict.DONE)

        sink = Sink(slow)
        a_worker(workspace, sink).drain()
        assert sorted(sink.given) == sorted(ids)
        assert {row.attempts for row in rows_of(workspace).values()} == {1}

    def test_what_was_sent_is_kept_soon_while_others_are_slow(self, workspace) -> None:
        fill(workspace, 4)
        states: list[int] = []

        def look(message):
            states.append(sum(row.state is MessageState.DONE for row in rows_of(workspace).values()))
            return Outcome(Verdict.DONE)

        a_worker(workspace, Sink(look), keep_seconds=0).drain()
        assert states == [0, 1, 2, 3]

    def test_stop_ends_it_and_wake_is_heard(self, workspace, monkeypatch) -> None:
        monkeypatch.setattr(worker_module, "POLL_SECONDS", 30.0)
        sink = Sink()
        outbox = Outbox(workspace.store, workspace.settings, workspace.folder, workspace.now, targets=[sink])
        stop = threading.Event()
        thread = threading.Thread(target=outbox.run, kwargs={"stop": stop})
        thread.start()
        time.sleep(0.3)
        ids = fill(workspace, 3)
        outbox.wake()
        end = time.monotonic() + 10
        while len(sink.given) < 3 and time.monotonic() < end:
            time.sleep(0.01)
        stop.set()
        outbox.wake()
        thread.join(10)
        assert not thread.is_alive()
        assert sorted(sink.given) == sorted(ids)

    def test_a_target_without_a_name_here_is_parked_and_comes_back(self, workspace) -> None:
        (row_id,) = fill(workspace, 1, target="crm")
        a_worker(workspace, Sink()).drain()
        row = rows_of(workspace)[row_id]
        assert row.state is MessageState.PARKED
        assert "no target" in row.last_error
        sink = Sink()
        sink.name = "crm"
        a_worker(workspace, sink).drain()
        assert sink.given == [row_id]

    def test_a_database_that_is_busy_is_waited_for(self, workspace, monkeypatch) -> None:
        from contentops.errors import DatabaseBusy

        monkeypatch.setattr(worker_module, "STORE_SECONDS", 0.01)
        fill(workspace, 1)
        sink, faults = Sink(), iter([True, True])
        working = a_worker(workspace, sink)
        drain = working.drain
        stop, awake = threading.Event(), threading.Event()

        def failing(given=None) -> None:
            if next(faults, False):
                raise DatabaseBusy("busy")
            drain(given)
            stop.set()
            awake.set()

        monkeypatch.setattr(working, "drain", failing)
        working.work(stop, awake)
        assert len(sink.given) == 1


class TestPauses:
    def test_C11_a_minutes_worth_is_shared_by_all_workers(self, any_workspace, clock, at_once) -> None:
        fill(any_workspace, 40)
        sinks = [Sink() for _n in range(4)]
        for sink in sinks:
            sink.per_minute = 10
        mine = iter(sinks)
        at_once(4, lambda: a_worker(any_workspace, next(mine)).drain())
        assert sum(len(sink.given) for sink in sinks) == 10
        clock.forward(seconds=61)
        a_worker(any_workspace, sinks[0]).drain()
        assert sum(len(sink.given) for sink in sinks) == 20

    def test_one_probe_by_all_workers_together(self, any_workspace, clock, at_once) -> None:
        fill(any_workspace, 30)
        sinks = [Sink(lambda message: Outcome(Verdict.RETRY, "down", pause=True)) for _n in range(4)]
        a_worker(any_workspace, sinks[0]).drain()
        assert len(sinks[0].given) == 1
        clock.forward(minutes=2)
        mine = iter(sinks[1:])
        at_once(3, lambda: a_worker(any_workspace, next(mine)).drain())
        assert sum(len(sink.given) for sink in sinks[1:]) == 1

    def test_a_probe_that_was_not_sent_lets_the_next_one_ask(self, workspace, clock) -> None:
        ids = fill(workspace, 3)
        with workspace.store.write() as session:
            session.add(DeliveryPause.model_validate({"target": "sink", "until": clock(), "failures": 3}))
        verdicts = iter([Outcome(Verdict.CANCELLED, "erased"), Outcome(Verdict.DONE, reached=True)])
        sink = Sink(lambda message: next(verdicts, Outcome(Verdict.DONE, reached=True)))
        a_worker(workspace, sink).drain()
        assert sorted(sink.given) == sorted(ids)
        with workspace.store.read() as session:
            assert session.exec(select(DeliveryPause)).all() == []


class TestClocks:
    @pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=400)])
    def test_H1_a_clock_that_was_ahead_holds_nothing_back(self, any_workspace, clock, jump) -> None:
        """(H1) Rows queued, leased and put off by a clock that was ahead go when it is right again."""
        true_time = clock()
        clock.moment += jump
        queued = fill(any_workspace, 1)[0]
        failed = fill(any_workspace, 1, attempts=2, created_at=true_time, next_at=clock() + timedelta(minutes=30))[0]
        claims = Claims(any_workspace.store, USUAL, timedelta(seconds=300), lambda: 0.5)
        leased = claims.claim(Sink(), clock()).messages[0].id
        assert leased == queued
        with any_workspace.store.write() as session:
            session.add(
                DeliveryPause.model_validate({"target": "sink", "until": clock() + LONGEST_PAUSE, "failures": 1})
            )
        clock.moment = true_time
        sink = Sink()
        a_worker(any_workspace, sink).drain()
        clock.forward(seconds=301)
        a_worker(any_workspace, sink).drain()
        assert queued in sink.given
        assert rows_of(any_workspace)[failed].next_at <= true_time + USUAL.longest
        clock.moment = true_time + USUAL.longest
        a_worker(any_workspace, sink).drain()
        assert failed in sink.given

    def test_H1_a_clock_that_jumps_forward_loses_nothing(self, workspace, clock) -> None:
        fill(workspace, 3)
        clock.forward(days=3650)
        sink = Sink()
        a_worker(workspace, sink).drain()
        assert len(sink.given) == 3


class TestFolder:
    def test_without_a_server_mail_lies_in_a_folder(self, workspace) -> None:
        paper = publish(workspace)
        row = queue(workspace, paper)
        assert workspace.outbox.run(once=True).done == 1
        (file,) = (workspace.folder / "out" / "mail").iterdir()
        assert file.name == f"20261121T090000-{row.id}.eml"
        letter = message_from_bytes(file.read_bytes(), policy=WIRE)
        assert letter["To"] == "zhang@example.cn"
        assert "/d/" in text_of(letter)

    @pytest.mark.row("E2")
    def test_E2_a_letter_that_is_written_again_takes_its_own_place(self, workspace, clock) -> None:
        paper = publish(workspace)
        row = queue(workspace, paper)
        workspace.outbox.run(once=True)
        with workspace.store.write() as session:
            session.get(Message, row.id).state = MessageState.DEAD
        clock.forward(days=2)
        workspace.outbox.retry([row.id])
        assert workspace.outbox.run(once=True).done == 1
        assert len(list((workspace.folder / "out" / "mail").iterdir())) == 1

    def test_a_folder_that_cannot_be_written_is_tried_again(self, workspace, clock) -> None:
        paper = publish(workspace)
        row = queue(workspace, paper)
        (workspace.folder / "out").write_text("a file is in the way", encoding="utf-8")
        assert workspace.outbox.run(once=True).retry == 1
        assert "cannot be written" in message(workspace, row).last_error
        (workspace.folder / "out").unlink()
        clock.forward(minutes=2)
        assert workspace.outbox.run(once=True).done == 1
        assert not [path for path in (workspace.folder / "out" / "mail").iterdir() if path.suffix != ".eml"]


class TestDesk:
    def test_without_a_database_it_says_so_and_ends(self, workspace, run_cli) -> None:
        workspace.close()
        for file in workspace.folder.glob("contentops.db*"):
            file.unlink()
        code, _out, err = run_cli("-w", workspace.folder, "outbox", "run")
        assert code == 3
        assert "migrate" in err

    def test_the_key_may_come_from_the_environment(self, workspace, monkeypatch, clock) -> None:
        monkeypatch.setenv("CONTENTOPS_ERASURE_KEY", "an-example-key-of-enough-characters-0123456789")
        with Workspace.open(workspace.folder, now=clock) as opened:
            queue(opened, publish(opened))
            assert opened.outbox.run(once=True).done == 1

    def test_several_that_begin_at_once_make_one_key(self, workspace, at_once) -> None:
        from contentops.leads.suppression import KEY_FILE, hashing_key

        (workspace.folder / KEY_FILE).unlink(missing_ok=True)
        assert len(set(at_once(8, lambda: hashing_key(workspace.folder)))) == 1
        assert [path.name for path in (workspace.folder / KEY_FILE).parent.glob("erasure_key*")] == ["erasure_key"]

    def test_list_standing_and_retry_on_both_databases(self, any_workspace, clock) -> None:
        paper = publish(any_workspace)
        first = queue(any_workspace, paper)
        any_workspace.outbox.run(once=True)
        second = queue(any_workspace, paper, "li@example.cn", state=MessageState.DEAD, done_at=clock())
        third = queue(any_workspace, paper, "wang@example.cn")
        clock.forward(hours=2)
        assert any_workspace.outbox.list()[0].id == third.id
        assert [row.id for row in any_workspace.outbox.list("dead")] == [second.id]
        standing = any_workspace.outbox.standing()
        assert standing.counts == {MessageState.DONE: 1, MessageState.DEAD: 1, MessageState.DUE: 1}
        assert standing.oldest_due == third.next_at
        assert {problem.where for problem in standing.problems} == {"dead", "due"}
        assert any_workspace.outbox.retry([third.id]) == 1
        assert any_workspace.outbox.retry(dead=True) == 1
        assert any_workspace.outbox.run(once=True).done == 2
        assert message(any_workspace, first).state is MessageState.DONE

    def test_retry_says_what_it_cannot(self, workspace) -> None:
        paper = publish(workspace)
        row = queue(workspace, paper)
        workspace.outbox.run(once=True)
        with pytest.raises(Conflict, match=row.id):
            workspace.outbox.retry([row.id])
        with pytest.raises(NotFound):
            workspace.outbox.retry(["0" * 32])
        with pytest.raises(InvalidArgument, match="poetic"):
            workspace.outbox.list("poetic")

    def test_retry_of_what_was_cancelled_says_how_they_get_it_after_all(self, workspace, run_cli) -> None:
        paper = publish(workspace)
        done = queue(workspace, paper, "li@example.cn")
        workspace.outbox.run(once=True)
        stopped = queue(workspace, paper)
        workspace.privacy.stop("zhang@example.cn")
        workspace.outbox.run(once=True)
        code, _out, err = run_cli("-w", workspace.folder, "--lang", "en", "outbox", "retry", stopped.id, done.id)
        assert (code, f"{stopped.id} (cancelled)" in err, f"{done.id} (sent)" in err) == (5, True, True)
        assert "fills in the form again" in err
        assert f"{workspace.settings.public_url}/zh/w/again/" in err
        assert "contentops privacy allow" in err
        code, _out, err = run_cli("-w", workspace.folder, "--lang", "zh", "outbox", "retry", done.id)
        assert (code, f"{done.id} (已发送)" in err, "again/" in err) == (5, True, False)

    def test_retry_names_every_wrong_id_at_once(self, workspace) -> None:
        with pytest.raises(NotFound, match=f"{'0' * 32}, {'1' * 32}"):
            workspace.outbox.retry(["0" * 32, "1" * 32])

    def test_E24_the_list_masks_and_the_check_alarms(self, workspace, run_cli, clock) -> None:
        paper = publish(workspace)
        row = queue(workspace, paper, at=datetime.now(UTC) - timedelta(hours=5))
        here = ("-w", workspace.folder, "outbox")
        code, out, _err = run_cli(*here, "list", "--json")
        found = json.loads(out)
        assert code == 0
        assert found["messages"][0]["address"] == "z***@e…"
        assert found["messages"][0]["asset"] == "zh-CN/w"
        assert found["counts"] == {"due": 1}
        assert "zhang" not in out
        code, out, err = run_cli(*here, "list", "--check")
        assert code == 1
        assert row.id in out
        assert "5 hours" in err
        assert run_cli(*here, "run", "--once")[0] == 0
        assert run_cli(*here, "list", "--check")[0] == 0
        assert run_cli(*here, "list", "--state", "nonsense")[0] == 2
        assert run_cli(*here, "retry", "0" * 32)[0] == 3
        assert run_cli(*here, "retry", row.id)[0] == 5
        assert run_cli(*here, "retry")[0] == 2

    def test_dead_letters_by_command(self, workspace, run_cli) -> None:
        paper = publish(workspace)
        queue(workspace, paper, "张三@example.cn", at=datetime.now(UTC))
        here = ("-w", workspace.folder, "outbox")
        code, _out, err = run_cli(*here, "run", "--once")
        assert code == 1
        assert "1" in err
        code, out, _err = run_cli(*here, "list", "--state", "dead", "--check")
        assert code == 1
        assert "given up" in out
        assert run_cli(*here, "retry", "--dead")[0] == 0

    def test_run_ends_on_sigterm(self, workspace) -> None:
        import signal

        paper = publish(workspace)
        environment = {**os.environ, "PYTHONPATH": os.getcwd(), "CONTENTOPS_LANG": "en"}
        words = [sys.executable, "-m", "contentops", "-w", str(workspace.folder), "outbox", "run"]
        child = subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True)
        try:
            row = queue(workspace, paper, at=datetime.now(UTC) - timedelta(minutes=1))
            end = time.monotonic() + 20
            while message(workspace, row).state is not MessageState.DONE and time.monotonic() < end:
                time.sleep(0.05)
            child.send_signal(signal.SIGTERM)
            _out, err = child.communicate(timeout=10)
        finally:
            child.kill()
        assert child.returncode == 0
        assert "1 message delivered" in err
        assert list(Path(workspace.folder, "out", "mail").iterdir())

    def test_a_capture_and_a_mail_know_the_same_lead(self, workspace) -> None:
        paper = publish(workspace)
        row = queue(workspace, paper)
        with workspace.store.read() as session:
            assert session.get(Lead, row.lead_id).asset_id == paper.id
