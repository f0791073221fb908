"""Foreign plans: rows into pieces of content with their days. Pure rules."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from contentops.assets.slugs import slug_of
from contentops.planning.incoming.columns import Mapped
from contentops.planning.incoming.tables import Cell
from contentops.planning.working_days import FIRST_YEAR, LAST_YEAR
from contentops.texts import gettext as _

_DONE = {
    "done",
    "published",
    "live",
    "complete",
    "completed",
    "posted",
    "已完成",
    "完成",
    "已发布",
    "发布",
    "已上线",
    "✓",
    "✔",
    "是",
}
_CANCELLED = {"cancelled", "canceled", "dropped", "取消", "已取消", "放弃", "作废"}
_DATES = (
    re.compile(r"^(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?$"),
    re.compile(r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})$"),
)
_TWO_WAYS = re.compile(r"^\d{1,2}[/.-]\d{1,2}[/.-](\d{4}|\d{2})$")
_NAMED = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d-%b-%Y", "%A, %B %d, %Y")
_ISO_WEEK = re.compile(r"^(\d{4})-?W(\d{1,2})$", re.IGNORECASE)
_EXCEL_ZERO, _EXCEL_RANGE = date(1899, 12, 30), (36_526.0, 73_415.0)  # serial days of 2000 to 2100


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of content that a plan names.

    Attributes:
        places: where it stands: file and row, each file once. titles: by language tag; "" where none is said.
        day: the planned day. by_week: the plan names its week only. kind, slug, language,
            description: as far as it says. done, cancelled: by its status. problems: what could not be used.
    """

    places: tuple[str, ...]
    titles: Mapping[str, str]
    day: date | None = None
    by_week: bool = False
    kind: str = ""
    slug: str = ""
    language: str = ""
    description: str = ""
    done: bool = False
    cancelled: bool = False
    problems: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        """The first title there is."""
        return next(iter(self.titles.values()), "")

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return ", ".join(self.places)


def pieces(rows: Iterable[tuple[int, Mapping[str, Cell]]], table: str, mapped: Mapped) -> Iterator[Piece]:
    """Yield the pieces of one table, with what could not be used of each row."""
    for number, row in rows:
        place = _("{table} row {number}").format(table=table, number=number)
        titles = {
            tag: text
            for tag, key in (("zh-CN", "title_zh"), ("en", "title_en"), ("", "title"))
            if (text := _text(row.get(key)))
        }
        problems = [] if titles else [_("it has no title")]
        day, by_week = _day(row, problems)
        status, word = _text(row.get("status")).casefold(), _text(row.get("kind"))
        yield Piece(
            places=(place,),
            titles=titles,
            day=day,
            by_week=by_week,
            kind=mapped.values.get(word, word),
            slug=slug_of(_text(row.get("slug")).rstrip("/").rpartition("/")[2]),
            language=_text(row.get("language")),
            description=_text(row.get("description")),
            done=status in _DONE,
            cancelled=status in _CANCELLED,
            problems=tuple(problems),
        )


def joined(tables: Iterable[Iterable[Piece]]) -> list[Piece]:
    """Put the rows of several tables together that name the same piece, by a title or an address they share.

    The first table that says something of a piece has the word; rows of one table are never put together.
    """
    found: list[Piece] = []
    index: dict[tuple[str, str], int] = {}
    for table in tables:
        before = len(found)
        for piece in table:
            keys = [("title", _same(text)) for text in piece.titles.values()]
            keys += [("slug", piece.slug)] if piece.slug else []
            at = next((index[key] for key in keys if key in index and index[key] < before), None)
            if at is None:
                at = len(found)
                found.append(piece)
            else:
                found[at] = _merged(found[at], piece)
            for key in keys:
                index.setdefault(key, at)
    return found


def _merged(first: Piece, second: Piece) -> Piece:
    names = ("kind", "slug", "language", "description")
    values = {name: getattr(first, name) or getattr(second, name) for name in names}
    return replace(
        first,
        **values,
        places=(*first.places, *second.places),
        titles={**second.titles, **first.titles},
        day=first.day or second.day,
        by_week=first.by_week if first.day else second.by_week,
        done=first.done or second.done,
        cancelled=first.cancelled or second.cancelled,
        problems=(*first.problems, *second.problems),
    )


def _same(title: str) -> str:
    return re.sub(r"[\W_]+", "", title).casefold()


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:g}"
    return " ".join(str(cell).split()) if cell is not None else ""


def _day(row: Mapping[str, Cell], problems: list[str]) -> tuple[date | None, bool]:
    for name, by_week in (("date", False), ("week_start", True)):
        cell = row.get(name)
        if cell in (None, ""):
            continue
        day, why = read_day(cell)
        if day is None:
            problems.append(why)
            return None, False
        return day, by_week
    return None, False


def read_day(cell: Cell) -> tuple[date | None, str]:
    """Return the day that a cell means, or None and why it cannot be told."""
    day: date | None = None
    if isinstance(cell, datetime):
        day = cell.date()
    elif isinstance(cell, date):
        day = cell
    elif isinstance(cell, float):
        serial = _EXCEL_RANGE[0] <= cell <= _EXCEL_RANGE[1]
        day = _EXCEL_ZERO + timedelta(days=int(cell)) if serial else _written(_text(cell))
    elif cell is not None:
        text = " ".join(str(cell).split())
        if _TWO_WAYS.match(text):
            return None, _("'{text}' may be read in two ways; write the date as 2026-03-31").format(text=text)
        day = _written(text)
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None, _("'{text}' is no date; write it as 2026-03-31").format(text=_text(cell))
    return day, ""


def _written(text: str) -> date | None:
    try:
        for pattern in _DATES:
            found = pattern.match(text)
            if found:
                return date(int(found["y"]), int(found["m"]), int(found["d"]))
        week = _ISO_WEEK.match(text)
        if week:
            return date.fromisocalendar(int(week[1]), int(week[2]), 1)
    except ValueError:
        return None
    for form in _NAMED:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
