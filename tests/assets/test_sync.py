"""`contentops sync`: every oddity of real content folders, in fixtures of our own."""

import os
from datetime import UTC, date, datetime

import pytest

from contentops.errors import InvalidInput
from contentops.models import Gate, WorkflowState
from contentops.testing import write_content

ZH = "---\ntitle: 点检入门\ndate: 2026-09-01\n---\n\n## 为什么\n\n一线人员每天要花多少时间在纸质点检表上？这里给出一个算法。\n"
EN = "---\ntitle: Inspection basics\ndate: 2026-09-02\n---\n\n## Why\n\nHow much time do people spend on paper checklists every day?\n"


def sources(*texts: str) -> str:
    """The sample's [[sources]] stays; these come behind it."""
    return "".join(f"\n[[sources]]\n{text}\n" for text in texts)


class TestReading:
    def test_file_becomes_an_asset(self, any_workspace) -> None:
        write_content(any_workspace, "qa/dian-jian/index.zh.md", ZH)
        report = any_workspace.assets.sync(by="张三一")
        assert report.added == ("zh-CN/dian-jian",)
        asset = any_workspace.assets.get("dian-jian")
        assert (asset.title, asset.kind, asset.language, asset.dated_on) == (
            "点检入门",
            "qa",
            "zh-CN",
            date(2026, 9, 1),
        )
        assert any_workspace.assets.text(asset).startswith("\n## 为什么")
        assert any_workspace.assets.path(asset) == "content/qa/dian-jian/index.zh.md"
        assert [(t.to_state, t.by) for t in any_workspace.assets.history(asset)] == [("published", "张三一")]

    def test_hugo_keys(self, any_workspace) -> None:
        text = (
            "---\ntitle: x\nlastmod: 2026-02-03\npublishDate: 2027-01-01\nexpiryDate: 2027-06-01T12:00:00+02:00\n"
            "draft: true\ndescription: 说明\nparams: {colour: blue}\n---\n"
        )
        write_content(any_workspace, "qa/x.md", text)
        any_workspace.assets.sync()
        asset = any_workspace.assets.get("x")
        assert asset.draft
        assert asset.state is WorkflowState.IN_PROGRESS
        assert asset.changed_on == date(2026, 2, 3)
        # Dates without a zone are meant in the workspace's: Shanghai is eight hours ahead.
        assert asset.go_live_at == datetime(2026, 12, 31, 16, tzinfo=UTC)
        assert asset.expires_at == datetime(2027, 6, 1, 10, tzinfo=UTC)
        assert asset.front_matter["params"] == {"colour": "blue"}

    def test_toml_and_own_keys(self, workspace) -> None:
        text = (
            '+++\ntitle = "方案"\ndate = 2026-03-01\n[contentops]\nkind = "icebreaker"\nstate = "idea"\nowner = "presales"\n'
            'stages = ["searching"]\npersonas = "user"\nkeywords = {product = ["点检"]}\n+++\n正文'
        )
        write_content(workspace, "misc/x.md", text)
        workspace.assets.sync()
        asset = workspace.assets.get("x")
        assert (asset.kind, asset.state, asset.owner) == ("icebreaker", WorkflowState.IDEA, "presales")
        assert (asset.stages, asset.personas, asset.keywords) == (["searching"], ["user"], {"product": ["点检"]})
        assert asset.dated_on == date(2026, 3, 1)

    def test_title_from_heading_then_from_name(self, workspace) -> None:
        write_content(workspace, "qa/a.md", "# 第一个标题 #\n\ntext")
        write_content(workspace, "qa/b-name.md", "text only")
        workspace.assets.sync()
        assert workspace.assets.get("a").title == "第一个标题"
        assert workspace.assets.get("b-name").title == "b-name"

    def test_rules_keys_and_language_of_a_source(self, make_workspace, tmp_path) -> None:
        elsewhere = tmp_path / "docs"
        elsewhere.mkdir()
        (elsewhere / "release-1.md").write_text(
            "---\ntitle_zh: 发布\ntags: [a, security]\n---\n" + "说明" * 30, encoding="utf-8"
        )
        (elsewhere / "other.md").write_text("---\ntitle_zh: 其他\n---\n" + "word " * 30, encoding="utf-8")
        (elsewhere / "LICENSE.md").write_text("not content")
        extra = sources(
            f'path = "{elsewhere}"\nkind = "qa"\nlanguage = "letters"\nkeys = {{ title = ["title", "title_zh"] }}\n'
            "exclude = ['^LICENSE']\n[[sources.rules]]\npath = '^release'\nwhere = { tags = \"secur\" }\n"
            'kind = "help_doc"\nowner = "product"'
        )
        workspace = make_workspace(extra=extra)
        report = workspace.assets.sync()
        assert report.files == 2
        release, other = workspace.assets.get("release-1"), workspace.assets.get("other")
        assert (release.kind, release.owner, release.title, release.language) == (
            "help_doc",
            "product",
            "发布",
            "zh-CN",
        )
        assert (other.kind, other.language) == ("qa", "en")
        assert workspace.assets.path(other) == str(elsewhere / "other.md")

    def test_translations_are_linked(self, any_workspace) -> None:
        write_content(any_workspace, "qa/x/index.zh.md", ZH)
        write_content(any_workspace, "qa/x/index.en.md", EN)
        write_content(
            any_workspace,
            "qa/y.md",
            EN.replace("---\ntitle", "---\ntranslationKey: content/qa/x/index\nlang: de\ntitle", 1),
        )
        any_workspace.assets.sync()
        chinese = any_workspace.assets.get("zh-CN/x")
        assert {other.language for other in any_workspace.assets.translations(chinese)} == {"en", "de"}

    def test_gated_asset_keeps_a_copy_of_its_file(self, any_workspace) -> None:
        text = "---\ntitle: 白皮书\ncontentops: {gate: gated, attachment: 白皮书.pdf}\n---\n"
        write_content(any_workspace, "whitepaper/w/index.md", text)
        pdf = write_content(any_workspace, "whitepaper/w/白皮书.pdf", b"%PDF-1 one")
        any_workspace.assets.sync()
        asset = any_workspace.assets.get("w")
        (kept,) = any_workspace.assets.attachments(asset)
        assert asset.gate is Gate.GATED
        assert (kept.file_name, kept.media_type, kept.size_bytes) == ("白皮书.pdf", "application/pdf", 10)
        assert (any_workspace.assets.kept_files / kept.sha256).read_bytes() == b"%PDF-1 one"
        pdf.write_bytes(b"%PDF-1 another one")
        assert any_workspace.assets.sync().changed == ("zh-CN/w",)
        (new,) = any_workspace.assets.attachments(asset)
        assert new.sha256 != kept.sha256


class TestRepeating:
    def test_second_run_reads_nothing(self, any_workspace) -> None:
        write_content(any_workspace, "qa/a.md", ZH)
        any_workspace.assets.sync()
        report = any_workspace.assets.sync()
        assert (report.unchanged, report.added, report.changed) == (1, (), ())

    def test_touched_file_is_skipped_by_its_hash(self, any_workspace, clock) -> None:
        path = write_content(any_workspace, "qa/a.md", ZH)
        any_workspace.assets.sync()
        before = any_workspace.assets.get("a")
        os.utime(path, ns=(1, 1))
        clock.forward(hours=1)
        assert any_workspace.assets.sync().unchanged == 1
        assert any_workspace.assets.get("a").changed_at == before.changed_at

    def test_change_keeps_address_id_and_state(self, any_workspace, clock) -> None:
        path = write_content(any_workspace, "qa/a.md", ZH)
        any_workspace.assets.sync()
        before = any_workspace.assets.get("a")
        any_workspace.assets.move("a", "retired", by="x")
        path.write_text(ZH.replace("点检入门", "另一个标题"), encoding="utf-8")
        clock.forward(hours=1)
        assert any_workspace.assets.sync().changed == ("zh-CN/a",)
        after = any_workspace.assets.get("a")
        assert (after.id, after.title, after.state) == (before.id, "另一个标题", WorkflowState.RETIRED)
        assert after.created_at == before.created_at

    def test_rename_is_followed_by_content_and_by_id(self, any_workspace) -> None:
        by_text = write_content(any_workspace, "qa/a.md", ZH)
        by_id = write_content(any_workspace, "qa/b.md", "---\ntitle: b\ncontentops: {id: my-own-id-1}\n---\nold")
        any_workspace.assets.sync()
        first, second = any_workspace.assets.get("a"), any_workspace.assets.get("b")
        assert second.id == "my-own-id-1"
        by_text.unlink()
        by_id.unlink()
        write_content(any_workspace, "help_doc/moved.md", ZH.replace("date: 2026-09-01\n", ""))
        write_content(any_workspace, "qa/c.md", "---\ntitle: b\ncontentops: {id: my-own-id-1}\n---\nall new text")
        report = any_workspace.assets.sync()
        assert set(report.renamed) == {
            ("content/qa/a.md", "content/help_doc/moved.md"),
            ("content/qa/b.md", "content/qa/c.md"),
        }
        assert not report.removed
        assert any_workspace.assets.get("a").id == first.id
        assert any_workspace.assets.get("a").kind == "help_doc"
        assert any_workspace.assets.get("b").id == second.id

    def test_removed_file_is_reported_and_its_asset_stays(self, any_workspace) -> None:
        path = write_content(any_workspace, "qa/a.md", ZH)
        any_workspace.assets.sync()
        path.unlink()
        for _again in range(2):
            assert any_workspace.assets.sync().removed == ("content/qa/a.md",)
        any_workspace.assets.move("a", "retired", by="x")
        assert any_workspace.assets.sync().removed == ()
        assert any_workspace.assets.get("a")

    def test_new_explicit_address_keeps_the_old_one_as_alias(self, any_workspace) -> None:
        path = write_content(any_workspace, "qa/a.md", ZH)
        any_workspace.assets.sync()
        path.write_text(ZH.replace("---\n", "---\nslug: better\n", 1), encoding="utf-8")
        any_workspace.assets.sync()
        asset = any_workspace.assets.get("better")
        assert asset.aliases == ["a"]

    def test_dry_run_and_strict_store_nothing(self, any_workspace) -> None:
        write_content(any_workspace, "qa/a.md", ZH)
        write_content(any_workspace, "qa/bad.md", "---\na: b: c\n---\n")
        assert any_workspace.assets.sync(dry_run=True).added == ("zh-CN/a",)
        assert not any_workspace.assets.sync(strict=True).written
        assert any_workspace.assets.find() == []
        assert any_workspace.assets.sync().written
        assert len(any_workspace.assets.find()) == 1


class TestAddresses:
    def test_derived_collision_is_resolved_and_named(self, workspace) -> None:
        write_content(workspace, "qa/a/overview.md", EN)
        write_content(workspace, "qa/b/overview.md", EN)
        report = workspace.assets.sync()
        assert report.added == ("en/overview", "en/b-overview")
        assert "content/qa/a/overview.md" in str(report.notices[0])
        assert not report.problems

    def test_explicit_collision_names_both_files(self, workspace) -> None:
        for name in ("a", "b"):
            write_content(workspace, f"qa/{name}.md", "---\ntitle: x\nslug: same\nlang: en\n---\n")
        report = workspace.assets.sync()
        (problem,) = report.problems
        assert problem.where == "content/qa/b.md"
        assert "content/qa/a.md" in problem.message

    def test_same_address_in_two_languages_asks_which(self, example) -> None:
        with pytest.raises(Exception, match="say which: en/food-and-beverage, zh-CN/food-and-beverage"):
            example.assets.get("food-and-beverage")
        assert example.assets.get("en/food-and-beverage").language == "en"


BAD = {
    "gbk.md": ("---\ntitle: 你好\n---\n".encode("gb18030"), 2, "UTF-8"),
    "utf16.md": ("---\ntitle: x\n---\n".encode("utf-16"), 1, "UTF-16"),
    "binary.md": (b"---\ntitle: x\n---\n\x00\x01\x02", 4, "binary"),
    "large.md": (b"x" * (1024 * 1024 + 1), None, "1 MB"),
    "colon.md": (b"---\nt: 1\ntitle: A: B\n---\n", 3, "second colon"),
    "date.md": (b"---\ntitle: x\ndate: 2026-13-45\n---\n", 3, "2026-03-31"),
    "year.md": (b"---\ndate: 0202-01-01\n---\n", 2, "year"),
    "draft.md": (b"---\ndraft: maybe\n---\n", 2, "true or false"),
    "gate.md": (b"---\ncontentops: {gate: closed}\n---\n", 2, "none of open, partial, gated"),
    "gated.md": (b"---\ncontentops: {gate: gated}\n---\n", 2, "no attachment"),
    "missing.md": (b"---\ncontentops: {gate: gated, attachment: nothing.pdf}\n---\n", None, "missing"),
    "outside.md": (b"---\ncontentops: {attachment: ../../contentops.toml}\n---\n", None, "outside"),
    "type.md": (b"---\ncontentops: {attachment: type.md}\n---\n", None, "of a type"),
    "state.md": (b"---\ncontentops: {state: publishd}\n---\n", 2, "did you mean 'published'"),
    "deep.md": (b"---\na: " + b"[" * 3000 + b"\n---\n", None, ""),
    "kind.md": (b"---\ncontentops: {kind: whitepapr}\n---\n", 2, "did you mean 'whitepaper'"),
}


class TestBadFiles:
    @pytest.mark.parametrize("name", BAD)
    def test_is_named_and_the_rest_goes_in(self, workspace, name) -> None:
        content, line, words = BAD[name]
        write_content(workspace, f"qa/{name}", content)
        write_content(workspace, "qa/good.md", ZH)
        report = workspace.assets.sync()
        (problem,) = report.problems
        assert problem.where == f"content/qa/{name}"
        assert line is None or problem.line == line
        assert words in problem.message
        assert report.added == ("zh-CN/good",)
        assert workspace.assets.sync().problems == report.problems

    def test_good_file_that_turns_bad_keeps_its_last_text(self, any_workspace) -> None:
        path = write_content(any_workspace, "qa/a.md", ZH)
        any_workspace.assets.sync()
        path.write_bytes(b"---\na: b: c\n---\n")
        assert len(any_workspace.assets.sync().problems) == 1
        assert "为什么" in any_workspace.assets.text(any_workspace.assets.get("a"))
        path.write_text(ZH, encoding="utf-8")
        assert any_workspace.assets.sync().problems == ()
        assert len(any_workspace.assets.find()) == 1

    @pytest.mark.row("D10")
    def test_links_devices_and_hidden_files_are_passed_over(self, workspace) -> None:
        write_content(workspace, "qa/.hidden.md", ZH)
        write_content(workspace, "qa/.git/x.md", ZH)
        folder = workspace.folder / "content" / "qa"
        (folder / "link.md").symlink_to("/etc/passwd")
        (folder / "loop").symlink_to(folder, target_is_directory=True)
        os.mkfifo(folder / "pipe.md")
        assert workspace.assets.sync().files == 0

    def test_missing_source_folder_is_a_problem_not_an_end(self, make_workspace) -> None:
        workspace = make_workspace(extra=sources('path = "nowhere"\nkind = "qa"'))
        write_content(workspace, "qa/good.md", ZH)
        report = workspace.assets.sync()
        assert [problem.where for problem in report.problems] == ["nowhere"]
        assert len(report.added) == 1

    def test_unknown_own_key_is_a_notice(self, workspace) -> None:
        write_content(workspace, "qa/a.md", "---\ntitle: x\ncontentops: {gaet: open}\n---\n")
        report = workspace.assets.sync()
        assert "did you mean 'gate'" in report.notices[0].message
        assert len(report.added) == 1

    def test_odd_line_ends_and_marks_are_fine(self, workspace) -> None:
        write_content(workspace, "qa/bom.md", b"\xef\xbb\xbf" + ZH.encode())
        write_content(workspace, "qa/crlf.md", EN.replace("\n", "\r\n"))
        write_content(workspace, "qa/名字 有空格.md", ZH.encode())
        assert not workspace.assets.sync().problems
        assert {a.slug for a in workspace.assets.find()} == {"bom", "crlf", "ming-zi-you-kong-ge"}


class TestBeginning:
    def test_new_writes_a_file_that_sync_reads(self, workspace) -> None:
        path = workspace.assets.new('标题: "引号" 与 # 井号', kind="case_study", language="zh-CN")
        assert path.name == "index.zh.md"
        assert "## 背景" in path.read_text(encoding="utf-8")
        report = workspace.assets.sync()
        assert not report.problems
        (asset,) = workspace.assets.find()
        assert (asset.title, asset.state, asset.draft) == ('标题: "引号" 与 # 井号', WorkflowState.IDEA, True)
        assert asset.id in path.read_text(encoding="utf-8")

    def test_new_refuses_a_title_without_letters_and_an_existing_file(self, workspace) -> None:
        with pytest.raises(InvalidInput, match="--slug"):
            workspace.assets.new("🙂", kind="qa")
        workspace.assets.new("x", kind="qa")
        with pytest.raises(Exception, match="exists already"):
            workspace.assets.new("x", kind="qa")
        with pytest.raises(Exception, match="did you mean 'qa'"):
            workspace.assets.new("x", kind="qaa")


def test_source_may_hold_back_what_says_nothing(make_workspace, tmp_path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# a")
    workspace = make_workspace(extra=sources(f'path = "{tmp_path / "docs"}"\nkind = "qa"\nstate = "idea"'))
    report = workspace.assets.sync()
    assert report.added_published == 0
    assert workspace.assets.get("a").state is WorkflowState.IDEA


class TestHostileFiles:
    """Each of these once stopped a whole import, or left the content folder."""

    @pytest.mark.parametrize(
        "text",
        [
            "---\ncontentops: {kind: [x]}\n---\n",
            "---\nx: !!timestamp 2026-01-01\n---\n",
            "---\nx: !!float .nan\n---\n",
            "---\nx: " + "[" * 40_000 + "\n---\n",
            "---\nx: " + "- " * 20_000 + "a\n---\n",
            "---\ncontentops: {id: '" + "a" * 40 + "'}\n---\n",
            "---\ncontentops: {id: 'a b'}\n---\n",
            "---\nlang: ../../../../x\n---\n",
            "---\nlang: static\n---\n",
            "---\ncontentops: {owner: 'a b'}\n---\n",
            '---\ntitle: "a\\0b"\n---\n',
            '---\ntitle: "a\\ud800b"\n---\n',
            '+++\ntitle = "a\\u0000b"\n+++\n',
            "---\ncontentops: {attachment: '" + "a" * 300 + ".pdf'}\n---\n",
        ],
        ids=lambda text: text[4:40],
    )
    def test_one_file_never_stops_the_others(self, any_workspace, text) -> None:
        write_content(any_workspace, "qa/bad.md", text)
        write_content(any_workspace, "qa/good.md", ZH)
        report = any_workspace.assets.sync()
        assert [problem.where for problem in report.problems] == ["content/qa/bad.md"]
        assert report.added == ("zh-CN/good",)

    def test_name_that_is_no_text_is_a_problem(self, workspace) -> None:
        folder = os.fsencode(workspace.folder / "content" / "qa")
        os.makedirs(folder)
        with open(folder + b"/\xff.md", "wb") as file:
            file.write(ZH.encode())
        assert "rename it" in workspace.assets.sync().problems[0].message

    def test_many_fences_are_read_in_no_time(self, workspace) -> None:
        """Quadratic once: ten seconds for 100 kB."""
        write_content(workspace, "qa/a.md", "```a\n" * 100_000)
        assert not workspace.assets.sync().problems


class TestIdentity:
    def test_files_with_ids_may_swap_names(self, any_workspace) -> None:
        for name, own_id in (("01", "id-a"), ("02", "id-b")):
            write_content(
                any_workspace, f"qa/{name}.md", f"---\ntitle: {own_id}\ncontentops: {{id: {own_id}}}\n---\n{own_id}"
            )
        any_workspace.assets.sync()
        folder = any_workspace.folder / "content" / "qa"
        (folder / "02.md").rename(folder / "03.md")
        (folder / "01.md").rename(folder / "02.md")
        report = any_workspace.assets.sync()
        assert not report.problems
        assert not report.removed
        titles = {asset.id: (asset.title, any_workspace.assets.path(asset)) for asset in any_workspace.assets.find()}
        assert titles == {"id-a": ("id-a", "content/qa/02.md"), "id-b": ("id-b", "content/qa/03.md")}
        assert any_workspace.assets.sync().unchanged == 2

    def test_copied_id_is_refused_by_name(self, any_workspace) -> None:
        text = "---\ntitle: x\ncontentops: {id: id-a}\n---\n"
        write_content(any_workspace, "qa/a.md", text)
        any_workspace.assets.sync()
        write_content(any_workspace, "qa/b.md", text)
        assert "belongs to another file" in any_workspace.assets.sync().problems[0].message
        assert len(any_workspace.assets.find()) == 1

    def test_rename_that_was_broken_for_a_while(self, any_workspace) -> None:
        text = "---\ntitle: x\ncontentops: {id: id-a}\n---\n"
        path = write_content(any_workspace, "qa/a.md", text)
        any_workspace.assets.sync()
        path.unlink()
        broken = write_content(any_workspace, "qa/b.md", "---\ntitle: x: y\n---\n")
        any_workspace.assets.sync()
        broken.write_text(text)
        report = any_workspace.assets.sync()
        assert not report.problems
        assert any_workspace.assets.path(any_workspace.assets.get("a")) == "content/qa/b.md"

    def test_problem_that_is_mended_elsewhere_goes_away(self, any_workspace) -> None:
        write_content(any_workspace, "whitepaper/w/index.md", "---\ntitle: w\ncontentops: {attachment: a.pdf}\n---\n")
        assert "missing" in any_workspace.assets.sync().problems[0].message
        write_content(any_workspace, "whitepaper/w/a.pdf", b"%PDF")
        assert not any_workspace.assets.sync().problems

    def test_address_moves_between_languages_only_where_it_is_free(self, any_workspace) -> None:
        write_content(any_workspace, "qa/x/index.en.md", EN)
        write_content(any_workspace, "qa/x/index.zh.md", ZH)
        any_workspace.assets.sync()
        write_content(any_workspace, "qa/x/index.zh.md", ZH.replace("---\n", "---\nlang: en\n", 1))
        assert "is taken by content/qa/x/index.en.md" in any_workspace.assets.sync().problems[0].message

    def test_address_there_and_back(self, any_workspace) -> None:
        for slug in ("a", "b", "a"):
            write_content(any_workspace, "qa/x.md", f"---\ntitle: x\nslug: {slug}\n---\n")
            any_workspace.assets.sync()
        assert any_workspace.assets.get("a").aliases == ["b"]
        write_content(any_workspace, "qa/y.md", "---\ntitle: y\nslug: b\n---\n")
        assert "is taken by content/qa/x.md" in any_workspace.assets.sync().problems[0].message

    def test_workflow_that_moved_on_while_files_were_read(self, any_workspace) -> None:
        path = write_content(any_workspace, "qa/x.md", "---\ntitle: x\ncontentops: {state: idea}\n---\n")
        any_workspace.assets.sync()
        path.write_text("---\ntitle: y\ncontentops: {state: idea}\n---\n")

        def meanwhile(_done: int, _total: int) -> None:
            any_workspace.assets.move("x", "planned", by="x")

        any_workspace.assets.sync(progress=meanwhile)
        asset = any_workspace.assets.get("x")
        assert (asset.title, asset.state) == ("y", WorkflowState.PLANNED)

    def test_taking_the_draft_mark_away_publishes(self, any_workspace) -> None:
        path = write_content(any_workspace, "qa/x.md", "---\ntitle: x\ndraft: true\n---\n")
        any_workspace.assets.sync()
        path.write_text("---\ntitle: x\n---\n")
        any_workspace.assets.sync()
        asset = any_workspace.assets.get("x")
        assert asset.state is WorkflowState.PUBLISHED
        assert any_workspace.assets.history(asset)[-1].reason == "draft removed"

    def test_dry_run_keeps_no_copies(self, workspace) -> None:
        write_content(workspace, "whitepaper/w/index.md", "---\ntitle: w\ncontentops: {attachment: a.pdf}\n---\n")
        write_content(workspace, "whitepaper/w/a.pdf", b"%PDF")
        workspace.assets.sync(dry_run=True)
        assert not workspace.assets.kept_files.exists()
        workspace.assets.sync()
        for kept in workspace.assets.kept_files.iterdir():
            kept.unlink()
        workspace.assets.sync()
        assert len(list(workspace.assets.kept_files.iterdir())) == 1

    def test_cover_that_is_no_picture_is_left_out(self, workspace) -> None:
        text = "---\ntitle: w\ncover: {image: a.pdf}\ncontentops: {gate: gated, attachment: a.pdf}\n---\n"
        write_content(workspace, "whitepaper/w/index.md", text)
        write_content(workspace, "whitepaper/w/a.pdf", b"%PDF")
        report = workspace.assets.sync()
        assert "no picture" in report.notices[0].message
        workspace.pages.build()
        assert not list(workspace.pages.output.rglob("*.pdf"))

    def test_short_dates_are_dates(self, workspace) -> None:
        write_content(workspace, "qa/x.md", "---\ntitle: x\ndate: 2026-3-1\n---\n")
        workspace.assets.sync()
        assert workspace.assets.get("x").dated_on == date(2026, 3, 1)
