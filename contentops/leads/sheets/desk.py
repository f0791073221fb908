"""The desk for lists and files of leads: ``ws.leads.sheets``."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypedDict, Unpack
from zoneinfo import ZoneInfo

from contentops.assets.catalogue import Catalogue
from contentops.leads.sheets.choices import Choice, Sort, State, word_of
from contentops.leads.sheets.columns import Headers, columns_of
from contentops.leads.sheets.exports import Shape, checked, export
from contentops.leads.sheets.listing import snapshot
from contentops.leads.suppression import held_key
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import spoken


class Limits(TypedDict, total=False):
    """Which leads. since: from this day on, in the workspace's zone, or from this moment. asset: address of one.

    campaign: that came by it at any time. consent: only people who may be contacted. state: awaiting or ready.
    sort: newest, oldest, last, name, company.
    """

    since: date | datetime | None
    asset: str
    campaign: str
    consent: bool
    state: str
    sort: str


class LeadSheets:
    """Lists leads and writes them as files; memory stays the same however many there are."""

    def __init__(self, store: Store, settings: Settings, folder: Path, now: Callable[[], datetime]) -> None:
        self._store, self._settings, self._folder, self._now = store, settings, folder, now

    def rows(self, **limits: Unpack[Limits]) -> Iterator[dict[str, Any]]:
        """Yield the leads that match: a person's interest in an asset each, whatever number of contacts they left.

        Each is a mapping by :data:`contentops.leads.sheets.columns.COLUMNS`, with ``answers`` and ``person_id``.

        Args:
            limits: see :class:`Limits`; none are all leads, newest first.

        Raises:
            NotFound: no such asset. Conflict: several languages share the slug. InvalidArgument: no such state, order.
        """
        choice = self._choice(limits)
        with snapshot(self._store, held_key(self._folder)) as leads:
            yield from leads.rows(choice)

    def count(self, **limits: Unpack[Limits]) -> int:
        """Return how many leads match."""
        choice = self._choice(limits)
        with snapshot(self._store, held_key(self._folder)) as leads:
            return leads.count(choice)

    def export(
        self, form: str, *, encoding: str = "", headers: str = "", raw: bool = False, **limits: Unpack[Limits]
    ) -> Iterator[bytes]:
        """Yield the file of the leads that match, piece by piece.

        Args:
            form: ``xlsx``, ``csv`` or ``jsonl``. encoding: of CSV; utf-8-sig, which Excel needs, or utf-8 if raw.
            headers: ``en``, ``zh`` or ``keys``; by default the workspace's language, keys if raw. JSON lines: keys.
            raw: CSV for programs: moments in UTC, words as keys, nothing in front of what looks like a formula.

        Raises:
            InvalidArgument: another form or encoding, or a character that the encoding does not have.
            NotFound, Conflict: as of :meth:`rows`.
        """
        shape, choice = self._shape(form, encoding, headers, raw), self._choice(limits)
        with snapshot(self._store, held_key(self._folder)) as leads:
            columns = columns_of({} if form == "jsonl" else leads.questions())
            yield from export(leads.rows(choice), columns, shape)

    def _shape(self, form: str, encoding: str, headers: str, raw: bool) -> Shape:
        usual = Headers.KEYS if raw else Headers.ZH if spoken(self._settings.language) == "zh-CN" else Headers.EN
        named = word_of("headers", headers, Headers) if headers else usual
        encoding = encoding or ("utf-8" if raw else "utf-8-sig")
        return checked(Shape(form, named, ZoneInfo(self._settings.time_zone), encoding, raw))

    def _choice(self, limits: Limits) -> Choice:
        since, asset, state = limits.get("since"), limits.get("asset", ""), limits.get("state", "")
        zone = ZoneInfo(self._settings.time_zone)
        if since is not None:
            since = since if isinstance(since, datetime) else datetime.combine(since, time())
            since = since if since.tzinfo else since.replace(tzinfo=zone)
        catalogue = Catalogue(self._store, self._settings, self._folder, self._now)
        return Choice(
            since=since,
            asset_id=catalogue.get(asset).id if asset else "",
            campaign=limits.get("campaign", ""),
            consent=limits.get("consent", False),
            state=word_of("state", state, State) if state else None,
            sort=word_of("sort", limits.get("sort", "newest"), Sort),
        )
