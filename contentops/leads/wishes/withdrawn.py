"""Who withdrew their consent to marketing."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from contentops.leads.consent.ledger import ANY, EMAIL, PHONE, WECOM
from contentops.leads.identity.keys import MAIL, TEL, kind_of
from contentops.leads.identity.keys import WECOM as WECOM_KEY
from contentops.leads.suppression import key_hash
from contentops.leads.wishes.hash_list import HashList
from contentops.texts import gettext as _

FILE = Path(".contentops") / "withdrawn"
CHANNEL_OF = {MAIL: EMAIL, TEL: PHONE, WECOM_KEY: WECOM}
"""Kind of a contact key → the channel that reaches people by it."""


class WithdrawalList(HashList):
    """Who withdrew their consent to marketing: the file ``.contentops/withdrawn``; ``restore`` applies it again.

    What is appended are the hashes of the contact keys of the channel that was withdrawn (``mail:``, ``tel:``,
    ``wecom:``), of all of them for any channel.

    Args:
        folder: the workspace. secret: returns the key of the hashes; asked for where there is a list.
    """

    def __init__(self, folder: Path, secret: Callable[[], bytes]) -> None:
        super().__init__(folder / FILE, secret)

    def keep(self, keys: Iterable[str], channel: str, at: datetime) -> None:
        """Append, of a person's contact keys, those of the channel that was withdrawn; see :meth:`extend`."""
        self.append(self.hashes(keys, channel), at)

    def hashes(self, keys: Iterable[str], channel: str) -> list[str]:
        """Return the hashes of those of some contact keys that a channel reaches people by."""
        concerned = (key for key in keys if channel in (ANY, CHANNEL_OF.get(kind_of(key))))
        return [key_hash(self._secret(), key) for key in concerned]

    def _unreadable(self) -> str:
        return _("the list of withdrawals, {path}, cannot be read: {reason}")

    def _unwritable(self) -> str:
        return _("the list of withdrawals, {path}, cannot be written: {reason}; nothing was changed")

    def _other_key(self) -> str:
        return _("the list of withdrawals, {path}, was made with another key: put back {key}, or set {variable}")
