"""What would come of the rows of a list: somebody new, somebody known, the same again, refused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contentops.leads.identity.arriving import decide
from contentops.leads.identity.keys import MAIL, TEL, WECOM, kind_of
from contentops.leads.intake.known import Known
from contentops.leads.sheets.incoming.rows import Row
from contentops.leads.sheets.incoming.storing import Arrival
from contentops.texts import gettext as _


class Verdict(StrEnum):
    """What comes of a row.

    A new person; a known one; one known who gets a further key, or who stands in the file before (joined); a row that
    is here already (same); one that must not come back (refused); one that is not right (wrong).
    """

    NEW = "new"
    KNOWN = "known"
    JOINED = "joined"
    SAME = "same"
    REFUSED = "refused"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Seen:
    """A row and what would come of it.

    Attributes:
        row: what the file says. verdict: what comes of it. remark: why, for people. arrival: what would be stored.
    """

    row: Row
    verdict: Verdict
    remark: str = ""
    arrival: Arrival | None = None


class Looking:
    """Says what would come of each row, in the order of the file; a row sees those before it."""

    def __init__(self) -> None:
        self._contents: dict[tuple[str, str], int] = {}
        self._people: dict[str, int] = {}  # key → row that brought it
        self._kinds: dict[int, set[str]] = {}

    def see(self, arrivals: Sequence[Arrival], known: Known, gone: Iterable[str]) -> list[Seen]:
        """Look at some rows.

        Args:
            known: what the database knows of their people. gone: keys of arrivals of people that were erased.
        """
        erased = set(gone)
        return [self._see(arrival, known, erased) for arrival in arrivals]

    def _see(self, arrival: Arrival, known: Known, erased: set[str]) -> Seen:
        row, content = arrival.row, (arrival.asset_id, arrival.key)
        if arrival.key in erased:
            remark = _("this person asked to be deleted and does not come back by an import")
            return Seen(row, Verdict.REFUSED, remark, arrival)
        if content in known.repeated:
            return Seen(row, Verdict.SAME, _("imported before"), arrival)
        if content in self._contents:
            remark = _("row {number} says the same").format(number=self._contents[content])
            return Seen(row, Verdict.SAME, remark, arrival)
        self._contents[content] = row.number
        verdict, remark = self._who(arrival, known)
        return Seen(row, verdict, remark, arrival)

    def _who(self, arrival: Arrival, known: Known) -> tuple[Verdict, str]:
        points = arrival.row.form.points if arrival.row.form else ()
        keys, number = [point.key for point in points], arrival.row.number
        earlier = self._earlier(keys)
        self._kinds.setdefault(earlier or number, set()).update(kind_of(key) for key in keys)
        for key in keys:
            self._people.setdefault(key, earlier or number)
        decision = decide(points, known.owners(keys))
        shared = _("the phone number is somebody else's too; see 'contentops lead duplicates'")
        if decision.contact_id is None and earlier is not None:
            return Verdict.JOINED, _("the same person as in row {number}").format(number=earlier)
        if decision.contact_id is None:
            return Verdict.NEW, shared if decision.claims else ""
        if decision.merges:
            return Verdict.JOINED, _("shows that two known people are one")
        if decision.new_keys:
            return Verdict.JOINED, _("a known person with a new address or number")
        return Verdict.KNOWN, shared if decision.claims else ""

    def _earlier(self, keys: Sequence[str]) -> int | None:
        """Return the row before that brought the same person; a phone alone is shared by people with addresses."""
        own = {kind_of(key) for key in keys} - {TEL}
        for key in sorted(keys, key=lambda key: (MAIL, WECOM, TEL).index(kind_of(key))):
            number = self._people.get(key)
            if number is not None and (kind_of(key) != TEL or not own & self._kinds[number]):
                return number
        return None
