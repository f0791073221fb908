"""The site is made anew only where something changed, and comes out as if all of it had been."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from contentops.bundled import bundled
from contentops.errors import WorkspaceError
from contentops.pages.building.releases import Releases
from contentops.testing import write_content
from contentops.workspace import Workspace

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000300000002080200000012"
    "16f14d0000000c49444154789c6360a0230000004f000115f5a8f10000000049454e44ae426082"
)
WIDER = PNG[:16] + (4).to_bytes(4, "big") + PNG[20:]


def snapshot(site: Path) -> dict[str, bytes]:
    root = site.resolve()
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def stamps(site: Path) -> dict[str, tuple[int, int]]:
    root = site.resolve()
    found = {path.relative_to(root).as_posix(): path.stat() for path in root.rglob("*") if path.is_file()}
    return {name: (info.st_ino, info.st_mtime_ns) for name, info in found.items()}


def made_anew(workspace, clock, target: Path) -> tuple[dict[str, bytes], list[str]]:
    """Build a copy of a workspace from nothing; return its files and what it says."""
    shutil.rmtree(target, ignore_errors=True)
    ignored = shutil.ignore_patterns("site", "releases", "bodies", "cards", "manifest.json", "build.lock")
    shutil.copytree(workspace.folder, target, ignore=ignored, symlinks=True)
    with Workspace.open(target, now=clock) as copy:
        report = copy.pages.build(clean=True)
        return snapshot(copy.pages.output), sorted(map(str, (*report.problems, *report.notices)))


@dataclass
class Text:
    """A Markdown file that edits change."""

    title: str
    body: str = "正文。"
    front: dict = field(default_factory=dict)
    own: dict = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [
            f"title: {self.title}",
            *(f"{key}: {json.dumps(v, ensure_ascii=False)}" for key, v in self.front.items()),
        ]
        return "\n".join(
            ["---", *lines, f"contentops: {json.dumps(self.own, ensure_ascii=False)}", "---", self.body, ""]
        )


class World:
    """A workspace with everything that one page shows of another, and the edits that people make."""

    def __init__(self, workspace, clock, seed: int) -> None:
        self.workspace, self.clock, self.random, self.opened = workspace, clock, random.Random(seed), []
        self.count = 0
        self.texts = {
            "qa/jia.md": Text("甲", "见[乙](yi.md#yi)和[无](无.md)。\n\n![图](图.png) ![缺](later.png)", {"date": "2026-03-01"}),
            "qa/yi.md": Text("乙", "## 乙\n\n回[甲](./jia.md)", {"series": "入门", "date": "2026-03-02"}),
            "qa/yi.en.md": Text("Two", "see [one](jia.md)", {"translationKey": "content/qa/yi"}),
            "qa/bing.md": Text("丙", "丙", {"series": "入门", "weight": 2}),
            "help_doc/ding.md": Text("丁", "长" * 3000, {"cover": "封面.png"}, {"stages": ["refining"]}),
            "case_study/wu.md": Text("戊", "戊\n\n![链](link.png)", {}, {"sections": ["hero", "text", {"type": "related", "slugs": ["jia"]}]}),
            "whitepaper/ji.md": Text("己", "己", {}, {"gate": "gated", "attachment": "己.pdf"}),
            "whitepaper/geng.md": Text("庚", "开\n\n## 二\n\n半开\n\n## 三\n\n![密](图.png)机密", {}, {"gate": "partial", "open_sections": 1}),
        }  # fmt: skip
        for path, data in {
            "qa/图.png": PNG, "help_doc/封面.png": PNG, "whitepaper/己.pdf": b"%PDF-1.7 x", "whitepaper/图.png": PNG,
            "case_study/a.png": PNG, "case_study/b.png": WIDER,
        }.items():  # fmt: skip
            write_content(workspace, path, data)
        self.file("case_study/link.png").symlink_to("a.png")
        for path in self.texts:
            self.write(path)

    def file(self, path: str) -> Path:
        return self.workspace.folder / "content" / path

    def write(self, path: str) -> None:
        write_content(self.workspace, path, str(self.texts[path]))

    def reopen(self) -> None:
        self.workspace = Workspace.open(self.workspace.folder, now=self.clock)
        self.opened.append(self.workspace)

    def close(self) -> None:
        for workspace in self.opened:
            workspace.close()

    def any_text(self) -> str:
        return self.random.choice([path for path in self.texts if self.file(path).is_file()])

    def word(self) -> str:
        self.count += 1
        return f"词{self.count}"

    def edits(self) -> list:
        return [getattr(self, name) for name in sorted(dir(self)) if name.startswith("edit_")]

    def edit_body(self) -> None:
        self.texts[path := self.any_text()].body += f"\n\n{self.word()}"
        self.write(path)

    def edit_title(self) -> None:
        self.texts[path := self.any_text()].title = self.word()
        self.write(path)

    def edit_description(self) -> None:
        self.texts[path := self.any_text()].front["description"] = self.word()
        self.write(path)

    def edit_date(self) -> None:
        self.texts[path := self.any_text()].front["date"] = f"2026-04-{self.random.randint(1, 28):02}"
        self.write(path)

    def edit_slug(self) -> None:
        path = self.any_text()
        self.texts[path].front["slug"] = f"address-{self.word()[1:]}"
        self.write(path)

    def edit_alias(self) -> None:
        path = self.any_text()
        self.texts[path].front["aliases"] = [f"/旧/{self.word()}/"]
        self.write(path)

    def edit_series(self) -> None:
        path = self.any_text()
        self.texts[path].front["series"] = self.random.choice(["入门", "进阶", ""])
        self.write(path)

    def edit_stages(self) -> None:
        path = self.any_text()
        self.texts[path].own["stages"] = self.random.sample(["searching", "refining", "contracting"], 1)
        self.write(path)

    def edit_draft(self) -> None:
        path = self.any_text()
        self.texts[path].front["draft"] = not self.texts[path].front.get("draft", False)
        self.write(path)

    def edit_gate(self) -> None:
        own = self.texts["whitepaper/geng.md"].own
        own["gate"] = "open" if own["gate"] == "partial" else "partial"
        self.write("whitepaper/geng.md")

    def edit_open_parts(self) -> None:
        self.texts["whitepaper/geng.md"].own["open_sections"] = self.random.randint(1, 3)
        self.write("whitepaper/geng.md")

    def edit_sections(self) -> None:
        own = self.texts["case_study/wu.md"].own
        own["sections"] = self.random.sample(["hero", "text", {"type": "related", "slugs": ["ji"]}, "related"], 3)
        self.write("case_study/wu.md")

    def edit_picture(self) -> None:
        file = self.file("qa/图.png")
        file.write_bytes(WIDER if file.read_bytes() == PNG else PNG)

    def edit_missing_picture(self) -> None:
        file = self.file("qa/later.png")
        if file.is_file():
            file.unlink()
        else:
            file.write_bytes(WIDER)

    def edit_where_a_link_leads(self) -> None:
        link = self.file("case_study/link.png")
        target = "b.png" if os.readlink(link) == "a.png" else "a.png"
        link.unlink()
        link.symlink_to(target)

    def edit_cover(self) -> None:
        file = self.file("help_doc/封面.png")
        file.write_bytes(WIDER if file.read_bytes() == PNG else PNG)

    def edit_translation(self) -> None:
        path = f"qa/bing.{self.random.choice(['en', 'de'])}.md"
        if self.file(path).is_file():
            self.file(path).unlink()
            self.retire(path)
        else:
            self.texts[path] = Text("Three " + self.word(), "x", {"translationKey": "content/qa/bing"})
            self.write(path)

    def edit_delete(self) -> None:
        path = self.any_text()
        self.file(path).unlink()

    def edit_restore(self) -> None:
        for path in self.texts:
            self.write(path)

    def edit_move(self) -> None:
        """The target of a link has another file name from now on."""
        path = next((path for path in ("qa/yi.md", "qa/er.md") if self.file(path).is_file()), None)
        if path:
            new = "qa/er.md" if path == "qa/yi.md" else "qa/yi.md"
            self.file(path).rename(self.file(new))
            self.texts[new] = self.texts.pop(path)

    def edit_expiry(self) -> None:
        path = self.any_text()
        self.texts[path].front["expiryDate"] = str(
            (self.clock.moment.date()).replace(year=2026 + self.random.randint(0, 1))
        )
        self.write(path)

    def edit_time(self) -> None:
        self.clock.forward(hours=13)

    def edit_retire(self) -> None:
        self.retire(self.any_text())

    def retire(self, path: str) -> None:
        with self.workspace.store.read() as session:
            from sqlmodel import select

            from contentops.models import Asset, SourceFile

            query = select(Asset).join(SourceFile, SourceFile.asset_id == Asset.id)
            asset = session.exec(query.where(SourceFile.path == f"content/{path}")).first()
        if asset is not None and asset.state == "published":
            self.workspace.assets.move(f"{asset.language}/{asset.slug}", "retired", by="测试", reason="过时")

    def edit_brand(self) -> None:
        file = self.workspace.folder / "contentops.toml"
        text = file.read_text(encoding="utf-8")
        start = text.index('brand_color = "') + 15
        file.write_text(text[:start] + f"#{self.random.randrange(16**6):06x}" + text[start + 7 :], encoding="utf-8")
        self.reopen()

    def edit_label(self) -> None:
        file = self.workspace.folder / "calendar" / "qa.toml"
        file.parent.mkdir(exist_ok=True)
        text = (bundled("calendar") / "qa.toml").read_text(encoding="utf-8")
        word = self.word()
        file.write_text(
            re.sub(r"^name = .*$", f'name = {{ zh-CN = "{word}" }}', text, flags=re.MULTILINE, count=1),
            encoding="utf-8",
        )
        self.reopen()

    def edit_block(self) -> None:
        folder = self.workspace.folder / "templates" / "calm"
        folder.mkdir(parents=True, exist_ok=True)
        words = f'{{% extends "!shipped/content.html" %}}{{% block footer %}}页脚 {self.word()}{{% endblock %}}'
        (folder / "content.html").write_text(words, encoding="utf-8")

    def edit_nothing_but_start_anew(self) -> None:
        self.reopen()

    def edit_forget_bodies(self) -> None:
        shutil.rmtree(self.workspace.folder / ".contentops" / "bodies", ignore_errors=True)

    def edit_manifest(self) -> None:
        file = self.workspace.folder / ".contentops" / "manifest.json"
        whole = file.read_text(encoding="utf-8")
        file.write_text(
            self.random.choice(
                ["", "[]", "{}", whole[: len(whole) // 2], whole.replace('"outputs":{', '"outputs":[{', 1)]
            )
        )

    def edit_release(self) -> None:
        """Somebody tidies up where nobody should."""
        root = self.workspace.pages.output.resolve()
        file = self.random.choice(sorted(path for path in root.rglob("*") if path.is_file()))
        if self.random.random() < 0.5:
            file.unlink()
        else:
            file.write_bytes(b"tampered")

    def edit_forget_releases(self) -> None:
        shutil.rmtree(self.workspace.folder / ".contentops" / "releases")


def build(workspace):
    workspace.assets.sync()
    return workspace.pages.build()


@pytest.fixture
def make_world(workspace, clock):
    worlds = []

    def make(seed: int = 0) -> World:
        worlds.append(World(workspace, clock, seed))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


class TestIncremental:
    @pytest.mark.parametrize("half", range(2))
    def test_any_row_of_edits_gives_what_a_clean_build_gives(self, make_world, clock, tmp_path, half) -> None:
        """The one property that matters: no history of edits leaves a trace on the site."""
        world = make_world(2026)
        build(world.workspace)
        edits = world.random.sample(world.edits(), len(world.edits()))[half::2]
        history = []
        for edit in edits:
            edit()
            history.append(edit.__name__)
            report = build(world.workspace)
            expected, said = made_anew(world.workspace, clock, tmp_path / "made anew")
            site = snapshot(world.workspace.pages.output)
            assert site.keys() == expected.keys(), history
            assert [name for name in site if site[name] != expected[name]] == [], history
            assert sorted(map(str, (*report.problems, *report.notices))) == said, history
            again = build(world.workspace)
            assert (again.made, again.changed) == (0, False), history

    def test_nothing_changed_means_nothing_written(self, make_world) -> None:
        world = make_world()
        assert build(world.workspace).made == 8
        before, manifest = (
            stamps(world.workspace.pages.output),
            world.workspace.folder / ".contentops" / "manifest.json",
        )
        saved = manifest.stat()
        report = build(world.workspace)
        assert (report.made, report.changed, report.pages) == (0, False, 8)
        assert stamps(world.workspace.pages.output) == before
        assert (manifest.stat().st_ino, manifest.stat().st_mtime_ns) == (saved.st_ino, saved.st_mtime_ns)

    def test_one_text_costs_one_page(self, make_world) -> None:
        world = make_world()
        build(world.workspace)
        before = stamps(world.workspace.pages.output)
        world.texts["qa/bing.md"].body += "\n\n又一句。"
        world.write("qa/bing.md")
        assert build(world.workspace).made == 1
        after = stamps(world.workspace.pages.output)
        assert [name for name in after if after[name] != before[name]] == ["zh/bing/index.html"]

    def test_a_title_changes_every_page_that_shows_it_and_no_other(self, make_world) -> None:
        world = make_world()
        build(world.workspace)
        before = snapshot(world.workspace.pages.output)
        world.texts["qa/yi.md"].title = "改了名"
        world.write("qa/yi.md")
        build(world.workspace)
        after = snapshot(world.workspace.pages.output)
        changed = {name for name in after if after[name] != before[name]}
        names = ("改了名", json.dumps("改了名")[1:-1])  # as JSON-LD has it
        assert [name for name in changed if not any(word in after[name].decode() for word in names)] == []
        # its own page, the series, cards beside texts of its kind, its translation's JSON-LD, lists and feed
        expected = {"zh/yi/index.html", "zh/bing/index.html", "zh/jia/index.html", "en/yi/index.html", "zh/feed.xml"}
        assert expected <= changed
        assert "zh/ding/index.html" not in changed

    def test_a_damaged_or_foreign_manifest_is_as_good_as_none(self, make_world) -> None:
        world = make_world()
        build(world.workspace)
        site = snapshot(world.workspace.pages.output)
        manifest = world.workspace.folder / ".contentops" / "manifest.json"
        values = json.loads(manifest.read_bytes())
        made = {"key": 1, "outputs": ["a"], "reads": {}, "links": {}, "notices": [], "gate": ""}
        for foreign in (
            b"\xff", b"null", b'"x"', b"[" * 100_000, b"{}", json.dumps({"release": 7, "made": {}, "failed": {}}),
            json.dumps({**values, "failed": ["x"]}), json.dumps({**values, "made": {"x": made}}),
            json.dumps({**values, "made": {"x": {**made, "key": "x", "outputs": {"a": None}}}}),
            json.dumps({**values, "release": "../../content"}), json.dumps({**values, "release": "\0"}),
        ):  # fmt: skip
            manifest.write_bytes(foreign if isinstance(foreign, bytes) else foreign.encode())
            report = build(world.workspace)
            assert (report.made, report.changed) == (8, False)
            assert snapshot(world.workspace.pages.output) == site

    def test_clean_mends_a_release_that_somebody_wrote_into(self, make_world) -> None:
        world = make_world()
        site = snapshot(build(world.workspace).output)
        page = world.workspace.pages.output / "zh" / "jia" / "index.html"
        info = page.stat()
        page.write_bytes(b"x" * info.st_size)
        os.utime(page, ns=(info.st_atime_ns, info.st_mtime_ns))  # as if nobody had
        assert build(world.workspace).made == 0
        world.workspace.pages.build(clean=True)
        assert snapshot(world.workspace.pages.output) == site

    @pytest.mark.parametrize("damage", [b"", b"5\nxx", b"\xff\xfe", b"<p>\n</p>"])
    def test_a_kept_text_that_is_damaged_is_converted_anew(self, make_world, damage) -> None:
        world = make_world()
        site = snapshot(build(world.workspace).output)
        for file in (world.workspace.folder / ".contentops" / "bodies").iterdir():
            file.write_bytes(damage)
        (world.workspace.folder / ".contentops" / "manifest.json").unlink()
        assert snapshot(build(world.workspace).output) == site

    def test_templates_that_change_in_a_running_process_count_at_once(self, make_world) -> None:
        world = make_world()
        build(world.workspace)
        for _again in range(2):
            world.edit_block()
            build(world.workspace)
            page = (world.workspace.pages.output / "zh" / "jia" / "index.html").read_text(encoding="utf-8")
            assert f"页脚 词{world.count}" in page

    def test_other_folder_and_other_hash_seed_give_the_same_bytes(self, make_world, tmp_path) -> None:
        world = make_world()
        site = snapshot(build(world.workspace).output)
        code = (
            "import sys; from contentops.workspace import Workspace; from contentops.testing import FixedClock\n"
            "with Workspace.open(sys.argv[1], now=FixedClock()) as ws: ws.pages.build(clean=True)"
        )
        copy = tmp_path / "别处" / "deeper"
        ignored = shutil.ignore_patterns("site", "releases", "bodies", "manifest.json")
        shutil.copytree(world.workspace.folder, copy, ignore=ignored, symlinks=True)
        run_python(code, copy, PYTHONHASHSEED="77")
        assert snapshot(copy / "site") == site

    def test_file_system_without_links(self, make_world, clock, tmp_path, monkeypatch) -> None:
        def refused(*_names) -> None:
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(os, "link", refused)
        world = make_world()
        build(world.workspace)
        for edit in (world.edit_body, world.edit_title, world.edit_picture):
            edit()
            report = build(world.workspace)
            assert report.changed
            assert report.made < 8
            assert snapshot(report.output) == made_anew(world.workspace, clock, tmp_path / "made anew")[0]
            assert build(world.workspace).made == 0

    def test_going_back_finds_the_release_of_then(self, make_world) -> None:
        world = make_world()
        first = build(world.workspace).output.resolve()
        world.edit_picture()
        second = build(world.workspace).output.resolve()
        world.edit_picture()
        assert build(world.workspace).output.resolve() == first != second
        (first / "zh" / "feed.xml").unlink()  # shared with nobody from now on
        (first / "zh" / "feed.xml").write_text("tampered")
        world.edit_picture()
        build(world.workspace)
        world.edit_picture()
        report = build(world.workspace)
        assert "tampered" not in (report.output / "zh" / "feed.xml").read_text(encoding="utf-8")


def run_python(code: str, *words: object, **environment: str) -> str:
    """Run Python in a process of its own, with this checkout of contentops."""
    root = str(Path(__file__).resolve().parents[2])
    given = {**os.environ, "PYTHONPATH": root, **environment}
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], env=given, capture_output=True, text=True, timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def whole(release: Path, known: dict[str, dict[str, bytes]]) -> bool:
    """Return whether a release is exactly as its build left it."""
    files = {path.relative_to(release).as_posix(): path.read_bytes() for path in release.rglob("*") if path.is_file()}
    return known.setdefault(release.name, files) == files and all(
        data.rstrip().endswith(b"</html>") for name, data in files.items() if name.endswith(".html")
    )


KILLED_BUILDS = """
import os, signal, sys, time
from contentops.testing import FixedClock
from contentops.workspace import Workspace
for line in sys.stdin:
    child = os.fork()
    if not child:
        with Workspace.open(sys.argv[1], now=FixedClock()) as workspace:
            workspace.pages.build()
        os._exit(0)
    time.sleep(float(line))
    os.kill(child, signal.SIGKILL)
    print("killed" if os.WIFSIGNALED(os.waitpid(child, 0)[1]) else "done", flush=True)
"""


class TestInterrupted:
    def test_two_at_once_both_end_well(self, make_world, clock, tmp_path, at_once) -> None:
        world = make_world()
        world.workspace.assets.sync()
        reports = at_once(2, lambda: Workspace.open(world.workspace.folder, now=clock).pages.build())
        assert sorted(report.changed for report in reports) == [False, True]
        assert not any(report.problems for report in reports)
        world.edit_title()
        world.workspace.assets.sync()
        assert sorted(report.changed for report in at_once(3, world.workspace.pages.build)) == [False, False, True]
        expected, _said = made_anew(world.workspace, clock, tmp_path / "made anew")
        assert snapshot(world.workspace.pages.output) == expected

    def test_killed_at_any_moment(self, make_world, clock, tmp_path) -> None:
        """Builds are ended by kill -9; whoever reads the site meanwhile finds a whole release, and the next build mends."""
        world = make_world(5)
        build(world.workspace)
        output, known, torn, stop = world.workspace.pages.output, {}, [], threading.Event()

        def read() -> None:
            while not stop.is_set():
                release = output.resolve()
                try:
                    if not whole(release, known):
                        torn.append(release.name)
                except FileNotFoundError:
                    if output.resolve() == release:
                        torn.append(release.name)

        reader = threading.Thread(target=read)
        reader.start()
        root, ended = str(Path(__file__).resolve().parents[2]), []
        launcher = subprocess.Popen(
            [sys.executable, "-c", KILLED_BUILDS, str(world.workspace.folder)], env={**os.environ, "PYTHONPATH": root},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with launcher:
            for _number in range(12):
                world.random.choice([world.edit_body, world.edit_title, world.edit_slug, world.edit_series])()
                world.workspace.assets.sync()
                print(world.random.random() * 0.2, file=launcher.stdin, flush=True)
                ended.append(launcher.stdout.readline())
            launcher.stdin.close()
        stop.set()
        reader.join()
        assert torn == []
        assert "killed\n" in ended
        build(world.workspace)
        assert snapshot(output) == made_anew(world.workspace, clock, tmp_path / "made anew")[0]
        assert not list((world.workspace.folder / ".contentops" / "releases").glob(".*"))

    @pytest.mark.row("F5")
    @pytest.mark.parametrize("call", ["fsync", "mkdir", "rename", "symlink"])
    def test_full_disk_keeps_the_old_site_and_the_next_build_is_right(self, make_world, clock, tmp_path, monkeypatch, call) -> None:  # fmt: skip
        world = make_world()
        build(world.workspace)
        site, at = snapshot(world.workspace.pages.output), world.workspace.pages.output.resolve()
        world.edit_title()
        world.workspace.assets.sync()
        with monkeypatch.context() as patched:

            def full(*_arguments, **_named):
                raise OSError(28, "No space left on device")

            patched.setattr(os, call, full)
            with pytest.raises(WorkspaceError, match="No space left on device; the old one stays"):
                world.workspace.pages.build()
        assert world.workspace.pages.output.resolve() == at
        assert snapshot(at) == site
        assert build(world.workspace).changed
        assert snapshot(world.workspace.pages.output) == made_anew(world.workspace, clock, tmp_path / "made anew")[0]

    def test_release_that_loses_a_file_while_it_is_linked(self, make_world, clock, tmp_path, monkeypatch) -> None:
        """Somebody tidies up between the look at a release and its use."""
        world = make_world()
        build(world.workspace)
        world.edit_body()
        monkeypatch.setattr(Releases, "untouched", lambda *_arguments: True)
        (world.workspace.pages.output.resolve() / "robots.txt").unlink()
        report = build(world.workspace)
        assert report.made == 8
        assert snapshot(report.output) == made_anew(world.workspace, clock, tmp_path / "made anew")[0]


def test_main_path_on_both_databases(any_workspace, clock, tmp_path) -> None:
    """The desk loads pieces, texts and files alike wherever they are kept."""
    world = World(any_workspace, clock, 0)
    report = build(any_workspace)
    assert (report.pages, report.made, report.changed) == (8, 8, True)
    assert [problem.where for problem in report.notices] == ["content/qa/jia.md"]
    assert build(any_workspace).made == 0
    world.edit_title()
    assert build(any_workspace).made >= 1
    expected = snapshot(any_workspace.pages.output)
    any_workspace.pages.build(clean=True)
    assert snapshot(any_workspace.pages.output) == expected
    page = (any_workspace.pages.output / "zh" / "jia" / "index.html").read_text(encoding="utf-8")
    assert 'href="/zh/yi/#yi"' in page
    assert "<a>无</a>" in page.replace(' rel="noopener"', "").replace("<a >", "<a>")


def test_nothing_leads_to_a_page_that_cannot_be_made(make_workspace) -> None:
    """Neither a link in a text nor a list; and what is wrong is said by each build, whatever became of the releases."""
    workspace = make_workspace(text_seconds="0.5")
    write_content(workspace, "qa/x.md", "---\ntitle: 甲\n---\n见[乙](y.md)。\n")
    write_content(workspace, "qa/y.md", "---\ntitle: 乙\n---\n" + "[" * 60_000)
    workspace.assets.sync()
    for number in range(3):
        if number == 2:
            next((workspace.folder / ".contentops" / "releases").glob("*/zh/x/index.html")).unlink()
        report = workspace.pages.build()
        assert [problem.where for problem in report.problems] == ["content/qa/y.md"]
        assert report.pages == 1
        assert "/zh/y/" not in "".join(path.read_text(encoding="utf-8") for path in report.output.rglob("*.html"))
        assert not (report.output / "zh" / "y").exists()
