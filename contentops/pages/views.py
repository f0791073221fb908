"""Assets into what templates are given."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from contentops.assets.slugs import home_path, page_path
from contentops.assets.standards import Standards
from contentops.models import Asset, Attachment
from contentops.pages import gate as gates
from contentops.pages.context import Card, ConsentBox, Field, Form, Group, Handover, Link, Offer, Page, Picture, Site
from contentops.pages.gate import FormState, GateForm
from contentops.pages.markup import reading_minutes
from contentops.pages.notice import DELIVERY, PURPOSES, Notice
from contentops.settings import Settings
from contentops.texts import gettext as _
from contentops.texts import ngettext, pick, spoken, use_language

# name → (type, autocomplete, longest text)
_INPUTS = {
    gates.NAME: ("text", "name", 100),
    gates.COMPANY: ("text", "organization", 200),
    gates.EMAIL: ("email", "email", 254),
    gates.PHONE: ("tel", "tel", 40),
}
_SCHEMA_TYPES = {"qa": "FAQPage", "help_doc": "TechArticle", "whitepaper": "Report"}


@cache
def long_date(day: date, language: str) -> str:
    """Write a day as people of a language do: 2026年11月21日, 21 November 2026."""
    from babel.dates import format_date

    return format_date(day, "long", locale="zh_CN" if spoken(language) == "zh-CN" else "en_GB")


def human_size(size_bytes: int) -> str:
    """Write a size: 190 kB, 1.4 MB."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1_000_000 else f"{max(1, round(size_bytes / 1000))} kB"


class Views:
    """Makes template contexts for one workspace.

    Args:
        style: file name of the style sheet. now: the moment for which the pages are made.
    """

    def __init__(self, settings: Settings, standards: Standards, style: str) -> None:
        self.settings, self.standards, self.style = settings, standards, style

    def site(self, language: str) -> Site:
        """Return what every template knows about the site."""
        return Site(
            name=self.name(language),
            tagline=pick(self.settings.site.tagline, language),
            language=language,
            home=home_path(language),
            privacy=page_path(language, "privacy"),
            style=f"/static/{self.style}",
            icon="/static/icon.svg",
            brand_color=self.settings.site.brand_color,
        )

    def page(self, asset: Asset, text: str, versions: Iterable[Asset] = (), cover: Picture | None = None) -> Page:
        """Return the page of an asset."""
        day = asset.dated_on or (self.local_date(asset.published_at) if asset.published_at else None)
        versions = list(versions)
        with use_language(asset.language):
            kind = self.standards.label(asset.kind)
        return Page(
            title=asset.title,
            description=asset.description,
            canonical=self._absolute(asset),
            kind=kind,
            date=long_date(day, asset.language) if day else "",
            date_iso=day.isoformat() if day else "",
            authors=_words(asset.front_matter.get("authors") or asset.front_matter.get("author")),
            tags=_words(asset.front_matter.get("tags")),
            minutes=reading_minutes(text),
            cover=cover,
            translations=tuple(
                Link(language_name(v.language), page_path(v.language, v.slug), v.language)
                for v in versions
                if v.id != asset.id
            ),
            alternates=tuple(Link("", self._absolute(v), v.language) for v in versions) if len(versions) > 1 else (),
            data=self._structured(asset, day, cover),
        )

    def name(self, language: str) -> str:
        """Return the name that pages in a language show."""
        return pick(self.settings.site.name, language) or self.settings.name

    def local_date(self, moment: datetime) -> date:
        """Return the day of a moment where the team is."""
        return moment.astimezone(ZoneInfo(self.settings.time_zone)).date()

    def plain_page(self, title: str, path: str = "") -> Page:
        """Return a page of the site itself; without a path it is not to be found by search engines."""
        return Page(title=title, canonical=self.settings.public_url + path if path else "")

    def offer(self, asset: Asset, download: Attachment | None) -> Offer:
        """Return the offer of a gated asset; what the writer did not say is made from what there is."""
        given = asset.offer
        with use_language(asset.language):
            button = str(given.get("button") or _("Get it now"))
            facts = _facts(given.get("facts"), download)
        return Offer(
            promise=str(given.get("promise") or asset.title),
            subtitle=str(given.get("subtitle") or asset.description),
            button=button,
            inside=_words(given.get("inside")),
            for_whom=_words(given.get("for_whom")),
            facts=facts,
        )

    def form(self, asset: Asset, gate: GateForm, notice: Notice, state: FormState) -> Form:
        """Return the form of a gated asset as the visitor left it."""
        with use_language(asset.language):
            fields = tuple(_field(name, gate, state) for name in gate.fields)
            boxes = tuple(
                ConsentBox(
                    name=f"consent_{purpose}",
                    wording=notice.wording(purpose),
                    required=purpose == DELIVERY,
                    checked=purpose in state.ticked,
                    error=_message(state.errors.get(f"consent_{purpose}", "")),
                )
                for purpose in PURPOSES
            )
            whole = [Link(_message(state.errors["form"]), "#form")] if "form" in state.errors else []
            each = [(_("{field}: {problem}").format(field=f.label, problem=f.error), f.name) for f in fields if f.error]
        tracked = [(name, state.tracked[name]) for name in gates.TRACKED if state.tracked.get(name)]
        each += [(box.error, box.name) for box in boxes if box.error]
        errors = [*whole, *(Link(text, f"#{name}") for text, name in each)]
        return Form(
            action=page_path(asset.language, asset.slug) + "form",
            fields=fields,
            consents=boxes,
            hidden=((gates.NOTICE, notice.page_version()), *tracked),
            honeypot=gates.HONEYPOT,
            errors=tuple(errors),
        )

    def handover(self, asset: Asset, attachment: Attachment, url: str, until: datetime) -> Handover:
        """Return the personal link as the thank-you page shows it."""
        last_day = long_date(self.local_date(until), asset.language)
        return Handover(url, attachment.file_name, human_size(attachment.size_bytes), last_day)

    def groups(self, assets: Iterable[Asset], language: str) -> tuple[Group, ...]:
        """Return assets in families: what is handed over for a contact first, then the blocks of their standards."""
        families: dict[str, list[Asset]] = {
            name: [] for name in ("gated", "icebreaker", "best_practice", "help_centre")
        }
        for asset in assets:
            families["gated" if asset.gate == "gated" else self.standards[asset.kind].block].append(asset)
        with use_language(language):
            names = {
                "gated": _("White papers and classes"),
                "icebreaker": _("Solutions"),
                "best_practice": _("Best practice"),
                "help_centre": _("Help centre"),
            }
        return tuple(Group(names[key], self.cards(members)) for key, members in families.items() if members)

    def cards(self, assets: Iterable[Asset]) -> tuple[Card, ...]:
        """Return assets as cards, newest first."""
        newest_first = sorted(assets, key=lambda asset: (asset.dated_on or date.min, asset.slug), reverse=True)
        cards = []
        for asset in newest_first:
            with use_language(asset.language):
                kind = self.standards.label(asset.kind)
            day = long_date(asset.dated_on, asset.language) if asset.dated_on else ""
            path = page_path(asset.language, asset.slug)
            cards.append(Card(asset.title, asset.description, path, kind, day, asset.gate == "gated"))
        return tuple(cards)

    def _absolute(self, asset: Asset) -> str:
        return self.settings.public_url + page_path(asset.language, asset.slug)

    def _structured(self, asset: Asset, day: date | None, cover: Picture | None) -> dict[str, Any]:
        data: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": _SCHEMA_TYPES.get(asset.kind, "Article"),
            "headline": asset.title,
            "name": asset.title,
            "description": asset.description,
            "inLanguage": asset.language,
            "url": self._absolute(asset),
            "publisher": {"@type": "Organization", "name": self.name(asset.language)},
        }
        if day:
            data["datePublished"] = day.isoformat()
        if cover:
            data["image"] = self.settings.public_url + cover.url
        return data


def picture(file: Path, url: str, alt: str) -> Picture | None:
    """Return a picture with its size, or None where the file is no picture."""
    import imagesize

    width, height = imagesize.get(file)
    return Picture(url, int(width), int(height), alt) if width > 0 and height > 0 else None


def _words(value: object) -> tuple[str, ...]:
    if value is None or isinstance(value, dict):
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def _facts(given: object, download: Attachment | None) -> tuple[str, ...]:
    facts = given if isinstance(given, dict) else {}
    texts = [str(facts.get("format") or "")]
    if isinstance(facts.get("pages"), int):
        texts.append(ngettext("{n} page", "{n} pages", facts["pages"]).format(n=facts["pages"]))
    if isinstance(facts.get("minutes"), int):
        texts.append(_("{n} minutes").format(n=facts["minutes"]))
    if download is not None:
        texts.append(human_size(download.size_bytes))
    return tuple(filter(None, texts))


def _field(name: str, gate: GateForm, state: FormState) -> Field:
    kind, autocomplete, limit = _INPUTS[name]
    labels = {
        gates.NAME: _("Name"),
        gates.COMPANY: _("Company"),
        gates.EMAIL: _("E-mail"),
        gates.PHONE: _("Phone"),
    }
    either = len(gate.contacts) > 1 and name in gate.contacts
    return Field(
        name=name,
        label=labels[name],
        type=kind,
        autocomplete=autocomplete,
        required=name in gate.required,
        limit=limit,
        value=state.values.get(name, ""),
        error=_message(state.errors.get(name, "")),
        hint=_("E-mail or phone, one is enough") if either and name == gate.contacts[0] else "",
    )


def _message(code: str) -> str:
    """Return the sentence for a code of :class:`contentops.errors.SubmissionInvalid`."""
    messages = {
        "": "",
        "required": _("please fill this in"),
        "contact": _("please leave an e-mail address or a phone number"),
        "invalid": _("this does not look right, please check it"),
        "ascii": _("please use an address in Latin letters"),
        "too_long": _("this is too long"),
        "characters": _("this contains characters that cannot be stored"),
        "twice": _("this was sent twice"),
        "consent": _("please tick this box, otherwise we may not hand you the material"),
        "notice": _("Our privacy notice has changed. Please read it and send the form again."),
        "not_saved": _("We could not save your details. Please try again."),
    }
    return messages[code]


def language_name(language: str) -> str:
    """Return a language's name in itself, for links to it; its tag where the name is not known."""
    return {
        "zh-CN": "中文",
        "zh-TW": "繁體中文",
        "en": "English",
        "de": "Deutsch",
        "ja": "日本語",
        "fr": "Français",
    }.get(language, language)
