"""Where a page has gone: for hosts that only have files, for Netlify and Cloudflare Pages, for nginx."""

import unicodedata
from collections.abc import Iterable
from html import escape
from urllib.parse import unquote

from contentops.errors import InvalidArgument, Problem
from contentops.pages.sharing.addresses import encoded, is_path, is_web
from contentops.texts import gettext as _
from contentops.texts import use_language

Pairs = Iterable[tuple[str, str]]


def moved_page(target: str, title: str, language: str) -> str:
    """Return a page that leads on to `target` at once, for hosts that cannot answer with 301.

    Args:
        target: a path on this host, or an address of http or https. title: of the page that is there now.
        language: tag of the page.

    Raises:
        InvalidArgument: `target` is neither.
    """
    _refuse([problem for problem in [_wrong_target(target)] if problem])
    address, tag, name = (escape(text) for text in (encoded(target), language, title.strip() or target))
    with use_language(language):
        heading = escape(_("This page has moved"))
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{heading}</title>\n<meta name="robots" content="noindex">\n'
        f'<link rel="canonical" href="{address}">\n<meta http-equiv="refresh" content="0; url={address}">\n'
        f'</head>\n<body>\n<h1>{heading}</h1>\n<p><a href="{address}">{name}</a></p>\n</body>\n</html>\n'
    )


def redirect_lines(pairs: Pairs) -> str:
    """Return the file ``_redirects`` of Netlify and Cloudflare Pages: ``/old/ /new/ 301``, a line each.

    Of two targets for one path the first counts; what leads to itself is left out. Cloudflare Pages takes up to 2,000.

    Raises:
        InvalidArgument: a path or target is none; all of them are named.
    """
    return "".join(f"{old} {new} 301\n" for old, new in _checked(pairs).items())


def nginx_map(pairs: Pairs) -> str:
    """Return a block ``map $uri $moved`` to include in nginx's ``http``; a comment in it says how it is used.

    nginx compares with the decoded path: Chinese is written as such on the left, and percent-encoded on the right.
    As in :func:`redirect_lines`, the first target counts; nginx does not tell capital letters from small ones.

    Raises:
        InvalidArgument: a path or target is none; all of them are named.
    """
    moved: dict[str, str] = {}
    for old, new in _checked(pairs).items():
        if _nginx_path(old) != _nginx_path(new):  # /Old/ to /old/ would never end
            moved.setdefault(_nginx_path(old), new)
    lines = "".join(f'    "{old}" "{new}";\n' for old, new in moved.items())
    return (
        "# In http { }:   include this file; with long paths also: map_hash_bucket_size 512;\n"
        "# In server { }: if ($moved) { return 301 $moved; }\n"
        f'map $uri $moved {{\n    default "";\n{lines}}}\n'
    )


def _checked(pairs: Pairs) -> dict[str, str]:
    """Return encoded pairs, each path once."""
    problems: list[Problem] = []
    found: dict[str, str] = {}
    for old, new in pairs:
        if not is_path(old):
            problems.append(Problem(old, _("a moved page is named by its path, such as /zh/old/")))
        wrong = _wrong_target(new)
        if wrong:
            problems.append(wrong)
        path = encoded(old).replace("?", "%3F").replace("#", "%23")
        if path != encoded(new):
            found.setdefault(path, encoded(new))
    _refuse(problems)
    return found


def _wrong_target(target: str) -> Problem | None:
    if is_path(target) or is_web(target):
        return None
    return Problem(target, _("a target is a path such as /zh/new/ or an address that begins with https://"))


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidArgument(problems)


def _nginx_path(path: str) -> str:
    """Return a path as nginx holds it in $uri: decoded, in small letters, quotes and backslashes escaped.

    One with characters that cannot be written into a line stays encoded, and is then never met.
    """
    decoded = unquote(path, errors="strict") if _is_utf8(path) else path
    if any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cn", "Co"} for c in decoded):
        return path
    return _lower(decoded).replace("\\", "\\\\").replace('"', '\\"')


def _lower(text: str) -> str:
    """Return a text with A to Z small, as nginx compares: other letters keep their size."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def _is_utf8(path: str) -> bool:
    try:
        unquote(path, errors="strict")
    except UnicodeDecodeError:
        return False
    return True
