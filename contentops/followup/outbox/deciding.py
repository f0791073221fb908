"""Whether a mail is still wanted at the moment it would go. Pure rules.

Caps (one of a kind about one asset, so many in all, each within 24 hours) count what went to one person; of two that
are about to go at once, the one that was taken first goes, and the other looks again a minute later.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from contentops.followup.outbox.facts import Facts
from contentops.followup.outbox.kinds import Kind
from contentops.followup.outbox.targets import Outcome, Verdict
from contentops.leads.consent.ledger import EMAIL, WITHDRAWN, may
from contentops.models import Message, MessageState, WorkflowState
from contentops.models.message import CONFIRM
from contentops.pages.notice import DELIVERY, MARKETING
from contentops.texts import gettext as _
from contentops.texts import use_language

AGAIN = timedelta(minutes=1)


def refusal(message: Message, kind: Kind, facts: Facts, now: datetime) -> Outcome | None:
    """Return why a mail does not go, or None: it may.

    The reason is in English, since it is kept: :func:`contentops.leads.words.reason_in_words` is for readers.
    """
    with use_language("en"):
        return _refusal(message, kind, facts, now)


def _refusal(message: Message, kind: Kind, facts: Facts, now: datetime) -> Outcome | None:
    contact, asset = facts.contact, facts.asset
    if not facts.held:
        return Outcome(Verdict.CANCELLED, _("another worker has it"))
    if contact is None or (message.lead_id and facts.lead is None):
        return _cancelled(_("the person was erased"))
    if not contact.email:
        return _cancelled(_("there is no address to write to"))
    if asset is None or asset.state is WorkflowState.RETIRED or (asset.expires_at and asset.expires_at <= now):
        return _cancelled(_("the asset is not handed out any more"))
    if facts.suppressed:
        return _cancelled(_("nothing is sent to this address: {reason}").format(reason=facts.suppressed))
    if facts.agreement.get((DELIVERY, EMAIL)) is WITHDRAWN:
        return _cancelled(_("they took back that we may send them anything"))
    if kind.marketing and not may(facts.agreement, MARKETING, EMAIL):
        return _cancelled(_("no consent to be written to"))
    return _unconfirmed(kind, facts)


def _unconfirmed(kind: Kind, facts: Facts) -> Outcome | None:
    waiting = facts.lead is not None and facts.lead.awaits_confirmation
    if kind.name == CONFIRM:
        return None if waiting or facts.is_asked else _cancelled(_("there is nothing left to confirm"))
    return _cancelled(_("the address has not been confirmed")) if waiting else None


def capped(message: Message, others: Iterable[Message], now: datetime, per_day: int) -> Outcome | None:
    """Return that a person has had enough, or None.

    Args:
        others: what went to them in the last 24 hours, and what is held by workers now. per_day: most mails in all.
    """
    sent, ahead = [], []
    for other in others:
        if other.state is MessageState.DONE:
            sent.append(other)
        elif _order(other) < _order(message):
            ahead.append(other)
    if any(map(_same(message), sent)):
        return _cancelled(_("capped: they had this within a day"))
    if len(sent) >= per_day:
        return _cancelled(_("capped: they had {n} mails within a day").format(n=len(sent)))
    if any(map(_same(message), ahead)) or len(sent) + len(ahead) >= per_day:
        return Outcome(Verdict.WAIT, _("another mail to the same person is on its way"), now + AGAIN)
    return None


def _same(message: Message) -> Callable[[Message], bool]:
    return lambda other: (other.kind, other.asset_id) == (message.kind, message.asset_id)


def _order(message: Message) -> tuple[datetime, datetime, str]:
    return message.lease_until or message.created_at, message.created_at, message.id


def _cancelled(reason: str) -> Outcome:
    return Outcome(Verdict.CANCELLED, reason)
