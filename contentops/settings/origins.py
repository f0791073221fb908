"""Each setting's value and where it came from, for `contentops config show`."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from contentops.settings.loading import FILE_NAME, read_settings_file
from contentops.settings.tables import PREFIX, Settings


@dataclass(frozen=True, slots=True)
class SettingOrigin:
    """One value and where it came from, for `contentops config show`.

    Attributes:
        key: dotted key. value: as text, secrets masked. origin: ``default``, the file's name, or the variable's name.
    """

    key: str
    value: str
    origin: str


def origins(settings: Settings, folder: Path) -> list[SettingOrigin]:
    """List every value and where it came from, secrets masked."""
    written = read_settings_file(folder / FILE_NAME)
    rows = []
    for key, value in _leaves(settings):
        variable = PREFIX + key.upper().replace(".", "__")
        in_file = FILE_NAME if _has(written, key.split(".")) else "default"
        # A whole table may come as JSON in the variable of its first key.
        by_table = PREFIX + key.split(".")[0].upper()
        origin = next((name for name in (variable, by_table) if name in os.environ), in_file)
        rows.append(SettingOrigin(key, _shown(value), origin))
    return rows


def _leaves(section: BaseModel, prefix: str = "") -> Iterator[tuple[str, object]]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, f"{prefix}{name}.")
        elif value and isinstance(value, tuple) and isinstance(value[0], BaseModel):
            for index, item in enumerate(value):
                yield from _leaves(item, f"{prefix}{name}.{index}.")
        else:
            yield prefix + name, value


def _has(written: Any, keys: list[str]) -> bool:
    for key in keys:
        if isinstance(written, list) and key.isdigit() and int(key) < len(written):
            written = written[int(key)]
        elif isinstance(written, dict) and key in written:
            written = written[key]
        else:
            return False
    return True


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "********"
    if isinstance(value, str) and "password=" in value:
        return re.sub(r"(password=)[^&]*", r"\1********", value)
    if isinstance(value, str) and "://" in value and "@" in value:  # the password inside a database's address
        head, _at, tail = value.rpartition("@")
        scheme, _sep, user = head.partition("://")
        return f"{scheme}://{user.split(':')[0]}:********@{tail}"
    if isinstance(value, dict):
        return value[""] if value.keys() == {""} else ", ".join(f"{key} = {item}" for key, item in value.items())
    if isinstance(value, tuple):
        return "[" + ", ".join(str(item) for item in value) + "]"
    return "" if value is None else str(value)
