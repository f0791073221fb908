"""Characters that are stored and those that are not. Pure rules."""

import re
import unicodedata

_NON_CHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u2029\u202a-\u202e\u2066-\u2069" + _NON_CHARACTERS + "]"
)
"""Controls, lone surrogates, line ends, bidi overrides, non-characters. Joiners in names and emoji are fine."""


def has_forbidden(text: str) -> bool:
    """Return whether a text has characters that cannot be stored."""
    return _FORBIDDEN.search(text) is not None


def without_forbidden(text: str) -> str:
    """Return a text as it is stored (NFC), without what cannot be."""
    return _FORBIDDEN.sub("", unicodedata.normalize("NFC", text))


def is_blank(text: str) -> bool:
    """Return whether nothing of a text can be seen: blanks of any kind, joiners, marks alone."""
    return not any(unicodedata.category(char) not in ("Zs", "Cf", "Mn") for char in text)
