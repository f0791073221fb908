"""The sections of a page: the writer's, with their gaps filled; or the usual ones where the writer lists none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from markupsafe import Markup

from contentops.assets import sections as given
from contentops.assets.brief import Brief
from contentops.pages.contract import (
    AuthorSection,
    Card,
    FaqSection,
    Figure,
    HeroSection,
    Item,
    NumbersSection,
    Offer,
    Person,
    Picture,
    PointsSection,
    ProofSection,
    Quote,
    RelatedSection,
    Section,
    TextSection,
)
from contentops.pages.material.album import Album
from contentops.pages.material.bodies import Body
from contentops.texts import gettext as _
from contentops.texts import use_language

_FEW_HEADINGS = 3
"""A table of contents is made of a text's headings from this many on."""


@dataclass(frozen=True, slots=True)
class Material:
    """What sections are filled from.

    Attributes:
        brief: the writer's words. offer: with its gaps filled. body: the text. album: pictures. has_form: whether the
            page asks for a contact. authors: names of the front matter. cards: makes the cards of addresses that the
            writer names, or of what is related where there are none.
    """

    brief: Brief
    offer: Offer
    body: Body
    album: Album
    language: str
    has_form: bool
    authors: tuple[str, ...]
    cards: Callable[[tuple[str, ...]], tuple[Card, ...]]


def sections_of(material: Material) -> tuple[Section, ...]:
    """Return the sections of a page in their order; one that has nothing to say is left out.

    A form that the writer does not place stands beside the hero; so does one that is placed right after it.
    """
    with use_language(material.language):
        listed = material.brief.sections or _usual(material)
    types = [section.type for section in listed]
    if "hero" not in types:
        listed = (given.Hero(type="hero"), *listed)
        types.insert(0, "hero")
    after_hero = types[types.index("hero") + 1 : types.index("hero") + 2]
    beside = material.has_form and ("form" not in types or after_hero == ["form"])
    made: list[Section] = []
    with use_language(material.language):
        for number, section in enumerate(listed):
            if section.type == "form" and (beside or not material.has_form):
                continue
            filled = _filled(section, material, beside=beside, anchor=f"{section.type.replace('_', '-')}-{number + 1}")
            made += [filled] if filled else []
    return tuple(made)


def _usual(material: Material) -> tuple[given.Section, ...]:
    """Return the sections of a page whose writer lists none."""
    if not material.has_form:
        return (given.Hero(type="hero"), given.Body(type="text"), given.Related(type="related"))
    if material.body.closed:  # who has read the open parts knows whether they want the rest: the form stands there
        form = given.FormPlace(type="form", title=_("Read on"))
        return (given.Hero(type="hero"), given.Body(type="text"), form, given.Related(type="related"))
    return (
        given.Hero(type="hero"),
        given.Contents(type="contents"),
        given.ForWhom(type="for_whom"),
        given.Body(type="text"),
        given.Author(type="author"),
        given.Related(type="related"),
    )


def _filled(section: given.Section, material: Material, *, beside: bool, anchor: str) -> Section | None:
    """Return a section as the template gets it; None where there is nothing to show."""
    if isinstance(section, given.Hero):
        return _hero(section, material, beside=beside)
    if isinstance(section, given.Body):
        body = material.body
        safe = Markup(body.html)  # noqa: S704 - cleaned by nh3
        return TextSection("text", "text", section.title, _p(section.text), safe, body.closed) if body.html else None
    if isinstance(section, given.FormPlace):
        return Section(section.type, "place-of-form", section.title, _p(section.text))
    return _listed(section, (section.type, anchor, section.title or _title(section.type), _p(section.text)), material)


def _listed(section: given.Section, head: tuple[str, str, str, tuple[str, ...]], material: Material) -> Section | None:
    """Return a section that lists something."""
    match section:
        case given.Proof():
            logos = tuple(filter(None, (material.album.beside(logo.src, logo.alt) for logo in section.logos)))
            quotes = tuple(map(_quote, section.quotes))
            return ProofSection(*head, logos, quotes) if logos or quotes else None
        case given.Numbers():
            return NumbersSection(*head, tuple(Figure(f.value, f.label, f.source) for f in section.items))
        case given.Author():
            people = tuple(_person(person, material) for person in section.people)
            people = people or tuple(Person(name) for name in material.authors)
            return AuthorSection(*head, people) if people else None
        case given.Faq():
            return FaqSection(*head, tuple(Item(q.question, _p(q.answer)) for q in section.items))
        case given.Related():
            cards = material.cards(section.slugs)
            return RelatedSection(*head, cards) if cards else None
        case given.Benefits() | given.Contents() | given.ForWhom():
            items = _items(section.items) or _told_elsewhere(section.type, material)
            return PointsSection(*head, items) if items else None
    return None


def _hero(section: given.Hero, material: Material, *, beside: bool) -> HeroSection:
    own = section.picture
    picture: Picture | None = material.album.beside(own.src, own.alt) if own else material.album.cover()
    return HeroSection(
        type="hero",
        id="top",
        title=section.title or material.offer.promise,
        text=_p(section.text or material.offer.subtitle),
        points=_items(section.points),
        picture=picture,
        has_form=beside,
    )


def _told_elsewhere(kind: str, material: Material) -> tuple[Item, ...]:
    """Return what the offer says of it; what is inside may be the headings of the text, where there are several."""
    offer = material.brief.offer
    if kind == "for_whom":
        return tuple(Item(text) for text in offer.for_whom)
    headings = material.body.headings
    if offer.inside or len(headings) < _FEW_HEADINGS:
        return tuple(Item(text) for text in offer.inside)
    return tuple(Item(heading.text, url=f"#{heading.id}" if heading.open else "") for heading in headings)


def _quote(quote: given.Quote) -> Quote:
    return Quote(_p(quote.text), quote.name, _(", ").join(filter(None, (quote.role, quote.company))))


def _items(points: Iterable[given.Point]) -> tuple[Item, ...]:
    return tuple(Item(point.title, _p(point.text)) for point in points)


def _person(person: given.Person, material: Material) -> Person:
    picture = material.album.beside(person.picture.src, person.picture.alt) if person.picture else None
    return Person(person.name, person.role, _p(person.text), picture)


def _p(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a plain text: blank lines part them."""
    return tuple(" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip())


def _title(kind: str) -> str:
    titles = {
        "benefits": _("What you gain"),
        "contents": _("What is inside"),
        "for_whom": _("For whom"),
        "proof": _("Who works with it"),
        "numbers": _("In figures"),
        "author": _("Who wrote it"),
        "faq": _("Questions and answers"),
        "related": _("Read next"),
    }
    return titles.get(kind, "")
