"""How the words of identity and consent read: for commands about leads. Keys stay as they are in JSON."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from contentops.leads.words import channels
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from contentops.leads.identity.committee import Seen


def persona_word(persona: str) -> str:
    """Return how a persona of a buying committee is called."""
    words = {
        "user": _("User"),
        "influencer": _("Influencer"),
        "messenger": _("Messenger"),
        "decision_maker": _("Decision maker"),
    }
    return words.get(persona, _("not known"))


def because(seen: "Seen") -> str:
    """Return why somebody is taken for a persona, as a few words."""
    if seen.because == "title":
        return _("job title: {word}").format(word=seen.word)
    if seen.because == "assets":
        n = int(seen.word)
        return ngettext("asked for {n} asset written for them", "asked for {n} assets written for them", n).format(n=n)
    return ""


def reason_word(reason: str) -> str:
    """Return why two persons may be one."""
    words = {
        "claim": _("gave the other's address"),
        "phone": _("gave the other's phone number"),
        "mailbox": _("same mailbox"),
        "extension": _("same number without the extension"),
        "company": _("same name and company"),
        "name": _("same name"),
    }
    return words[reason]


def strength_word(strength: int) -> str:
    """Return how sure a proposal is."""
    return {1: _("possible"), 2: _("likely"), 3: _("very likely")}[strength]


def flag_words(*, disposable: bool, no_mail: bool, mixed_letters: bool) -> str:
    """Return what speaks against an e-mail address, in a few words; empty where nothing does."""
    words = (
        (disposable, _("disposable mailbox")),
        (no_mail, _("takes no mail")),
        (mixed_letters, _("letters that look alike")),
    )
    return _(", ").join(word for is_true, word in words if is_true)


def remark_on(row: Mapping[str, Any]) -> str:
    """Return what is to be said about a lead of a list, in a few words."""
    flags = flag_words(**{name: row[name] == "yes" for name in ("disposable", "no_mail", "mixed_letters")})
    return _(", ").join(filter(None, (stop_text(row["stopped"]), flags)))


def stop_text(stop: str) -> str:
    """Return why nothing is sent to an address, in a few words; empty where something is."""
    return {"": "", "bounced": _("mail bounced"), "withdrawn": _("withdrawn")}.get(stop, _("nothing more is sent"))


def channel_word(channel: str) -> str:
    """Return how a channel of consent is called."""
    return channels().get(channel, channel)


def action_word(action: str) -> str:
    """Return what an entry of the consent ledger says."""
    return {"given": _("agreed"), "pending": _("not confirmed yet"), "withdrawn": _("withdrawn")}[action]
