"""What must last through a power cut beside the database."""

import os
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
