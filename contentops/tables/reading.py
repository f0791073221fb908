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

from contentops.errors import Problem, SheetInvalid
from contentops.texts import gettext as _

_MOST_COLUMNS = 200
_MOST_UNPACKED, _MOST_FILES = 100_000_000, 500  # of a workbook, which is a ZIP archive: 200 kB may hold 200 MB
_WORKBOOKS, _OLD_WORKBOOKS = (".xlsx", ".xlsm"), (".xls", ".xlsb", ".ods", ".numbers")
# The reader makes room for every cell up to the last one, so a file of two cells may ask for all the memory there is.
_MOST_CELLS = 4_000_000
_CELL_ADDRESS = re.compile(rb'<c[ \t\r\n][^>]{0,200}?\br="([A-Za-z]{1,3})(\d{1,7})"')

_MARK = b"\xef\xbb\xbf"

Cell = str | float | date | datetime | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is read of a file.

    Attributes:
        most_bytes: of the file. most_rows: of one sheet. strict: whether a CSV with a quote that is never closed, or
            text behind a closed one, is refused; else it is read as well as can be.
    """

    most_bytes: int = 10_000_000
    most_rows: int = 20_000
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet.

    Attributes:
        name: of file and sheet, for people. rows: (row number as the program shows it, cells); empty rows left out.
    """

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read_tables(content: bytes, name: str, bounds: Bounds) -> list[Table]:
    """Return the sheets of a file that hold anything, hidden ones left out.

    Args:
        name: of the file; its ending says what it is. bounds: how much is read.

    Raises:
        SheetInvalid: it is too large, or no spreadsheet.
    """
    if len(content) > bounds.most_bytes:
        size = _("the file has {size:.0f} MB; at most {most:.0f} MB are read: export a shorter time")
        raise _refused(name, size.format(size=len(content) / 1e6, most=bounds.most_bytes / 1e6))
    if name.lower().endswith(_OLD_WORKBOOKS):
        raise _refused(name, _("this kind of workbook is not read; save it as .xlsx or as CSV"))
    if name.lower().endswith(_WORKBOOKS):
        _check_archive(content, name)
        return list(_workbook(content, name, bounds))
    rows = _numbered(name, _csv_rows(_decoded(content, name), name, bounds), bounds)
    return [Table(name, rows)] if rows else []


def _refused(name: str, message: str) -> SheetInvalid:
    return SheetInvalid([Problem(name, message)])


def _workbook(content: bytes, name: str, bounds: Bounds) -> Iterator[Table]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for about in book.sheets_metadata:
            if about.visible is not SheetVisibleEnum.Visible or about.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            # The area that is empty above and to the left stays: row numbers are those that the program shows.
            cells = ([_cell(value) for value in row] for row in sheet.iter_rows())
            rows = _numbered(name, cells, bounds, sheet.start)
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
    name: str, rows: Iterator[list[Cell]], bounds: Bounds, start: tuple[int, int] | None = None
) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    first = (start[0] if start else 0) + 1
    found = []
    for number, row in enumerate(rows, first):
        if any(cell not in (None, "") for cell in row):
            found.append((number, tuple(row[:_MOST_COLUMNS])))
        if len(found) > bounds.most_rows:
            raise _refused(name, _("more than {most} rows; split the file").format(most=bounds.most_rows))
    return tuple(found)


def _decoded(content: bytes, name: str) -> str:
    """Decode a text file: by its mark, as strict UTF-8, else as GB18030, which Excel in Chinese Windows writes."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    reached = 0
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            # Of two encodings, the one that understood more of the file is the one that was meant.
            reached = max(reached, error.start + (3 if encoding == "utf-8-sig" and content[:3] == _MARK else 0))
            continue
        if "\0" not in text:
            return text
        reached = max(reached, content.find(b"\0"))
    message = _("neither UTF-8 nor GB18030 (byte {byte}, line {line}): save it as 'CSV UTF-8' or as a workbook")
    raise _refused(name, message.format(byte=reached + 1, line=content.count(b"\n", 0, reached) + 1))


def _csv_rows(text: str, name: str, bounds: Bounds) -> Iterator[list[Cell]]:
    """Yield the rows of a CSV by the number of the line on which each begins, empty lists for its further lines."""
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=bounds.strict)
    begun = 0
    limit = csv.field_size_limit(bounds.most_bytes)
    try:
        for row in reader:
            yield [*row]
            # A cell of several lines must not shift the numbers of the rows below it.
            yield from ([] for _line in range(reader.line_num - begun - 1))
            begun = reader.line_num
    except csv.Error as error:
        message = _("the row that begins on line {line} cannot be read; look for a quotation mark that is never closed")
        raise _refused(name, message.format(line=begun + 1)) from error
    finally:
        csv.field_size_limit(limit)
