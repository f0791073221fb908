"""The desk for consent: what somebody agreed to, confirming it, taking it back. Entries are only ever added."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from contentops.errors import InvalidArgument, NotFound, Problem
from contentops.leads.consent.ledger import ANY, CHANNELS, EMAIL, GIVEN, WITHDRAWN, changed, standing
from contentops.leads.consent.notices import keep_notice, notice_row
from contentops.leads.consent.people import Agreed, agreed, find, questions
from contentops.leads.intake.entries import Shown
from contentops.leads.suppression import hashing_key
from contentops.leads.wishes import WithdrawalList
from contentops.models import Consent, Contact, ContactKey, Lead, Message, MessageState
from contentops.models.message import ASSET, CONFIRM, LINK, MAIL, UNDELIVERED
from contentops.pages.notice import DELIVERY, MARKETING, PURPOSES, Notice
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _

CONFIRMATION, BY_LINK, ONE_CLICK, PREFERENCES, COMMAND = "confirmation", "link", "one_click", "preferences", "command"
"""How an entry came about; see :class:`contentops.models.Consent`."""
ASKED_FOR = (ASSET, CONFIRM, LINK)
"""Kinds of mail that somebody asked for; all others need the consent to marketing."""


class Consents:
    """What people agreed to: ``ws.leads.consents``."""

    def __init__(self, store: Store, settings: Settings, folder: Path, now: Callable[[], datetime]) -> None:
        self._store, self._settings, self._now = store, settings, now
        self._withdrawals = WithdrawalList(folder, partial(hashing_key, folder))

    def of(self, who: str) -> Agreed:
        """Return what somebody agreed to, and every word they said about it.

        Args:
            who: e-mail address, phone number in any spelling, id of a contact or a lead, name that one person has.

        Raises:
            NotFound: nobody goes by it. Conflict: several people have this name.
        """
        with self._store.read() as session:
            return agreed(session, self._find(session, who))

    def waiting(self, lead_id: str, contact_id: str = "") -> tuple[Lead, bool]:
        """Return a lead, and whether the confirmation of an address would change anything.

        Args:
            contact_id: whose address it is; empty: of the lead's own contact.

        Raises:
            NotFound: there is no such lead any more.
        """
        with self._store.read() as session:
            lead, asked = self._asked(session, lead_id, contact_id)
            return lead, lead.awaits_confirmation or lead.confirmed_at is None or bool(asked)

    def questions(self, lead_id: str, contact_id: str = "") -> tuple[str, ...]:
        """Return the wordings that the confirmation of an address would be a yes to, as they stood on the page.

        Raises:
            NotFound: there is no such lead any more.
        """
        with self._store.read() as session:
            _lead, asked = self._asked(session, lead_id, contact_id)
            return tuple(dict.fromkeys(each.wording for each, _channel in asked))

    def confirm(self, lead_id: str, contact_id: str = "", *, evidence: str = "") -> Lead:
        """Keep that the link in a confirmation mail was answered: what waited for it holds from now on.

        A lead that had to wait for its material gets it: the mail is queued in the same transaction. Doing it again
        changes nothing.

        Args:
            lead_id, contact_id: of the link's grant: what was asked for, whose address was written to (empty: of the
                lead's own contact). Only what stood in that person's forms for this lead is answered: somebody else
                may have ticked a box with this address elsewhere.
            evidence: what proves it, such as the hash of the link.

        Returns:
            The lead as it is now.

        Raises:
            NotFound: there is no such lead any more.
        """
        with self._store.write() as session:
            lead = self._lead(session, lead_id)
            person = agreed(session, self._find(session, lead.contact_id), lock=True)
            session.refresh(lead)  # it was read before the lock: somebody may have confirmed it meanwhile
            now = self._now()
            at = person.moment(now)
            for asked, channel in questions(session, lead, contact_id, person):
                shown = asked.model_dump(include=set(_SHOWN))
                answer = {**shown, "channel": channel, "action": GIVEN, "how": CONFIRMATION}
                session.add(Consent.model_validate({**answer, "evidence": evidence, "at": at}))
            if lead.awaits_confirmation:
                session.add(_asset_mail(lead, now))
            lead.awaits_confirmation, lead.confirmed_at = False, lead.confirmed_at or now
            session.add(lead)
            return lead

    def withdraw(
        self, who: str, purpose: str = MARKETING, *, channel: str = ANY, how: str = COMMAND, evidence: str = ""
    ) -> Agreed:
        """Keep that somebody took back a consent (or never wants to give it); what was on its way is stopped.

        Mail that needed the consent and has not left yet is cancelled in the same transaction. Doing it again changes
        nothing. What was done before stays lawful, and what the person asked for still comes.

        Args:
            who: as for :meth:`of`. purpose: marketing, or delivery.
            channel: email, phone, wecom, or any: all of them. how: link, one_click, command, api, import, bounce.
            evidence: who did it, or the hash of the link.

        Returns:
            What holds now.

        Raises:
            NotFound, Conflict: as for :meth:`of`. InvalidArgument: there is no such purpose or channel.
        """
        _check(purpose, channel)
        with self._store.write() as session:
            contact = self._find(session, who)
            person = agreed(session, contact, lock=True)
            # Compared with what this very contact said: after a split it must still hold for them.
            own = standing(entry for entry in person.history if entry.contact_id == contact.id)
            for key in changed(own, {(purpose, channel): False}):
                session.add(_entry(person, key, how=how, evidence=evidence, at=person.moment(self._now())))
            self._cancel(session, person, purpose, channel)
            self._list(session, person, purpose, channel)
            return self._again(session, person)

    def set(
        self, who: str, wanted: Mapping[tuple[str, str], bool], notice: Notice, *, page: str, evidence: str = ""
    ) -> Agreed:
        """Keep what somebody chose on their preferences page; only what differs from what holds is written.

        Args:
            wanted: purpose and channel → yes or no. notice: in the words that the page showed; they are kept with
                each yes. page: path of the page. evidence: hash of the link.

        Returns:
            What holds now.

        Raises:
            NotFound: nobody goes by `who`. InvalidArgument: there is no such purpose or channel.
        """
        for purpose, channel in wanted:
            _check(purpose, channel)
        with self._store.write() as session:
            person = agreed(session, self._find(session, who), lock=True)
            now = self._now()
            news = changed(person.agreement, wanted)
            if GIVEN in news.values():
                keep_notice(session, notice_row(Shown.of(notice), now))
            for key, action in news.items():
                said = _shown(notice, *key) if action is GIVEN else {}
                said |= {"locale": notice.language, "page": page}
                entry = _entry(person, key, action, how=PREFERENCES, evidence=evidence, at=person.moment(now), **said)
                session.add(entry)
                if action is WITHDRAWN:
                    self._cancel(session, person, *key)
                    self._list(session, person, *key)
            return self._again(session, person)

    def _list(self, session: Session, person: Agreed, purpose: str, channel: str) -> None:
        """Keep outside the database that somebody wants no marketing, so that it survives a restore of an older one."""
        if purpose != MARKETING:
            return
        owned = select(ContactKey.value).where(col(ContactKey.contact_id).in_(person.contact_ids))
        self._withdrawals.keep(session.exec(owned), channel, person.moment(self._now()))

    def _find(self, session: Session, who: str) -> Contact:
        return find(session, who, self._settings.capture.default_region)

    def _lead(self, session: Session, lead_id: str) -> Lead:
        lead = session.get(Lead, lead_id)
        if lead is None:
            raise NotFound(_("lead"), lead_id)
        return lead

    def _asked(self, session: Session, lead_id: str, contact_id: str) -> tuple[Lead, list[tuple[Consent, str]]]:
        """Return a lead and what its confirmation mail to one contact asked, each with its channel."""
        lead = self._lead(session, lead_id)
        person = agreed(session, self._find(session, lead.contact_id))
        return lead, questions(session, lead, contact_id, person)

    def _cancel(self, session: Session, person: Agreed, purpose: str, channel: str) -> None:
        if channel not in (EMAIL, ANY):
            return
        asked_for = col(Message.kind).in_(ASKED_FOR)
        which = asked_for if purpose == DELIVERY else ~asked_for
        # Only mail: what tells other systems about a person (lead.erased and the like) must still reach them.
        concerned = col(Message.contact_id).in_(person.contact_ids) & (col(Message.target) == MAIL)
        undelivered = col(Message.state).in_(UNDELIVERED)
        stopped = {"state": MessageState.CANCELLED, "done_at": self._now(), "lease_until": None, "claim_token": None}
        # Where other systems are to be told ("consent.withdrawn"), it happens here, in this same transaction.
        session.connection().execute(update(Message).where(concerned, undelivered, which).values(**stopped))

    def _again(self, session: Session, person: Agreed) -> Agreed:
        session.flush()
        return agreed(session, person.contact)


_SHOWN = ("contact_id", "submission_id", "purpose", "wording", "wording_sha256", "notice", "locale", "page")


def wording_of(notice: Notice, purpose: str, channel: str) -> str:
    """Return the exact text that stands beside the box for a purpose and a channel."""
    return notice.channel_wording(channel) if purpose == MARKETING and channel != ANY else notice.wording(purpose)


def _shown(notice: Notice, purpose: str, channel: str) -> dict[str, Any]:
    wording = wording_of(notice, purpose, channel)
    return {"wording": wording, "wording_sha256": notice.version_with(wording), "notice": notice.page_version()}


def _entry(
    person: Agreed, key: tuple[str, str], action: object = WITHDRAWN, *, how: str, at: datetime, **said: Any
) -> Consent:
    purpose, channel = key
    values = {"contact_id": person.contact.id, "purpose": purpose, "channel": channel, "action": action}
    unsaid = {"wording": "", "wording_sha256": "", "locale": person.contact.language, "page": ""}
    return Consent.model_validate({**values, **unsaid, **said, "how": how, "at": at})


def _asset_mail(lead: Lead, now: datetime) -> Message:
    ids = {"lead_id": lead.id, "contact_id": lead.contact_id, "asset_id": lead.asset_id}
    return Message.model_validate({"kind": ASSET, **ids, "next_at": now, "created_at": now})


def _check(purpose: str, channel: str) -> None:
    problems = []
    message = _("'{word}' is none of {known}")
    if purpose not in PURPOSES:
        problems.append(Problem("purpose", message.format(word=purpose, known=", ".join(PURPOSES))))
    if channel not in (*CHANNELS, ANY):
        problems.append(Problem("channel", message.format(word=channel, known=", ".join((*CHANNELS, ANY)))))
    if problems:
        raise InvalidArgument(problems)
