"""How closed lists about people read: on the command line and in a copy for the person themselves."""

from collections.abc import Mapping

from contentops.texts import gettext as _


def purposes() -> Mapping[str, str]:
    """Return what people are asked to agree to."""
    return {"delivery": _("handing over the material"), "marketing": _("being contacted about more")}


def channels() -> Mapping[str, str]:
    """Return the ways to reach people."""
    return {"email": _("E-mail"), "phone": _("Phone"), "wecom": _("WeCom"), "any": _("all channels")}


def ways_of_saying() -> Mapping[str, str]:
    """Return by what people came, or said yes or no."""
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


def stop_reasons() -> Mapping[str, str]:
    """Return why nothing is sent to an address."""
    return {
        "withdrawn": _("withdrawn"),
        "erased": _("erased at their wish"),
        "bounced": _("the address does not exist"),
        "complaint": _("complained about a mail"),
        "by_hand": _("stopped by hand"),
    }


def reason_in_words(stored: str) -> str:
    """Return in the reader's language why a message did not go.

    Args:
        stored: as it is kept, in English; what a mail server said stays as it is.
    """
    stopped = "nothing is sent to this address: "
    if stored.startswith(stopped) and (word := stop_reasons().get(stored.removeprefix(stopped))):
        return _("nothing is sent to this address: {reason}").format(reason=word)
    return _(stored) if stored else ""


def message_kinds() -> Mapping[str, str]:
    """Return the kinds of messages."""
    return {
        "asset": _("material"),
        "confirm": _("please confirm"),
        "link": _("new link"),
        "lead.erased": _("erasure"),
    }
