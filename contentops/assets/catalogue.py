"""Read what assets there are: lists, one by its address, texts, files, history."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlmodel import col, select

from contentops.assets.slugs import home_path
from contentops.assets.standards import Standards, load_standards
from contentops.assets.transitions import state_named
from contentops.errors import Conflict, NotFound
from contentops.models import Asset, AssetText, Attachment, SourceFile, Transition, WorkflowState
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _


class Catalogue:
    """The assets of a workspace, for reading.

    Args:
        folder: the workspace. now: returns the present moment in UTC.
    """

    def __init__(self, store: Store, settings: Settings, folder: Path, now: Callable[[], datetime]) -> None:
        self._store, self._settings, self._folder, self._now = store, settings, folder, now

    @cached_property
    def standards(self) -> Standards:
        """The standards by kind, the workspace's over the shipped ones.

        Raises:
            StandardInvalid: with every problem of every file.
        """
        return load_standards(self._folder / "calendar")

    @property
    def kept_files(self) -> Path:
        """Where the copies of attachments are kept, each named by its SHA-256."""
        return self._folder / ".contentops" / "files"

    def find(
        self,
        *,
        kind: str | None = None,
        state: WorkflowState | str | None = None,
        language: str | None = None,
    ) -> list[Asset]:
        """Return the assets that match, ordered by kind, language and address.

        Raises:
            NotFound: no such kind. InvalidArgument: no such state.
        """
        query = select(Asset).order_by(col(Asset.kind), col(Asset.language), col(Asset.slug))
        if kind is not None and kind not in self.standards.kinds:
            raise NotFound(_("kind"), kind, self.standards.kinds)
        if kind is not None:
            query = query.where(Asset.kind == kind)
        if state is not None:
            query = query.where(Asset.state == state_named(state))
        if language is not None:
            query = query.where(Asset.language == language)
        with self._store.read() as session:
            return list(session.exec(query))

    def get(self, address: str) -> Asset:
        """Return the asset with an address.

        Args:
            address: ``slug``, or ``zh-CN/slug`` where several languages share it; also as on the site: ``/zh/slug/``.

        Raises:
            NotFound: with the closest address there is. Conflict: several languages share the slug.
        """
        prefix, _sep, slug = address.strip("/").rpartition("/")
        with self._store.read() as session:
            found = list(session.exec(select(Asset).where(Asset.slug == slug).order_by(Asset.language)))
            if prefix:
                found = [asset for asset in found if prefix in (asset.language, home_path(asset.language).strip("/"))]
            if not found:
                raise NotFound(_("asset"), address, session.exec(select(Asset.slug)).all())
        if len(found) > 1:
            choices = _(", ").join(f"{asset.language}/{asset.slug}" for asset in found)
            raise Conflict(
                _("'{slug}' exists in several languages; say which: {choices}").format(slug=slug, choices=choices)
            )
        return found[0]

    def by_id(self, asset_id: str) -> Asset:
        """Return an asset by its id.

        Raises:
            NotFound: there is none.
        """
        with self._store.read() as session:
            asset = session.get(Asset, asset_id)
        if asset is None:
            raise NotFound(_("asset"), asset_id)
        return asset

    def text(self, asset: Asset) -> str:
        """Return an asset's Markdown."""
        with self._store.read() as session:
            row = session.get(AssetText, asset.id)
            return row.markdown if row else ""

    def path(self, asset: Asset) -> str | None:
        """Return the path of an asset's file, or None where it has none."""
        with self._store.read() as session:
            return session.exec(select(SourceFile.path).where(SourceFile.asset_id == asset.id)).first()

    def attachments(self, asset: Asset) -> list[Attachment]:
        """Return the files that an asset hands over or shows."""
        with self._store.read() as session:
            return list(session.exec(select(Attachment).where(Attachment.asset_id == asset.id)))

    def translations(self, asset: Asset) -> list[Asset]:
        """Return the versions of an asset in other languages."""
        with self._store.read() as session:
            query = select(Asset).where(
                Asset.translation_key == asset.translation_key, Asset.language != asset.language
            )
            return list(session.exec(query.order_by(col(Asset.language), col(Asset.slug))))

    def history(self, asset: Asset) -> list[Transition]:
        """Return the changes of state and the comments, oldest first."""
        with self._store.read() as session:
            query = select(Transition).where(Transition.asset_id == asset.id).order_by(col(Transition.at))
            return list(session.exec(query))
