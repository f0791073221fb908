"""What a person's entries in the consent ledger come to. Pure rules."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

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


def standing(entries: Iterable[Entry], merged_at: datetime | None = None) -> Agreement:
    """Return what holds for one person.

    The newest word of a contact counts; of two at the same moment, the withdrawal. Where contacts are one person, a
    withdrawal by one of them holds for all, until the person says yes again after the merge: the stricter word wins.
    A question that was not answered (pending) takes nothing away that was given.

    Args:
        entries: of all contacts of one person, in any order.
        merged_at: the moment of the newest merge that still stands; None for a single contact.
    """
    said: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        for channel in CHANNELS if entry.channel == ANY else (entry.channel,):
            said.setdefault((entry.purpose, channel), []).append(entry)
    return {key: _word(found, merged_at) for key, found in said.items()}


def may(agreement: Agreement, purpose: str, channel: str) -> bool:
    """Return whether somebody may be contacted: they said yes, confirmed it where needed, and did not take it back."""
    return agreement.get((purpose, channel)) is GIVEN


def _word(entries: list[Entry], merged_at: datetime | None) -> ConsentAction:
    newest: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda each: (each.at, each.action is WITHDRAWN)):
        held = newest.get(entry.contact_id)
        if entry.action is not PENDING or held is None or held.action is not GIVEN:
            newest[entry.contact_id] = entry
    words = {entry.action for entry in newest.values()}
    if WITHDRAWN in words:
        taken_back = max(entry.at for entry in newest.values() if entry.action is WITHDRAWN)
        since = max(taken_back, merged_at) if merged_at else taken_back
        again = [entry for entry in newest.values() if entry.action is GIVEN and entry.at > since]
        return GIVEN if again else WITHDRAWN
    return GIVEN if GIVEN in words else PENDING
