"""Where a key of the front matter stands in its file, so that a finding can point at it."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from contentops.assets.front_matter import FrontMatterError, parse

try:
    from yaml import CBaseLoader as _Loader
except ImportError:  # a PyYAML without libyaml
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Return the 1-based line of a key in the front matter, or of the nearest key above it that exists.

    A path that leads nowhere gives the first line of the front matter. In TOML an item of an array written over
    several lines has the line on which the array begins.

    Args:
        text: the whole file, line ends LF. path: keys and places in lists: ``("contentops", "offer", "inside", 0)``.

    Returns:
        None where the file has no front matter, or none that can be read.
    """
    try:
        document = parse(text)
    except FrontMatterError:
        return None
    if document.syntax == "none":
        return None
    lines = text[: len(text) - len(document.body)].split("\n")
    opening = next(number for number, line in enumerate(lines) if line.strip())
    closing = max(number for number, line in enumerate(lines) if line.strip())
    block = lines[opening + 1 : closing]
    first = opening + 2
    if document.syntax == "toml":
        return _nearest(_toml_places(block, first), path)
    return _yaml_line("\n".join(block), path, first)


def _yaml_line(block: str, path: Sequence[str | int], first: int) -> int:
    node = yaml.compose(block, Loader=_Loader)
    line = first - 1
    for part in path:
        found = _yaml_child(node, part)
        if found is None:
            break
        line, node = found[0] + first, found[1]
    return line


def _yaml_child(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and 0 <= part < len(node.value):
        return node.value[part].start_mark.line, node.value[part]
    return None


@dataclass(slots=True)
class _Place:
    """A key of TOML: its line and what stands inside it; the tables of an array are numbered from 0."""

    line: int
    inside: dict[str | int, "_Place"] = field(default_factory=dict)
    is_array: bool = False

    def child(self, key: str | int, line: int) -> "_Place":
        """Return the place of a key below this one; for an array of tables, below its last table."""
        here = self.inside[len(self.inside) - 1] if self.is_array else self
        return here.inside.setdefault(key, _Place(line))


def _nearest(place: _Place, path: Sequence[str | int]) -> int:
    for part in path:
        if part not in place.inside:
            break
        place = place.inside[part]
    return place.line


def _toml_places(block: list[str], first: int) -> _Place:
    root = _Place(first - 1)
    table = root
    for number, statement in _statements(block):
        values, line = tomllib.loads(statement), number + first
        if statement.lstrip().startswith("["):
            table = _table(root, values, line)
        else:
            _keep(table, values, line)
    return root


def _statements(block: list[str]) -> Iterator[tuple[int, str]]:
    """Yield each statement of TOML with the number of its first line: the fewest lines that tomllib can read."""
    start, lines = 0, list[str]()
    for number, line in enumerate(block):
        if not lines and (not line.strip() or line.lstrip().startswith("#")):
            continue
        start = start if lines else number
        lines.append(line)
        # Only such a line can end a value that began above; without asking first, a long one costs its square.
        if len(lines) > 1 and not any(mark in line for mark in ("]", "}", '"""', "'''")):
            continue
        statement = "\n".join(lines)
        try:
            tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        yield start, statement
        lines = []


def _table(root: _Place, values: dict[str, Any], line: int) -> _Place:
    """Return the place of a header such as ``[a.b]`` or ``[[a.b]]``, read as nested tables of one key each."""
    place, inside = root, values
    while inside:
        key, value = next(iter(inside.items()))
        place = place.child(key, line)
        if isinstance(value, list):
            place.is_array = True
            place.inside[len(place.inside)] = _Place(line)
            return place.inside[len(place.inside) - 1]
        inside = value
    return place


def _keep(place: _Place, value: Any, line: int) -> None:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        _keep(place.child(key, line), below, line)
