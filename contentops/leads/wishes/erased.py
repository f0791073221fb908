"""Whom we erased."""

from collections.abc import Callable, Mapping
from pathlib import Path

from sqlmodel import Session, col, select

from contentops.leads.wishes.hash_list import HashList
from contentops.models import Contact, ContactKey
from contentops.texts import gettext as _

FILE = Path(".contentops") / "erased"


class ErasureList(HashList):
    """Whom we erased: the file ``.contentops/erased`` of a workspace.

    Args:
        folder: the workspace. secret: returns the key of the hashes; asked for where there is a list.
    """

    def __init__(self, folder: Path, secret: Callable[[], bytes]) -> None:
        super().__init__(folder / FILE, secret)

    def _unreadable(self) -> str:
        return _("the list of erased people, {path}, cannot be read: {reason}")

    def _unwritable(self) -> str:
        return _("the list of erased people, {path}, cannot be written: {reason}; nothing was erased")

    def _other_key(self) -> str:
        return _("the list of erased people, {path}, was made with another key: put back {key}, or set {variable}")

    def gone(self, session: Session, hashes: Mapping[str, str]) -> set[str]:
        """Return which contact keys were erased and have not come again of their own accord since.

        Args:
            hashes: keyed hash → contact key.

        Raises:
            WorkspaceError: see :meth:`read`.
        """
        listed = self.read()
        erased = {key: listed[hashed] for hashed, key in hashes.items() if hashed in listed}
        if not erased:
            return set()
        known = select(ContactKey.value, Contact.created_at).join(Contact, col(ContactKey.contact_id) == Contact.id)
        found = session.exec(known.where(col(ContactKey.value).in_(erased)))
        return set(erased) - {key for key, created_at in found if created_at > erased[key]}
