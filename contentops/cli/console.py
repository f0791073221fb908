"""What commands share: the workspace that was asked for, and printing. Data goes to stdout, words to stderr."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.errors import InvalidArgument, NotFound, Problem, WorkspaceError
from contentops.texts import gettext as _

if TYPE_CHECKING:
    from contentops.workspace import Workspace

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]


@dataclass(slots=True)
class Console:
    """The options that stand before the command."""

    workspace: Path
    quiet: bool = False

    @contextmanager
    def open(self) -> Iterator["Workspace"]:
        """Open the workspace and close it when the command is done."""
        from contentops.workspace import Workspace

        with Workspace.open(self.workspace) as workspace:
            yield workspace

    def say(self, text: str) -> None:
        """Tell the reader something; not data."""
        if not self.quiet and text:
            print(text, file=sys.stderr)  # noqa: T201

    def warn(self, problems: Iterable[Problem | str]) -> None:
        """Name what is wrong or worth a look, even with --quiet."""
        for problem in problems:
            print(problem, file=sys.stderr)  # noqa: T201


def console(ctx: typer.Context) -> Console:
    """Return the console of a command's context."""
    found = ctx.find_object(Console)
    assert found is not None  # noqa: S101 - the root callback always makes one
    return found


def data(text: str) -> None:
    """Print data."""
    print(text)  # noqa: T201


def data_json(value: Any) -> None:
    """Print JSON: UTF-8 as it is, dates as ISO text."""
    data(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def data_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows below the names of their columns: a table on a terminal, lines with tabs elsewhere.

    Elsewhere there is nothing at all where there are no rows. Programs take ``--json``.

    Args:
        columns: empty where each row says itself what it is: a word and its value.
    """
    if not sys.stdout.isatty():
        for number, row in enumerate(rows):
            if not number and columns:
                data("\t".join(columns))
            data("\t".join(" ".join(str(cell).split()) for cell in row))
        return
    from rich.console import Console as Screen
    from rich.table import Table
    from rich.text import Text

    rows = list(rows)
    table = Table(box=None, header_style="bold", pad_edge=False, show_header=bool(columns))
    for column in columns or [""] * max(map(len, rows), default=0):
        table.add_column(column, overflow="fold")  # whole, never cut: addresses are there to be copied
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))  # Text: a title with brackets is no markup
    Screen().print(table)


@contextmanager
def progress(label: str, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on stderr while files are read; nothing where stderr is no terminal."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    from rich.console import Console as Screen
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Screen(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def ask(question: str, nobody: str, show: Callable[[], None] = lambda: None) -> None:
    """Ask before something is done that cannot be undone; whoever says no ends the command.

    Args:
        nobody: what to say where nobody is there to answer: standard input is no terminal. show: shows those who are
            asked what it is about.

    Raises:
        InvalidArgument: there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise InvalidArgument([Problem("--yes", nobody)])
    show()
    typer.confirm(question, abort=True, err=True)


def read_whole(path: Path) -> bytes:
    """Read a file that was named on the command line.

    Raises:
        NotFound: there is none. WorkspaceError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(_("file"), str(path)) from error
    except OSError as error:
        raise WorkspaceError(_("cannot read {path}: {reason}").format(path=path, reason=error.strerror)) from error


def write_whole(target: str, pieces: Iterable[bytes]) -> None:
    """Write a file that is there whole or not at all; ``-`` is stdout.

    Raises:
        WorkspaceError: it cannot be written.
    """
    if target == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()
        return
    path = Path(target)
    if not path.name:
        raise InvalidArgument([Problem("--output", _("'{path}' is no file").format(path=target))])
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        temporary.replace(path)
    except OSError as error:
        raise WorkspaceError(_("cannot write {path}: {reason}").format(path=path, reason=error.strerror)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def a_date(text: str) -> date:
    """Read a date given on the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(_("'{text}' is no date; write it as 2026-03-31").format(text=text)) from None


def in_zone(workspace: "Workspace") -> Callable[[datetime], str]:
    """Return what writes moments as lists for people show them: in the workspace's time zone, to the minute."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(workspace.settings.time_zone)
    return lambda moment: moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def who() -> str:
    """Return who runs the command, for histories."""
    try:
        return getuser()
    except (KeyError, OSError):
        return "unknown"


def fields_of(row: Any, names: Sequence[str]) -> Mapping[str, Any]:
    """Return chosen fields of a row, for JSON."""
    return {name: getattr(row, name) for name in names}
