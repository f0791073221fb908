"""Reading a request with care: who sent it, from where, how much, how fast, and what it says. Pure where it can be."""

import asyncio
import json
import logging
import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import ClientDisconnect, Request

from contentops.settings import Settings

MAX_BODY_BYTES = 64 * 1024
MAX_PAIRS = 60
BODY_DEADLINE_SECONDS = 10.0
MAX_HOPS = 10
MAX_DEPTH = 20
"""Of lists and objects in JSON; forms need one."""
URLENCODED, JSON, MULTIPART = "application/x-www-form-urlencoded", "application/json", "multipart/form-data"
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
log = logging.getLogger("contentops.web")


class Refused(Exception):
    """A request that is not taken.

    Attributes:
        status: the HTTP answer. headers: to answer with. Where the body itself is in order and merely unwanted, the
            connection stays: to hang up on what is still coming in would reset it, and the answer might not arrive.
    """

    def __init__(self, status: int) -> None:
        self.status = status
        self.headers = {} if status in (403, 415) else {"Connection": "close"}
        super().__init__(str(status))


def content_type(request: Request) -> str:
    """Return :data:`URLENCODED`, :data:`JSON` or :data:`MULTIPART`.

    Raises:
        Refused: 415 for anything else, two types, another charset than UTF-8, or a compressed body.
    """
    headers = request.headers.getlist("content-type")
    header = headers[0][:200] if len(headers) == 1 else ""
    essence = header.partition(";")[0].strip().lower()
    if essence not in (URLENCODED, JSON, MULTIPART) or not is_utf8(header):
        raise Refused(415)
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refused(415)
    return essence


def is_utf8(header: str) -> bool:
    """Return whether a Content-Type names no other charset than UTF-8."""
    parameters = (part.strip().lower() for part in header.split(";")[1:])
    named = [part.partition("=")[2].strip('" ') for part in parameters if part.startswith("charset")]
    return all(charset in ("utf-8", "utf8") for charset in named)


def check_size(request: Request) -> None:
    """Refuse (413) a body that says it is too large, before reading it."""
    length = request.headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        raise Refused(400)
    if int(length[:20]) > MAX_BODY_BYTES:
        raise Refused(413)


def own_origins(settings: Settings, own_addresses: Iterable[str]) -> frozenset[str]:
    """Return the origins of the site itself, as :func:`normal_origin` writes them.

    Those of its pages, of the server that takes its forms, and of this very server.
    """
    forms = settings.site.form_origin
    return frozenset(map(normal_origin, (settings.public_url, *([forms] if forms else []), *own_addresses))) - {""}


def check_origin(request: Request, allowed: Collection[str]) -> bool:
    """Refuse (403) a form that another site's page sent, by Fetch Metadata and, for older browsers, Origin.

    Args:
        allowed: origins whose pages may post, as :func:`normal_origin` writes them.

    Returns:
        Whether the browser said where the form came from; old ones and some proxies do not.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site == "same-origin":
        return True  # no page can set this header; it holds whatever address or port the site is reached by
    if origin is not None:
        if origin.lower() not in allowed:
            raise Refused(403)
        return True
    if site == "cross-site":
        raise Refused(403)
    return site is not None


def normal_origin(url: str) -> str:
    """Return scheme, host and port of an address as browsers write them in Origin; empty where it is none."""
    try:
        parts = urlsplit(url)
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        port = f":{parts.port}" if parts.port and parts.port != usual else ""
    except ValueError:
        return ""
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}".lower()


def client_network(request: Request, trusted: Iterable[str]) -> str:
    """Return what counts as one sender for limits: an IPv4 address or an IPv6 /64.

    X-Forwarded-For is believed only from a trusted proxy, and read from the right up to the first address that is none
    of ours: what stands left of it may have been written by anybody.
    """
    peer = request.client.host if request.client else ""
    networks = _networks(tuple(trusted))
    lines = ",".join(request.headers.getlist("x-forwarded-for"))
    forwarded = [hop.strip() for hop in lines.split(",")][-MAX_HOPS:]
    hops = [peer, *reversed([hop for hop in forwarded if hop])]
    sender: IPv4Address | IPv6Address | None = None
    for hop in hops:
        parsed = _address(hop)
        if parsed is None:
            break
        sender = parsed
        if not any(parsed in network for network in networks):
            break
    if sender is None:
        return "unknown"
    return _network(sender)


def peer_network(peer: str, trusted: Iterable[str]) -> str:
    """Return what counts as one sender for connections; empty for a trusted proxy, which speaks for everybody.

    Args:
        peer: address of the other end; empty where it has none.
    """
    address = _address(peer)
    if address is None or any(address in network for network in _networks(tuple(trusted))):
        return ""
    return _network(address)


@lru_cache(maxsize=8)
def _networks(written: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return networks of the settings; every request asks, and they stay the same."""
    return tuple(map(ip_network, written))


def _network(address: IPv4Address | IPv6Address) -> str:
    return str(ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)


_HOP = re.compile(r"\[(?P<v6>[0-9A-Fa-f:.]+)\](?::\d{1,5})?|(?P<v4>[0-9.]+):\d{1,5}")
"""An address with a port, as some proxies write it."""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    with_port = _HOP.fullmatch(text)
    try:
        address = ip_address((with_port["v6"] or with_port["v4"]) if with_port else text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address  # ::ffff:1.2.3.4 is 1.2.3.4, on a socket that takes both


async def read_body(request: Request) -> bytes:
    """Read the whole body within its size and time.

    Raises:
        Refused: 413 too large, 408 too slow, 400 the client hung up.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_DEADLINE_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise Refused(413)
    except TimeoutError as error:
        raise Refused(408) from error
    except ClientDisconnect as error:
        log.debug("a sender hung up before the form was complete")
        raise Refused(400) from error
    return bytes(body)


def parse_body(body: bytes, kind: str) -> list[tuple[str, str | None]]:
    """Return names and values of a form or of a JSON object; None for a JSON value that is no text.

    Raises:
        Refused: 400 for bytes that are not UTF-8 or no JSON object, 413 for more than 60 pairs.
    """
    found: list[tuple[str, str | None]]
    try:
        text = body.decode("utf-8")
        if kind == JSON:
            _check_depth(text)
            pairs = json.loads(text, object_pairs_hook=_Pairs, parse_constant=_refuse_constant)
            if not isinstance(pairs, _Pairs):
                raise Refused(400)
            found = [(name, value if isinstance(value, str) else None) for name, value in pairs.items]
        else:
            if text.count("&") >= MAX_PAIRS:
                raise Refused(413)
            found = [*parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PAIRS)]
        for name, value in found:  # lone surrogates can be written in JSON, but not stored
            (name + (value or "")).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Refused(400) from error
    if len(found) > MAX_PAIRS:
        raise Refused(413)
    return found


class _Pairs:
    """A JSON object with its duplicate keys."""

    def __init__(self, items: list[tuple[str, Any]]) -> None:
        self.items = items


def _check_depth(text: str) -> None:
    """Refuse what is nested deeper than any form, before a parser climbs down there."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for char in _JSON_TEXT.sub("", text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(char, 0)
        if depth > MAX_DEPTH:
            raise ValueError(depth)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON
