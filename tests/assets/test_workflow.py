"""What a standard asks for, and the way back: reject, resume, comment; who takes work over."""

from datetime import date

import pytest

from contentops.assets.quality import missing
from contentops.assets.standards import Standard
from contentops.errors import AlreadyExists, Conflict, InvalidArgument, NotFound, StepBlocked
from contentops.models import WorkflowState
from contentops.testing import write_content

STANDARD = """
kind = "qa"
version = 1
block = "help_centre"
name = { en = "Question", zh-CN = "问答" }
required_front_matter = ["title", "description", "contentops.offer.promise"]
required_sections = [{ en = "Answer", zh-CN = "回答" }, { en = "Steps", zh-CN = "步骤" }]
review_every_months = 6
[duties]
owner = "support"
[[steps]]
key = "publish"
name = { en = "Publish", zh-CN = "发布" }
duty = "owner"
offset_days = 0
"""
GOOD = """---
title: 成本怎样算
description: 三步算清
contentops: {state: in_review, offer: {promise: 算清}}
---
## 一、回答：
正文
### 2.1 步骤
```
## Not a heading
```
"""


@pytest.fixture
def strict(any_workspace):
    (any_workspace.folder / "calendar" / "qa.toml").write_text(STANDARD, encoding="utf-8")
    write_content(any_workspace, "qa/bad.md", "---\ntitle: 没写完\ncontentops: {state: in_review}\n---\n## 步骤\n")
    write_content(any_workspace, "qa/good.md", GOOD)
    any_workspace.assets.sync()
    return any_workspace


class TestRequirements:
    def test_everything_missing_is_named_at_once(self, strict) -> None:
        with pytest.raises(StepBlocked) as caught:
            strict.assets.move("bad", "approved", by="x")
        assert [problem.message.partition(",")[0] for problem in caught.value.problems] == [
            "the front matter has no description", "the front matter has no contentops.offer.promise",
            "there is no section '回答'",
        ]  # fmt: skip
        assert strict.assets.get("bad").state is WorkflowState.IN_REVIEW
        assert {problem.where for problem in strict.assets.check()} == {"zh-CN/bad"}
        assert strict.assets.check("good") == []

    def test_headings_may_be_numbered_and_code_is_none(self, strict) -> None:
        standard = Standard.model_validate({
            "kind": "x", "version": 1, "block": "icebreaker", "name": {"en": "X"},
            "required_sections": [{"en": "Not a heading"}],
            "steps": [{"key": "publish", "name": {"en": "P"}, "role": "ops", "offset_days": 0}],
        })  # fmt: skip
        good = strict.assets.get("good")
        assert len(list(missing(good, strict.assets.text(good), standard))) == 1

    def test_override_needs_a_reason_and_keeps_it(self, strict) -> None:
        with pytest.raises(InvalidArgument):
            strict.assets.move("bad", "approved", by="x", override=True)
        strict.assets.move("bad", "approved", by="张三一", override=True, reason="客户在等")
        last = strict.assets.history(strict.assets.get("bad"))[-1]
        assert (last.action, last.by, last.reason) == ("override", "张三一", "客户在等")

    def test_publication_sets_the_review_and_ends_the_step(self, strict, clock) -> None:
        strict.calendar.plan("good", date(2026, 11, 23))
        strict.assets.move("good", "approved", by="x")
        published = strict.assets.move("good", "published", by="x")
        assert published.review_on == date(2027, 5, 21)
        assert strict.calendar.agenda(lane="publication")[0].state == "done"


class TestWayBack:
    def test_reject_comment_resume_keep_who_when_and_why(self, strict, clock) -> None:
        with pytest.raises(InvalidArgument):
            strict.assets.reject("good", by="x", reason=" ")
        strict.assets.comment("good", "第二段太长", by="赵六安")
        clock.forward(hours=1)
        assert strict.assets.reject("good", by="赵六安", reason="数字没有来源").state is WorkflowState.IN_PROGRESS
        clock.forward(hours=1)
        assert strict.assets.resume("good", by="孙八音").state is WorkflowState.IN_REVIEW
        history = strict.assets.history(strict.assets.get("good"))[1:]
        assert [(t.action, t.by, t.reason, t.from_state, t.to_state) for t in history] == [
            ("comment", "赵六安", "第二段太长", "in_review", "in_review"),
            ("reject", "赵六安", "数字没有来源", "in_review", "in_progress"),
            ("resume", "孙八音", "", "in_progress", "in_review"),
        ]  # fmt: skip

    def test_what_makes_no_sense_is_refused(self, strict) -> None:
        with pytest.raises(Conflict, match="nothing to resume"):
            strict.assets.resume("good", by="x")
        strict.assets.move("good", "in_progress", by="x")
        with pytest.raises(Conflict, match="nothing to reject"):
            strict.assets.reject("good", by="x", reason="x")
        with pytest.raises(Conflict):
            strict.assets.resume("good", by="x")  # it was taken back, not rejected
        strict.assets.move("good", "retired", by="x")
        assert strict.assets.resume("good", by="x").state is WorkflowState.IN_PROGRESS


class TestPeople:
    def test_assigning_lists_what_passes_over_and_removing_the_orphans(self, strict) -> None:
        standards = strict.assets.standards
        strict.calendar.plan("good", date(2026, 12, 10))
        first = strict.team.assign("support", "孙八音", standards=standards)
        assert (first.before, first.after.name, len(first.open_work)) == (None, "孙八音", 1)
        second = strict.team.assign("support", "王五舟", standards=standards)
        assert second.before == "孙八音"
        ((milestone, asset),) = second.open_work
        assert (milestone.due_on, asset.slug) == (date(2026, 12, 10), "good")
        orphans = strict.team.release("support", standards=standards)
        assert (orphans.after, len(orphans.open_work)) == (None, 1)
        assert "nobody fills" in " ".join(map(str, strict.calendar.findings()))
        with pytest.raises(NotFound):
            strict.team.release("support")

    def test_a_person_leaves_every_role(self, strict) -> None:
        strict.team.assign("support", "孙八音")
        strict.team.assign("ops", "孙八音")
        assert {handover.role for handover in strict.team.remove("孙八音")} == {"support", "ops"}
        assert strict.team.holders() == []
        with pytest.raises(NotFound):
            strict.team.remove("孙八音")

    def test_reviews_pass_over_with_their_owner(self, strict) -> None:
        strict.assets.move("good", "approved", by="x")
        strict.assets.move("good", "published", by="x")
        handover = strict.team.assign("support", "孙八音", standards=strict.assets.standards)
        assert [asset.slug for asset in handover.reviews] == ["good"]


class TestIdeas:
    def test_an_idea_has_an_address_and_no_text(self, strict) -> None:
        idea = strict.assets.idea("保养台账", kind="qa", by="张三一")
        assert (idea.slug, idea.state, strict.assets.text(idea)) == ("bao-yang-tai-zhang", WorkflowState.IDEA, "")
        with pytest.raises(AlreadyExists):
            strict.assets.idea("保养台账", kind="qa", by="x")
        with pytest.raises(NotFound):
            strict.assets.idea("x", kind="nonsense", by="x")
