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
