"""The desk for recurring content: ``ws.calendar.series``."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from contentops.assets.transitions import give_back_slots
from contentops.errors import Conflict, NotFound
from contentops.models import Asset, Slot, SlotState, WorkflowState
from contentops.planning.cadence import Series, load_series, series_days
from contentops.planning.context import PlanningContext, asset_in, living
from contentops.planning.moving import Author, plan_asset
from contentops.texts import gettext as _


@dataclass(frozen=True, slots=True)
class SeriesReport:
    """One series with its slots.

    Attributes:
        series: its rule. slots: by day. titles: of the assets that fill slots, by asset id.
    """

    series: Series
    slots: tuple[Slot, ...]
    titles: dict[str, str]


class SeriesDesk:
    """Keeps places free in the calendar by the rules of calendar/cadence.toml, and puts assets into them."""

    def __init__(self, context: PlanningContext) -> None:
        self._context = context

    @property
    def rules(self) -> dict[str, Series]:
        """The series by key.

        Raises:
            StandardInvalid: with every problem of the file.
        """
        return load_series(self._context.folder / "calendar" / "cadence.toml")

    def get(self, key: str) -> Series:
        """Return a series.

        Raises:
            NotFound: with the closest key there is.
        """
        if key not in self.rules:
            raise NotFound(_("series"), key, self.rules)
        return self.rules[key]

    def reports(self) -> list[SeriesReport]:
        """Return every series with its slots."""
        with self._context.store.read() as session:
            slots = list(session.exec(select(Slot).order_by(col(Slot.day), Slot.series)))
            filled = [slot.asset_id for slot in slots if slot.asset_id]
            titles = dict(session.exec(select(Asset.id, Asset.title).where(col(Asset.id).in_(filled))).all())
        # Slots of a series that is no longer in the file are still on the calendar, so they are still listed.
        gone = {slot.series: _without_rule(slot) for slot in slots if slot.series not in self.rules}
        return [
            SeriesReport(series, tuple(slot for slot in slots if slot.series == key), titles)
            for key, series in (self.rules | gone).items()
        ]

    def extend(self, until: date) -> list[Slot]:
        """Make the slots of every series up to a day, and return the new ones. May be repeated at will.

        Slots that were made before stay, wherever they were moved; past days get none.

        Raises:
            NotFound: a series has a kind that no standard describes.
        """
        context, now, today = self._context, self._context.now(), self._context.today()
        new = []
        with context.store.write() as session:
            known = {(slot.series, slot.rule_on) for slot in session.exec(select(Slot))}
            for series in self.rules.values():
                if series.kind not in context.standards.kinds:
                    raise NotFound(_("kind"), series.kind, context.standards.kinds)
                for found in series_days(series, context.days.team, until, today):
                    if (series.key, found.rule_on) in known:
                        continue
                    values = {"series": series.key, "rule_on": found.rule_on, "day": found.day, "changed_at": now}
                    slot = Slot.model_validate({**values, "kind": series.kind, "name": series.name})
                    session.add(slot)
                    new.append(slot)
        return new

    def fill(self, key: str, address: str, *, on: date | None = None, by: str) -> Slot:
        """Put an asset into a free slot of a series, and plan it for that day.

        Args:
            on: the slot's day; by default the first free one from today on.

        Raises:
            NotFound: no such series, asset or free slot. Conflict: the asset is of another kind.
        """
        series, context = self.get(key), self._context
        found, today, now = context.assets.get(address), context.today(), context.now()
        if found.kind != series.kind:
            message = _("'{slug}' is a {kind}, the series '{key}' takes {wanted}")
            raise Conflict(message.format(slug=found.slug, kind=found.kind, key=key, wanted=series.kind))
        with context.store.write() as session:
            asset = living(asset_in(session, found.id))
            if asset.state is WorkflowState.PUBLISHED:
                raise Conflict(_("'{title}' has been published already").format(title=asset.title))
            free = select(Slot).where(Slot.series == key, Slot.state == SlotState.OPEN).order_by(col(Slot.day))
            slots = [slot for slot in session.exec(free) if slot.day >= today]
            slot = next((slot for slot in slots if on is None or slot.day == on), None)
            if slot is None:
                wanted = str(on) if on else key
                raise NotFound(_("free slot"), wanted, [str(slot.day) for slot in slots])
            give_back_slots(session, asset, now)
            slot.state, slot.asset_id, slot.changed_at = SlotState.FILLED, asset.id, now
            session.add(slot)
            plan_asset(session, context, asset, slot.day, Author(by, now, f"series {key}"))
        return slot

    def skip(self, key: str, on: date) -> Slot:
        """Give a free slot up.

        Raises:
            NotFound: no free slot of this series on this day.
        """
        with self._context.store.write() as session:
            query = select(Slot).where(Slot.series == key, Slot.day == on, Slot.state == SlotState.OPEN)
            slot = session.exec(query).first()
            if slot is None:
                raise NotFound(_("free slot"), str(on))
            slot.state, slot.changed_at = SlotState.SKIPPED, self._context.now()
            session.add(slot)
        return slot


def _without_rule(slot: Slot) -> Series:
    values = {"key": slot.series, "name": slot.name, "kind": slot.kind, "working_day": 1, "starts_on": slot.rule_on}
    return Series.model_validate({**values, "ends_on": slot.rule_on})
