"""Stable, unique addresses."""

import re
from collections.abc import Container
from pathlib import PurePosixPath

from slugify import slugify

MAX_LENGTH = 80
# Names that the site uses itself, or that Windows cannot store.
RESERVED = frozenset(
    {"d", "form", "feed", "index", "thanks", "privacy", "assets", "calendar", "healthz", "static", "sitemap", "robots",
     "con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)  # fmt: skip
_DATE_PREFIX = re.compile(r"^\d{4}-\d{2}-\d{2}-")
_FOLDER_FILES = {"index", "_index", "readme"}


def slug_of(text: str) -> str:
    """Return `text` as an address: ASCII, lower case, Chinese as pinyin; empty where nothing is left."""
    slug: str = slugify(text, max_length=MAX_LENGTH, word_boundary=True)
    return f"{slug}-page" if slug in RESERVED else slug


def slug_from_path(path: str, title: str) -> str:
    """Derive an address from where the file stands; from its title where the path says nothing.

    ``whitepaper/dian-jian/index.zh.md`` → ``dian-jian``; ``2026-03-01-hello.md`` → ``hello``.

    Args:
        path: without ending and language marks (see :func:`contentops.assets.languages.without_language`).
        title: fallback.
    """
    pure = PurePosixPath(path)
    name = pure.name
    if name.lower() in _FOLDER_FILES and len(pure.parts) > 1:
        name = pure.parts[-2]
    return slug_of(_DATE_PREFIX.sub("", name)) or slug_of(title) or "asset"


def free_slug(wanted: str, path: str, taken: Container[str]) -> str:
    """Return `wanted` if it is free, else one made longer by the folder above, else by a number."""
    if wanted not in taken:
        return wanted
    for folder in reversed(PurePosixPath(path).parts[:-1]):
        longer = slug_of(f"{folder} {wanted}")
        if longer and longer not in taken:
            return longer
    number = 2
    while f"{wanted[: MAX_LENGTH - 5]}-{number}" in taken:
        number += 1
    return f"{wanted[: MAX_LENGTH - 5]}-{number}"


def home_path(language: str) -> str:
    """Return where a language's pages begin: ``/zh/``. The tag's region is left out where it is the usual one."""
    return f"/{'zh' if language == 'zh-CN' else language.lower()}/"


def page_path(language: str, slug: str) -> str:
    """Return where a page stands on the site: ``/zh/my-paper/``."""
    return f"{home_path(language)}{slug}/"
