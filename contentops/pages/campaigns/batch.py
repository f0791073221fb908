"""A whole campaign in one sheet: rows in, with every problem by its row; the links out, for Excel. Pure rules."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from contentops.cells import formula_safe, formula_unsafe
from contentops.errors import Conflict, InvalidArgument, InvalidInput, NotFound, Problem
from contentops.models import Asset
from contentops.pages.campaigns.addresses import CampaignLink
from contentops.pages.campaigns.naming import Wanted, checked
from contentops.planning.incoming.tables import Cell, Table, read_tables
from contentops.settings import Channel
from contentops.texts import gettext as _

COLUMNS = ("slug", "channel", "campaign", "content", "term", "wecom")
"""The columns of a campaign's sheet; the first three are needed."""

_NEEDED = COLUMNS[:3]
# What headers are called, in lower case without blanks and punctuation.
_HEADERS = {
    "slug": ("slug", "asset", "address", "内容", "资产", "内容地址"),
    "channel": ("channel", "渠道", "投放渠道"),
    "campaign": ("campaign", "utmcampaign", "活动", "活动名称", "营销活动"),
    "content": ("content", "version", "utmcontent", "版本", "素材", "位置"),
    "term": ("term", "keyword", "utmterm", "关键词", "搜索词"),
    "wecom": ("wecom", "wecomlink", "企微链接", "企业微信链接", "企微", "获客链接"),
}
_MEANING = {word: name for name, words in _HEADERS.items() for word in words}
_WRITTEN = (*COLUMNS, "language", "title", "link", "short_link", "state", "png", "svg")
_HEADER_WITHIN = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a campaign's sheet.

    Attributes:
        place: name of the file, and of the sheet in a workbook. number: of the row, as the program shows it.
        wanted: the link it asks for. problems: cells that cannot be used.
    """

    place: str
    number: int
    wanted: Wanted
    problems: tuple[Problem, ...] = ()


def read_rows(content: bytes, name: str, site: str) -> list[Row]:
    """Return the rows of a sheet: CSV in any usual encoding, or .xlsx.

    Args:
        name: of the file. site: public_url; a whole address in the first column is taken for its asset.

    Raises:
        InvalidInput: it is no such sheet, or holds no row.
    """
    tables = [(table, *header) for table in read_tables(content, name) if (header := _header(table))]
    rows = [row for table, number, places in tables for row in _rows(table, number, places, site)]
    if not tables:
        message = _("no row names the columns: {columns} are needed, {others} may be there")
        columns, others = _(", ").join(_NEEDED), _(", ").join(COLUMNS[len(_NEEDED) :])
        raise InvalidInput([Problem(name, message.format(columns=columns, others=others))])
    if not rows:
        raise InvalidInput([Problem(name, _("there is no row below the header"))])
    return rows


def check_rows(
    rows: Iterable[Row], channels: Mapping[str, Channel], find: Callable[[str], Asset]
) -> list[tuple[Asset, Wanted]]:
    """Return the asset and the checked names of each row.

    Args:
        find: returns the asset at an address; raises NotFound or Conflict.

    Raises:
        InvalidInput: with every problem of every row.
    """
    problems: list[Problem] = []
    found: list[tuple[Asset, Wanted]] = []
    first: dict[tuple[str, Wanted], int] = {}
    for row in rows:
        own = [*row.problems]
        blamed = {problem.where for problem in own}
        asset, wanted = None, None
        try:
            asset = find(row.wanted.slug) if "slug" not in blamed else None
        except (NotFound, Conflict) as error:
            own.append(Problem("slug", str(error)))
        try:
            wanted = checked(row.wanted, channels)
        except InvalidArgument as error:
            own += [problem for problem in error.problems if problem.where not in blamed]
        if asset and wanted and not own:
            earlier = first.setdefault((asset.id, replace(wanted, slug="")), row.number)
            if earlier != row.number:
                own.append(Problem("row", _("the same link as in row {row}; give it a version").format(row=earlier)))
            found.append((asset, wanted))
        problems += [Problem(row.place, str(problem), row.number) for problem in own]
    if problems:
        raise InvalidInput(problems)
    return found


def link_sheet(links: Sequence[CampaignLink], stems: Sequence[str]) -> bytes:
    """Return the links as CSV that Excel opens well and no formula runs in; `read_rows` takes it back.

    Args:
        stems: names of their files, one for each link.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerow(_WRITTEN)
    for link, stem in zip(links, stems, strict=True):
        files = (f"{stem}.png", f"{stem}.svg") if stem else ("", "")
        cells = (
            f"{link.language}/{link.slug}", link.channel, link.campaign, link.content, link.term, link.wecom,
            link.language, link.title, link.url, link.short_url, link.state, *files,
        )  # fmt: skip
        writer.writerow([formula_safe(cell) for cell in cells])
    return buffer.getvalue().encode("utf-8-sig")


def _header(table: Table) -> tuple[int, dict[str, int]] | None:
    """Return the number of the row that names the columns, and which column is which."""
    for number, row in table.rows[:_HEADER_WITHIN]:
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            meaning = _MEANING.get(re.sub(r"[\W_]+", "", str(cell or "")).casefold())
            if meaning:
                places.setdefault(meaning, place)
        if places.keys() >= set(_NEEDED):
            return number, places
    return None


def _rows(table: Table, header: int, places: Mapping[str, int], site: str) -> Iterator[Row]:
    for number, row in table.rows:
        cells = {name: row[place] if place < len(row) else None for name, place in places.items()}
        if number <= header or not any(map(_text, cells.values())):
            continue
        problems = tuple(
            Problem(name, _("the spreadsheet made a date of this; format the column as text and type it again"))
            for name, cell in cells.items()
            if isinstance(cell, date)
        )
        texts = {name: "" if isinstance(cell, date) else _text(cell) for name, cell in cells.items()}
        texts["slug"] = texts["slug"].removeprefix(site)
        yield Row(table.name, number, Wanted(**texts), problems)


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return formula_unsafe(str(cell).strip()) if cell is not None else ""
