"""The desk for people's rights and for retention: ``ws.privacy``."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlmodel import col, select

from contentops.leads.domains.known import forget_unshared
from contentops.leads.suppression import BY_HAND, ERASED, hashing_key, key_hash, stops
from contentops.leads.wishes import ErasureList, StopList, WithdrawalList
from contentops.models import Contact, ContactKey, PrivacyAction, Submission
from contentops.privacy import data_map, wording
from contentops.privacy.data_map import MapEntry
from contentops.privacy.dossier import Dossier, collect, readable
from contentops.privacy.erasing import count_rows, hold, patiently, targets_of
from contentops.privacy.finding import Found, expand, find, hashes_of, in_quarantine, keys_in
from contentops.privacy.holdings import AT_ONCE, Subject
from contentops.privacy.letters import delete_letters, letter_folder, letters_of, message_ids
from contentops.privacy.purging import Purge
from contentops.privacy.reapplying import stop_again, withdraw_again
from contentops.privacy.removal import Removed, note, remove, stop
from contentops.privacy.retention import Limits
from contentops.settings import Settings
from contentops.store import Store
from contentops.store.scrub import empty_log
from contentops.texts import use_language

EXPORT, ERASE, PURGE, REAPPLY, STOP, ALLOW = "export", "erase", "purge", "restore", "stop", "allow"
"""Actions in the log."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure came to, or would.

    Attributes:
        people: how many persons. rows: deleted or emptied rows by table. letters: deleted files of the mail folder.
        told: targets that are being told to forget the leads.
        log_emptied: False where SQLite's log could not be emptied yet, because somebody was reading.
    """

    people: int
    rows: Mapping[str, int] = field(default_factory=dict)
    letters: int = 0
    told: tuple[str, ...] = ()
    log_emptied: bool = True


class Privacy:
    """Copies, erasure, retention and the data map: ``ws.privacy``."""

    def __init__(self, store: Store, settings: Settings, folder: Path, now: Callable[[], datetime]) -> None:
        self._store, self._settings, self._folder, self._now = store, settings, folder, now
        self._list = ErasureList(folder, lambda: self._secret)
        self._withdrawals = WithdrawalList(folder, lambda: self._secret)
        self._stops = StopList(folder, lambda: self._secret)
        self._letters = letter_folder(settings, folder)

    @cached_property
    def _secret(self) -> bytes:
        return hashing_key(self._folder)

    @property
    def _region(self) -> str:
        return self._settings.capture.default_region

    def export(self, who: str, *, by: str = "", form: str = "json") -> Dossier:
        """Return everything that is kept of a person, of all their contacts; that it was done is logged.

        Args:
            who: e-mail address, phone number in any spelling, or id of a contact or a lead. by: who asks.
            form: what it is made for, for the log.

        Raises:
            InvalidArgument: `who` is none of these. NotFound: nobody was ever seen by it.
        """
        now = self._now()
        with self._store.read() as session:
            subject = find(session, who, self._region, self._secret).subject
            files = letters_of(self._letters, message_ids(session, subject))
            dossier = collect(session, subject, files, now)
        with self._store.write() as session:
            note(session, EXPORT, by, sum(map(len, dossier.data.values())), now, form)
        return dossier

    def readable(self, dossier: Dossier, form: str, *, language: str | None = None) -> str:
        """Return a copy as a page (``html``), text (``txt``) or JSON (``json``).

        Args:
            language: of its headings; by default the person's own, of the page they came by last.
        """
        if form == "json":
            return dossier.as_json()
        spoken = [row["language"] for row in dossier.data["contact"] if row["language"]]
        language = language or (spoken[-1] if spoken else self._settings.language)
        with use_language(language):
            kept = wording.retentions(self._settings.privacy)
        settings = self._settings
        return readable(dossier, form, language=language, name=settings.name, zone=settings.time_zone, retentions=kept)

    def erase(self, who: str, *, by: str = "", dry_run: bool = False) -> Erased:
        """Erase a person everywhere: all their contacts, leads, forms (in quarantine too), messages and letters.

        One transaction. What was not sent yet is cancelled, targets that may have got a lead are told, and keyed hashes
        of the addresses stay: nothing is sent to them, and a restored backup is erased again. Exported files are the
        operator's.

        Args:
            who: as for :meth:`export`. by: who does it. dry_run: only say what would go.

        Raises:
            InvalidArgument, NotFound: as for :meth:`export`. WorkspaceError: the erasure list cannot be written or a
            letter not be deleted; nothing was erased from the database.
        """
        with self._store.read() as session:
            found = find(session, who, self._region, self._secret)
            if dry_run:
                told = {target for target, _lead in targets_of(session, found.subject)}
                files = letters_of(self._letters, message_ids(session, found.subject))
                rows = count_rows(session, found.subject)
                return Erased(len(found.person_ids), rows, len(files), tuple(sorted(told)))
        return self._erase(found, by, ERASE)

    def reapply_erasures(self, *, by: str = "") -> Erased:
        """Do again what an old backup undid: erasures, withdrawals, stops and their lifting; ``restore`` calls this.

        Somebody who came again of their own accord since their erasure is left alone. Of whoever is on the list of
        erased people, also of those that the backup does not know, nothing is sent to the addresses, unless that was
        allowed since.

        Raises:
            WorkspaceError: a list cannot be read, or was made with another key.
        """
        listed, withdrawn = self._list.read(), self._withdrawals.read()
        people, removed, is_empty = 0, Removed(), True
        for found in self._returned(listed) if listed else ():
            done = self._erase(found, by, REAPPLY)
            people, is_empty = people + done.people, done.log_emptied
            removed.add(Removed(Counter(done.rows), done.letters, set(done.told)))
        with self._store.write() as session:
            stop_again(session, listed, self._stops.standing(), self._stops.lifted())
            if withdrawn:
                withdraw_again(session, withdrawn, self._secret)
        return Erased(people, removed.rows, removed.letters, tuple(sorted(removed.told)), is_empty)

    def is_erased(self, contact_key: str) -> bool:
        """Return whether somebody by this contact key (``mail:…``, ``tel:…``) was erased and has not come again since.

        Imports of your own ask this before they bring anybody in; those of contentops do.
        """
        with self._store.read() as session:
            return bool(self._list.gone(session, {key_hash(self._secret, contact_key): contact_key}))

    def stop(self, who: str, *, by: str = "") -> int:
        """Have nothing sent to somebody any more: none of the addresses of the person, or the one address given.

        Consents stay as they are. An import brings no consent to marketing that is older than the stop.

        Args:
            who: as for :meth:`export`; an address may be one that nobody has come by yet. by: who does it.

        Returns:
            How many addresses are stopped.

        Raises:
            InvalidArgument: `who` is neither address nor id. NotFound: nobody has this id. WorkspaceError: the list of
            stops, which a restore reads, cannot be written; nothing was changed.
        """
        now = self._now()
        with self._store.write() as session:
            hashes = hashes_of(session, who, self._region, self._secret)
            stop(session, hashes, BY_HAND, now)
            note(session, STOP, by, len(hashes), now)
            self._stops.stop(hashes, now)
        return len(hashes)

    def allow(self, who: str, *, by: str = "") -> int:
        """Lift what stops mail to somebody, whatever its reason: by hand, bounced, complaint, withdrawn or erased.

        It is for their own wish only, and a restore keeps to it. Consents stay as they are, and whoever was erased
        still does not come back by an import.

        Args:
            who, by: as for :meth:`stop`.

        Returns:
            How many addresses had been stopped.

        Raises:
            InvalidArgument, NotFound, WorkspaceError: as for :meth:`stop`.
        """
        now = self._now()
        with self._store.write() as session:
            found = stops(session, hashes_of(session, who, self._region, self._secret))
            for row in found.values():
                session.delete(row)
            reasons = Counter(row.reason for row in found.values())
            note(session, ALLOW, by, len(found), now, " ".join(f"{name}={n}" for name, n in sorted(reasons.items())))
            self._stops.allow(found, now)
        return len(found)

    def purge(self, *, by: str = "", dry_run: bool = False) -> dict[str, int]:
        """Delete what is kept longer than ``[privacy]`` says; the worker does it once a day.

        Persons go as a whole, counted from the last thing any of their contacts did. A withdrawal alone deletes nobody.

        Returns:
            How many of each of :data:`contentops.privacy.retention.CLASSES` went, or would.
        """
        now = self._now()
        purge = Purge(self._store, self._settings, self._folder, Limits.at(now, self._settings.privacy))
        if dry_run:
            return purge.counts()
        done = purge.run()
        with self._store.write() as session:
            detail = " ".join(f"{name}={count}" for name, count in done.items() if count)
            note(session, PURGE, by, sum(done.values()), now, detail)
        delete_letters(letters_of(self._letters, purge.removed.message_ids))
        if any(done.values()):
            empty_log(self._store.engine)
        return done

    def map(self) -> list[MapEntry]:
        """Return the data map: every column that says something of people, in the language in force."""
        return data_map.entries(self._settings.privacy)

    def map_markdown(self) -> str:
        """Return the data map as Markdown."""
        return data_map.as_markdown(self._settings.privacy)

    def log(self, limit: int | None = None) -> list[PrivacyAction]:
        """Return who made copies, erased, purged, stopped or allowed, when and how much; newest first."""
        with self._store.read() as session:
            query = select(PrivacyAction).order_by(col(PrivacyAction.at).desc(), col(PrivacyAction.id))
            return list(session.exec(query.limit(limit) if limit else query))

    def _erase(self, found: Found, by: str, action: str) -> Erased:
        removed = patiently(lambda: self._removed(found, by, action))
        delete_letters(letters_of(self._letters, removed.message_ids))  # a worker may have written one meanwhile
        is_empty = empty_log(self._store.engine)
        return Erased(len(found.person_ids), removed.rows, removed.letters, tuple(sorted(removed.told)), is_empty)

    def _removed(self, found: Found, by: str, action: str) -> Removed:
        now = self._now()
        with self._store.write() as session:
            hold(session, found.person_ids)
            # Read anew: a form may have come in since.
            fresh = expand(session, found.person_ids, self._secret).subject if found.person_ids else found.subject
            subject = replace(fresh, submission_ids=found.subject.submission_ids)
            removed = remove(session, subject, self._letters, now)
            forget_unshared(session, found.keys)
            stop(session, subject.hashes, ERASED, now)
            note(session, action, by, sum(removed.rows.values()), now)
            if action == ERASE:  # before the commit: an erasure that is not in the list could be undone by a backup
                self._list.append(subject.hashes, now)
        return removed

    def _returned(self, listed: Mapping[str, datetime]) -> Iterator[Found]:
        """Yield those who are on the list and in the database since before their erasure."""
        people, forms = set[str](), list[str]()
        with self._store.read() as session:
            keys = select(ContactKey.value, Contact.person_id, Contact.created_at)
            keys = keys.join(Contact, col(ContactKey.contact_id) == Contact.id)
            for value, person_id, created_at in session.exec(keys.execution_options(yield_per=1000)):
                at = listed.get(key_hash(self._secret, value))
                if at is not None and created_at <= at:
                    people.add(person_id)
            held = select(Submission.id, Submission.fields, Submission.at).where(col(Submission.lead_id).is_(None))
            for form_id, fields, sent_at in session.exec(held.execution_options(yield_per=1000)):
                hashes = (key_hash(self._secret, key) for key in keys_in(fields, self._region))
                if any(sent_at <= listed[each] for each in hashes if each in listed):
                    forms.append(form_id)
        for person_id in sorted(people):
            with self._store.read() as session:
                found = expand(session, [person_id], self._secret)
                mentioned = in_quarantine(session, found.keys, self._region)
            yield replace(found, subject=replace(found.subject, submission_ids=mentioned))
        for start in range(0, len(forms), AT_ONCE):
            yield Found((), (), Subject(submission_ids=tuple(forms[start : start + AT_ONCE])))
