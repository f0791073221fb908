"""What the tables of contentops.toml are made of: sections that refuse unknown keys, texts per language, patterns."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from contentops.texts import gettext as _


class Section(BaseModel):
    """A table of contentops.toml: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


KeyNames = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]


def _one_for_all(value: object) -> object:
    return {"": value} if isinstance(value, str) else value


Wording = Annotated[dict[str, str], BeforeValidator(_one_for_all), Field(min_length=1)]
"""A text for all languages, or one for each: ``{ zh-CN = "…", en = "…" }``."""


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(_("no regular expression: {reason}").format(reason=error)) from error
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]

_DOMAIN = re.compile(r"(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


def read_domain(written: str) -> str:
    """Return a domain as it stands in checked addresses: small letters, Chinese ones as IDNA; @ and outer dots go.

    Raises:
        ValueError: it is none.
    """
    try:
        domain = written.strip().removeprefix("@").strip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = ""
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(_("'{word}' is no domain of e-mail addresses; write it as example.org").format(word=written))
    return domain
