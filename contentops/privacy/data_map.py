"""The data map for people: what is kept where, of whom, how long, what becomes of it (PIPL art. 55, GDPR art. 30)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from contentops.privacy import wording
from contentops.privacy.holdings import Erasure, Holding, Kind, Whose
from contentops.privacy.inventory import INVENTORY
from contentops.settings import PrivacySettings
from contentops.texts import gettext as _


@dataclass(frozen=True, slots=True)
class MapEntry:
    """One column of the data map, or one kind of file.

    Attributes:
        table, column: where, by the names of the schema; the path of a file has no column. what: what it holds.
        kind: class of the data. whose: of whom. path: how it is reached from a person. purpose: what for.
        retention: how long. erased: what an erasure does, and why where it stays. copied: whether it stands in
        a copy for the person. handed_to: who gets it.
    """

    table: str
    column: str
    what: str
    kind: str
    whose: str
    path: str
    purpose: str
    retention: str
    erased: str
    copied: bool
    handed_to: str


def entries(settings: PrivacySettings) -> list[MapEntry]:
    """Return every column that says something of people outside or colleagues, then the files beside the database."""
    found = []
    for holding in INVENTORY:
        for name, column in holding.columns.items():
            if column.kind is not Kind.NONE:
                found.append(_entry(holding, name, settings))
    return [*found, *_files(settings)]


def _entry(holding: Holding, name: str, settings: PrivacySettings) -> MapEntry:
    column = holding.columns[name]
    title, purpose = wording.tables()[holding.name]
    label = wording.labels(holding.name).get(name, "") if column.whose is Whose.LEAD else title
    what = " – ".join(part for part in (label, holding.description(name)) if part) or _("identifier or mark")
    return MapEntry(
        holding.name, name, what, column.kind.value, column.whose.value, holding.path, purpose,
        wording.retentions(settings)[holding.retention], _erased(holding), name in holding.copied,
        wording.recipients()[holding.handed_to],
    )  # fmt: skip


def _erased(holding: Holding) -> str:
    done, why = wording.erasures()[holding.erasure.value], wording.reasons()[holding.why]
    if holding.erasure is Erasure.KEEP and not why:
        why = _("of colleagues; an erasure of somebody outside leaves it alone")
    return f"{done}: {why}" if why else done


def _files(settings: PrivacySettings) -> list[MapEntry]:
    forever, message = (wording.retentions(settings)[key] for key in ("never", "message"))
    deleted = _("the file is deleted")
    stays = wording.erasures()["keep"]
    yours = _("yours to delete: contentops does not know where they went")
    rows = (
        ("out/mail/*.eml", _("letters, where mail goes into a folder"), "contact", message, deleted, True),
        (".contentops/erased", _("whom you erased, as keyed hashes"), "technical", forever, stays, False),
        (".contentops/withdrawn", _("who withdrew, as keyed hashes, for restores"), "technical", forever, stays, False),
        (_("exports"), _("files of leads and copies for people that you made"), "contact", forever, yours, False),
        ("contentops.db.*.bak", _("the database of before a restore"), "contact", forever,
         _("yours to delete, when all is well"), False),
        (_("backups"), _("copies of the database"), "contact", forever,
         _("restoring erases again whoever was erased since; delete old backups"), False),
    )  # fmt: skip
    purpose = _("to hand over what was asked for, and to contact only as agreed")
    return [
        MapEntry(path, "", what, kind, Whose.LEAD.value, "", purpose, kept, erased, copied, wording.recipients()[""])
        for path, what, kind, kept, erased, copied in rows
    ]


def as_data(settings: PrivacySettings) -> list[dict[str, str | bool]]:
    """Return the map for programs."""
    return [asdict(entry) for entry in entries(settings)]


def as_markdown(settings: PrivacySettings) -> str:
    """Return the map as Markdown: one table for each table of the database."""
    grouped: dict[str, list[MapEntry]] = {}
    for entry in entries(settings):
        grouped.setdefault(entry.table if entry.column else "", []).append(entry)
    files = grouped.pop("", [])
    title, beside = _("Data map"), _("Files beside the database")
    parts = [f"# {title}\n"]
    parts += [_table(name, found) for name, found in grouped.items()]
    parts.append(f"## {beside}\n")
    head = (_("file"), _("what"), _("kept"), _("when somebody is erased"))
    parts.append(_rows(head, [(f"`{row.table}`", row.what, row.retention, row.erased) for row in files]))
    return "\n".join(parts)


def _table(name: str, found: Sequence[MapEntry]) -> str:
    kinds, whose = wording.kinds(), wording.whose()
    first = found[0]
    facts = (
        (_("heading in copies"), wording.tables()[name][0] if any(row.copied for row in found) else ""),
        (_("kept for"), first.purpose),
        (_("kept"), first.retention),
        (_("when somebody is erased"), first.erased),
        (_("reached by"), first.path),
        (_("handed to"), first.handed_to),
    )
    lines = [f"- {label}: {text}" for label, text in facts if text]
    head = (_("column"), _("class"), _("whose"), _("in copies"), _("meaning"))
    rows = [
        (f"`{row.column}`", kinds[row.kind], whose[row.whose], _("Yes") if row.copied else _("No"), row.what)
        for row in found
    ]
    return f"## {name}\n\n" + "\n".join(lines) + "\n\n" + _rows(head, rows)


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"
