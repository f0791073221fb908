"""Everything that is kept of one person, as they may have it (PIPL art. 45, GDPR art. 15 and 20)."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from unicodedata import category
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import inspect
from sqlmodel import Session, SQLModel, col, select

from contentops.assets.brief import KNOWN_FIELDS
from contentops.bundled import bundled
from contentops.leads.consent.desk import COMMAND
from contentops.leads.intake.entries import IMPORT
from contentops.leads.words import reason_in_words
from contentops.models import Asset, Consent, NoticeText
from contentops.models.message import MAIL
from contentops.pages.notice import BOX
from contentops.privacy import wording
from contentops.privacy.erasing import LEAD_ERASED
from contentops.privacy.holdings import Holding, Subject
from contentops.privacy.inventory import OUTSIDE
from contentops.texts import gettext as _
from contentops.texts import spoken, translations, use_language

FORMAT = "contentops-person/1"
_HASH = re.compile("[0-9a-f]{64}")
_ENDED = ("done", "dead")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dossier:
    """A copy of all data of one person.

    Attributes:
        made_at: when. contact_ids: their contacts. data: rows by table, plain values, by the data map.
        notices: the privacy notices they were shown. materials: the assets that the rows name.
        handed_to: which targets besides mail got which lead, and when. letters: names of files in the mail folder.
    """

    made_at: datetime
    contact_ids: tuple[str, ...]
    data: Mapping[str, Sequence[Row]]
    notices: Sequence[Row] = ()
    materials: Sequence[Row] = ()
    handed_to: Sequence[Row] = ()
    letters: Sequence[str] = ()

    def as_json(self) -> str:
        """Return it for programs: UTF-8, keys by the names of the schema, moments as ISO 8601 in UTC."""
        content = {
            "format": FORMAT,
            "made_at": _plain(self.made_at),
            "contact_ids": self.contact_ids,
            "data": self.data,
            "notices": self.notices,
            "materials": self.materials,
            "handed_to": self.handed_to,
            "letters": self.letters,
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a copy that people read.

    Attributes:
        title: what it is. purpose, retention: why and how long it is kept. entries: label and text, per row.
    """

    title: str
    purpose: str
    retention: str
    entries: Sequence[Sequence[tuple[str, str]]] = field(default=())


def collect(session: Session, subject: Subject, letters: Iterable[Path], now: datetime) -> Dossier:
    """Read everything of a person by the data map."""
    data = {holding.name: _rows(session, holding, subject) for holding in OUTSIDE if holding.copied}
    asset_ids = {row["asset_id"] for rows in data.values() for row in rows if row.get("asset_id")}
    wanted = select(Asset.id, Asset.slug, Asset.language, Asset.title).where(col(Asset.id).in_(asset_ids))
    data["consent"] = [_without_account(row) for row in data["consent"]]
    names = ("id", "slug", "language", "title")
    materials = [dict(zip(names, row, strict=True)) for row in session.exec(wanted.order_by(Asset.id))]
    shown = select(Consent.notice).where(subject.contacts(Consent.contact_id))
    notices = session.exec(select(NoticeText).where(col(NoticeText.version).in_(shown)).order_by(NoticeText.version))
    handed = [
        {key: row[key] for key in ("target", "kind", "lead_id", "state", "done_at")}
        for row in data["message"]
        if row["target"] != MAIL and row["kind"] != LEAD_ERASED and row["state"] in _ENDED
    ]
    return Dossier(
        now, subject.contact_ids, data, [_values(row, tuple(NoticeText.model_fields)) for row in notices],
        materials, handed, [path.name for path in letters],
    )  # fmt: skip


def _rows(session: Session, holding: Holding, subject: Subject) -> list[Row]:
    assert holding.reach is not None  # noqa: S101 - what is copied can be reached
    key = [column.name for column in inspect(holding.table).primary_key]
    found: dict[tuple[Any, ...], Row] = {}
    for part in subject.parts():
        for row in session.exec(select(holding.table).where(holding.reach(part))):
            found[tuple(getattr(row, name) for name in key)] = _values(row, holding.copied)
    return sorted(found.values(), key=lambda row: (str(row.get("at") or row.get("created_at") or ""), str(row)))


def _values(row: SQLModel, names: Sequence[str]) -> Row:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value.value if isinstance(value, Enum) else value


def readable(dossier: Dossier, form: str, *, language: str, name: str, zone: str, retentions: Mapping[str, str]) -> str:
    """Return a copy for people: a page (``html``) or text (``txt``), by the templates of ``templates/privacy/``.

    Every value is escaped: names and campaigns are what strangers typed. Identifiers and hashes are in the JSON only.

    Args:
        language: of headings. name: whose workspace it is. zone: IANA zone of times. retentions: by class.
    """
    environment = Environment(
        autoescape=select_autoescape(),
        loader=FileSystemLoader(bundled("templates") / "privacy"), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    with use_language(language):
        page = environment.get_template(f"person.{form}").render(
            lang=spoken(language), name=name, made_at=_moment(dossier.made_at, zone), zone=zone,
            sections=_sections(dossier, zone, retentions), notices=[*map(_readable_notice, dossier.notices)],
            handed_to=dossier.handed_to, letters=dossier.letters,
        )  # fmt: skip
    return page.rstrip("\n") + "\n"


def _sections(dossier: Dossier, zone: str, retentions: Mapping[str, str]) -> list[Section]:
    titles = {row["id"]: row["title"] for row in dossier.materials}
    sections = []
    for holding in OUTSIDE:
        rows = dossier.data.get(holding.name, ())
        entries = [entry for row in rows if (entry := _entry(holding.name, row, titles, zone))]
        if entries:
            title, purpose = wording.tables()[holding.name]
            sections.append(Section(title, purpose, retentions[holding.retention], entries))
    return sections


def _entry(table: str, row: Row, titles: Mapping[str, str], zone: str) -> list[tuple[str, str]]:
    labels, found = wording.labels(table), []
    for name, value in row.items():
        if name not in labels or value in (None, "", {}, []) or (name == "evidence" and _HASH.fullmatch(value)):
            continue
        label, text = labels[name], str(value)
        if isinstance(value, Mapping):
            text = _("; ").join(_said(labels[key] if key in KNOWN_FIELDS else key, each) for key, each in value.items())
        elif name.endswith("_at") or name == "at":
            text = _moment(datetime.fromisoformat(value), zone)
        elif name == "asset_id":
            text = titles.get(value) or text
        elif name == "last_error":
            text = reason_in_words(text)
        elif name == "value":  # a contact key: mail:…, tel:…, wecom:…
            kind, _colon, rest = text.partition(":")
            label, text = (wording.key_labels()[kind], rest) if kind in wording.key_labels() else (label, text)
        elif words := wording.words_of(name):
            text = _(", ").join(words.get(each, each) for each in (text.split(",") if name == "flags" else [text]))
        found.append((label, _one_line(text)))
    return found


def _said(label: str, text: str) -> str:
    return _("{field}: {problem}").format(field=label, problem=text)


def _without_account(row: Row) -> Row:
    """Return an entry of the ledger without who of the team wrote it down: an account of the server."""
    if row["how"] == COMMAND:
        return {**row, "evidence": ""}
    return {**row, "evidence": row["page"][:200]} if row["how"] == IMPORT else row


def _readable_notice(row: Row) -> Row:
    """Return a notice whose wordings of boxes do not look like boxes that were left empty."""
    parts = row["text"].split("\n\n")
    beside = _("Beside a box: {wording}")
    boxes = (beside.format(wording=part.removeprefix(BOX)) if part.startswith(BOX) else part for part in parts)
    return {**row, "text": "\n\n".join(boxes)}


def _one_line(text: str) -> str:
    """Return a text without controls: what strangers typed must not make lines or colours of its own in a terminal."""
    return " ".join("".join(char for char in text if char.isspace() or category(char) != "Cc").split())


def _moment(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
