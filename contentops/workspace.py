"""A workspace: a folder with its settings and its database, and one desk for each noun. Wiring only."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from contentops.errors import WorkspaceError, WorkspaceMissing
from contentops.settings import FILE_NAME, Settings, load_settings
from contentops.texts import gettext as _

if TYPE_CHECKING:
    from contentops.assets.desk import Assets
    from contentops.assets.team import Team
    from contentops.followup.colleagues.desk import Colleagues
    from contentops.followup.outbox.desk import Outbox
    from contentops.leads.desk import Leads
    from contentops.pages.desk import Pages
    from contentops.planning.desk import ContentCalendar
    from contentops.privacy.desk import Privacy
    from contentops.store import Store
    from contentops.upkeep.desk import Upkeep


def utc_now() -> datetime:
    """Return the present moment as an aware datetime in UTC."""
    return datetime.now(UTC)


class Workspace:
    """A folder of content with everything that belongs to it.

    Args:
        folder: where contentops.toml is. settings: its settings. now: returns the present moment.
    """

    def __init__(self, folder: Path, settings: Settings, *, now: Callable[[], datetime] = utc_now) -> None:
        self.folder, self.settings, self._now = folder, settings, now

    @classmethod
    def open(cls, path: str | Path = ".", *, now: Callable[[], datetime] = utc_now) -> "Workspace":
        """Open the workspace at `path`, or the nearest one above it.

        Raises:
            WorkspaceMissing: there is none. SettingsInvalid: its settings are wrong. The database is opened (and
            checked) when a desk first needs it.
        """
        folder = find_workspace(Path(path))
        return cls(folder, load_settings(folder), now=now)

    @classmethod
    def init(cls, path: str | Path, *, name: str | None = None, now: Callable[[], datetime] = utc_now) -> "Workspace":
        """Make a workspace and its database in a folder, which is made if needed.

        Raises:
            AlreadyExists: there is one already. WorkspaceError: the folder cannot be written.
        """
        from contentops.scaffold import make_workspace

        folder = Path(path).resolve()
        make_workspace(folder, name or folder.name[:100])
        workspace = cls.open(folder, now=now)
        workspace.migrate()
        return workspace

    def now(self) -> datetime:
        """Return the present moment in UTC, as this workspace sees it."""
        return self._now()

    @cached_property
    def store(self) -> "Store":
        """The database."""
        from contentops.store import Store

        leave_checkpoints = self.settings.server.leave_checkpoints
        return Store(self.settings.database_url, self.folder, leave_checkpoints=leave_checkpoints)

    @cached_property
    def assets(self) -> "Assets":
        """The desk for content."""
        from contentops.assets.desk import Assets

        return Assets(self.store, self.settings, self.folder, self._now)

    @cached_property
    def team(self) -> "Team":
        """The desk for people and roles."""
        from contentops.assets.team import Team

        return Team(self.store, self._now)

    @cached_property
    def calendar(self) -> "ContentCalendar":
        """The desk for the content calendar."""
        from contentops.planning.desk import ContentCalendar

        return ContentCalendar(self.store, self.settings, self.folder, self.assets, self.team, self._now)

    @cached_property
    def pages(self) -> "Pages":
        """The desk for pages and the site."""
        from contentops.pages.desk import Pages

        return Pages(self.store, self.settings, self.folder, self.assets, self.calendar, self._now)

    @cached_property
    def colleagues(self) -> "Colleagues":
        """The desk for mail to colleagues."""
        from contentops.followup.colleagues.desk import Colleagues

        return Colleagues(self.store, self.settings, self.folder, self.calendar, self.team, self._now)

    @cached_property
    def outbox(self) -> "Outbox":
        """The desk for what must leave the house on account of leads."""
        from contentops.followup.outbox.desk import Outbox

        return Outbox(self.store, self.settings, self.folder, self._now)

    @cached_property
    def leads(self) -> "Leads":
        """The desk for leads."""
        from contentops.leads.desk import Leads

        return Leads(self.store, self.settings, self.folder, self._now)

    @cached_property
    def privacy(self) -> "Privacy":
        """The desk for people's rights: copies, erasure, retention, the data map."""
        from contentops.privacy.desk import Privacy

        return Privacy(self.store, self.settings, self.folder, self._now)

    @cached_property
    def upkeep(self) -> "Upkeep":
        """The desk for keeping it running: start checks, readiness, backups."""
        from contentops.upkeep.desk import Upkeep

        kept_files = self.assets.kept_files
        return Upkeep(self.store, self.settings, self.folder, kept_files, self._now, self._erase_again)

    def _erase_again(self) -> int:
        """Erase who is on the list of erased people; returns how many a restored database still held."""
        return self.privacy.reapply_erasures().people

    def migrate(self) -> tuple[str | None, str]:
        """Bring the database to the newest schema; returns the revisions before and after.

        A workspace that came out of version control gets its signing key here as well.
        """
        from contentops.scaffold import make_secret_key
        from contentops.store import migrate

        if self.settings.secret_key is None:
            make_secret_key(self.folder / self.settings.secret_key_file)
        return migrate(self.settings.database_url, self.folder)

    def close(self) -> None:
        """Give back the database's connections."""
        if "store" in self.__dict__:
            self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def find_workspace(start: Path, environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder with contentops.toml: `start` or the nearest one above it.

    ``CONTENTOPS_WORKSPACE`` takes the place of `start` where that is the current folder.

    Raises:
        WorkspaceMissing: with the command that makes one.
    """
    variables = os.environ if environ is None else environ
    if start == Path() and variables.get("CONTENTOPS_WORKSPACE"):
        start = Path(variables["CONTENTOPS_WORKSPACE"])
    here = start.resolve()
    if not here.exists():
        raise WorkspaceError(_("the folder {path} does not exist").format(path=here))
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise WorkspaceMissing(
        _("no {file} in {path} or above it; 'contentops init DIR' makes a workspace").format(file=FILE_NAME, path=here)
    )
