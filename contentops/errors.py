"""Every error contentops raises, drawn as a tree.

::

    ContentOpsError
    ├── NotFound                 kind, key             "no asset 'whitepapr'; did you mean 'whitepaper'?"
    ├── Conflict                 something else stands in the way; nothing was changed
    │   ├── AlreadyExists        kind, key
    │   ├── TransitionRefused    slug, state, wanted, allowed
    │   └── StepBlocked          problems              what must be done first
    ├── InvalidInput             problems              all problems of one input, each with its place
    │   ├── InvalidArgument                            a word of the call itself, such as an unknown state
    │   ├── SettingsInvalid
    │   ├── StandardInvalid
    │   ├── BackupInvalid                              a backup that is not whole
    │   ├── CalendarInvalid                            a calendar or sheet that came back
    │   ├── SheetInvalid                               a spreadsheet of leads
    │   └── SubmissionInvalid    codes                 {field: code} of a visitor's form
    ├── WorkspaceError           the folder or its files cannot be used
    │   └── WorkspaceMissing
    ├── StoreError               the database cannot be used; what was asked was not saved
    │   ├── DatabaseMissing
    │   ├── DatabaseBusy
    │   ├── DatabaseUnusable     the server is gone, the disk is full, the file may only be read
    │   ├── DatabaseDamaged      the file is no whole database any more: a backup helps
    │   ├── StoreConflict        somebody wrote the same at the same moment
    │   └── SchemaMismatch
    ├── StartRefused             errors                why the server does not start, all at once
    ├── MailError                a letter did not leave
    │   ├── MailUnavailable      the mail server cannot be used now; later it may
    │   │   ├── ServerUnreachable    nobody is there, or the connection broke
    │   │   └── MailBarred           it takes nothing from us: password, sender, relaying
    │   │       └── RecipientBarred      or only not to this address
    │   └── MailRefused          this letter will never leave
    │       └── AddressRefused       nothing will, to this address
    └── LinkRefused              a signed link is not ours, or not for this
        ├── LinkExpired
        ├── LinkUnconfirmed      the address must be confirmed first
        └── LinkEmpty            asset_id              what it led to is not handed over any more

``str(error)`` is a sentence a content lead can act on, in the current language; facts are attributes; causes are
chained. Exit codes (cli/) and HTTP answers (web/) are mapped there and nowhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from contentops.texts import gettext as _


class ContentOpsError(Exception):
    """Base of all errors that contentops raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input, and where.

    Attributes:
        where: file path, key, row or field, as the reader knows it.
        message: what is wrong and what to do, one sentence.
        line: 1-based line in the file, where that is known.
    """

    where: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return f"{place}: {self.message}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest of `known`, or an empty text."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return _("; did you mean '{word}'?").format(word=close[0]) if close else ""


class NotFound(ContentOpsError):
    """Nothing of this kind goes by this key.

    Attributes:
        kind: the noun, already in the reader's language.
        key: what was asked for.
    """

    def __init__(self, kind: str, key: str, known: Iterable[str] = (), message: str = "") -> None:
        self.kind, self.key = kind, key
        message = message or _("no {kind} '{key}'").format(kind=kind, key=key)
        super().__init__(message + did_you_mean(key, known))


class Conflict(ContentOpsError):
    """The present state does not allow it; nothing was changed."""


class AlreadyExists(Conflict):
    """Something of this kind goes by this key already."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind, self.key = kind, key
        super().__init__(_("{kind} '{key}' exists already").format(kind=kind, key=key))


class TransitionRefused(Conflict):
    """The workflow does not lead from here to there.

    Attributes:
        slug: the asset. state: where it stands. wanted: where it should have gone. allowed: where it may go.
    """

    def __init__(self, slug: str, state: str, wanted: str, allowed: Sequence[str]) -> None:
        self.slug, self.state, self.wanted, self.allowed = slug, state, wanted, tuple(allowed)
        super().__init__(
            _("'{slug}' is {state} and cannot become {wanted}; from there it may go to: {allowed}").format(
                slug=slug, state=state, wanted=wanted, allowed=_(", ").join(allowed)
            )
        )


class StepBlocked(Conflict):
    """Something must be done first.

    Attributes:
        problems: all of it: open points of checklists, earlier steps, what the text lacks.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [_("not yet, because:"), *(f"  {problem}" for problem in self.problems)]
        super().__init__("\n".join(lines))


class InvalidInput(ContentOpsError, ValueError):
    """An input has problems; `problems` names all of them at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InvalidArgument(InvalidInput):
    """An argument of a call is none of those there are."""


class SettingsInvalid(InvalidInput):
    """contentops.toml or a CONTENTOPS_* variable is wrong."""


class StandardInvalid(InvalidInput):
    """A file of standards (calendar/*.toml) or the holiday file is wrong."""


class CalendarInvalid(InvalidInput):
    """A calendar or a sheet that came back cannot be read, or is too large to be."""


class BackupInvalid(InvalidInput):
    """A backup is not whole, or is none; nothing was restored."""


class SheetInvalid(InvalidInput):
    """A spreadsheet cannot be read, or some of its rows are not right; nothing was stored."""


class SubmissionInvalid(InvalidInput):
    """A visitor's form is not right yet.

    Attributes:
        codes: field name → stable code (``required``, ``invalid``, ``too_long``, ``twice``, ``consent``, …).
    """

    def __init__(self, codes: Mapping[str, str]) -> None:
        self.codes = dict(codes)
        super().__init__([Problem(field, code) for field, code in self.codes.items()])


class TooManyForms(ContentOpsError):
    """Too many forms came from one sender; nothing was stored.

    Attributes:
        seconds: after which it may try again.
    """

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(_("too many forms from one sender; try again in {seconds} seconds").format(seconds=seconds))


class WorkspaceError(ContentOpsError):
    """The workspace's folder or a file in it cannot be used."""


class WorkspaceMissing(WorkspaceError):
    """There is no contentops.toml in this folder or above it."""


class StoreError(ContentOpsError):
    """The database did not do it; what was asked was not saved."""


class DatabaseMissing(StoreError):
    """The database file is not where the settings say. It is never made silently."""


class DatabaseBusy(StoreError):
    """Another process held the database for too long."""


class DatabaseDamaged(StoreError):
    """The database's file is no whole database any more. It is left as it is, for whoever may mend it."""


class DatabaseUnusable(StoreError):
    """The database itself failed: the server is gone, the disk is full, the file may only be read."""


class StoreConflict(StoreError):
    """Another process stored the same thing at the same moment; doing it again finds it."""


class SchemaMismatch(StoreError):
    """The database was made by an older or newer contentops."""


class StartRefused(ContentOpsError):
    """The server does not start.

    Attributes:
        errors: everything that stands in the way, the most important first.
    """

    errors: tuple[ContentOpsError, ...] = ()

    def __init__(self, errors: Sequence[ContentOpsError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class MailError(ContentOpsError):
    """A letter did not leave."""


class MailUnavailable(MailError):
    """The mail server cannot be used now; trying again later may help."""


class MailRefused(MailError):
    """This letter will never leave as it is: a wrong address, or one that the server does not take."""


class ServerUnreachable(MailUnavailable):
    """Nobody answers at the mail server, or the connection broke (then the letter may have arrived all the same).

    The folder that takes its place cannot be written, likewise.
    """


class MailBarred(MailUnavailable):
    """The mail server takes nothing from us, whoever it is for: the password, the sender, the right to relay."""


class RecipientBarred(MailBarred):
    """The mail server says at a recipient that we may not: it takes nothing from us, or nothing to this address.

    Only the next recipient shows which.
    """


class AddressRefused(MailRefused):
    """The mail server takes nothing to this address: it is wrong, or nobody is there any more."""


class LinkRefused(ContentOpsError):
    """A signed link is forged, cut off, or was made for another purpose."""


class LinkExpired(LinkRefused):
    """A signed link is ours, but its time is over."""


class LinkUnconfirmed(LinkRefused):
    """A signed link is ours, but whoever asked for it has not confirmed their address yet."""


class LinkEmpty(LinkRefused):
    """A signed link is ours, but there is nothing behind it any more.

    Attributes:
        asset_id: what it led to.
    """

    def __init__(self, asset_id: str) -> None:
        self.asset_id = asset_id
        super().__init__(_("what this link led to is no longer available"))
