"""Addresses that nothing is sent to any more, known by their keyed hash alone.

A plain hash of a phone number can be undone by trying all numbers; a keyed one only by who has the key. The key is
apart from the one that signs links: that one is rotated, and then no hash would fit any more.
"""

import contextlib
import hmac
import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlmodel import Session, col, select

from contentops.disk import give_to_owner
from contentops.errors import Problem, SettingsInvalid
from contentops.models import Suppression
from contentops.texts import gettext as _

KEY_FILE = Path(".contentops") / "erasure_key"
KEY_VARIABLE = "CONTENTOPS_ERASURE_KEY"
BOUNCED, COMPLAINT, ERASED, BY_HAND = "bounced", "complaint", "erased", "by_hand"
WITHDRAWN = "withdrawn"
"""They took marketing back and have been deleted since: stops marketing only, not what they ask for themselves."""


def hashing_key(folder: Path) -> bytes:
    """Return the key that addresses are hashed with: CONTENTOPS_ERASURE_KEY, else a file that is made when needed.

    Raises:
        SettingsInvalid: it is too short, or cannot be read or written.
    """
    file = folder / KEY_FILE
    try:
        text = os.environ.get(KEY_VARIABLE) or _kept(file)
    except OSError as error:
        message = _("the key for erased addresses cannot be kept in {file}: {reason}")
        raise SettingsInvalid([Problem(KEY_VARIABLE, message.format(file=file, reason=error.strerror))]) from error
    if len(text) < 32:
        message = _("the key for erased addresses must have at least {n} random characters").format(n=32)
        raise SettingsInvalid([Problem(KEY_VARIABLE, message)])
    return text.encode()


def held_key(folder: Path) -> bytes:
    """Return the key that is there, and make none; empty where there is none.

    Raises:
        SettingsInvalid: as for :func:`hashing_key`.
    """
    return hashing_key(folder) if os.environ.get(KEY_VARIABLE) or (folder / KEY_FILE).is_file() else b""


def _kept(file: Path) -> str:
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        # Written under another name first: of several that begin at once, none may read a key that is half there.
        new = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:  # noqa: PTH123
            out.write(secrets.token_urlsafe(48) + "\n")
        give_to_owner(new, like=file.parent)
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(new)
        new.unlink()
    return file.read_text(encoding="ascii").strip()


def key_hash(secret: bytes, contact_key: str) -> str:
    """Return the keyed hash (HMAC-SHA256, 64 hexadecimal digits) of a contact key such as ``mail:li@example.cn``."""
    return hmac.new(secret, contact_key.encode(), sha256).hexdigest()


def suppressed(session: Session, hashes: Iterable[str], *, marketing: bool = False) -> dict[str, str]:
    """Return which of some hashes nothing may be sent to, and why.

    Args:
        marketing: asks about what they did not ask for themselves; then those who took that back count as well.
    """
    found = stops(session, hashes).items()
    return {hashed: row.reason for hashed, row in found if marketing or row.reason != WITHDRAWN}


def stopped_keys(session: Session, keys: Iterable[str], secret: bytes) -> dict[str, str]:
    """Return to which of some contact keys nothing may be sent that they did not ask for, and why.

    Args:
        secret: from :func:`held_key`; empty: nothing was ever hashed, so nothing is stopped.
    """
    hashes = {key_hash(secret, key): key for key in keys} if secret else {}
    found = suppressed(session, hashes, marketing=True) if hashes else {}
    return {hashes[hashed]: reason for hashed, reason in found.items()}


def stops(session: Session, hashes: Iterable[str]) -> dict[str, Suppression]:
    """Return the stops on some hashes, whatever they stop."""
    rows = session.exec(select(Suppression).where(col(Suppression.key_hash).in_(list(hashes))))
    return {row.key_hash: row for row in rows}


def suppress(session: Session, hashed: str, reason: str, at: datetime) -> None:
    """Keep that nothing may be sent to an address; the first reason stays, but for a withdrawal, which stops less."""
    row = session.get(Suppression, hashed)
    if row is None:
        session.add(Suppression.model_validate({"key_hash": hashed, "reason": reason, "at": at}))
    elif row.reason == WITHDRAWN and reason != WITHDRAWN:
        row.reason, row.at = reason, at
        session.add(row)
