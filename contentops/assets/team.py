"""The desk for people: who fills which role."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from contentops.errors import InvalidArgument, NotFound, Problem
from contentops.models import Person, RoleHolder
from contentops.store import Store
from contentops.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Holder:
    """A role and the person who fills it now."""

    role: str
    name: str
    email: str | None


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

    def assign(self, role: str, name: str, *, email: str | None = None, roles: Collection[str] | None = None) -> Holder:
        """Let a person fill a role from now on, in place of whoever did.

        Args:
            role: the role's key. name: the person, made known if new. email: kept where given.
            roles: the roles there are; one outside them is refused.

        Raises:
            NotFound: no duty and no step names this role. InvalidArgument: no name, or an address that is none.
        """
        if roles is not None and role not in roles:
            raise NotFound(_("role"), role, roles)
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
            if holder is None:
                session.add(RoleHolder.model_validate({"role": role, "person_id": person.id, "since": self._now()}))
            elif holder.person_id != person.id:
                holder.person_id, holder.since = person.id, self._now()
                session.add(holder)
        return Holder(role, person.name, person.email)
