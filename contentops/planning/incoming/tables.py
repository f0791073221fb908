"""Read the cells of a spreadsheet: XLSX or CSV of any usual encoding and separator. Values, not formulas."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from contentops.errors import CalendarInvalid, Problem
from contentops.texts import gettext as _

MOST_BYTES = 10_000_000
MOST_ROWS = 20_000
_MOST_COLUMNS = 200
_MOST_UNPACKED, _MOST_FILES = 100_000_000, 500  # of a workbook, which is a ZIP archive: 200 kB may hold 200 MB
_WORKBOOKS, _OLD_WORKBOOKS = (".xlsx", ".xlsm"), (".xls", ".xlsb", ".ods", ".numbers")
# The reader makes room for every cell up to the last one, so a file of two cells may ask for all the memory there is.
_MOST_CELLS = 4_000_000
_CELL_ADDRESS = re.compile(rb'<c[ \t\r\n][^>]{0,200}?\br="([A-Za-z]{1,3})(\d{1,7})"')

Cell = str | float | date | datetime | None


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet.

    Attributes:
        name: of file and sheet, for people. rows: (row number as the program shows it, cells); empty rows left out.
    """

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read_tables(content: bytes, name: str) -> list[Table]:
    """Return the sheets of a file that hold anything, hidden ones left out.

    Args:
        name: of the file; its ending says what it is.

    Raises:
        CalendarInvalid: it is too large, or no spreadsheet.
    """
    if len(content) > MOST_BYTES:
        size = _("the file has {size:.0f} MB; at most {most:.0f} MB are read: export a shorter time")
        raise _refused(name, size.format(size=len(content) / 1e6, most=MOST_BYTES / 1e6))
    if name.lower().endswith(_OLD_WORKBOOKS):
        raise _refused(name, _("this kind of workbook is not read; save it as .xlsx or as CSV"))
    if name.lower().endswith(_WORKBOOKS):
        _check_archive(content, name)
        return list(_workbook(content, name))
    rows = _numbered(name, _csv_rows(_decoded(content, name)))
    return [Table(name, rows)] if rows else []


def _refused(name: str, message: str) -> CalendarInvalid:
    return CalendarInvalid([Problem(name, message)])


def _workbook(content: bytes, name: str) -> Iterator[Table]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for about in book.sheets_metadata:
            if about.visible is not SheetVisibleEnum.Visible or about.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            # The area that is empty above and to the left stays: row numbers are those that the program shows.
            rows = _numbered(name, ([_cell(value) for value in row] for row in sheet.iter_rows()), sheet.start)
            if rows:
                yield Table(f"{name} [{about.name}]", rows)
    except (CalamineError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise _refused(name, _("cannot be read as a workbook: {reason}").format(reason=error)) from error


def _check_archive(content: bytes, name: str) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
        if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
            raise _refused(name, _("the workbook unpacks to more than it may"))
        for entry in entries:
            if "worksheets/" in entry.filename and _extent(archive.read(entry)) > _MOST_CELLS:
                raise _refused(name, _("a sheet reaches too far: delete what stands far below or to the right"))
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError) as error:
        raise _refused(name, _("cannot be read as a workbook: {reason}").format(reason=error)) from error


def _extent(sheet: bytes) -> int:
    """Return how many cells a sheet would have up to its last row and column."""
    rows = columns = 1
    for found in _CELL_ADDRESS.finditer(sheet):
        letters = found[1].upper()
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        rows, columns = max(rows, int(found[2])), max(columns, column)
    return rows * columns


def _cell(value: Any) -> Cell:
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if isinstance(value, date | datetime | str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return float(value)
    return None if value is None else str(value)


def _numbered(
    name: str, rows: Iterator[list[Cell]], start: tuple[int, int] | None = None
) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    first = (start[0] if start else 0) + 1
    found = []
    for number, row in enumerate(rows, first):
        if any(cell not in (None, "") for cell in row):
            found.append((number, tuple(row[:_MOST_COLUMNS])))
        if len(found) > MOST_ROWS:
            raise _refused(name, _("more than {most} rows; split the file").format(most=MOST_ROWS))
    return tuple(found)


def _decoded(content: bytes, name: str) -> str:
    """Decode a text file: by its mark, as strict UTF-8, else as GB18030, which Excel in Chinese Windows writes."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _refused(name, _("neither UTF-8 nor GB18030: save it as 'CSV UTF-8' or as a workbook"))


def _csv_rows(text: str) -> Iterator[list[Cell]]:
    """Yield the rows of a CSV by the number of the line on which each begins, empty lists for its further lines."""
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    begun = 0
    limit = csv.field_size_limit(MOST_BYTES)
    try:
        for row in reader:
            yield [*row]
            # A cell of several lines must not shift the numbers of the rows below it.
            yield from ([] for _line in range(reader.line_num - begun - 1))
            begun = reader.line_num
    finally:
        csv.field_size_limit(limit)
