"""Parts of a file that a client asks for (RFC 9110, section 14): which of them are served. Pure."""

import re
from dataclasses import dataclass

MAX_RANGES = 5
_RANGE = re.compile(r"([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a Range header comes to.

    Attributes:
        spans: first and last byte of each part, in the order asked; empty: the whole file is served.
        is_outside: nothing of what is asked for is in the file: 416.
    """

    spans: tuple[tuple[int, int], ...] = ()
    is_outside: bool = False

    @property
    def header(self) -> str:
        """The Range header, written plainly."""
        return "bytes=" + ",".join(f"{first}-{last}" for first, last in self.spans)


WHOLE = Asked()


def asked(header: str, size: int, *, if_range: str | None = None, etag: str = "") -> Asked:
    """Return which parts of a file to serve.

    What cannot be understood is as good as nothing: the whole file. So are more than five parts, which only somebody
    who wants to keep a server busy asks for, and parts of a file that has changed since (If-Range).

    Args:
        header: the Range header, or empty. size: of the file in bytes. if_range: the header of this name.
        etag: the file's.
    """
    unit, _equals, rest = header.strip().partition("=")
    parts = [part.strip() for part in rest.split(",", MAX_RANGES + 1)]
    if unit.strip().lower() != "bytes" or len(parts) > MAX_RANGES or (if_range is not None and if_range != etag):
        return WHOLE
    spans = []
    for part in parts:
        found = _RANGE.fullmatch(part)
        if found is None or found.groups() == ("", ""):
            return WHOLE
        first, last = found.groups()
        if first and last and int(first) > int(last):
            return WHOLE
        begin = int(first) if first else max(0, size - int(last))
        end = min(int(last), size - 1) if first and last else size - 1
        if begin < size and begin <= end:
            spans.append((begin, end))
    return Asked(tuple(spans), is_outside=not spans)
