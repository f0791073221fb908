"""One sync: list, read, decide which asset each file is, and say what came of it.

Reading happens before the transaction that stores it, so that a large import does not keep visitors' forms waiting.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from contentops.assets.fields import Context
from contentops.assets.sync.files import FoundFile
from contentops.assets.sync.identity import Addresses, Identities
from contentops.assets.sync.reading import Reading, list_files
from contentops.assets.sync.state import FileState, Known, ReadFile, SyncReport
from contentops.errors import Problem
from contentops.models import Asset, AssetFields, WorkflowState
from contentops.texts import gettext as _

# Fields of a file that decide about its asset and are no columns of it.
_DECIDING = ("wanted_slug", "explicit_slug", "wanted_id", "initial_state", "states_itself")


class SyncRun:
    """One sync, from listing to the changes it wants; :func:`contentops.assets.sync.storage.store` writes them.

    Args:
        reading: reads changed files. known: what the database holds. now: the moment of this sync.
    """

    def __init__(self, reading: Reading, known: Known, now: datetime) -> None:
        self.reading, self.known, self.now = reading, known, now
        self.files: list[FoundFile] = []
        self.read: list[ReadFile] = []
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self.renamed: list[tuple[str, str]] = []
        self.removed: list[str] = []

    @classmethod
    def prepare(
        cls, root: Path, kept: Path, contexts: list[Context], known: Known, now: datetime, *, dry_run: bool
    ) -> "SyncRun":
        """Make a run for a workspace."""
        return cls(Reading(root, kept, contexts, known, dry_run=dry_run), known, now)

    def find(self, progress: Callable[[int, int], None] | None = None) -> None:
        """List and read files, and decide which asset each belongs to. Writes nothing."""
        self.files, folder_problems = list_files(self.reading.root, self.reading.contexts)
        for done, found in enumerate(self.files, 1):
            item = self.reading.look_at(found)
            if item is not None:
                self.read.append(item)
            if progress is not None:
                progress(done, len(self.files))
        self._identify()
        bad = [*self.reading.unchanged, *(item.row for item in self.read)]
        file_problems = [Problem(row.path, row.problem, row.problem_line) for row in bad if row.problem]
        self.problems = folder_problems + sorted(file_problems, key=lambda problem: problem.where)
        self.notices[:0] = self.reading.notices

    @property
    def touched(self) -> list[FileState]:
        """Rows of files whose content is as before under a new time."""
        return self.reading.touched

    @property
    def has_changes(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.read or self.touched or self.gone_rows())

    def report(self, *, written: bool) -> SyncReport:
        """Say what was found."""
        good = [(item, item.asset) for item in self.read if item.asset is not None]
        return SyncReport(
            files=len(self.files),
            added=tuple(f"{asset.language}/{asset.slug}" for item, asset in good if item.is_new),
            changed=tuple(f"{asset.language}/{asset.slug}" for item, asset in good if not item.is_new),
            renamed=tuple(self.renamed),
            removed=tuple(self.removed),
            problems=tuple(self.problems),
            notices=tuple(self.notices),
            unchanged=len(self.reading.unchanged),
            added_published=sum(item.is_new and asset.state is WorkflowState.PUBLISHED for item, asset in good),
            written=written,
        )

    def published_by_hand(self) -> list[str]:
        """Assets whose draft mark was taken away, so that they are published."""
        return [item.asset.id for item in self.read if item.asset and not item.is_new and "state" in item.columns]

    def gone_rows(self) -> list[str]:
        """Paths whose rows can go: renamed files, and missing ones that never became an asset."""
        paths = {found.path for found in self.files}
        missing = [row for path, row in self.known.files.items() if path not in paths]
        followed = {old for old, _new in self.renamed}
        return [row.path for row in missing if row.asset_id is None or row.path in followed]

    def _identify(self) -> None:
        identities = Identities(self.known, {found.path for found in self.files}, self.read)
        if any(item.fields is not None for item in self.read):
            identities.assign()
            addresses = Addresses(self.known, identities)
            for item in self.read:
                if item.fields is not None:
                    self._settle(item, addresses)
            self.notices += addresses.notices
        self.renamed, self.removed = identities.renamed, identities.removed()

    def _settle(self, item: ReadFile, addresses: Addresses) -> None:
        """Make the asset of a file as it will be stored."""
        before = self.known.assets.get(item.row.asset_id or "")
        slug = addresses.choose(item, before.id if before else None, before.slug if before else None)
        if slug is None or item.fields is None:
            return
        values = {name: value for name, value in item.fields.items() if name not in _DECIDING}
        values |= {"slug": slug, "changed_at": self.now}
        if before is None:
            values |= {"state": item.fields["initial_state"], "created_at": self.now}
            if item.fields["wanted_id"]:
                values["id"] = item.fields["wanted_id"]
        else:
            former = [*before.aliases, before.slug]
            values["aliases"] = [alias for alias in dict.fromkeys(former) if alias != slug]
            values |= self._published_by_hand(item, before)
            if _expiry(values["front_matter"]) == _expiry(before.front_matter):
                # The file says of its expiry what it said before; the calendar may have moved it since.
                del values["expires_at"]
            self._compare_states(item, before)
        try:
            item.asset = AssetFields.model_validate({**(before.model_dump() if before else {}), **values})
        except ValueError as error:
            item.blame(_("cannot be read: {reason}").format(reason=error))
            return
        item.is_new, item.columns = before is None, frozenset(values)
        item.row.asset_id = item.asset.id
        addresses.give(item.asset.language, slug, item.asset.id)

    def _compare_states(self, item: ReadFile, before: Asset) -> None:
        fields = item.fields or {}
        if fields["states_itself"] and fields["initial_state"] not in (before.state, WorkflowState.IDEA):
            message = _(
                "the file says {stated}, but the workflow says {state}: 'contentops asset move' changes it"
            ).format(stated=fields["initial_state"], state=before.state)
            self.notices.append(Problem(item.found.path, message))

    def _published_by_hand(self, item: ReadFile, before: Asset) -> dict[str, WorkflowState]:
        """What Hugo's writers expect: taking the draft mark away publishes, unless the workflow says otherwise."""
        fields = item.fields or {}
        if not before.draft or fields["draft"] or before.state is WorkflowState.PUBLISHED:
            return {}
        if before.state is WorkflowState.IN_PROGRESS and not fields["states_itself"]:
            return {"state": WorkflowState.PUBLISHED}
        message = _("no longer a draft, but still {state}: 'contentops asset move' takes it on").format(
            state=before.state
        )
        self.notices.append(Problem(item.found.path, message))
        return {}


def _expiry(front_matter: Mapping[str, Any]) -> str:
    """Return what a file says of its expiry, as it is written."""
    return str(next((value for key, value in front_matter.items() if key.lower() == "expirydate"), ""))
