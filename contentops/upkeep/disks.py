"""What kind of disk a file lies on. Pure but for reading the table of mounts."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

MOUNTS = Path("/proc/mounts")
_NETWORK = {
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "drvfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4",
    "ocfs2", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs",
}  # fmt: skip
_SYNCED = {"dropbox", "google drive", "iclouddrive", "nextcloud", "nutstore", "onedrive", "坚果云", "百度网盘同步空间"}


def mounts(table: Path = MOUNTS) -> list[tuple[str, str]]:
    """Return where each file system is mounted, and its type; nothing where the system has no such table."""
    try:
        lines = table.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []
    fields = [line.split(" ") for line in lines]
    return [(_unescaped(found[1]), found[2]) for found in fields if len(found) > 2]


def network_type(path: Path, mounted: Iterable[tuple[str, str]]) -> str | None:
    """Return the type of the file system that holds a path, if it is one of the network or of a foreign program."""
    best: tuple[int, str] = (-1, "")
    for point, kind in mounted:
        if PurePosixPath(path).is_relative_to(point) and len(PurePosixPath(point).parts) >= best[0]:
            best = (len(PurePosixPath(point).parts), kind)  # of several at one place, the last one counts
    kind = best[1]
    return kind if kind in _NETWORK or kind.startswith("fuse") else None


def synced_folder(path: Path) -> str | None:
    """Return the folder on a path that a cloud service keeps in step, which it does behind SQLite's back."""
    return next((part for part in path.parts if part.lower().split(" - ")[0] in _SYNCED), None)


def _unescaped(point: str) -> str:
    for written, meant in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(written, meant)
    return point
