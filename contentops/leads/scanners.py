"""Telling people from machines that open links before them: scanners of mail, previews of messengers. Pure rules.

Machines are served as people are: to refuse one that scans mail would mean that the mail does not arrive. They only
count for nobody. The list names what such programs call themselves; it cannot be complete, and need not be.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SCAN_TIME = timedelta(seconds=10)
"""So soon after a mail has left, its link is opened by the scanner of the receiving server."""

_MACHINES = re.compile(
    # scanners of mail
    r"safelinks|barracuda|proofpoint|mimecast|symantec|forcepoint|trendmicro|fireeye|ironport|zscaler|urldefense"
    # previews of messengers and social networks; fetchers of QQ mail and WeChat, not their browsers
    r"|facebookexternalhit|facebot|slackbot|telegrambot|whatsapp|skypeuripreview|linkedinbot|discordbot"
    r"|microsoftpreview|microsoft office|ms-office|urlpreview|link.?preview"
    r"|(?:wechat|weixin|qq-?mail|tencent)-?(?:bot|spider|preview|scan)"
    # search engines and crawlers of all kinds, but not the telephones of CUBOT
    r"|(?<!cu)bot\b|spider|crawl|slurp|archiver|scanner|monitor"
    # programs
    r"|\bcurl\b|\bwget\b|python|libwww|java/|okhttp|go-http-client|node-fetch|axios|\bruby\b|\bperl\b|phantomjs|httpclient"
    r"|googleimageproxy|google-safety",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Visit:
    """How a link was opened.

    Attributes:
        at: when it began. user_agent: what the program calls itself. from_own_page: the browser says that a page of
        this site led there (``Sec-Fetch-Site: same-origin``). is_prefetch: the browser fetches before anybody clicks.
    """

    at: datetime
    user_agent: str = ""
    from_own_page: bool = False
    is_prefetch: bool = False


def is_machine(visit: Visit, mailed_at: Iterable[datetime | None]) -> bool:
    """Return whether a link was opened by a machine, as far as one can tell.

    Args:
        mailed_at: when each mail with such a link left; None for one that is leaving just now.
    """
    if visit.is_prefetch or not visit.user_agent.strip() or _MACHINES.search(visit.user_agent[:500]):
        return True
    if visit.from_own_page:
        return False  # the thank-you page has the link too, and people are quick there
    return any(at is None or timedelta(0) <= visit.at - at < SCAN_TIME for at in mailed_at)
