"""Where a title may be broken into lines, Chinese and Latin, and which breaks look best."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# What no line begins with, and what no line ends with (GB/T 15834, clreq 3.1.6).
CLOSING = frozenset("、。，．：；？！）》」』】〕〗〉”’…—·～％‰℃々ー!?,.;:)]}%")
OPENING = frozenset("（《「『【〔〖〈“‘￥([{¥$€£#")
_IN_WORD, _BAD = 0.1, 0.2
_NEVER_FIRST = frozenset("的了地得们")  # words that lean on what stands before them


@dataclass(frozen=True, slots=True)
class Piece:
    """What stays on one line: a Chinese character with its punctuation, a Latin word.

    Attributes:
        text: its characters. spaced: a blank stands before it, unless it begins a line.
    """

    text: str
    spaced: bool


def pieces(text: str) -> list[Piece]:
    """Return a text in the smallest pieces that may stand on a line of their own.

    Chinese may be broken between any two characters, but before closing and after opening punctuation; words of
    Latin, Korean and other scripts with blanks are kept whole.
    """
    found: list[Piece] = []
    for word in text.split():
        units = _units(word)
        start = len(found)
        for unit in units:
            glued = len(found) > start and (unit[0] in CLOSING or found[-1].text[-1] in OPENING)
            if glued:
                found[-1] = Piece(found[-1].text + unit, found[-1].spaced)
            else:
                found.append(Piece(unit, len(found) == start and start > 0))
    return found


def joined(line: Sequence[Piece]) -> str:
    """Return the text of a line."""
    return "".join(" " * (piece.spaced and number > 0) + piece.text for number, piece in enumerate(line))


def characters(line: Sequence[Piece]) -> list[Piece]:
    """Return the same text in single characters: the last resort for a word that is longer than a line."""
    return [Piece(c, p.spaced and not i) for p in line for i, c in enumerate(p.text)]


def filled(line: Sequence[Piece], fits: Callable[[str], bool]) -> list[list[Piece]]:
    """Return lines that are each as full as they can be; a piece that does not fit stands alone."""
    lines: list[list[Piece]] = []
    for piece in line:
        if lines and fits(joined([*lines[-1], piece])):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return lines


def balanced(line: Sequence[Piece], count: int, width: float, length: Callable[[str], float]) -> list[list[Piece]]:
    """Return the `count` lines that are most alike in length and break best: after punctuation or a blank.

    Args:
        count: as many lines as :func:`filled` needs. width: of a line. length: how long a text is, in the same unit.
    """
    last = len(line)
    # best[n][i]: cost of the first i pieces on n lines, and where the last of these lines begins
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for _number in range(count):
        reached: dict[int, tuple[float, int]] = {}
        for start, (cost, _begin) in best[-1].items():
            for end in range(start + 1, last + 1):
                used = length(joined(line[start:end])) / width
                if used > 1 and end > start + 1:
                    break
                total = cost + (1 - used) ** 2 + (roughness(line[end - 1], line[end]) if end < last else 0)
                if total < reached.get(end, (float("inf"), 0))[0]:
                    reached[end] = (total, start)
        best.append(reached)
    lines: list[list[Piece]] = []
    for number in range(count, 0, -1):
        start = best[number][last][1]
        lines.insert(0, list(line[start:last]))
        last = start
    return lines


def cut(line: Sequence[Piece], fits: Callable[[str], bool], dots: str) -> str:
    """Return as many pieces as fit on one line with `dots` behind them; characters where not one piece fits."""
    for parts in (list(line), characters(line)):
        while parts:
            text = joined(parts).rstrip("".join(CLOSING | OPENING) + " ")
            if text and fits(text + dots):
                return text + dots
            parts.pop()
    return dots


def _units(word: str) -> list[str]:
    units: list[str] = []
    before_is_wide = True
    for character in word:
        wide = _is_wide(character)
        if not wide and not before_is_wide:
            units[-1] += character
        else:
            units.append(character)
        before_is_wide = wide
    return units


def _is_wide(character: str) -> bool:
    """Return whether a line may be broken beside a character: Chinese and Japanese, but not Korean."""
    return unicodedata.east_asian_width(character) in "WF" and not "\uac00" <= character <= "\ud7a3"


def roughness(before: Piece, after: Piece) -> float:
    """Return how bad a break between two pieces looks, 0 to 1.

    A blank or punctuation is the best place; elsewhere a Chinese word may be cut. A number keeps its measure: 25 分钟.
    """
    if before.text[-1].isnumeric() and _is_wide(after.text[0]):
        return _BAD
    if after.spaced or before.text[-1] in CLOSING:
        return 0.0
    return _BAD if after.text[0] in _NEVER_FIRST else _IN_WORD
