"""Cells of spreadsheets: text that no program takes for a formula, and that every program can open."""

import re

CELL_LIMIT = 32_767
"""Characters that Excel takes in one cell."""

# Spreadsheet programs take these first characters for a formula; full-width ones too, in East Asian editions.
_DANGEROUS = re.compile(r"^[\s\ufeff\u200b-\u200d]*[=+\-@\t\r＝＋－＠]")
_HARMLESS = re.compile(r"^(?:\+[1-9]\d{6,14}|-?\d+(?:\.\d+)?)$")
_XML_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def formula_safe(text: str) -> str:
    """Return a cell's text with an apostrophe in front if a spreadsheet would take it for a formula."""
    return "'" + text if _DANGEROUS.match(text) and not _HARMLESS.match(text) else text


def formula_unsafe(text: str) -> str:
    """Undo :func:`formula_safe`."""
    bare = text.removeprefix("'")
    return bare if bare != text and formula_safe(bare) == text else text


def cell_text(text: str) -> str:
    """Return a text as a workbook can hold it: without characters that XML forbids, not longer than Excel takes."""
    return _XML_ILLEGAL.sub("", text)[:CELL_LIMIT]
