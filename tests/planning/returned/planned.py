"""A workspace with something on every lane, made once for each time zone and copied for each test."""

import shutil
import sqlite3
from datetime import date
from pathlib import Path

from contentops.models import Lane
from contentops.planning.incoming.desk import Comparison
from contentops.planning.incoming.differences import Difference, Kind
from contentops.testing import FixedClock, write_content
from contentops.workspace import Workspace

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York")
IDEA = "zh-CN/cost"
"""An idea without a file: titles of those can be changed in a calendar program."""
PAPER = "zh-CN/lubrication"
"""An asset with a Markdown file, of which the title is changed in the file."""
IDEA_TITLE = "工厂保养成本怎样算清楚；停机, 备件 · 附：“点检表”C:\\清单，以及一家注塑厂三年里每一笔费用的来龙去脉"
PAPER_TITLE = "润滑油选型：一张表看懂"
PAPER_FILE = "qa/lubrication.md"
EVENTS = 14
WEDNESDAY = date(2026, 12, 9)
"""A day on which nothing stands."""
STANDARD = """
kind = "qa"
version = 2
block = "help_centre"
name = { en = "Question", zh-CN = "问答" }
[duties]
owner = "support"
compiler = "ops"
[[steps]]
key = "draft"
name = { en = "Draft", zh-CN = "撰写初稿" }
role = "support"
offset_days = -3
effort_hours = 2.5
[[steps]]
key = "publish"
name = { en = "Publish", zh-CN = "发布" }
role = "ops"
offset_days = 0
[[placements]]
channel = "wechat"
after_days = 1
promote_after_days = [7]
"""
CADENCE = """
[[series]]
key = "weekly"
name = "每周问答"
kind = "qa"
rule = "FREQ=WEEKLY;BYDAY=TH"
starts_on = 2026-11-21
"""


class Planned:
    """A workspace with a plan, and what tests ask of it."""

    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock()
        self.ws = Workspace.open(folder, now=self.clock)
        self.calendar = self.ws.calendar
        self.incoming = self.ws.calendar.incoming
        self.zone = self.ws.settings.time_zone

    def export(self) -> bytes:
        return self.calendar.export()

    def compare(self, content: bytes) -> Comparison:
        return self.incoming.calendar(content, name="回来的日历.ics")

    def kinds(self, content: bytes) -> dict[str, Kind]:
        """Compare, and return what each event is; each has one difference then."""
        found = self.compare(content).differences
        assert len({difference.uid for difference in found}) == len(found)
        return {difference.uid: difference.kind for difference in found}

    def days(self) -> dict[str, date]:
        return {item.uid: item.day for item in self.calendar.agenda()}

    def uid(self, key: str, address: str = IDEA) -> str:
        """Return the UID of an entry by its key; of a slot by its rule's day."""
        (uid,) = (i.uid for i in self.calendar.agenda() if i.key == key and i.address in (address, ""))
        return uid

    def uid_of(self, lane: Lane | str) -> str:
        """Return the UID of the first entry of a lane that is the idea's or a slot."""
        return next(item.uid for item in self.calendar.agenda(lane=lane) if item.address in (IDEA, ""))

    def rows(self) -> list[str]:
        """Return everything that the database holds."""
        with sqlite3.connect(self.ws.folder / "contentops.db") as connection:
            found = list(connection.iterdump())
        connection.close()
        return found


def make(folder: Path, zone: str) -> None:
    """Make the workspace in a folder that is there to be copied."""
    clock = FixedClock()
    Workspace.init(folder, name="联巡云", now=clock).close()
    settings = folder / "contentops.toml"
    text = settings.read_text(encoding="utf-8").replace('"Asia/Shanghai"', f'"{zone}"')
    settings.write_text(text, encoding="utf-8")
    (folder / "calendar" / "qa.toml").write_text(STANDARD, encoding="utf-8")
    (folder / "calendar" / "cadence.toml").write_text(CADENCE, encoding="utf-8")
    with Workspace.open(folder, now=clock) as ws:
        assert ws.settings.time_zone == zone
        front = f"---\ntitle: {PAPER_TITLE}\ncontentops: {{id: asset-1, state: idea}}\n---\n"
        write_content(ws, PAPER_FILE, front)
        assert not ws.assets.sync().problems
        ws.assets.idea(IDEA_TITLE, kind="qa", slug="cost", by="张三一")
        for address, day in ((IDEA, date(2026, 12, 10)), (PAPER, date(2027, 1, 14))):
            ws.calendar.plan(address, day, by="张三一")
        ws.calendar.move(IDEA, "expiry", date(2027, 6, 1))
        ws.calendar.move(IDEA, "review", date(2027, 3, 1))
        ws.calendar.series.extend(date(2026, 12, 20))
        assert {item.lane for item in ws.calendar.agenda()} == set(Lane)
        assert ws.calendar.export().count(b"BEGIN:VEVENT") == EVENTS


def copied(template: Path, folder: Path) -> Planned:
    """Copy the workspace, so that a test may change it."""
    shutil.copytree(template, folder)
    return Planned(folder)


def the_one(planned: Planned, content: bytes) -> Difference:
    """Return the one difference that is not 'same'."""
    (difference,) = (d for d in planned.compare(content).differences if d.kind is not Kind.SAME)
    return difference


def stamp(planned: Planned) -> str:
    """Return a property that says: changed there just now."""
    return f"LAST-MODIFIED:{planned.clock.moment:%Y%m%dT%H%M%SZ}"


def refused(planned: Planned, content: bytes) -> None:
    """Check that nothing of a file can be applied, and that trying it changes nothing."""
    comparison, before = planned.compare(content), planned.rows()
    assert planned.incoming.apply(comparison, with_steps=True) == 0
    assert planned.rows() == before
