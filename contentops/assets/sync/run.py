"""Files into assets: find what changed since last time, read it, and decide which asset each file is.

Reading happens before the transaction that stores it, so that a large import does not keep visitors' forms waiting.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from contentops.assets.fields import Context, asset_fields
from contentops.assets.front_matter import FrontMatterError, parse
from contentops.assets.slugs import free_slug
from contentops.assets.sync.files import (
    FoundFile,
    KeptFile,
    UnreadableFile,
    decode,
    find_files,
    keep_attachment,
    read_bytes,
)
from contentops.assets.sync.state import FileState, Known, ReadFile, SyncReport
from contentops.errors import Problem
from contentops.models import Asset, Attachment, WorkflowState
from contentops.texts import gettext as _


def list_files(root: Path, contexts: list[Context]) -> tuple[list[FoundFile], list[Problem]]:
    """List the files of all sources in a fixed order; a missing source folder is a problem, not an end."""
    found: dict[str, FoundFile] = {}
    problems = []
    for index, context in enumerate(contexts):
        folder = root / context.source.path
        if not folder.is_dir():
            problems.append(Problem(context.source.path, _("this source folder does not exist")))
            continue
        for file in find_files(folder.resolve(), root.resolve(), context.source, index):
            found.setdefault(file.path, file)
    return sorted(found.values(), key=lambda file: file.path), problems


def rules_hash(context: Context) -> str:
    """Hash what a file's fields depend on besides its text: other rules, other kinds mean reading it again."""
    parts = (context.source.model_dump_json(), str(context.zone), context.language, *sorted(context.kinds))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class SyncRun:
    """One sync, from listing to the changes it wants; :func:`contentops.assets.sync.storage.store` writes them.

    Args:
        root: the workspace. kept: where copies of attachments are kept. contexts: one for each source.
        known: what the database holds. now: the moment of this sync.
    """

    def __init__(self, root: Path, kept: Path, contexts: list[Context], known: Known, now: datetime) -> None:
        self.root, self.kept, self.contexts, self.known, self.now = root, kept, contexts, known, now
        self.files: list[FoundFile] = []
        self.paths: set[str] = set()
        self.rules = [rules_hash(context) for context in contexts]
        self.read: list[ReadFile] = []
        self.touched: list[FileState] = []
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self.renamed: list[tuple[str, str]] = []
        self.removed: list[str] = []
        self.unchanged = 0
        self.taken: dict[str, dict[str, str]] = {}  # language → address → asset

    def find(self, progress: Callable[[int, int], None] | None = None) -> None:
        """List and read files, and decide which asset each belongs to. Touches no database."""
        self.files, folder_problems = list_files(self.root, self.contexts)
        self.problems += folder_problems
        stale = {asset_id for asset_id, rows in self.known.attachments.items() if not all(map(self._is_current, rows))}
        for done, found in enumerate(self.files, 1):
            self._look_at(found, stale)
            if progress is not None:
                progress(done, len(self.files))
        self.paths = {found.path for found in self.files}
        if any(item.fields is not None for item in self.read):
            for asset in self.known.assets.values():
                self.taken.setdefault(asset.language, {})[asset.slug] = asset.id
            self._follow_renames()
        for item in self.read:
            if item.fields is not None:
                self._settle(item)
        self.removed = list(self._find_removed())

    @property
    def has_changes(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.read or self.touched or self.gone_rows())

    def report(self, *, written: bool) -> SyncReport:
        """Say what was found."""
        good = [item for item in self.read if item.asset is not None]
        address = [f"{item.asset.language}/{item.asset.slug}" for item in good if item.asset is not None]
        return SyncReport(
            files=len(self.files),
            added=tuple(a for a, item in zip(address, good, strict=True) if item.is_new),
            changed=tuple(a for a, item in zip(address, good, strict=True) if not item.is_new),
            renamed=tuple(self.renamed),
            removed=tuple(self.removed),
            problems=tuple(self.problems),
            notices=tuple(self.notices),
            unchanged=self.unchanged,
            written=written,
        )

    def gone_rows(self) -> list[str]:
        """Paths whose rows can go: renamed files, and missing ones that never became an asset."""
        without_asset = [
            path for path, row in self.known.files.items() if path not in self.paths and row.asset_id is None
        ]
        return [old for old, _new in self.renamed] + without_asset

    def _is_current(self, attachment: Attachment) -> bool:
        try:
            info = (self.root / attachment.path).stat()
        except OSError:
            return False
        return (info.st_size, info.st_mtime_ns) == (attachment.size_bytes, attachment.mtime_ns)

    def _look_at(self, found: FoundFile, stale: set[str]) -> None:
        """Skip an unchanged file by its size and time, then by its hash; read any other one."""
        before = self.known.files.get(found.path)
        same_rules = before is not None and before.rules_sha256 == self.rules[found.source]
        if before is not None and before.asset_id in stale:
            same_rules = False  # its attachment changed: read the file again to keep the new one
        same_stat = before is not None and (before.size_bytes, before.mtime_ns) == (found.size_bytes, found.mtime_ns)
        if before is not None and same_rules and same_stat:
            self._repeat_problem(before)
            self.unchanged += 1
            return
        data, failure = b"", None
        try:
            data = read_bytes(found)
        except UnreadableFile as error:
            failure = error
        row = FileState(
            path=found.path,
            asset_id=before.asset_id if before else None,
            size_bytes=found.size_bytes,
            mtime_ns=found.mtime_ns,
            sha256=hashlib.sha256(data).hexdigest(),
            rules_sha256=self.rules[found.source],
            problem=before.problem if before else None,
            problem_line=before.problem_line if before else None,
        )
        if before is not None and same_rules and failure is None and row.sha256 == before.sha256:
            self._repeat_problem(before)
            self.touched.append(row)
            self.unchanged += 1
            return
        self.read.append(self._read(ReadFile(found, row), data, failure))

    def _repeat_problem(self, row: FileState) -> None:
        if row.problem:
            self.problems.append(Problem(row.path, row.problem, row.problem_line))

    def _read(self, item: ReadFile, data: bytes, failure: UnreadableFile | None) -> ReadFile:
        """Read one file; whatever is wrong with it becomes its problem, and the others go on."""
        found = item.found
        item.row.problem = item.row.problem_line = None
        try:
            if failure is not None:
                raise failure
            document = parse(decode(data))
            fields, problems, notices = asset_fields(document, found.below, self.contexts[found.source])
            self.notices += [Problem(found.path, notice.message, notice.line) for notice in notices]
            if problems:
                raise UnreadableFile(
                    "; ".join(problem.message for problem in problems), next((p.line for p in problems if p.line), None)
                )
            item.attachments = self._attachments(item, fields.pop("attachments"))
        except (UnreadableFile, FrontMatterError) as error:
            self._blame(item, error.reason, error.line)
        except (ValueError, RecursionError) as error:
            self._blame(item, _("cannot be read: {reason}").format(reason=error), None)
        else:
            item.fields, item.body = fields, document.body
        return item

    def _blame(self, item: ReadFile, reason: str, line: int | None) -> None:
        item.fields = None
        item.row.problem, item.row.problem_line = reason, line
        self.problems.append(Problem(item.found.path, reason, line))

    def _attachments(self, item: ReadFile, names: dict[str, str]) -> dict[str, KeptFile]:
        folder = self.root / self.contexts[item.found.source].source.path
        beside = Path(item.found.full).parent
        kept = {}
        for role, name in names.items():
            if role == "cover" and (name.startswith(("http:", "https:", "/")) or not name):
                continue  # pictures elsewhere stay the theme's business
            if name:
                kept[role] = keep_attachment(name, beside, self.root, folder, self.kept)
        return kept

    def _follow_renames(self) -> None:
        """Give a new path the asset of a vanished one, where an id, the whole file or its text says so."""
        missing = {
            row.asset_id: row for path, row in self.known.files.items() if path not in self.paths and row.asset_id
        }
        by_file = {row.sha256: asset_id for asset_id, row in missing.items()}
        by_text = {self.known.text_hashes.get(asset_id, ""): asset_id for asset_id in missing}
        for item in self.read:
            if item.fields is None or item.found.path in self.known.files:
                continue
            asset_id = item.fields["wanted_id"] if item.fields["wanted_id"] in missing else None
            asset_id = (
                asset_id
                or by_file.get(item.row.sha256)
                or (by_text.get(item.body_sha256) if item.body.strip() else None)
            )
            if asset_id in missing:
                item.row.asset_id = asset_id
                self.renamed.append((missing.pop(asset_id).path, item.found.path))

    def _settle(self, item: ReadFile) -> None:
        """Decide which asset a file is and which address it has."""
        fields = dict(item.fields or {})
        wanted, explicit = fields.pop("wanted_slug"), fields.pop("explicit_slug")
        wanted_id, state = fields.pop("wanted_id"), fields.pop("initial_state")
        before = self.known.assets.get(item.row.asset_id or "")
        if before is None and wanted_id in self.known.assets:
            self._blame(item, _("the id '{id}' belongs to another file already").format(id=wanted_id), None)
            return
        taken = self.taken.setdefault(fields["language"], {})
        holder = taken.get(wanted)
        if explicit and holder is not None and holder != (before.id if before else None):
            self._blame(
                item,
                _("the address '{slug}' is taken by {other}; give one of them another slug").format(
                    slug=wanted, other=self._path_of(holder)
                ),
                None,
            )
            return
        values = before.model_dump() if before else {"state": state, "created_at": self.now}
        if before is None and wanted_id:
            values["id"] = wanted_id
        values |= fields
        values["slug"] = self._slug(item, before, wanted, explicit, taken)
        if before is not None and before.slug != values["slug"]:
            values["aliases"] = [*before.aliases, before.slug]
        values["changed_at"] = self.now
        item.asset = Asset.model_validate(values)
        item.is_new = before is None
        item.row.asset_id = item.asset.id
        taken[item.asset.slug] = item.asset.id
        self.known.assets.setdefault(item.asset.id, item.asset)

    def _slug(self, item: ReadFile, before: Asset | None, wanted: str, explicit: bool, taken: dict[str, str]) -> str:
        if before is not None and (not explicit or wanted == before.slug):
            return before.slug  # an address once given stays
        if explicit or wanted not in taken:
            return wanted
        slug = free_slug(wanted, item.found.below, taken)
        self.notices.append(
            Problem(
                item.found.path,
                _("the address '{slug}' is taken by {other}, so this one is '{mine}'").format(
                    slug=wanted, other=self._path_of(taken[wanted]), mine=slug
                ),
            )
        )
        return slug

    def _path_of(self, asset_id: str) -> str:
        in_this_run = (item.found.path for item in self.read if item.row.asset_id == asset_id)
        before = (row.path for row in self.known.files.values() if row.asset_id == asset_id)
        return next(in_this_run, None) or next(before, asset_id)

    def _find_removed(self) -> Iterable[str]:
        renamed = {old for old, _new in self.renamed}
        for path in sorted(self.known.files.keys() - self.paths - renamed):
            asset = self.known.assets.get(self.known.files[path].asset_id or "")
            if asset is not None and asset.state is not WorkflowState.RETIRED:
                yield path
