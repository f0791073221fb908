"""Publishing a site at once or not at all.

A release is written beside the site into ``.contentops/releases/<id>``, synced to disk, and then the link ``site`` is
swung to it in one step, so that a web server never sees half a site. The id is a hash of the content: what is already
out is not written again. Files that the release before has as well are linked, not written.
"""

import filecmp
import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contentops.disk import sync_folder
from contentops.errors import WorkspaceError
from contentops.texts import gettext as _

KEEP = 3
"""How many releases stay, for going back."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file of the site holds.

    Attributes:
        sha256: hash of its bytes. data: the bytes; None where the release before has the same file.
    """

    sha256: str
    data: bytes | None = None

    @classmethod
    def of(cls, data: bytes) -> "Content":
        """Return new content."""
        return cls(hashlib.sha256(data).hexdigest(), data)


class KeptFileMissing(Exception):
    """The release before lacks a file that it should have: somebody tidied up there. Everything must be made anew."""


class Releases:
    """The releases of one site. Used by one build at a time: see :class:`contentops.pages.building.build.SiteBuild`.

    Args:
        output: the link that the web server follows. folder: of the releases, on the same disk.
    """

    def __init__(self, output: Path, folder: Path) -> None:
        self.output, self.folder = output, folder

    def check(self) -> None:
        """Refuse to take the place of something that contentops did not make.

        Raises:
            WorkspaceError: with what to do.
        """
        ours = self.output.is_symlink() and self.output.resolve().parent == self.folder.resolve()
        if (self.output.exists() or self.output.is_symlink()) and not ours:
            raise WorkspaceError(
                _("{path} exists and is not a site that contentops made; move it away or change site.output").format(
                    path=self.output
                )
            )

    def untouched(self, release: str, paths: Iterable[str], since_ns: int) -> bool:
        """Return whether a release has these files still, and nobody wrote into one of them after `since_ns`."""
        files = (f"{self.folder}/{release}/{path}" for path in paths)
        try:
            return bool(release) and all(os.stat(file).st_mtime_ns <= since_ns for file in files)  # noqa: PTH116 - fast
        except (OSError, ValueError):
            return False

    def publish(self, files: Mapping[str, Content], before: str = "") -> tuple[str, bool]:
        """Make `files` the site.

        Args:
            files: path below the site, with slashes → content. before: the release that files without data come from.

        Returns:
            The release's name, and False where this very site is out already.

        Raises:
            WorkspaceError: the disk refuses; the old site stays. KeptFileMissing: see there.
        """
        self.check()
        release = self._place(files, self.folder / before if before else None)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self.output.is_symlink() and self.output.resolve() == release.resolve() and release.is_dir():
                return release.name, False
            if not release.is_dir():
                self._write(files, release, self.folder / before if before else None)
            self._swing(release)
            self._forget_old(release)
        except OSError as error:
            raise WorkspaceError(
                _("cannot write the site: {path}: {reason}; the old one stays").format(
                    path=error.filename or release, reason=error.strerror
                )
            ) from error
        return release.name, True

    def _place(self, files: Mapping[str, Content], before: Path | None) -> Path:
        """Return the folder that holds these files, or the one where they are to be written.

        A release that somebody tidied up or wrote into is passed over: its name gets a number.
        """
        name = _content_id(files)
        place, number = self.folder / name, 1
        while place.is_dir() and not _holds(place, files, before):
            number += 1
            place = self.folder / f"{name}-{number}"
        return place

    def _write(self, files: Mapping[str, Content], release: Path, before: Path | None) -> None:
        """Write into a folder of another name first, so that a folder with a release's name is always whole."""
        unfinished = release.with_name(f".{release.name}.{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            _make_folders(unfinished, files)
            for path, content in files.items():
                if content.data is None:
                    _bring(before, path, f"{unfinished}/{path}")
                    continue
                with open(f"{unfinished}/{path}", "wb") as file:  # noqa: PTH123 - a Path for each of thousands is slow
                    file.write(content.data)
                    file.flush()
                    os.fsync(file.fileno())
            unfinished.rename(release)
            sync_folder(release.parent)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise

    def _swing(self, release: Path) -> None:
        self.output.parent.mkdir(parents=True, exist_ok=True)
        link = self.output.with_name(f".{self.output.name}.{os.getpid()}")
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(release, self.output.parent), target_is_directory=True)
        link.replace(self.output)
        sync_folder(self.output.parent)

    def _forget_old(self, current: Path) -> None:
        os.utime(current)
        for unfinished in self.folder.glob(".*.*"):  # of builds that were killed; nobody else builds now
            shutil.rmtree(unfinished, ignore_errors=True)
        finished = [path for path in self.folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
        for old in sorted(finished, key=lambda path: path.stat().st_mtime_ns, reverse=True)[KEEP:]:
            shutil.rmtree(old, ignore_errors=True)


def _content_id(files: Mapping[str, Content]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        if ".." in path.split("/") or path.startswith("/"):
            raise WorkspaceError(_("a page wants to leave the site: {path}").format(path=path))
        digest.update(f"{path}\0{files[path].sha256}\0".encode())
    return digest.hexdigest()[:16]


def _holds(release: Path, files: Mapping[str, Content], before: Path | None) -> bool:
    """Return whether a release has these very bytes."""
    try:
        return all(_is_there(f"{release}/{path}", content.data, f"{before}/{path}") for path, content in files.items())
    except OSError:
        return False


def _is_there(path: str, data: bytes | None, before: str) -> bool:
    if data is None:
        return path == before or filecmp.cmp(path, before, shallow=False)
    with open(path, "rb") as file:  # noqa: PTH123 - a Path for each of thousands is slow
        return file.read() == data


def _make_folders(root: Path, files: Mapping[str, Content]) -> None:
    root.mkdir()
    for folder in sorted({path.rpartition("/")[0] for path in files}):
        with suppress(FileExistsError):
            os.mkdir(f"{root}/{folder}") if "/" not in folder else os.makedirs(f"{root}/{folder}")  # noqa: PTH102, PTH103


def _bring(before: Path | None, path: str, target: str) -> None:
    """Link a file of the release before; copy it where the file system knows no links."""
    source = f"{before}/{path}"
    try:
        os.link(source, target)
    except FileNotFoundError as error:
        raise KeptFileMissing(path) from error
    except OSError:
        shutil.copyfile(source, target)
