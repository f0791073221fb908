"""What the tests of privacy share: rows of any table, somebody with a canary in every column, all that is on disk."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import inspect

from contentops.models import (
    Consent,
    Contact,
    ContactKey,
    DistinctPair,
    Download,
    KeyClaim,
    Lead,
    Merge,
    Message,
    Record,
    Submission,
    Touch,
    new_id,
)
from contentops.privacy.inventory import OUTSIDE
from contentops.testing import write_content
from contentops.workspace import Workspace

GOOD = {"name": "李梅", "company": "示例制造", "consent_delivery": "yes", "utm_source": "wechat"}


def with_assets(workspace: Workspace) -> Workspace:
    for name in ("w", "v"):
        front = f"---\ntitle: 设备点检手册 {name}\ncontentops: {{gate: gated, attachment: w.pdf}}\n---\n"
        write_content(workspace, f"whitepaper/{name}/index.md", front)
        write_content(workspace, f"whitepaper/{name}/w.pdf", b"%PDF")
    workspace.assets.sync()
    return workspace


def made(table: type[Record], now: datetime, given: dict[str, Any], word: Callable[[str], str]) -> Any:
    """Return a row: given values, else one by the column's type."""
    values: dict[str, Any] = {}
    for column in inspect(table).columns:
        name, kind = column.name, column.type
        if name in given:
            values[name] = given[name]
        elif hasattr(kind, "enums"):
            values[name] = kind.enums[0]
        else:
            values[name] = _by_type(str(table.model_fields[name].annotation), name, now, word)
    return table.model_validate(values)


def _by_type(annotation: str, name: str, now: datetime, word: Callable[[str], str]) -> Any:
    if "datetime" in annotation:
        return now
    if "dict" in annotation:
        return {"答案": word(name)}
    if "list" in annotation:
        return [word(name)]
    if "bool" in annotation or "int" in annotation:
        return "int" in annotation
    return new_id() if name == "id" else word(name)


@dataclass
class Canaries:
    """Somebody with a word of their own in every text that is kept of them."""

    words: dict[tuple[str, str], str] = field(default_factory=dict)
    email: str = "kanarie-9f3a@example.cn"
    phone: str = "+8613900139000"
    lead_id: str = field(default_factory=new_id)
    message_ids: list[str] = field(default_factory=list)

    def everywhere(self) -> list[str]:
        return [*self.words.values(), self.email, self.phone, self.phone.removeprefix("+86")]


def put_canaries_into(workspace: Workspace) -> Canaries:
    who, numbers = Canaries(), itertools.count(1)
    now, asset = workspace.now(), workspace.assets.get("w")
    one, two = new_id(), new_id()
    ids = {"contact_id": one, "lead_id": who.lead_id, "asset_id": asset.id, "person_id": one}

    def row(table: type[Record], **given: Any) -> Any:
        def word(name: str) -> str:
            return who.words.setdefault((str(table.__tablename__), name), f"kanarie{next(numbers):02d}q")

        return made(table, now, {**{k: v for k, v in ids.items() if k in table.model_fields}, **given}, word)

    released, held = new_id(), new_id()
    message_ids = who.message_ids = [new_id() for _ in range(3)]
    # What hangs on something comes after it.
    made_rows: list[list[Any]] = [
        [row(Contact, id=one, email=who.email, phone=who.phone), row(Contact, id=two, email=None, phone=None)],
        [
            row(ContactKey, value=f"mail:{who.email}"),
            row(ContactKey, value=f"tel:{who.phone}", contact_id=two),
            row(ContactKey),
            row(KeyClaim),
            row(Merge, kept_id=one, absorbed_id=two, contact_ids=[two], undone_at=None),
            row(DistinctPair, first_id=min(one, two), second_id=new_id()),
            row(Lead, id=who.lead_id),
        ],
        [
            row(Submission, id=released),
            row(Submission, id=held, lead_id=None, quarantined=True, idempotency_key="k2", fields={"e": who.email}),
        ],
        [
            row(Touch),
            row(Download),
            row(Consent, submission_id=released, notice="", contact_id=two),
            row(Message, id=message_ids[0], kind="asset", target="mail", state="done", about_id=None),
            row(Message, id=message_ids[1], kind="asset", target="crm", state="done", about_id=None),
            row(
                Message,
                id=message_ids[2],
                kind="asset",
                target="mail",
                state="leased",
                about_id=None,
                claim_token=new_id(),
            ),
        ],
    ]
    for batch in made_rows:
        with workspace.store.write() as session:
            session.add_all(batch)
    covered = {type(each) for batch in made_rows for each in batch}
    reached = {holding.table for holding in OUTSIDE if holding.reach is not None and holding.erasure.value != "keep"}
    assert covered == reached, "a new table of people needs rows here"
    return who


def dump(workspace: Workspace) -> str:
    """Return all that is in all tables."""
    with workspace.store.read() as session:
        tables = Record.metadata.sorted_tables
        return "\n".join(repr(tuple(row)) for table in tables for row in session.execute(table.select()))


def file_bytes(workspace: Workspace) -> bytes:
    """Return the bytes of SQLite's files."""
    file = str(workspace.store.url.database)
    found = b""
    for name in (file, file + "-wal"):
        try:
            with open(name, "rb") as opened:
                found += opened.read()
        except FileNotFoundError:
            continue
    return found


def days(number: float) -> timedelta:
    return timedelta(days=number)
