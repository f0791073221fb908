"""Dates, sizes and names of languages as people write them."""

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from contentops.texts import spoken

if TYPE_CHECKING:
    from babel.core import Locale


@cache
def long_date(day: date, language: str) -> str:
    """Write a day as people of a language do: 2026年11月21日, 21 November 2026."""
    from babel.dates import format_date

    return format_date(day, "long", locale=_locale("zh_CN" if spoken(language) == "zh-CN" else "en_GB"))


@cache
def _locale(name: str) -> "Locale":
    """Return a locale; Babel looks for it anew with each date, which takes longer than writing the date."""
    from babel.core import Locale

    return Locale.parse(name)


def human_size(size_bytes: int) -> str:
    """Write a size: 190 kB, 1.4 MB."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1_000_000 else f"{max(1, round(size_bytes / 1000))} kB"


def language_name(language: str) -> str:
    """Return a language's name in itself, for links to it; its tag where the name is not known."""
    return {
        "zh-CN": "中文",
        "zh-TW": "繁體中文",
        "en": "English",
        "de": "Deutsch",
        "ja": "日本語",
        "fr": "Français",
    }.get(language, language)
