"""The letters that visitors get. Pure but for the signature of links.

Nothing that somebody typed into a form is in them: anybody can type anybody's address, and a form must not become a
way to send words to strangers. Links lead to our own site only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from contentops.assets.slugs import page_path
from contentops.followup.mail.letter import Enclosure, Letter
from contentops.followup.mail.templates import MailTemplates
from contentops.followup.outbox.kinds import Kind
from contentops.leads.grants import CONFIRM_LINK, DOWNLOAD_LINK, PREFERENCES_DAYS, PREFERENCES_LINK, Grant, Links
from contentops.models import Asset, Attachment, Contact, Lead, Message
from contentops.models.message import ASSET, CONFIRM, LINK
from contentops.pages.views.words import long_date
from contentops.settings import Settings
from contentops.texts import gettext as _
from contentops.texts import pick, spoken, use_language

_LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class MailText:
    """What the templates of a mail are given.

    Attributes:
        title: of the asset. url: the personal link, or the one that confirms. until: last day of the link, in words.
        page: address of the page where the form is. controller, contact: who writes, and how to reach them.
        preferences: address where the reader chooses what they get. attached: whether the file goes along.
        releases: of a confirmation, whether the asset waits for it; else it is about further mail.
        agrees: of a confirmation, whether it is a yes to being contacted as well.
    """

    title: str
    url: str
    until: str
    page: str
    controller: str
    contact: str
    preferences: str
    attached: bool
    releases: bool
    agrees: bool


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a letter is about: the rows that it is made of, read at the moment it goes."""

    message: Message
    contact: Contact
    asset: Asset
    lead: Lead | None
    download: Attachment | None
    is_asked: bool = False


class LetterWriter:
    """Composes letters.

    Args:
        links: signs them. templates: their words.
    """

    def __init__(self, settings: Settings, links: Links, templates: MailTemplates) -> None:
        self._settings, self._links, self._templates = settings, links, templates

    def letter(self, kind: Kind, about: Occasion, to: str, now: datetime, enclosure: Enclosure | None = None) -> Letter:
        """Return the letter for one message; its links are signed now.

        Args:
            to: the address, checked.

        Raises:
            WorkspaceError: a template is broken.
        """
        language = spoken(about.contact.language or about.asset.language)
        text = self._text(kind, about, language, now, attached=enclosure is not None)
        with use_language(language):
            subject = SUBJECTS[kind.name](text)
        return Letter(
            to, subject,
            self._templates.render(f"{kind.name}.txt", language, letter=text),
            self._templates.render(f"{kind.name}.html", language, letter=text),
            language, f"message {about.message.id}",
            unsubscribe=self._reader_link("u", about.contact, now) if kind.unsubscribe else "",
            enclosure=enclosure, since=about.message.created_at,
        )  # fmt: skip

    def _text(self, kind: Kind, about: Occasion, language: str, now: datetime, *, attached: bool) -> MailText:
        settings, asset = self._settings, about.asset
        until = now + timedelta(days=settings.capture.link_days)
        day = until.astimezone(ZoneInfo(settings.time_zone)).date()
        lead_id = about.message.lead_id or ""
        if kind.name == CONFIRM:
            token = self._links.sign(CONFIRM_LINK, Grant(lead_id, about.contact.id, until))
            url = f"{settings.public_url}/c/{quote(token)}/"
        else:
            token = self._links.sign(DOWNLOAD_LINK, Grant(lead_id, asset.id, until))
            name = about.download.file_name if about.download else asset.slug
            url = f"{settings.public_url}/d/{quote(token)}/{quote(name)}"
        return MailText(
            title=plain(asset.title), url=url, until=long_date(day, language),
            page=settings.public_url + page_path(asset.language, asset.slug),
            controller=pick(settings.privacy.controller, language) or settings.name,
            contact=settings.privacy.contact, preferences=self._reader_link("p", about.contact, now),
            attached=attached, releases=about.lead is not None and about.lead.awaits_confirmation,
            agrees=about.is_asked,
        )  # fmt: skip

    def _reader_link(self, room: str, contact: Contact, now: datetime) -> str:
        until = now + timedelta(days=PREFERENCES_DAYS)
        token = self._links.sign(PREFERENCES_LINK, Grant(contact.id, "", until))
        slash = "/" if room == "p" else ""
        return f"{self._settings.public_url}/{room}/{quote(token)}{slash}"


def plain(title: str) -> str:
    """Return a title in one line of printable characters, cut where it is too long for a subject."""
    line = " ".join("".join(c if c.isprintable() else " " for c in title).split())
    return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 1] + "…"


SUBJECTS: dict[str, Callable[[MailText], str]] = {
    ASSET: lambda text: _("What you asked for: {title}").format(title=text.title),
    LINK: lambda text: _("Your new link: {title}").format(title=text.title),
    CONFIRM: lambda text: _("Please confirm your address: {title}").format(title=text.title),
}
"""Subjects by kind: of the asset's title and fixed words, nothing that a visitor typed."""
