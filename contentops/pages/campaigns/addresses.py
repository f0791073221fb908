"""The addresses of a link: with its campaign, short, and with what an advertising system hangs on. Pure rules."""

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from contentops.assets.slugs import page_path
from contentops.models import Asset, TrackedLink
from contentops.pages.campaigns.wecom import ALPHABET, CODE_LENGTH, wecom_address
from contentops.settings import Channel

SHORT = "/s/"
"""Where short addresses begin on the site."""

_CODE = re.compile(rf"[{ALPHABET}]{{{CODE_LENGTH}}}")
_PASSED_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_MOST_PASSED, _MOST_VALUE, _MOST_ADDRESS = 10, 200, 2000


@dataclass(frozen=True, slots=True)
class CampaignLink:
    """A link to an asset for one channel and campaign, as it reads today.

    Attributes:
        code: of the short address. slug, language, title: the asset's. channel, campaign, content, term: its names.
        state: what WeCom hands back. wecom: the WeCom address with the state, where it leads there; else "".
        url: where it leads: the asset's page with its campaign, or the WeCom address.
        page: the asset's page without a campaign. short_url: the short address on the own site.
        created_at: when it was made. by: who made it.
    """

    code: str
    slug: str
    language: str
    title: str
    channel: str
    campaign: str
    content: str
    term: str
    state: str
    wecom: str
    url: str
    page: str
    short_url: str
    created_at: datetime
    by: str

    @property
    def encoded(self) -> str:
        """What the QR code holds: the short address; the WeCom address where there is one.

        WeChat opens WeCom's own addresses without a warning page, and they carry the state even where the own site
        cannot be reached. What a short address leads to can still be mended after printing.
        """
        return self.wecom or self.short_url


def new_code() -> str:
    """Return a random code for a short address; it must still be free."""
    return "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))


def read_code(text: str) -> str | None:
    """Return a code as it is kept, however it was typed; None for what cannot be one."""
    code = text.lower()
    return code if _CODE.fullmatch(code) else None


def link_of(row: TrackedLink, asset: Asset, channels: Mapping[str, Channel], public_url: str) -> CampaignLink:
    """Return a link with its addresses, made from what asset and settings say now.

    Args:
        channels: those of the workspace; a link whose channel has gone from there still works.
    """
    page = public_url + page_path(asset.language, asset.slug)
    wecom = wecom_address(row.target, row.state) if row.target else ""
    return CampaignLink(
        code=row.code,
        slug=asset.slug,
        language=asset.language,
        title=asset.title,
        channel=row.channel,
        campaign=row.campaign,
        content=row.content,
        term=row.term,
        state=row.state,
        wecom=wecom,
        url=wecom or campaign_address(page, row, channels.get(row.channel)),
        page=page,
        short_url=f"{public_url}{SHORT}{row.code}",
        created_at=row.created_at,
        by=row.by,
    )


def campaign_address(page: str, row: TrackedLink, channel: Channel | None) -> str:
    """Return a page's address with the five utm parameters, those that are empty left out."""
    values = {
        "utm_source": (channel.source if channel else "") or row.channel,
        "utm_medium": channel.medium if channel else "",
        "utm_campaign": row.campaign,
        "utm_content": row.content,
        "utm_term": row.term,
    }
    return f"{page}?{_query((name, value) for name, value in values.items() if value)}"


def with_passed(url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return an address with what an advertising system hung on the short one: gclid, msclkid, bd_vid and their like.

    What the address says itself wins, each name counts once; what is too long, too much, or looks like an e-mail
    address is left out: the visitor arrives in any case.
    """
    taken = {name for name, _value in parse_qsl(urlsplit(url).query)}
    passed = 0
    for name, value in pairs:
        fits = _PASSED_NAME.fullmatch(name) and 0 < len(value) <= _MOST_VALUE
        if name in taken or not fits or not value.isprintable() or "@" in value:
            continue
        longer = f"{url}{'&' if '?' in url else '?'}{_query([(name, value)])}"
        if passed < _MOST_PASSED and len(longer) <= _MOST_ADDRESS:
            url, passed = longer, passed + 1
            taken.add(name)
    return url


def _query(pairs: Iterable[tuple[str, str]]) -> str:
    return urlencode(list(pairs), quote_via=quote, safe="")
