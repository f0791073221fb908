"""The words people read, in the language they read: gettext with one current language per task.

Every sentence of the command line, the pages and the errors goes through :func:`gettext`. The source texts are
English; ``locale/zh_CN`` holds the Chinese. The current language belongs to the running task (a context variable),
so that a server can answer a Chinese and an English visitor at the same time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LANGUAGES = ("zh-CN", "en")
"""The languages contentops itself speaks, as BCP 47 tags. Content may be in any language."""

_LOCALE = Path(__file__).resolve().parent / "locale"
_current: ContextVar[str] = ContextVar("contentops_language", default="en")


def spoken(tag: str | None) -> str:
    """Return the one of :data:`LANGUAGES` that serves `tag` best (``zh_CN.UTF-8``, ``zh``, ``en-GB``); else English."""
    return "zh-CN" if (tag or "").lower().replace("_", "-").split(".")[0].split("-")[0] == "zh" else "en"


def speaks(tag: str) -> bool:
    """Return whether `tag` is one of :data:`LANGUAGES` in any spelling (``zh``, ``zh_CN.UTF-8``, ``en-GB``)."""
    return tag.lower().replace("_", "-").split(".")[0].split("-")[0] in ("zh", "en")


@cache
def translations(tag: str) -> NullTranslations:
    """Return the catalogue for a language tag; the empty one (English source texts) where there is none."""
    catalogue = _LOCALE / spoken(tag).replace("-", "_") / "LC_MESSAGES" / "contentops.mo"
    if not catalogue.is_file():
        return NullTranslations()
    with catalogue.open("rb") as compiled:
        return GNUTranslations(compiled)


def current_language() -> str:
    """Return the language tag in force for the running task."""
    return _current.get()


def set_language(tag: str) -> None:
    """Speak `tag` from here on in this task (the command line does this once)."""
    _current.set(spoken(tag))


@contextmanager
def use_language(tag: str) -> Iterator[None]:
    """Speak `tag` inside the ``with`` block."""
    token = _current.set(spoken(tag))
    try:
        yield
    finally:
        _current.reset(token)


def gettext(message: str) -> str:
    """Return `message` in the current language."""
    return translations(_current.get()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the plural form for `n` in the current language."""
    return translations(_current.get()).ngettext(singular, plural, n)


def pick(wordings: dict[str, str], tag: str | None = None) -> str:
    """Choose from a table of wordings by language, such as ``{"en": "White paper", "zh-CN": "白皮书"}``."""
    wanted = spoken(tag or current_language())
    return wordings.get(wanted) or next(iter(wordings.values()))
