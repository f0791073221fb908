"""The desk for lists of people that others wrote: ``ws.leads.incoming``. First a look, then it is applied."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from contentops.assets.catalogue import Catalogue
from contentops.errors import Conflict, NotFound, Problem, SheetInvalid, StoreConflict
from contentops.leads.consent.ledger import ANY
from contentops.leads.intake.entries import Outcome
from contentops.leads.intake.known import load
from contentops.leads.sheets.incoming.columns import mapped
from contentops.leads.sheets.incoming.looking import Looking, Seen, Verdict
from contentops.leads.sheets.incoming.moments import months_before
from contentops.leads.sheets.incoming.options import Options
from contentops.leads.sheets.incoming.rows import Defaults, Row, content_key, read_rows
from contentops.leads.sheets.incoming.storing import BATCH, Arrival, entry_of, erased, store_leads
from contentops.leads.suppression import hashing_key
from contentops.leads.wishes import ErasureList, WithdrawalList
from contentops.models import Asset
from contentops.pages.notice import MARKETING
from contentops.settings import Settings
from contentops.store import Store
from contentops.tables.reading import Bounds, read_tables
from contentops.texts import gettext as _
from contentops.texts import ngettext

BOUNDS = Bounds(most_bytes=50_000_000, most_rows=100_000, strict=True)
"""What is read of a list."""

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A list, looked at.

    Attributes:
        rows: in the order of the file. columns: by table: field → header. unused: by table: headers that are not read.
        notes: what is worth knowing besides.
    """

    rows: tuple[Seen, ...]
    columns: Mapping[str, Mapping[str, str]]
    unused: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong with any row."""
        return [Problem(seen.row.place, text) for seen in self.rows for text in seen.row.problems]

    @property
    def counts(self) -> Counter[Verdict]:
        """How many rows there are of each verdict."""
        return Counter(seen.verdict for seen in self.rows)


@dataclass(slots=True)
class Applied:
    """What an import has done, in rows.

    Attributes:
        stored: with a touch of their own. same: that were here already. refused: of people who were erased.
            left_out: that were not right.
    """

    stored: int = 0
    same: int = 0
    refused: int = 0
    left_out: int = 0
    lead_ids: list[str] = field(default_factory=list)


class Incoming:
    """Reads lists of people, says what would come of each row, and stores them as leads."""

    def __init__(self, store: Store, settings: Settings, folder: Path, now: Callable[[], datetime]) -> None:
        self._store, self._settings, self._folder, self._now = store, settings, folder, now
        self._catalogue = Catalogue(store, settings, folder, now)
        self._list = ErasureList(folder, lambda: hashing_key(folder))
        self._withdrawals = WithdrawalList(folder, lambda: hashing_key(folder))

    def look(self, content: bytes, *, name: str, options: Options | None = None) -> Found:
        """Read a list and say what would come of each row. Changes nothing.

        Args:
            content: CSV in UTF-8, UTF-16 or GB18030, or .xlsx. name: of the file; its ending says what it is.
            options: what holds for the whole list.

        Raises:
            SheetInvalid: it cannot be read, or no column holds addresses. InvalidArgument: an option is wrong.
            NotFound, Conflict: the asset of all rows.
        """
        options = options or Options()
        options.check()
        asset = self._catalogue.get(options.asset) if options.asset else None
        found = mapped(read_tables(content, name, BOUNDS), options.columns, name)
        defaults = Defaults(
            asset=options.asset,
            touch=options.touch,
            zone=ZoneInfo(self._settings.time_zone),
            now=self._now(),
            region=self._settings.capture.default_region,
            has_apostrophes=not name.lower().endswith((".xlsx", ".xlsm")),
        )
        rows = [row for each in found for row in read_rows(each, defaults)]
        seen = self._seen(list(self._with_assets(rows, options, {options.asset: asset} if asset else {})))
        columns = {each.headed.table.name: each.fields for each in found}
        unused = {each.headed.table.name: each.unused for each in found}
        return Found(tuple(seen), columns, unused, tuple(_notes(rows, options, self._old(rows))))

    def apply(self, found: Found, *, partial: bool = False, by: str = "import") -> Applied:
        """Store a list that was looked at: in transactions of 500 rows, each row once, however often this is done.

        Args:
            partial: store the rows that are right though others are not. by: who does it, for the consent ledger.

        Raises:
            SheetInvalid: some rows are not right, and it is not to be partial; nothing was stored.
            StoreError: the database did not do it; batches before are stored, and doing it again stores the rest.
        """
        if found.problems and not partial:
            raise SheetInvalid(found.problems)
        done = Applied(left_out=found.counts[Verdict.WRONG])
        arrivals = [seen.arrival for seen in found.rows if seen.arrival is not None]
        for start in range(0, len(arrivals), BATCH):
            self._store_batch(arrivals[start : start + BATCH], by, done)
        return done

    def _old(self, rows: Sequence[Row]) -> str:
        """Return that rows are older than people are kept, or nothing."""
        months = self._settings.privacy.retention_months
        kept = months_before(self._now(), months)
        count = sum(row.at is not None and row.at < kept for row in rows)
        text = ngettext(
            "{n} row is older than people are kept ({months} months, privacy.retention_months): unless this person did "
            "something since, the next daily run deletes them again.",
            "{n} rows are older than people are kept ({months} months, privacy.retention_months): unless these people "
            "did something since, the next daily run deletes them again.",
            count,
        )
        return text.format(n=count, months=months) if count else ""

    def _store_batch(self, batch: Sequence[Arrival], by: str, done: Applied) -> None:
        secret = hashing_key(self._folder)
        for last_try in (*[False] * (_TRIES - 1), True):
            try:
                with self._store.write() as session:
                    outcomes = store_leads(session, batch, secret, self._list, by=by, now=self._now())
                    self._keep_withdrawals(batch, outcomes)
                break
            except StoreConflict:  # a visitor with the same address was faster; then they are known
                if last_try:
                    raise
        for outcome in outcomes:
            done.refused += outcome is None
            done.same += outcome is not None and outcome.what == "repeated"
            if outcome is not None and outcome.what == "accepted":
                done.stored += 1
                done.lead_ids += [outcome.lead_id] if outcome.lead_id else []

    def _keep_withdrawals(self, batch: Sequence[Arrival], outcomes: Sequence[Outcome | None]) -> None:
        """Keep what was taken back where no older backup can undo it; before the commit, as an erasure is."""
        moments: dict[str, datetime] = {}
        for arrival, outcome in zip(batch, outcomes, strict=True):
            if outcome is None or outcome.what != "accepted" or arrival.row.form is None:
                continue
            at, keys = arrival.row.at or self._now(), [point.key for point in arrival.row.form.points]
            for _purpose, channel in arrival.refused:
                for hashed in self._withdrawals.hashes(keys, channel):
                    moments[hashed] = max(at, moments.get(hashed, at))
        if moments:
            self._withdrawals.extend(moments)

    def _with_assets(
        self, rows: Sequence[Row], options: Options, assets: dict[str, Asset]
    ) -> Iterator[tuple[Row, Arrival | None]]:
        wrong: dict[str, str] = {}
        for row in rows:
            if row.asset and row.asset not in assets and row.asset not in wrong:
                try:
                    assets[row.asset] = self._catalogue.get(row.asset)
                except (NotFound, Conflict) as error:
                    wrong[row.asset] = str(error)
            if row.asset in wrong:
                yield _refused(row, wrong[row.asset]), None
            elif row.form is None:
                yield row, None
            else:
                yield row, _arrival(row, assets[row.asset], options)

    def _seen(self, rows: Sequence[tuple[Row, Arrival | None]]) -> Iterator[Seen]:
        secret, looking, now = hashing_key(self._folder), Looking(), self._now()
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            arrivals = [arrival for _row, arrival in batch if arrival is not None]
            with self._store.read() as session:
                gone = erased(session, arrivals, secret, self._list)
                entries = [entry_of(arrival, now) for arrival in arrivals]
                known = load(session.connection(), entries, ())
            found = iter(looking.see(arrivals, known, gone))
            for row, arrival in batch:
                yield next(found) if arrival else Seen(row, Verdict.WRONG, "; ".join(row.problems))


def _arrival(row: Row, asset: Asset, options: Options) -> Arrival:
    consents: tuple[tuple[str, str], ...] = ()
    if options.consent_source.strip() and row.says_yes is not False:
        given = options.consent or ({MARKETING: (ANY,)} if row.says_yes else {})
        consents = tuple((purpose, channel) for purpose, channels in given.items() for channel in channels)
    said = tuple(f"{purpose}={channel}" for purpose, channel in consents)
    refused = tuple((MARKETING, channel) for channel in options.consent.get(MARKETING, (ANY,)) if row.says_no)
    said = (*said, options.consent_source) if said else tuple(f"no:{channel}" for _purpose, channel in refused)
    key = content_key(row, asset.id, said)
    return Arrival(row, asset.id, asset.language, key, consents, refused, options.consent_source.strip())


def _refused(row: Row, why: str) -> Row:
    return replace(row, form=None, problems=(*row.problems, why))


def _notes(rows: Sequence[Row], options: Options, old: str) -> Iterator[str]:
    if old:
        yield old
    if any(row.says_yes for row in rows) and not options.consent_source.strip():
        yield _("The column of consents is not used: say where the proof is by --consent-source.")
    elif not options.consent and not any(row.says_yes for row in rows):
        yield _("No consent to marketing is recorded; say --consent and --consent-source if people agreed.")
