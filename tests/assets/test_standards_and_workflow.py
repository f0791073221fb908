"""Standards are checked whole; the workflow leads only where it leads; duties have people."""

import pytest

from contentops.assets.standards import load_standards
from contentops.assets.workflow import NEXT
from contentops.errors import InvalidInput, NotFound, StandardInvalid, TransitionRefused
from contentops.models import WorkflowState
from contentops.testing import write_content

GOOD = """
kind = "memo"
version = 3
block = "help_centre"
name = { en = "Memo", zh-CN = "备忘" }
[duties]
owner = "ops"
[[steps]]
key = "publish"
name = { en = "Publish", zh-CN = "发布" }
role = "ops"
offset_days = 0
"""


class TestLoading:
    def test_workspaces_standard_wins(self, tmp_path) -> None:
        (tmp_path / "memo.toml").write_text(GOOD, encoding="utf-8")
        (tmp_path / "qa.toml").write_text(GOOD.replace("memo", "qa"), encoding="utf-8")
        standards = load_standards(tmp_path)
        assert standards["memo"].version == 3
        assert standards["qa"].name["zh-CN"] == "备忘"

    def test_everything_wrong_is_named_at_once(self, tmp_path) -> None:
        (tmp_path / "a.toml").write_text(
            GOOD.replace('block = "help_centre"', 'blok = "x"').replace("version = 3", "version = 0")
        )
        (tmp_path / "b.toml").write_text("kind = ")
        (tmp_path / "c.toml").write_text(GOOD.replace("offset_days", "offset").replace('"memo"', '"other"'))
        (tmp_path / "d.toml").write_text(GOOD.replace('key = "publish"', 'key = "finish"').replace('"memo"', '"third"'))
        (tmp_path / "e.toml").write_bytes(GOOD.encode("gb18030"))
        (tmp_path / "f.toml").write_text(GOOD.replace("zh-CN", "fr").replace('"memo"', '"fourth"'))
        with pytest.raises(StandardInvalid) as caught:
            load_standards(tmp_path)
        text = str(caught.value)
        for words in (
            "a.toml: block: is missing", "unknown key 'blok'; did you mean 'block'?", "a.toml: version:",
            "b.toml: not valid TOML", "unknown key 'steps.1.offset'; did you mean 'offset_days'?",
            'd.toml: steps: exactly one step with key = "publish"', "e.toml: cannot be read", "f.toml: name: write wordings",
        ):  # fmt: skip
            assert words in text

    def test_same_kind_twice_names_both(self, tmp_path) -> None:
        for name in ("a", "b"):
            (tmp_path / f"{name}.toml").write_text(GOOD)
        with pytest.raises(StandardInvalid, match=r"already in a\.toml"):
            load_standards(tmp_path)


class TestMoving:
    def test_history_is_kept(self, any_workspace, clock) -> None:
        write_content(any_workspace, "qa/a.md", "---\ntitle: x\ncontentops: {state: in_review}\n---\n")
        any_workspace.assets.sync()
        clock.forward(days=1)
        any_workspace.assets.move("a", "in_progress", by="李四维", reason="数字没有出处")
        clock.forward(days=1)
        asset = any_workspace.assets.move("a", "in_review", by="张三一")
        assert asset.state is WorkflowState.IN_REVIEW
        steps = [(t.from_state, t.to_state, t.by, t.reason) for t in any_workspace.assets.history(asset)]
        assert steps[1:] == [
            ("in_review", "in_progress", "李四维", "数字没有出处"),
            ("in_progress", "in_review", "张三一", ""),
        ]

    def test_refused_move_changes_nothing(self, any_workspace) -> None:
        write_content(any_workspace, "qa/a.md", "---\ntitle: x\ncontentops: {state: idea}\n---\n")
        any_workspace.assets.sync()
        with pytest.raises(TransitionRefused, match="planned, in_progress, retired"):
            any_workspace.assets.move("a", "published", by="x")
        assert any_workspace.assets.get("a").state is WorkflowState.IDEA
        with pytest.raises(InvalidInput, match="did you mean 'published'"):
            any_workspace.assets.move("a", "publishd", by="x")
        with pytest.raises(NotFound, match="did you mean 'a-b'"):
            write_content(any_workspace, "qa/a-b.md", "x")
            any_workspace.assets.sync()
            any_workspace.assets.move("a-c", "retired", by="x")

    def test_every_state_leads_somewhere_and_can_be_reached(self) -> None:
        reached = {state for targets in NEXT.values() for state in targets}
        assert set(NEXT) == set(WorkflowState) == reached


class TestDuties:
    def test_doctor_names_roles_without_a_person(self, any_workspace) -> None:
        problems = {problem.where: problem.message for problem in any_workspace.assets.problems()}
        assert set(problems) == {"product", "support", "customer_success", "presales", "ops"}
        assert "contentops role assign presales" in problems["presales"]
        for role in problems:
            any_workspace.team.assign(role, "张三一", email="san@example.com")
        assert any_workspace.assets.problems() == []

    def test_doctor_names_kinds_without_owner_or_standard(self, workspace) -> None:
        (workspace.folder / "calendar" / "memo.toml").write_text(GOOD.replace('owner = "ops"', ""), encoding="utf-8")
        messages = [str(problem) for problem in workspace.assets.problems()]
        assert any("memo: no role owns this kind" in message for message in messages)

    def test_one_person_follows_another(self, any_workspace) -> None:
        any_workspace.team.assign("presales", "李四维")
        any_workspace.team.assign("presales", "张三一", email="san@example.com")
        any_workspace.team.assign("ops", "张三一")
        holders = {holder.role: (holder.name, holder.email) for holder in any_workspace.team.holders()}
        assert holders == {"presales": ("张三一", "san@example.com"), "ops": ("张三一", "san@example.com")}

    @pytest.mark.parametrize(("name", "email"), [("", None), ("x" * 101, None), ("x", "nonsense"), ("x", "a b@c")])
    def test_wrong_person_is_refused(self, any_workspace, name, email) -> None:
        with pytest.raises(InvalidInput):
            any_workspace.team.assign("ops", name, email=email)
        with pytest.raises(NotFound, match="did you mean 'presales'"):
            any_workspace.team.assign("presale", "x", standards=any_workspace.assets.standards)
