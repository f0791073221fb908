"""The privacy notice as it was shown, kept once per version."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from contentops.leads.intake.entries import Shown
from contentops.models import NoticeText


def notice_row(shown: Shown, now: datetime) -> dict[str, Any]:
    """Return the row of :class:`contentops.models.NoticeText` for a notice that was shown.

    Its key is the version that forms carry in a hidden field. A row that is there already is left alone
    (:func:`keep_notice`), so that ``first_at`` stays the first time.
    """
    return {"version": shown.version, "locale": shown.locale, "text": shown.text, "first_at": now}


def keep_notice(session: Session, row: dict[str, Any]) -> None:
    """Store a row of :func:`notice_row` unless that version is kept already, also where two do it at once."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(NoticeText.__table__).values(**row).on_conflict_do_nothing()  # type: ignore[attr-defined]
    session.connection().execute(statement)
