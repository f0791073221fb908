"""Workspaces to measure in: made once, put back to the beginning before each run."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.corpus import write_corpus
from benchmarks.measuring import Options
from contentops.workspace import Workspace

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="contentops-bench-") as name:
        yield Path(name)


class Bench:
    """A workspace with the corpus in its content folder, and its empty database to go back to.

    Attributes:
        folder: the workspace. files: the Markdown files. size_bytes: of all of them.
    """

    def __init__(self, folder: Path, options: Options) -> None:
        Workspace.init(folder, name="Benchmark").close()
        settings = folder / "contentops.toml"
        text = settings.read_text(encoding="utf-8")
        for key in ("controller", "contact"):
            text = text.replace(f'{key} = ""', f'{key} = "benchmark@example.com"')
        text = text.replace('theme = "calm"', 'theme = "calm"\ncard_font = "none"')  # peers make no pictures of links
        settings.write_text(text, encoding="utf-8")
        self.folder = folder
        self.files = write_corpus(folder / "content", options.files, options.corpus)
        self.size_bytes = sum(file.stat().st_size for file in self.files)
        self._empty = folder.with_name(folder.name + "-empty.db")
        shutil.copyfile(folder / "contentops.db", self._empty)

    def empty(self) -> None:
        """Put the database back to what `contentops init` makes."""
        for leftover in self.folder.glob("contentops.db-*"):
            leftover.unlink()
        shutil.copyfile(self._empty, self.folder / "contentops.db")

    def forget_site(self) -> None:
        """Throw the site away and all that was kept to make it: releases, bodies, pictures, templates, manifest."""
        for name in ("releases", "bodies", "cards", "templates"):
            shutil.rmtree(self.folder / ".contentops" / name, ignore_errors=True)
        (self.folder / ".contentops" / "manifest.json").unlink(missing_ok=True)
        (self.folder / "site").unlink(missing_ok=True)

    def open(self) -> Workspace:
        """Open the workspace as a new process would: nothing is kept from before."""
        return Workspace.open(self.folder)

    def describe(self) -> str:
        """Say what the files are like."""
        sizes = sorted(file.stat().st_size for file in self.files)
        return (
            f"{len(sizes)} files, {self.size_bytes / 1e6:.1f} MB, median {sizes[len(sizes) // 2]:,} bytes, "
            f"largest {sizes[-1]:,}"
        )
