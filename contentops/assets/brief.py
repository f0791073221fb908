"""A page's brief: what a writer says about the page of an asset, below ``contentops`` in the front matter.

Everything is optional: a page comes out of an asset that says almost nothing (contentops.pages fills the gaps).
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, field_validator, model_validator

from contentops.assets.sections import (
    SECTION_TYPES,
    Address,
    Picture,
    Section,
    Short,
    Text,
    Title,
    Words,
    bare_section,
    one_or_many,
)
from contentops.errors import did_you_mean
from contentops.settings.wrong_values import in_words
from contentops.texts import gettext as _

KNOWN_FIELDS = ("name", "company", "job_title", "email", "phone")
"""Fields that a form can have without a word about them, in their usual order. A question of the writer's own is a
table: ``{name: plant_size, label: 工厂规模, options: [...]}``."""
CLICK_IDS = (
    "bd_vid", "fbclid", "gbraid", "gclid", "gdt_vid", "li_fat_id", "msclkid", "qhclickid", "ttclid", "twclid", "wbraid",
    "yclid",
)  # fmt: skip
"""What advertisers hang on an address to know a click again, by the names they use."""
_TAKEN = frozenset(
    (
        "form", "form_token", "idempotency_key", "landing", "main", "notice", "offline_code", "referrer_host", "series",
        "text", "top", "via", "website_url_confirm", *CLICK_IDS,
    )
)  # fmt: skip
"""What a page calls other things: hidden fields (see contentops.pages.gate), its own anchors."""
PURPOSES = ("delivery", "marketing")
"""What a visitor can agree to: getting the material, and being contacted about more."""


class Facts(Words):
    """What it is, in figures."""

    format: Title = ""
    pages: int | None = Field(None, ge=1, le=100_000)
    minutes: int | None = Field(None, ge=1, le=100_000)


class Offer(Words):
    """What the reader is promised."""

    promise: Title = ""
    subtitle: Annotated[Title, Field(max_length=600)] = ""
    button: Annotated[Title, Field(max_length=100)] = ""
    inside: Annotated[tuple[Short, ...], BeforeValidator(one_or_many)] = ()
    for_whom: Annotated[tuple[Short, ...], BeforeValidator(one_or_many)] = ()
    facts: Facts = Facts()


def _as_sent(option: str) -> str:
    """Return an option as a browser sends it and a form is stored: blanks made one, letters composed (NFC)."""
    text = unicodedata.normalize("NFC", " ".join(option.split()))
    if not text:
        raise ValueError(_("must not be empty"))
    return text


class FormField(Words):
    """One field of the form: one of :data:`KNOWN_FIELDS`, or a question of the writer's own.

    Attributes:
        name: key under which the answer is kept. label: what stands above it. options: answers to choose from; without
            them the visitor writes. required: must be answered; None leaves it to the usual rule.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    label: Title = ""
    hint: Title = ""
    options: Annotated[
        tuple[Annotated[Short, Field(min_length=1), AfterValidator(_as_sent)], ...], BeforeValidator(one_or_many)
    ] = ()
    required: bool | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if len(set(self.options)) < len(self.options):
            raise ValueError(_("an option stands there twice"))
        if self.name in KNOWN_FIELDS and self.options:
            raise ValueError(_("'{name}' is no field to choose from").format(name=self.name))
        if self.name not in KNOWN_FIELDS and not self.label:
            message = _("unknown field '{name}'").format(name=self.name) + did_you_mean(self.name, KNOWN_FIELDS)
            raise ValueError(message + _("; a question of your own needs a label"))
        if self.name.startswith(("consent", "utm_")) or self.name in _TAKEN:
            raise ValueError(_("the name '{name}' is taken").format(name=self.name))
        return self


def _bare_field(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class NextStep(Words):
    """What a visitor may do after the form: add a colleague in WeCom, come to an open class, call, follow a link."""

    type: Literal["wecom", "open_class", "call", "link"]
    title: Title = ""
    text: Text = ""
    picture: Picture | None = None
    url: Address | None = None
    phone: Annotated[Title, Field(max_length=40, pattern=r"^[0-9+() .\-]*$")] = ""
    when: Title = ""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        needed = {
            "wecom": (_("picture (the QR code) or url"), self.picture or self.url),
            "open_class": ("url", self.url),
            "call": ("phone", self.phone),
            "link": ("url", self.url),
        }
        key, given = needed[self.type]
        if not given:
            raise ValueError(_("needs {key}").format(key=key))
        return self


class Thanks(Words):
    """What the page after the form says."""

    title: Title = ""
    text: Text = ""


class Brief(Words):
    """Everything that a writer says about a page.

    Attributes:
        offer: promise and button. sections: in the writer's order; empty: the usual ones. fields: of the form.
        consents: boxes that are shown; delivery always is. thanks, next: the page after the form.
        open_sections: of a partly gated text, how many of its parts are open: they begin at headings of the second
            level, and what stands before the first of these counts as one.
        double_opt_in: whether the address must be confirmed by a link in a mail: never, before anything beyond the
            material is sent (marketing), or before the material is handed over (all).
    """

    offer: Offer = Offer()
    sections: Annotated[
        tuple[Annotated[Section, BeforeValidator(bare_section)], ...],
        BeforeValidator(one_or_many),
        Field(max_length=40),
    ] = ()
    fields: Annotated[tuple[Annotated[FormField, BeforeValidator(_bare_field)], ...], BeforeValidator(one_or_many)] = ()
    consents: Annotated[tuple[Literal["delivery", "marketing"], ...], BeforeValidator(one_or_many)] = (
        "delivery",
        "marketing",
    )
    thanks: Thanks = Thanks()
    next: Annotated[tuple[NextStep, ...], BeforeValidator(one_or_many), Field(max_length=4)] = ()
    open_sections: int = Field(2, ge=1, le=100)
    double_opt_in: Literal["off", "marketing", "all"] = "off"

    @field_validator("fields")
    @classmethod
    def _reach_somebody(cls, fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        names = [field.name for field in fields]
        _refuse_twice(names)
        if names and not {"email", "phone"} & set(names):
            raise ValueError(_("needs email or phone: without one nobody can be reached"))
        return fields

    @field_validator("sections")
    @classmethod
    def _have_one_form(cls, sections: tuple[Section, ...]) -> tuple[Section, ...]:
        _refuse_twice([section.type for section in sections if section.type in _ONCE])
        return sections

    @cached_property
    def section_types(self) -> frozenset[str]:
        """The types of the sections that the writer listed."""
        return frozenset(section.type for section in self.sections)


BRIEF_KEYS: tuple[str, ...] = tuple(Brief.model_fields)
_ONCE = {"hero", "form", "text"}


def _refuse_twice(words: list[str]) -> None:
    twice = sorted(word for word, times in Counter(words).items() if times > 1)
    if twice:
        raise ValueError(_("'{word}' stands there twice").format(word=twice[0]))


def read_brief(own: object) -> Brief:
    """Return the brief in the ``contentops`` table of a front matter.

    Raises:
        pydantic.ValidationError: see :func:`brief_problems` for sentences.
    """
    table = own if isinstance(own, Mapping) else {}
    return Brief.model_validate({key: table[key] for key in BRIEF_KEYS if table.get(key) is not None})


def brief_problems(own: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield what is wrong with a brief: the path of the key below ``contentops``, and a sentence."""
    try:
        read_brief(own)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            path = tuple(_without_tags(detail["loc"]))
            yield path, " ".join(_sentence(detail, path).split())  # what somebody wrote may have line ends


def _without_tags(loc: tuple[int | str, ...]) -> Iterator[int | str]:
    """Pydantic names the type of a section in the path to what is wrong in it; the file has no such key."""
    for index, part in enumerate(loc):
        if not (index == 2 and loc[0] == "sections" and part in SECTION_TYPES):
            yield part


def _sentence(detail: Any, path: tuple[str | int, ...]) -> str:
    """Return one of pydantic's errors in words that a writer can act on."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "union_tag_invalid":
        given = str(context.get("tag", ""))
        message = _("unknown type of section '{type}'; known: {known}").format(
            type=given, known=", ".join(SECTION_TYPES)
        )
        return message + did_you_mean(given, SECTION_TYPES)
    own_words = {
        "union_tag_not_found": _("a section needs a type"),
        "extra_forbidden": _("unknown key '{key}'").format(key=path[-1] if path else ""),
        "string_pattern_mismatch": _("has characters that are not possible here"),
    }
    return own_words.get(kind) or in_words(detail)


def key_text(path: tuple[str | int, ...]) -> str:
    """Return the path of a key as people write it: ``contentops.sections[2].items``, counted from one."""
    text = "contentops"
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text
