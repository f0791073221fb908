"""Leads as files that open well: XLSX with typed cells, CSV that Excel reads and no formula runs in, JSON lines."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from contentops.cells import cell_text, formula_safe

COLUMNS = (
    "lead_id", "asset", "language", "name", "company", "email", "phone", "created_at", "last_at", "marketing_consent",
    "first_source", "first_medium", "first_campaign", "first_referrer", "touches", "downloads", "answers",
)  # fmt: skip
FORMATS = ("xlsx", "csv", "jsonl")


def export(rows: Iterable[Mapping[str, Any]], form: str, *, encoding: str = "utf-8-sig") -> Iterator[bytes]:
    """Yield the file of leads, piece by piece.

    Args:
        rows: one mapping by :data:`COLUMNS` per lead. form: one of :data:`FORMATS`.
        encoding: of CSV; with a mark by default, because Excel in Chinese Windows needs it.

    Raises:
        UnicodeEncodeError: a character does not exist in `encoding`.
    """
    if form == "jsonl":
        for row in rows:
            yield (json.dumps({name: row[name] for name in COLUMNS}, ensure_ascii=False) + "\n").encode(
                "utf-8", "replace"
            )
    elif form == "csv":
        yield from _csv(rows, encoding)
    else:
        yield _xlsx(rows)


def _csv(rows: Iterable[Mapping[str, Any]], encoding: str) -> Iterator[bytes]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    mark = "\ufeff" if encoding == "utf-8-sig" else ""
    encoding = "utf-8" if mark else encoding

    def lines(cells: Sequence[str]) -> bytes:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(cells)
        return buffer.getvalue().encode(encoding)

    yield mark.encode() + lines(COLUMNS)
    for row in rows:
        yield lines([formula_safe(str(row[name])) for name in COLUMNS])


def _xlsx(rows: Iterable[Mapping[str, Any]]) -> bytes:
    import xlsxwriter

    memory = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    book = xlsxwriter.Workbook(memory, options)
    sheet = book.add_worksheet("leads")
    bold = book.add_format({"bold": True})
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name, bold)
    for number, row in enumerate(rows, 1):
        for column, name in enumerate(COLUMNS):
            value = row[name]
            if isinstance(value, int) and not isinstance(value, bool):
                sheet.write_number(number, column, value)
            else:
                sheet.write_string(number, column, cell_text(str(value)))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(COLUMNS) - 1, 18)
    book.close()
    return memory.getvalue()
