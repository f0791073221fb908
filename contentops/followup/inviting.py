"""Send invitations: what is new, what moved, what is no more."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from contentops.errors import MailRefused, MailUnavailable, Problem
from contentops.followup.invitations import CANCEL, REQUEST, Meeting, itip
from contentops.followup.mail import Letter, Messenger
from contentops.models import Invitation, Lane, Milestone, MilestoneState
from contentops.planning.agenda import AgendaItem, uid_of_milestone
from contentops.planning.desk import ContentCalendar
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _
from contentops.texts import spoken, use_language

_Key = tuple[str, str]
"""Which milestone, and whose address."""


@dataclass(frozen=True, slots=True)
class Invited:
    """What inviting came to.

    Attributes:
        requested, updated, cancelled: summaries of steps with their person. problems: who could not be reached.
    """

    requested: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Inviting:
    """Compares what should be in colleagues' calendars with what they were told, and tells them the difference."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        calendar: ContentCalendar,
        messenger: Messenger,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._settings, self._calendar = store, settings, calendar
        self._messenger, self._now = messenger, now

    def run(self, *, dry_run: bool) -> Invited:
        """Send what is due; with `dry_run`, only say it."""
        with self._store.read() as session:
            known = {(row.milestone_id, row.email): row for row in session.exec(select(Invitation))}
        done: dict[str, list[str]] = {"requested": [], "updated": [], "cancelled": []}
        problems: list[Problem] = []
        for verb, key, item in _messages(self._wanted(), known, self._calendar.today):
            try:
                if not dry_run:
                    self._send(verb, key, item, known.get(key))
            except (MailUnavailable, MailRefused) as error:
                problems.append(Problem(key[1], str(error)))
                continue
            who = item.person if item else key[1]
            done[verb].append(f"{item.summary if item else known[key].summary} ({who})")
        requested, updated, cancelled = (tuple(texts) for texts in done.values())
        return Invited(requested, updated, cancelled, tuple(problems))

    def _wanted(self) -> dict[_Key, AgendaItem]:
        """Return what is owed from today on, by milestone and address."""
        today = self._calendar.today
        emails = {digest.person: digest.email for digest in self._calendar.digests()}
        with use_language(self._settings.language):
            agenda = self._calendar.agenda(start=today)
        items = {item.uid: item for item in agenda if item.lane in (Lane.STEP, Lane.PUBLICATION)}
        with self._store.read() as session:
            milestones = list(session.exec(select(Milestone).where(col(Milestone.due_on) >= today)))
        found: dict[_Key, AgendaItem] = {}
        for milestone in milestones:
            item = items.get(uid_of_milestone(milestone.asset_id, milestone.step))
            email = emails.get(item.person) if item else None
            if item is not None and email and item.state is MilestoneState.DUE:
                found[milestone.id, email] = item
        return found

    def _send(self, verb: str, key: _Key, item: AgendaItem | None, before: Invitation | None) -> None:
        milestone_id, email = key
        now, method = self._now(), CANCEL if verb == "cancelled" else REQUEST
        sequence = before.sequence + 1 if before else 0
        if item is not None:
            day, summary, url, person = item.day, item.summary[:400], item.url, item.person
        else:
            assert before is not None  # noqa: S101 - only what was sent is taken back
            day, summary, url, person = before.day, before.summary, "", email
        uid = f"{milestone_id}.invitation@contentops"
        sender = self._settings.mail.sender
        content = itip(Meeting(uid, day, summary, url, sender, email, person, sequence, now), method)
        with use_language(self._settings.language):
            title = _("Cancelled: {summary}") if method == CANCEL else _("{summary}, due on {day}")
            subject = title.format(summary=summary, day=day)
        text = f"{subject}\n{url}\n"
        letter = Letter(
            email, subject, text, "", spoken(self._settings.language),
            f"invitation {milestone_id} {email} {sequence}", content, method,
        )  # fmt: skip
        self._messenger.send(letter, now)
        with self._store.write() as session:
            _keep(session, key, day, summary, sequence, cancelled=method == CANCEL, now=now)


def _messages(
    wanted: dict[_Key, AgendaItem], known: dict[_Key, Invitation], today: date
) -> Iterable[tuple[str, _Key, AgendaItem | None]]:
    """Yield what must be said: which verb, to whom about what, and the step as it is now."""
    for key, item in wanted.items():
        before = known.get(key)
        if before is None or before.cancelled:
            yield "requested", key, item
        elif (before.day, before.summary) != (item.day, item.summary[:400]):
            yield "updated", key, item
    for key, row in known.items():
        if key not in wanted and not row.cancelled and row.day >= today:
            yield "cancelled", key, None


def _keep(
    session: Session, key: _Key, day: date, summary: str, sequence: int, *, cancelled: bool, now: datetime
) -> None:
    milestone_id, email = key
    row = session.exec(
        select(Invitation).where(Invitation.milestone_id == milestone_id, Invitation.email == email)
    ).first()
    values = {"day": day, "summary": summary[:400], "sequence": sequence, "cancelled": cancelled, "sent_at": now}
    if row is None:
        row = Invitation.model_validate({"milestone_id": milestone_id, "email": email, **values})
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
