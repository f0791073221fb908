"""Which pieces of a foreign plan are there already, and what the others would become. Pure rules."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from contentops.assets.languages import TAG, normal_tag
from contentops.assets.slugs import slug_of
from contentops.models import Asset, WorkflowState
from contentops.planning.incoming.differences import Difference, Kind
from contentops.planning.incoming.plans import Piece
from contentops.planning.working_days import WorkingCalendar
from contentops.texts import gettext as _

_OUT = {WorkflowState.PUBLISHED, WorkflowState.RETIRED}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a plan does not say.

    Attributes:
        kind: of pieces whose row names none; empty: they cannot be used. language: of titles that name none.
        kinds: the kinds there are. today: the present day.
    """

    kind: str
    language: str
    kinds: frozenset[str]
    today: date


class Matching:
    """Compares pieces with the assets there are.

    Args:
        assets: all of them. calendar: weeks whose Monday is no working day begin with the next one that is.
    """

    def __init__(self, assets: Iterable[Asset], defaults: Defaults, calendar: WorkingCalendar) -> None:
        self._defaults, self._calendar = defaults, calendar
        self._met: set[str] = set()
        self._taken: set[tuple[str, str]] = set()
        self._by_slug: dict[str, list[Asset]] = {}
        self._by_title: dict[str, list[Asset]] = {}
        for asset in assets:
            for slug in (asset.slug, *asset.aliases):
                self._taken.add((asset.language, slug))
                self._by_slug.setdefault(slug, []).append(asset)
            titles = (asset.title, *(asset.front_matter.get(key) for key in ("title_zh", "title_en")))
            for title in filter(None, titles):
                self._by_title.setdefault(_same(str(title)), []).append(asset)

    def compare(self, pieces: Iterable[Piece]) -> Iterator[Difference]:
        """Yield what each piece would change."""
        wanted: set[tuple[str, str]] = set()
        for piece in pieces:
            yield from self._of_one(piece, wanted)

    def _of_one(self, piece: Piece, wanted: set[tuple[str, str]]) -> Iterator[Difference]:
        if piece.problems and not piece.titles:
            yield self._unusable(piece, "; ".join(dict.fromkeys(piece.problems)))
            return
        found = self._find(piece)
        if len(found) > 1:
            names = _(", ").join(f"{asset.language}/{asset.slug}" for asset in found)
            yield self._unusable(piece, _("several assets are meant: {names}").format(names=names))
        elif found and found[0].id in self._met:
            yield self._unusable(piece, _("the same piece stands in the plan twice"))
        elif found:
            self._met.add(found[0].id)
            yield from self._known(piece, found[0])
        else:
            yield self._new(piece, wanted)

    def _find(self, piece: Piece) -> list[Asset]:
        found = self._by_slug.get(piece.slug, []) if piece.slug else []
        if not found:
            titles = [_same(title) for title in piece.titles.values()]
            found = [asset for title in titles for asset in self._by_title.get(title, [])]
        unique = list({asset.id: asset for asset in found}.values())
        languages = {normal_tag(piece.language)} if piece.language else {*piece.titles} - {""}
        return [asset for asset in unique if asset.language in languages] or unique if len(unique) > 1 else unique

    def _known(self, piece: Piece, asset: Asset) -> Iterator[Difference]:
        day, note = self._day(piece)
        about: dict[str, Any] = {
            "place": piece.place, "address": f"{asset.language}/{asset.slug}", "title": asset.title,
            "before": asset.planned_on, "after": day, "message": note,
        }  # fmt: skip
        for problem in piece.problems:
            yield self._unusable(piece, problem)
        if asset.state in _OUT or piece.done:
            out = asset.state in _OUT
            message = "" if out else _("done there; here it is {state}").format(state=asset.state)
            yield Difference(Kind.SAME if out else Kind.CONFLICT, **{**about, "message": message})
        elif piece.cancelled:
            kind = Kind.CANCELLED if asset.planned_on else Kind.SAME
            yield Difference(kind, **about)
        elif day is None or day == asset.planned_on:
            yield Difference(Kind.SAME, **about)
        else:
            yield Difference(Kind.MOVED, **about)

    def _new(self, piece: Piece, wanted: set[tuple[str, str]]) -> Difference:
        defaults = self._defaults
        kind = piece.kind if piece.kind in defaults.kinds else defaults.kind
        language = self._language(piece)
        title = piece.titles.get(language) or piece.titles.get("") or piece.title
        slug = piece.slug or slug_of(title)
        day, note = self._day(piece)
        problem = ""
        if piece.done:
            problem = _("done there, but no asset of this title or address is here: sync its text first")
        elif piece.cancelled:
            problem = _("cancelled there, and unknown here")
        elif not kind and piece.kind:
            message = _("'{word}' is no kind; say what it means by --value {word}=KIND, or give --kind")
            problem = message.format(word=piece.kind)
        elif not kind:
            problem = _("it names no kind; give --kind")
        elif not slug:
            problem = _("the title gives no address; add a column for it")
        elif (language, slug) in wanted:
            problem = _("the address '{slug}' stands in the plan twice").format(slug=slug)
        elif (language, slug) in self._taken:
            problem = _("the address '{slug}' is taken by another asset; add a column for the address").format(
                slug=slug
            )
        if problem:
            return self._unusable(piece, problem)
        wanted.add((language, slug))
        values: dict[str, Any] = {
            "kind": kind, "language": language, "slug": slug, "title": title[:300], "description": piece.description,
            "titles": {tag: text for tag, text in piece.titles.items() if tag},
        }  # fmt: skip
        note = "; ".join(filter(None, [note, *piece.problems]))
        return Difference(
            Kind.NEW, piece.place, address=f"{language}/{slug}", title=title, after=day, text=title, message=note,
            values=values,
        )  # fmt: skip

    def _language(self, piece: Piece) -> str:
        said = normal_tag(piece.language) if piece.language else ""
        if said and TAG.fullmatch(said):
            return said
        tags = [tag for tag in piece.titles if tag]
        return self._defaults.language if self._defaults.language in tags or not tags else tags[0]

    def _day(self, piece: Piece) -> tuple[date | None, str]:
        """Return the planned day, and what was made of the plan's."""
        if piece.day is None or not piece.by_week or self._calendar.is_working_day(piece.day):
            return piece.day, ""
        day = self._calendar.on_or_after(piece.day)
        return day, _("{monday} is not worked, so the week begins on {day}").format(monday=piece.day, day=day)

    def _unusable(self, piece: Piece, message: str) -> Difference:
        return Difference(Kind.UNUSABLE, piece.place, title=piece.title, after=piece.day, message=message)


def _same(title: str) -> str:
    return re.sub(r"[\W_]+", "", title).casefold()
