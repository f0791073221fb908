"""The desk for content: read the files in, list, begin new ones, move them on."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from filelock import FileLock
from sqlmodel import Session, col, select

from contentops.assets.drafts import new_file
from contentops.assets.fields import Context
from contentops.assets.languages import TAG, normal_tag
from contentops.assets.slugs import home_path, slug_of
from contentops.assets.standards import Standards, load_standards
from contentops.assets.sync import Known, SyncReport, SyncRun, collector_paused, store
from contentops.assets.workflow import check_transition, duty_problems
from contentops.errors import AlreadyExists, Conflict, InvalidArgument, NotFound, Problem, did_you_mean
from contentops.models import Asset, AssetText, Attachment, Person, RoleHolder, SourceFile, Transition, WorkflowState
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _


class Assets:
    """Everything about content assets: ``ws.assets``.

    Args:
        folder: the workspace. now: returns the present moment in UTC.
    """

    def __init__(self, store: Store, settings: Settings, folder: Path, now: Callable[[], datetime]) -> None:
        self._store, self._settings, self._folder, self._now = store, settings, folder, now

    @cached_property
    def standards(self) -> Standards:
        """The standards by kind, the workspace's over the shipped ones.

        Raises:
            StandardInvalid: with every problem of every file.
        """
        return load_standards(self._folder / "calendar")

    @property
    def kept_files(self) -> Path:
        """Where the copies of attachments are kept, each named by its SHA-256."""
        return self._folder / ".contentops" / "files"

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
            return run.report(written=writing)

    def find(
        self,
        *,
        kind: str | None = None,
        state: WorkflowState | str | None = None,
        language: str | None = None,
    ) -> list[Asset]:
        """Return the assets that match, ordered by kind, language and address.

        Raises:
            NotFound: no such kind. InvalidArgument: no such state.
        """
        query = select(Asset).order_by(col(Asset.kind), col(Asset.language), col(Asset.slug))
        if kind is not None and kind not in self.standards.kinds:
            raise NotFound(_("kind"), kind, self.standards.kinds)
        if kind is not None:
            query = query.where(Asset.kind == kind)
        if state is not None:
            query = query.where(Asset.state == state_named(state))
        if language is not None:
            query = query.where(Asset.language == language)
        with self._store.read() as session:
            return list(session.exec(query))

    def get(self, address: str) -> Asset:
        """Return the asset with an address.

        Args:
            address: ``slug``, or ``zh-CN/slug`` where several languages share it; also as on the site: ``/zh/slug/``.

        Raises:
            NotFound: with the closest address there is. Conflict: several languages share the slug.
        """
        prefix, _sep, slug = address.strip("/").rpartition("/")
        with self._store.read() as session:
            found = list(session.exec(select(Asset).where(Asset.slug == slug).order_by(Asset.language)))
            if prefix:
                found = [asset for asset in found if prefix in (asset.language, home_path(asset.language).strip("/"))]
            if not found:
                raise NotFound(_("asset"), address, session.exec(select(Asset.slug)).all())
        if len(found) > 1:
            choices = _(", ").join(f"{asset.language}/{asset.slug}" for asset in found)
            raise Conflict(
                _("'{slug}' exists in several languages; say which: {choices}").format(slug=slug, choices=choices)
            )
        return found[0]

    def text(self, asset: Asset) -> str:
        """Return an asset's Markdown."""
        with self._store.read() as session:
            row = session.get(AssetText, asset.id)
            return row.markdown if row else ""

    def path(self, asset: Asset) -> str | None:
        """Return the path of an asset's file, or None where it has none."""
        with self._store.read() as session:
            return session.exec(select(SourceFile.path).where(SourceFile.asset_id == asset.id)).first()

    def attachments(self, asset: Asset) -> list[Attachment]:
        """Return the files that an asset hands over or shows."""
        with self._store.read() as session:
            return list(session.exec(select(Attachment).where(Attachment.asset_id == asset.id)))

    def translations(self, asset: Asset) -> list[Asset]:
        """Return the versions of an asset in other languages."""
        with self._store.read() as session:
            query = select(Asset).where(
                Asset.translation_key == asset.translation_key, Asset.language != asset.language
            )
            return list(session.exec(query.order_by(col(Asset.language), col(Asset.slug))))

    def new(self, title: str, *, kind: str, language: str | None = None, slug: str | None = None) -> Path:
        """Begin an asset: write a Markdown file with the front matter its standard asks for. `sync` brings it in.

        Returns:
            The file's path.

        Raises:
            NotFound: no such kind. AlreadyExists: the file is there.
            InvalidArgument: the title gives no address, or the language is no tag.
        """
        if kind not in self.standards.kinds:
            raise NotFound(_("kind"), kind, self.standards.kinds)
        address = slug_of(slug or title)
        language = normal_tag(language or self._settings.language)
        if not address:
            raise InvalidArgument([Problem("title", _("gives no address; add --slug"))])
        if not TAG.fullmatch(language):
            message = _("'{value}' is no language tag such as zh-CN or en").format(value=language)
            raise InvalidArgument([Problem("language", message)])
        folder = self._folder / self._settings.sources[0].path / kind / address
        path = folder / f"index.{home_path(language).strip('/')}.md"
        if path.exists():
            raise AlreadyExists(_("file"), str(path))
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(new_file(title, self.standards[kind], language), encoding="utf-8")
        return path

    def move(self, address: str, state: WorkflowState | str, *, by: str, reason: str = "") -> Asset:
        """Move an asset to another state of the workflow and keep who, when and why.

        Raises:
            NotFound: no such asset. TransitionRefused: the workflow does not lead there.
        """
        wanted = state_named(state)
        asset_id = self.get(address).id
        with self._store.write() as session:
            asset = session.exec(select(Asset).where(Asset.id == asset_id)).one()
            change_state(session, asset, wanted, by=by, reason=reason, now=self._now())
        return asset

    def history(self, asset: Asset) -> list[Transition]:
        """Return the changes of state, oldest first."""
        with self._store.read() as session:
            query = select(Transition).where(Transition.asset_id == asset.id).order_by(col(Transition.at))
            return list(session.exec(query))

    def problems(self) -> list[Problem]:
        """Return what `contentops doctor` reports of content: duties nobody has, files that could not be read."""
        with self._store.read() as session:
            holders = dict(
                session.exec(
                    select(RoleHolder.role, Person.name).join(Person, col(Person.id) == RoleHolder.person_id)
                ).all()
            )
            kinds = session.exec(select(Asset.kind).distinct()).all()
            bad = session.exec(
                select(SourceFile).where(col(SourceFile.problem).is_not(None)).order_by(SourceFile.path)
            ).all()
            held_back = session.exec(
                select(Asset)
                .where(Asset.state == WorkflowState.PUBLISHED, col(Asset.draft).is_(True))
                .order_by(Asset.slug)
            ).all()
        problems = duty_problems(self.standards, holders, kinds)
        message = _("published, but its file still says 'draft: true', so it is on no page")
        problems += [Problem(f"{asset.language}/{asset.slug}", message) for asset in held_back]
        return problems + [Problem(row.path, row.problem or "", row.problem_line) for row in bad]


def change_state(session: Session, asset: Asset, wanted: WorkflowState, *, by: str, reason: str, now: datetime) -> None:
    """Move an asset on within the caller's transaction, with its history.

    Raises:
        TransitionRefused: the workflow does not lead there.
    """
    check_transition(asset.slug, asset.state, wanted)
    step = {"asset_id": asset.id, "from_state": asset.state, "to_state": wanted, "at": now, "by": by, "reason": reason}
    session.add(Transition.model_validate(step))
    asset.state, asset.changed_at = wanted, now
    if wanted is WorkflowState.PUBLISHED:
        asset.published_at = now
    session.add(asset)


def state_named(state: WorkflowState | str) -> WorkflowState:
    """Return the workflow state of a name.

    Raises:
        InvalidArgument: with the closest name.
    """
    try:
        return WorkflowState(state)
    except ValueError:
        known = [str(s) for s in WorkflowState]
        message = _("'{state}' is no state; there are: {known}").format(state=state, known=_(", ").join(known))
        raise InvalidArgument([Problem("state", message + did_you_mean(str(state), known))]) from None
