"""Read the cells of a plan: XLSX or CSV of any usual encoding and separator."""

from contentops.errors import CalendarInvalid, SheetInvalid
from contentops.tables.reading import Bounds, Cell, Table
from contentops.tables.reading import read_tables as read_any_tables

__all__ = ["Cell", "Table", "read_tables"]


def read_tables(content: bytes, name: str) -> list[Table]:
    """Return the sheets of a file that hold anything, hidden ones left out.

    Raises:
        CalendarInvalid: it is too large, or no spreadsheet.
    """
    try:
        return read_any_tables(content, name, Bounds())
    except SheetInvalid as error:
        raise CalendarInvalid(error.problems) from error
