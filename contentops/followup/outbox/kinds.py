"""The kinds of mail that visitors get."""

from dataclasses import dataclass

from contentops.models.message import ASSET, CONFIRM, LINK


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mail.

    Attributes:
        marketing: nobody asked for it: it needs consent. unsubscribe: one click takes the reader off the list.
    """

    name: str
    marketing: bool = False
    unsubscribe: bool = False


KINDS = {
    ASSET: Kind(ASSET),
    CONFIRM: Kind(CONFIRM, unsubscribe=True),
    LINK: Kind(LINK),
}
"""The kinds of mail there are."""
