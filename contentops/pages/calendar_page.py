"""The calendar as a page: month, week or list of days. Rendered whole on the server; nothing in it needs a script."""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from babel.dates import format_date

from contentops.models import Lane
from contentops.pages.theme import Brand, Theme
from contentops.planning.agenda import AgendaItem, lane_name
from contentops.planning.working_days import WorkingCalendar
from contentops.texts import gettext as _
from contentops.texts import spoken, use_language

VIEWS = ("month", "week", "agenda")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as a page shows it.

    Attributes:
        summary: what, and of what. lane, lane_name: what it is about. state: due, done or late. who: role and person.
        download: address of this one event as a file, or empty. points: open ones.
    """

    summary: str
    lane: str
    lane_name: str
    state: str
    who: str
    download: str
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day.

    Attributes:
        day: ISO. number: in the month. label: written out. mark: 休 or 班, or nothing. mark_title: why.
        works: whether people work. is_today, is_past, is_outside: of the shown month. entries: by role and name.
    """

    day: str
    number: int
    label: str
    mark: str
    mark_title: str
    works: bool
    is_today: bool
    is_past: bool
    is_outside: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Weeks under each other. Attributes: title: of month or week. weekdays: their names. weeks: seven days each."""

    title: str
    weekdays: tuple[str, ...]
    weeks: tuple[tuple[Day, ...], ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the entries, and differs between a page on the web and a file.

    Attributes:
        notice: sentence on provisional years. links: name → address of the other views and months.
        subscribe: name → address for calendar programs. event_base: where one event is downloaded; {uid} in it.
        filters: name → (chosen, choices) of the form. hidden: values that the form keeps.
    """

    notice: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    subscribe: Mapping[str, str] = field(default_factory=dict)
    event_base: str = ""
    filters: Mapping[str, tuple[str, Sequence[tuple[str, str]]]] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)


class CalendarPage:
    """Renders pages of the calendar.

    Args:
        folder: the workspace. name: shown at the top. language: of the page. week_start: monday or sunday.
    """

    def __init__(
        self, folder: Path, *, name: str, language: str, brand: Brand, calendar: WorkingCalendar, week_start: str
    ) -> None:
        self._theme = Theme("calendar", folder, brand)
        self._name, self._language, self.working_days = name, language, calendar
        self._first = 0 if week_start == "monday" else 6

    @property
    def policy(self) -> str:
        """The Content-Security-Policy of these pages: their own style sheet, which stands in them, and nothing else."""
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        return (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )

    @property
    def _style(self) -> str:
        return self._theme.style[1].decode()

    def span(self, view: str, day: date) -> tuple[date, date]:
        """Return the first and last day that a view of `day` shows; for a list, four weeks from its week on."""
        if view == "month":
            first = day.replace(day=1)
            last = (first + 31 * _DAY).replace(day=1) - _DAY
            return self._week(first), self._week(last) + 6 * _DAY
        return self._week(day), self._week(day) + (6 if view == "week" else 27) * _DAY

    def neighbours(self, view: str, day: date) -> tuple[date, date]:
        """Return a day in the view before, and one in the view after."""
        if view == "month":
            first = day.replace(day=1)
            return first - _DAY, first + 31 * _DAY
        weeks = 1 if view == "week" else 4
        return day - weeks * 7 * _DAY, day + weeks * 7 * _DAY

    def render(
        self,
        view: str,
        days: Iterable[date],
        items: Iterable[AgendaItem],
        *,
        today: date,
        backlog: Iterable[tuple[str, str]] = (),
        late: Iterable[AgendaItem] = (),
        around: Surroundings | None = None,
    ) -> str:
        """Return the page.

        Args:
            view: month, week or agenda. days: one day in each month or week to show; for a list, its first day.
            items: at least those within. today: the present day. backlog: undated ideas, as (title, kind).
            late: overdue entries.
        """
        around, days = around or Surroundings(), list(days)
        with use_language(self._language):
            by_day: dict[date, list[AgendaItem]] = {}
            for item in items:
                by_day.setdefault(item.day, []).append(item)
            grids = [self._grid(view, day, by_day, today, around) for day in days] if view != "agenda" else []
            listed = self._list(days, by_day, today, around) if view == "agenda" else ()
            return self._theme.render(
                "calendar.html",
                self._language,
                lang=spoken(self._language),
                name=self._name,
                style=self._style,
                view=view,
                title=self._title(view, days),
                grids=grids,
                days=listed,
                backlog=list(backlog),
                late=[(self._label(item.day), _entry(item, today, around)) for item in late],
                lanes=[(str(lane), lane_name(lane)) for lane in Lane],
                around=around,
                whole=not around.links,  # a file to print has nobody who opens what is folded
                today=self._label(today),
            )

    def _week(self, day: date) -> date:
        return day - ((day.weekday() - self._first) % 7) * _DAY

    def _title(self, view: str, days: list[date]) -> str:
        if view == "month" and len(days) == 1:
            return self._month(days[0])
        if view == "week":
            first = self._week(days[0])
            return f"{self._label(first)} – {self._label(first + 6 * _DAY)}"
        return _("Content calendar")

    def _grid(
        self, view: str, day: date, by_day: Mapping[date, list[AgendaItem]], today: date, around: Surroundings
    ) -> Grid:
        first, last = self.span(view, day)
        month = day.month if view == "month" else None
        weeks = []
        while first <= last:
            weeks.append(tuple(self._day(first + n * _DAY, by_day, today, around, month) for n in range(7)))
            first += 7 * _DAY
        names = tuple(format_date(self._week(day) + n * _DAY, "EEE", locale=self._locale) for n in range(7))
        return Grid(self._month(day) if view == "month" else self._title(view, [day]), names, tuple(weeks))

    def _list(
        self, days: list[date], by_day: Mapping[date, list[AgendaItem]], today: date, around: Surroundings
    ) -> tuple[Day, ...]:
        return tuple(self._day(day, by_day, today, around, None) for day in sorted(by_day) if day >= min(days))

    def _day(
        self,
        day: date,
        by_day: Mapping[date, list[AgendaItem]],
        today: date,
        around: Surroundings,
        month: int | None,
    ) -> Day:
        works = self.working_days.is_working_day(day)
        mark, title = "", ""
        if works and day.weekday() >= 5:
            mark, title = _("work"), _("worked in place of a holiday")
        elif not works and day.weekday() < 5:
            mark, title = _("off"), self.working_days.holiday_name(day, self._language) or _("no working day")
        return Day(
            day=day.isoformat(),
            number=day.day,
            label=self._label(day),
            mark=mark,
            mark_title=title,
            works=works,
            is_today=day == today,
            is_past=day < today,
            is_outside=month is not None and day.month != month,
            entries=tuple(_entry(item, today, around) for item in by_day.get(day, ())),
        )

    @property
    def _locale(self) -> str:
        return "zh_CN" if spoken(self._language) == "zh-CN" else "en_GB"

    def _month(self, day: date) -> str:
        return format_date(day, "yyyy年M月" if self._locale == "zh_CN" else "MMMM yyyy", locale=self._locale)

    def _label(self, day: date) -> str:
        pattern = "M月d日 EEEE" if self._locale == "zh_CN" else "EEE d MMM yyyy"
        return format_date(day, pattern, locale=self._locale)


def _entry(item: AgendaItem, today: date, around: Surroundings) -> Entry:
    return Entry(
        summary=item.summary,
        lane=str(item.lane),
        lane_name=lane_name(item.lane),
        state="late" if item.is_late(today) else str(item.state),
        who=f"{item.role} · {item.person}" if item.person else item.role,
        download=around.event_base.replace("{uid}", item.uid) if around.event_base else "",
        points=item.open_points,
    )
