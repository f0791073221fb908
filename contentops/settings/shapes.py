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
