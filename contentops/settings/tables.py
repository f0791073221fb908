"""The tables of contentops.toml. Each field's description is its documentation; docs/settings.md is made from them."""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from contentops.errors import did_you_mean
from contentops.texts import gettext as _

PREFIX = "CONTENTOPS_"
"""How the names of variables begin."""


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


class SourceRule(Section):
    """Which kind (and owner) a file of a source has. The first rule that matches wins."""

    path: Pattern | None = Field(None, description="Regular expression searched in the path below the source's folder.")
    where: dict[str, Pattern] = Field({}, description="Front matter key → regular expression searched in its value.")
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
    state: Literal["idea", "planned", "in_progress", "in_review", "approved", "published"] = Field(
        "published", description="State of new files that say nothing: neither contentops.state nor draft."
    )
    keys: SourceKeys = Field(SourceKeys(), description="Which front matter keys are read for what.")
    language: str = Field(
        "auto",
        description="auto (key, file name, folder, letters in this order), letters, or one language tag.",
    )
    include: tuple[str, ...] = Field((".md", ".mdx", ".markdown"), description="Endings of the files that are read.")
    exclude: tuple[Pattern, ...] = Field(
        (), description="Regular expressions; paths in which one is found are left out."
    )


class CalendarSettings(Section):
    """Working days and the calendar's pages."""

    country: str = Field("CN", description="Country code (ISO 3166) whose public holidays count.")
    subdivision: str | None = Field(None, description="Region of that country, where holidays differ.")
    overrides: str = Field(
        "holidays.toml",
        description="File with own days: off = [dates], work = [dates], announced = [years], [[away]] who, from, to.",
    )
    roles: dict[str, str] = Field(
        {}, description='Roles that work elsewhere, by country or region: { presales = "DE", support = "DE-BY" }.'
    )
    week_start: Literal["monday", "sunday"] = Field("monday", description="First day of a week on calendar pages.")
    invitations: bool = Field(
        False, description="Whether `contentops calendar invite` may send invitations by mail to those who owe steps."
    )

    @field_validator("country")
    @classmethod
    def _known_country(cls, value: str) -> str:
        _check_place(value, None)
        return value

    @field_validator("roles")
    @classmethod
    def _known_places(cls, value: dict[str, str]) -> dict[str, str]:
        for place in value.values():
            country, dash, region = place.partition("-")
            _check_place(country, region if dash else None)
        return value

    @model_validator(mode="after")
    def _known_subdivision(self) -> Self:
        _check_place(self.country, self.subdivision)
        return self


def _check_place(country: str, region: str | None) -> None:
    """Refuse a country or region whose holidays are not known."""
    from holidays import list_supported_countries

    regions = list_supported_countries(include_aliases=True)
    codes = {code for code in regions if len(code) == 2}
    if country not in codes:
        raise ValueError(
            _("no holidays are known for '{country}'").format(country=country) + did_you_mean(country, codes)
        )
    if region is not None and region not in regions[country]:
        message = _("'{region}' is no region of {country}").format(region=region, country=country)
        raise ValueError(message + did_you_mean(region, regions[country]))


class CapacitySettings(Section):
    """How many hours a role has for content."""

    hours_per_week: float = Field(
        30, ge=0, le=168, description="Hours of a role in a week of five working days, where not named below."
    )
    roles: dict[str, Annotated[float, Field(ge=0, le=10_000)]] = Field(
        {}, description="Hours per week by role: { presales = 4, ops = 60 }."
    )


class MailSettings(Section):
    """How mail leaves: reminders and invitations to colleagues."""

    host: str = Field("", description="The mail server (SMTP). Empty: no mail is sent.")
    port: int = Field(587, ge=1, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls (port 587), tls (port 465), or none on a trusted network."
    )
    username: str = Field("", description="Name to sign in with; empty: without signing in.")
    password: SecretStr | None = Field(None, description="Password. Only by environment.")
    sender: str = Field("", description="Address that mail comes from; it must be able to receive.")
    timeout_seconds: float = Field(20, gt=0, le=300, description="Patience with the server.")


class SiteSettings(Section):
    """The site that `contentops page build` makes."""

    output: str = Field("site", description="Where the finished site appears; a link to the newest release.")
    theme: str = Field("calm", description="The theme: a folder below templates/, the workspace's or a shipped one.")
    brand_color: str = Field("#0b5c5c", description="Colour of buttons and links.")
    name: Wording = Field(
        {"": ""}, description="Name on pages, where it is not the workspace's; may be one per language."
    )
    tagline: Wording = Field({"": ""}, description="Headline of the index page; may be one per language.")

    @field_validator("brand_color")
    @classmethod
    def _colour(cls, value: str) -> str:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValueError(_("write the colour as #0b5c5c"))
        return value


class PrivacySettings(Section):
    """What the privacy notice must say (PIPL art. 17, GDPR art. 13)."""

    controller: Wording = Field(
        {"": ""}, description="Who receives the data: the company's full name; may be one per language."
    )
    contact: str = Field("", description="Address for questions, access and erasure.")
    retention_months: int = Field(
        24, ge=1, le=120, description="Months after the last contact for which the notice says leads are kept."
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
    capacity: CapacitySettings = Field(CapacitySettings(), description="Hours per role and week.")
    mail: MailSettings = Field(MailSettings(), description="The mail server.")
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
        parts = urlsplit(value)  # a port that is none is a ValueError of its own
        if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in value):
            raise ValueError(_("must begin with http:// or https://"))
        parts.port  # noqa: B018
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
