"""What templates are given: a published contract. docs/templates.md is made from it.

Every value is plain data; settings, the database and the environment never reach a template.
"""

from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup


def _help(text: str, **options: Any) -> Any:
    return field(metadata={"help": text}, **options)


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its text."""

    text: str = _help("What it says.")
    url: str = _help("Where it leads.")
    language: str = _help("Language tag of the target.", default="")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its size, so that pages do not jump while loading."""

    url: str = _help("Address.")
    width: int = _help("Pixels.")
    height: int = _help("Pixels.")
    alt: str = _help("What it shows.", default="")


@dataclass(frozen=True, slots=True)
class Site:
    """Available in every template as `site`."""

    name: str = _help("The company or team.")
    tagline: str = _help("One sentence; may be empty.")
    language: str = _help("Language tag of this page, such as zh-CN.")
    home: str = _help("Address of the index in this language.")
    privacy: str = _help("Address of the privacy notice in this language.")
    style: str = _help("Address of the style sheet.")
    icon: str = _help("Address of the icon.")
    brand_color: str = _help("Colour of buttons and links, #rrggbb.")


@dataclass(frozen=True, slots=True)
class Page:
    """Available in every template as `page`."""

    title: str = _help("Title of the page.")
    description: str = _help("For search results and link cards.", default="")
    canonical: str = _help("Absolute address without a query; empty for pages that are not to be found.", default="")
    kind: str = _help("Name of the kind in the page's language; empty for pages of the site itself.", default="")
    date: str = _help("Date of the text, written in the page's language.", default="")
    date_iso: str = _help("The same date as 2026-03-31.", default="")
    authors: tuple[str, ...] = _help("Who wrote it.", default=())
    tags: tuple[str, ...] = _help("Tags.", default=())
    minutes: int = _help("Reading time.", default=0)
    cover: Picture | None = _help("Cover picture.", default=None)
    translations: tuple[Link, ...] = _help("The same piece in other languages.", default=())
    alternates: tuple[Link, ...] = _help(
        "Absolute addresses of all versions for hreflang, this one included.", default=()
    )
    data: dict[str, Any] = _help("Structured data (schema.org) for search engines.", default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """In landing.html as `offer`."""

    promise: str = _help("What the reader gains: the headline.")
    subtitle: str = _help("One or two sentences below it.")
    button: str = _help("Text of the button.")
    inside: tuple[str, ...] = _help("What is in it.", default=())
    for_whom: tuple[str, ...] = _help("For whom it is.", default=())
    facts: tuple[str, ...] = _help("Pages, format, size.", default=())


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str = _help("Name that is sent.")
    label: str = _help("What stands above it.")
    type: str = _help("Type of the input.")
    autocomplete: str = _help("What the browser may fill in.")
    required: bool = _help("Must be filled in.")
    limit: int = _help("Longest text in characters.")
    value: str = _help("What the visitor typed before.", default="")
    error: str = _help("Why it cannot be taken, as a sentence.", default="")
    hint: str = _help("A line below the label.", default="")


@dataclass(frozen=True, slots=True)
class ConsentBox:
    """One box to tick."""

    name: str = _help("Name that is sent.")
    wording: str = _help("The exact text; it is stored with the consent.")
    required: bool = _help("The form is not taken without it.")
    checked: bool = _help("Ticked before; never from the start.", default=False)
    error: str = _help("Why the form cannot be taken.", default="")


@dataclass(frozen=True, slots=True)
class Form:
    """In landing.html as `form`."""

    action: str = _help("Where it is sent.")
    fields: tuple[Field, ...] = _help("Fields in their order.")
    consents: tuple[ConsentBox, ...] = _help("Boxes.")
    hidden: tuple[tuple[str, str], ...] = _help(
        "Names and values that travel along: campaign and referrer.", default=()
    )
    honeypot: str = _help("Name of the field that people do not see.", default="")
    errors: tuple[Link, ...] = _help("All that must be mended, each with a link to its field.", default=())


@dataclass(frozen=True, slots=True)
class Handover:
    """In thanks.html as `handover`; None where the page was opened without a link of its own."""

    url: str = _help("The personal link to the file.")
    file_name: str = _help("Name of the file.")
    size: str = _help("Size of the file, such as 190 kB.")
    until: str = _help("Last day of the link, written in the page's language.")


@dataclass(frozen=True, slots=True)
class Card:
    """One asset in a list."""

    title: str = _help("Title.")
    description: str = _help("Description.")
    url: str = _help("Address.")
    kind: str = _help("Name of the kind.")
    date: str = _help("Date, written in the page's language.")
    gated: bool = _help("Asks for a contact.")


@dataclass(frozen=True, slots=True)
class Group:
    """One family of assets, in index.html."""

    name: str = _help("Name of the family.")
    cards: tuple[Card, ...] = _help("Its assets, newest first.")


TEMPLATES: dict[str, dict[str, str]] = {
    "landing.html": {"offer": "Offer", "form": "Form", "body": "HTML of the asset's Markdown"},
    "content.html": {"body": "HTML of the asset's Markdown", "related": "Cards of the same kind"},
    "thanks.html": {
        "handover": "Handover or None",
        "asset_title": "Title of the asset",
        "back": "Address of the landing page",
        "related": "Cards to read next",
    },
    "index.html": {"groups": "Groups of cards", "languages": "Links to the other languages"},
    "privacy.html": {"paragraphs": "Pairs of heading and text"},
    "message.html": {"heading": "What happened", "text": "What to do", "link": "Where to go on: Link"},
    "style.css": {
        "brand_color": "#rrggbb",
        "brand_deep": "A darker one, for buttons under the pointer",
        "brand_light": "A lighter one, for links in the dark",
        "brand_wash": "A very light one, for grounds",
    },
    "icon.svg": {"brand_color": "#rrggbb"},
}
"""The templates of a theme and what each gets besides `site` and `page`."""

__all__ = [
    "TEMPLATES", "Card", "ConsentBox", "Field", "Form", "Group", "Handover", "Link", "Markup", "Offer", "Page",
    "Picture", "Site",
]  # fmt: skip
