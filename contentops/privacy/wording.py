"""The words of the data map and of copies for people, in the reader's language."""

from collections.abc import Callable, Mapping

from contentops.leads.words import (
    channels,
    message_kinds,
    purposes,
    quarantine_reasons,
    stop_reasons,
    ways_of_saying,
)
from contentops.models.message import MAIL
from contentops.settings import PrivacySettings
from contentops.texts import gettext as _


def tables() -> Mapping[str, tuple[str, str]]:
    """Return for each table that holds something of people: what it is, and what it is kept for."""
    deliver = _("to hand over what was asked for, and to contact only as agreed")
    recognise = _("to know one person as one, however they write their address")
    work = _("to plan and account for the team's work")
    return {
        "contact": (_("Who you are"), deliver),
        "contact_key": (_("What you are recognised by"), recognise),
        "key_claim": (_("Addresses you gave that others use as well"), recognise),
        "merge": (_("Entries found to be one person"), recognise),
        "distinct_pair": (_("Entries found to be two persons"), recognise),
        "lead": (_("What you asked for"), deliver),
        "submission": (_("Forms you sent"), _("to prove what was sent, and to tell people from machines")),
        "touch": (_("How you came"), _("to know which channels and campaigns lead to the material")),
        "download": (_("What you took"), _("to know whether the material arrived and is used")),
        "consent": (_("What you agreed to"), _("to prove each consent and to respect its withdrawal")),
        "message": (_("What was sent to you"), _("to send everything once, and to know whether it arrived")),
        "suppression": (_("Stops on your addresses"), _("to send nothing more to this address")),
        "rate_count": (_("Counts of forms"), _("to stop floods of forms; a day, and by a keyed hash only")),
        "email_domain": (
            _("Domains of e-mail addresses"),
            _("to know which addresses are disposable or take no mail"),
        ),
        "person": (_("Colleagues"), work),
        "role_holder": (_("Who fills which role"), work),
        "transition": (_("Workflow of content"), work),
        "date_change": (_("Changes of dates"), work),
        "milestone": (_("Dated steps"), work),
        "calendar_event": (_("Events as they were sent"), work),
        "feed": (_("Calendar subscriptions"), work),
        "reminder": (_("Digests that were sent"), work),
        "invitation": (_("Invitations that were sent"), work),
        "tracked_link": (_("Links and codes"), work),
        "privacy_action": (_("Log of copies, erasures and purges"), _("to prove who handled personal data, and when")),
        "asset": (_("Content"), _("to publish it; authors may be named in it")),
        "asset_text": (_("Texts of content"), _("to publish it; authors may be named in it")),
    }


def retentions(settings: PrivacySettings) -> Mapping[str, str]:
    """Return how long each class is kept."""
    return {
        "person": _("{months} months after the last contact; {days} days where the address was never confirmed").format(
            months=settings.retention_months, days=settings.unconfirmed_days
        ),
        "quarantine": _("as long as the lead; in quarantine {days} days").format(days=settings.quarantine_days),
        "message": _("{days} days after it was sent or cancelled; {dead} days if it never arrived").format(
            days=settings.message_days, dead=settings.dead_message_days
        ),
        "day": _("24 hours"),
        "domain": _("as long as somebody has an address there, and a day"),
        "work": _("as long as the workspace; the team's own history"),
        "content": _("as long as the content's file"),
        "never": _("not deleted by itself"),
    }


def erasures() -> Mapping[str, str]:
    """Return what erasing somebody does with a table."""
    return {
        "delete": _("the row is deleted"),
        "blank": _("what leads to the person is emptied, what was not sent yet is cancelled"),
        "keep": _("stays"),
    }


def reasons() -> Mapping[str, str]:
    """Return why something stays."""
    return {
        "": "",
        "counts": _("a number of messages without a person is left, until retention ends"),
        "suppression": _("only a keyed hash: without it, the address would be written to again after the next import"),
        "unlinked": _("cannot be led back to anybody, and is gone after a day"),
        "shared": _("names a company or a provider; goes with the last address there"),
        "proof": _("proves that duties were met; names nobody outside"),
    }


def recipients() -> Mapping[str, str]:
    """Return to whom something is handed."""
    return {
        "": _("nobody"),
        "mail": _("the mail server of [mail]"),
        "dns": _("the DNS servers, where domains.dns is on: the domain alone"),
        "calendars": _("calendar programs of subscribers"),
    }


def kinds() -> Mapping[str, str]:
    """Return the names of the classes."""
    return {
        "identity": _("identity"),
        "contact": _("contact"),
        "behaviour": _("behaviour"),
        "consent": _("consent"),
        "technical": _("technical"),
        "none": _("nothing personal"),
    }


def whose() -> Mapping[str, str]:
    """Return of whom something can be."""
    return {"lead": _("people outside"), "colleague": _("colleagues"), "nobody": _("nobody")}


def labels(table: str) -> Mapping[str, str]:
    """Return how columns of a table are called in a copy that people read; those that are not here are not in it."""
    own = {"lead": {"created_at": _("Asked first")}, "message": {"created_at": _("When")}}
    return {**_labels_of_people(), **_labels_of_visits(), **_labels_of_words(), **own.get(table, {})}


def _labels_of_people() -> Mapping[str, str]:
    return {
        "name": _("Name"),
        "company": _("Company"),
        "job_title": _("Job title"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "language": _("Language"),
        "created_at": _("Since"),
        "changed_at": _("Last change"),
        "value": _("Value"),
        "at": _("When"),
        "undone_at": _("Undone"),
        "asset_id": _("Material"),
        "origin": _("Came by"),
        "awaits_confirmation": _("Waits for confirmation"),
        "confirmed_at": _("Confirmed"),
        "last_at": _("Asked last"),
        "fields": _("Answers"),
        "page": _("Page"),
        "quarantined": _("Held back as a machine's"),
        "reason": _("Reason"),
        "released_at": _("Released"),
    }


def _labels_of_visits() -> Mapping[str, str]:
    return {
        "source": _("Source"),
        "medium": _("Medium"),
        "campaign": _("Campaign"),
        "term": _("Search word"),
        "content": _("Version of the link"),
        "click_ids": _("Click ids"),
        "referrer_host": _("Came from"),
        "landing_path": _("First page"),
        "code": _("Code"),
        "offline_code": _("Event code"),
        "flags": _("Cleaned"),
        "by_machine": _("By a machine"),
    }


def _labels_of_words() -> Mapping[str, str]:
    return {
        "purpose": _("Purpose"),
        "channel": _("Channel"),
        "action": _("What was said"),
        "how": _("How"),
        "wording": _("Wording shown"),
        "locale": _("Language"),
        "evidence": _("Evidence"),
        "kind": _("Kind"),
        "target": _("Sent through"),
        "state": _("State"),
        "done_at": _("Finished"),
        "last_error": _("Last fault"),
    }


def words_of(column: str) -> Mapping[str, str]:
    """Return the words for the values of a column that is a closed list; none for what people or programs wrote."""
    if column in ("awaits_confirmation", "quarantined", "by_machine"):
        return {"True": _("Yes"), "False": _("No")}
    lists: Mapping[str, Callable[[], Mapping[str, str]]] = {
        "action": _actions,
        "channel": channels,
        "flags": _flags,
        "how": _ways,
        "kind": message_kinds,
        "origin": _ways,
        "purpose": purposes,
        "reason": lambda: {**quarantine_reasons(), **stop_reasons()},
        "state": _states,
        "target": lambda: {MAIL: _("E-mail")},
    }
    return lists[column]() if column in lists else {}


def key_labels() -> Mapping[str, str]:
    """Return what stands in a copy for the first part of a contact key, see :class:`contentops.models.ContactKey`."""
    return {"mail": _("E-mail"), "tel": _("Phone"), "wecom": _("WeCom")}


def _ways() -> Mapping[str, str]:
    return {**ways_of_saying(), "command": _("entered by the team")}


def _actions() -> Mapping[str, str]:
    return {"given": _("given"), "pending": _("asked, not confirmed"), "withdrawn": _("withdrawn")}


def _flags() -> Mapping[str, str]:
    cut, personal = _("shortened"), _("without an address that stood in it")
    return {"cut": cut, "personal": personal}


def _states() -> Mapping[str, str]:
    return {
        "due": _("waiting"),
        "leased": _("being sent"),
        "done": _("sent"),
        "dead": _("could not be sent"),
        "parked": _("held"),
        "cancelled": _("cancelled"),
    }
