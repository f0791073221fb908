"""What holds for persons: the one place where what their contacts said and what joined them come together."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from contentops.leads.consent.ledger import Agreement, Entry, standing
from contentops.models import Merge


def agreements(session: Session, person_of: Mapping[str, str], entries: Iterable[Entry]) -> dict[str, Agreement]:
    """Return what holds for some persons; who said nothing is left out.

    Args:
        person_of: all contacts of these persons, each with its person. entries: what they said, in any order.
    """
    merged = newest_merges(session, person_of)
    said: dict[str, list[Entry]] = {}
    for entry in entries:
        said.setdefault(person_of[entry.contact_id], []).append(entry)
    return {person_id: standing(found, merged.get(person_id)) for person_id, found in said.items()}


def newest_merges(session: Session, person_of: Mapping[str, str]) -> dict[str, datetime]:
    """Return when contacts of each person were last found to be one, by merges that still stand.

    Of all merges that made the person: what an import joins bears the day of its row, so the last one to be made need
    not be the newest. Persons with one contact are left out.

    Args:
        person_of: all contacts of these persons, each with its person.
    """
    size = Counter(person_of.values())
    joined = [contact_id for contact_id, person_id in person_of.items() if size[person_id] > 1]
    query = select(Merge.kept_id, func.max(col(Merge.at)))
    query = query.where(col(Merge.kept_id).in_(joined), col(Merge.undone_at).is_(None)).group_by(col(Merge.kept_id))
    newest: dict[str, datetime] = {}
    for kept_id, at in session.exec(query) if joined else ():
        person_id = person_of[kept_id]
        newest[person_id] = max(at, newest.get(person_id, at))
    return newest
