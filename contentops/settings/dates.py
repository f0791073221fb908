"""Working days and hours: ``[calendar]`` and ``[capacity]``."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from contentops.errors import did_you_mean
from contentops.settings.shapes import Section
from contentops.texts import gettext as _


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
    if (country, region) == ("CN", None):  # the usual one; the package is large, and every command reads the settings
        return
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
