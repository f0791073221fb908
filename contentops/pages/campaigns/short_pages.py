"""Short addresses where no program answers: a page for each that leads on, for sites on static hosts."""

from collections.abc import Iterable
from html import escape

from contentops.pages.campaigns.addresses import SHORT, CampaignLink
from contentops.texts import gettext as _
from contentops.texts import use_language

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url={url}">
<link rel="canonical" href="{page}">
<title>{title}</title>
</head>
<body>
<h1>{title}</h1>
<p><a href="{url}">{onward}</a></p>
</body>
</html>
"""


def short_pages(links: Iterable[CampaignLink]) -> dict[str, bytes]:
    """Return a page for each short address, by its path in the site: ``s/<code>/index.html``.

    It leads on at once, without a script; what an advertising system hung on the address does not come along. The
    server answers these addresses itself and does not need the pages.
    """
    pages = {}
    for link in links:
        with use_language(link.language):
            onward = _("Continue")
        values = {"language": link.language, "url": link.url, "page": link.page, "title": link.title, "onward": onward}
        html = _PAGE.format(**{name: escape(value) for name, value in values.items()})
        pages[f"{SHORT.strip('/')}/{link.code}/index.html"] = html.encode("utf-8", "replace")
    return pages
