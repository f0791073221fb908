"""Whether the words that a page wants to be found by stand where search engines look. Pure rules."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from unicodedata import normalize

_LATIN = "0-9a-z_\u00df-\u024f\u0370-\u052f"  # after case folding: Latin, Greek, Cyrillic


@dataclass(frozen=True, slots=True)
class KeywordRow:
    """Where one word stands.

    Attributes:
        word_class: product, industry, solution or the team's own. in_headings, in_text: how often.
    """

    word_class: str
    word: str
    in_title: bool
    in_description: bool
    in_headings: int
    in_text: int


def keyword_report(
    words: Mapping[str, Iterable[str]], title: str, description: str, headings: Iterable[str], text: str
) -> list[KeywordRow]:
    """Return a row a word, in the order given.

    Case and width do not count (Unicode NFKC); a Latin word is found whole, a Chinese one anywhere.

    Args:
        words: by class. text: the words of the page, such as :attr:`PageSource.prose`.
    """
    folded = [_folded(part) for part in (title, description, "\n".join(headings), text)]
    rows = []
    for word_class, members in words.items():
        for word in filter(str.strip, members):
            pattern = _pattern(word)
            in_title, in_description, in_headings, in_text = (len(pattern.findall(part)) for part in folded)
            rows.append(KeywordRow(word_class, word, in_title > 0, in_description > 0, in_headings, in_text))
    return rows


def _folded(text: str) -> str:
    return normalize("NFKC", normalize("NFKC", text).casefold())


def _pattern(word: str) -> re.Pattern[str]:
    parts = _folded(word).split()
    inside = r"\s+".join(map(re.escape, parts))
    before = rf"(?<![{_LATIN}])" if re.match(f"[{_LATIN}]", parts[0]) else ""
    after = rf"(?![{_LATIN}])" if re.match(f"[{_LATIN}]", parts[-1][-1]) else ""
    return re.compile(before + inside + after)
