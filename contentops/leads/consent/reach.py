"""By which ways somebody may be contacted: what they agreed to, without the addresses that nothing is sent to."""

from collections.abc import Iterable, Mapping

from contentops.leads.consent.ledger import CHANNELS, Agreement, may
from contentops.leads.identity.keys import kind_of
from contentops.leads.suppression import BOUNCED, WITHDRAWN
from contentops.leads.wishes import CHANNEL_OF
from contentops.pages.notice import MARKETING


def ways(agreement: Agreement, keys: Iterable[str], stops: Mapping[str, str]) -> tuple[str, ...]:
    """Return the channels by which somebody may be contacted: they agreed, and not every address of it is stopped.

    Args:
        keys: contact keys of where they are written to or called. stops: those that nothing is sent to → why.
    """
    held: dict[str, list[str]] = {}
    for key in keys:
        held.setdefault(CHANNEL_OF.get(kind_of(key), ""), []).append(key)
    agreed = (channel for channel in CHANNELS if may(agreement, MARKETING, channel))
    return tuple(each for each in agreed if each not in held or any(key not in stops for key in held[each]))


def stop_word(reason: str) -> str:
    """Return what a list says of a stop, for its reason: ``bounced``, ``withdrawn`` or ``stopped``; empty for none."""
    return reason if reason in (BOUNCED, WITHDRAWN, "") else "stopped"
