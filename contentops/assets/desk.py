"""The desk for content: read the files in, list, begin new ones, move them on."""

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from filelock import FileLock
from sqlmodel import Session, select

from contentops.assets.catalogue import Catalogue
from contentops.assets.doctor import content_problems
from contentops.assets.drafts import new_file
from contentops.assets.fields import Context
from contentops.assets.ideas import new_idea
from contentops.assets.languages import TAG, normal_tag
from contentops.assets.quality import missing
from contentops.assets.slugs import home_path, slug_of
from contentops.assets.sync import Known, SyncReport, SyncRun, store
from contentops.assets.transitions import (
    approve,
    change_state,
    comment_on,
    needs,
    note_giving_up,
    note_publication,
    refuse_unless,
    state_named,
    was_rejected,
)
from contentops.errors import AlreadyExists, InvalidArgument, NotFound, Problem
from contentops.models import Asset, AssetText, SourceFile, WorkflowState
from contentops.store.pause import collector_paused
from contentops.texts import gettext as _

_NO_TEXT_YET = {WorkflowState.IDEA, WorkflowState.PLANNED, WorkflowState.RETIRED}


class Assets(Catalogue):
    """Everything about content assets: ``ws.assets``; reading is in :class:`Catalogue`."""

    def sync(
        self,
        *,
        by: str = "sync",
        dry_run: bool = False,
        strict: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> SyncReport:
        """Read the content folders into the database. May be repeated at will.

        Bad files are reported with path, line and reason while the others go in; an asset whose file turned bad keeps
        its last good text; an asset whose file vanished is reported and kept.

        Args:
            by: who does it, for the history. dry_run: only report. strict: store nothing if any file is bad.
            progress: called with (files done, files in all).
        """
        contexts = [
            Context(source, ZoneInfo(self._settings.time_zone), self._settings.language, self.standards.kinds)
            for source in self._settings.sources
        ]
        (self._folder / ".contentops").mkdir(exist_ok=True)
        with FileLock(self._folder / ".contentops" / "sync.lock"), collector_paused():
            with self._store.read() as session:
                known, now = Known(session), self._now()
                run = SyncRun.prepare(self._folder, self.kept_files, contexts, known, now, dry_run=dry_run)
                run.find(progress)
            writing = not dry_run and not (strict and run.problems)
            if writing and run.has_changes:
                with self._store.write() as session:
                    store(session, run, by)
                    zone = ZoneInfo(self._settings.time_zone)
                    for asset_id in run.published_by_hand():
                        asset = session.exec(select(Asset).where(Asset.id == asset_id)).one()
                        note_publication(session, asset, self.standards.by_kind.get(asset.kind), zone, now)
            return run.report(written=writing)

    def new(self, title: str, *, kind: str, language: str | None = None, slug: str | None = None) -> Path:
        """Begin an asset: write a Markdown file with the front matter its standard asks for. `sync` brings it in.

        An idea of this language and address gets its text in this way.

        Returns:
            The file's path.

        Raises:
            NotFound: no such kind. AlreadyExists: the file is there.
            InvalidArgument: the title gives no address, or the language is no tag.
        """
        address, language = self._place(title, kind, language, slug)
        folder = self._folder / self._settings.sources[0].path / kind / address
        path = folder / f"index.{home_path(language).strip('/')}.md"
        if path.exists():
            raise AlreadyExists(_("file"), str(path))
        with self._store.read() as session:
            idea = session.exec(select(Asset.id).where(Asset.language == language, Asset.slug == address)).first()
            if idea and session.exec(select(SourceFile).where(SourceFile.asset_id == idea)).first():
                raise AlreadyExists(_("asset"), f"{language}/{address}")
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(new_file(title, self.standards[kind], language, idea), encoding="utf-8")
        return path

    def idea(self, title: str, *, kind: str, language: str | None = None, slug: str | None = None, by: str) -> Asset:
        """Put an idea into the backlog: an asset without a text yet.

        Raises:
            NotFound: no such kind. AlreadyExists: the address is taken.
            InvalidArgument: the title gives no address, or the language is no tag.
        """
        address, language = self._place(title, kind, language, slug)
        with self._store.write() as session:
            return new_idea(
                session, title=title, kind=kind, language=language, slug=address, by=by, reason="idea", now=self._now()
            )

    def _place(self, title: str, kind: str, language: str | None, slug: str | None) -> tuple[str, str]:
        """Return address and language of something new."""
        if kind not in self.standards.kinds:
            raise NotFound(_("kind"), kind, self.standards.kinds)
        address = slug_of(slug or title)
        language = normal_tag(language or self._settings.language)
        if not address:
            raise InvalidArgument([Problem("title", _("gives no address; add --slug"))])
        if not TAG.fullmatch(language):
            message = _("'{value}' is no language tag such as zh-CN or en").format(value=language)
            raise InvalidArgument([Problem("language", message)])
        return address, language

    def move(
        self, address: str, state: WorkflowState | str, *, by: str, reason: str = "", override: bool = False
    ) -> Asset:
        """Move an asset to another state of the workflow and keep who, when and why.

        Approval needs the front matter and sections that the standard asks for; publication needs the steps before it
        as well, and sets the day of the next review.

        Args:
            override: go on although something is open; needs a reason, which is kept.

        Raises:
            NotFound: no such asset. TransitionRefused: the workflow does not lead there.
            StepBlocked: with everything that must be done first.
        """
        wanted = state_named(state)
        asset_id = self.get(address).id
        with self._store.write() as session:
            asset = session.exec(select(Asset).where(Asset.id == asset_id)).one()
            self.change(session, asset, wanted, by=by, reason=reason, override=override)
        return asset

    def change(
        self, session: Session, asset: Asset, wanted: WorkflowState, *, by: str, reason: str, override: bool = False
    ) -> None:
        """Do what :meth:`move` does within the caller's transaction."""
        standard, now = self.standards.by_kind.get(asset.kind), self._now()
        approve(session, asset, wanted, standard, by=by, reason=reason, now=now, override=override)
        if wanted is WorkflowState.PUBLISHED:
            note_publication(session, asset, standard, ZoneInfo(self._settings.time_zone), now)
        elif wanted in (WorkflowState.IDEA, WorkflowState.RETIRED):
            note_giving_up(session, asset, now)

    def reject(self, address: str, *, by: str, reason: str) -> Asset:
        """Send an asset in review, or an approved one, back to work; the reason is kept.

        Raises:
            NotFound: no such asset. Conflict: it is in no review. InvalidArgument: no reason.
        """
        reason, asset_id = needs(reason, "reason", _("say why, in a sentence")), self.get(address).id
        with self._store.write() as session:
            asset = session.exec(select(Asset).where(Asset.id == asset_id)).one()
            refuse_unless(asset, {WorkflowState.IN_REVIEW, WorkflowState.APPROVED}, _("reject"))
            wanted, now = WorkflowState.IN_PROGRESS, self._now()
            change_state(session, asset, wanted, by=by, reason=reason, now=now, action="reject")
        return asset

    def resume(self, address: str, *, by: str, reason: str = "") -> Asset:
        """Take up an asset again: a rejected one goes back to review, a retired one back to work.

        Raises:
            NotFound: no such asset. Conflict: it is neither rejected nor retired.
        """
        asset_id = self.get(address).id
        with self._store.write() as session:
            asset = session.exec(select(Asset).where(Asset.id == asset_id)).one()
            rejected = asset.state is WorkflowState.IN_PROGRESS and was_rejected(session, asset)
            if not rejected:
                refuse_unless(asset, {WorkflowState.RETIRED}, _("resume"))
            wanted = WorkflowState.IN_REVIEW if rejected else WorkflowState.IN_PROGRESS
            change_state(session, asset, wanted, by=by, reason=reason, now=self._now(), action="resume")
        return asset

    def comment(self, address: str, text: str, *, by: str) -> Asset:
        """Keep a remark in an asset's history; its state stays.

        Raises:
            NotFound: no such asset. InvalidArgument: no text.
        """
        text, asset = needs(text, "text", _("a remark is needed")), self.get(address)
        with self._store.write() as session:
            comment_on(session, asset, text, by=by, now=self._now())
        return asset

    def check(self, address: str | None = None) -> list[Problem]:
        """Return what texts lack that their standards ask for: of one asset, or of all that are not given up."""
        wanted = [self.get(address)] if address else [a for a in self.find() if a.state not in _NO_TEXT_YET]
        with self._store.read() as session:
            texts = dict(session.exec(select(AssetText.asset_id, AssetText.markdown)).all()) if not address else {}
            for asset in wanted if address else ():
                row = session.get(AssetText, asset.id)
                texts[asset.id] = row.markdown if row else ""
        standards = self.standards.by_kind
        return [
            problem
            for asset in wanted
            if asset.kind in standards
            for problem in missing(asset, texts.get(asset.id, ""), standards[asset.kind])
        ]

    def problems(self) -> list[Problem]:
        """Return what `contentops doctor` reports of content: duties nobody has, files that could not be read."""
        with self._store.read() as session:
            return content_problems(session, self.standards)
