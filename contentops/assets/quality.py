"""What a standard asks of a text before it goes out. Pure rules."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from contentops.assets.standards import PUBLISH, Standard
from contentops.errors import Problem
from contentops.models import Asset, Milestone, MilestoneState
from contentops.texts import gettext as _
from contentops.texts import pick

_HEADING = re.compile(r"^#{1,6}[ \t]+(\S[^\n]*)$", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
# "1. ", "2.3 ", "一、", "（二）", "第三章 " before a heading's words, and what may stand after them.
_NUMBER = re.compile(r"^(?:[（(]?[\d.]+[)）.、]?\s+|[（(]?[一二三四五六七八九十]+[)）、.]\s*|第\S{1,3}[章节部分]\s*)")
_AFTER = " \t\r#:：。.?？!！"


def missing(asset: Asset, markdown: str, standard: Standard) -> Iterator[Problem]:
    """Yield what the standard asks for and the text does not have: front matter keys, sections."""
    address = f"{asset.language}/{asset.slug}"
    for key in standard.required_front_matter:
        if not _value(asset, key):
            yield Problem(address, _("the front matter has no {key}, which the standard asks for").format(key=key))
    headings = {_plain(heading) for heading in _HEADING.findall(_FENCED.sub("", markdown))}
    for section in standard.required_sections:
        if not any(heading.startswith(_plain(text)) for text in section.values() for heading in headings):
            wanted = pick(section, asset.language)
            yield Problem(address, _("there is no section '{name}', which the standard asks for").format(name=wanted))


def unfinished(asset: Asset, milestones: Iterable[Milestone], standard: Standard, step: str) -> Iterator[Problem]:
    """Yield what stands before a step: its own open points, and earlier steps that are not done.

    Steps of the same day in the standard do not wait for each other.

    Args:
        step: key of the step that somebody wants to call done.
    """
    offsets = {owed.key: owed.offset_days for owed in standard.owed(asset.owner)}
    address = f"{asset.language}/{asset.slug}"
    for milestone in sorted(milestones, key=lambda m: (m.due_on, m.step)):
        name = pick(milestone.name)
        earlier = offsets.get(milestone.step, 0) < offsets.get(step, 0)
        if milestone.state is not MilestoneState.DUE or not (milestone.step == step or earlier):
            continue
        points = [(number, point) for number, point in enumerate(milestone.checklist, 1) if not point["at"]]
        for number, point in points:
            text = _("'{step}' ({key}) has an open point {number}: {point}")
            yield Problem(address, text.format(step=name, key=milestone.step, number=number, point=pick(point["text"])))
        if milestone.step != step and not points:
            yield Problem(address, _("'{step}' ({key}) is not done").format(step=name, key=milestone.step))


def before_publication(
    asset: Asset, markdown: str | None, milestones: Iterable[Milestone], standard: Standard
) -> list[Problem]:
    """Return everything that stands before publication: steps, open points, what the text lacks.

    Args:
        markdown: None for an asset that has no text of its own yet: then only its steps are looked at.
    """
    steps = [m for m in milestones if m.step != PUBLISH or m.checklist]
    problems = list(unfinished(asset, steps, standard, PUBLISH))
    return problems + (list(missing(asset, markdown, standard)) if markdown is not None else [])


def _value(asset: Asset, key: str) -> Any:
    """Return what a dotted key of the front matter says, or what it was read as under another name."""
    value: Any = asset.front_matter
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value or getattr(asset, key, None)


def _plain(heading: str) -> str:
    return _NUMBER.sub("", heading.strip()).strip(_AFTER).casefold()
