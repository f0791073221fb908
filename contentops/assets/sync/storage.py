"""Store what a sync found, with plain statements: a row at a time through the ORM is five times slower."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, SQLModel, col

from contentops.assets.sync.run import SyncRun
from contentops.assets.sync.state import ReadFile
from contentops.models import Asset, AssetFields, AssetText, Attachment, SourceFile, Transition, WorkflowState, new_id

_SLICE = 500  # keys in one IN list


def store(session: Session, run: SyncRun, by: str) -> None:
    """Write everything a run found into the caller's transaction.

    Args:
        by: who ran it, for the history of new assets.
    """
    good = [(item, item.asset) for item in run.read if item.asset is not None]
    new = [asset for item, asset in good if item.is_new]
    old = [asset for item, asset in good if not item.is_new]
    _insert(session, Asset, [asset.model_dump() for asset in new])
    first = {"from_state": None, "at": run.now, "by": by, "reason": "sync"}
    _insert(session, Transition, [{"id": new_id(), "asset_id": a.id, "to_state": a.state, **first} for a in new])
    published = [asset for item, asset in good if not item.is_new and "state" in item.columns]
    step = {**first, "from_state": WorkflowState.IN_PROGRESS, "reason": "draft removed"}
    _insert(session, Transition, [{"id": new_id(), "asset_id": a.id, "to_state": a.state, **step} for a in published])
    for item, asset in good:
        if not item.is_new:
            # Only what the file owns: state and dates may have moved on since the assets were read.
            owned = asset.model_dump(include=set(item.columns))
            session.connection().execute(update(Asset).where(col(Asset.id) == asset.id).values(owned))
    for table, column in ((AssetText, AssetText.asset_id), (Attachment, Attachment.asset_id)):
        _delete(session, table, column, [asset.id for asset in old])
    _insert(
        session,
        AssetText,
        [{"asset_id": asset.id, "markdown": item.body, "sha256": item.body_sha256} for item, asset in good],
    )
    _insert(session, Attachment, [row for item, asset in good for row in _attachments(item, asset)])
    rows = [item.row for item in run.read] + run.touched
    known = [row.path for row in rows if row.path in run.known.files]
    _delete(session, SourceFile, SourceFile.path, [*run.gone_rows(), *known])
    _insert(session, SourceFile, [asdict(row) for row in rows])


def _attachments(item: ReadFile, asset: AssetFields) -> list[dict[str, Any]]:
    return [
        {"id": new_id(), "asset_id": asset.id, "role": role, **asdict(kept)} for role, kept in item.attachments.items()
    ]


def _insert(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(insert(table.__table__), rows)  # type: ignore[attr-defined]


def _delete(session: Session, table: type[SQLModel], column: Any, keys: list[str]) -> None:
    for start in range(0, len(keys), _SLICE):
        session.connection().execute(delete(table).where(col(column).in_(keys[start : start + _SLICE])))
