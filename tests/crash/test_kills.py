"""Acknowledged means stored, once, and delivered: whoever is killed, whenever (E1, E2, E3, E16, E17, E20, F1)."""

from collections import Counter
from pathlib import Path

from .trial import CAPTURE_MOMENTS, Options, run

LONGEST_START = 5.0


def test_F1_E1_killed_at_every_moment_nothing_is_lost_doubled_or_undelivered(database_url, tmp_path: Path) -> None:
    """The long form of it is ``python -m tests.crash.long_run``."""
    options = Options(kills=9, acknowledged=300, batches=12, mails=6)
    report = run(tmp_path / "工作区", database_url, options)
    assert report.faults == [], str(report)
    assert report.acknowledged >= 300
    named = Counter(dict.fromkeys([*CAPTURE_MOMENTS, "before-send", "after-send", "before-mark"], 1))
    assert named <= report.kills, "each named moment was met"
    assert report.kills["random"] >= 1
    assert report.mails > 100
    assert {"4xx", "down", "drop", "slow"} <= report.spells.keys(), "the mail server failed in every way"
    assert max(computed for _waited, computed in report.starts) < LONGEST_START
