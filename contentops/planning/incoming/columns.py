"""Which column of a foreign plan means what: proposed from its header, shown, kept in calendar/columns.toml."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contentops.errors import CalendarInvalid, Problem, StandardInvalid, WorkspaceError, did_you_mean
from contentops.tables.headers import Headed, meaning
from contentops.tables.headers import cells_of as any_cells_of
from contentops.tables.headers import find_header as find_any_header
from contentops.tables.reading import Cell, Table
from contentops.texts import gettext as _

# What headers are called, in lower case without blanks and punctuation. The first field that fits takes a column.
_WORDS: dict[str, tuple[str, ...]] = {
    "title_zh": ("titlezh", "titlecn", "中文标题", "中文题目"),
    "title_en": ("titleen", "englishtitle", "英文标题", "英文题目"),
    "title": (
        "title", "topic", "subject", "headline", "idea", "hook", "contenttitle", "name", "标题", "题目", "选题",
        "主题", "内容标题", "文章标题", "内容主题", "名称", "内容",
    ),
    "week_start": ("weekstart", "weekof", "weekbeginning", "weekcommencing", "周起始", "周一日期", "起始周", "所在周"),
    "date": (
        "date", "publishdate", "publicationdate", "publishon", "duedate", "postdate", "day", "scheduleddate",
        "日期", "发布日期", "发布时间", "计划日期", "计划发布日期", "计划发布日", "发布日",
        "上线日期", "上线时间", "排期", "时间",
    ),
    "kind": ("kind", "type", "contenttype", "assettype", "类型", "内容类型", "文章类型", "资产类型", "品类"),
    "slug": ("slug", "url", "path", "permalink", "address", "网址", "地址", "链接", "别名"),
    "status": ("status", "state", "progress", "状态", "进度", "完成情况"),
    "language": ("language", "lang", "locale", "语言", "语种"),
    "description": ("description", "summary", "brief", "notes", "简介", "摘要", "备注", "说明"),
}  # fmt: skip
FIELDS = tuple(_WORDS)
_TITLES = ("title", "title_zh", "title_en")


@dataclass(frozen=True, slots=True)
class Mapped:
    """Which header means what, for one shape of plan.

    Attributes:
        fields: field → header. values: what words in the kind column mean: word → kind.
        unused: headers that mean nothing here.
    """

    fields: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


def find_header(table: Table, said: Iterable[Iterable[str]] = ()) -> Headed | None:
    """Return the row that names the columns of a plan; it has one of titles, or all headers of one set of `said`."""
    return find_any_header(table, _WORDS, _TITLES, said)


def propose(headed: Headed, kept: Iterable[Mapped], given: Mapping[str, str]) -> Mapped:
    """Return which column means what: as given, else as kept from last time, else by what headers are called.

    Args:
        kept: from :func:`load_columns`. given: field → header, said by the user.

    Raises:
        CalendarInvalid: a header that there is not.
    """
    problems = []
    for header in given.values():
        if header not in headed.headers:
            message = _("no column is called '{header}'").format(header=header)
            problems.append(Problem(headed.table.name, message + did_you_mean(header, headed.headers), headed.row))
    if problems:
        raise CalendarInvalid(problems)
    fields: dict[str, str] = {}
    for header in headed.headers:
        name = meaning(header, _WORDS)
        if name and name not in fields:
            fields[name] = header
    values: dict[str, str] = {}
    for mapped in kept:
        if set(mapped.fields.values()) <= set(headed.headers):
            # What was accepted has the word; columns that are new to it are still proposed.
            accepted = set(mapped.fields.values())
            fields = {key: header for key, header in fields.items() if header not in accepted} | dict(mapped.fields)
            values = {**mapped.values}
            break
    fields = {key: header for key, header in fields.items() if header not in given.values()} | dict(given)
    unused = tuple(header for header in headed.headers if header and header not in fields.values())
    return Mapped(fields, values, unused)


def cells_of(headed: Headed, mapped: Mapped) -> Iterable[tuple[int, dict[str, Cell]]]:
    """Yield each row below the header as field → cell."""
    return any_cells_of(headed, mapped.fields)


def load_columns(path: Path) -> list[Mapped]:
    """Return the columns that were accepted before; none where there is no file.

    Raises:
        StandardInvalid: the file is wrong.
    """
    if not path.is_file():
        return []
    try:
        tables: Any = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("plan", [])
        return [Mapped(_texts(table["fields"]), _texts(table.get("values", {}))) for table in tables]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, KeyError, TypeError, AttributeError) as error:
        raise StandardInvalid([Problem(str(path), _("cannot be read: {reason}").format(reason=error))]) from error


def save_columns(path: Path, known: Iterable[Mapped], new: Iterable[Mapped]) -> None:
    """Keep accepted columns, each shape of plan once."""
    kept = [mapped for mapped in new if mapped.fields]
    shapes = [{*mapped.fields.values()} for mapped in kept]
    kept += [mapped for mapped in known if {*mapped.fields.values()} not in shapes]
    lines = ["# Which columns of imported plans mean what. Written by `contentops calendar import`; edit at will.", ""]
    for mapped in kept:
        lines += ["[[plan]]", f"fields = {_inline(mapped.fields)}"]
        lines += [f"values = {_inline(mapped.values)}"] if mapped.values else []
        lines.append("")
    temporary = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text("\n".join(lines), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise WorkspaceError(_("cannot write {path}: {reason}").format(path=path, reason=error.strerror)) from error


def _inline(values: Mapping[str, str]) -> str:
    # A JSON string is a TOML basic string.
    quoted = (f"{_quoted(key)} = {_quoted(value)}" for key, value in values.items())
    return "{ " + ", ".join(quoted) + " }"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in values.items()}
