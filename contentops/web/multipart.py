"""Reading multipart/form-data, as scripts send it: texts only, whole or not at all. Pure.

Works on a body that was read with its limits already; nothing is ever written to disk.
"""

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from contentops.web.reading import MAX_PAIRS, Refused, is_utf8

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_PART_HEADERS = 8
MAX_PART_HEADER_BYTES = 8 * 1024
_LONGEST_HEADER = 300
_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
"""RFC 2046, 5.1.1."""
_FILE = re.compile(r";\s*filename\*?\s*=", re.IGNORECASE)
_SILENT = logging.Logger("multipart", logging.CRITICAL)
"""The parser warns of each malformed body with bytes of it: senders would write into our log."""


def boundary_of(request: Request) -> bytes:
    """Return what stands between the parts.

    Raises:
        Refused: 400 where the header names none, or none that may be.
    """
    header = request.headers.get("content-type", "")
    if len(header) > _LONGEST_HEADER:
        raise Refused(400)
    boundary = parse_options_header(header)[1].get(b"boundary", b"")
    if not _BOUNDARY.fullmatch(boundary):
        raise Refused(400)
    return boundary


def parse_multipart(body: bytes, boundary: bytes) -> tuple[list[tuple[str, str | None]], frozenset[str]]:
    """Return names and values, and the names of parts that hold a file (their value is None).

    Raises:
        Refused: 400 for a body that is malformed, cut off before its closing boundary, or not UTF-8; 413 for more than
            60 parts; 415 for a text in another charset.
    """
    reader = _Reader()
    parser = MultipartParser(
        boundary,
        cast("MultipartCallbacks", reader.callbacks()),
        max_header_count=MAX_PART_HEADERS,
        max_header_size=MAX_PART_HEADER_BYTES,
    )
    parser.logger = _SILENT
    try:
        parser.write(body)
        if not reader.is_complete:
            raise Refused(400)
        return [(part.name, part.text) for part in reader.parts], frozenset(p.name for p in reader.parts if p.is_file)
    except (FormParserError, ValueError) as error:
        raise Refused(400) from error


class _Part:
    """One part, once its headers are known."""

    def __init__(self, headers: list[tuple[str, str]]) -> None:
        known = dict(headers)
        if len(known) != len(headers):
            raise ValueError("a header twice")
        disposition = known.get("content-disposition", "")
        kind, options = parse_options_header(disposition)
        name = options.get(b"name", b"").decode("utf-8")
        if kind != b"form-data" or not name:
            raise ValueError("no name")
        if known.get("content-transfer-encoding", "binary").lower() not in ("7bit", "8bit", "binary"):
            raise ValueError("encoded twice")
        self.name, self.is_file, self.data = name, bool(_FILE.search(disposition)), bytearray()
        if not self.is_file and not is_utf8(known.get("content-type", "")):
            raise Refused(415)

    @property
    def text(self) -> str | None:
        """The value; None for a file."""
        return None if self.is_file else self.data.decode("utf-8")


class _Reader:
    """Gathers what the parser finds."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.is_complete = False
        self._headers: list[tuple[str, str]] = []
        self._name, self._value = bytearray(), bytearray()

    def callbacks(self) -> dict[str, Callable[..., None]]:
        """Return what the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header,
            "on_headers_finished": lambda: self.parts.append(_Part(self._headers)),
            "on_part_data": lambda data, start, end: self.parts[-1].data.extend(data[start:end]),
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self.parts) >= MAX_PAIRS:
            raise Refused(413)
        self._headers = []

    def _header(self) -> None:
        # parse_options_header() gives its words back as Latin-1: so a name in any script comes through unchanged.
        self._headers.append((self._name.decode("ascii").lower(), self._value.decode("latin-1")))
        self._name, self._value = bytearray(), bytearray()

    def _end(self) -> None:
        self.is_complete = True
