"""outbox: what must leave the house on account of leads."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.cli.console import AsJson, console, data, data_json, data_table, in_zone
from contentops.cli.serving import secrets_of, work
from contentops.cli.words import key_of, message_states, word
from contentops.errors import InvalidArgument, Problem
from contentops.leads.words import message_kinds, reason_in_words
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import FrameType

    from contentops.followup.outbox.desk import Queued
    from contentops.followup.outbox.worker import Delivered

outbox = typer.Typer(
    help=_("The outbox: mail to people who asked for something."), no_args_is_help=True, rich_markup_mode=None
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(outbox, name="outbox")


@outbox.command(
    help=_(
        "Deliver what is due. Waits for more until it is stopped; several may run at once. "
        "With --once it exits with 1 where something could not be delivered."
    )
)
def run(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help=_("End when nothing is due any more."))] = False,
    as_json: AsJson = False,
) -> None:
    """Deliver."""
    from contentops.web.logs import start_logging

    shared = console(ctx)
    with shared.open() as workspace, workspace.upkeep.in_use():
        start_logging(workspace.settings, secrets=secrets_of(workspace))
        with _stopped_by_signals() as stop:
            done = workspace.outbox.run(once=True, stop=stop) if once else work(workspace, stop)
        paused = workspace.outbox.standing().paused
    if as_json:
        data_json({**asdict(done), "paused": paused})
    else:
        shared.say(_summary(done))
    shared.warn(Problem(target, reason) for target, reason in paused.items())
    if once and (done.dead or paused):
        raise typer.Exit(1)


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """Give an event that SIGTERM and SIGINT set, so that what is being sent is sent and kept first."""
    stop = threading.Event()

    def end(_number: int, _frame: "FrameType | None") -> None:
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _summary(done: "Delivered") -> str:
    parts = [ngettext("{n} message delivered", "{n} messages delivered", done.done).format(n=done.done)]
    more = (
        (done.retry, _("{n} failed and will be tried again")),
        (done.dead, _("{n} given up")),
        (done.cancelled, _("{n} no longer wanted")),
        (done.wait, _("{n} waiting")),
        (done.parked, _("{n} without a target")),
    )
    parts += [text.format(n=number) for number, text in more if number]
    return _(", ").join(parts)


@outbox.command("list", help=_("List messages, those that are due first, and how the outbox stands."))
def list_messages(
    ctx: typer.Context,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help=_("Only these: due, leased, done, dead, parked or cancelled."))
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help=_("At most so many."))] = 1000,
    check: Annotated[
        bool,
        typer.Option("--check", help=_("Exit with 1 where messages were given up, or wait for more than an hour.")),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List messages."""
    shared = console(ctx)
    with shared.open() as workspace:
        rows = workspace.outbox.list(key_of(message_states(), state) if state else None, limit=limit)
        standing, shown = workspace.outbox.standing(), in_zone(workspace)
    if as_json:
        data_json({
            "messages": [asdict(row) for row in rows],
            "counts": {each.value: number for each, number in standing.counts.items()},
            "oldest_due": standing.oldest_due,
            "paused": standing.paused,
            "problems": [str(problem) for problem in standing.problems],
        })  # fmt: skip
    else:
        states = message_states()
        data_table(_columns(), [_line(row, shown) for row in rows])
        counts = [f"{word(states, each)} {number}" for each, number in standing.counts.items()]
        shared.say(_(", ").join(counts) or _("The outbox is empty."))
    shared.warn(standing.problems)
    if check and standing.problems:
        raise typer.Exit(1)


def _columns() -> list[str]:
    return [_("Message"), _("Kind"), _("State"), _("To"), _("Asset"), _("Tries"), _("When"), _("Last error")]


def _line(row: "Queued", shown: "Callable[[datetime], str]") -> list[Any]:
    kind, state = word(message_kinds(), row.kind), word(message_states(), row.state)
    reason = reason_in_words(row.last_error)
    return [row.id, kind, state, row.address, row.asset, row.attempts, shown(row.next_at), reason]


@outbox.command(help=_("Try messages again at once: those that are named, all that were given up, all that are held."))
def retry(
    ctx: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help=_("Messages, as 'outbox list' shows them."))
    ] = None,
    dead: Annotated[bool, typer.Option("--dead", help=_("All that were given up."))] = False,
    parked: Annotated[
        bool,
        typer.Option("--parked", help=_("All that are held; after a restore, some of them may have been sent before.")),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Only show which messages would be sent again."))
    ] = False,
) -> None:
    """Try again."""
    if not ids and not dead and not parked:
        raise InvalidArgument([Problem("ID", _("name messages, or say --dead or --parked"))])
    with console(ctx).open() as workspace:
        desk = workspace.outbox
        count = desk.retry(ids or (), dead=dead, parked=parked, dry_run=dry_run)
        if not dry_run:
            text = ngettext("{n} message will be tried again.", "{n} messages will be tried again.", count)
            data(text.format(n=count))
            return
        states, shown = ["dead"] * dead + ["parked"] * parked, in_zone(workspace)
        rows = [row for state in states for row in desk.list(state, limit=None)]
        rows += [row for row in desk.list(limit=None) if row.id in ids and row.state not in states] if ids else []
    data_table(_columns(), [_line(row, shown) for row in rows])
    text = ngettext("{n} message would be tried again.", "{n} messages would be tried again.", count)
    console(ctx).say(text.format(n=count))
