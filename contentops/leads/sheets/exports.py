"""Leads as files that open well: XLSX with typed cells, CSV that Excel reads and no formula runs in, JSON lines.

However many leads there are, memory stays the same: rows come and go one by one, a workbook grows on the disk.
"""

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from contentops.cells import formula_safe
from contentops.errors import InvalidArgument, Problem
from contentops.leads.sheets.choices import one_of
from contentops.leads.sheets.columns import ANSWER, KEYS, Column, Headers
from contentops.leads.sheets.workbooks import xlsx_pieces
from contentops.texts import gettext as _

FORMATS = ("xlsx", "csv", "jsonl")

Cell = str | int | datetime
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is written.

    Attributes:
        form: one of :data:`FORMATS`. headers: of the columns; also the language of words in cells. zone: of times that
            people read. encoding: of CSV. raw: CSV for programs: moments as ISO in UTC, words as keys, no apostrophe
            in front of what a spreadsheet would take for a formula.
    """

    form: str
    headers: Headers
    zone: tzinfo
    encoding: str = "utf-8-sig"
    raw: bool = False


def checked(shape: Shape) -> Shape:
    """Return a shape that can be written.

    Raises:
        InvalidArgument: an unknown format or encoding, or raw where it means nothing.
    """
    problems = []
    if shape.form not in FORMATS:
        problems.append(Problem("format", one_of(shape.form, FORMATS)))
    elif shape.raw and shape.form != "csv":
        problems.append(Problem("raw", _("only CSV is written raw; programs read JSON lines without it")))
    try:
        " ".encode(shape.encoding)  # finds what is no encoding of text as well
    except LookupError:
        message = _("'{name}' is no encoding; there are utf-8-sig, utf-8, gb18030 and others")
        problems.append(Problem("encoding", message.format(name=shape.encoding)))
    if problems:
        raise InvalidArgument(problems)
    return shape


def export(rows: Iterable[Row], columns: Sequence[Column], shape: Shape) -> Iterator[bytes]:
    """Yield the file of leads, piece by piece.

    Args:
        rows: from :class:`contentops.leads.sheets.listing.Snapshot`. columns: what is written; JSON lines have all.

    Raises:
        InvalidArgument: the encoding lacks a character; with the row, the column and the character.
    """
    if shape.form == "jsonl":
        yield from (_json_line(row) for row in rows)
        return
    words = {} if shape.raw else _WORDS.get(shape.headers, {})
    headers = [column.header(shape.headers) for column in columns]
    cells = (_cells(row, columns, words) for row in rows)
    if shape.form == "csv":
        yield from _csv(cells, headers, shape)
    else:
        name = "线索" if shape.headers is Headers.ZH else "leads"
        yield from xlsx_pieces(cells, headers, [column.width for column in columns], name, shape.zone)


# What stands in cells as a key, as people read it; lists that come in understand it as well.
_WORDS = {
    Headers.EN: {"pending": "to be confirmed"},
    Headers.ZH: {
        "yes": "是",
        "no": "否",
        "waiting": "待确认",
        "given": "已同意",
        "pending": "待确认",
        "withdrawn": "已撤回",
        "stopped": "已停发",
        "bounced": "退信",
        "form": "表单",
        "import": "导入",
    },
}
_WORDED = {
    "origin",
    "confirmed",
    "disposable",
    "no_mail",
    "mixed_letters",
    "stopped",
    "marketing_consent",
    "consent_email",
    "consent_phone",
    "consent_wecom",
}


def _cells(row: Row, columns: Sequence[Column], words: Mapping[str, str]) -> list[Cell]:
    cells: list[Cell] = []
    for column in columns:
        key = column.key
        value = row["answers"].get(key.removeprefix(ANSWER), "") if key.startswith(ANSWER) else row[key]
        if isinstance(value, list):
            value = "; ".join(value)
        elif isinstance(value, dict):
            value = "; ".join(f"{name}={text}" for name, text in value.items())
        elif key in _WORDED:
            value = words.get(value, value)
        cells.append(value)
    return cells


def _json_line(row: Row) -> bytes:
    values = {key: row[key] for key in (*KEYS, "answers", "person_id")}
    return (json.dumps(values, ensure_ascii=False, default=moment_text) + "\n").encode("utf-8")


def moment_text(moment: datetime) -> str:
    """Return a moment for programs: ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _csv(rows: Iterable[list[Cell]], headers: Sequence[str], shape: Shape) -> Iterator[bytes]:
    line = io.StringIO(newline="")
    writer = csv.writer(line, quoting=csv.QUOTE_ALL)
    encode = codecs.getincrementalencoder(shape.encoding)().encode  # a mark stands at the start of the file only
    as_text = _for_programs if shape.raw else _for_people(shape.zone)

    def written(cells: Sequence[str]) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
        return line.getvalue()

    for number, cells in enumerate(_with_first([formula_safe(header) for header in headers], rows, as_text), 1):
        try:
            yield encode(written(cells))
        except UnicodeEncodeError as error:
            raise _unwritable(number, headers, cells, shape.encoding) from error


def _with_first(headers: list[str], rows: Iterable[list[Cell]], as_text: Callable[[Cell], str]) -> Iterator[list[str]]:
    yield headers
    for row in rows:
        yield [as_text(cell) for cell in row]


def _for_programs(cell: Cell) -> str:
    return moment_text(cell) if isinstance(cell, datetime) else str(cell)


def _for_people(zone: tzinfo) -> Callable[[Cell], str]:
    def as_text(cell: Cell) -> str:
        if isinstance(cell, datetime):
            return f"{cell.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        return formula_safe(str(cell)) if cell != "" else ""  # most cells are empty

    return as_text


def _unwritable(number: int, headers: Sequence[str], cells: Sequence[str], encoding: str) -> InvalidArgument:
    """Return the error that names the cell and the character that an encoding lacks."""
    for header, cell in zip(headers, cells, strict=True):
        try:
            cell.encode(encoding)
        except UnicodeEncodeError as error:
            char = cell[error.start]
            message = _(
                "row {row}, column '{column}' cannot be written in {encoding}: it has no '{char}' (U+{code:04X}); "
                "utf-8-sig and gb18030 have every character"
            )
            text = message.format(row=number, column=header, encoding=encoding, char=char, code=ord(char))
            return InvalidArgument([Problem("encoding", text)])
    raise AssertionError  # the row was refused because one of its cells was
