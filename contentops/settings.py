"""The settings of a workspace: contentops.toml, then ``CONTENTOPS_*`` variables over it.

Nested keys are written with two underscores in the environment: ``CONTENTOPS_CAPTURE__PER_MINUTE=20``.
Each field's description is its documentation; docs/settings.md is made from them.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from contentops.errors import Problem, SettingsInvalid, WorkspaceError, did_you_mean
from contentops.texts import gettext as _

FILE_NAME = "contentops.toml"
PREFIX = "CONTENTOPS_"
# Variables that are no settings: where to look for the workspace, and the language of the command line.
NOT_SETTINGS = {"CONTENTOPS_WORKSPACE", "CONTENTOPS_LANG"}


class Section(BaseModel):
    """A table of contentops.toml: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


KeyNames = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]


class SourceRule(Section):
    """Which kind (and owner) a file of a source has. The first rule that matches wins."""

    path: str | None = Field(None, description="Regular expression searched in the path below the source's folder.")
    where: dict[str, str] = Field({}, description="Front matter key → regular expression searched in its value.")
    kind: str = Field(description="The kind of asset.")
    owner: str | None = Field(None, description="The owning role, where it is not the standard's.")


class SourceKeys(Section):
    """Which front matter keys are read for what; the first one that has a value wins."""

    title: KeyNames = Field(("title",), description='Keys of the title, such as ["title", "title_zh"].')
    description: KeyNames = Field(("description", "summary"), description="Keys of the description.")
    date: KeyNames = Field(("date",), description="Keys of the date of the text.")
    slug: KeyNames = Field(("slug",), description="Keys of the address.")


class Source(Section):
    """A folder of Markdown files that `contentops sync` reads."""

    path: str = Field("content", description="The folder, relative to the workspace or absolute.")
    kind: str | None = Field(None, description="The kind of every file that no rule and no front matter gives one.")
    rules: tuple[SourceRule, ...] = Field((), description="Rules that give a kind; the first that matches wins.")
    keys: SourceKeys = Field(SourceKeys(), description="Which front matter keys are read for what.")
    language: str = Field(
        "auto",
        description="auto (key, file name, folder, letters in this order), letters, or one language tag.",
    )
    include: tuple[str, ...] = Field((".md", ".mdx", ".markdown"), description="Endings of the files that are read.")
    exclude: tuple[str, ...] = Field((), description="Regular expressions; paths in which one is found are left out.")


class CalendarSettings(Section):
    """Working days."""

    country: str = Field("CN", description="Country code (ISO 3166) whose public holidays count.")
    subdivision: str | None = Field(None, description="Region of that country, where holidays differ.")
    overrides: str = Field(
        "holidays.toml", description="File with own days: off = [dates], work = [dates], announced = [years]."
    )

    @field_validator("country")
    @classmethod
    def _known_country(cls, value: str) -> str:
        from holidays.registry import COUNTRIES

        codes = {code for names in COUNTRIES.values() for code in names}
        if value not in codes:
            raise ValueError(
                _("no holidays are known for '{country}'").format(country=value) + did_you_mean(value, codes)
            )
        return value


class SiteSettings(Section):
    """The site that `contentops page build` makes."""

    output: str = Field("site", description="Where the finished site appears; a link to the newest release.")
    theme: str = Field("calm", description="The theme: a folder below templates/, the workspace's or a shipped one.")
    brand_color: str = Field("#0b5c5c", pattern=r"^#[0-9a-fA-F]{6}$", description="Colour of buttons and links.")
    tagline: str = Field("", description="One sentence below the name on the index page.")


class PrivacySettings(Section):
    """What the privacy notice must say (PIPL art. 17, GDPR art. 13)."""

    controller: str = Field("", description="Who receives the data: the company's full name.")
    contact: str = Field("", description="Address for questions, access and erasure.")
    retention_months: int = Field(
        24, ge=1, le=120, description="Months after the last contact until a lead is deleted."
    )


class CaptureSettings(Section):
    """The endpoint that takes forms."""

    per_minute: int = Field(10, ge=1, description="Forms per minute from one address (an IPv6 /64 counts as one).")
    per_hour: int = Field(60, ge=1, description="Forms per hour from one address.")
    link_days: int = Field(14, ge=1, le=365, description="Calendar days for which a download link works.")
    default_region: str = Field(
        "CN", pattern="^[A-Z]{2}$", description="Region of phone numbers without a country code."
    )
    allowed_origins: tuple[str, ...] = Field(
        (), description="Further origins whose pages may post here, scheme and host."
    )
    trusted_proxies: tuple[str, ...] = Field((), description="Networks (CIDR) whose X-Forwarded-For is believed.")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from ipaddress import ip_network

        for network in value:
            ip_network(network)
        return value


class Settings(BaseSettings):
    """All settings of a workspace."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    name: str = Field(
        "contentops", min_length=1, max_length=100, description="The team or company, shown on pages and calendars."
    )
    language: str = Field("zh-CN", description="Language of texts that do not say theirs.")
    time_zone: str = Field("Asia/Shanghai", description="IANA zone in which dates are meant.")
    database_url: str = Field(
        "sqlite:///contentops.db", description="sqlite:///FILE (relative to the workspace) or postgresql://…"
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="Address of the site, for links in pages and calendars."
    )
    secret_key: SecretStr | None = Field(
        None, description="Key that signs links, 32 characters or more. Only by environment."
    )
    secret_key_file: str = Field(".contentops/secret_key", description="File with such keys, one a line, newest first.")
    sources: tuple[Source, ...] = Field((Source(),), description="Folders of content, see [[sources]].")
    calendar: CalendarSettings = Field(CalendarSettings(), description="Working days.")
    site: SiteSettings = Field(SiteSettings(), description="The site.")
    privacy: PrivacySettings = Field(PrivacySettings(), description="The privacy notice.")
    capture: CaptureSettings = Field(CaptureSettings(), description="The endpoint for forms.")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(
                _("'{zone}' is no time zone").format(zone=value) + did_you_mean(value, available_timezones())
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")) or any(c.isspace() for c in value):
            raise ValueError(_("must begin with http:// or https://"))
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError(_("must begin with sqlite:/// or postgresql://"))
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, whose values arrive as arguments."""
        return env_settings, init_settings


def load_settings(folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read `folder`/contentops.toml and the environment.

    Raises:
        SettingsInvalid: with every wrong or unknown key of file and environment at once.
        WorkspaceError: the file cannot be read.
    """
    path = folder / FILE_NAME
    values = read_settings_file(path)
    problems = [
        Problem(FILE_NAME, _("secrets do not belong in this file: set CONTENTOPS_SECRET_KEY instead of secret_key"))
        for key in values
        if key == "secret_key"
    ]
    problems += _unknown_variables(os.environ if environ is None else environ)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors(include_input=False)]
    if problems:
        raise SettingsInvalid(problems)
    return settings


def read_settings_file(path: Path) -> dict[str, Any]:
    """Return the raw tables of a contentops.toml."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid([Problem(path.name, _("not valid TOML: {reason}").format(reason=error))]) from error
    except UnicodeDecodeError as error:
        raise SettingsInvalid([Problem(path.name, _("not UTF-8: save the file as UTF-8"))]) from error
    except OSError as error:
        raise WorkspaceError(_("cannot read {path}: {reason}").format(path=path, reason=error.strerror)) from error


def _problem(detail: Any) -> Problem:
    """Turn one of pydantic's errors into a sentence, with a suggestion for an unknown key."""
    loc = tuple(detail["loc"])
    key = ".".join(str(part) for part in loc)
    if detail["type"] == "extra_forbidden":
        return Problem(FILE_NAME, _("unknown key '{key}'").format(key=key) + did_you_mean(str(loc[-1]), _siblings(loc)))
    message = str(detail["msg"]).removeprefix("Value error, ")
    return Problem(FILE_NAME, f"{key}: {message}")


def _siblings(loc: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in loc[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = _section_of(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _section_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is Literal:
        return None
    return next(filter(None, map(_section_of, get_args(annotation))), None)


def _unknown_variables(environ: Mapping[str, str]) -> list[Problem]:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | NOT_SETTINGS
    return [
        Problem(name, _("unknown variable") + did_you_mean(name, known))
        for name in environ
        if name.startswith(PREFIX) and name.split("__")[0] not in known
    ]
