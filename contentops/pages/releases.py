"""Publishing a site at once or not at all.

A release is written beside the site into ``.contentops/releases/<id>``, synced to disk, and then the link ``site`` is
swung to it in one step, so that a web server never sees half a site. The id is a hash of the content: what is already
out is not written again.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock

from contentops.errors import WorkspaceError
from contentops.texts import gettext as _

KEEP = 3
"""How many releases stay, for going back."""


def publish(files: Mapping[str, bytes], output: Path, releases: Path) -> bool:
    """Make `files` the site at `output`.

    Args:
        files: path below the site, with slashes → content. output: the link that the web server follows.
        releases: folder of releases, on the same disk.

    Returns:
        False where this very site is out already.

    Raises:
        WorkspaceError: `output` is something else than our link, or the disk refuses; the old site stays.
    """
    ours = output.is_symlink() and output.resolve().parent == releases.resolve()
    if (output.exists() or output.is_symlink()) and not ours:
        raise WorkspaceError(
            _("{path} exists and is not a site that contentops made; move it away or change site.output").format(
                path=output
            )
        )
    release = releases / _content_id(files)
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with FileLock(releases / "build.lock"):
            if output.is_symlink() and output.resolve() == release.resolve() and release.is_dir():
                return False
            if not release.is_dir():
                _write(files, release)
            _swing(output, release)
            _forget_old(releases, release)
    except OSError as error:
        raise WorkspaceError(
            _("cannot write the site: {path}: {reason}; the old one stays").format(
                path=error.filename or release, reason=error.strerror
            )
        ) from error
    return True


def _content_id(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        if ".." in path.split("/") or path.startswith("/"):
            raise WorkspaceError(_("a page wants to leave the site: {path}").format(path=path))
        digest.update(path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
    return digest.hexdigest()[:16]


def _write(files: Mapping[str, bytes], release: Path) -> None:
    """Write into a folder of another name first, so that a folder with a release's name is always whole."""
    unfinished = release.with_name(f".{release.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        for folder in {(unfinished / path).parent for path in files}:
            folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            with (unfinished / path).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        unfinished.rename(release)
        _sync_folder(release.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _swing(output: Path, release: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    link = output.with_name(f".{output.name}.{os.getpid()}")
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(release, output.parent), target_is_directory=True)
    link.replace(output)
    _sync_folder(output.parent)


def _forget_old(releases: Path, current: Path) -> None:
    os.utime(current)
    for unfinished in releases.glob(".*.*"):  # of builds that were killed; nobody else builds while we hold the lock
        shutil.rmtree(unfinished, ignore_errors=True)
    finished = [path for path in releases.iterdir() if path.is_dir() and not path.name.startswith(".")]
    for old in sorted(finished, key=lambda path: path.stat().st_mtime_ns, reverse=True)[KEEP:]:
        shutil.rmtree(old, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
