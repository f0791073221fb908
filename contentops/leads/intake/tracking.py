"""How somebody came, as the address and the browser tell: cleaned, cut, no reason to refuse anybody. Pure rules."""

import re
from collections.abc import Iterable, Mapping

from contentops.assets.brief import CLICK_IDS
from contentops.leads.intake.characters import without_forbidden
from contentops.pages.gate import LANDING, OFFLINE, REFERRER, TRACKED, VIA

LIMIT = 200
_FORMS = {
    REFERRER: re.compile(r"[A-Za-z0-9.:\[\]_-]{1,253}"),
    LANDING: re.compile(r"/[^\s\"'<>?#\\]{0,299}"),
    VIA: re.compile(r"[A-Za-z0-9._-]{1,40}"),
    OFFLINE: re.compile(r"[\w.-]{1,40}"),
    **dict.fromkeys(CLICK_IDS, re.compile(r"[A-Za-z0-9._~%-]{1,200}")),
}
CUT, PERSONAL = "cut", "personal"
"""What was mended: a value was too long; an e-mail address stood in it (personal data) and was dropped."""

_COLUMNS = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "campaign",
    "utm_term": "term",
    "utm_content": "content",
    REFERRER: "referrer_host",
    LANDING: "landing_path",
    VIA: "code",
    OFFLINE: "offline_code",
}


def cleaned(pairs: Iterable[tuple[str, str | None]]) -> tuple[dict[str, str], str]:
    """Return the campaign values among some pairs, the first of each name, and what was mended in them."""
    kept: dict[str, str] = {}
    flags: dict[str, None] = {}
    for name, raw in pairs:
        if name not in TRACKED or kept.get(name) or not raw:
            continue
        text = without_forbidden(raw).strip()
        form = _FORMS.get(name)
        if form is not None and not form.fullmatch(text):
            continue
        if form is None and "@" in text:
            flags[PERSONAL] = None
            continue
        if len(text) > LIMIT and form is None:
            flags[CUT] = None
            text = text[:LIMIT]
        if text:
            kept[name] = text
    return kept, ",".join(flags)


def touch_columns(tracked: Mapping[str, str], page: str) -> dict[str, object]:
    """Return the columns of a touch: one for each kind of value, the click ids together.

    Args:
        page: path of the page with the form; also the landing page of a visit that began there.
    """
    columns: dict[str, object] = {column: tracked.get(name, "") for name, column in _COLUMNS.items()}
    columns["landing_path"] = columns["landing_path"] or page
    return {**columns, "page": page, "click_ids": {name: tracked[name] for name in CLICK_IDS if name in tracked}}
