"""The desk for what comes back: ``ws.calendar.incoming``. First a comparison, then what was accepted of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import col, select

from contentops.errors import CalendarInvalid, Conflict, InvalidArgument, Problem, did_you_mean
from contentops.models import CalendarDirty, CalendarLedger, SourceFile
from contentops.planning.agenda import AgendaItem
from contentops.planning.context import PlanningContext
from contentops.planning.incoming.applying import Applying
from contentops.planning.incoming.columns import (
    FIELDS,
    Mapped,
    cells_of,
    find_header,
    load_columns,
    propose,
    save_columns,
)
from contentops.planning.incoming.differences import ACCEPTABLE, Difference, Kind, compare
from contentops.planning.incoming.differences import Incoming as Entry
from contentops.planning.incoming.ics_reading import read_calendar
from contentops.planning.incoming.matching import Defaults, Matching
from contentops.planning.incoming.own_sheets import own_columns, own_rows
from contentops.planning.incoming.plans import Piece, joined, pieces
from contentops.planning.incoming.tables import Table, read_tables
from contentops.planning.moving import Author
from contentops.planning.outgoing.ledger import Ledger
from contentops.texts import gettext as _
from contentops.texts import use_language


@dataclass(frozen=True, slots=True)
class Comparison:
    """How files differ from the plan.

    Attributes:
        differences: one or more for each entry of the files. mapped: of foreign plans: table → its columns.
        version: of the plan that was compared with; if it changes, the comparison cannot be applied.
        source: the files' names, for the history.
    """

    differences: tuple[Difference, ...]
    mapped: Mapping[str, Mapped]
    version: int
    source: str

    def of(self, *kinds: Kind) -> list[Difference]:
        """Return the differences of some kinds."""
        return [difference for difference in self.differences if difference.kind in kinds]

    @property
    def moves_publications(self) -> bool:
        """Whether it moves a publication, so that somebody must say whether the steps move along."""
        return any(d.lane is not None and d.lane == "publication" for d in self.of(Kind.MOVED))


class Incoming:
    """Reads calendars and spreadsheets that came back, compares them with the plan, applies what was accepted."""

    ACCEPTABLE = ACCEPTABLE

    def __init__(self, context: PlanningContext, ledger: Ledger, agenda: Callable[..., list[AgendaItem]]) -> None:
        self._context, self._ledger, self._agenda = context, ledger, agenda

    def calendar(self, content: bytes, *, name: str = "calendar.ics") -> Comparison:
        """Compare an .ics file with the plan. Changes nothing.

        Args:
            name: of the file, for the history.

        Raises:
            CalendarInvalid: it is no calendar, or too large.
        """
        return self._compared(read_calendar(content, self._context.zone).entries, name)

    def sheets(
        self,
        files: Sequence[tuple[str, bytes]],
        *,
        kind: str = "",
        columns: Mapping[str, str] | None = None,
        values: Mapping[str, str] | None = None,
    ) -> Comparison:
        """Compare spreadsheets with the plan: our own export edited in Excel, or foreign plans. Changes nothing.

        Several foreign tables are joined where their rows name the same piece.

        Args:
            files: (name, content). kind: of pieces whose rows name none. columns: field → header, over what is
                proposed. values: what words in the column of kinds mean.

        Raises:
            CalendarInvalid: a file cannot be read, is too large, or has no column of titles.
            InvalidArgument: no such kind.
        """
        self._check_words(kind, columns or {}, values or {})
        tables = [table for name, content in files for table in read_tables(content, name)]
        source = ", ".join(name for name, _content in files)
        ours = [(table, found) for table in tables if (found := own_columns(table))]
        if ours:
            if len(ours) < len(
                {table.name for table in tables if find_header(table)} | {table.name for table, _f in ours}
            ):
                message = _("our own sheet and foreign plans are read one after the other: give them one at a time")
                raise CalendarInvalid([Problem(source, message)])
            return self._compared([e for table, found in ours for e in own_rows(table, *found)], source)
        return self._foreign(tables, source, kind, columns or {}, values or {})

    def _check_words(self, kind: str, columns: Mapping[str, str], values: Mapping[str, str]) -> None:
        kinds, problems = sorted(self._context.standards.kinds), []
        for option, named in (("--kind", kind), *(("--value", word) for word in values.values())):
            if named and named not in kinds:
                message = _("'{kind}' is no kind; there are: {known}").format(kind=named, known=_(", ").join(kinds))
                problems.append(Problem(option, message + did_you_mean(named, kinds)))
        for name in columns:
            if name not in FIELDS:
                message = _("'{name}' is no field; there are: {known}").format(name=name, known=_(", ").join(FIELDS))
                problems.append(Problem("--column", message + did_you_mean(name, FIELDS)))
        if problems:
            raise InvalidArgument(problems)

    def _compared(self, entries: Iterable[Entry], source: str) -> Comparison:
        entries, state = list(entries), self._ledger.refresh()
        known = self._ledger.known(entry.uid for entry in entries)
        with use_language(self._context.settings.language):  # the words that the events were written in
            items = {item.uid: item for item in self._agenda(with_dropped=True)}
        files = self._files()
        return Comparison(tuple(compare(entries, known, items, files)), {}, state.version, source)

    def _foreign(
        self, tables: list[Table], source: str, kind: str, columns: Mapping[str, str], values: Mapping[str, str]
    ) -> Comparison:
        state = self._ledger.refresh()
        kept = load_columns(self._columns_file)
        said = [columns.values(), *(mapped.fields.values() for mapped in kept)]
        headed = [found for table in tables if (found := find_header(table, said))]
        without = [table for table in tables if table.name not in {found.table.name for found in headed}]
        if not headed:
            message = _("no column looks like a title; say which one by --column title=HEADER")
            raise CalendarInvalid(
                [Problem(table.name, message) for table in tables] or [Problem(source, _("is empty"))]
            )
        mapped, read = {}, []
        names = {name: kind for kind, found in self._context.standards.by_kind.items() for name in found.name.values()}
        for found in headed:
            given = {name: header for name, header in columns.items() if len(headed) == 1 or header in found.headers}
            proposed = propose(found, kept, given)
            proposed = replace(proposed, values={**names, **proposed.values, **values})
            mapped[found.table.name] = proposed
            read.append(list(pieces(cells_of(found, proposed), found.table.name, proposed)))
        message = _("no column looks like a title, so this sheet is left out")
        unusable = [Difference(Kind.UNUSABLE, table.name, message=message) for table in without]
        differences = [*self._matched(joined(read), kind), *unusable]
        return Comparison(tuple(differences), mapped, state.version, source)

    def _matched(self, found: Iterable[Piece], kind: str) -> Iterable[Difference]:
        context = self._context
        defaults = Defaults(kind, context.settings.language, context.standards.kinds, context.today())
        return Matching(context.assets.find(), defaults, context.days.team).compare(found)

    def apply(
        self,
        comparison: Comparison,
        *,
        accept: Iterable[Kind | str] = ACCEPTABLE,
        with_steps: bool | None = None,
        by: str = "import",
    ) -> int:
        """Apply the differences of some kinds, all of them or none, and return how many.

        Args:
            accept: which kinds. with_steps: whether the steps of a moved publication move along; must be said where
                one moves.

        Raises:
            InvalidArgument: a kind that cannot be accepted, or with_steps is not said and must be.
            Conflict: the plan has changed since it was compared. StepBlocked: a step cannot be called done.
        """
        given = {str(kind) for kind in accept}
        kinds = {kind for kind in ACCEPTABLE if kind in given}
        if given - kinds:
            named = _(", ").join(sorted(given - kinds))
            raise InvalidArgument([Problem("accept", _("nothing can be applied of: {kinds}").format(kinds=named))])
        wanted = comparison.of(*kinds)
        if Kind.MOVED in kinds and comparison.moves_publications and with_steps is None:
            message = _("a publication moves: say whether its steps move along (--with-steps or --without-steps)")
            raise InvalidArgument([Problem("with_steps", message)])
        known = {uid: event.asset_id for uid, event in self._ledger.known(d.uid for d in wanted if d.uid).items()}
        author = Author(by, self._context.now(), f"calendar import {comparison.source}")
        with self._context.store.write() as session:
            version = session.exec(select(CalendarLedger.version)).one()
            if version != comparison.version or session.exec(select(CalendarDirty.id).limit(1)).first() is not None:
                raise Conflict(_("the plan has changed meanwhile; look at the differences again"))
            applying = Applying(session, self._context, known, author, with_steps=bool(with_steps))
            count = applying.apply(wanted)
            if comparison.mapped:  # before the end of the transaction: if it cannot be written, nothing was done
                save_columns(
                    self._columns_file, load_columns(self._columns_file), self._own(comparison.mapped.values())
                )
        return count

    def _own(self, mapped: Iterable[Mapped]) -> list[Mapped]:
        """Return accepted columns without what the standards say of themselves: the names of their kinds."""
        standards = self._context.standards.by_kind
        return [
            replace(
                m,
                values={
                    word: kind
                    for word, kind in m.values.items()
                    if kind not in standards or word not in standards[kind].name.values()
                },
            )
            for m in mapped
        ]

    @property
    def _columns_file(self) -> Path:
        return self._context.folder / "calendar" / "columns.toml"

    def _files(self) -> dict[str, str]:
        with self._context.store.read() as session:
            rows = session.exec(
                select(SourceFile.asset_id, SourceFile.path).where(col(SourceFile.asset_id).is_not(None))
            )
            return {str(asset_id): path for asset_id, path in rows}
