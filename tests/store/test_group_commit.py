"""Many callers, one commit: whatever some of the jobs do, the others are stored, and nobody hears yes too early."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contentops.errors import ContentOpsError, DatabaseBusy, StoreConflict, StoreError
from contentops.store import Store, group_commit, migrate
from contentops.store.group_commit import GroupCommit
from contentops.workspace import Workspace

GOOD, TWICE, BROKEN, REFUSED, ODD = "good", "twice", "broken", "refused", "odd"
"""Jobs: stored; stored already (an integrity error); a fault of the program; a sentence; StopIteration."""
TAKEN = 1_000_000
PATIENCE = 5


@dataclass
class Job:
    number: int
    kind: str = GOOD


@dataclass
class Ledger:
    """A table of job numbers, and what was asked of it. Numbers below 0 wait until the gate is opened."""

    store: Store
    gate: threading.Event = field(default_factory=threading.Event)
    entered: threading.Event = field(default_factory=threading.Event)
    batches: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.store.write() as session:
            session.connection().execute(text("CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, number BIGINT)"))
            session.connection().execute(text("DROP INDEX IF EXISTS job_number"))
            session.connection().execute(text("CREATE UNIQUE INDEX job_number ON job (number)"))
            session.connection().execute(text("DELETE FROM job"))
            session.connection().execute(text(f"INSERT INTO job (number) VALUES ({TAKEN})"))

    def apply(self, connection, jobs: Sequence[Job]) -> list[int]:
        self.batches.append([job.number for job in jobs])
        for job in jobs:
            if job.number < 0:
                self.entered.set()
                assert self.gate.wait(PATIENCE)
            if job.kind == BROKEN:
                raise RuntimeError(job.number)
            if job.kind == REFUSED:
                raise ContentOpsError(str(job.number))
            if job.kind == ODD:
                raise StopIteration(job.number)
            number = TAKEN if job.kind == TWICE else job.number
            connection.execute(text("INSERT INTO job (number) VALUES (:number)"), {"number": number})
        return [job.number * 2 for job in jobs]

    def rows(self) -> list[int]:
        """Return the numbers in the order they were stored, as another process sees them now."""
        database = sqlite3.connect(self.store.url.database)
        try:
            found = database.execute("SELECT number FROM job WHERE number != ? ORDER BY id", (TAKEN,)).fetchall()
        finally:
            database.close()
        return [number for (number,) in found]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("批")
    migrate("sqlite:///contentops.db", folder)
    store = Store("sqlite:///contentops.db", folder)
    yield store
    store.close()


def run(work) -> None:
    """Run a coroutine; who waits for ever is a fault and not a hanging test."""
    asyncio.run(asyncio.wait_for(work, PATIENCE))


async def queued(ledger: Ledger, commits: GroupCommit, jobs: Sequence[Job]) -> tuple[asyncio.Task, list[asyncio.Task]]:
    """Let one job hold the writer, and queue the others behind it."""
    first = asyncio.create_task(commits.run(Job(-1)))
    await asyncio.to_thread(ledger.entered.wait, PATIENCE)
    tasks = [asyncio.create_task(commits.run(job)) for job in jobs]
    await asyncio.sleep(0)  # each has run up to its wait
    return first, tasks


ANSWERS = {GOOD: int, TWICE: StoreConflict, BROKEN: RuntimeError, REFUSED: ContentOpsError, ODD: RuntimeError}


def expect(job: Job, answer: object, *, full: bool, leaves: bool) -> None:
    """Check what the caller of a job heard."""
    wanted = DatabaseBusy if full else asyncio.CancelledError if leaves else ANSWERS[job.kind]
    assert isinstance(answer, wanted), answer
    if wanted is int:
        assert answer == job.number * 2


class TestWhateverTheJobsDo:
    @pytest.mark.row("F21")
    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.tuples(st.sampled_from([GOOD, GOOD, GOOD, TWICE, BROKEN, REFUSED, ODD]), st.booleans()), max_size=25
        ),
        st.integers(1, 30),
        st.sampled_from([1, 3, 256]),
    )
    def test_each_hears_of_its_own_job_after_the_commit(self, store, kinds, capacity, largest) -> None:
        """Poison harms nobody else; what was cancelled in the queue is not stored; order is kept; a full queue says so."""
        ledger = Ledger(store)
        commits = GroupCommit(store, ledger.apply, capacity)
        jobs = [Job(number, kind) for number, (kind, _leaves) in enumerate(kinds)]
        stored_when_told: dict[int, bool] = {}

        async def told(job: Job, task: asyncio.Task) -> object:
            try:
                answer = await task
            except BaseException as error:
                return error
            stored_when_told[job.number] = job.number in ledger.rows()
            return answer

        async def work() -> None:
            first, tasks = await queued(ledger, commits, jobs)
            for task, (_kind, leaves) in zip(tasks, kinds, strict=True):
                if leaves:
                    task.cancel()
            await asyncio.sleep(0)
            watching = [asyncio.create_task(told(job, task)) for job, task in zip(jobs, tasks, strict=True)]
            await asyncio.sleep(0)
            assert ledger.rows() == []  # the first one is not committed, so nobody is
            ledger.gate.set()
            assert await first == -2
            for job, (_kind, leaves), watched in zip(jobs, kinds, watching, strict=True):
                expect(job, await watched, full=job.number >= capacity, leaves=leaves)

        before, group_commit.LARGEST = group_commit.LARGEST, largest
        try:
            run(work())
        finally:
            group_commit.LARGEST = before
            commits.close()
        good = [
            job.number
            for job, (kind, leaves) in zip(jobs, kinds, strict=True)
            if kind == GOOD and not leaves and job.number < capacity
        ]
        assert ledger.rows() == [-1, *good]
        assert stored_when_told == dict.fromkeys(good, True)
        assert max(map(len, ledger.batches)) <= largest

    def test_one_that_left_while_it_was_stored_harms_nobody(self, store) -> None:
        ledger = Ledger(store)
        commits = GroupCommit(store, ledger.apply, 10)

        async def work() -> None:
            first, (second,) = await queued(ledger, commits, [Job(1)])
            first.cancel()
            ledger.gate.set()
            assert await second == 2
            with pytest.raises(asyncio.CancelledError):
                await first

        run(work())
        commits.close()
        assert ledger.rows() == [-1, 1]

    def test_too_few_results_store_nothing(self, store) -> None:
        """Who is told that it did not work may come again: nothing must be there then."""
        ledger = Ledger(store)
        commits = GroupCommit(store, lambda connection, jobs: ledger.apply(connection, jobs)[1:], 10)

        async def work() -> None:
            with pytest.raises(StoreError, match="as many results"):
                await commits.run(Job(1))

        run(work())
        commits.close()
        assert ledger.rows() == []

    def test_callers_that_are_gone_for_good_stop_nobody(self, store) -> None:
        """Their event loop is closed when the answer comes; what they asked for is stored."""
        ledger = Ledger(store)
        commits = GroupCommit(store, ledger.apply, 10)
        loop = asyncio.new_event_loop()
        task = loop.create_task(commits.run(Job(-1)))
        loop.run_until_complete(asyncio.sleep(0))
        assert ledger.entered.wait(PATIENCE)
        loop.close()
        ledger.gate.set()
        run(commits.run(Job(2)))
        commits.close()
        assert ledger.rows() == [-1, 2]
        task._log_destroy_pending = False  # its loop went before it on purpose
        task.get_coro().close()


class TestThreads:
    def test_many_loops_at_once_all_hear(self, store) -> None:
        """One writer, however many loops bring the first job at the same moment."""
        for _round in range(20):
            ledger = Ledger(store)
            commits = GroupCommit(store, ledger.apply, 1000)
            start, names = threading.Barrier(8), set()

            def apply(connection, jobs, ledger=ledger, names=names):
                names.add(threading.get_ident())
                return ledger.apply(connection, jobs)

            commits._apply = apply
            answers: list[int] = []

            def loop(number: int, start=start, commits=commits, answers=answers) -> None:
                async def work() -> None:
                    start.wait(PATIENCE)
                    jobs = [commits.run(Job(number * 100 + each)) for each in range(5)]
                    answers.extend(await asyncio.gather(*jobs))

                run(work())

            threads = [threading.Thread(target=loop, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
            commits.close()
            expected = [number * 100 + each for number in range(8) for each in range(5)]
            assert sorted(ledger.rows()) == expected
            assert sorted(answers) == [2 * number for number in expected]
            assert len(names) == 1

    def test_close_finishes_what_waits_and_takes_no_more(self, store) -> None:
        ledger = Ledger(store)
        commits = GroupCommit(store, ledger.apply, 100)

        async def work() -> None:
            first, tasks = await queued(ledger, commits, [Job(number) for number in range(1, 6)])
            closing = asyncio.create_task(asyncio.to_thread(commits.close))
            while not commits._closing:
                await asyncio.sleep(0)
            with pytest.raises(DatabaseBusy):
                await commits.run(Job(9))
            ledger.gate.set()
            assert await asyncio.gather(first, *tasks) == [-2, 2, 4, 6, 8, 10]
            await closing
            with pytest.raises(DatabaseBusy):
                await commits.run(Job(10))

        run(work())
        assert ledger.rows() == [-1, 1, 2, 3, 4, 5]
        assert commits._thread is None

    def test_close_before_the_first_job_is_nothing(self, store) -> None:
        GroupCommit(store, Ledger(store).apply, 1).close()


class TestTheDatabase:
    def test_one_that_is_locked_is_not_waited_for_by_each(self, store, monkeypatch) -> None:
        """The batch failed, then another process took the database: the first one waits ten seconds, the rest do not."""
        ledger = Ledger(store)
        commits = GroupCommit(store, ledger.apply, 100)
        tried: list[list[int]] = []
        real = commits._committed

        def locked(jobs):
            tried.append([job.number for job in jobs])
            if jobs[0].number < 0:
                return real(jobs)
            raise StoreError("disk full") if len(jobs) > 1 else DatabaseBusy("in use")

        monkeypatch.setattr(commits, "_committed", locked)

        async def work() -> None:
            first, tasks = await queued(ledger, commits, [Job(number) for number in (1, 2, 3)])
            ledger.gate.set()
            await first
            answers = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(answer) for answer in answers] == [DatabaseBusy] * 3

        run(work())
        commits.close()
        assert tried == [[-1], [1, 2, 3], [1]]

    def test_collision_with_another_process_is_tried_again(self, store) -> None:
        ledger = Ledger(store)
        collisions = iter([True, True, False])

        def apply(connection, jobs):
            if next(collisions):
                raise StoreConflict("somebody stored the same at the same moment")
            return ledger.apply(connection, jobs)

        commits = GroupCommit(store, apply, 10)
        run(commits.run(Job(3)))
        commits.close()
        assert ledger.rows() == [3]


@pytest.mark.row("F10")
def test_F10_made_before_a_fork_it_works_in_every_child(tmp_path) -> None:
    """A server that forks its workers makes the application first: the writer's thread begins with the first job."""
    Workspace.init(tmp_path / "工作区").close()
    program = """
        import asyncio, os, sys
        from sqlalchemy import text
        from contentops.store.group_commit import GroupCommit
        from contentops.workspace import Workspace

        workspace = Workspace.open(sys.argv[1])
        workspace.store.check()  # as the application does when it is made: its connection stays the parent's
        commits = GroupCommit(workspace.store, lambda c, jobs: [
            c.execute(text("INSERT INTO rate_count (key, span, count) VALUES (:key, 1, 1)"), {"key": job}) and job
            for job in jobs
        ], 100)
        children = []
        for child in range(3):
            if not (pid := os.fork()):
                async def work():
                    await asyncio.gather(*(commits.run(f"{child}-{number}") for number in range(50)))
                asyncio.run(asyncio.wait_for(work(), 50))
                commits.close()
                os._exit(0)
            children.append(pid)
        sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children))
    """
    script = tmp_path / "prefork.py"
    script.write_text(textwrap.dedent(program), encoding="utf-8")
    paths = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "工作区")], env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    database = sqlite3.connect(tmp_path / "工作区" / "contentops.db")
    assert database.execute("SELECT count(*) FROM rate_count").fetchone() == (150,)
    database.close()
