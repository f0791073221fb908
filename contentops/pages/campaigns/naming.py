"""How links are named: channels of the workspace, campaigns that stay one campaign in every report. Pure rules.

A name is written in small letters, digits, hyphens and underscores: analytics tools and spreadsheets tell ``Spring``,
``spring`` and ``spring 2026`` apart, and the numbers of one campaign fall into three. Chinese characters have no
capitals, so they are taken: many teams name campaigns in Chinese, and a name nobody recognises is not used. In a
campaign or version they are worth a notice, since each becomes nine characters in the address; search words simply are
Chinese.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from contentops.errors import InvalidArgument, Problem, did_you_mean
from contentops.pages.campaigns.wecom import wecom_problem, wecom_target
from contentops.settings import Channel
from contentops.texts import gettext as _

MOST = 100
"""Longest name, in characters."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_NAME = re.compile(f"[a-z0-9{_HAN}]+(?:[-_][a-z0-9{_HAN}]+)*")
_OTHER = re.compile(f"[^a-z0-9{_HAN}_]+")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A link as somebody asks for it.

    Attributes:
        slug: the asset. channel: key or name of a channel. campaign, content, term: for utm_campaign, utm_content,
            utm_term. wecom: a WeCom address that takes the place of the asset's page.
    """

    slug: str
    channel: str
    campaign: str
    content: str = ""
    term: str = ""
    wecom: str = ""


def checked(wanted: Wanted, channels: Mapping[str, Channel]) -> Wanted:
    """Return a link's names as they are kept: the channel as its key, outer blanks gone, the WeCom address tidied.

    Args:
        channels: those of the workspace, by key.

    Raises:
        InvalidArgument: with every problem.
    """
    names = {
        name: unicodedata.normalize("NFC", getattr(wanted, name).strip()) for name in ("campaign", "content", "term")
    }
    problems = [Problem(name, reason) for name, value in names.items() if (reason := name_problem(value))]
    if not names["campaign"]:
        problems.append(Problem("campaign", _("give the campaign a name, such as {example}").format(example="2026-q4")))
    key = channel_key(wanted.channel, channels)
    if key is None:
        problems.insert(0, Problem("channel", _no_channel(wanted.channel.strip(), channels)))
    elif not channels[key].allowed:
        message = _("no links are made for '{channel}': allowed = false in contentops.toml").format(channel=key)
        problems.insert(0, Problem("channel", message))
    reason = wecom_problem(wanted.wecom)
    if reason:
        problems.append(Problem("wecom", reason))
    if problems:
        raise InvalidArgument(problems)
    return replace(wanted, channel=key or "", wecom=wecom_target(wanted.wecom), **names)


def name_problem(name: str) -> str:
    """Return what is wrong with the name of a campaign, a version or a search word; "" where nothing is."""
    if "@" in name or "＠" in name or _MOBILE.search(name):
        return _("no e-mail addresses and phone numbers here: everybody sees them in the address")
    if len(name) > MOST:
        return _("{n} characters; at most {most} are kept").format(n=len(name), most=MOST)
    if not name or _NAME.fullmatch(name):
        return ""
    message = _("'{name}': only small letters, digits, Chinese characters, single - and _, or reports count it apart")
    better = tidied(name)
    return message.format(name=name) + (_("; write '{word}'").format(word=better) if better else "")


def tidied(name: str) -> str:
    """Return a name as it may be written: ``Spring Sale 2026！`` as ``spring-sale-2026``; "" where nothing is left."""
    text = unicodedata.normalize("NFKC", name).lower()
    return re.sub(r"[-_]{2,}", "-", _OTHER.sub("-", text)).strip("-_")


def channel_key(text: str, channels: Mapping[str, Channel]) -> str | None:
    """Return the key of a channel that is written as its key or its name in any language; None where there is none."""
    word = text.strip().casefold()
    for key, channel in channels.items():
        if word and word in (key, *(name.casefold() for name in channel.name.values())):
            return key
    return None


def name_notices(in_addresses: Iterable[str], campaigns: Iterable[str], known: Iterable[str]) -> Iterator[Problem]:
    """Yield what is worth a look in the names of links: Chinese in addresses, campaigns that look like another one.

    Args:
        in_addresses: campaigns and versions that stand in an address. campaigns: those of the links.
        known: all campaigns there are.
    """
    for name in dict.fromkeys(name for name in in_addresses if not name.isascii()):
        message = _("'{name}' works, but makes the long address three times as long; share the short one")
        yield Problem(_("name"), message.format(name=name))
    kept = sorted(set(known))
    for campaign in dict.fromkeys(campaigns):
        twin = next((other for other in kept if other != campaign and _bare(other) == _bare(campaign)), None)
        if twin:
            message = _("'{name}' looks like '{other}', but reports count them apart")
            yield Problem(_("campaign"), message.format(name=campaign, other=twin))


def _bare(name: str) -> str:
    return re.sub("[-_]", "", name)


def _no_channel(text: str, channels: Mapping[str, Channel]) -> str:
    known = _(", ").join(key for key, channel in channels.items() if channel.allowed)
    message = _("'{channel}' is no channel; there are: {known}").format(channel=text, known=known)
    return message + did_you_mean(
        text, [*channels, *(name for channel in channels.values() for name in channel.name.values())]
    )
