"""Personal links: signed, for one purpose, with an end.

Signed with HMAC-SHA256 by itsdangerous; keys rotate (the newest signs, all verify). The end is inside the link with two
minutes of leeway, since clocks of several machines differ. A link names no person in clear.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer

from contentops.errors import LinkExpired, LinkRefused, Problem, SettingsInvalid
from contentops.settings import Settings
from contentops.texts import gettext as _

DOWNLOAD, CONFIRM, PREFERENCES, FORM = "download", "confirm", "preferences", "form"
"""Purposes of links; a link made for one is worth nothing for another."""
MIN_KEY_LENGTH = 32
MAX_TOKEN_LENGTH = 600
LEEWAY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link allows, until a moment.

    Attributes:
        subject_id: a lead (to download, to confirm), a contact (its preferences), or the path of a page with a form.
        asset_id: empty for the last two.
    """

    subject_id: str
    asset_id: str
    until: datetime


def signing_keys(settings: Settings, folder: Path) -> list[str]:
    """Return the keys, newest first: from CONTENTOPS_SECRET_KEY, else from the key file.

    Raises:
        SettingsInvalid: there is none, or one that could be guessed.
    """
    if settings.secret_key is not None:
        keys = [settings.secret_key.get_secret_value()]
    else:
        file = folder / settings.secret_key_file
        try:
            keys = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        except OSError:
            keys = []
        if not keys:
            message = _("no key to sign links with: set CONTENTOPS_SECRET_KEY or write one into {file}").format(
                file=file
            )
            raise SettingsInvalid([Problem("secret_key", message)])
    if any(len(key) < MIN_KEY_LENGTH or len(set(key)) < 8 for key in keys):
        message = _("a signing key must have at least {n} random characters").format(n=MIN_KEY_LENGTH)
        raise SettingsInvalid([Problem("secret_key", message)])
    return keys


class Links:
    """Makes and reads personal links.

    Args:
        keys: newest first; the first one signs.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = list(reversed(keys))  # itsdangerous signs with the last one
        self.secret = keys[0].encode()

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
        if now > grant.until + LEEWAY:
            raise LinkExpired(_("this link has expired"))
        return grant

    def _is_canonical(self, token: str) -> bool:
        from itsdangerous.encoding import base64_decode, base64_encode

        signature = token.rpartition(".")[2]
        return base64_encode(base64_decode(signature)).decode("ascii") == signature

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._keys, salt=f"contentops/{purpose}", signer_kwargs={"digest_method": sha256})
