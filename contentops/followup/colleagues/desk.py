"""The desk for what goes to colleagues: ``ws.colleagues``. Reminders and invitations; nobody gets the same twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from contentops.assets.team import Team
from contentops.errors import Conflict, MailRefused, MailUnavailable, Problem, StoreConflict
from contentops.followup.colleagues.inviting import Invited, Inviting
from contentops.followup.mail import Letter, Mailer, Messenger
from contentops.followup.mail.templates import MailTemplates
from contentops.models import Reminder
from contentops.planning.desk import ContentCalendar
from contentops.planning.digests import Digest
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _
from contentops.texts import spoken, use_language

MAIL, STDOUT = "mail", "stdout"


@dataclass(frozen=True, slots=True)
class Reminded:
    """What reminding came to.

    Attributes:
        digests: what was sent, or would be. skipped: people who had theirs today. problems: who could not be reached.
        day_off: no working day, so nobody was reminded.
    """

    digests: tuple[Digest, ...]
    skipped: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    day_off: bool = False


class Colleagues:
    """Sends what colleagues should know of the calendar: ``ws.colleagues``.

    Args:
        messenger: hands letters over; the mail server of ``[mail]`` by default.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        folder: Path,
        calendar: ContentCalendar,
        team: Team,
        now: Callable[[], datetime],
        messenger: Messenger | None = None,
    ) -> None:
        self._store, self._settings, self._now = store, settings, now
        self._calendar, self._team = calendar, team
        self._messenger = messenger or Mailer(settings.mail)
        self._templates = MailTemplates(folder)

    def remind(
        self, *, medium: str = MAIL, person: str | None = None, dry_run: bool = False, again: bool = False
    ) -> Reminded:
        """Give everybody their digest of today: on working days only, once for each day and medium.

        Args:
            medium: ``mail`` sends it; ``stdout`` marks it as given and leaves the printing to the caller.
            person: only this one. dry_run: only say what would be sent. again: even to those who had theirs.

        Raises:
            NotFound: nobody of this name fills a role.
        """
        day = self._calendar.today
        day_off = not self._calendar.working_days.is_working_day(day)
        if day_off and not (again or dry_run):
            return Reminded((), day_off=True)
        given, skipped, problems = [], [], []
        for digest in self._calendar.digests(person=person):
            if digest.is_empty:
                continue
            if dry_run:
                given.append(digest)
                continue
            try:
                if self._give(digest, medium, again=again):
                    given.append(digest)
                else:
                    skipped.append(digest.person)
            except (MailUnavailable, MailRefused) as error:
                problems.append(Problem(digest.person, str(error)))
        return Reminded(tuple(given), tuple(skipped), tuple(problems), day_off and not again)

    def _give(self, digest: Digest, medium: str, *, again: bool) -> bool:
        """Send one digest; False where its person has had it. What did not leave may be sent again."""
        letter = self.letter(digest) if medium == MAIL else None  # before the claim: a broken template claims nothing
        if not self._claim(digest, medium, again=again):
            return False
        try:
            if letter is not None:
                self._messenger.send(letter, self._now())
        except BaseException:
            self._release(digest, medium)
            raise
        self._confirm(digest, medium)
        return True

    def letter(self, digest: Digest) -> Letter:
        """Return a digest as a letter.

        Raises:
            MailRefused: nothing is known of where to write to.
        """
        if not digest.email:
            message = _("no e-mail address is known; 'contentops role assign ROLE {person} --email ADDRESS' adds it")
            raise MailRefused(message.format(person=digest.person))
        language = self._settings.language
        with use_language(language):
            subject = _("Content calendar: {late} late, {due} due this week").format(
                late=len(digest.late), due=len(digest.due)
            )
        key = f"digest {digest.person} {digest.day}"
        text, html = (self.rendered(digest, form) for form in ("txt", "html"))
        return Letter(digest.email, subject, text, html, spoken(language), key)

    def rendered(self, digest: Digest, form: str = "txt") -> str:
        """Return a digest as text or HTML, by the templates of ``templates/mail/``."""
        return self._templates.render(
            f"digest.{form}", self._settings.language, digest=digest, name=self._settings.name
        )

    def _claim(self, digest: Digest, medium: str, *, again: bool) -> bool:
        """Note that a digest is on its way before it goes: two runs at once send it once."""
        values = {"person": digest.person, "day": digest.day, "medium": medium}
        try:
            with self._store.write() as session:
                row = session.exec(_reminder(digest.person, digest.day, medium)).first()
                if row is not None and not again:
                    return False
                row = row or Reminder.model_validate({**values, "begun_at": self._now()})
                row.begun_at = self._now()
                session.add(row)
        except StoreConflict:
            return False
        return True

    def _release(self, digest: Digest, medium: str) -> None:
        with self._store.write() as session:
            row = session.exec(_reminder(digest.person, digest.day, medium)).first()
            if row is not None and row.sent_at is None:
                session.delete(row)

    def _confirm(self, digest: Digest, medium: str) -> None:
        with self._store.write() as session:
            row = session.exec(_reminder(digest.person, digest.day, medium)).one()
            row.sent_at = self._now()
            session.add(row)

    def invite(self, *, dry_run: bool = False) -> Invited:
        """Tell those who owe a step by a calendar invitation; tell again what moved, and take back what is no more.

        Steps before today are left alone. What was sent is kept, so that each message goes out once.

        Args:
            dry_run: only say what would be sent.

        Raises:
            Conflict: ``[calendar] invitations`` is off.
        """
        if not self._settings.calendar.invitations:
            raise Conflict(_("invitations are off; set invitations = true in [calendar] of contentops.toml"))
        desk = Inviting(self._store, self._settings, self._calendar, self._team, self._messenger, self._now)
        return desk.run(dry_run=dry_run)


def _reminder(person: str, day: date, medium: str) -> SelectOfScalar[Reminder]:
    return select(Reminder).where(Reminder.person == person, Reminder.day == day, Reminder.medium == medium)
