"""Acknowledged means stored, once, and delivered: whoever is killed, whenever (E1, E2, E3, E16, E17, E20, F1).

The long form is ``python -m tests.crash.long_run``.
"""

from pathlib import Path

import pytest

from .trial import CAPTURE_MOMENTS, WORKER_MOMENTS, Options, Report, run

LONGEST_START = 5.0


def check(report: Report, moments: set[str], acknowledged: int) -> None:
    assert report.faults == [], str(report)
    assert report.acknowledged >= acknowledged
    assert report.kills.keys() >= moments, f"each of them was met: {report}"
    assert report.mails >= acknowledged // 4
    assert max(computed for _waited, computed in report.starts) < LONGEST_START


@pytest.mark.row("F1", "E1")
def test_F1_E1_killed_at_every_moment_nothing_is_lost_doubled_or_undelivered(tmp_path: Path) -> None:
    options = Options(kills=8, acknowledged=200, batches=12, mails=6)
    report = run(tmp_path / "工作区", "sqlite:///contentops.db", options)
    check(report, {*CAPTURE_MOMENTS, *WORKER_MOMENTS, "random"}, 200)
    assert {"4xx", "down", "drop", "slow"} <= report.spells.keys(), "the mail server failed in every way"


@pytest.mark.row("F1", "E2")
def test_F1_E2_killed_before_the_commit_and_before_the_mark_on_postgresql(
    new_postgres_database, tmp_path: Path
) -> None:
    options = Options(kills=2, acknowledged=60, batches=12, mails=6)
    report = run(tmp_path / "工作区", new_postgres_database(), options)
    check(report, {CAPTURE_MOMENTS[0], WORKER_MOMENTS[0]}, 60)
