"""Colours that can be read on one another (WCAG 2.2, 1.4.3)."""

import re

from contentops.texts import gettext as _

Color = tuple[int, int, int]
WHITE: Color = (255, 255, 255)
NEAR_BLACK: Color = (6, 6, 6)  # the lightest with which every ground is readable with it or with white
READABLE = 4.5
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def color_of(text: str) -> Color:
    """Return #rrggbb as numbers.

    Raises:
        ValueError: it is written in another way.
    """
    if not _HEX.fullmatch(text):
        raise ValueError(_("write the colour as #0b5c5c"))
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: Color) -> Color:
    """Return white where it can be read on `ground`, else nearly black, which then can."""
    return WHITE if contrast(WHITE, ground) >= READABLE else NEAR_BLACK


def blend(one: Color, other: Color, share: float) -> Color:
    """Return `one` with a share of `other` in it."""
    red, green, blue = (round(a * (1 - share) + b * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def pattern_on(ground: Color, ink: Color) -> Color:
    """Return a tone beside `ground` on which `ink` can be read as well: towards the ink where that leaves contrast."""
    towards = blend(ground, ink, 0.08)
    if contrast(towards, ink) >= READABLE:
        return towards
    return blend(ground, NEAR_BLACK if ink == WHITE else WHITE, 0.1)


def soft_ink(ink: Color, *grounds: Color) -> Color:
    """Return the quietest shade of `ink` that can be read on all of `grounds`."""
    for percent in (25, 20, 15, 10, 5):
        softer = blend(ink, grounds[0], percent / 100)
        if all(contrast(softer, ground) >= READABLE for ground in grounds):
            return softer
    return ink


def _luminance(color: Color) -> float:
    parts = (part / 255 for part in color)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def hex_of(color: Color) -> str:
    """Return numbers as #rrggbb."""
    return "#" + "".join(f"{channel:02x}" for channel in color)


def mixed(color: str, other: str, share: float) -> str:
    """Return `color` with a share of `other` in it, all as #rrggbb; older browsers cannot mix by themselves."""
    return hex_of(blend(color_of(color), color_of(other), share))


def legible(color: str, ground: str) -> str:
    """Return the shade of `color` nearest to it that can be read on `ground`, all as #rrggbb."""
    wanted, below = color_of(color), color_of(ground)
    ink = ink_on(below)
    shades = (blend(wanted, ink, step / 20) for step in range(21))
    return hex_of(next((shade for shade in shades if contrast(shade, below) >= READABLE), ink))
