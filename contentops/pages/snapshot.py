"""What is public at one moment, read at once: assets, texts, files, versions in other languages."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from contentops.assets.standards import Standards
from contentops.models import Asset, AssetText, Attachment, SourceFile, WorkflowState


def is_public(asset: Asset, standards: Standards, now: datetime) -> bool:
    """Return whether an asset may be seen by visitors now.

    Published in the workflow, no draft, its moment of going live is past and its expiry is not (Hugo's rules), and its
    kind is not an internal one.
    """
    return (
        asset.state is WorkflowState.PUBLISHED
        and not asset.draft
        and (asset.go_live_at is None or asset.go_live_at <= now)
        and (asset.expires_at is None or asset.expires_at > now)
        and asset.kind in standards.kinds
        and standards[asset.kind].is_public
    )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The public assets and what belongs to them, by asset id."""

    assets: tuple[Asset, ...]
    texts: dict[str, str]
    paths: dict[str, str]
    attachments: dict[str, dict[str, Attachment]]

    @classmethod
    def load(cls, session: Session, standards: Standards, now: datetime) -> "Snapshot":
        """Read the whole site."""
        texts = {row.asset_id: row.markdown for row in session.exec(select(AssetText))}
        return cls._of(session, select(Asset), texts, standards, now, only=None)

    @classmethod
    def around(cls, session: Session, asset: Asset, standards: Standards, now: datetime) -> "Snapshot":
        """Read what the page of one asset shows: its text, its versions, and its neighbours without their texts."""
        near = select(Asset).where(
            or_(col(Asset.translation_key) == asset.translation_key, col(Asset.language) == asset.language)
        )
        text = session.get(AssetText, asset.id)
        return cls._of(session, near, {asset.id: text.markdown if text else ""}, standards, now, only=asset.id)

    @classmethod
    def _of(
        cls,
        session: Session,
        query: SelectOfScalar[Asset],
        texts: dict[str, str],
        standards: Standards,
        now: datetime,
        *,
        only: str | None,
    ) -> "Snapshot":
        """Read assets with their files; attachments and paths of one asset only, or of all."""
        published = query.where(Asset.state == WorkflowState.PUBLISHED).order_by(col(Asset.language), col(Asset.slug))
        rows, files = select(Attachment), select(SourceFile.asset_id, SourceFile.path)
        if only is not None:
            rows, files = rows.where(Attachment.asset_id == only), files.where(SourceFile.asset_id == only)
        attachments: dict[str, dict[str, Attachment]] = {}
        for row in session.exec(rows):
            attachments.setdefault(row.asset_id, {})[row.role] = row
        paths = session.exec(files).all()
        return cls(
            assets=tuple(asset for asset in session.exec(published) if is_public(asset, standards, now)),
            texts=texts,
            paths={asset_id: path for asset_id, path in paths if asset_id},
            attachments=attachments,
        )
