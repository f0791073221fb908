"""Front matter into the fields of an asset: keys as Hugo has them, our own below ``contentops``."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from contentops.assets.brief import BRIEF_KEYS, brief_problems, key_text
from contentops.assets.front_matter import Document
from contentops.assets.key_lines import line_of
from contentops.assets.languages import TAG, language_by_letters, language_by_path, normal_tag, without_language
from contentops.assets.slugs import slug_from_path, slug_of
from contentops.errors import Problem, did_you_mean
from contentops.models import Gate, WorkflowState
from contentops.settings import Source
from contentops.texts import gettext as _

OWN_KEYS = (
    "id", "kind", "owner", "state", "gate", "attachment", "stages", "personas", "levels", "industries",
    "company_sizes", "keywords", "part", *BRIEF_KEYS,
)  # fmt: skip
_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_SHORT_DATE = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")  # 2026-3-1, as people write it
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_YEARS = range(1990, 2101)
MOST_PROBLEMS = 20
"""Of one brief are named: who has more of them begins with these."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a file's fields depend on besides its text.

    Attributes:
        source: the settings of its source. zone, language: the workspace's. kinds: kinds that have a standard.
    """

    source: Source
    zone: ZoneInfo
    language: str
    kinds: frozenset[str]


class _Reader:
    """Reads typed values out of one document and collects what is wrong, with lines."""

    def __init__(self, document: Document, path: str) -> None:
        self.values, self.path, self._text = document.values, path, document.text
        own = self.values.get("contentops", {})
        self.own: dict[str, Any] = own if isinstance(own, dict) else {}
        self.problems: list[Problem] = []

    def report(self, key: str, message: str) -> None:
        self.problems.append(Problem(self.path, f"{key}: {message}", self.line_of(*key.split("."))))

    def line_of(self, *path: str | int) -> int | None:
        """Return the line of a key, or of the nearest one above it. Reads the front matter again: for a few keys."""
        return line_of(self._text, path)

    def text(self, *keys: str, limit: int = 300) -> str:
        """Return the first of `keys` that has a value, as one line of text."""
        for key in keys:
            value = self.values.get(key)
            if value is None or value == "":
                continue
            if isinstance(value, dict | list):
                self.report(key, _("must be a text"))
                continue
            text = " ".join(str(value).split())
            if len(text) > limit:
                self.report(key, _("longer than {limit} characters").format(limit=limit))
            return text[:limit]
        return ""

    def words(self, key: str, *, own: bool = False) -> list[str]:
        """Return a list of words; one word or a list is accepted."""
        value = (self.own if own else self.values).get(key)
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, dict | list) for item in items):
            self.report(f"contentops.{key}" if own else key, _("must be a list of words"))
            return []
        return [str(item).strip() for item in items if str(item).strip()]

    def moment(self, key: str, zone: ZoneInfo) -> datetime | None:
        """Return a date or a time; without a zone it is local, without a time it is the start of the day."""
        value = self.values.get(key)
        if value is None or value == "":
            return None
        text = _SHORT_DATE.sub(lambda m: f"{m[1]}-{m[2]:0>2}-{m[3]:0>2}", str(value).strip())
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.report(key, _("'{value}' is no date: write it as 2026-03-31").format(value=value))
            return None
        if moment.year not in _YEARS:
            self.report(key, _("the year {year} cannot be right").format(year=moment.year))
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    def choice(self, key: str, choices: type[Gate] | type[WorkflowState], default: Any) -> Any:
        value = self.own.get(key)
        if value is None:
            return default
        try:
            return choices(str(value))
        except ValueError:
            known = [str(choice) for choice in choices]
            self.report(
                f"contentops.{key}",
                _("'{value}' is none of {known}").format(value=value, known=", ".join(known))
                + did_you_mean(str(value), known),
            )
            return default


def asset_fields(
    document: Document, path: str, context: Context
) -> tuple[dict[str, Any], list[Problem], list[Problem]]:
    """Return the fields of the asset that a document describes.

    Args:
        document: the file, taken apart. path: below its source's folder, with slashes. context: settings.

    Returns:
        The fields by name of :class:`contentops.models.Asset` (with ``wanted_slug``, ``explicit_slug``, ``wanted_id``,
        ``initial_state``, ``attachments`` besides), what is wrong, and what is only worth a look.
    """
    reader = _Reader(document, path)
    bare = without_language(path)
    title = reader.text(*context.source.keys.title) or _first_heading(document.body) or bare.rsplit("/", 1)[-1]
    fields = {
        "title": title[:300],
        "description": reader.text(*context.source.keys.description, limit=2000),
        "kind": _kind(reader, path, context),
        "owner": _owner(reader, path, context),
        "language": _language(reader, path, document.body, context),
        "translation_key": (reader.text("translationKey") or f"{context.source.path}/{bare}")[-300:],
        "gate": reader.choice("gate", Gate, Gate.OPEN),
        "stages": reader.words("stages", own=True),
        "personas": reader.words("personas", own=True),
        "industries": reader.words("industries", own=True),
        "keywords": _keywords(reader),
        "offer": reader.own.get("offer") if isinstance(reader.own.get("offer"), dict) else {},
        "front_matter": document.values,
        "attachments": {"download": str(reader.own.get("attachment") or ""), "cover": _cover(reader)},
    }
    fields |= _dates(reader, context) | _deciding(reader, bare, title, context)
    _check_brief(reader)
    if fields["gate"] is Gate.GATED and not fields["attachments"]["download"]:
        reader.report("contentops.gate", _("gated, but no attachment to hand over: add contentops.attachment"))
    return fields, reader.problems, _notices(reader)


def _dates(reader: _Reader, context: Context) -> dict[str, Any]:
    dated = next(filter(None, (reader.moment(key, context.zone) for key in context.source.keys.date)), None)
    changed = reader.moment("lastmod", context.zone)
    return {
        "dated_on": dated.date() if dated else None,
        "changed_on": changed.date() if changed else None,
        "go_live_at": _utc(reader.moment("publishDate", context.zone)),
        "expires_at": _utc(reader.moment("expiryDate", context.zone)),
    }


def _deciding(reader: _Reader, bare: str, title: str, context: Context) -> dict[str, Any]:
    """What decides which asset a file is, which address it has and where it begins."""
    draft = reader.values.get("draft", False)
    if not isinstance(draft, bool):
        reader.report("draft", _("must be true or false"))
    explicit = slug_of(reader.text(*context.source.keys.slug))
    usual = WorkflowState.IN_PROGRESS if draft is True else WorkflowState(context.source.state)
    return {
        "draft": draft is True,
        "wanted_slug": explicit or slug_from_path(bare, title),
        "explicit_slug": bool(explicit),
        "wanted_id": _own_id(reader),
        "states_itself": "state" in reader.own,
        "initial_state": reader.choice("state", WorkflowState, usual),
    }


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


def _first_heading(body: str) -> str:
    heading = _HEADING.search(body)
    return " ".join(heading[1].split()) if heading else ""


def _own_id(reader: _Reader) -> str:
    own_id = str(reader.own.get("id") or "")
    if own_id and not _ID.fullmatch(own_id):
        reader.report("contentops.id", _("only letters, digits and hyphens, at most 32 of them"))
        return ""
    return own_id


def _cover(reader: _Reader) -> str:
    """Return the cover as Hugo's themes write it: a path, or a table with one."""
    cover = reader.values.get("cover") or reader.values.get("image")
    if isinstance(cover, dict):
        cover = cover.get("image")
    return cover.strip()[:500] if isinstance(cover, str) else ""


def _kind(reader: _Reader, path: str, context: Context) -> str:
    """The file's own word first, then the rules, then the folder's name, then the source's default."""
    kind = str(reader.own.get("kind") or _rule_value(reader, path, context, "kind") or "")
    if not kind:
        kind = next((part for part in path.split("/")[:-1] if part in context.kinds), None) or context.source.kind or ""
    if not kind:
        reader.report(
            "contentops.kind",
            _("no kind: put the file into a folder named after one, or add a rule or a kind to its [[sources]]"),
        )
        return ""
    if kind not in context.kinds:
        reader.report(
            "contentops.kind",
            _("no standard for the kind '{kind}': add calendar/{kind}.toml").format(kind=kind)
            + did_you_mean(kind, context.kinds),
        )
    return kind


def _owner(reader: _Reader, path: str, context: Context) -> str | None:
    owner = reader.own.get("owner") or _rule_value(reader, path, context, "owner")
    if owner and not _ROLE.fullmatch(str(owner)):
        reader.report("contentops.owner", _("'{owner}' is no role").format(owner=owner))
        return None
    return str(owner) if owner else None


def _rule_value(reader: _Reader, path: str, context: Context, name: str) -> str | None:
    for rule in context.source.rules:
        if rule.path is not None and not re.search(rule.path, path):
            continue
        if all(_value_matches(reader.values.get(key), pattern) for key, pattern in rule.where.items()):
            value: str | None = getattr(rule, name)
            return value
    return None


def _value_matches(value: Any, pattern: str) -> bool:
    items = value if isinstance(value, list) else [] if value is None else [value]
    return any(re.search(pattern, str(item)) for item in items)


def _language(reader: _Reader, path: str, body: str, context: Context) -> str:
    rule = context.source.language
    if rule not in ("auto", "letters"):
        return normal_tag(rule)
    stated = reader.text("lang", "language", "locale") if rule == "auto" else ""
    if stated and not TAG.fullmatch(normal_tag(stated)):
        # The tag becomes a folder of the site: nothing but a tag may come through here.
        reader.report("lang", _("'{value}' is no language tag such as zh-CN or en").format(value=stated))
        return context.language
    if stated:
        return normal_tag(stated)
    by_path = language_by_path(path) if rule == "auto" else None
    return by_path or language_by_letters(body) or context.language


def _keywords(reader: _Reader) -> dict[str, list[str]]:
    value = reader.own.get("keywords") or {}
    if isinstance(value, list):
        return {"product": [str(word) for word in value]}
    if not isinstance(value, dict):
        reader.report("contentops.keywords", _("must be a table with product, industry and solution"))
        return {}
    return {
        str(name): [str(word) for word in (words if isinstance(words, list) else [words])]
        for name, words in value.items()
    }


def _check_brief(reader: _Reader) -> None:
    """Say what is wrong with the page's brief: a page with half of its sections must not go out."""
    for path, message in islice(brief_problems(reader.own), MOST_PROBLEMS):
        reader.problems.append(
            Problem(reader.path, f"{key_text(path)}: {message}", reader.line_of("contentops", *path))
        )


def _notices(reader: _Reader) -> list[Problem]:
    return [
        Problem(reader.path, _("unknown key contentops.{key}").format(key=key) + did_you_mean(str(key), OWN_KEYS),
                reader.line_of("contentops", str(key)))
        for key in islice((key for key in reader.own if key not in OWN_KEYS), MOST_PROBLEMS)
    ]  # fmt: skip
