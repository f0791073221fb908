"""What the last build made of what: how the next one knows what it may leave as it is."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from contentops.errors import Problem


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of one thing, such as one asset's page with its pictures.

    Attributes:
        key: hash of all that it was made of. outputs: path on the site → hash of its bytes.
        reads: files that it read besides, with size and time. links: Markdown files it links to → address of their
            page, or empty.
        notices: what is worth a look, as (where, message, line); said again by each build that leaves it as it is.
        gate: of a piece; who may read its last good version.
    """

    key: str
    outputs: dict[str, str]
    reads: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    notices: tuple[tuple[str, str, int | None], ...] = ()
    gate: str = ""

    def problems(self) -> list[Problem]:
        """Return the notices as problems."""
        return [Problem(*notice) for notice in self.notices]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A finished build.

    Attributes:
        release: name of the release it made. made: by name of the thing. failed: text that could not be converted and
            how that was tried → why, so that a hostile text costs its time limit once and not with each build.
        saved_ns: when it was saved, in nanoseconds; the files of its release are older.
    """

    release: str = ""
    made: Mapping[str, Made] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    saved_ns: int = field(default=0, compare=False)

    @classmethod
    def load(cls, file: Path) -> "Manifest":
        """Read a manifest; the empty one where there is none, or none that can be used."""
        try:
            values = json.loads(file.read_bytes())
            made = {name: _made(entry) for name, entry in values["made"].items()}
            return cls(_word(values["release"]), made, _words(values["failed"]), file.stat().st_mtime_ns)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return cls()

    def save(self, file: Path) -> None:
        """Write it at once or not at all."""
        values = {
            "release": self.release,
            "failed": dict(self.failed),
            "made": {name: asdict(made) for name, made in self.made.items()},
        }
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{file.name}.{os.getpid()}")
        temporary.write_text(json.dumps(values, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        temporary.replace(file)


def _made(entry: dict[str, Any]) -> Made:
    reads = {path: (int(stamp[0]), int(stamp[1])) if stamp else None for path, stamp in entry["reads"].items()}
    notices = tuple((_word(where), _word(text), line) for where, text, line in entry["notices"])
    return Made(
        _word(entry["key"]), _words(entry["outputs"]), reads, _words(entry["links"]), notices, _word(entry["gate"])
    )


def _words(table: Any) -> dict[str, str]:
    return {_word(key): _word(value) for key, value in table.items()}


def _word(value: Any) -> str:
    """Return a text; whoever wrote something else there was not a build."""
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value
