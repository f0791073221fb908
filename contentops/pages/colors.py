"""Colours of a brand: mixed, and made legible (WCAG 2.2, 1.4.3: at least 4.5 : 1 for text)."""

LEGIBLE = 4.5
_LIGHT, _DARK = "#ffffff", "#14181a"


def mixed(color: str, other: str, share: float) -> str:
    """Return `color` with a share of `other` in it, both as #rrggbb; older browsers cannot mix by themselves."""
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * (1 - share) + b * share):02x}" for a, b in pairs)


def contrast(color: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, relative luminance)."""
    brighter, darker = sorted((_luminance(color), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def ink_on(ground: str) -> str:
    """Return white where it can be read on `ground`, else a near-black."""
    return _LIGHT if contrast(_LIGHT, ground) >= LEGIBLE else _DARK


def legible(color: str, ground: str) -> str:
    """Return the shade of `color` nearest to it that can be read on `ground`."""
    toward = _DARK if _luminance(ground) > 0.18 else _LIGHT
    shades = (mixed(color, toward, step / 20) for step in range(21))
    return next((shade for shade in shades if contrast(shade, ground) >= LEGIBLE), toward)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
