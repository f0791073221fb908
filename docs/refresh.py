"""Make the reference pages from the code: `python docs/refresh.py`. tests/test_docs.py says when that is due."""

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from contentops import errors
from contentops.cli.app import app
from contentops.pages import contract
from contentops.settings import PREFIX, Settings

DOCS = Path(__file__).resolve().parent
MADE = "<!-- Made by docs/refresh.py from the code. -->\n"
CLI_INTRO = """\
Data goes to stdout, words go to stderr; every command that reads has `--json`: keys that stay, times in UTC.

Without it a list is for people. On a terminal it is a table; in a pipe or a file it is lines with tabs, the first of
them the names of the columns, and nothing at all where there are no rows. Words are in your language (`--lang zh|en`,
`CONTENTOPS_LANG`, or what the system speaks), times in the workspace's time zone. States may be given in these words,
too: `--state 已发布` is `--state published`.
"""
SETTINGS_INTRO = f"""\
They stand in `contentops.toml`; each can be set by a variable as well, nested keys with two underscores:
`{PREFIX}CAPTURE__PER_MINUTE=20`. `contentops config show` says each value and where it came from.
Secrets are set by variable or key file only.
"""
DATA_MAP_INTRO = """\
Which column says what of people, how long it is kept (with the settings as they come), what an erasure does with it.
`contentops privacy map` prints it with your own settings; `contentops --lang zh privacy map` in Chinese. A test refuses
a column that is not in it. [The guide](guide/privacy.md) says what to do with it.
"""
TEMPLATES_INTRO = """\
A theme is a folder below `templates/`: the workspace's, or a shipped one. A file of the workspace takes the place
of the shipped one of the same name and can extend it: `{% extends "!shipped/content.html" %}`.
Blocks to override: in `layout.html` `title`, `head`, `body_class`, `header`, `languages`, `main`, `footer`; in
`style.css` `tokens`, `base`, `frame`, `form`, `hero`, `sections`, `pages`, `prose`, `last`. What you change in
`layout.html` changes every page.
Texts go through gettext (`{{ _("Download") }}`); a name that does not exist is an error with its line.
Every template of a page gets `site` and `page`, and besides:

| template | name | what |
|---|---|---|"""


def cli_page() -> str:
    """Every command with its help, and the exit codes."""
    import contentops.cli

    command = typer.main.get_command(app)
    parts = [
        "# Command line\n",
        MADE,
        CLI_INTRO,
    ]
    parts.append("```text\n" + inspect.cleandoc(contentops.cli.__doc__ or "").split("\n\n", 1)[1] + "\n```\n")
    for words, found in _commands(command, ["contentops"]):
        found_context = found.make_context(words[-1], [], resilient_parsing=True)
        options = "\n".join(_options(found, found_context))
        parts.append(
            f"## {' '.join(words)}\n\n{found.help or ''}\n" + (f"\n```text\n{options}\n```\n" if options else "")
        )
    return "\n".join(parts)


def _commands(command: Any, words: list[str]) -> Iterator[tuple[list[str], Any]]:
    yield words, command
    for name, child in sorted(getattr(command, "commands", {}).items()):
        yield from _commands(child, [*words, name])


def _options(command: Any, found_context: Any) -> Iterator[str]:
    rows = [record for param in command.params if (record := param.get_help_record(found_context))]
    width = min(max((len(left) for left, _right in rows), default=0), 44)
    for left, right in rows:
        yield f"{left:<{width}}  {right}".rstrip()


def settings_page() -> str:
    """Every setting with its type's default and meaning."""
    parts = [
        "# Settings\n",
        MADE,
        SETTINGS_INTRO,
    ]
    for title, model in _tables(Settings, ""):
        parts.append(f"## {title or 'Top level'}\n\n| key | default | meaning |\n|---|---|---|")
        for name, field in model.model_fields.items():
            if not _is_table(field.default):
                default = "required" if field.is_required() else _shown(field.default)
                parts.append(f"| `{name}` | {default} | {field.description} |")
        parts.append("")
    return "\n".join(parts)


def _is_table(value: object) -> bool:
    return isinstance(value, BaseModel)


def _tables(model: Any, title: str) -> Iterator[tuple[str, Any]]:
    from contentops.settings import Channel, Source, SourceRule

    yield title, model
    for name, field in model.model_fields.items():
        if _is_table(field.default):
            yield from _tables(type(field.default), f"{title}.{name}".lstrip("."))
        elif name == "sources":
            yield from _tables(Source, "[[sources]]")
        elif name == "channels":
            yield from _tables(Channel, "[channels.KEY]")
        elif name == "rules":
            yield from _tables(SourceRule, "[[sources.rules]]")


def _shown(value: object) -> str:
    if value is None or value in ("", (), {}):
        return "–"
    if isinstance(value, dict) and all(map(_is_table, value.values())):
        return ", ".join(f"`{key}`" for key in value)
    return (
        f"`{list(value)}`"
        if isinstance(value, tuple) and not _is_table(value[0])
        else f"`{value}`"
        if not isinstance(value, tuple)
        else "one, `content`"
    )


def errors_page() -> str:
    """The tree of errors with what each means."""
    tree = inspect.cleandoc(errors.__doc__ or "").split("::\n\n", 1)[1].split("\n\n", 1)[0]
    parts = ["# Errors\n", MADE, f"```text\n{inspect.cleandoc(tree)}\n```\n"]
    for name, kind in vars(errors).items():
        if inspect.isclass(kind) and issubclass(kind, errors.ContentOpsError):
            parts.append(f"## {name}\n\n{inspect.getdoc(kind)}\n")
    return "\n".join(parts)


def templates_page() -> str:
    """What templates are given."""
    parts = [
        "# Templates\n",
        MADE,
        TEMPLATES_INTRO,
    ]
    parts += [
        f"| `{template}` | `{name}` | {what} |"
        for template, names in contract.TEMPLATES.items()
        for name, what in names.items()
    ]
    for name, kind in vars(contract).items():
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            parts.append(f"\n## {name}\n\n{inspect.getdoc(kind)}\n\n| field | what |\n|---|---|")
            parts += [f"| `{field.name}` | {field.metadata['help']} |" for field in dataclasses.fields(kind)]
    return "\n".join(parts) + "\n"


def data_map_page() -> str:
    """What is kept of people, from privacy/inventory.py and the schema."""
    from contentops.privacy.data_map import as_markdown
    from contentops.settings import PrivacySettings
    from contentops.texts import use_language

    with use_language("en"):
        title, _blank, rest = as_markdown(PrivacySettings()).split("\n", 2)
    return f"{title}\n\n{MADE}\n{DATA_MAP_INTRO}\n{rest}"


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "settings.md": settings_page,
    "errors.md": errors_page,
    "templates.md": templates_page,
    "data-map.md": data_map_page,
}

if __name__ == "__main__":
    for file_name, make in PAGES.items():
        (DOCS / file_name).write_text(make(), encoding="utf-8")
        print(file_name)
