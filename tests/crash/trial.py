"""One trial: server, worker, mail server and crowd together; who is killed when; what became of it."""

import json
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from sqlmodel import col, func, select

from contentops.models import Message, MessageState
from contentops.testing import write_content
from contentops.workspace import Workspace

from .crowd import HANDBOOK, PAPER, Answers, Crowd
from .postbox import Postbox, postbox
from .verdict import Verdict, judge
from .victims import Death, Victim, answers_at

Say = Callable[[float, int, int, int], None]
"""Told now and then: when the trial began (monotonic), forms acknowledged, mails taken, kills."""
SENDER = "hello@example.com"
CAPTURE_MOMENTS = ("before-commit", "after-commit", "before-insert", "after-insert")
WORKER_MOMENTS = ("after-send", "before-mark", "before-send")
GATED = """---
title: {title}
description: 一份示例。
lang: zh-CN
contentops: {{state: published, gate: gated, attachment: paper.pdf, offer: {{promise: 一份示例}}}}
---

正文。
"""


@dataclass(frozen=True, slots=True)
class Options:
    """How hard a trial is.

    Attributes:
        kills: of server and worker together, at least. acknowledged: forms at least. threads: of the crowd.
        pause: seconds of each thread between two forms. patience: seconds until the outbox must be empty.
        batches, mails: most that a server and a worker that end at a named moment live for.
        workers: processes that deliver; 0: the server does it (``serve --with-worker``), and both die together.
    """

    kills: int
    acknowledged: int
    threads: int = 8
    pause: float = 0.05
    batches: int = 20
    mails: int = 8
    patience: float = 120
    workers: int = 1
    seed: int = 5


@dataclass(slots=True)
class Report:
    """What a trial came to."""

    verdict: Verdict
    kills: Counter[str]
    acknowledged: int
    given_up: int
    answers: Answers
    starts: list[tuple[float, float]]
    spells: Counter[str]
    mails: int
    repeated_mails: int
    seconds: float
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        moments = ", ".join(f"{moment} {count}" for moment, count in sorted(self.kills.items()))
        starts, computed = (sorted(figures) for figures in zip(*self.starts, strict=True))
        return (
            f"{self.kills.total()} kills ({moments}) in {self.seconds:.0f} s; {self.acknowledged} forms acknowledged, "
            f"{self.given_up} visitors went away; answers {dict(sorted(self.answers.by_status.items()))}; "
            f"{self.mails} mails and {self.repeated_mails} repetitions, mail server {dict(self.spells)}; "
            f"start to first answer: median {starts[len(starts) // 2]:.1f} s, at most {starts[-1]:.1f} s, "
            f"of which computed {computed[len(computed) // 2]:.1f} and {computed[-1]:.1f} s; "
            f"lost {len(self.verdict.lost)}, doubled {len(self.verdict.doubled)}, "
            f"undelivered {len(self.verdict.undelivered)}, incomplete {len(self.verdict.incomplete)}, "
            f"damaged {len(self.verdict.damaged)}"
        )


def prepare(folder: Path, database_url: str, port: int) -> Workspace:
    """Make a workspace with two gated assets, and its site."""
    Workspace.init(folder, name="联巡云（示例）").close()
    file = folder / "contentops.toml"
    text = file.read_text(encoding="utf-8")
    replaced = {
        'controller = ""': 'controller = "联巡云（示例）科技有限公司"',
        'contact = ""': 'contact = "privacy@example.com"',
        'theme = "calm"': 'theme = "calm"\ncard_font = "none"',
        '"sqlite:///contentops.db"': f'"{database_url}"',
        'public_url = "http://127.0.0.1:8000"': f'public_url = "http://127.0.0.1:{port}"',
    }
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    workspace = Workspace.open(folder)
    workspace.migrate()
    for slug, title in ((PAPER, "点检白皮书"), (HANDBOOK, "风电“复盘”手册")):
        write_content(workspace, f"whitepaper/{slug}/index.md", GATED.format(title=title))
        write_content(workspace, f"whitepaper/{slug}/paper.pdf", b"%PDF-1.4\n" + b"0" * 2000)
    assert not workspace.assets.sync().problems
    workspace.pages.build()
    return workspace


def variables(mail_port: int) -> dict[str, str]:
    """Return settings: all forms come from one address, and mail is tried again at once."""
    waits = [0.01, 0.01, 0.02, 0.02, *[0.05] * 16]
    return {
        "CONTENTOPS_CAPTURE__PER_MINUTE": str(10**8),
        "CONTENTOPS_CAPTURE__PER_HOUR": str(10**8),
        "CONTENTOPS_MAIL__HOST": "127.0.0.1",
        "CONTENTOPS_MAIL__PORT": str(mail_port),
        "CONTENTOPS_MAIL__SECURITY": "none",
        "CONTENTOPS_MAIL__SENDER": SENDER,
        "CONTENTOPS_MAIL__TIMEOUT_SECONDS": "2",
        "CONTENTOPS_MAIL__LEASE_SECONDS": "5",
        "CONTENTOPS_MAIL__RETRY_MINUTES": json.dumps(waits),
    }


def plans(options: Options, chance: random.Random) -> tuple[list[Death], list[list[Death]]]:
    """Return the deaths of the server and of each worker: each named moment in turn, then every other one at random."""

    def plan(moments: dict[str, int], count: int) -> list[Death]:
        names, deaths = cycle(moments), list[Death]()
        for number in range(count):
            more = number - len(moments)
            if more >= 0 and more % 2 == 0:
                early = more % 4 == 2
                deaths.append(Death("", chance.uniform(0.1, 1) if early else chance.uniform(0.5, 3), early))
            else:
                name = next(names)
                deaths.append(Death(name, chance.randint(1, moments[name])))
        return deaths

    capture = dict.fromkeys(CAPTURE_MOMENTS, options.batches)
    delivery = {
        moment: max(1, options.mails // 8) if moment == "before-mark" else options.mails for moment in WORKER_MOMENTS
    }
    if not options.workers:
        return plan({**capture, **delivery}, options.kills), []
    server = (options.kills + 1) // 2
    worker = -(-(options.kills - server) // options.workers)
    return plan(capture, server), [plan(delivery, worker) for _each in range(options.workers)]


def run(folder: Path, database_url: str, options: Options, say: Say = lambda *_figures: None) -> Report:
    """Run one trial in a folder that is not there yet."""
    chance, port = random.Random(options.seed), _free_port()
    with postbox() as box, prepare(folder, database_url, port) as workspace:
        settings, (server_plan, worker_plans) = variables(box.port), plans(options, chance)
        command = ("serve", "--port", str(port), *(() if options.workers else ("--with-worker",)))
        server = Victim(command, server_plan, folder, settings, answers_at(port))
        workers = [Victim(("outbox", "run"), plan, folder, settings) for plan in worker_plans]
        crowd = Crowd(port, _notice(workspace), chance, options.pause)
        began, stop, calm = time.monotonic(), threading.Event(), threading.Event()
        victims = [server, *workers]
        with (
            _buried(victims),
            _threads(*(victim.live for victim in victims), end=lambda: _stopped(victims)) as killers,
            _threads(lambda: box.misbehave(calm, random.Random(options.seed)), end=calm.set),
        ):
            with _threads(*[lambda: crowd.run(stop)] * options.threads, end=stop.set):
                while not all(each.over.is_set() for each in victims) or crowd.acknowledged < options.acknowledged:
                    assert all(
                        thread.is_alive() or victim.over.is_set()
                        for thread, victim in zip(killers, victims, strict=True)
                    ), "a killer broke down"
                    time.sleep(0.1)
                    say(began, crowd.acknowledged, len(box.letters), sum(each.kills.total() for each in victims))
            calm.set()  # the mail server has failed often enough while the load was on; now the queue must empty
            _wait_for_calm(workspace, options.patience)
        verdict = judge(workspace, crowd.forms, dict(box.letters), SENDER)
        return _report(verdict, server, workers, crowd, box, time.monotonic() - began)


def _report(
    verdict: Verdict, server: Victim, workers: list[Victim], crowd: Crowd, box: Postbox, seconds: float
) -> Report:
    victims = [server, *workers]
    faults = [*verdict.faults, *crowd.answers.strange, *(end for victim in victims for end in victim.ends)]
    for log in {victim.log for victim in victims}:
        said = log.read_text(encoding="utf-8", errors="replace")
        named = re.search(r".*(visitor-\d+@|(?<![0-9a-f])(\+?86)?138\d{8}(?![0-9a-f])).*", said, re.IGNORECASE)
        faults += [f"{log.name} names a visitor: {named[0][:500]}"] if named else []
    return Report(
        verdict, sum((victim.kills for victim in victims), Counter()), crowd.acknowledged,
        sum(1 for form in crowd.forms if not form.token), crowd.answers, server.starts, box.spells,
        len(box.letters), sum(map(len, box.letters.values())) - len(box.letters), seconds, faults,
    )  # fmt: skip


def _wait_for_calm(workspace: Workspace, patience: float) -> None:
    """Wait until the outbox is empty; nothing is posted any more."""
    waiting = (MessageState.DUE, MessageState.LEASED)
    query = select(func.count()).select_from(Message).where(col(Message.state).in_(waiting))
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with workspace.store.read() as session:
            if not session.exec(query).one():
                return
        time.sleep(0.1)


def _notice(workspace: Workspace) -> str:
    """Return the version of the notice that a page shows, as a browser would send it."""
    page = (workspace.folder / "site" / "zh" / PAPER / "index.html").read_text(encoding="utf-8")
    found = re.search(r'name="notice" value="([^"]+)"', page)
    assert found, "the page shows no notice"
    return found[1]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _stopped(victims: list[Victim]) -> None:
    for victim in victims:
        victim.stop()


@contextmanager
def _buried(victims: list[Victim]) -> Iterator[None]:
    try:
        yield
    finally:
        for victim in victims:
            victim.bury()


@contextmanager
def _threads(*jobs: Callable[[], object], end: Callable[[], object]) -> Iterator[list[threading.Thread]]:
    """Run jobs beside the block; then tell them to end, and wait for them."""
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        end()
        for thread in threads:
            thread.join(60)
