"""Addresses as they may be logged, and as their owner may see them: never enough to write to."""

import re

_ADDRESS = re.compile(r"[^\s<>\"',;:()\[\]]+@[^\s<>\"',;:()\[\]]+")


def masked(address: str) -> str:
    """Return an e-mail address with its first letters only: ``j***@e…``."""
    local, _at, domain = address.partition("@")
    return f"{local[:1]}***@{domain[:1]}…"


def recognisable(address: str) -> str:
    """Return an address or number so that its owner knows it: ``z***@example.cn``, ``138***00``. Not for logs."""
    local, at, host = address.rpartition("@")
    if at:
        return f"{local[:1]}***@{host}"
    return f"{address[:3]}***{address[-2:]}" if address else ""


def without_addresses(text: str, known: str = "") -> str:
    """Return what a server said, at most 500 characters, with every address masked.

    Args:
        known: the address it was about; the part before its @ is masked where it stands alone, too.
    """
    text = _ADDRESS.sub(lambda found: masked(found.group()), text)
    local = known.partition("@")[0]
    if len(local) > 2:
        text = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", local[0] + "***", text, flags=re.IGNORECASE)
    return "".join(c if c.isprintable() else " " for c in text)[:500]
