"""All settings together. Each field's description is its documentation; docs/settings.md is made from them."""

from functools import cache
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from contentops.errors import did_you_mean
from contentops.settings.dates import CalendarSettings, CapacitySettings
from contentops.settings.domains import DomainSettings
from contentops.settings.mail import MailSettings
from contentops.settings.people import LeadSettings
from contentops.settings.server import ServerSettings
from contentops.settings.sources import Source
from contentops.settings.website import CHANNELS, CaptureSettings, Channel, PrivacySettings, SiteSettings
from contentops.texts import gettext as _

PREFIX = "CONTENTOPS_"
"""How the names of variables begin."""
_time_zones = cache(available_timezones)  # it looks through hundreds of files


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
    domains: DomainSettings = Field(DomainSettings(), description="What is found out about e-mail domains.")
    mail: MailSettings = Field(MailSettings(), description="How mail leaves.")
    site: SiteSettings = Field(SiteSettings(), description="The site.")
    privacy: PrivacySettings = Field(PrivacySettings(), description="The privacy notice.")
    capture: CaptureSettings = Field(CaptureSettings(), description="The endpoint for forms.")
    leads: LeadSettings = Field(LeadSettings(), description="Who people are.")
    server: ServerSettings = Field(ServerSettings(), description="How the server runs.")
    channels: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,19}$")], Channel] = Field(
        CHANNELS, description="Channels by key, see [channels.KEY]; those named here take the place of the usual ones."
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in _time_zones():
            raise ValueError(_("'{zone}' is no time zone").format(zone=value) + did_you_mean(value, _time_zones()))
        return value

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            is_address = parts.scheme in ("http", "https") and parts.hostname and not any(c.isspace() for c in value)
            parts.port  # noqa: B018 - one that is none is a ValueError
        except ValueError as error:  # urlsplit says it in English only
            raise ValueError(_("'{text}' is no address").format(text=value)) from error
        if not is_address:
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
