"""How closed lists read in lists for people. JSON keeps the keys; what a list shows is understood as an option, too."""

from collections.abc import Mapping

from contentops.texts import gettext as _


def word(words: Mapping[str, str], key: object) -> str:
    """Return how a key reads; the key itself where it has no word."""
    return words.get(str(key), str(key))


def key_of(words: Mapping[str, str], text: str) -> str:
    """Return the key that somebody means who copies a word from a list; what is none stays as it was typed."""
    wanted = text.strip().casefold()
    return next((key for key, named in words.items() if named.casefold() == wanted), text)


def workflow_states() -> Mapping[str, str]:
    """Return the states of assets."""
    return {
        "idea": _("idea"),
        "planned": _("planned"),
        "in_progress": _("in progress"),
        "in_review": _("in review"),
        "approved": _("approved"),
        "published": _("published"),
        "retired": _("retired"),
    }


def gates() -> Mapping[str, str]:
    """Return whether a visitor must leave a contact."""
    return {"open": _("open"), "partial": _("first parts open"), "gated": _("for a contact")}


def slot_states() -> Mapping[str, str]:
    """Return the states of a series' slots."""
    return {"open": _("free"), "filled": _("filled"), "skipped": _("given up")}


def message_states() -> Mapping[str, str]:
    """Return the states of messages."""
    return {
        "due": _("waiting"),
        "leased": _("being sent"),
        "done": _("sent"),
        "dead": _("given up"),
        "parked": _("on hold"),
        "cancelled": _("cancelled"),
    }


def message_kinds() -> Mapping[str, str]:
    """Return the kinds of messages."""
    return {
        "asset": _("material"),
        "confirm": _("please confirm"),
        "link": _("new link"),
        "lead.erased": _("erasure"),
    }


def purposes() -> Mapping[str, str]:
    """Return what people are asked to agree to."""
    return {"delivery": _("handing over the material"), "marketing": _("being contacted about more")}


def ways_of_saying() -> Mapping[str, str]:
    """Return by what people said yes or no."""
    return {
        "form": _("form"),
        "confirmation": _("confirmed by mail"),
        "link": _("link in a mail"),
        "one_click": _("unsubscribed in the mail program"),
        "preferences": _("page of preferences"),
        "command": _("command"),
        "api": _("another program"),
        "import": _("imported list"),
        "bounce": _("mail that bounced"),
    }


def quarantine_reasons() -> Mapping[str, str]:
    """Return why forms are held back."""
    return {"honeypot": _("a hidden field was filled"), "too_fast": _("sent too soon after the page was shown")}


def privacy_actions() -> Mapping[str, str]:
    """Return what the privacy log speaks of."""
    return {
        "export": _("copy made"),
        "erase": _("erased"),
        "purge": _("purged"),
        "restore": _("erased again after a restore"),
        "stop": _("stopped"),
        "allow": _("allowed again"),
    }
