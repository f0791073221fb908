"""The plan as a workbook for Excel, and as CSV: ``ws.calendar.sheets``."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from contentops.cells import cell_text, formula_safe
from contentops.models import CalendarEvent, MilestoneState
from contentops.planning.agenda import AgendaItem, lane_name
from contentops.planning.capacity import WeekLoad
from contentops.planning.columns import COLUMNS, state_name
from contentops.planning.context import PlanningContext
from contentops.planning.findings import provisional_sentence
from contentops.planning.outgoing.ledger import Ledger
from contentops.texts import gettext as _
from contentops.texts import use_language

_TABLE_STYLE = "Table Style Light 9"
_MOST_ROWS = 1_048_000


class Sheets:
    """Writes the agenda as a spreadsheet that can come back."""

    def __init__(
        self,
        context: PlanningContext,
        agenda: Callable[..., list[AgendaItem]],
        workload: Callable[..., list[WeekLoad]],
        ledger: Ledger,
    ) -> None:
        self._context, self._agenda, self._workload, self._ledger = context, agenda, workload, ledger

    def xlsx(self, **limits: Any) -> bytes:
        """Return a workbook: the plan as a table with drop-downs, instructions, and the workload with a chart.

        Args:
            limits: as of ``ws.calendar.agenda``.
        """
        import xlsxwriter

        items, modified = self._rows(limits)
        memory = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(memory, options)
        # The same plan gives the same bytes: no moment of its own stands in the file.
        book.set_properties({"created": datetime(2026, 1, 1)})  # noqa: DTZ001 - the library takes naive ones
        with use_language(self._context.settings.language):
            self._plan(book, items, modified)
            self._instructions(book, items)
            loads = self._workload(role=limits.get("role"), start=limits.get("start"), end=limits.get("end"))
            _workload(book, loads)
        book.close()
        return memory.getvalue()

    def csv(self, *, encoding: str = "utf-8-sig", **limits: Any) -> bytes:
        """Return the plan as CSV; with a mark at the start by default, because Excel in Chinese Windows needs it.

        Args:
            limits: as of ``ws.calendar.agenda``.
        """
        items, modified = self._rows(limits)
        text = io.StringIO(newline="")
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        with use_language(self._context.settings.language):
            writer.writerow(self._headers())
            for item in items:
                cells = self._cells(item, modified)
                writer.writerow([formula_safe(_as_text(value)) for value in cells.values()])
        return text.getvalue().encode(encoding, "replace")

    def _rows(self, limits: Mapping[str, Any]) -> tuple[list[AgendaItem], dict[str, CalendarEvent]]:
        self._ledger.refresh()  # so that a day that comes back can be told from one that was moved here meanwhile
        with use_language(self._context.settings.language):
            items = self._agenda(**limits)[:_MOST_ROWS]
        return items, self._ledger.known(item.uid for item in items)

    def _headers(self) -> list[str]:
        return [column.header(self._context.settings.language) for column in COLUMNS]

    def _cells(self, item: AgendaItem, modified: Mapping[str, CalendarEvent]) -> dict[str, Any]:
        event, zone = modified.get(item.uid), self._context.zone
        changed_at = (event.changed_at if event else item.changed_at).astimezone(zone)
        return {
            "uid": item.uid,
            "day": item.day,
            "weekday": _weekday(item.day),
            "lane": lane_name(item.lane),
            "name": item.name,
            "title": item.title,
            "kind": self._context.standards.label(item.kind),
            "role": item.role,
            "person": item.person,
            "hours": item.hours,
            "state": state_name(item.state),
            "channel": item.channel,
            "format": item.format,
            "asset": item.address,
            "url": item.url,
            "modified": changed_at.replace(tzinfo=None, microsecond=0),
            "revision": event.revision if event else 0,
        }

    def _plan(self, book: Any, items: list[AgendaItem], modified: Mapping[str, CalendarEvent]) -> None:
        sheet = book.add_worksheet(_("Plan"))
        formats: dict[type, Any] = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        for number, item in enumerate(items, 1):
            for place, value in enumerate(self._cells(item, modified).values()):
                _write(sheet, number, place, value, formats)
        last = max(len(items), 1)
        columns = [{"header": header} for header in self._headers()]
        table = {"columns": columns, "style": _TABLE_STYLE, "name": "plan"}
        sheet.add_table(0, 0, last, len(COLUMNS) - 1, table)
        sheet.freeze_panes(1, 2)
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, column.width)
            if column.key == "state":
                choices = [state_name(state) for state in MilestoneState]
                sheet.data_validation(1, place, last, place, {"validate": "list", "source": choices})
            if column.key == "day":
                sheet.data_validation(
                    1, place, last, place,
                    {
                        "validate": "date", "criteria": ">", "value": date(2000, 1, 1),
                        "error_title": _("No date"), "error_message": _("Write a date, such as 2027-03-04."),
                    },
                )  # fmt: skip

    def _instructions(self, book: Any, items: list[AgendaItem]) -> None:
        sheet = book.add_worksheet(_("Instructions"))
        sheet.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
        editable = _(", ").join(column.header(self._context.settings.language) for column in COLUMNS if column.editable)
        years = self._context.days.team.provisional_years(item.day for item in items)
        lines = [
            _("What you may change: {columns}. Everything else is for reading.").format(columns=editable),
            _("Save the file and read it back: contentops calendar import FILE. It shows the differences first."),
            _("The ID tells rows apart: do not change it. A row that you delete changes nothing."),
            _("State: {states}.").format(states=_(", ").join(state_name(state) for state in MilestoneState)),
            _("What was changed in contentops after this file was written is shown as a conflict and not overwritten."),
            provisional_sentence(years),
        ]
        for number, line in enumerate(filter(None, lines)):
            sheet.write_string(number, 0, line)


def _workload(book: Any, loads: Iterable[WeekLoad]) -> None:
    """Write the hours of each role and week, and draw them."""
    sheet = book.add_worksheet(_("Workload"))
    rows = list(loads)
    roles, weeks = sorted({row.role for row in rows}), sorted({row.week for row in rows})
    by_place = {(row.week, row.role): row for row in rows}
    day, over = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bg_color": "#f6c7c7"})
    header = [_("Week"), *roles, *(_("{role}: capacity").format(role=role) for role in roles)]
    sheet.write_row(0, 0, header, book.add_format({"bold": True}))
    sheet.set_column(0, len(header), 16)
    sheet.freeze_panes(1, 1)
    for number, week in enumerate(weeks, 1):
        sheet.write_datetime(number, 0, datetime.combine(week, datetime.min.time()), day)
        for place, role in enumerate(roles, 1):
            row = by_place.get((week, role))
            if row is not None:
                sheet.write_number(number, place, row.due_hours, over if row.over_hours else None)
                sheet.write_number(number, place + len(roles), row.capacity_hours)
    if not rows:
        return
    chart = book.add_chart({"type": "column", "subtype": "stacked"})
    for place, role in enumerate(roles, 1):
        chart.add_series(
            {
                "name": role,
                "categories": [sheet.name, 1, 0, len(weeks), 0],
                "values": [sheet.name, 1, place, len(weeks), place],
            }
        )
    chart.set_title({"name": _("Hours due by week")})
    chart.set_size({"width": 960, "height": 360})
    sheet.insert_chart(len(weeks) + 2, 0, chart)


def _weekday(day: date) -> str:
    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return names[day.weekday()]


def _write(sheet: Any, row: int, place: int, value: Any, formats: Mapping[type, Any]) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(row, place, value, formats[datetime])
    elif isinstance(value, date):
        sheet.write_datetime(row, place, datetime.combine(value, datetime.min.time()), formats[date])
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, cell_text(str(value)))


def _as_text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
