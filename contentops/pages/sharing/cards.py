"""Pictures for links in chats and social networks (og:image): 1200×630 PNG, of the cover or of the title alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

from contentops.errors import ContentOpsError
from contentops.pages.colors import color_of, ink_on, pattern_on, soft_ink
from contentops.pages.sharing.fonts import CardFont, drawable, opened
from contentops.pages.sharing.line_breaks import Piece, balanced, characters, cut, filled, joined, pieces, roughness
from contentops.texts import gettext as _

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 1200, 630
MAX_MEGAPIXELS = 50
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MARGIN = 80
_SMALL, _KIND = 34, 112
_SIZES = (116, 108, 100, 92, 84, 78, 72, 66, 60, 54, 48)
_TITLE_TOP, _TITLE_BOTTOM, _LEADING, _MOST_LINES = 148, 488, 1.28, 4
_ROOM = (WIDTH - 2 * MARGIN) * 0.99  # rounding to whole pixels differs from size to size
_TRIED, _SMALLER = 4, 0.015  # sizes among which the best breaks are sought, and what a smaller one costs
_LOST = 0.22  # share of a cover that may be cut off: a photograph of 3:2 is still cropped
_LARGEST_ZOOM = 2.0
_FRAME = 36


class CardRefused(ContentOpsError, ValueError):
    """No picture can be made of this; its text says what to do."""


def cover_card(cover: bytes) -> bytes:
    """Return a cover as a picture for links: PNG, 1200×630, without metadata; the same bytes for the same cover.

    A cover of nearly the same shape is cropped at its centre; another is set whole on a ground of its own colours.

    Raises:
        CardRefused: it is no picture of :data:`FORMATS`, is damaged, or has more than :data:`MAX_MEGAPIXELS`.
    """
    from PIL import ImageOps

    picture = _read(cover)
    if _is_near_shape(picture) and max(WIDTH / picture.width, HEIGHT / picture.height) <= _LARGEST_ZOOM:
        return _png(ImageOps.fit(picture, (WIDTH, HEIGHT)))
    return _png(_set_whole(picture))


def title_card(title: str, kind: str, site: str, color: str, font: CardFont) -> bytes:
    """Return a made picture for links: the title large, the kind above and the site's name below it.

    The title is set smaller until it fits on up to four lines, and cut with … at the last. The ink is white or nearly
    black, so that its contrast to the ground is at least 4.5. The same arguments give the same bytes.

    Args:
        title, kind, site: any text; emoji are left out. color: of the ground, #rrggbb.
        font: a face that has all their characters, see :func:`contentops.pages.sharing.fonts.find_font`.

    Raises:
        CardRefused: the font lacks characters or cannot be read, or the colour is written wrongly.
    """
    from PIL import Image, ImageDraw

    title, kind, site = drawable(title), drawable(kind), drawable(site)
    lacking = font.lacks(title + kind + site)
    if lacking:
        message = _("the font {file} has no glyph for {characters}: choose another one for [site] card_font")
        raise CardRefused(message.format(file=font.path.name, characters=" ".join(lacking[:10])))
    try:
        ground = color_of(color)
    except ValueError as error:
        raise CardRefused(str(error)) from error
    ink = ink_on(ground)
    tone = pattern_on(ground, ink)
    card = Image.new("RGB", (WIDTH, HEIGHT), ground)
    card.paste(tone, mask=_rings())
    draw = ImageDraw.Draw(card)
    quiet = soft_ink(ink, ground, tone)
    try:
        _draw_title(draw, _set_title(title, font), font, ink)
        small = opened(font, _SMALL)
        _draw_line(draw, kind, _KIND, small, quiet, font)
        draw.rectangle((MARGIN, HEIGHT - MARGIN - 24, MARGIN + 7, HEIGHT - MARGIN + 3), fill=ink)
        _draw_line(draw, site, HEIGHT - MARGIN, small, quiet, font, left=MARGIN + 26)
    except OSError as error:
        message = _("the font {file} cannot be read: choose another one for [site] card_font")
        raise CardRefused(message.format(file=font.path.name)) from error
    return _png(card)


@dataclass(frozen=True, slots=True)
class _SetTitle:
    lines: Sequence[str]
    size: int


def _set_title(title: str, font: CardFont) -> _SetTitle:
    """Return a title as lines at the largest size at which it fits, or somewhat smaller where it then breaks better."""
    parts = pieces(title)
    largest = opened(font, _SIZES[0])
    length = cache(largest.getlength)  # at the largest size; the others are in proportion
    found: list[tuple[float, _SetTitle]] = []
    for size in _SIZES:
        room: float = _ROOM * _SIZES[0] / size
        full = filled(parts, lambda text, room=room: length(text) <= room)  # type: ignore[misc]
        if len(full) <= _lines_at(size) and all(length(joined(line)) <= room for line in full):
            lines = balanced(parts, len(full), room, length)
            score = _SMALLER * len(found) + sum(roughness(a[-1], b[0]) for a, b in pairwise(lines))
            found.append((score, _SetTitle([joined(line) for line in lines], size)))
        if len(found) == _TRIED or (found and found[0][0] == 0):
            break
    if not found:
        return _SetTitle(_cut_title(parts, length, _ROOM * _SIZES[0] / _SIZES[-1], font), _SIZES[-1])
    return min(found, key=lambda pair: pair[0])[1]


def _cut_title(parts: list[Piece], length: Callable[[str], float], room: float, font: CardFont) -> list[str]:
    """Return what fits of a title that is too long at the smallest size, with … at its end."""
    short = [p for part in parts for p in ([part] if length(part.text) <= room else characters([part]))]
    lines = filled(short, lambda text: length(text) <= room)
    most = _lines_at(_SIZES[-1])
    kept = [joined(line) for line in lines[:most]]
    if len(lines) > most:
        kept[-1] = cut([*lines[most - 1], *lines[most]], lambda text: length(text) <= room, _dots(font))
    return kept


def _lines_at(size: int) -> int:
    return min(_MOST_LINES, int((_TITLE_BOTTOM - _TITLE_TOP) / (size * _LEADING)))


def _dots(font: CardFont) -> str:
    return "..." if font.lacks("…") else "…"


def _draw_title(draw: "ImageDraw", title: _SetTitle, face: CardFont, ink: tuple[int, int, int]) -> None:
    font = opened(face, title.size)
    step = title.size * _LEADING
    top = (_TITLE_TOP + _TITLE_BOTTOM - step * len(title.lines)) / 2
    for number, line in enumerate(title.lines):
        baseline = round(top + step * number + step / 2 + title.size * 0.36)
        draw.text((MARGIN - _bearing(line, font), baseline), line, ink, font, anchor="ls")


def _draw_line(
    draw: "ImageDraw",
    text: str,
    baseline: int,
    font: "FreeTypeFont",
    ink: tuple[int, int, int],
    face: CardFont,
    left: int = MARGIN,
) -> None:
    """Draw one small line, cut where it is too long."""
    room = WIDTH - MARGIN - left
    if font.getlength(text) > room:
        text = cut(pieces(text), lambda shorter: font.getlength(shorter) <= room, _dots(face))
    if text:
        draw.text((left - _bearing(text, font), baseline), text, ink, font, anchor="ls")


def _bearing(line: str, font: "FreeTypeFont") -> int:
    """Return how far the ink begins after the pen: half a character before 《, so that lines begin on one edge."""
    box = font.getmask(line[0]).getbbox()
    return box[0] if box else 0


@lru_cache(maxsize=1)
def _rings() -> "Image":
    """Return where the pattern is: rings around the lower right corner, like the rings of a tree."""
    from PIL import Image, ImageDraw

    scale = 2
    mask = Image.new("L", (WIDTH * scale, HEIGHT * scale), 0)
    draw = ImageDraw.Draw(mask)
    x, y = (WIDTH + 40) * scale, (HEIGHT + 60) * scale
    for number, radius in enumerate((620, 520, 420, 320, 220, 120)):
        r = radius * scale
        draw.ellipse((x - r, y - r, x + r, y + r), fill=0 if number % 2 else 255)
    return mask.resize((WIDTH, HEIGHT), Image.Resampling.BOX)


def _read(cover: bytes) -> "Image":
    """Return a picture as it is meant to be seen: upright, opaque, RGB."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(BytesIO(cover), formats=FORMATS) as picture:
            _check_size(picture.width * picture.height)
            picture.draft("RGB", (2 * WIDTH, 2 * HEIGHT))  # a large JPEG is read smaller at once
            upright = _opaque(ImageOps.exif_transpose(picture))
            return upright.reduce(max(1, min(upright.width // (2 * WIDTH), upright.height // (2 * HEIGHT))))
    except CardRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except UnidentifiedImageError as error:
        message = _("this is no picture that can be read: save it as {formats}").format(formats=", ".join(FORMATS))
        raise CardRefused(message) from error
    except Exception as error:  # readers of pictures raise almost anything over a broken one
        raise CardRefused(_("the picture is damaged or cut off: export it anew as PNG or JPEG")) from error


def _check_size(pixels: int) -> None:
    if pixels > MAX_MEGAPIXELS * 1_000_000:
        raise _too_large()


def _too_large() -> CardRefused:
    message = _("the picture has more than {n} megapixels: save it smaller, 2400 × 1260 pixels are plenty")
    return CardRefused(message.format(n=MAX_MEGAPIXELS))


def _opaque(picture: "Image") -> "Image":
    """Return a picture as RGB, on white where it is transparent."""
    from PIL import Image

    if picture.mode.startswith("I;16") or picture.mode in {"I", "F"}:  # 16 bits: grey scale of PNG
        picture = picture.convert("I").point(lambda value: value / 257, "L")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    ground.alpha_composite(layer)
    return ground.convert("RGB")


def _is_near_shape(picture: "Image") -> bool:
    shape, wanted = picture.width / picture.height, WIDTH / HEIGHT
    return min(shape, wanted) / max(shape, wanted) >= 1 - _LOST


def _set_whole(cover: "Image") -> "Image":
    """Return a cover, whole and with a soft shadow, on a ground that its own colours make."""
    from PIL import Image, ImageFilter

    zoom = min((WIDTH - 2 * _FRAME) / cover.width, (HEIGHT - 2 * _FRAME) / cover.height, _LARGEST_ZOOM)
    size = max(1, round(cover.width * zoom)), max(1, round(cover.height * zoom))
    mean = cover.resize((1, 1), Image.Resampling.BOX)
    few = cover.resize((4, 3), Image.Resampling.BOX)
    ground = Image.blend(few, mean.resize(few.size), 0.55).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    ground = Image.blend(ground, Image.new("RGB", ground.size, (24, 28, 32)), 0.18)
    left, top = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
    shadow = Image.new("L", ground.size, 0)
    shadow.paste(110, (left, top + 8, left + size[0], top + 8 + size[1]))
    ground.paste((0, 0, 0), mask=shadow.filter(ImageFilter.GaussianBlur(14)))
    ground.paste(cover.resize(size, Image.Resampling.LANCZOS), (left, top))
    return ground


def _png(picture: "Image") -> bytes:
    """Return PNG bytes of the pixels alone: what a picture knew of camera, place and author stays behind."""
    from PIL import Image

    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    target = BytesIO()
    bare.save(target, "PNG", compress_level=6)
    return target.getvalue()
