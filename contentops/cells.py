"""Cells of spreadsheets: text that no program takes for a formula, and that every program can open."""

import re

CELL_LIMIT = 32_767
"""Units of UTF-16 that Excel takes in one cell."""

# Spreadsheet programs take these first characters for a formula; full-width ones too, in East Asian editions.
_DANGEROUS = re.compile(r"^[\s\ufeff\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069]*[=+\-@\t\r＝＋－＠]")
_HARMLESS = re.compile(r"^(?:\+[1-9]\d{6,14}|-?\d+(?:\.\d+)?)$")
_XML_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def formula_safe(text: str) -> str:
    """Return a cell's text with an apostrophe in front if a spreadsheet would take it for a formula.

    A text that begins with apostrophes before such a one gets one more, so that :func:`formula_unsafe` gives back
    exactly what was there.
    """
    bare = text.lstrip("'")
    return "'" + text if _DANGEROUS.match(bare) and not _HARMLESS.match(bare) else text


def formula_unsafe(text: str) -> str:
    """Undo :func:`formula_safe`."""
    bare = text.removeprefix("'")
    return bare if bare != text and formula_safe(bare) == text else text


def clean_text(text: str) -> str:
    """Return a text without the characters that XML forbids: a workbook with one of them cannot be opened."""
    return _XML_ILLEGAL.sub("", text)


def cell_text(text: str) -> str:
    """Return a text as a workbook can hold it: without characters that XML forbids, not longer than Excel takes."""
    text = clean_text(text)
    if 2 * len(text) <= CELL_LIMIT:
        return text
    # Excel counts in units of UTF-16: 𠮷 and emoji are two. A pair is not torn apart.
    return text.encode("utf-16-le")[: 2 * CELL_LIMIT].decode("utf-16-le", "ignore")
