"""The outbox: messages leased and kept in batches, against the same with a commit for each message.

The first figures are the outbox's own work: a target that takes everything at once, so that claiming and keeping are
all there is. The peer is the plain way: claim one, commit, send it, mark it, commit. Both run on SQLite at full
durability (WAL, synchronous FULL) through the same Store; afterwards every row must be done, and each given out once.

Then the whole way to a mail server on loopback that takes everything (aiosmtpd, in a process of its own): caps and
suppression looked up, links signed, letter written and read again, handed over. No target: most of it is SMTP.
"""

import socket
import subprocess
import sys
from datetime import timedelta

from sqlalchemy import text

from benchmarks.measuring import Options, Report, Timing, clean_environment, take_turns, timed
from benchmarks.workspaces import NOW, Bench, temporary_folder
from contentops.followup.outbox.claims import Claims
from contentops.followup.outbox.schedule import Schedule
from contentops.followup.outbox.targets import Outcome, Verdict
from contentops.followup.outbox.worker import Worker
from contentops.models import Contact, Lead, Message, MessageState, new_id
from contentops.models.record import Record
from contentops.workspace import Workspace

PAPER = """---
title: 点检白皮书
lang: zh-CN
contentops: {state: published, gate: gated, attachment: paper.pdf}
---

正文。
"""
SERVER = """
import sys
from aiosmtpd.controller import Controller
class Taker:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"
controller = Controller(Taker(), hostname="127.0.0.1", port=int(sys.argv[1]))
controller.start()
print("ready", flush=True)
sys.stdin.read()
controller.stop()
"""
OUTBOX, PEER, MAIL = "outbox, batches of 20", "a commit per message", "outbox, to a mail server"


class Taker:
    """A target that takes everything."""

    name, per_minute = "sink", 0

    def __init__(self) -> None:
        self.taken: list[str] = []

    def recipient(self, email: str) -> str:
        return email

    def send(self, message: Message) -> Outcome:
        self.taken.append(message.id)
        return Outcome(Verdict.DONE, reached=True)

    def rest(self) -> None:
        pass


def run(options: Options) -> Report:
    """Measure the outbox."""
    count = 200 if options.quick else 2000
    report = Report("deliver", "1,000 messages")
    with temporary_folder() as folder:
        bench = Bench(folder / "workspace", Options(files=1))
        source = bench.folder / "content" / "whitepaper" / "benchmark-paper"
        source.mkdir(parents=True)
        (source / "index.md").write_text(PAPER, encoding="utf-8")
        (source / "paper.pdf").write_bytes(b"%PDF-1.7 benchmark")

        def deliver(most: int, keep_seconds: float) -> Timing:
            bench.empty()
            with bench.open() as workspace:
                fill(workspace, count, "sink")
                taker = Taker()
                claims = Claims(workspace.store, Schedule.of((1, 5)), timedelta(minutes=5), lambda: 0.5)
                worker = Worker(
                    claims, [taker], lambda: NOW, timedelta(seconds=5), most=most, keep_seconds=keep_seconds
                )
                timing, _none = timed(worker.drain)
                assert len(taker.taken) == len(set(taker.taken)) == count
                assert done(workspace) == count
            return timing.per(count / 1000)

        def mail() -> Timing:
            bench.empty()
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            words = [sys.executable, "-c", SERVER, str(port)]
            with subprocess.Popen(
                words, env=clean_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as server:
                assert server.stdout is not None
                assert server.stdin is not None
                server.stdout.readline()
                settings = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "hello@example.com"}
                with bench.open() as opened:
                    mail_settings = opened.settings.mail.model_copy(update=settings)
                    changed = opened.settings.model_copy(update={"mail": mail_settings})
                with Workspace(bench.folder, changed, now=lambda: NOW) as workspace:
                    workspace.assets.sync()
                    fill(workspace, count, "mail")
                    timing, delivered = timed(lambda: workspace.outbox.run(once=True))
                    assert delivered.done == count
                server.stdin.close()
            return timing.per(count / 1000)

        variants = {OUTBOX: lambda: deliver(20, 0.5), PEER: lambda: deliver(1, 0), MAIL: mail}
        report.samples = take_turns(variants, options.rounds, warm_up=True)
    report.compare("deliver: a commit per message / outbox", PEER, OUTBOX, 4, clocks=("wall", "cpu"))
    report.compare("deliver: to a mail server / the outbox's own part", MAIL, OUTBOX, clocks=("cpu", "wall"))
    report.notes.append(f"{count} messages a round; the mail server runs in a process of its own and is not counted")
    return report


def fill(workspace: Workspace, count: int, target: str) -> None:
    """Queue messages; for mail with a person and a lead each."""
    contacts, leads, messages = [], [], []
    with workspace.store.read() as session:
        asset_id = session.connection().execute(text("SELECT max(id) FROM asset WHERE gate = 'gated'")).scalar()
    for number in range(count):
        contact_id, lead_id = new_id(), new_id()
        messages.append(
            {"id": new_id(), "kind": "asset", "target": target, "contact_id": None, "lead_id": None, "asset_id": None,
             "state": MessageState.DUE, "attempts": 0, "next_at": NOW, "last_error": "", "created_at": NOW}
        )  # fmt: skip
        if target == "mail":
            messages[-1] |= {"contact_id": contact_id, "lead_id": lead_id, "asset_id": asset_id}
            contacts.append(
                {"id": contact_id, "person_id": contact_id, "name": "甲", "company": "", "job_title": "",
                 "email": f"a{number}@example.cn", "language": "zh-CN", "created_at": NOW, "changed_at": NOW}
            )  # fmt: skip
            leads.append(
                {"id": lead_id, "asset_id": asset_id, "contact_id": contact_id, "origin": "form",
                 "awaits_confirmation": False, "created_at": NOW, "last_at": NOW}
            )  # fmt: skip
    tables: tuple[tuple[type[Record], list[dict[str, object]]], ...] = (
        (Contact, contacts), (Lead, leads), (Message, messages),
    )  # fmt: skip
    with workspace.store.write() as session:
        for table, rows in tables:
            if rows:
                session.connection().execute(table.__table__.insert(), rows)  # type: ignore[attr-defined]


def done(workspace: Workspace) -> int:
    """Count what is done."""
    with workspace.store.read() as session:
        count = text("SELECT count(*) FROM message WHERE state = 'done'")
        found: int = session.connection().execute(count).scalar_one()
    return found
