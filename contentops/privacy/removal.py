"""Taking people out of database and mail folder, in the caller's transaction; erasure and retention both do it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from contentops.leads.suppression import suppress
from contentops.models import PrivacyAction
from contentops.privacy.erasing import Counts, erase_rows, targets_of, tell
from contentops.privacy.holdings import Subject
from contentops.privacy.letters import delete_letters, letters_of, message_ids


@dataclass(slots=True)
class Removed:
    """What was taken out.

    Attributes:
        rows: by table. letters: files. told: targets. message_ids: whose letters may still come from a busy worker.
    """

    rows: Counts = field(default_factory=Counter)
    letters: int = 0
    told: set[str] = field(default_factory=set)
    message_ids: set[str] = field(default_factory=set)

    def add(self, other: "Removed") -> None:
        """Add what was taken out elsewhere."""
        self.rows.update(other.rows)
        self.letters += other.letters
        self.told |= other.told
        self.message_ids |= other.message_ids


def remove(session: Session, subject: Subject, folder: Path, now: datetime) -> Removed:
    """Delete everything of somebody, and queue what targets must be told.

    Args:
        folder: of the letters. They go before the commit: after it, nothing would lead to them any more.
    """
    told, ids = targets_of(session, subject), message_ids(session, subject)
    rows = erase_rows(session, subject, now)
    tell(session, told, now)
    count = delete_letters(letters_of(folder, ids))
    return Removed(rows, count, {target for target, _lead in told}, ids)


def stop(session: Session, hashes: Iterable[str], reason: str, now: datetime) -> None:
    """Keep that nothing may be sent to these addresses."""
    for hashed in dict.fromkeys(hashes):
        suppress(session, hashed, reason, now)


def note(session: Session, action: str, by: str, count: int, at: datetime, detail: str = "") -> None:
    """Write into the log who did what and how much; never of whom."""
    values = {"action": action, "at": at, "by": by[:100], "count": count, "detail": detail[:300]}
    session.add(PrivacyAction.model_validate(values))
