"""Where a key of the front matter stands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contentops.assets.key_lines import line_of

YAML = """\

---
title: 题
# 说明
contentops:
  offer:
    promise: >
      两行
      的承诺
    inside:
      - 甲
      - 乙: 二
        页: 3
    facts: {pages: 8,
            格式: PDF}
  "引号 键": x
列表:
- a
- - b
  - c
---
正文
"""
TOML = """\
+++
title = "题"  # 说明
"中文 键" = 1
a.b.c = true
text = '''
[不是表]
x = 1
'''
many = [
  "甲]",  # ]
  {"名" = "乙"},
]

[contentops.offer]
promise = "承诺"

facts = { pages = 8, "格式" = "PDF" }

[[sources]]
path = "a"

[[sources]]
path = "b"
[sources.rules]
kind = "qa"

[[sources.more]]
x = 1
[[sources.more]]
x = 2
+++
正文
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("title",), 3),
        (("contentops",), 5),
        (("contentops", "offer", "promise"), 7),
        (("contentops", "offer", "inside", 1), 12),
        (("contentops", "offer", "inside", 1, "页"), 13),
        (("contentops", "offer", "inside", 7), 10),
        (("contentops", "offer", "facts", "pages"), 14),
        (("contentops", "offer", "facts", "格式"), 15),
        (("contentops", "offer", "missing", "deep"), 6),
        (("contentops", "引号 键"), 16),
        (("列表", 1, 1), 20),
        (("title", "below a text"), 3),
        (("missing",), 2),
    ],
)
def test_yaml(path, line) -> None:
    assert line_of(YAML, path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("title",), 2),
        (("中文 键",), 3),
        (("a", "b", "c"), 4),
        (("text",), 5),
        (("x",), 1),
        (("many", 1, "名"), 9),
        (("contentops",), 14),
        (("contentops", "offer", "promise"), 15),
        (("contentops", "offer", "facts", "格式"), 17),
        (("sources", 0, "path"), 20),
        (("sources", 1, "path"), 23),
        (("sources", 1, "rules", "kind"), 25),
        (("sources", 1, "more", 0, "x"), 28),
        (("sources", 1, "more", 1, "x"), 30),
        (("sources", 2), 19),
    ],
)
def test_toml(path, line) -> None:
    assert line_of(TOML, path) == line


@pytest.mark.parametrize("text", ["", "正文", "---\n", "---\na: b: c\n---\n", "+++\na = \n+++\n", "---\nkey: 1\n"])
def test_no_front_matter_that_can_be_read(text) -> None:
    assert line_of(text, ("a",)) is None


@pytest.mark.parametrize("text", ["---\n---\n", "---\n# nothing\n---\n文", "+++\n+++\n"])
def test_empty_front_matter_has_its_first_line(text) -> None:
    assert line_of(text, ("a", "b")) == 1


@given(
    st.lists(
        st.tuples(st.text("abc键", min_size=1, max_size=3), st.integers(0, 3)),
        unique_by=lambda pair: pair[0],
        max_size=9,
    )
)
@settings(deadline=None)
def test_lines_of_any_tables(keys) -> None:
    """Each key stands where it was written, in both syntaxes."""
    for mark, separator in (("---", ": "), ("+++", " = ")):
        lines, expected = [mark], {}
        for key, blanks in keys:
            lines += [""] * blanks
            expected[key] = len(lines) + 1
            lines.append(f'"{key}"{separator}1')
        text = "\n".join([*lines, mark, "文"])
        assert {key: line_of(text, (key,)) for key in expected} == expected
