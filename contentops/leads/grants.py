"""Personal links: signed, for one purpose, with an end.

Signed with HMAC-SHA256 by itsdangerous; keys rotate (the newest signs, all verify). The end is inside the link with two
minutes of leeway, since clocks of several machines differ. A link names no person in clear.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from contentops.errors import LinkExpired, LinkRefused
from contentops.texts import gettext as _

DOWNLOAD_LINK, CONFIRM_LINK, PREFERENCES_LINK, FORM_SHOWN = "download", "confirm", "preferences", "form"
"""Purposes of links, and of what a form carries to say when it was shown; one is worth nothing for another."""
PREFERENCES_DAYS = 400
"""Calendar days for which a reader can change their mind by a mail's link; rules ask for 30 at least.

The link to unsubscribe has no end.
"""
MAX_TOKEN_LENGTH = 600
LEEWAY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link allows, until a moment.

    Attributes:
        subject_id: a lead (to download, to confirm), a contact (its preferences), or the path of a page with a form.
        asset_id: to download, the asset; to confirm, the contact whose address was written to; else empty.
    """

    subject_id: str
    asset_id: str
    until: datetime


class Links:
    """Makes and reads personal links.

    Args:
        keys: newest first; the first one signs. A function is asked each time, so that a key that was dropped is worth
            nothing at once, also in a server that runs.
    """

    def __init__(self, keys: Sequence[str] | Callable[[], Sequence[str]]) -> None:
        self._keys: Callable[[], Sequence[str]] = keys if callable(keys) else lambda: keys

    @property
    def secret(self) -> bytes:
        """The newest key, to hash with what must not be guessed."""
        return self._keys()[0].encode()

    def sign(self, purpose: str, grant: Grant) -> str:
        """Return the token of a link."""
        payload = [1, grant.subject_id, grant.asset_id, int(grant.until.timestamp())]
        token = self._serializer(purpose).dumps(payload)
        return token if isinstance(token, str) else token.decode("ascii")

    def read(self, purpose: str, token: str, now: datetime) -> Grant:
        """Return what a link allows.

        Raises:
            LinkRefused: forged, cut off, or made for another purpose. LinkExpired: its time is over.
        """
        grant = self.read_ended(purpose, token)
        if now > grant.until + LEEWAY:
            raise LinkExpired(_("this link has expired"))
        return grant

    def read_ended(self, purpose: str, token: str) -> Grant:
        """Return what a link allows or allowed, also long after its end.

        For what no end may stand in the way of: saying no to mail, and asking for a new link.

        Raises:
            LinkRefused: forged, cut off, or made for another purpose.
        """
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise LinkRefused(_("this link is not valid"))
        try:
            payload = self._serializer(purpose).loads(token)
            version, subject_id, asset_id, until = payload
            grant = Grant(str(subject_id), str(asset_id), datetime.fromtimestamp(until, UTC))
        except (BadData, ValueError, TypeError, OverflowError) as error:
            raise LinkRefused(_("this link is not valid")) from error
        # Base64 has several spellings of the last character: only the one we made counts.
        if version != 1 or not self._is_canonical(token):
            raise LinkRefused(_("this link is not valid"))
        return grant

    def _is_canonical(self, token: str) -> bool:
        signature = token.rpartition(".")[2]
        return base64_encode(base64_decode(signature)).decode("ascii") == signature

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return _serializer(tuple(self._keys()), purpose)


class _Plain(URLSafeSerializer):
    """Without compression: ids are random, they do not get shorter, and trying costs more than signing."""

    def dump_payload(self, obj: object) -> bytes:
        return base64_encode(json.dumps(obj, separators=(",", ":")))


@lru_cache(maxsize=64)
def _serializer(keys: tuple[str, ...], purpose: str) -> URLSafeSerializer:
    # itsdangerous signs with the last key.
    return _Plain(list(reversed(keys)), salt=f"contentops/{purpose}", signer_kwargs={"digest_method": sha256})


def evidence_of(token: str) -> str:
    """Return what the consent ledger keeps of a link that was used: its hash, which opens nothing."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()
