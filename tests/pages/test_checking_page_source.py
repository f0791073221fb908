"""A Markdown file taken apart: what Python-Markdown makes of it, with the lines of the file."""

import re
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contentops.assets.front_matter import FrontMatterError
from contentops.pages.checking.page_source import Heading, Hyperlink, Image, PageSource
from contentops.pages.markup import convert

PAGE = """\
---
title: 设备点检
contentops:
  gate: gated
---

# 设备点检

前言一行，[链接](/zh/a/)。
前言二行 `TODO` 与 [引用][甲]。

## 一、标题 `代码` {#yi}

- 列表
    - [深处](b.md#x)

```python
# 不是标题
[不是链接](/zh/no/)
```

<!-- ## 注释里的标题
[注释](/zh/no/) -->

二级标题
--------

| 项目 | 值 |
|------|----|
| 甲   | ![图](img/图.png "说明") |
| 乙   | 待填 |

<figure>
<img
  src="raw.png" alt="" width="3" height="4">
</figure>

脚注[^1]，<https://example.com/?a=1&b=2>

    indented code TODO

[甲]: <https://example.cn/ref>
[^1]: 说明文字 ![](foot.png)
"""


@pytest.fixture(scope="module")
def page() -> PageSource:
    return PageSource.of("content/页面.md", PAGE)


def line(needle: str) -> int:
    return next(number for number, text in enumerate(PAGE.split("\n"), 1) if needle in text)


def line_of(source: PageSource, needle: str) -> int:
    return source.line_at(source.prose.index(needle))


def test_headings_have_the_pages_ids_and_the_files_lines(page) -> None:
    assert page.headings == (
        Heading(2, "一、标题 代码", "yi", line("{#yi}")),
        Heading(2, "二级标题", page.headings[1].id, line("二级标题")),
    )
    assert f'id="{page.headings[1].id}"' in convert(PAGE.split("---\n", 2)[2])
    assert {"yi", page.headings[1].id, "fn:1"} <= page.anchors


def test_links_and_pictures_have_the_files_lines(page) -> None:
    own = [link for link in page.links if not link.href.startswith("#fn")]
    assert own == [
        Hyperlink("/zh/a/", "链接", line("[链接]")),
        Hyperlink("https://example.cn/ref", "引用", line("[甲]: ")),
        Hyperlink("b.md#x", "深处", line("[深处]")),
        Hyperlink("https://example.com/?a=1&b=2", "https://example.com/?a=1&b=2", line("<https:")),
    ]
    assert page.images == (
        Image("img/图.png", "图", False, False, line("![图]")),
        Image("raw.png", "", True, True, line('src="raw.png"')),
        Image("foot.png", "", False, False, line("foot.png")),
    )


def test_prose_is_without_code_and_comments(page) -> None:
    for needle in ("前言一行", "前言二行", "深处", "二级标题", "待填", "说明文字", "https://example.com"):
        assert line_of(page, needle) == line(needle if needle != "https://example.com" else "<https:")
    for absent in ("TODO", "不是标题", "注释", "设备点检"):
        assert absent not in page.prose


def test_other_line_ends_toml_and_no_front_matter() -> None:
    assert PageSource.of("a.md", PAGE.replace("\n", "\r\n")).headings[0].line == line("{#yi}")
    assert PageSource.of("a.md", "\n+++\ntitle = '题'\n+++\n\n### 三\n").headings[0].line == 6
    assert PageSource.of("a.md", "## 直接\n").headings[0].line == 1
    assert PageSource.of("a.md", "").prose == ""
    assert PageSource.of("a.md", "").line_at(0) == 1


def test_key_lines(page) -> None:
    assert page.key_line(("contentops", "gate")) == 4
    assert page.key_line(("contentops", "offer", "promise")) == 3
    assert page.key_line(("missing",)) == 1
    assert PageSource.of("a.md", "文").key_line(("title",)) == 1


def test_remote_pictures_are_pictures_although_the_page_shows_links() -> None:
    source = PageSource.of(
        "a.md", '文\n\n![图](https://cdn.example.com/x.png)\n\n<img src="//cdn.example.com/y.png">\n'
    )
    assert source.images == (
        Image("https://cdn.example.com/x.png", "图", False, False, 3),
        Image("//cdn.example.com/y.png", None, True, False, 5),
    )
    assert source.links == ()


def test_list_of_contents_is_no_text_of_its_own() -> None:
    source = PageSource.of("a.md", "[TOC]\n\n## 甲\n\n文 TODO\n\n### 乙\n")
    assert source.links == ()
    assert source.prose.count("甲") == 1
    assert line_of(source, "TODO") == 5


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("### 1. 准备\n", [(3, "1. 准备", 1)]),
        ("#没有空格\n", [(1, "没有空格", 1)]),
        ("> ## 引文中\n", [(2, "引文中", 1)]),
        ("文\n\n- 项\n\n    ## 列表中\n", [(2, "列表中", 5)]),
        ("## _斜体_ 与 **粗体**\n", [(2, "斜体 与 粗体", 1)]),
        ("## [链接](/a/) 后\n", [(2, "链接 后", 1)]),
        ("<h2 id='x'>原始</h2>\n\n<h3>\n下一行</h3>\n", [(2, "原始", 1), (3, "下一行", 4)]),
        ("标题\n====\n\n文\n", [(1, "标题", 1)]),
        ('!!! note "注意"\n    ## 里面\n', [(2, "里面", 2)]),
    ],
)
def test_headings_of_every_kind(markdown, expected) -> None:
    assert [(h.level, h.text, h.line) for h in PageSource.of("a.md", markdown).headings] == expected


def test_front_matter_that_cannot_be_read() -> None:
    with pytest.raises(FrontMatterError):
        PageSource.of("a.md", "---\na: b: c\n---\n")


WORDS = st.text(alphabet="abz点检标准 ，。", min_size=1, max_size=12).map(lambda text: f"字{text.strip()}")
BLOCKS = [
    "## {w} W{n}",
    "{w} W{n}",
    "{w}\n第二行 W{n}",
    "- 项\n- {w} W{n}",
    "- 项\n\n    1. {w} W{n}",
    "> {w} W{n}",
    "| 甲 | 乙 |\n|---|---|\n| {w} | W{n} |",
    "术语\n:   {w} W{n}",
    "```\n# W\n[x](y)\n```\n\nW{n}",
    "[{w}](/zh/{n}/) W{n}",
    "**{w}** _斜_ `码` W{n}",
    "<div>\nW{n}\n</div>",
    "<p>{w} W{n}</p>",
    '!!! note "注"\n    W{n}',
    "三级 W{n}\n---",
    "![{w}]({n}.png) W{n}",
    "***\n\nW{n}",
    "W{n} {{ 变量 }}",
]


@given(
    st.lists(st.tuples(st.sampled_from(BLOCKS), WORDS), max_size=8),
    st.sampled_from(["", "---\ntitle: 题\n---\n", "+++\n+++\n\n"]),
)
@settings(max_examples=150, deadline=None)
def test_every_word_has_its_line(blocks, head) -> None:
    text = head + "\n\n".join(
        block.replace("{w}", words).replace("{n}", f"{n:03}") for n, (block, words) in enumerate(blocks)
    )
    source = PageSource.of("a.md", text)
    lines = text.split("\n")
    found = list(re.finditer(r"W\d{3}", source.prose))
    assert len(found) == len(blocks)
    for match in found:
        assert match[0] in lines[source.line_at(match.start()) - 1]
    for link in source.links:
        assert f"({link.href})" in lines[link.line - 1]
    for image in source.images:
        assert image.src in lines[image.line - 1]
    for heading in source.headings:
        assert re.search(r"W\d{3}", heading.text)[0] in lines[heading.line - 1]


@given(st.text(alphabet="[]()!<>#*-_`|:=\"'{} \n\ta点\U0010f000\U0010f011\U0010f020", max_size=80))
@settings(max_examples=300, deadline=None)
def test_no_mixture_breaks_it_and_lines_are_of_the_file(text) -> None:
    try:
        source = PageSource.of("a.md", text)
    except FrontMatterError:
        return
    count = text.count("\n") + 1
    places = [*source.headings, *source.links, *source.images]
    assert all(1 <= place.line <= count for place in places)
    assert all(1 <= source.line_at(offset) <= count for offset in range(len(source.prose)))
    assert not re.search("[\U0010f000-\U0010f020]", source.prose + repr(places))


@pytest.mark.corpora
def test_marks_change_nothing_in_real_texts(corpora) -> None:
    """Headings, ids and anchors are those of the page itself, and links stand on the lines that name them."""
    checked = 0
    for file in sorted((corpora / "kubeedge-website").rglob("*.md"))[::4]:
        text = file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
        source = PageSource.of(PurePosixPath(file).name, text)
        body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
        html = convert(body)
        ids = re.findall(r'<h([1-6]) id="([^"]*)"', html)
        assert [(str(h.level), h.id) for h in source.headings if h.id] == ids
        lines = text.split("\n")
        checked += len(source.links)
        for link in source.links:
            assert link.href in lines[link.line - 1] or link.href.startswith(("#fn", "mailto:"))
    assert checked > 100
