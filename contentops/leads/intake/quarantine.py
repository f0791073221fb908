"""Forms that look like a machine's: kept apart, never dropped in silence, since browsers fill in hidden fields too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func
from sqlmodel import col, select

from contentops.errors import Conflict, NotFound
from contentops.leads.intake.entries import Shown
from contentops.models import Asset, Message, NoticeText, Submission
from contentops.models.message import MAIL, UNDELIVERED
from contentops.pages.gate import HONEYPOT, IDEMPOTENCY_KEY, NOTICE
from contentops.store import Store
from contentops.texts import gettext as _

if TYPE_CHECKING:
    from contentops.leads.intake.desk import Intake


@dataclass(frozen=True, slots=True)
class Held:
    """A form in quarantine.

    Attributes:
        id: to release it by. at: when it came. asset: slug. reason: honeypot or too_fast. sent: what was in it.
    """

    id: str
    at: datetime
    asset: str
    reason: str
    sent: dict[str, str]


class Quarantine:
    """What is held back: ``ws.leads.quarantine``."""

    def __init__(self, store: Store, intake: "Intake", now: Callable[[], datetime]) -> None:
        self._store, self._intake, self._now = store, intake, now

    def list(self) -> list[Held]:
        """Return the forms that are held back, newest first."""
        waiting = col(Submission.quarantined).is_(True) & col(Submission.released_at).is_(None)
        query = select(Submission, Asset.slug).join(Asset, col(Asset.id) == col(Submission.asset_id)).where(waiting)
        with self._store.read() as session:
            found = session.exec(query.order_by(col(Submission.at).desc(), col(Submission.id))).all()
        return [Held(row.id, row.at, slug, row.reason, row.fields) for row, slug in found]

    def check(self, submission_ids: Sequence[str]) -> None:
        """See that all of some forms can be released, before the first of them is.

        Raises:
            NotFound: there are no such forms. Conflict: they were released before. All wrong ids are named at once.
        """
        query = select(Submission.id, Submission.released_at)
        query = query.where(col(Submission.id).in_(submission_ids), col(Submission.quarantined).is_(True))
        with self._store.read() as session:
            found = dict(session.exec(query).all())
        unknown = [each for each in submission_ids if each not in found]
        message = _("form {form} was released on {day} already")
        over = [
            message.format(form=each, day=day.date()) for each in submission_ids if (day := found.get(each)) is not None
        ]
        if unknown:
            kind, named = _("form in quarantine"), _(", ").join(unknown)
            missing = NotFound(kind, named)
            raise NotFound(kind, named, message=_("; ").join([str(missing), *over]))
        if over:
            raise Conflict(_("; ").join(over))

    def letters(self, lead_id: str) -> int:
        """Return how many letters about a lead wait to leave."""
        waiting = col(Message.state).in_(UNDELIVERED) & (col(Message.target) == MAIL)
        with self._store.read() as session:
            return session.exec(select(func.count()).where(col(Message.lead_id) == lead_id, waiting)).one()

    def release(self, submission_id: str) -> str:
        """Make a lead of a form that was held back, as of the moment it came; return the lead's id.

        What must follow (the mail with the material) follows now.

        Raises:
            NotFound: there is no such form. Conflict: it was released before. SubmissionInvalid: it has faults
                besides, such as no address.
        """
        with self._store.write() as session:
            row = session.get(Submission, submission_id)
            if row is None or not row.quarantined:
                raise NotFound(_("form in quarantine"), submission_id)
            if row.released_at is not None:
                raise Conflict(_("this form was released on {day} already").format(day=row.released_at.date()))
            asset = session.get_one(Asset, row.asset_id)
            left_out = {HONEYPOT, NOTICE, IDEMPOTENCY_KEY}
            pairs = [(name, value) for name, value in row.fields.items() if name not in left_out]
            entry = self._intake.entry(self._intake.open(asset), pairs, page=row.page, trusted=False)
            entry = replace(entry, at=row.at, changed_at=None)
            # The notice of that day is what was agreed to or not, not the present one.
            shown = session.get(NoticeText, row.fields.get(NOTICE, ""))
            if shown is not None:
                entry = replace(entry, shown=Shown.kept(shown))
            (outcome,) = self._intake.apply(session.connection(), [entry])
            row.released_at, row.fields = self._now(), {}
            session.add(row)
        return str(outcome.lead_id)
