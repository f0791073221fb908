"""QR codes as PNG and SVG, and the names of their files. Same text, same bytes."""

import io
import math
from collections import Counter
from collections.abc import Iterable

import segno

from contentops.assets.slugs import home_path
from contentops.cells import cell_text
from contentops.pages.campaigns.addresses import CampaignLink

QUIET_ZONE = 4
"""Modules of white around the code, as ISO/IEC 18004 asks for."""

PNG_PIXELS = 480
"""Least width of a PNG: WeChat takes pictures above 300 pixels for previews, and phones have dense screens."""

_MOST_NAME_BYTES = 150


def png(text: str) -> bytes:
    """Return a QR code as PNG, for screens: WeChat's long press recognises pictures of this kind reliably."""
    code = _code(text)
    modules = code.symbol_size(border=QUIET_ZONE)[0]
    out = io.BytesIO()
    code.save(out, kind="png", scale=math.ceil(PNG_PIXELS / modules), border=QUIET_ZONE)
    return out.getvalue()


def svg(text: str, title: str) -> str:
    """Return a QR code as SVG, for print: one millimetre a module, white behind it, no XML declaration.

    Args:
        title: what it leads to, for people and screen readers; escaped here.
    """
    out = io.BytesIO()
    _code(text).save(
        out,
        kind="svg",
        scale=1,
        unit="mm",
        border=QUIET_ZONE,
        light="white",
        xmldecl=False,
        title=" ".join(cell_text(title).split()),
        svgclass=None,
        lineclass=None,
        nl=False,
    )
    return out.getvalue().decode("utf-8")


def _code(text: str) -> segno.QRCode:
    # Level M: a folded or smudged print is still read, and the code stays small. Never a Micro QR: WeChat reads none.
    return segno.make_qr(text, error="m", boost_error=False)


def file_stems(links: Iterable[CampaignLink], language: str) -> list[str]:
    """Return a file name without ending for each link: ``<slug>-<channel>-<campaign>``.

    What has more to it (a version, a search word, a WeCom address, a name too long or taken twice) gets its code at the
    end, so that no two links share a file.

    Args:
        language: the workspace's; other languages stand in the name.
    """
    kept = list(links)
    taken = Counter(_plain_stem(link, language) for link in kept if _is_plain(link))
    stems = []
    for link in kept:
        stem = _plain_stem(link, language)
        if not _is_plain(link) or taken[stem] > 1 or len(stem.encode()) > _MOST_NAME_BYTES:
            longer = "-".join(filter(None, (stem, link.content, link.term)))
            cut = longer.encode()[:_MOST_NAME_BYTES].decode("utf-8", "ignore").rstrip("-_")
            stem = f"{cut}-{link.code}"
        stems.append(stem)
    return stems


def _is_plain(link: CampaignLink) -> bool:
    return not (link.content or link.term or link.wecom)


def _plain_stem(link: CampaignLink, language: str) -> str:
    tag = "" if link.language == language else home_path(link.language).strip("/")
    return "-".join(filter(None, (link.slug, tag, link.channel, link.campaign)))
