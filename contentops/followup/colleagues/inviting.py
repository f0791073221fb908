"""Send invitations: what is new, what moved, what is no more."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from contentops.assets.team import Team
from contentops.errors import MailRefused, MailUnavailable, Problem, StoreConflict
from contentops.followup.colleagues.invitations import CANCEL, REQUEST, Meeting, itip
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
        team: Team,
        messenger: Messenger,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._settings, self._calendar, self._team = store, settings, calendar, team
        self._messenger, self._now = messenger, now

    def run(self, *, dry_run: bool) -> Invited:
        """Send what is due; with `dry_run`, only say it."""
        with self._store.read() as session:
            known = {(row.milestone_id, row.email): row for row in session.exec(select(Invitation))}
        done: dict[str, list[str]] = {"requested": [], "updated": [], "cancelled": []}
        problems: list[Problem] = []
        wanted, finished = self._wanted()
        for verb, key, item in _messages(wanted, known, self._calendar.today, finished):
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

    def _wanted(self) -> tuple[dict[_Key, AgendaItem], set[str]]:
        """Return what is owed from today on, by milestone and address, and the milestones that are done."""
        today = self._calendar.today
        emails = self._team.emails()
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
        return found, {milestone.id for milestone in milestones if milestone.state is MilestoneState.DONE}

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
        # Kept before it goes: of two runs at once, the second finds that the first has it.
        kept = {"day": day, "summary": summary, "sequence": sequence, "cancelled": method == CANCEL, "sent_at": now}
        if not self._claim(key, before, kept):
            return
        try:
            self._messenger.send(letter, now)
        except BaseException:
            self._restore(key, before)
            raise

    def _claim(self, key: _Key, before: Invitation | None, values: dict[str, Any]) -> bool:
        """Keep what is about to be said, unless somebody else has said something meanwhile."""
        try:
            with self._store.write() as session:
                row = session.exec(_invitation(key)).first()
                if (row.sequence if row else None) != (before.sequence if before else None):
                    return False
                row = row or Invitation.model_validate({"milestone_id": key[0], "email": key[1], **values})
                for name, value in values.items():
                    setattr(row, name, value)
                session.add(row)
        except StoreConflict:
            return False
        return True

    def _restore(self, key: _Key, before: Invitation | None) -> None:
        with self._store.write() as session:
            row = session.exec(_invitation(key)).one()
            if before is None:
                session.delete(row)
                return
            for name in ("day", "summary", "sequence", "cancelled", "sent_at"):
                setattr(row, name, getattr(before, name))
            session.add(row)


def _messages(
    wanted: dict[_Key, AgendaItem], known: dict[_Key, Invitation], today: date, finished: set[str]
) -> Iterable[tuple[str, _Key, AgendaItem | None]]:
    """Yield what must be said: which verb, to whom about what, and the step as it is now."""
    for key, item in wanted.items():
        before = known.get(key)
        if before is None or before.cancelled:
            yield "requested", key, item
        elif (before.day, before.summary) != (item.day, item.summary[:400]):
            yield "updated", key, item
    for key, row in known.items():
        if key not in wanted and key[0] not in finished and not row.cancelled and row.day >= today:
            yield "cancelled", key, None


def _invitation(key: _Key) -> SelectOfScalar[Invitation]:
    return select(Invitation).where(Invitation.milestone_id == key[0], Invitation.email == key[1])
