"""Texts that were converted before, kept by the hash of their Markdown: a conversion is most of a page's cost."""

import hashlib
import shutil
import time
from collections.abc import Container
from pathlib import Path

from contentops.pages.markup import PIPELINE

KEEP_DAYS = 30
"""How long a text that no page shows is kept: a writer may go back to it."""


class Converted:
    """A folder of converted texts.

    Args:
        folder: where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, text_sha256: str) -> str | None:
        """Return the HTML of a text by the hash of its Markdown; None where it is not kept, or not wholly."""
        try:
            length, _newline, html = self._file(text_sha256).read_bytes().decode("utf-8").partition("\n")
            return html if int(length) == len(html) else None
        except (OSError, ValueError):
            return None

    def put(self, text_sha256: str, html: str) -> None:
        """Keep the HTML of a text."""
        content = f"{len(html)}\n{html}".encode("utf-8", "replace")  # the length tells one that was cut off
        file = self._file(text_sha256)
        try:
            file.write_bytes(content)
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def forget_all(self) -> None:
        """Begin anew."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def forget_old(self, shown: Container[str]) -> None:
        """Remove what no page has shown for :data:`KEEP_DAYS`.

        Args:
            shown: hashes of the texts that pages show now.
        """
        names = {self._file(sha256).name for sha256 in shown} if isinstance(shown, set) else set()
        before = time.time() - KEEP_DAYS * 86_400
        for file in self._folder.iterdir() if self._folder.is_dir() else ():
            if file.name not in names and file.stat().st_mtime < before:
                file.unlink(missing_ok=True)

    def _file(self, text_sha256: str) -> Path:
        return self._folder / f"{hashlib.sha256(f'{PIPELINE} {text_sha256}'.encode()).hexdigest()[:40]}.html"
