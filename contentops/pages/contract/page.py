"""What every page is given: the site, the page, lists of assets."""

from dataclasses import dataclass, field
from typing import Any


def told(text: str, **options: Any) -> Any:
    """Return a dataclass field with its documentation; docs/templates.md is made from it."""
    return field(metadata={"help": text}, **options)


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its text."""

    text: str = told("What it says.")
    url: str = told("Where it leads.")
    language: str = told("Language tag of the target.", default="")
    current: bool = told("It leads to this very page.", default=False)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its size, so that pages do not jump while loading."""

    url: str = told("Address.")
    width: int = told("Pixels.")
    height: int = told("Pixels.")
    alt: str = told("What it shows.", default="")


@dataclass(frozen=True, slots=True)
class Site:
    """Available in every template as `site`."""

    name: str = told("The company or team.")
    tagline: str = told("One sentence; may be empty.")
    language: str = told("Language tag of this page, such as zh-CN.")
    home: str = told("Address of the index in this language.")
    privacy: str = told("Address of the privacy notice in this language.")
    style: str = told("Address of the style sheet.")
    icon: str = told("Address of the icon.")
    brand_color: str = told("Colour of buttons and links, #rrggbb.")
    logo: str = told("Address of the brand's picture; empty: the icon and the name stand for it.", default="")
    feed: str = told("Address of the Atom feed in this language.", default="")


@dataclass(frozen=True, slots=True)
class Series:
    """The series that an asset is a part of."""

    name: str = told("Name of the series.")
    parts: tuple[Link, ...] = told("Its parts in their order; the present one is `current`.")


@dataclass(frozen=True, slots=True)
class Page:
    """Available in every template as `page`."""

    title: str = told("Title of the page.")
    description: str = told("For search results and link cards.", default="")
    canonical: str = told("Absolute address without a query; empty for pages that are not to be found.", default="")
    kind: str = told("Name of the kind in the page's language; empty for pages of the site itself.", default="")
    date: str = told("Date of the text, written in the page's language.", default="")
    date_iso: str = told("The same date as 2026-03-31.", default="")
    changed_iso: str = told("Date of the last change; empty where the writer states none.", default="")
    authors: tuple[str, ...] = told("Who wrote it.", default=())
    tags: tuple[str, ...] = told("Tags.", default=())
    minutes: int = told("Reading time.", default=0)
    cover: Picture | None = told("Cover picture.", default=None)
    card: Picture | None = told("Picture of link cards, 1200 × 630, with its absolute address.", default=None)
    series: Series | None = told("The series it is a part of.", default=None)
    translations: tuple[Link, ...] = told("The same piece in other languages.", default=())
    alternates: tuple[Link, ...] = told(
        "Absolute addresses of all versions for hreflang, this one and x-default included.", default=()
    )
    data: dict[str, Any] = told("Structured data (schema.org) for search engines.", default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """One asset in a list."""

    title: str = told("Title.")
    description: str = told("Description.")
    url: str = told("Address.")
    kind: str = told("Name of the kind.")
    date: str = told("Date, written in the page's language.")
    gated: bool = told("Is handed over for a contact.")


@dataclass(frozen=True, slots=True)
class Group:
    """One family of assets, in index.html."""

    name: str = told("Name of the family.")
    cards: tuple[Card, ...] = told("Its assets, newest first.")
