"""What takes too long, nests too deeply or dies costs one task, and one page of the site."""

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from contentops.errors import WorkspaceError
from contentops.pages.building import workers as room
from contentops.pages.building.workers import SMALL, Task, Workers, attempt
from contentops.testing import write_content


def double(number: int) -> int:
    return 2 * number


def for_ever(*_arguments: object) -> None:
    """A regular expression that no time ends and that listens to nobody."""
    re.match(r"(a+)+$", "a" * 40 + "b")


def dies(*_arguments: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def sinks(depth: int = 0) -> int:
    return sinks(depth + 1) + 1


def wrong() -> None:
    raise ValueError("错")


def length(text: str) -> str:
    return text * 2


def left_over() -> list:
    return multiprocessing.active_children()


@pytest.fixture(params=["main thread", "among threads"])
def anywhere(request):
    """Run something in the main thread (processes are forked) and among others (they are started anew)."""

    def run(function):
        if request.param == "main thread":
            for _try in range(100):  # writers of other tests end a few seconds after their last form
                if threading.active_count() == 1:
                    break
                time.sleep(0.1)
            assert threading.active_count() == 1, threading.enumerate()
            return function()
        found = []
        thread = threading.Thread(target=lambda: found.append(function()))
        thread.start()
        thread.join(60)
        return found[0]

    return run


class TestWorkers:
    def test_every_task_ends_one_way_or_the_other(self, anywhere) -> None:
        def run() -> dict[str, tuple]:
            tasks = [Task(f"n{number}", double, (number,)) for number in range(20)]
            odd = {"slow": for_ever, "died": dies, "deep": sinks, "wrong": wrong}
            for place, (name, function) in enumerate(odd.items()):
                tasks.insert(4 * place, Task(name, function, ()))
            with Workers(0.8, count=2) as workers:
                return {result.key: (result.value, result.failure) for result in workers.run(tasks)}

        found = anywhere(run)
        assert found.pop("slow") == (None, "slow")
        assert found.pop("died") == (None, "died")
        assert found.pop("deep") == (None, "deep")
        assert found.pop("wrong") == (None, "ValueError: 错")
        assert found == {f"n{number}": (2 * number, "") for number in range(20)}
        assert left_over() == []

    def test_a_limit_is_one_tasks_and_not_that_of_all(self) -> None:
        start = time.monotonic()
        with Workers(0.3, count=2) as workers:
            results = list(workers.run(Task(str(number), for_ever, ()) for number in range(4)))
        assert [result.failure for result in results] == ["slow"] * 4
        assert time.monotonic() - start < 10

    def test_large_tasks_wait_for_no_stuck_worker(self) -> None:
        """A pipe takes so much and no more: what is sent to a worker that never reads again would never end."""
        tasks = [Task("stuck", for_ever, ()), *(Task(str(n), length, ("字" * 1_000_000,)) for n in range(4))]
        with Workers(0.5, count=1) as workers:
            results = {result.key: result for result in workers.run(tasks)}
        assert results.pop("stuck").failure == "slow"
        assert {len(result.value) for result in results.values()} == {2_000_000}
        small = Task("x", length, ("x" * (SMALL // 2),))
        with Workers(0.5, count=1) as workers:
            results = {result.key: result for result in workers.run([Task("stuck", for_ever, ()), small])}
        assert (results["stuck"].failure, results["x"].failure) == ("slow", "")

    def test_processes_are_used_again_and_gone_afterwards(self) -> None:
        with Workers(5, count=2) as workers:
            first = {result.value for result in workers.run(Task(str(n), os.getpid, ()) for n in range(6))}
            second = {result.value for result in workers.run(Task(str(n), os.getpid, ()) for n in range(6))}
            assert first == second
            assert os.getpid() not in first
            assert len(left_over()) <= 2
        assert left_over() == []

    def test_nothing_is_left_of_a_run_that_is_broken_off(self) -> None:
        with pytest.raises(WorkspaceError) as caught, Workers(30, count=2) as workers:
            results = workers.run([Task("a", double, (1,)), *(Task(str(n), for_ever, ()) for n in range(3))])
            next(results)
            raise WorkspaceError("broken off while two of them work")
        assert left_over() == []  # though the error still holds on to the run
        assert caught.value is not None

    def test_nothing_is_nothing(self) -> None:
        with Workers(1) as workers:
            assert list(workers.run([])) == []
        assert left_over() == []
        assert attempt(double, (2,)) == (4, "")

    def test_a_worker_whose_parent_was_killed_ends_by_itself(self) -> None:
        """Nobody is left to end it, and the text it is at has no end."""
        code = (
            "import sys, multiprocessing; sys.path.insert(0, sys.argv[1]); import test_workers as here\n"
            "here.room.ORPHAN_SECONDS = 0.2; workers = here.Workers(0.5, count=2)\n"
            "run = workers.run([here.Task('a', here.os.getpid, ()), here.Task('b', here.os.getpid, ()),"
            " here.Task('c', here.for_ever, ()), here.Task('d', here.for_ever, ())])\n"
            "next(run); next(run)\n"
            "print(*[child.pid for child in multiprocessing.active_children()], flush=True)\n"
            "here.os.kill(here.os.getpid(), 9)"
        )
        here = Path(__file__).resolve()
        given = {**os.environ, "PYTHONPATH": str(here.parents[2])}
        done = subprocess.run([sys.executable, "-c", code, here.parent], env=given, capture_output=True, text=True, timeout=60)  # fmt: skip
        assert done.returncode == -signal.SIGKILL, done.stderr
        pids = [int(word) for word in done.stdout.split()]
        assert len(pids) == 2
        for _moment in range(100):
            if not any(map(is_running, pids)):
                break
            time.sleep(0.05)
        assert not any(map(is_running, pids))


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


HOSTILE = {
    "brackets": "[" * 50_000,
    "tags": "<a " * 20_000,
    "quotes": "> " * 3_000 + "x",
    "lists": "".join("    " * depth + "- x\n" for depth in range(300)),
    "stars": "*a **" * 20_000,
    "letters": "字" * 330_000,
    "lines": "a\n" * 400_000,
    "backticks": "`" * 300_000 + "x",
    "underscores": "_" * 900_000,
    "pictures": "![" * 30_000,
    "comments": "<!--" * 50_000,
    "footnotes": "[^1]: " * 30_000,
    "rows": "| a " * 100_000 + "\n" + "|--" * 100_000,
}


def within(workspace, seconds: float):
    site = workspace.settings.site.model_copy(update={"text_seconds": seconds})
    object.__setattr__(workspace.settings, "site", site)
    return workspace


class TestHostileTexts:
    def test_each_costs_its_own_page_and_only_once(self, make_workspace) -> None:
        workspace = within(make_workspace(), 0.5)
        for name, text in HOSTILE.items():
            write_content(workspace, f"qa/{name}.md", f"---\ntitle: {name}\n---\n好\n\n{text}\n")
        write_content(workspace, "qa/good.md", "# 好\n\n正文")
        assert not workspace.assets.sync().problems
        report = workspace.pages.build()
        blamed = [problem.where for problem in report.problems]
        assert {"content/qa/brackets.md", "content/qa/lists.md"} <= set(blamed)
        assert len(blamed) == len(set(blamed))
        assert report.pages == len(HOSTILE) + 1 - len(blamed)
        assert (report.output / "zh" / "good" / "index.html").is_file()
        for problem in report.problems:
            assert "0.5 s" in problem.message or "deep" in problem.message, problem
        assert left_over() == []
        start = time.monotonic()
        again = workspace.pages.build()
        assert again.problems == report.problems
        assert (again.made, again.changed) == (0, False)
        assert time.monotonic() - start < 0.4 * len(blamed)

    def test_the_last_good_page_stays_until_the_text_is_mended(self, make_workspace) -> None:
        workspace = within(make_workspace(), 0.4)
        write_content(workspace, "qa/a.md", "---\ntitle: 甲\n---\n第一版")
        workspace.assets.sync()
        page = workspace.pages.build().output / "zh" / "a" / "index.html"
        for text in ("[" * 50_000, "[" * 50_001):
            write_content(workspace, "qa/a.md", f"---\ntitle: 甲\n---\n第二版 {text}")
            workspace.assets.sync()
            report = workspace.pages.build()
            assert (len(report.problems), report.pages) == (1, 1)
            assert "第一版" in page.read_text(encoding="utf-8")
        write_content(workspace, "qa/a.md", "---\ntitle: 甲\n---\n第三版")
        workspace.assets.sync()
        report = workspace.pages.build()
        assert not report.problems
        assert "第三版" in page.read_text(encoding="utf-8")

    def test_more_time_is_another_try(self, make_workspace, monkeypatch) -> None:
        workspace = make_workspace()
        tried = []

        def slow(_self, tasks):
            for task in tasks:
                tried.append(task.key)
                yield room.Result(task.key, failure="slow")

        monkeypatch.setattr(Workers, "run", slow)
        write_content(workspace, "qa/a.md", "# 甲\n\n" + "字" * 3000)
        workspace.assets.sync()
        for _again in range(2):
            assert "5 s" in str(workspace.pages.build().problems[0])
        assert len(tried) == 1
        within(workspace, 60)
        assert "60 s" in str(workspace.pages.build().problems[0])
        assert len(tried) == 2
        workspace.pages.build(clean=True)
        assert len(tried) == 3

    def test_a_page_that_was_open_does_not_stay_open(self, make_workspace) -> None:
        """The writer closed it and broke it in one go: what stood there was for everybody, and is no more."""
        workspace = within(make_workspace(), 0.4)
        write_content(workspace, "qa/a.md", "---\ntitle: 甲\n---\n机密")
        workspace.assets.sync()
        page = workspace.pages.build().output / "zh" / "a" / "index.html"
        assert page.is_file()
        write_content(workspace, "qa/a.md", "---\ntitle: 甲\ncontentops: {gate: partial}\n---\n机密 " + "[" * 50_000)
        workspace.assets.sync()
        report = workspace.pages.build()
        assert len(report.problems) == 1
        assert not page.exists()

    def test_visitors_do_not_pay_for_it_again_and_again(self, make_workspace, monkeypatch) -> None:
        workspace = within(make_workspace(), 0.3)
        write_content(workspace, "qa/a.md", "---\ntitle: 甲\ncontentops: {gate: partial}\n---\n机密 " + "[" * 50_000)
        workspace.assets.sync()
        asset = workspace.assets.get("a")
        assert "机密" not in workspace.pages.visitor.whole_text(asset)
        monkeypatch.setattr(Workers, "run", lambda *_arguments: pytest.fail("tried again"))
        assert "机密" not in workspace.pages.visitor.whole_text(asset)
