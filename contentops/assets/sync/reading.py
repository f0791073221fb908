"""Read the files of the content folders: skip what did not change, blame what is bad, take the rest apart."""

import hashlib
from pathlib import Path

from contentops.assets.fields import Context, asset_fields
from contentops.assets.front_matter import FrontMatterError, parse
from contentops.assets.sync.files import (
    FoundFile,
    KeptFile,
    UnreadableFile,
    decode,
    find_files,
    keep_attachment,
    read_bytes,
)
from contentops.assets.sync.state import FileState, Known, ReadFile
from contentops.errors import Problem
from contentops.models import Attachment
from contentops.texts import gettext as _


def list_files(root: Path, contexts: list[Context]) -> tuple[list[FoundFile], list[Problem]]:
    """List the files of all sources in a fixed order; a missing source folder is a problem, not an end."""
    found: dict[str, FoundFile] = {}
    problems: list[Problem] = []
    for index, context in enumerate(contexts):
        folder = root / context.source.path
        if not folder.is_dir():
            problems.append(Problem(context.source.path, _("this source folder does not exist")))
            continue
        for file in find_files(folder.resolve(), root.resolve(), context.source, index, problems):
            found.setdefault(file.path, file)
    return sorted(found.values(), key=lambda file: file.path), problems


def rules_hash(context: Context) -> str:
    """Hash what a file's fields depend on besides its text: other rules, other kinds mean reading it again."""
    parts = (context.source.model_dump_json(), str(context.zone), context.language, *sorted(context.kinds))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class Reading:
    """Reads changed files.

    Args:
        root: the workspace. kept: where copies of attachments are kept; None keeps none (a dry run).
        contexts: one for each source. known: what the database holds.
    """

    def __init__(self, root: Path, kept: Path, contexts: list[Context], known: Known, *, dry_run: bool) -> None:
        self.root, self.contexts, self.known = root, contexts, known
        self.kept = None if dry_run else kept
        self.rules = [rules_hash(context) for context in contexts]
        self.notices: list[Problem] = []
        self.touched: list[FileState] = []
        self.unchanged: list[FileState] = []
        self.stale = {
            asset_id
            for asset_id, rows in known.attachments.items()
            if not all(self._is_current(row, kept) for row in rows)
        }

    def look_at(self, found: FoundFile) -> ReadFile | None:
        """Return a file taken apart, or None where it is as it was.

        A file is skipped by size and time, then by its hash. One that was bad is always read again: what is wrong with
        it may have been mended elsewhere, such as a missing attachment.
        """
        before = self.known.files.get(found.path)
        same = before is not None and before.rules_sha256 == self.rules[found.source]
        if before is not None and (before.problem or before.asset_id in self.stale):
            same = False
        same_stat = before is not None and (before.size_bytes, before.mtime_ns) == (found.size_bytes, found.mtime_ns)
        if before is not None and same and same_stat:
            self.unchanged.append(before)
            return None
        data, failure = b"", None
        try:
            data = read_bytes(found)
        except UnreadableFile as error:
            failure = error
        row = self._row(found, data, before)
        if before is not None and same and failure is None and row.sha256 == before.sha256:
            self.touched.append(row)
            self.unchanged.append(row)
            return None
        item = self._read(ReadFile(found, row), data, failure)
        if item.fields is None and item.row == before:
            self.unchanged.append(before)  # as bad as it was
            return None
        return item

    def _row(self, found: FoundFile, data: bytes, before: FileState | None) -> FileState:
        return FileState(
            path=found.path,
            asset_id=before.asset_id if before else None,
            size_bytes=found.size_bytes,
            mtime_ns=found.mtime_ns,
            sha256=hashlib.sha256(data).hexdigest(),
            rules_sha256=self.rules[found.source],
        )

    def _is_current(self, attachment: Attachment, kept: Path) -> bool:
        try:
            info = (self.root / attachment.path).stat()
        except OSError:
            return False
        same = (info.st_size, info.st_mtime_ns) == (attachment.size_bytes, attachment.mtime_ns)
        return same and (kept / attachment.sha256).is_file()

    def _read(self, item: ReadFile, data: bytes, failure: UnreadableFile | None) -> ReadFile:
        """Read one file; whatever is wrong with it becomes its problem, and the others go on."""
        found = item.found
        try:
            if failure is not None:
                raise failure
            document = parse(decode(data))
            fields, problems, notices = asset_fields(document, found.below, self.contexts[found.source])
            self.notices += [Problem(found.path, notice.message, notice.line) for notice in notices]
            if problems:
                reasons = "; ".join(problem.message for problem in problems)
                raise UnreadableFile(reasons, next((p.line for p in problems if p.line), None))
            item.attachments = self._attachments(item, fields.pop("attachments"))
        except (UnreadableFile, FrontMatterError) as error:
            item.blame(error.reason, error.line)
        except (ValueError, TypeError, RecursionError) as error:
            item.blame(_("cannot be read: {reason}").format(reason=error))
        else:
            item.fields, item.body = fields, document.body
        return item

    def _attachments(self, item: ReadFile, names: dict[str, str]) -> dict[str, KeptFile]:
        folder = self.root / self.contexts[item.found.source].source.path
        beside = Path(item.found.full).parent
        kept = {}
        if names["download"]:
            kept["download"] = keep_attachment(names["download"], beside, self.root, folder, self.kept)
        cover = names["cover"]
        if cover and not cover.startswith(("http:", "https:", "/")):  # pictures elsewhere stay where they are
            try:
                picture = keep_attachment(cover, beside, self.root, folder, self.kept)
                if not picture.media_type.startswith("image/"):
                    raise UnreadableFile(_("the cover '{name}' is no picture").format(name=cover))
                kept["cover"] = picture
            except UnreadableFile as error:
                self.notices.append(Problem(item.found.path, error.reason))
        return kept
