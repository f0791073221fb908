"""Ideas: assets that have no text yet. A file with the same language and address becomes their text."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, select

from contentops.errors import AlreadyExists
from contentops.models import Asset, Transition, WorkflowState
from contentops.texts import gettext as _


def new_idea(
    session: Session,
    *,
    title: str,
    kind: str,
    language: str,
    slug: str,
    by: str,
    reason: str,
    now: datetime,
    description: str = "",
    titles: Mapping[str, str] | None = None,
) -> Asset:
    """Make an idea within the caller's transaction.

    Args:
        titles: in other languages, kept as front matter ``title_zh``, ``title_en`` would be.

    Raises:
        AlreadyExists: the address is taken in this language.
    """
    taken = select(Asset).where(Asset.language == language, Asset.slug == slug)
    if session.exec(taken).first() is not None:
        raise AlreadyExists(_("asset"), f"{language}/{slug}")
    front = {f"title_{tag.partition('-')[0]}": text for tag, text in (titles or {}).items()}
    values = {
        "title": title, "kind": kind, "language": language, "slug": slug, "description": description,
        "translation_key": f"idea/{language}/{slug}", "front_matter": front, "created_at": now, "changed_at": now,
    }  # fmt: skip
    asset = Asset.model_validate(values)
    session.add(asset)
    session.flush()
    first = {"asset_id": asset.id, "from_state": None, "to_state": WorkflowState.IDEA, "at": now, "by": by}
    session.add(Transition.model_validate({**first, "reason": reason}))
    return asset
