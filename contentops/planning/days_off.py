"""A team's own days: holidays.toml with days off, worked days, announced years, and who is away."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from contentops.errors import Problem, StandardInvalid, did_you_mean
from contentops.texts import gettext as _

_LISTS: dict[str, type] = {"off": date, "work": date, "announced": int}
_AWAY = {"who": str, "from": date, "to": date}


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody does not work for a while.

    Attributes:
        who: a person's name, or a role. first, last: the days, both included.
    """

    who: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Overrides:
    """A team's own days, over the public ones.

    Attributes:
        off: days nobody works. work: days that are worked. announced: years whose public days the file has in full.
        away: who is away when; such days still count as working days, but a step due on one is a finding.
    """

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    announced: frozenset[int] = frozenset()
    away: tuple[Away, ...] = ()


def read_overrides(path: Path) -> Overrides:
    """Read a file of own days.

    ``off = [2027-02-04]``, ``work = [2027-02-06]``, ``announced = [2027]``, and any number of
    ``[[away]] who = "presales"  from = 2027-03-01  to = 2027-03-05``.

    Raises:
        StandardInvalid: with every problem of the file.
    """
    try:
        values: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise StandardInvalid([Problem(str(path), _("cannot be read: {reason}").format(reason=error))]) from error
    problems: list[str] = []
    for key, value in values.items():
        if key not in {*_LISTS, "away"}:
            problems.append(_("unknown key '{key}'").format(key=key) + did_you_mean(key, [*_LISTS, "away"]))
        elif key != "away" and (not isinstance(value, list) or not all(type(item) is _LISTS[key] for item in value)):
            sample = "2027" if key == "announced" else "2027-02-04"
            problems.append(_("{key} must be a list like [{sample}]").format(key=key, sample=sample))
    away = _read_away(values.get("away", []), problems)
    if not problems:
        both = set(values.get("off", [])) & set(values.get("work", []))
        if both:
            problems.append(_("both off and work: {days}").format(days=", ".join(sorted(map(str, both)))))
    if problems:
        raise StandardInvalid([Problem(str(path), problem) for problem in problems])
    off, work, announced = (frozenset(values.get(key, [])) for key in _LISTS)
    return Overrides(off, work, announced, away)


def _read_away(tables: Any, problems: list[str]) -> tuple[Away, ...]:
    found = []
    for number, table in enumerate(tables if isinstance(tables, list) else [None], 1):
        fits = isinstance(table, dict) and table.keys() == _AWAY.keys()
        if not fits or any(type(table[key]) is not kind for key, kind in _AWAY.items()):
            problems.append(_("away {number}: write who, from and to, the last two as dates").format(number=number))
        elif table["to"] < table["from"]:
            problems.append(_("away {number}: it ends before it begins").format(number=number))
        else:
            found.append(Away(table["who"], table["from"], table["to"]))
    return tuple(found)
