"""Which font of this machine can write a text: never boxes instead of Chinese."""

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

# Beginnings of file names, best first, in lower case without blanks and underscores. Only known fonts are taken:
# any other might be a script face or one of symbols, and a picture should not look different on each machine.
_KNOWN = (
    "notosanscjksc-bold", "notosanscjk-bold", "sourcehansanssc-bold", "sourcehansanscn-bold", "sourcehansans-bold",
    "notosanssc-bold", "notosanscjksc-medium", "notosanscjk-medium", "notosanssc-medium", "notosanscjksc-vf",
    "notosanscjk-vf", "sourcehansanssc-vf", "notosanssc-vf", "notosanssc[wght]", "notosanssc-variablefont",
    "notosanscjksc", "notosanscjk", "sourcehansans", "notosanssc",
    "pingfang", "hiraginosansgb", "stheitimedium", "stheiti",
    "msyhbd", "msyh", "dengb", "deng", "simhei",
    "wqy-microhei", "wqy-zenhei", "droidsansfallback",
    "notosans-bold", "dejavusans-bold.", "dejavusans.", "liberationsans-bold.", "segoeuib", "arialbd", "arialbold",
)  # fmt: skip
_ENDINGS = (".ttf", ".otf", ".ttc", ".otc")
_WEIGHT = 700
_SIMPLIFIED = re.compile(r"\b(SC|CN|GB)\b")
_MONOSPACED = re.compile(r"\b(Mono|HW)\b")
# Coloured pictographs and what binds them: no font for text draws them.
_PICTOGRAPHS = re.compile(r"[\U0001f000-\U0001faff\ufe00-\ufe0f\u20e3\U000e0000-\U000e01ef]")


@dataclass(frozen=True, slots=True)
class CardFont:
    """A face in a font file.

    Attributes:
        path: the file. index: number of the face in a collection (.ttc), else 0.
        axes: values for the axes of a variable font, so that it is bold; empty for others.
    """

    path: Path
    index: int = 0
    axes: tuple[float, ...] = ()

    def lacks(self, text: str) -> str:
        """Return the characters of `text` that the face cannot draw, each once, in their order."""
        covered = _coverage(str(self.path), _modified(self.path), self.index)
        return "".join(dict.fromkeys(c for c in drawable(text) if not covered[ord(c) >> 3] >> (ord(c) & 7) & 1))


def drawable(text: str) -> str:
    """Return what of a text is drawn: composed (NFC), blanks made one, without controls and coloured pictographs."""
    composed = _PICTOGRAPHS.sub("", unicodedata.normalize("NFC", text))
    kept = (c for c in composed if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    return " ".join("".join(kept).split())


def find_font(text: str, wanted: str | Path, places: Sequence[Path] | None = None) -> CardFont | None:
    """Return a face that has a glyph for every character of `text`, or None where there is none.

    Faces for simplified Chinese and bold ones come first. A file that cannot be read as a font is passed over.

    Args:
        text: all that will be drawn; emoji do not count, see :func:`drawable`.
        wanted: a font file (and no other is tried), ``auto`` for the well-known ones of this machine, or ``none``.
        places: folders in which ``auto`` looks, with those below them; those of Linux, macOS and Windows by default.
    """
    if wanted == "none":
        return None
    if wanted == "auto":
        files = _known_files(system_places() if places is None else tuple(places))
        # The faces of one collection have the same characters: looking through all ten of them takes seconds.
        faces: Iterator[CardFont] = (face for file in files for face in _faces(str(file), _modified(file))[:1])
    else:
        faces = iter(_faces(str(wanted), _modified(Path(wanted))))
    return next((face for face in faces if not face.lacks(text)), None)


def system_places() -> tuple[Path, ...]:
    """Return the folders where Linux, macOS and Windows keep fonts; not all of them need exist."""
    windows, local = os.environ.get("WINDIR", r"C:\Windows"), os.environ.get("LOCALAPPDATA", "")
    named = [
        "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
        "/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts",
        f"{windows}/Fonts", *([f"{local}/Microsoft/Windows/Fonts"] if local else []),
    ]  # fmt: skip
    return tuple(Path(os.path.expanduser(name)) for name in named)  # noqa: PTH111 - Path.expanduser may raise


@lru_cache(maxsize=8)
def _known_files(places: tuple[Path, ...]) -> list[Path]:
    """Return the known fonts below some folders, best first; of equal ones that of the earlier folder."""
    found: list[tuple[int, int, str]] = []
    for number, place in enumerate(places):
        for folder, _folders, names in os.walk(place):
            for name in names:
                rank = _rank(name)
                if rank is not None:
                    found.append((rank, number, os.path.join(folder, name)))  # noqa: PTH118 - thousands of names
    return [Path(path) for _rank_, _number, path in sorted(found)]


@lru_cache(maxsize=8192)
def _rank(name: str) -> int | None:
    plain = re.sub(r"[ _]", "", name.lower())
    if not plain.endswith(_ENDINGS):
        return None
    return next((rank for rank, beginning in enumerate(_KNOWN) if plain.startswith(beginning)), None)


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=64)
def _faces(path: str, modified: int) -> tuple[CardFont, ...]:  # noqa: ARG001 - a changed file is read again
    """Return the usable faces of a file, best first; none for a file that is no font."""
    try:
        ranked = sorted(_ranked_faces(Path(path)), key=lambda pair: pair[0])
        return tuple(face for _order, face in ranked)
    except Exception:  # noqa: BLE001 - parsers of fonts raise almost anything over a broken one; it is passed over
        return ()


def _ranked_faces(path: Path) -> Iterator[tuple[tuple[bool, bool, bool, float, int], CardFont]]:
    tables = _font_tables()
    with path.open("rb") as file:  # not opened by name: over a broken font fontTools leaves the file open
        several = file.read(4) == b"ttcf"
        file.seek(0)
        count = len(tables.TTCollection(file, lazy=True).fonts) if several else 1
    for index in range(count):
        with path.open("rb") as file:
            font = tables.TTFont(file, fontNumber=index, lazy=True)
            names = font["name"]
            family = str(names.getDebugName(16) or names.getDebugName(1) or "")
            axes = tuple(_value(axis) for axis in font["fvar"].axes) if "fvar" in font else ()
            weight = _WEIGHT if axes else font["OS/2"].usWeightClass
        order = (
            family.startswith("."),  # hidden faces of macOS
            bool(_MONOSPACED.search(family)),
            _SIMPLIFIED.search(family) is None,
            abs(weight - _WEIGHT),
            index,
        )
        face = CardFont(path, index, axes)
        opened(face, 40)
        yield order, face


def _value(axis: object) -> float:
    """Return bold for the axis of weights, as bold as it goes, and the usual value for every other axis."""
    tag, usual, most = axis.axisTag, axis.defaultValue, axis.maxValue  # type: ignore[attr-defined]
    return float(min(_WEIGHT, most) if tag == "wght" else usual)


@lru_cache(maxsize=64)
def _coverage(path: str, modified: int, index: int) -> bytes:  # noqa: ARG001 - a changed file is read again
    """Return a bit for each code point: whether the face has a glyph for it. Nothing for a file that is no font."""
    tables = _font_tables()
    bits = bytearray(0x110000 >> 3)
    try:
        with Path(path).open("rb") as file:
            font = tables.TTFont(file, fontNumber=index, lazy=True)
            # Names of our own for the glyphs: reading those of a large Chinese font takes longer than all the rest.
            font.setGlyphOrder([str(number) for number in range(font["maxp"].numGlyphs)])
            for code, glyph in (font.getBestCmap() or {}).items():
                if glyph != "0":  # glyph 0 is the box
                    bits[code >> 3] |= 1 << (code & 7)
    except Exception:  # noqa: BLE001 - as above
        return bytes(0x110000 >> 3)
    return bytes(bits)


def _font_tables() -> Any:
    from fontTools import ttLib  # type: ignore[import-untyped]

    return ttLib


def opened(face: CardFont, size: int) -> "FreeTypeFont":
    """Return a face for drawing at `size` pixels.

    Raises:
        OSError: the file cannot be read as a font.
    """
    from PIL import ImageFont

    font = ImageFont.truetype(face.path, size, index=face.index)
    if face.axes:
        font.set_variation_by_axes(list(face.axes))
    return font
