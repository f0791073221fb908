"""Domains that look like another one: letters of scripts that look alike, mixed in one name. Pure rule."""

import unicodedata

_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})
"""Scripts whose letters are taken for each other; Chinese beside Latin letters is usual and deceives nobody."""


def has_mixed_letters(domain: str) -> bool:
    """Return whether a part of a domain is written in two scripts that look alike: paypal with a Cyrillic a.

    Args:
        domain: in lower case, as IDNA.
    """
    return any(len(_scripts(label[4:]) & _ALIKE) > 1 for label in domain.split(".") if label.startswith("xn--"))


def _scripts(encoded: str) -> set[str]:
    """Return the scripts of the letters that stand encoded in a part of a domain; none where it cannot be read."""
    try:
        text = encoded.encode("ascii").decode("punycode")
    except UnicodeError:
        return set()
    return {unicodedata.name(char, "?").partition(" ")[0] for char in text if char.isalpha()}
