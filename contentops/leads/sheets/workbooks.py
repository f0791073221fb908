"""Rows into an .xlsx file that grows on the disk and not in memory."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from contentops.cells import CELL_LIMIT, cell_text, clean_text
from contentops.errors import WorkspaceError
from contentops.texts import gettext as _

MOST_ROWS = 1_048_575
"""Rows of one sheet below its header; what is more goes on in the next sheet."""
_PIECE = 1 << 20


def xlsx_pieces(
    rows: Iterable[Sequence[str | int | datetime]],
    headers: Sequence[str],
    widths: Sequence[int],
    name: str,
    zone: tzinfo,
    most_rows: int = MOST_ROWS,
) -> Iterator[bytes]:
    """Yield a workbook: text as text (never as a formula), numbers and times as such.

    Args:
        widths: of the columns, in characters. name: of the sheet; further ones get a number. zone: of the times.
    """
    with TemporaryDirectory(prefix="contentops-") as folder:
        path = Path(folder) / "leads.xlsx"
        _write(path, iter(rows), headers, widths, name, zone, most_rows)
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def _write(
    path: Path, rows: Iterator[Any], headers: Sequence[str], widths: Sequence[int], name: str, zone: tzinfo, most: int
) -> None:
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    options = {
        "constant_memory": True, "tmpdir": str(path.parent), "strings_to_formulas": False, "strings_to_urls": False
    }  # fmt: skip
    book = xlsxwriter.Workbook(str(path), options)
    book.use_zip64()
    styles = _Styles(book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}), zone)
    number = 1
    while number == 1 or (first := next(rows, None)) is not None:
        sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(1, 0)
        begun = [] if number == 1 else [first]
        _fill(sheet, headers, begun, islice(rows, most - len(begun)), styles)
        number += 1
    try:
        book.close()
    except XlsxWriterException as error:
        raise WorkspaceError(_("cannot write {path}: {reason}").format(path=path.name, reason=error)) from error


class _Styles:
    def __init__(self, bold: Any, moment: Any, zone: tzinfo) -> None:
        self.bold, self.moment, self.zone = bold, moment, zone


def _fill(sheet: Any, headers: Sequence[str], begun: list[Any], rows: Iterable[Any], styles: _Styles) -> None:
    for place, header in enumerate(headers):
        sheet.write_string(0, place, cell_text(header), styles.bold)
    noted: set[int] = set()
    note = _("This text and perhaps others in this column were cut: Excel takes {n:,} characters.")
    number = 0
    for source in (begun, rows):
        for row in source:
            number += 1
            for place, value in enumerate(row):
                if value != "" and _put(sheet, number, place, value, styles) and place not in noted:
                    # On the cell, not on the header: a row that was written is not in memory any more.
                    sheet.write_comment(number, place, note.format(n=CELL_LIMIT))
                    noted.add(place)


def _put(sheet: Any, number: int, place: int, value: str | int | datetime, styles: _Styles) -> bool:
    """Write a cell, and return whether its text was cut."""
    if isinstance(value, datetime):
        moment = value.astimezone(styles.zone).replace(tzinfo=None, microsecond=0)
        sheet.write_datetime(number, place, moment, styles.moment)
        return False
    if isinstance(value, int):
        sheet.write_number(number, place, value)
        return False
    text = cell_text(value)
    if sheet.write_string(number, place, text) != 0:
        raise WorkspaceError(_("row {row} does not fit into a workbook").format(row=number + 1))
    return len(text) < len(value) and len(text) < len(clean_text(value))
