"""`ws.pages.check` and `contentops page check`: the rules on real files of a workspace."""

import json

import pytest

from contentops.errors import NotFound
from contentops.pages.checking.findings import RULES
from contentops.testing import write_content

GATED = """---
title: 设备点检白皮书，写给工厂里的设备负责人
description: 怎样写点检标准、排路线、关闭异常，附一份九十天落地计划，写给工厂里的设备负责人和班组长。
contentops:
  gate: gated
  attachment: 手册.pdf
  offer:
    promise: 让异常有人处理
    button: 获取手册
  thanks: {text: 先看第三页。}
---
"""


def findings(workspace, address=None):
    assert not workspace.assets.sync().problems
    return [(f.code, f.path, f.line) for f in workspace.pages.check.run(address).findings]


@pytest.fixture
def paper(any_workspace):
    """A workspace with one page in good order."""
    write_content(any_workspace, "whitepaper/手册/手册.pdf", b"%PDF-1.4")
    write_content(any_workspace, "whitepaper/手册/index.zh.md", GATED + "\n## 为什么\n\n正文。\n")
    return any_workspace


class TestDesk:
    def test_page_in_good_order_has_no_findings(self, paper) -> None:
        assert findings(paper) == []

    def test_line_is_that_of_the_file(self, paper) -> None:
        path = "content/whitepaper/手册/index.zh.md"
        text = GATED + "\n## 为什么\n\n[见](/zh/mei-you/) 待补充\n\n#### 太深\n\n![](图.png)\n"
        write_content(paper, "whitepaper/手册/index.zh.md", text)
        assert findings(paper) == [
            ("broken-link", path, 15),
            ("placeholder-text", path, 15),
            ("heading-jump", path, 17),
            ("image-without-alt", path, 19),
            ("missing-image", path, 19),
        ]

    @pytest.mark.parametrize(
        ("front", "state", "code"),
        [
            ("draft: true", None, "link-to-draft"),
            ("publishDate: 2027-01-01", None, "link-to-future"),
            ("expiryDate: 2026-11-01", None, "link-to-expired"),
            ("contentops: {state: approved}", None, "link-to-unpublished"),
            ("weight: 1", "retired", "link-to-retired"),
            ("weight: 1", None, ""),
        ],
    )
    def test_target_that_visitors_cannot_see(self, paper, front, state, code) -> None:
        write_content(paper, "qa/mu-biao.md", f"---\ntitle: 目标页面在这里吗\n{front}\n---\n正文\n")
        write_content(paper, "whitepaper/手册/index.zh.md", GATED + "\n[看](../../qa/mu-biao.md)\n")
        paper.assets.sync()
        if state:
            paper.assets.move("mu-biao", state, by="张三一", reason="过时")
        found = [code for code, path, _line in findings(paper) if path.endswith("index.zh.md")]
        assert found == ([code] if code else [])

    def test_related_pages_that_are_named_in_vain(self, paper) -> None:
        sections = "  sections:\n    - hero\n    - text\n    - type: related\n      slugs: [mei-you]\n---\n"
        write_content(paper, "whitepaper/手册/index.zh.md", GATED.removesuffix("---\n") + sections + "正文\n")
        assert findings(paper) == [("broken-link", "content/whitepaper/手册/index.zh.md", 15)]

    def test_language_that_others_have(self, paper) -> None:
        write_content(paper, "qa/other.en.md", "---\ntitle: Another page in English\nlang: en\n---\nText.\n")
        codes = {(code, path) for code, path, _line in findings(paper)}
        assert ("missing-translation", "content/whitepaper/手册/index.zh.md") in codes

    def test_hostile_text_costs_its_limit_and_one_finding(self, make_workspace) -> None:
        workspace = make_workspace(text_seconds="0.5")
        write_content(workspace, "qa/boese.md", "---\ntitle: 一个很坏的页面标题\n---\n" + "[" * 60_000)
        write_content(workspace, "qa/gut.md", "---\ntitle: 一个很好的页面标题\n---\n好\n")
        workspace.assets.sync()
        report = workspace.pages.check.run()
        assert ("unreadable-file", "content/qa/boese.md") in {(f.code, f.path) for f in report.findings}
        assert report.pages == 2

    def test_one_page_and_none(self, paper) -> None:
        write_content(paper, "qa/andere.md", "# 短\n")
        assert {path for _code, path, _line in findings(paper, "shou-ce")} == set()
        assert {path for _code, path, _line in findings(paper, "zh/andere")} == {"content/qa/andere.md"}
        with pytest.raises(NotFound, match="did you mean 'andere'"):
            paper.pages.check.run("anderes")

    def test_retired_and_internal_texts_are_not_looked_at(self, workspace) -> None:
        write_content(workspace, "process/liu-cheng.md", "# 短 TODO\n")
        write_content(workspace, "qa/alt.md", "# 旧 TODO\n")
        workspace.assets.sync()
        workspace.assets.move("alt", "retired", by="张三一")
        assert workspace.pages.check.run().pages == 0

    def test_keywords_by_class(self, paper) -> None:
        text = GATED.replace("contentops:\n", "contentops:\n  keywords: {product: [点检], industry: [化工]}\n")
        write_content(paper, "whitepaper/手册/index.zh.md", text + "\n## 点检标准\n\n点检，点检。\n")
        paper.assets.sync()
        rows = {(row.word_class, row.word): row for row in paper.pages.check.keywords("shou-ce")}
        product, industry = rows["product", "点检"], rows["industry", "化工"]
        assert (product.in_title, product.in_description, product.in_headings) == (True, True, 1)
        assert (industry.in_title, industry.in_text) == (False, 0)


class TestCommand:
    def test_formats_and_exit_codes(self, workspace, run_cli) -> None:
        write_content(workspace, "qa/a.md", "---\ntitle: 一个足够长的页面标题\n---\n[没有](/zh/mei-you/)\n\n待补充\n")
        here = ("-w", workspace.folder, "page", "check")
        code, out, err = run_cli(*here)
        assert code == 4
        assert "content/qa/a.md:4: error broken-link: " in out
        assert "1 page checked, 1 error, 2 warnings, 0 notes" in err
        rows = json.loads(run_cli(*here, "--json")[1])
        assert rows["pages"] == 1
        assert {row["code"] for row in rows["findings"]} == {"broken-link", "missing-description", "placeholder-text"}
        assert "::error file=content/qa/a.md,line=4,title=broken-link::" in run_cli(*here, "--format", "github")[1]
        sarif = json.loads(run_cli(*here, "--format", "sarif")[1])
        assert {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]} == set(RULES)

    def test_warnings_fail_when_asked_to(self, workspace, run_cli) -> None:
        write_content(workspace, "qa/a.md", "---\ntitle: 一个足够长的页面标题\n---\n正文\n")
        assert run_cli("-w", workspace.folder, "page", "check")[0] == 0
        assert run_cli("-w", workspace.folder, "page", "check", "--strict")[0] == 4

    def test_notes_are_counted_and_shown_when_asked_for(self, workspace, run_cli) -> None:
        write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
        write_content(
            workspace, "whitepaper/w/index.zh.md", GATED.replace("手册.pdf", "w.pdf").replace("先看第三页。", '""')
        )
        code, out, err = run_cli("-w", workspace.folder, "page", "check")
        assert (code, out) == (0, "")
        assert "1 note (--all)" in err
        assert "missing-thanks" in run_cli("-w", workspace.folder, "page", "check", "--all")[1]

    def test_file_that_cannot_be_read_is_a_finding(self, workspace, run_cli) -> None:
        write_content(workspace, "qa/a.md", "---\ntitle: x: y\n---\n")
        code, out, _err = run_cli("-w", workspace.folder, "page", "check")
        assert code == 4
        assert "content/qa/a.md:2: error unreadable-file: " in out

    def test_unknown_page_is_exit_3(self, workspace, run_cli) -> None:
        for command in ("check", "keywords", "preview"):
            port = ("--port", 0) if command == "preview" else ()
            code, _out, err = run_cli("-w", workspace.folder, "page", command, *port, "nichts")
            assert code == 3
            assert "'nichts'" in err

    def test_chinese(self, workspace, run_cli) -> None:
        write_content(workspace, "qa/a.md", "---\ntitle: 一个足够长的页面标题\n---\n待补充\n")
        _code, out, err = run_cli("--lang", "zh", "-w", workspace.folder, "page", "check")
        assert "检查了 1 个页面、0 个错误、2 个警告" in err
        assert "content/qa/a.md:4: 警告 placeholder-text: “待补充”" in out


class TestFrontMatter:
    def test_what_is_said_in_vain(self, paper) -> None:
        more = "  attachmnt: x.pdf\n  next: {type: wecom, picture: mei-you.png}\ncover: feng-mian.png\n---\n"
        write_content(paper, "whitepaper/手册/index.zh.md", GATED.removesuffix("---\n") + more + "\n正文\n")
        path = "content/whitepaper/手册/index.zh.md"
        assert findings(paper) == [("unknown-key", path, 11), ("missing-image", path, 12), ("missing-image", path, 13)]

    @pytest.mark.parametrize(
        ("body", "closed"), [("## 一\n\n## 二\n\n## 三\n", True), ("## 一\n", False), ("只有一段\n", False)]
    )
    def test_gate_that_closes_nothing(self, workspace, body, closed) -> None:
        front = "---\ntitle: 一个足够长的页面标题\ncontentops:\n  gate: partial\n---\n"
        write_content(workspace, "qa/a.md", front + body)
        codes = {code for code, _path, _line in findings(workspace)}
        assert ("nothing-closed" not in codes) is closed

    def test_file_that_cannot_be_read_is_named_by_its_slug_too(self, paper, run_cli) -> None:
        findings(paper)
        write_content(paper, "whitepaper/手册/index.zh.md", GATED.replace("title: ", "title: a: "))
        code, out, _err = run_cli("-w", paper.folder, "page", "check", "shou-ce")
        assert (code, "index.zh.md:2: error unreadable-file" in out) == (4, True)
        write_content(paper, "qa/neu.md", "---\ntitle: a: b\n---\n")
        assert "qa/neu.md:2: error unreadable-file" in run_cli("-w", paper.folder, "page", "check", "neu")[1]
