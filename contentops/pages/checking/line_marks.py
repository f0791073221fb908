"""Marks in a Markdown text that come out in its HTML and say from which line each piece came.

Python-Markdown decides what a heading, a link or code is, but forgets where it read it. So each line gets a mark where
no syntax is disturbed: characters of Unicode's private use, which are neither letters nor punctuation. They pass
through the conversion like any text and are taken out of what comes out.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

_ZERO = 0x10F000  # private use, plane 16: in no font and in no real text
_END = chr(_ZERO + 0x20)


class MarkKind(StrEnum):
    """Where a mark stands: at the beginning of a line, of an address of Markdown, or of one of raw HTML."""

    LINE = chr(_ZERO + 0x10)
    ADDRESS = chr(_ZERO + 0x11)
    RAW_ADDRESS = chr(_ZERO + 0x12)


_DIGITS = {str(digit): chr(_ZERO + digit) for digit in range(10)}
_NUMBERS = str.maketrans({char: digit for digit, char in _DIGITS.items()})
_MARK = re.compile(f"([{''.join(MarkKind)}])([{''.join(_DIGITS.values())}]+){_END}")
_OURS = re.compile(f"[{chr(_ZERO)}-{_END}]")

_ADDRESS = re.compile(r"\]\([ \t]*<?")
_RAW_ADDRESS = re.compile(r"(?<![\w-])(?:href|src)[ \t]*=[ \t]*[\"']?", re.IGNORECASE)
_DEFINITION = re.compile(r"[ \t>]*\[(?!\^)[^\]]+\]:[ \t]*<?(?=\S)")
_FOOTNOTE = re.compile(r"[ \t]*\[\^[^\]]+\]:[ \t]*")
_ADMONITION = re.compile(r'[ \t]*!!![^"]*"?')
# Quotes, lists, definitions, headings, cells: what may stand before the first word of a line.
_BEFORE_WORDS = re.compile(r"(?:[ \t]+|>|[-*+:][ \t]+|\d+[.)][ \t]+|\|)*(?:#{1,6}[ \t]*)?")
_TAGS = re.compile(r"(?:<(?!!)[^<>]*>[ \t]*)+(?=[^<\s])")
_LINK_IN_ANGLES = re.compile(r"<(?:[a-zA-Z][\w+.-]*:|[^<>\s]+@)")
# Lines that only mean something as they are: rules, tables' second lines, fences, lists of attributes, abbreviations,
# the place for contents, attributes of a tag that began further up.
_LEAVE = re.compile(
    r"[\s\-=*_|:+#>~`]*\Z|`{3}|~{3}|\{(?![{%])|\*\[[^\]]*\]:|\[TOC\]\s*\Z|<!--|[A-Za-z][\w:-]*[ \t]*=[ \t]*[\"']"
)


def marked(body: str, first_line: int) -> str:
    """Return a Markdown text with marks.

    Args:
        first_line: line of the file on which `body` begins.
    """
    lines = _OURS.sub("\ufffd", body).split("\n")
    return "\n".join(_marked_line(line, number) for number, line in enumerate(lines, first_line))


def pieces(text: str) -> Iterator[tuple[int | None, str]]:
    """Yield a text from the HTML in pieces without marks, each with the line of the mark before it."""
    end, line = 0, None
    for mark in _MARK.finditer(text):
        yield line, text[end : mark.start()]
        end, line = mark.end(), int(mark[2].translate(_NUMBERS))
    yield line, text[end:]


def without_marks(text: str) -> str:
    """Return a text from the HTML as it would have come out without marks."""
    return _MARK.sub("", text)


def mark_in(address: str) -> tuple[MarkKind, int] | None:
    """Return the kind and the line of the first mark in an address."""
    mark = _MARK.search(address)
    return (MarkKind(mark[1]), int(mark[2].translate(_NUMBERS))) if mark else None


def _mark(kind: MarkKind, line: int) -> str:
    return kind.value + "".join(_DIGITS[digit] for digit in str(line)) + _END


def _marked_line(line: str, number: int) -> str:
    places = {match.end(): MarkKind.RAW_ADDRESS for match in _RAW_ADDRESS.finditer(line)}
    places |= {match.end(): MarkKind.ADDRESS for match in _ADDRESS.finditer(line)}
    definition = _DEFINITION.match(line)
    if definition:
        places[definition.end()] = MarkKind.ADDRESS
    else:
        start = _first_word(line)
        if start is not None:
            places.setdefault(start, MarkKind.LINE)
    for place in sorted(places, reverse=True):
        line = line[:place] + _mark(places[place], number) + line[place:]
    return line


def _first_word(line: str) -> int | None:
    """Return where the words of a line begin, None where a mark would change what the line means."""
    for pattern in (_FOOTNOTE, _ADMONITION):
        found = pattern.match(line)
        if found:
            return found.end() if pattern is _FOOTNOTE or found[0].endswith('"') else None
    found = _BEFORE_WORDS.match(line)
    start = found.end() if found else 0
    if _LEAVE.match(line, start):
        return None
    if line.startswith("<", start) and not _LINK_IN_ANGLES.match(line, start):
        tags = _TAGS.match(line, start)
        return tags.end() if tags else None
    return start
