"""A build: what must be made anew is made, the rest is left as it is, and the site changes at once or not at all."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from contentops.assets.slugs import page_path
from contentops.errors import Problem
from contentops.pages.building.cards import Cards
from contentops.pages.building.converted import Converted
from contentops.pages.building.frame import Frame
from contentops.pages.building.maker import PageMaker
from contentops.pages.building.manifest import Made, Manifest
from contentops.pages.building.releases import Content, KeptFileMissing, Releases
from contentops.pages.building.workers import Result, Task, Workers, attempt
from contentops.pages.markup import PIPELINE, convert
from contentops.pages.material.album import stamp
from contentops.pages.material.pieces import Piece, Pieces
from contentops.texts import gettext as _

SHORT_TEXT = 2000
"""Characters. A text this short is converted on the spot: the worst of them take half a second (measured), and a
process costs more than most of them."""
FEW = 20
"""No more than this many; else processes are worth it."""

_LOOKS = "looks of before"  # in the manifest: what pages that stayed as they were need


@dataclass
class Outcome:
    """What a build did.

    Attributes:
        built: pieces that have a page. files: how many the site has. made: how many pages were made anew.
        changed: False where this very site was out already. problems: pieces without a page, or with an old one, and
            why. notices: pages that lack something.
    """

    built: tuple[Piece, ...] = ()
    files: int = 0
    made: int = 0
    changed: bool = False
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)


class SiteBuild:
    """One build of the whole site. One at a time: the caller holds the lock.

    Args:
        maker: for the pieces that are to have a page. frame: for all other files. cards: pictures of links.
        releases: where the site goes. converted: texts that were converted before. manifest: file of the last build.
        rules: hash of all that every page depends on: theme, settings, code.
        texts: returns the Markdown of assets by id. seconds: time limit of one text.
    """

    def __init__(
        self,
        maker: PageMaker,
        frame: Callable[[Pieces], Frame],
        cards: Cards,
        releases: Releases,
        converted: Converted,
        manifest: Path,
        rules: str,
        texts: Callable[[Iterable[str]], Mapping[str, str]],
        seconds: float,
    ) -> None:
        self._everything = maker  # of all pieces; _maker is for those that can have a page
        self._maker, self._frame, self._cards, self._releases = maker, frame, cards, releases
        self._converted, self._file, self._rules = converted, manifest, rules
        self._texts, self._seconds = texts, seconds
        self._files: dict[str, Content] = {}
        self._made: dict[str, Made] = {}
        self._failed: dict[str, str] = {}
        self.outcome = Outcome()

    def run(self, *, clean: bool = False) -> Outcome:
        """Make the site and publish it.

        Args:
            clean: make everything anew, converted texts included.

        Raises:
            WorkspaceError: a template is wrong or the disk refuses; the old site stays.
        """
        self._releases.check()
        if clean:
            self._converted.forget_all()
        before = Manifest() if clean else Manifest.load(self._file)
        files = (path for made in before.made.values() for path in made.outputs)
        if not self._releases.untouched(before.release, files, before.saved_ns):
            before = Manifest(failed=before.failed)
        try:
            return self._run(before)
        except KeptFileMissing:
            known = {**before.failed, **self._failed}
            self._files, self._made, self._failed, self.outcome = {}, {}, {}, Outcome()
            return self._run(Manifest(failed=known))

    def _run(self, before: Manifest) -> Outcome:
        """Make pages until none links to one that cannot be made: what is hopeless mostly is known from before."""
        everything = self._everything
        lost = {piece.id for piece in everything.pieces.all if self._is_known_to_fail(piece, before)}
        while True:
            self._maker = replace(everything, pieces=everything.pieces.without(lost))
            more = self._make_all(self._maker.pieces, before)
            if not more:
                break
            lost |= more
            before = Manifest(before.release, before.made, {**before.failed, **self._failed}, before.saved_ns)
            self._files, self._made, self.outcome = {}, {}, Outcome()
        for piece in everything.pieces.all:
            if piece.id in lost:
                tried = self._tried(piece.text_sha256)
                self._failed[tried] = before.failed[tried]
                self.outcome.problems.append(Problem(piece.path or piece.slug, self._sentence(before.failed[tried])))
        return self._publish(before)

    def _is_known_to_fail(self, piece: Piece, before: Manifest) -> bool:
        failed = self._tried(piece.text_sha256) in before.failed and self._converted.get(piece.text_sha256) is None
        return failed and self._last_good(piece, before) is None

    def _make_all(self, pieces: Pieces, before: Manifest) -> set[str]:
        """Make everything of some pieces; return the ids of those that turn out to be hopeless."""
        keys = {piece.id: self._key(piece) for piece in pieces.all}
        stale = [piece for piece in pieces.all if not self._keep_as_is(piece, keys[piece.id], before)]
        without = set(self._make_pages(stale, keys, before))
        if not without:
            self.outcome.built, self.outcome.made = pieces.all, len(stale)
            self._make_frame(self._frame(pieces), before)
        return without

    def _publish(self, before: Manifest) -> Outcome:
        release, self.outcome.changed = self._releases.publish(self._files, before.release)
        manifest = Manifest(release, self._made, self._failed)
        if self.outcome.changed or manifest != before:
            manifest.save(self._file)
        self._converted.forget_old({piece.text_sha256 for piece in self._maker.pieces.all})
        self.outcome.files = len(self._files)
        self.outcome.notices += [problem for made in self._made.values() for problem in made.problems()]
        self.outcome.notices.sort(key=str)
        self.outcome.problems.sort(key=str)
        return self.outcome

    def _key(self, piece: Piece) -> str:
        parts = (self._rules, piece.fingerprint, self._maker.shows(piece), self._cards.key(piece))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _keep_as_is(self, piece: Piece, key: str, before: Manifest) -> bool:
        """Leave a page as it is if it was made of the same things."""
        made = before.made.get(piece.id)
        if made is None or made.key != key or not self._links_hold(made) or not self._pictures_hold(made):
            return False
        self._take_over(piece.id, made)
        return True

    def _take_over(self, name: str, made: Made) -> None:
        self._made[name] = made
        self._files.update((path, Content(sha256)) for path, sha256 in made.outputs.items())

    def _links_hold(self, made: Made) -> bool:
        pages = self._maker.pieces.by_path
        found = ((pages.get(file), address) for file, address in made.links.items())
        return all((page_path(p.language, p.slug) if p else "") == address for p, address in found)

    def _pictures_hold(self, made: Made) -> bool:
        return all(stamp(self._maker.folder / path) == seen for path, seen in made.reads.items())

    def _make_pages(self, stale: list[Piece], keys: Mapping[str, str], before: Manifest) -> Iterator[str]:
        """Make pages; yield the ids of those that could not be made and have no earlier version to stay."""
        by_id = {piece.id: piece for piece in stale}
        with Workers(self._seconds) as workers:
            pictures = self._cards.make(stale, workers)
            for asset_id, html, failure in self._conversions(stale, before, workers):
                piece = by_id[asset_id]
                if html is None:
                    self.outcome.problems.append(Problem(piece.path or piece.slug, failure))
                    if not self._keep_last_good(piece, before):
                        yield asset_id
                else:
                    self._make_page(piece, html, keys[asset_id], pictures.get(asset_id))

    def _make_page(self, piece: Piece, html: str, key: str, card: bytes | None) -> None:
        made = self._maker.files(piece, html, card)
        outputs = {path: Content.of(data) for path, data in made.files.items()}
        self._files.update(outputs)
        where = piece.path or piece.slug
        missing = _("the picture '{name}' is not beside the text")
        self._made[piece.id] = Made(
            key,
            {path: content.sha256 for path, content in outputs.items()},
            made.reads,
            made.links,
            tuple((where, missing.format(name=name[:100]), None) for name in dict.fromkeys(made.missing)),
            piece.gate,
        )

    def _last_good(self, piece: Piece, before: Manifest) -> Made | None:
        """Return the last good version of a page, if it stands at the same address and shows no more than it may."""
        made = before.made.get(piece.id)
        place = page_path(piece.language, piece.slug).lstrip("/") + "index.html"
        return made if made is not None and place in made.outputs and made.gate == piece.gate else None

    def _keep_last_good(self, piece: Piece, before: Manifest) -> bool:
        """Let the last good version of a page stay, and the style sheet and logo that it was made with."""
        made = self._last_good(piece, before)
        if made is None:
            return False
        self._take_over(piece.id, made)
        for name in ("whole", _LOOKS):
            looks = before.made[name].outputs if name in before.made else {}
            kept = {
                path: sha256 for path, sha256 in looks.items() if path.startswith(("static/style.", "static/logo."))
            }
            if kept:
                self._made[_LOOKS] = Made("", {**(self._made[_LOOKS].outputs if _LOOKS in self._made else {}), **kept})
                self._files.update((path, Content(sha256)) for path, sha256 in kept.items())
        return True

    def _conversions(
        self, stale: list[Piece], before: Manifest, workers: Workers
    ) -> Iterator[tuple[str, str | None, str]]:
        """Yield (asset id, HTML or None, why not): those known first, the largest of the others first."""
        unknown = []
        for piece in stale:
            html = self._converted.get(piece.text_sha256) if piece.text_sha256 else ""
            failure = before.failed.get(self._tried(piece.text_sha256), "")
            if html is not None:
                yield piece.id, html, ""
            elif failure:
                self._failed[self._tried(piece.text_sha256)] = failure
                yield piece.id, None, self._sentence(failure)
            else:
                unknown.append(piece)
        hashes = {piece.id: piece.text_sha256 for piece in unknown}
        texts = {**dict.fromkeys(hashes, ""), **self._texts(hashes)}
        tasks = [Task(one, convert, (text,)) for one, text in sorted(texts.items(), key=lambda t: (-len(t[1]), t[0]))]
        results: Iterator[Result] = workers.run(tasks)
        if len(tasks) <= FEW and all(len(text) <= SHORT_TEXT for text in texts.values()):
            results = (Result(task.key, *attempt(task.function, task.arguments)) for task in tasks)
        for result in results:
            yield self._converted_now(result.key, hashes[result.key], result.value, result.failure)

    def _converted_now(self, asset_id: str, sha256: str, html: str | None, failure: str) -> tuple[str, str | None, str]:
        if html is None:
            self._failed[self._tried(sha256)] = failure
            return asset_id, None, self._sentence(failure)
        self._converted.put(sha256, html)
        return asset_id, html, ""

    def _tried(self, sha256: str) -> str:
        """Return the name of an attempt: with more time, or another converter, it may end otherwise."""
        return f"{sha256} {PIPELINE} {self._seconds:g} s"

    def _sentence(self, failure: str) -> str:
        known = {
            "slow": _("takes longer than {seconds} s to convert: look for thousands of brackets or stars in a row"),
            "deep": _("nested too deeply to be shown"),
            "died": _("the conversion broke off: the text needs more memory than there is"),
        }
        message = known.get(failure, _("cannot be converted: {reason}").format(reason=failure))
        return message.replace("{seconds}", f"{self._seconds:g}")

    def _make_frame(self, frame: Frame, before: Manifest) -> None:
        for language in frame.languages:
            shows = frame.language_shows(language)
            self._make(f"language {language}", shows, before, partial(frame.language, language))
        self._make("whole", frame.whole_shows(), before, frame.whole)
        self.outcome.notices += frame.moved.refused

    def _make(self, name: str, shows: str, before: Manifest, make: Callable[[], dict[str, bytes]]) -> None:
        key = hashlib.sha256(f"{self._rules}\0{shows}".encode()).hexdigest()
        made = before.made.get(name)
        if made is None or made.key != key:
            outputs = {path: Content.of(data) for path, data in make().items()}
            self._files.update((path, content) for path, content in outputs.items() if path not in self._files)
            self._made[name] = Made(key, {path: content.sha256 for path, content in outputs.items()})
        else:
            self._made[name] = made
            kept = {path: Content(sha256) for path, sha256 in made.outputs.items() if path not in self._files}
            self._files.update(kept)
