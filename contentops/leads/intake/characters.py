"""Characters that are stored and those that are not. Pure rules."""

import unicodedata

_FORBIDDEN_ONES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"


def is_forbidden(char: str) -> bool:
    """Controls, lone surrogates, non-characters and bidi overrides; joiners inside names and emoji are fine."""
    if "\x1f" < char < "\x7f":
        return False
    category = unicodedata.category(char)
    return (
        category in ("Cc", "Cs")
        or (category == "Cn" and (ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF))
        or char in _FORBIDDEN_ONES
    )


def without_forbidden(text: str) -> str:
    """Return a text as it is stored (NFC), without what cannot be."""
    return "".join(char for char in unicodedata.normalize("NFC", text) if not is_forbidden(char))


def is_blank(text: str) -> bool:
    """Return whether nothing of a text can be seen: blanks of any kind, joiners, marks alone."""
    return not any(unicodedata.category(char) not in ("Zs", "Cf", "Mn") for char in text)
