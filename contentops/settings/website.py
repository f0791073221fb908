"""The site, its privacy notice, its forms, the channels it is shared in: ``[site]``, ``[privacy]``, ``[capture]``."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from contentops.settings.shapes import Section, Wording
from contentops.texts import gettext as _

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*")


def _origin(text: str) -> str:
    """Return an address of scheme and host as browsers write it; one with anything else in it is an error."""
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
        is_whole = parts.scheme in ("http", "https") and parts.path in ("", "/") and not parts.query + parts.fragment
        is_host = bool(ip_address(host)) if ":" in host else _HOST.fullmatch(host)
    except ValueError:
        is_whole = is_host = False
    if not is_whole or not is_host or "@" in parts.netloc:
        raise ValueError(_("write scheme and host only: https://forms.example.com"))
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"


class SiteSettings(Section):
    """The site that `contentops page build` makes."""

    output: str = Field("site", description="Where the finished site appears; a link to the newest release.")
    theme: str = Field("calm", description="The theme: a folder below templates/, the workspace's or a shipped one.")
    brand_color: str = Field("#0b5c5c", description="Colour of buttons and links.")
    name: Wording = Field(
        {"": ""}, description="Name on pages, where it is not the workspace's; may be one per language."
    )
    tagline: Wording = Field({"": ""}, description="Headline of the index page; may be one per language.")

    logo: str = Field(
        "", description="Picture of the brand, SVG or PNG, relative to the workspace; empty: a plain mark."
    )
    radius: int = Field(10, ge=0, le=32, description="Roundness of corners in pixels; 0 is square.")
    font: str = Field(
        "", description='Fonts that visitors have, best first: "Source Han Sans SC, sans-serif". Empty: the theme\'s.'
    )
    card_font: str = Field(
        "auto",
        description="Font file for pictures of link cards, relative to the workspace. auto: one of this machine's that "
        "has every character of the title; none: no made pictures.",
    )
    form_origin: str = Field(
        "",
        description="Scheme and host of the server that takes forms, where pages lie on another host: "
        "https://forms.example.com. Empty: the same host.",
    )
    text_seconds: float = Field(
        5,
        gt=0,
        le=120,
        description="Longest time in which one text must become HTML; else its page stays as it was.",
    )

    @field_validator("form_origin")
    @classmethod
    def _bare_origin(cls, value: str) -> str:
        return _origin(value) if value else ""

    @field_validator("font")
    @classmethod
    def _plain_fonts(cls, value: str) -> str:
        if not re.fullmatch(r"[\w \-,'\"]*", value):
            raise ValueError(_("write names of fonts with commas between them"))
        return value

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
    unconfirmed_days: int = Field(
        30, ge=1, le=366, description="Days for which leads are kept whose address was never confirmed."
    )
    quarantine_days: int = Field(14, ge=1, le=366, description="Days for which forms in quarantine are kept.")
    message_days: int = Field(
        30, ge=1, le=366, description="Days for which is kept what was sent or cancelled, its letter's file too."
    )
    dead_message_days: int = Field(90, ge=1, le=366, description="Days for which messages are kept that never arrived.")


MOST_WAITING = 600
"""A server process answers some more requests at once than that (``web.crowding.MOST_REQUESTS``), or pages would wait
with the forms; more than it has connections for could not wait in any case."""


class CaptureSettings(Section):
    """The endpoint that takes forms."""

    per_minute: int = Field(10, ge=1, description="Forms per minute from one address (an IPv6 /64 counts as one).")
    per_hour: int = Field(60, ge=1, description="Forms per hour from one address.")
    min_seconds: float = Field(
        2, ge=0, le=60, description="Forms sent sooner after their page was shown look like a machine's; 0: none does."
    )
    waiting: int = Field(
        500,
        ge=1,
        le=MOST_WAITING,
        description=f"Forms that may wait for the database in a process (at most {MOST_WAITING}); more are asked to "
        "come back.",
    )
    link_days: int = Field(14, ge=1, le=365, description="Calendar days for which a download link works.")
    downloads_per_link: int = Field(
        0,
        ge=0,
        le=1000,
        description="Times that people may download by one link; then it counts as expired, and its owner can have a "
        "new one sent. Machines do not count. 0: no limit.",
    )
    default_region: str = Field(
        "CN", pattern="^[A-Z]{2}$", description="Region of phone numbers without a country code."
    )
    allowed_origins: tuple[str, ...] = Field(
        (), description="Further origins whose pages may post here, scheme and host."
    )
    trusted_proxies: tuple[str, ...] = Field((), description="Networks (CIDR) whose X-Forwarded-For is believed.")

    @field_validator("allowed_origins")
    @classmethod
    def _whole_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_origin, value))

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from ipaddress import ip_network

        for network in value:
            try:
                ip_network(network)
            except ValueError as error:
                raise ValueError(_("'{text}' is no network; write it as 10.0.0.0/8").format(text=network)) from error
        return value


class Channel(Section):
    """A channel in which assets are placed and links are shared: ``[channels.wechat]``."""

    name: Wording = Field(description="Its name for people; may be one per language.")
    medium: str = Field(pattern="^[a-z0-9_-]{1,40}$", description="utm_medium of its links, such as social or email.")
    source: str = Field(
        "", pattern="^[a-z0-9_.-]{0,40}$", description="utm_source of its links; empty: the channel's key."
    )
    allowed: bool = Field(True, description="false: no links are made for it.")


def _channel(zh: str, en: str, medium: str) -> Channel:
    return Channel(name={"zh-CN": zh, "en": en}, medium=medium)


CHANNELS = {
    "site": _channel("官网", "Own site", "site"),
    "wechat": _channel("微信公众号", "WeChat official account", "social"),
    "wecom": _channel("企业微信", "WeCom", "chat"),
    "zhihu": _channel("知乎", "Zhihu", "social"),
    "linkedin": _channel("领英", "LinkedIn", "social"),
    "newsletter": _channel("邮件通讯", "Newsletter", "email"),
    "baidu": _channel("百度推广", "Baidu search ads", "cpc"),
    "google": _channel("谷歌广告", "Google search ads", "cpc"),
    "event": _channel("线下活动", "Event", "offline"),
    "print": _channel("印刷物料", "Print", "offline"),
    "partner": _channel("合作伙伴", "Partner", "referral"),
}
"""The channels of a workspace whose contentops.toml names none."""
