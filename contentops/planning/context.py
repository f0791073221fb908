"""What the desks of this room share: where things are kept, which days are worked, who fills which role."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from contentops.assets.desk import Assets
from contentops.assets.standards import Standard, Standards
from contentops.assets.team import Team
from contentops.errors import Conflict, NotFound
from contentops.models import Asset, DateChange, Milestone, MilestoneState, WorkflowState
from contentops.planning.working_days import WorkingDays, load_calendar
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _


@dataclass
class PlanningContext:
    """The workspace as planning sees it.

    Attributes:
        now: returns the present moment in UTC.
    """

    store: Store
    settings: Settings
    folder: Path
    assets: Assets
    team: Team
    now: Callable[[], datetime]
    _quoted: tuple[Standards, str] | None = None
    _signature: tuple[tuple[str, int, int], ...] | None = None

    @cached_property
    def days(self) -> WorkingDays:
        """The working days of the workspace."""
        return load_calendar(self.settings.calendar, self.folder)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which the workspace's dates are meant."""
        return ZoneInfo(self.settings.time_zone)

    @property
    def standards(self) -> Standards:
        """The standards by kind."""
        return self.assets.standards

    def today(self) -> date:
        """Return the present day in the workspace's time zone."""
        return self.now().astimezone(self.zone).date()

    def people(self) -> dict[str, str]:
        """Return who fills which role: role → name."""
        return {holder.role: holder.name for holder in self.team.holders()}

    def standard(self, asset: Asset) -> Standard:
        """Return the standard of an asset's kind.

        Raises:
            NotFound: the kind has none.
        """
        if asset.kind not in self.standards.kinds:
            raise NotFound(_("standard for the kind"), asset.kind, self.standards.kinds)
        return self.standards[asset.kind]

    def look_again(self) -> None:
        """Forget standards and holidays whose files have changed: a server runs for weeks, and its feeds must not say
        what the command line no longer says."""
        files = [*sorted((self.folder / "calendar").glob("*.toml")), self.folder / self.settings.calendar.overrides]
        signature = tuple((f.name, s.st_mtime_ns, s.st_size) for f in files if (s := _stat(f)) is not None)
        if self._signature is not None and self._signature != signature:
            self.assets.__dict__.pop("standards", None)
            self.__dict__.pop("days", None)
        self._signature = signature

    def quoted(self) -> str:
        """Hash the settings and standards that calendar events quote: where it differs, every event may."""
        if self._quoted is None or self._quoted[0] is not self.standards:
            self._quoted = (self.standards, self._hash_quoted())
        return self._quoted[1]

    def _hash_quoted(self) -> str:
        standards = "".join(standard.model_dump_json() for _kind, standard in sorted(self.standards.by_kind.items()))
        parts = (self.settings.language, self.settings.public_url, self.settings.time_zone, standards)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def asset_in(session: Session, asset_id: str) -> Asset:
    """Return the asset with an id, for this transaction to change."""
    return session.exec(select(Asset).where(Asset.id == asset_id)).one()


def living(asset: Asset) -> Asset:
    """Return an asset that may have dates and work.

    Raises:
        Conflict: it is retired.
    """
    if asset.state is WorkflowState.RETIRED:
        raise Conflict(_("'{slug}' is retired; 'contentops asset resume' takes it up again").format(slug=asset.slug))
    return asset


def milestone_in(session: Session, asset_id: str, step: str, *, dropped: bool = False) -> Milestone:
    """Return a milestone of an asset's plan, for this transaction to change.

    Args:
        dropped: one that was left out is found as well.

    Raises:
        NotFound: the plan has no such step.
    """
    planned = select(Milestone).where(Milestone.asset_id == asset_id)
    if not dropped:
        planned = planned.where(Milestone.state != MilestoneState.DROPPED)
    steps = {milestone.step: milestone for milestone in session.exec(planned)}
    if step not in steps:
        raise NotFound(_("step"), step, steps)
    return steps[step]


def note(
    session: Session,
    asset_id: str,
    what: str,
    before: date | None,
    after: date | None,
    *,
    at: datetime,
    by: str,
    why: str,
) -> None:
    """Keep who changed a date, when and why."""
    values = {"asset_id": asset_id, "what": what, "from_on": before, "to_on": after, "at": at, "by": by, "reason": why}
    session.add(DateChange.model_validate(values))
