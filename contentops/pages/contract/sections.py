"""What the templates of sections are given: ``sections/<type>.html`` gets its section as `section`."""

from dataclasses import dataclass

from markupsafe import Markup

from contentops.pages.contract.page import Card, Picture, told


@dataclass(frozen=True, slots=True)
class Item:
    """One point of a list."""

    title: str = told("The point.")
    text: tuple[str, ...] = told("Paragraphs below it.", default=())
    url: str = told("Where it leads: for contents that are on this page.", default="")


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody said."""

    text: tuple[str, ...] = told("Paragraphs.")
    name: str = told("Who said it.")
    about: str = told("Their role and company; may be empty.", default="")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number."""

    value: str = told("As it is shown.")
    label: str = told("What it counts.")
    source: str = told("Where it comes from; may be empty.", default="")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wrote it."""

    name: str = told("Name.")
    role: str = told("Role; may be empty.", default="")
    text: tuple[str, ...] = told("Paragraphs.", default=())
    picture: Picture | None = told("Portrait.", default=None)


@dataclass(frozen=True, slots=True)
class Section:
    """What every section has.

    Its type is one of `hero`, `form`, `benefits`, `contents`, `for_whom`, `proof`, `numbers`, `author`, `faq`, `text`,
    `related`.
    """

    type: str = told("Its type, and the name of its template.")
    id: str = told("Anchor on the page.")
    title: str = told("Heading; may be empty.", default="")
    text: tuple[str, ...] = told("Paragraphs below the heading.", default=())


@dataclass(frozen=True, slots=True)
class HeroSection(Section):
    """`hero`: the first screen. Its title is the promise, its text the subtitle."""

    points: tuple[Item, ...] = told("Points below the subtitle.", default=())
    picture: Picture | None = told("Cover, or the section's own picture.", default=None)
    has_form: bool = told("The form stands beside it; else a button leads to it.", default=False)


@dataclass(frozen=True, slots=True)
class PointsSection(Section):
    """`benefits`, `contents`, `for_whom`."""

    items: tuple[Item, ...] = told("The points.", default=())


@dataclass(frozen=True, slots=True)
class ProofSection(Section):
    """`proof`."""

    logos: tuple[Picture, ...] = told("Marks of customers.", default=())
    quotes: tuple[Quote, ...] = told("What they said.", default=())


@dataclass(frozen=True, slots=True)
class NumbersSection(Section):
    """`numbers`."""

    figures: tuple[Figure, ...] = told("The numbers.", default=())


@dataclass(frozen=True, slots=True)
class AuthorSection(Section):
    """`author`."""

    people: tuple[Person, ...] = told("Who wrote it.", default=())


@dataclass(frozen=True, slots=True)
class FaqSection(Section):
    """`faq`: each item is a question with its answer."""

    items: tuple[Item, ...] = told("Questions and answers.", default=())


@dataclass(frozen=True, slots=True)
class TextSection(Section):
    """`text`: the asset's Markdown."""

    body: Markup = told("HTML that is safe.", default=Markup())
    closed: int = told("How many parts of the text are behind the form; they are not on the page.", default=0)


@dataclass(frozen=True, slots=True)
class RelatedSection(Section):
    """`related`: what to read next."""

    cards: tuple[Card, ...] = told("Assets.", default=())
