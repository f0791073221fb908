"""The keys that sign links: read from the environment or a file, renewed, taken out of use.

The file has one key a line, the newest first, each with the day it was made: ``key  # 2026-11-21``. The newest
signs, all verify: a rotation breaks no link. Who takes a key out breaks all links that it signed, at once.
"""

import logging
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from contentops.disk import give_to_owner, sync_folder
from contentops.errors import Conflict, NotFound, Problem, SettingsInvalid, WorkspaceError
from contentops.leads.grants import PREFERENCES_DAYS
from contentops.settings import Settings
from contentops.texts import gettext as _

log = logging.getLogger("contentops.leads")

MIN_KEY_LENGTH = 32
VARIABLE = "CONTENTOPS_SECRET_KEY"
_KNOWN = re.compile(r"change.?me|change.?this|insecure|your.?secret|super.?secret|password", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key.

    Attributes:
        text: the secret itself. made_on: the day it was made, where that is known.
    """

    text: str
    made_on: date | None = None

    @property
    def id(self) -> str:
        """What it is called where it must not be shown: the first eight digits of its SHA-256."""
        return sha256(self.text.encode()).hexdigest()[:8]

    @property
    def is_weak(self) -> bool:
        """Whether it could be guessed: short, of few different characters, or a word that examples use."""
        return len(self.text) < MIN_KEY_LENGTH or len(set(self.text)) < 8 or bool(_KNOWN.search(self.text))

    def __repr__(self) -> str:
        return f"SigningKey({self.id})"


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends when a key is taken out of use.

    Attributes:
        key: which one. signed_until: the last day on which it signed. link_days, preferences_days: for how many days
            the last links that it signed would hold: those to material and confirmations, those to preferences. Links
            to unsubscribe would hold for ever.
    """

    key: SigningKey
    signed_until: date
    link_days: int
    preferences_days: int


def signing_keys(settings: Settings, folder: Path) -> list[str]:
    """Return the keys, newest first: from CONTENTOPS_SECRET_KEY (several with commas or blanks), else from the file.

    Raises:
        SettingsInvalid: there is none, or one that could be guessed.
    """
    keys = _all(settings, folder / settings.secret_key_file)
    if any(key.is_weak for key in keys):
        message = _("a signing key must have at least {n} random characters").format(n=MIN_KEY_LENGTH)
        raise SettingsInvalid([Problem("secret_key", message)])
    return [key.text for key in keys]


def _all(settings: Settings, file: Path) -> list[SigningKey]:
    if settings.secret_key is not None:
        words = re.split(r"[\s,]+", settings.secret_key.get_secret_value())
        keys = [SigningKey(word) for word in words if word]
    else:
        keys = read_keys(_text(file))
    if not keys:
        message = _("no key to sign links with: set CONTENTOPS_SECRET_KEY or write one into {file}")
        raise SettingsInvalid([Problem("secret_key", message.format(file=file))])
    return keys


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""


def read_keys(text: str) -> list[SigningKey]:
    """Return the keys of a key file's text; lines that begin with # are notes."""
    keys = []
    for line in text.splitlines():
        key, _mark, note = line.partition(" #")
        if key.strip() and not key.startswith("#"):
            keys.append(SigningKey(key.strip(), _day(note.strip())))
    return keys


def write_keys(keys: list[SigningKey]) -> str:
    """Return the text of a key file."""
    return "".join(f"{key.text}  # {key.made_on}\n" if key.made_on else f"{key.text}\n" for key in keys)


class Keyring:
    """The keys of a workspace: ``ws.leads.keys``."""

    def __init__(self, settings: Settings, folder: Path, now: Callable[[], datetime]) -> None:
        self._settings, self._folder, self._now = settings, folder, now
        self._file = folder / settings.secret_key_file
        self._seen: tuple[int, ...] = ()
        self._held: list[str] = []

    def current(self) -> list[str]:
        """Return the keys that hold now, newest first; the file is read again only when it changed.

        Raises:
            SettingsInvalid: there is none, or one that could be guessed. Keys that held before go on holding where
                the file cannot be read for a moment.
        """
        seen = self._stamp()
        if not self._held or seen != self._seen:
            try:
                self._held = signing_keys(self._settings, self._folder)
            except SettingsInvalid:
                if not self._held:
                    raise
                log.error("the file of signing keys cannot be used any more; the keys read before go on holding")
            self._seen = seen
        return self._held

    def all(self) -> list[SigningKey]:
        """Return all keys, newest first, weak ones too.

        Raises:
            SettingsInvalid: there is none.
        """
        return _all(self._settings, self._file)

    def warnings(self) -> list[Problem]:
        """Return what is not safe about where the keys are."""
        if self._settings.secret_key is not None or os.name == "nt":
            return []
        try:
            mode = self._file.stat().st_mode & 0o777
        except OSError:
            return []
        if not mode & 0o077:
            return []
        message = _("others on this machine can read the signing keys: chmod 600 {file}")
        return [Problem("secret_key_file", message.format(file=self._file))]

    def rotate(self) -> SigningKey:
        """Make a new key that signs from now on; links that older ones signed go on working.

        Raises:
            Conflict: the keys come from the environment, or somebody else is changing them.
            WorkspaceError: the file cannot be written.
        """
        new = SigningKey(secrets.token_urlsafe(48), self._now().date())
        self._change(lambda keys: [new, *keys])
        return new

    def drop(self, key_id: str) -> SigningKey:
        """Take a key out of use; all links that it signed stop working at once.

        Args:
            key_id: as :meth:`all` names it; its beginning is enough where it fits one key only.

        Raises:
            NotFound: there is no such key. Conflict: it is the only one, or the keys come from the environment.
        """
        found = self.ending(key_id).key
        self._change(lambda held: [key for key in held if key.text != found.text])
        return found

    def ending(self, key_id: str) -> Ending:
        """Return what :meth:`drop` would end; changes nothing.

        A key signs until the day on which a newer one was made; where that is not known, until today.

        Raises:
            NotFound, Conflict: as for :meth:`drop`.
        """
        self._refuse_environment()
        keys = self.all()
        found = [number for number, key in enumerate(keys) if key_id and key.id.startswith(key_id.lower())]
        if len(found) != 1:
            raise NotFound(_("key"), key_id, [key.id for key in keys])
        if len(keys) == 1:
            raise Conflict(_("this is the only key: run 'contentops keys rotate' first, then drop the old one"))
        today = self._now().date()
        newer = keys[found[0] - 1].made_on if found[0] else None
        until = min(newer or today, today)
        gone = (today - until).days
        days = (max(0, lasts - gone) for lasts in (self._settings.capture.link_days, PREFERENCES_DAYS))
        return Ending(keys[found[0]], until, *days)

    def _change(self, change: Callable[[list[SigningKey]], list[SigningKey]]) -> None:
        self._refuse_environment()
        new = self._file.with_name(f"{self._file.name}.new")
        try:
            # Whoever makes the new file first may change the keys; it is never readable by others, not for a moment.
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            message = _("somebody else is changing the keys; if nobody is, delete {file} and try again")
            raise Conflict(message.format(file=new)) from error
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            with open(descriptor, "w", encoding="utf-8") as out:  # noqa: PTH123 - a descriptor
                out.write(write_keys(change(read_keys(_text(self._file)))))
                out.flush()
                os.fsync(out.fileno())
            give_to_owner(new, like=self._file)
            new.replace(self._file)
            sync_folder(self._file.parent)
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            new.unlink(missing_ok=True)

    def _refuse_environment(self) -> None:
        if self._settings.secret_key is not None:
            message = _(
                "the keys come from {variable}, which contentops cannot change: put the new key before the old ones "
                "there, with a comma between them, and leave out those that must not hold any more"
            )
            raise Conflict(message.format(variable=VARIABLE))

    def _unwritable(self, error: OSError) -> WorkspaceError:
        return WorkspaceError(_("cannot write {path}: {reason}").format(path=self._file, reason=error.strerror))

    def _stamp(self) -> tuple[int, ...]:
        if self._settings.secret_key is not None:
            return (0,)
        try:
            found = self._file.stat()
        except OSError:
            return ()
        return (found.st_ino, found.st_size, found.st_mtime_ns)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
