"""``python -m benchmarks [import page plan calendar capture deliver startup]``: run and keep the figures."""

import argparse
import importlib
import json
import os
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.measuring import Options, Report, Verdict

JOBS = {
    "import": "benchmarks.import_content",
    "page": "benchmarks.build_pages",
    "plan": "benchmarks.plan_calendar",
    "calendar": "benchmarks.export_calendar",
    "capture": "benchmarks.capture_lead",
    "deliver": "benchmarks.deliver_messages",
    "startup": "benchmarks.startup",
}
PACKAGES = (
    "contentops", "sqlmodel", "sqlalchemy", "pyyaml", "markdown", "jinja2", "icalendar", "holidays", "starlette",
    "uvicorn", "numpy", "pelican", "mkdocs",
)  # fmt: skip


def main(words: list[str]) -> None:
    """Run the chosen jobs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ratios to peers and limits in one run.")
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=f"some of: {', '.join(JOBS)} (default: all)")
    parser.add_argument("--rounds", type=int, help="rounds in which the variants take turns (default 5)")
    parser.add_argument("--files", type=int, help="Markdown files of the generated corpus (default 1000)")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="real Markdown files for import and page")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 100 files: does it still run?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all timings there")
    given = parser.parse_args(words)
    unknown = set(given.jobs) - JOBS.keys()
    if unknown:
        parser.error(f"no such job: {', '.join(sorted(unknown))}; there are: {', '.join(JOBS)}")
    options = Options(
        rounds=given.rounds or (2 if given.quick else 5),
        files=given.files or (100 if given.quick else 1000),
        quick=given.quick,
        corpus=given.corpus,
    )
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}")
    found = []
    for job in given.jobs or JOBS:
        before = os.getloadavg()[0]
        report: Report = importlib.import_module(JOBS[job]).run(options)
        report.notes.append(f"load average before {before:.1f}, after {os.getloadavg()[0]:.1f}")
        show(report, options)
        found.append(report)
    if given.json:
        given.json.write_text(json.dumps(as_json(found, options), indent=1, ensure_ascii=False), encoding="utf-8")


def machine() -> str:
    """Say what this ran on."""
    return f"{os.cpu_count()} cores, {platform.python_implementation()} {platform.python_version()}, {sys.platform}"


def show(report: Report, options: Options) -> None:
    """Print one job."""
    print(f"\n== {report.job}: seconds for {report.unit}, medians of {_rounds(report, options)} rounds")
    for name in report.samples.rounds:
        cpu, wall = report.samples.spread(name), report.samples.spread(name, "wall")
        print(f"  {name:<44} cpu {cpu.median:8.4f}  wall {wall.median:8.4f}  ({wall.low:.4f} to {wall.high:.4f})")
    for verdict in report.verdicts:
        print("  " + sentence(verdict))
    for note in report.notes:
        print(f"  · {note}")


def _rounds(report: Report, options: Options) -> int:
    return next((len(timings) for timings in report.samples.rounds.values()), options.rounds)


def sentence(verdict: Verdict) -> str:
    """Return one ratio with its target."""
    value = verdict.value
    digits = {"ms": 0 if value.median >= 100 else 1, "s": 3}.get(verdict.unit, 2)
    spread = f"({value.low:.{digits}f} to {value.high:.{digits}f})"
    text = f"{verdict.what:<62} {value.median:8.{digits}f} {verdict.unit:<2} {spread}"
    if verdict.target is None:
        return text
    sign = "at least" if verdict.at_least else "at most"
    return f"{text}  target {sign} {verdict.target:g}: {'reached' if verdict.reached else 'NOT reached'}"


def as_json(reports: list[Report], options: Options) -> dict[str, Any]:
    """Return everything that was measured."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = ""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions,
        "options": {"rounds": options.rounds, "files": options.files, "corpus": str(options.corpus or "")},
        "jobs": [asdict(report) | {"reached": [verdict.reached for verdict in report.verdicts]} for report in reports],
    }


if __name__ == "__main__":
    main(sys.argv[1:])
