"""Split a text file into front matter and body, and read the front matter: YAML between ``---``, TOML between ``+++``.

YAML is read so that a writer's text stays text: only ``true``/``false``, whole numbers and ``null`` change type; dates
are turned into dates where a field is one (assets/fields.py). A file is data from anywhere: duplicate keys, alias
bombs, deep nesting and oversized blocks are refused with the line.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import yaml

from contentops.texts import gettext as _

try:
    from yaml import CSafeLoader as _SafeLoader  # three times as fast
except ImportError:  # a PyYAML without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20
MAX_NODES = 10_000

# Blank lines before the opening line and blanks after it occur in real files and do no harm.
_OPENING = re.compile(r"\A(?:[ \t]*\n)*[ \t]*(---|\+\+\+)[ \t]*\n")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LOOKS_LIKE_KEY = re.compile(r"[A-Za-z_][\w .-]*\s*[:=]\s")


class FrontMatterError(Exception):
    """Front matter that cannot be read.

    Attributes:
        line: 1-based line in the file, or None. reason: a sentence.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason, self.line = reason, line
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Document:
    """A text file, taken apart.

    Attributes:
        values: the front matter; JSON-like values only (dates of TOML as ISO text).
        lines: top-level key → 1-based line in the file.
        body: everything below.
        syntax: ``yaml``, ``toml`` or ``none``. text: the whole file.
    """

    body: str
    syntax: str = "none"
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    text: str = ""


def parse(text: str) -> Document:
    """Take a text (line ends already LF) apart and read its front matter.

    Raises:
        FrontMatterError: with the line and the reason.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return Document(body=text, text=text)
    mark = opening[1]
    closing = re.compile(rf"^[ \t]*{re.escape(mark)}[ \t]*$", re.MULTILINE).search(text, opening.end())
    first_line = text.count("\n", 0, opening.end()) + 1
    if closing is None:
        # A lone rule at the top is Markdown; a key below it is front matter that somebody forgot to close.
        if _LOOKS_LIKE_KEY.match(text, opening.end()):
            raise FrontMatterError(
                _("the front matter is never closed: add a line {mark}").format(mark=mark), first_line - 1
            )
        return Document(body=text, text=text)
    block = text[opening.end() : closing.start()]
    if len(block.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise FrontMatterError(_("the front matter is larger than 64 kB"), first_line - 1)
    read = _read_yaml if mark == "---" else _read_toml
    values, lines = read(block, first_line)
    body = text[closing.end() :].removeprefix("\n")
    return Document(body, "yaml" if mark == "---" else "toml", values, lines, text)


class _FastLoader(_SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}


class _StrictLoader(yaml.SafeLoader):
    # libyaml forgives tabs that other tools refuse; a file that only we can read would help nobody.
    yaml_implicit_resolvers: dict[str, Any] = {}


# YAML without surprises: `no` stays "no", 1.10 stays "1.10", dates and 12:30:45 stay text.
_TAG = "tag:yaml.org,2002:"
for _loader in (_FastLoader, _StrictLoader):
    _loader.add_implicit_resolver(f"{_TAG}bool", re.compile(r"^(?:true|True|false|False)$"), list("tTfF"))
    _loader.add_implicit_resolver(f"{_TAG}null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
    _loader.add_implicit_resolver(f"{_TAG}int", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789"))


def _read_yaml(block: str, first_line: int) -> tuple[dict[str, Any], dict[str, int]]:
    depth = _depth_by_signs(block)
    if depth > 10 * MAX_DEPTH:  # before libyaml sees it: very deep nesting overflows its stack and kills the process
        raise FrontMatterError(_("nested too deeply"), first_line)
    loader = (_StrictLoader if "\t" in block else _FastLoader)(block)
    try:
        node = loader.get_single_node()
        if node is None:
            return {}, {}
        if not isinstance(node, yaml.MappingNode):
            raise FrontMatterError(_("the front matter must be a list of 'key: value' lines"), first_line)
        if "*" in block or depth > MAX_DEPTH or len(block) > MAX_NODES:  # else a block cannot be large inside
            _refuse_bombs(node, first_line)
        values = _value_of(node, first_line)
    except yaml.YAMLError as error:
        raise _yaml_error(error, first_line) from error
    except RecursionError as error:
        raise FrontMatterError(_("nested too deeply"), first_line) from error
    finally:
        loader.dispose()
    return values, {key.value: key.start_mark.line + first_line for key, _value in node.value}


def _value_of(node: Any, first_line: int) -> Any:
    """Turn a node of YAML into JSON-like values: texts, whole numbers, true and false, null, lists and tables.

    PyYAML's own constructors make many more types, which no database keeps, and take twice as long.
    """
    if isinstance(node, yaml.ScalarNode):
        convert = _SCALARS.get(node.tag)
        if convert is not None:
            if _UNSTORABLE.search(node.value):
                raise FrontMatterError(_("a text with characters that cannot be stored"), _line(node, first_line))
            return convert(node.value)
    elif node.tag == f"{_TAG}seq":
        return [_value_of(item, first_line) for item in node.value]
    elif node.tag == f"{_TAG}map":
        return _table_of(node, first_line)
    message = _("values of the type {tag} are not possible here").format(tag=node.tag)
    raise FrontMatterError(_("invalid YAML: {reason}").format(reason=message), _line(node, first_line))


def _table_of(node: Any, first_line: int) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise FrontMatterError(
                _("invalid YAML: {reason}").format(reason=_("a key must be a word")), _line(key, first_line)
            )
        if key.value in table:
            reason = _("the key '{key}' stands here twice").format(key=key.value)
            raise FrontMatterError(_("invalid YAML: {reason}").format(reason=reason), _line(key, first_line))
        table[key.value] = _value_of(value, first_line)
    return table


def _line(node: Any, first_line: int) -> int:
    return int(node.start_mark.line) + first_line


_SCALARS: dict[str, Callable[[str], Any]] = {
    f"{_TAG}str": str,
    f"{_TAG}int": int,
    f"{_TAG}bool": lambda text: text.lower() == "true",
    f"{_TAG}null": lambda _text: None,
}


def _yaml_error(error: yaml.YAMLError, first_line: int) -> FrontMatterError:
    mark = getattr(error, "problem_mark", None)
    reason = str(getattr(error, "problem", None) or error)
    if "mapping values are not allowed" in reason:
        reason = _("a second colon in the line: put the value in quotation marks")
    elif "\\t" in reason:
        reason = _("a tab where YAML allows spaces only")
    return FrontMatterError(
        _("invalid YAML: {reason}").format(reason=reason), mark.line + first_line if mark else first_line
    )


def _refuse_bombs(root: yaml.Node, first_line: int) -> None:
    """Walk without recursion, counting an alias each time it is used: that is its size once walked or stored."""
    stack: list[tuple[yaml.Node, int]] = [(root, 1)]
    count = 0
    while stack:
        node, depth = stack.pop()
        count += 1
        if depth > MAX_DEPTH or count > MAX_NODES:
            raise FrontMatterError(_("nested too deeply or too large once aliases are resolved"), first_line)
        if isinstance(node, yaml.SequenceNode):
            stack += [(child, depth + 1) for child in node.value]
        elif isinstance(node, yaml.MappingNode):
            for pair in node.value:
                stack += [(child, depth + 1) for child in pair]


def _read_toml(block: str, first_line: int) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        values = _plain(tomllib.loads(block))
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) + first_line - 1 if at else first_line
        reason = str(error).split(" (at ")[0]
        raise FrontMatterError(_("invalid TOML: {reason}").format(reason=reason), line) from error
    except ValueError as error:
        raise FrontMatterError(_("a value cannot be read: {reason}").format(reason=error), first_line) from error
    except RecursionError as error:
        raise FrontMatterError(_("nested too deeply"), first_line) from error
    lines: dict[str, int] = {}
    for number, line_text in enumerate(block.split("\n")):
        key = re.match(r"\s*\[*\s*[\"']?([\w-]+)", line_text)
        if key:
            lines.setdefault(key[1], number + first_line)
    return values, lines


def _depth_by_signs(block: str) -> int:
    """Estimate how deep a block nests without parsing it: brackets within brackets, or markers in one line.

    Brackets in quoted text count as well, so this is only good for telling hostile nesting from any other.
    """
    if re.search(r"(?:[-?:] ){30}", block):
        return len(block)
    if block.count("[") + block.count("{") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for char in block:
        depth += (char in "[{") - (char in "]}")
        deepest = max(deepest, depth)
    return deepest


def _plain(value: Any) -> Any:
    """Return JSON-like values: keys and TOML's dates and fractions as text, so that all can be kept and compared.

    Raises:
        ValueError: a text with characters that no database keeps.
    """
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str) and _UNSTORABLE.search(value):
        raise ValueError(_("a text with characters that cannot be stored"))
    return str(value) if isinstance(value, float) else value
