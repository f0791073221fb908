"""Pictures for specimens: small SVG files as data: addresses; pages may show those (img-src data:)."""

from base64 import b64encode

from contentops.pages.contract import Picture

_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}">{2}</svg>'


def cover(color: str, alt: str, *, lying: bool = False) -> Picture:
    """Return a cover: a sheet in the brand's colour with lines on it; upright as a book, or lying as a slide."""
    width, height = (1200, 675) if lying else (600, 800)
    lines = "".join(
        f'<path d="M60 {height - 300 + 44 * row}h{width // 2 - 50 * row}" stroke="#fff" stroke-opacity=".55" '
        'stroke-width="10"/>'
        for row in range(4)
    )
    circle = f'<circle cx="{width - 150}" cy="170" r="210" fill="#fff" fill-opacity=".14"/>'
    ground = f'<rect width="{width}" height="{height}" fill="{color}"/>'
    title = '<path d="M60 120h280M60 190h190" stroke="#fff" stroke-width="34"/>'
    return _picture(width, height, ground + circle + title + lines, alt)


def diagram(color: str, alt: str) -> Picture:
    """Return a picture for the text: three boxes and what leads from one to the next."""
    boxes = "".join(
        f'<rect x="{20 + 260 * step}" y="60" width="200" height="120" rx="12" fill="#fff" stroke="{color}" '
        'stroke-width="6"/>'
        for step in range(3)
    )
    arrows = f'<path d="M220 120h60M480 120h60" stroke="{color}" stroke-width="6"/>'
    return _picture(760, 240, '<rect width="760" height="240" fill="#eef1f0"/>' + boxes + arrows, alt)


def portrait(color: str, alt: str) -> Picture:
    """Return a portrait without a face."""
    shape = '<circle cx="80" cy="62" r="30" fill="#fff"/><path d="M22 160a58 58 0 0 1 116 0z" fill="#fff"/>'
    return _picture(160, 160, f'<rect width="160" height="160" fill="{color}"/>{shape}', alt)


def mark(name: str, width: int = 220) -> Picture:
    """Return the mark of a company: its name beside a shape, dark on nothing, as such files are."""
    text = f'<text x="64" y="47" font-family="sans-serif" font-size="32" font-weight="700" fill="#2b3336">{name}</text>'
    return _picture(width, 70, '<path d="M10 58V18l20-8 20 8v40z" fill="#2b3336"/>' + text, name)


def code(alt: str) -> Picture:
    """Return what looks like a QR code and is none: nothing that could be scanned by mistake."""
    eye = '<path d="M{0} {1}h7v7h-7zM{2} {3}v5h5v-5z" fill-rule="evenodd"/>'
    eyes = "".join(eye.format(x, y, x + 1, y + 1) for x, y in ((2, 2), (20, 2), (2, 20)))
    hearts = "".join(f'<path d="M{x} {y}h3v3h-3z"/>' for x, y in ((4, 4), (22, 4), (4, 22)))
    dots = "".join(
        f'<path d="M{x} {y}h1v1h-1z"/>'
        for y in range(2, 27)
        for x in range(2, 27)
        if (x * 7 + y * 11 + x * y) % 3 == 0 and not ((x < 10 or x > 18) and y < 10) and not (x < 10 and y > 18)
    )
    body = f'<rect width="29" height="29" fill="#fff"/>{eyes}{hearts}{dots}'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" width="290" height="290">{body}</svg>'
    return Picture(_address(svg), 290, 290, alt)


def _picture(width: int, height: int, body: str, alt: str) -> Picture:
    return Picture(_address(_HEAD.format(width, height, body)), width, height, alt)


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
