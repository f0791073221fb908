"""The command line: parses, calls a desk, prints. The only place that knows exit codes.

===== ==========================================================
code  meaning
===== ==========================================================
0     done
1     it did not work (database, disk, network)
2     the call or the settings are wrong
3     what was named is not there, or a database is damaged
4     content is not valid (a file, a standard, a form)
5     a conflict: the present state does not allow it
130   interrupted
===== ==========================================================
"""

import os
import sys
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import NoReturn

from contentops.errors import (
    Conflict,
    ContentOpsError,
    DatabaseDamaged,
    DatabaseMissing,
    InvalidArgument,
    InvalidInput,
    NotFound,
    SchemaMismatch,
    SettingsInvalid,
    StartRefused,
    WorkspaceMissing,
)
from contentops.texts import gettext as _
from contentops.texts import set_language, speaks

FAILED, USAGE, NOT_FOUND, INVALID, CONFLICT = 1, 2, 3, 4, 5
# The first class that fits decides.
_EXIT_CODES: tuple[tuple[type[ContentOpsError], int], ...] = (
    (SettingsInvalid, USAGE),
    (InvalidArgument, USAGE),
    (InvalidInput, INVALID),
    (NotFound, NOT_FOUND),
    (WorkspaceMissing, NOT_FOUND),
    (DatabaseMissing, NOT_FOUND),
    (DatabaseDamaged, NOT_FOUND),
    (SchemaMismatch, CONFLICT),
    (Conflict, CONFLICT),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with one of the codes above."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # Help texts are made when the commands are imported, so the language comes first.
    set_language(_language(words))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a character gets a question mark, not a traceback.
            stream.reconfigure(errors="replace")
    if (wrong := _unspoken(words)) is not None:
        _fail(wrong, USAGE)
    import typer

    from contentops.cli.app import app
    from contentops.cli.usage import WrongCall, explain

    try:
        sys.exit(app(words, prog_name="contentops", standalone_mode=False) or 0)
    except WrongCall as error:
        print(explain(error), file=sys.stderr)  # noqa: T201
        sys.exit(USAGE)
    except typer.Abort:
        print(_("Aborted."), file=sys.stderr)  # noqa: T201
        sys.exit(FAILED)
    except ContentOpsError as error:
        if "--debug" in words:
            raise
        _fail(str(error), exit_code(error))
    except OSError as error:
        # Folders and files that refuse, wherever that comes to light.
        if "--debug" in words:
            raise
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), FAILED)


def _fail(message: str, code: int) -> NoReturn:
    print(_("Error: {message}").format(message=message), file=sys.stderr)  # noqa: T201
    sys.exit(code)


def exit_code(error: ContentOpsError) -> int:
    """Return the exit code of an error; of several that keep a server from starting, the first one's."""
    if isinstance(error, StartRefused) and error.errors:
        return exit_code(error.errors[0])
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), FAILED)


def _language(words: Sequence[str]) -> str:
    """Return the language to speak: what was asked for, else that of the environment."""
    named = [tag for _name, tag in _named(words) if speaks(tag)]
    variables = ("CONTENTOPS_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    return next(iter(named), next((os.environ[name] for name in variables if os.environ.get(name)), "en"))


def _named(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the languages that somebody named, with what they named them by: the option, then the variable."""
    for word, following in zip(words, [*words, None][1:], strict=True):
        if word == "--":
            break
        if word == "--lang" and following is not None:
            yield word, following
        elif word.startswith("--lang="):
            yield "--lang", word.removeprefix("--lang=")
    if variable := os.environ.get("CONTENTOPS_LANG"):
        yield "CONTENTOPS_LANG", variable


def _unspoken(words: Sequence[str]) -> str | None:
    """Return the sentence about the first language that was named and that contentops does not speak."""
    for name, tag in _named(words):
        if not speaks(tag):
            message = _("{name}: '{tag}' is no language of contentops; there are: {known}")
            return message.format(name=name, tag=tag, known=_(", ").join(("zh", "en")))
    return None
