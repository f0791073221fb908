"""Exports of leads: does memory stay the same however many there are, and what does a thousand leads cost?

Each export is a process of its own, so that its largest memory (ru_maxrss) is its own: once of a hundred leads and once
of all of them, as .xlsx, .csv and .jsonl. The limit is 200 MB with a million leads (``--leads 1000000``; by default
50,000, which takes a minute).
"""

import argparse
import json
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from benchmarks.measuring import python, run_child
from benchmarks.workspaces import NOW, temporary_folder
from contentops.models import Contact, Lead, Submission, Touch, new_id
from contentops.testing import write_content
from contentops.workspace import Workspace

EXPORT = """
import json, resource, sys, time
from contentops.workspace import Workspace
with Workspace.open(sys.argv[1]) as workspace:
    wall, cpu = time.perf_counter(), time.process_time()
    size = sum(map(len, workspace.leads.export(sys.argv[2], asset=sys.argv[3])))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    print(json.dumps([size, peak, time.perf_counter() - wall, time.process_time() - cpu]))
"""
MOST_MB = 200
_AT_ONCE = 10_000


def fill(workspace: Workspace, slug: str, count: int) -> None:
    """Write leads as capture would, each with a touch and an answer, minutes apart."""
    asset_id = workspace.assets.get(slug).id
    for start in range(0, count, _AT_ONCE):
        people = [
            (number, new_id(), NOW - timedelta(minutes=number)) for number in range(start, min(start + _AT_ONCE, count))
        ]
        with workspace.store.write() as session:
            connection = session.connection()
            rows = {
                Contact: [
                    {"id": i, "person_id": i, "name": f"张{n}", "company": "示例科技有限公司", "created_at": at,
                     "email": f"p{slug}{n}@example.cn", "changed_at": at}
                    for n, i, at in people
                ],
                Lead: [
                    {"id": i, "asset_id": asset_id, "contact_id": i, "created_at": at, "last_at": at}
                    for _n, i, at in people
                ],
                Touch: [
                    {"lead_id": i, "at": at, "source": "wechat", "medium": "article", "campaign": "2026-q4"}
                    for _n, i, at in people
                ],
                Submission: [
                    {"asset_id": asset_id, "lead_id": i, "at": at, "fields": {"plant_size": "100–500 人"}}
                    for _n, i, at in people
                ],
            }  # fmt: skip
            for table, values in rows.items():
                connection.execute(insert(table.__table__), values)  # type: ignore[attr-defined]


def main(words: list[str]) -> int:
    """Measure; exit code 1 if a limit is not met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.export_leads", description=__doc__)
    parser.add_argument("--leads", type=int, default=50_000)
    parser.add_argument("--formats", default="xlsx,csv,jsonl")
    given = parser.parse_args(words)
    is_met = True
    with temporary_folder() as folder:
        path = Path(folder) / "workspace"
        with Workspace.init(path, name="Benchmark") as workspace:
            for slug in ("few", "many"):
                text = f"---\ntitle: {slug}\nslug: {slug}\ncontentops: {{gate: open}}\n---\n"
                write_content(workspace, f"whitepaper/{slug}/index.md", text)
            workspace.assets.sync()
            fill(workspace, "few", 100)
            fill(workspace, "many", given.leads)
        print(f"{given.leads:,} leads")
        for form in given.formats.split(","):
            peaks = {}
            for slug in ("few", "many"):
                _timing, said = run_child(python("-c", EXPORT, path, form, slug), path)
                size, peaks[slug], wall, cpu = json.loads(said)
            is_met &= peaks["many"] < MOST_MB
            print(
                f"  {form:<6} {size / 1e6:8.1f} MB  wall {wall:7.1f} s  cpu {cpu:7.1f} s  "
                f"memory {peaks['many']:6.1f} MB (of 100 leads: {peaks['few']:.1f} MB; limit {MOST_MB})"
            )
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
