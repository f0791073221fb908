"""The desk for people: who fills which role."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from contentops.assets.standards import Standards
from contentops.errors import InvalidArgument, NotFound, Problem
from contentops.models import Asset, Milestone, MilestoneState, Person, RoleHolder, WorkflowState
from contentops.store import Store
from contentops.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Holder:
    """A role and the person who fills it now."""

    role: str
    name: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Handover:
    """What a change of people comes to.

    Attributes:
        role: the role. before, after: who filled it and who does from now on; None for nobody.
        open_work: what is due of this role from now on: (milestone, asset), by day. With nobody after, these are
            orphans: they stay on the calendar, and nobody owes them.
        reviews: published assets whose owner this role is and that have a day of review.
    """

    role: str
    before: str | None
    after: Holder | None
    open_work: tuple[tuple[Milestone, Asset], ...]
    reviews: tuple[Asset, ...]


class Team:
    """Who fills which role: ``ws.team``."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now

    def holders(self) -> list[Holder]:
        """Return the filled roles in alphabetical order."""
        with self._store.read() as session:
            query = select(RoleHolder.role, Person.name, Person.email).join(
                Person, col(Person.id) == RoleHolder.person_id
            )
            return [Holder(*row) for row in session.exec(query.order_by(RoleHolder.role))]

    def emails(self) -> dict[str, str]:
        """Return the addresses of those who fill a role, by name; of those whose address is known."""
        return {holder.name: holder.email for holder in self.holders() if holder.email}

    def assign(self, role: str, name: str, *, email: str | None = None, standards: Standards | None = None) -> Handover:
        """Let a person fill a role from now on, in place of whoever did.

        Args:
            role: the role's key. name: the person, made known if new. email: kept where given.
            standards: say which roles there are (one outside them is refused) and who owns what.

        Returns:
            Who filled it before, and the open work that passes over.

        Raises:
            NotFound: no duty and no step names this role. InvalidArgument: no name, or an address that is none.
        """
        if standards is not None and role not in standards.roles():
            raise NotFound(_("role"), role, standards.roles())
        name = " ".join(name.split())
        problems = [Problem("name", _("a name is needed"))] if not 0 < len(name) <= 100 else []
        if email is not None and ("@" not in email or any(c.isspace() for c in email) or len(email) > 254):
            problems.append(Problem("email", _("'{email}' is no e-mail address").format(email=email)))
        if problems:
            raise InvalidArgument(problems)
        with self._store.write() as session:
            person = session.exec(select(Person).where(Person.name == name)).first()
            person = person or Person.model_validate({"name": name})
            person.email = email or person.email
            session.add(person)
            session.flush()
            holder = session.get(RoleHolder, role)
            before = _name(session, holder)
            if holder is None:
                session.add(RoleHolder.model_validate({"role": role, "person_id": person.id, "since": self._now()}))
            elif holder.person_id != person.id:
                holder.person_id, holder.since = person.id, self._now()
                session.add(holder)
            return _handover(session, role, before, Holder(role, person.name, person.email), standards)

    def release(self, role: str, *, standards: Standards | None = None) -> Handover:
        """Leave a role without a person.

        Returns:
            Who filled it, and the orphans: open work that nobody owes now.

        Raises:
            NotFound: nobody fills this role.
        """
        with self._store.write() as session:
            holder = session.get(RoleHolder, role)
            if holder is None:
                raise NotFound(_("filled role"), role, session.exec(select(RoleHolder.role)).all())
            before = _name(session, holder)
            session.delete(holder)
            session.flush()
            return _handover(session, role, before, None, standards)

    def remove(self, name: str, *, standards: Standards | None = None) -> list[Handover]:
        """Take a person out of the team, and out of every role they fill.

        Returns:
            One handover for each role, with its orphans.

        Raises:
            NotFound: nobody of this name.
        """
        with self._store.write() as session:
            person = session.exec(select(Person).where(Person.name == name)).first()
            if person is None:
                raise NotFound(_("person"), name, session.exec(select(Person.name)).all())
            held = session.exec(select(RoleHolder).where(RoleHolder.person_id == person.id)).all()
            for holder in held:
                session.delete(holder)
            session.flush()
            session.delete(person)
            session.flush()
            return [_handover(session, holder.role, name, None, standards) for holder in held]


def _name(session: Session, holder: RoleHolder | None) -> str | None:
    person = session.get(Person, holder.person_id) if holder else None
    return person.name if person else None


def _handover(
    session: Session, role: str, before: str | None, after: Holder | None, standards: Standards | None
) -> Handover:
    query = select(Milestone, Asset).join(Asset, col(Asset.id) == Milestone.asset_id)
    query = query.where(Milestone.role == role, Milestone.state == MilestoneState.DUE)
    given_up = (WorkflowState.RETIRED, WorkflowState.IDEA)
    rows = session.exec(query.where(col(Asset.state).not_in(given_up)).order_by(col(Milestone.due_on), Asset.slug))
    published = Asset.state == WorkflowState.PUBLISHED
    reviewed = session.exec(
        select(Asset).where(published, col(Asset.review_on).is_not(None)).order_by(col(Asset.review_on))
    )
    owners = {kind: standard.duties.owner for kind, standard in standards.by_kind.items()} if standards else {}
    reviews = tuple(asset for asset in reviewed if (asset.owner or owners.get(asset.kind)) == role)
    return Handover(role, before, after, tuple((milestone, asset) for milestone, asset in rows), reviews)
