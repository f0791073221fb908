"""How a visitor came, carried from page to page by the addresses of links and into the form by hidden fields.

No cookies and no scripts: the server writes the campaign into the pages it hands out. What came first stays: a landing
page or a referrer that is carried along is not replaced by the next one.
"""

import re
from collections.abc import Collection, Mapping
from html import escape, unescape
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request

from contentops.leads.intake.tracking import cleaned
from contentops.pages.gate import FORM_TOKEN, LANDING, NOTICE, REFERRER, TRACKED
from contentops.web.reading import normal_origin

_NOTICE_FIELD = re.compile(rf'<input type="hidden" name="{NOTICE}" value="[^"]*">')
_LINK = re.compile(r'(<a\b[^>]*?\shref=")([^"]+)(")')
_NO_PAGES = ("/d/", "/s/", "/c/", "/u/", "/p/", "/static/", "/calendar/")


def visit_of(request: Request, own_origins: Collection[str]) -> dict[str, str]:
    """Return how a visitor came: the campaign in the address, the site they came from, the page they came to first.

    Args:
        own_origins: of this site, as :func:`normal_origin` writes them; who comes from there came some other way first.
    """
    pairs = [(name, request.query_params[name]) for name in TRACKED if request.query_params.get(name)]
    referrer = request.headers.get("referer", "")
    origin = normal_origin(referrer) if referrer.startswith(("http://", "https://")) else ""
    if origin and origin not in own_origins:
        pairs.append((REFERRER, origin.partition("://")[2]))
    if not pairs:
        return {}
    visit, _flags = cleaned([*pairs, (LANDING, request.url.path)])
    return visit


def has_form(html: str) -> bool:
    """Return whether a page has a form that the campaign can be written into."""
    return NOTICE in html and _NOTICE_FIELD.search(html) is not None


def with_visit(html: str, visit: Mapping[str, str], form_token: str, own_url: str) -> str:
    """Return a page that carries a visit on, in its form and in its links to other pages of the site.

    Args:
        form_token: says when the page was shown; empty: not said. own_url: address of the site.
    """
    hidden = {**({FORM_TOKEN: form_token} if form_token else {}), **visit}
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(hidden[name])}">' for name in hidden)
    html = _NOTICE_FIELD.sub(lambda field: field[0] + fields, html, count=1)
    if not visit:
        return html
    query = urlencode(visit)

    def carried(link: re.Match[str]) -> str:
        before, address, after = link.groups()
        return before + escape(_with_query(unescape(address), query, own_url)) + after

    return _LINK.sub(carried, html)


def _with_query(address: str, query: str, own_url: str) -> str:
    """Return the address of another page of the site with a query; any other address as it is."""
    path = address.removeprefix(own_url)
    parts = urlsplit(path)
    is_page = path.startswith("/") and not path.startswith(("//", *_NO_PAGES)) and parts.path.endswith("/")
    if not is_page or parts.query:
        return address
    return f"{address.partition('#')[0]}?{query}" + (f"#{parts.fragment}" if parts.fragment else "")
