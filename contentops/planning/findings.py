"""What is wrong with a plan, or worth saying. Findings are values, never exceptions: a plan may have them and stand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contentops.assets.standards import Standard
from contentops.models import Asset, Lane, Milestone, MilestoneState
from contentops.planning.working_days import WorkingDays
from contentops.texts import current_language, ngettext, pick
from contentops.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Finding:
    """One conflict in a plan.

    Attributes:
        code: stable: ``past``, ``after_publication``, ``out_of_order``, ``away``, ``day_off``, ``nobody``,
            ``provisional``.
        address: the asset, as ``zh-CN/slug``. step: the milestone's key; empty where it is about the whole plan.
        day: the day it is about. message: a sentence.
    """

    code: str
    address: str
    step: str
    day: date | None
    message: str

    def __str__(self) -> str:
        return f"{self.address}: {self.message}"


def findings(
    asset: Asset,
    milestones: Iterable[Milestone],
    standard: Standard | None,
    days: WorkingDays,
    people: Mapping[str, str],
    today: date,
) -> Iterator[Finding]:
    """Yield the conflicts of one asset's plan.

    Args:
        milestones: those of the asset; done and dropped ones are passed over. standard: for the order of its steps.
        people: who fills which role. today: in the workspace's time zone.
    """
    address = f"{asset.language}/{asset.slug}"
    open_ones = sorted((m for m in milestones if m.state is MilestoneState.DUE), key=lambda m: (m.due_on, m.step))
    offsets = {step.key: step.offset_days for step in standard.owed(asset.owner)} if standard else {}
    if asset.planned_on is not None:
        yield from _publication(address, asset.planned_on, open_ones, days)
    latest: tuple[int, Milestone] | None = None
    yield from _without_anybody(address, open_ones, people)
    for milestone in open_ones:
        found = _of_one(milestone, asset.planned_on, offsets.get(milestone.step), days, people, today)
        yield from (Finding(code, address, milestone.step, milestone.due_on, text) for code, text in found)
        offset = offsets.get(milestone.step)
        if offset is None:
            continue
        if latest is not None and offset < latest[0] and milestone.due_on > latest[1].due_on:
            text = _("'{step}' is due on {day}, after '{later}', which needs it").format(
                step=pick(milestone.name), day=milestone.due_on, later=pick(latest[1].name)
            )
            yield Finding("out_of_order", address, milestone.step, milestone.due_on, text)
        if latest is None or offset > latest[0]:
            latest = (offset, milestone)
    years = days.team.provisional_years(m.due_on for m in open_ones)
    if years:
        yield Finding("provisional", address, "", None, provisional_sentence(years))


def provisional_sentence(years: Iterable[int]) -> str:
    """Return the sentence that says which years are provisional; empty where none is."""
    listed = _(", ").join(map(str, years))
    if not listed:
        return ""
    return _("The holidays of {years} are not announced yet: working days are provisional.").format(years=listed)


def _publication(address: str, day: date, open_ones: list[Milestone], days: WorkingDays) -> Iterator[Finding]:
    if days.team.is_working_day(day) or not any(m.lane is Lane.PUBLICATION for m in open_ones):
        return
    holiday = days.team.holiday_name(day, current_language())
    why = holiday or (_("weekend") if day.weekday() >= 5 else _("own day off"))
    text = _("{day} is not a working day ({why}); it stands as you asked").format(day=day, why=why)
    yield Finding("day_off", address, "publish", day, text)


def _without_anybody(address: str, open_ones: list[Milestone], people: Mapping[str, str]) -> Iterator[Finding]:
    """Yield each role that nobody fills, once."""
    owed: dict[str, list[Milestone]] = {}
    for milestone in open_ones:
        if milestone.role not in people:
            owed.setdefault(milestone.role, []).append(milestone)
    for role, milestones in owed.items():
        sentence = ngettext(
            "nobody fills the role {role}, which owes {n} step; 'contentops role assign {role} NAME' names one",
            "nobody fills the role {role}, which owes {n} steps; 'contentops role assign {role} NAME' names one",
            len(milestones),
        )
        text = sentence.format(role=role, n=len(milestones))
        yield Finding("nobody", address, milestones[0].step, milestones[0].due_on, text)


def _of_one(
    milestone: Milestone,
    planned_on: date | None,
    offset: int | None,
    days: WorkingDays,
    people: Mapping[str, str],
    today: date,
) -> Iterator[tuple[str, str]]:
    name, day = pick(milestone.name), milestone.due_on
    if day < today:
        late = (today - day).days
        sentence = ngettext(
            "'{step}' ({role}) was due on {day}, {n} day before today",
            "'{step}' ({role}) was due on {day}, {n} days before today",
            late,
        )
        yield "past", sentence.format(step=name, role=milestone.role, day=day, n=late)
    if planned_on is not None and offset is not None and offset < 0 and day > planned_on:
        sentence = _("'{step}' is due on {day}, after publication on {published}")
        yield "after_publication", sentence.format(step=name, day=day, published=planned_on)
    person = people.get(milestone.role)
    why = days.absence(milestone.role, person, day)
    if why is not None:
        sentence = _("'{step}' is due on {day}, when {who} does not work ({why})")
        yield "away", sentence.format(step=name, day=day, who=person or milestone.role, why=why)
    if milestone.lane is not Lane.PUBLICATION and not days.team.is_working_day(day):
        holiday = days.team.holiday_name(day, current_language()) or _("no working day")
        yield (
            "day_off",
            _("'{step}' is due on {day}, which is not worked ({why})").format(step=name, day=day, why=holiday),
        )
