"""Addresses that are safe in every file we write: percent-encoded, and only of the web."""

import re
from functools import lru_cache
from urllib.parse import quote

# Without quotes, blanks, semicolon, dollar, asterisk: they mean something in one of the files.
_SAFE = "/-._~?&=#+,@!()%"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ORIGIN = re.compile(r"(https?)://([^/?#\\]+)", re.IGNORECASE)


def encoded(address: str) -> str:
    """Return an address as ASCII that breaks out of nothing; what is percent-encoded already stays as it is.

    A Chinese host name becomes punycode. The scheme is not looked at, see :func:`is_web`.
    """
    origin = _ORIGIN.match(address)
    rest = address[origin.end() :] if origin else address
    path = quote(_STRAY_PERCENT.sub("%25", rest), safe=_SAFE, errors="replace")
    return f"{origin[1].lower()}://{_host(origin[2])}{path}" if origin else path


def is_web(address: str) -> bool:
    """Return whether an address is absolute and of http or https."""
    return _ORIGIN.match(address) is not None


def is_path(address: str) -> bool:
    """Return whether an address is a path on our own host: ``//example.com`` and ``/\\example.com`` are not."""
    return re.match(r"/(?![/\\])", address) is not None


@lru_cache(maxsize=64)
def _host(host: str) -> str:
    try:
        plain = host.encode("idna").decode("ascii")
    except UnicodeError:
        plain = host
    return quote(plain, safe="-._~:[]%", errors="replace")
