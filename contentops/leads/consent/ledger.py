"""What a person's entries in the consent ledger come to. Pure rules."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from contentops.models import ConsentAction
from contentops.pages.notice import CHANNELS as CHANNELS

EMAIL, PHONE, WECOM = CHANNELS
"""Ways to reach people."""
ANY = "any"
"""The channel of an entry that holds for all of them."""
GIVEN, PENDING, WITHDRAWN = ConsentAction.GIVEN, ConsentAction.PENDING, ConsentAction.WITHDRAWN

Agreement = Mapping[tuple[str, str], ConsentAction]
"""Purpose and channel → the word that holds. What is not in it was never said."""


class Entry(Protocol):
    """One entry of the ledger; rows of :class:`contentops.models.Consent` are such."""

    contact_id: str
    purpose: str
    channel: str
    action: ConsentAction
    at: datetime


E = TypeVar("E", bound=Entry)


def standing(entries: Iterable[Entry], merged_at: datetime | None = None) -> Agreement:
    """Return what holds for one person.

    The newest word of a contact counts; of two at the same moment, the withdrawal. Where contacts are one person, a
    withdrawal by one of them holds for all, until the person says yes again after the merge: the stricter word wins.
    A question that was not answered (pending) changes nothing that was said before, yes or no.

    Args:
        entries: of all contacts of one person, in any order.
        merged_at: the moment of the newest merge that still stands; None for a single contact.
    """
    said: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        for channel in channels_of(entry):
            said.setdefault((entry.purpose, channel), []).append(entry)
    return {key: _word(found, merged_at) for key, found in said.items()}


def may(agreement: Agreement, purpose: str, channel: str) -> bool:
    """Return whether somebody may be contacted: they said yes, confirmed it where needed, and did not take it back."""
    return agreement.get((purpose, channel)) is GIVEN


def _word(entries: list[Entry], merged_at: datetime | None) -> ConsentAction:
    newest: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda each: (each.at, each.action is WITHDRAWN)):
        if entry.action is not PENDING or entry.contact_id not in newest:
            newest[entry.contact_id] = entry
    words = {entry.action for entry in newest.values()}
    if WITHDRAWN in words:
        taken_back = max(entry.at for entry in newest.values() if entry.action is WITHDRAWN)
        since = max(taken_back, merged_at) if merged_at else taken_back
        again = [entry for entry in newest.values() if entry.action is GIVEN and entry.at > since]
        return GIVEN if again else WITHDRAWN
    return GIVEN if GIVEN in words else PENDING


def channels_of(entry: Entry) -> tuple[str, ...]:
    """Return the channels that an entry is about."""
    return CHANNELS if entry.channel == ANY else (entry.channel,)


def unanswered(entries: Iterable[E]) -> list[tuple[E, str]]:
    """Return the questions of one person that still wait for a confirmation, each with its channel.

    The newest one of each contact, purpose and channel counts. What was answered since waits no more: with a yes by the
    same contact, or with a withdrawal by any contact of the person. A late click on an old link takes back no "no".

    Args:
        entries: of all contacts of the person, in any order.
    """
    listed = sorted(entries, key=lambda entry: entry.at)
    newest: dict[tuple[str, str, str], E] = {}
    for entry in listed:
        if entry.action is PENDING:
            newest |= {(entry.contact_id, entry.purpose, channel): entry for channel in channels_of(entry)}
    waiting: list[tuple[E, list[str]]] = []
    for (_contact, _purpose, channel), asked in newest.items():
        if any(_answers(each, asked, channel) for each in listed):
            continue
        same = next((channels for entry, channels in waiting if entry is asked), None)
        if same is None:
            waiting.append((asked, [channel]))
        else:
            same.append(channel)
    found = []
    for asked, channels in waiting:
        whole = set(channels) == set(channels_of(asked))
        found += [(asked, asked.channel)] if whole else [(asked, channel) for channel in channels]
    return found


def changed(agreement: Agreement, wanted: Mapping[tuple[str, str], bool]) -> dict[tuple[str, str], ConsentAction]:
    """Return what must be written so that what somebody wants holds; nothing where it holds already.

    A no to what was never said is written too: it holds against all that comes later, an import for instance.

    Args:
        wanted: purpose and channel (:data:`ANY`: all of them) → yes or no.
    """
    news = {}
    for (purpose, channel), is_yes in wanted.items():
        action = GIVEN if is_yes else WITHDRAWN
        held = [agreement.get((purpose, each)) for each in (CHANNELS if channel == ANY else (channel,))]
        if any(word is not action for word in held):
            news[(purpose, channel)] = action
    return news


def _answers(entry: Entry, asked: Entry, channel: str) -> bool:
    if entry.purpose != asked.purpose or channel not in channels_of(entry) or entry.at < asked.at:
        return False
    return entry.action is WITHDRAWN or (entry.action is GIVEN and entry.contact_id == asked.contact_id)
