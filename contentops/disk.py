"""What must last through a power cut beside the database, and whose files they are."""

import os
from contextlib import suppress
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Put a folder's list of names on disk: of files that were made, renamed or deleted in it.

    Windows has no such call and needs none.
    """
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def give_to_owner(file: Path, like: Path) -> None:
    """Give a file that was made just now to whom another file or a folder belongs: root may do the work of a service.

    Nothing is done where there is nothing to go by, where it is not allowed, and on Windows.
    """
    with suppress(OSError, AttributeError):
        held = like.stat()
        os.chown(file, held.st_uid, held.st_gid, follow_symlinks=False)
