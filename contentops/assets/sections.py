"""The typed sections of a page: what a writer may list under ``contentops: {sections: [{type: hero}, …]}``.

All share one small vocabulary: ``title``, ``text``, ``items``, ``picture``. A section without words of its own is
filled from what the asset says elsewhere: its offer, its headings, its authors. Texts are plain text, never code.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from contentops.texts import gettext as _


class Words(BaseModel):
    """A table of front matter: unknown keys are errors, values do not change, numbers may stand for texts."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True)


Short = Annotated[str, Field(max_length=300)]
Long = Annotated[str, Field(max_length=5000)]


def _empty_if_none(value: object) -> object:
    return "" if value is None else value


def one_or_many(value: object) -> object:
    """Accept one thing where a list of things may stand."""
    return () if value is None else value if isinstance(value, list) else [value]


def _safe_address(value: str) -> str:
    """Allow what a link may lead to: an address of this site, or one of the schemes that visitors can follow."""
    address = value.strip()
    own = address.startswith(("/", "#")) and not address.startswith("//")
    if any(char.isspace() or char == "\\" for char in address) or not (
        own or address.lower().startswith(("https://", "http://", "mailto:", "tel:"))
    ):
        raise ValueError(_("write an address that begins with https://, /, mailto: or tel:"))
    return address


Address = Annotated[str, Field(max_length=1000), AfterValidator(_safe_address)]
Title = Annotated[Short, BeforeValidator(_empty_if_none)]
Text = Annotated[Long, BeforeValidator(_empty_if_none)]


class PictureFile(Words):
    """A picture that stands beside the Markdown file: ``{src: team.jpg, alt: …}``, or its name alone."""

    src: Annotated[str, Field(min_length=1, max_length=300)]
    alt: Title = ""


def _named(value: object) -> object:
    return {"src": value} if isinstance(value, str) else value


Picture = Annotated[PictureFile, BeforeValidator(_named)]


class Point(Words):
    """One point of a list: a title alone, or a title with a text below it."""

    title: Annotated[Short, Field(min_length=1)]
    text: Text = ""


def _titled(value: object) -> object:
    return {"title": value} if isinstance(value, str | int) else value


Points = Annotated[tuple[Annotated[Point, BeforeValidator(_titled)], ...], BeforeValidator(one_or_many)]


class Figure(Words):
    """One true number: its value as shown, what it counts, where it comes from."""

    value: Annotated[Short, Field(min_length=1, max_length=30)]
    label: Annotated[Short, Field(min_length=1)]
    source: Title = ""


class Quote(Words):
    """What somebody said, by name."""

    text: Annotated[Long, Field(min_length=1)]
    name: Annotated[Short, Field(min_length=1)]
    role: Title = ""
    company: Title = ""


class Person(Words):
    """Somebody who wrote it."""

    name: Annotated[Short, Field(min_length=1)]
    role: Title = ""
    text: Text = ""
    picture: Picture | None = None


class Question(Words):
    """A question with its answer."""

    question: Annotated[Short, Field(min_length=1)]
    answer: Annotated[Long, Field(min_length=1)]


class _Section(Words):
    title: Title = ""
    text: Text = ""


class Hero(_Section):
    """The promise, with the form or a button to it: the first screen. Its title is the headline."""

    type: Literal["hero"]
    picture: Picture | None = None
    points: Points = ()


class Benefits(_Section):
    """What the reader gains."""

    type: Literal["benefits"]
    items: Annotated[Points, Field(min_length=1)]


class Contents(_Section):
    """What is inside; without items the offer's list, else the headings of the text."""

    type: Literal["contents"]
    items: Points = ()


class ForWhom(_Section):
    """For whom it is; without items the offer's list."""

    type: Literal["for_whom"]
    items: Points = ()


class Proof(_Section):
    """Why to believe it: customers' marks, and what they said by name."""

    type: Literal["proof"]
    logos: Annotated[tuple[Picture, ...], BeforeValidator(one_or_many)] = ()
    quotes: Annotated[tuple[Quote, ...], BeforeValidator(one_or_many)] = ()


class Numbers(_Section):
    """A few true numbers."""

    type: Literal["numbers"]
    items: Annotated[tuple[Figure, ...], BeforeValidator(one_or_many), Field(min_length=1)]


class Author(_Section):
    """Who wrote it; without people those whom the front matter names."""

    type: Literal["author"]
    people: Annotated[
        tuple[Annotated[Person, BeforeValidator(lambda v: {"name": v} if isinstance(v, str) else v)], ...],
        BeforeValidator(one_or_many),
    ] = ()


class Faq(_Section):
    """Questions and answers."""

    type: Literal["faq"]
    items: Annotated[tuple[Question, ...], BeforeValidator(one_or_many), Field(min_length=1)]


class Body(_Section):
    """The Markdown text of the asset."""

    type: Literal["text"]


class Related(_Section):
    """What to read next; without addresses what serves the same stages and kind."""

    type: Literal["related"]
    slugs: Annotated[tuple[Short, ...], BeforeValidator(one_or_many)] = ()


class FormPlace(_Section):
    """Where the form stands. Right after the hero, it stands beside it."""

    type: Literal["form"]


Section = Annotated[
    Hero | Benefits | Contents | ForWhom | Proof | Numbers | Author | Faq | Body | Related | FormPlace,
    Field(discriminator="type"),
]
SECTION_TYPES: tuple[str, ...] = (
    "hero", "form", "benefits", "contents", "for_whom", "proof", "numbers", "author", "faq", "text", "related",
)  # fmt: skip
"""Every type of section there is."""


def bare_section(value: Any) -> Any:
    """Let a type alone stand for a section of that type: ``sections: [hero, form, text]``."""
    return {"type": value} if isinstance(value, str) else value
