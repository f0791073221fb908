"""Import: all Markdown files into an empty database, and once more when nothing has changed.

The peer is the import that most programs would write with SQLModel: read the file, PyYAML's fast loader, look the path
up, add the rows, commit, next file. It writes the same rows of the same four tables to the same kind of database
through the same Store (WAL, synchronous FULL), in one session, and it does less for each file: no slugs from pinyin, no
checks of front matter, no language by letters, no report. So the comparison leans towards the peer.

The limits: reading the bytes and nothing else; and reading, PyYAML, hashing and plain sqlite3 in one transaction.
"""

import hashlib
import json
import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import select

from benchmarks.measuring import Options, Report, Spread, Timing, Verdict, take_turns, timed
from benchmarks.workspaces import NOW, Bench, temporary_folder
from contentops.models import Asset, AssetText, Gate, SourceFile, Transition, WorkflowState, new_id
from contentops.store import Store

TABLES = ("asset", "asset_text", "source_file", "transition")


def run(options: Options) -> Report:
    """Measure the import."""
    report = Report("import", "all files")
    with temporary_folder() as folder:
        bench = Bench(folder / "workspace", options)
        report.notes.append(bench.describe())
        rows: dict[str, tuple[int, ...]] = {}

        def sync(name: str) -> Timing:
            with bench.open() as workspace:
                workspace.store.check()
                timing, found = timed(workspace.assets.sync)
            rows[name] = _count(bench)
            if name == "contentops, again":
                assert found.unchanged == len(bench.files), found
            return timing

        def cold() -> Timing:
            bench.empty()
            return sync("contentops")

        def again() -> Timing:
            bench.empty()
            with bench.open() as workspace:
                workspace.assets.sync()
            return sync("contentops, again")

        def orm() -> Timing:
            bench.empty()
            store = Store("sqlite:///contentops.db", bench.folder)
            timing, _none = timed(lambda: import_by_orm(store, bench.folder, bench.files))
            store.close()
            rows["ORM, row by row"] = _count(bench)
            return timing

        def raw() -> Timing:
            bench.empty()
            timing, _none = timed(lambda: import_raw(bench.folder, bench.files))
            rows["raw sqlite3, one transaction"] = _count(bench)
            return timing

        def reading() -> Timing:
            return timed(lambda: [file.read_bytes() for file in bench.files])[0]

        report.samples = take_turns(
            {
                "contentops": cold,
                "contentops, again": again,
                "ORM, row by row": orm,
                "raw sqlite3, one transaction": raw,
                "reading the bytes": reading,
            },
            options.rounds,
            warm_up=True,
        )
    files = len(bench.files)
    report.compare("import: row-by-row ORM / contentops", "ORM, row by row", "contentops", 5)
    report.compare("import: contentops / raw sqlite3", "contentops", "raw sqlite3, one transaction")
    report.compare("import: contentops / reading the bytes", "contentops", "reading the bytes", clocks=("cpu",))
    per_thousand = [timing.cpu * 1000 / files for timing in report.samples.rounds["contentops, again"]]
    report.verdicts.append(Verdict("nothing changed, 1,000 files (cpu)", Spread.of(per_thousand), 0.1, False, "s"))
    report.compare("import: first / nothing changed", "contentops", "contentops, again")
    report.notes += [f"rows of {', '.join(TABLES)} by {name}: {found}" for name, found in rows.items()]
    return report


def import_by_orm(store: Store, root: Path, files: list[Path]) -> None:
    """Import the files as the peer does; a file that PyYAML cannot read is passed over."""
    with store.write() as session:
        for file in files:
            try:
                row = _read(root, file)
            except (yaml.YAMLError, UnicodeDecodeError, ValueError):
                continue
            before = session.exec(select(SourceFile).where(SourceFile.path == row["path"])).first()
            if before is not None and before.sha256 == row["sha256"]:
                continue
            asset = Asset(**row["asset"])
            session.add(asset)
            session.flush()  # the models declare no relationships that would order the inserts
            session.add(AssetText(asset_id=asset.id, markdown=row["body"], sha256=row["body_sha256"]))
            session.add(
                Transition(
                    asset_id=asset.id,
                    from_state=None,
                    to_state=asset.state.value,
                    at=NOW,
                    by="benchmark",
                    reason="import",
                )
            )
            session.add(
                SourceFile(
                    path=row["path"],
                    asset_id=asset.id,
                    size_bytes=row["size_bytes"],
                    mtime_ns=row["mtime_ns"],
                    sha256=row["sha256"],
                    rules_sha256="",
                    problem=None,
                    problem_line=None,
                )
            )
            session.commit()


def import_raw(root: Path, files: list[Path]) -> None:
    """Import the files with as little as possible between them and the same tables: the limit."""
    database = sqlite3.connect(root / "contentops.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA foreign_keys = ON")
    found = []
    for file in files:
        try:
            found.append(_read(root, file))
        except (yaml.YAMLError, UnicodeDecodeError, ValueError):
            continue
    database.execute("BEGIN IMMEDIATE")
    assets = [{name: _sqlite(value) for name, value in row["asset"].items()} for row in found]
    if assets:
        names = list(assets[0])
        marks = ", ".join("?" * len(names))
        database.executemany(
            f"INSERT INTO asset ({', '.join(names)}) VALUES ({marks})",
            [tuple(asset[name] for name in names) for asset in assets],
        )
    database.executemany(
        "INSERT INTO asset_text (asset_id, markdown, sha256) VALUES (?, ?, ?)",
        [(row["asset"]["id"], row["body"], row["body_sha256"]) for row in found],
    )
    database.executemany(
        "INSERT INTO transition (id, asset_id, to_state, at, by, reason) VALUES (?, ?, ?, ?, ?, ?)",
        [(new_id(), row["asset"]["id"], "published", _sqlite(NOW), "benchmark", "import") for row in found],
    )
    database.executemany(
        "INSERT INTO source_file (path, asset_id, size_bytes, mtime_ns, sha256, rules_sha256) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [(r["path"], r["asset"]["id"], r["size_bytes"], r["mtime_ns"], r["sha256"], "") for r in found],
    )
    database.execute("COMMIT")
    database.close()


def _read(root: Path, file: Path) -> dict[str, Any]:
    """Read one file the short way: front matter by PyYAML's fast loader, the address from the file's name."""
    data, info = file.read_bytes(), file.stat()
    text = data.decode("utf-8")
    front: dict[str, Any] = {}
    body = text
    if text.startswith("---\n") and "\n---\n" in text:
        block, body = text[4:].split("\n---\n", 1)
        loaded = yaml.load(block, yaml.CSafeLoader)
        front = loaded if isinstance(loaded, dict) else {}
    own = front.get("contentops") or {}
    dated = front.get("date")
    asset = {
        "id": new_id(),
        "slug": file.stem[:80],
        "kind": file.parent.name,
        "language": str(front.get("lang", "zh-CN")),
        "translation_key": str(front.get("translationKey", file.stem)),
        "title": str(front.get("title", file.stem))[:300],
        "description": str(front.get("description", "")),
        "state": WorkflowState.PUBLISHED,
        "gate": Gate.OPEN,
        "draft": bool(front.get("draft", False)),
        "dated_on": dated if isinstance(dated, date) and not isinstance(dated, datetime) else None,
        "aliases": [],
        "stages": own.get("stages", []),
        "personas": own.get("personas", []),
        "industries": own.get("industries", []),
        "keywords": own.get("keywords", {}),
        "offer": {},
        "front_matter": json.loads(json.dumps(front, default=str)),
        "created_at": NOW,
        "changed_at": NOW,
    }
    return {
        "asset": asset,
        "body": body,
        "body_sha256": hashlib.sha256(body.encode()).hexdigest(),
        "path": file.relative_to(root).as_posix(),
        "size_bytes": info.st_size,
        "mtime_ns": info.st_mtime_ns,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _sqlite(value: Any) -> Any:
    """Return a value as SQLAlchemy stores it in SQLite."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _count(bench: Bench) -> tuple[int, ...]:
    database = sqlite3.connect(bench.folder / "contentops.db")
    counted = tuple(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES)
    database.close()
    return counted
