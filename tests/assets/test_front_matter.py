"""Front matter: what real files have, and what hostile ones try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.assets.front_matter import FrontMatterError, parse


@pytest.mark.parametrize(
    ("text", "values", "body"),
    [
        ("---\ntitle: 你好\n---\n正文\n", {"title": "你好"}, "正文\n"),
        ("\n \n --- \ntitle: a\n  ---  \nb", {"title": "a"}, "b"),
        (
            "+++\ntitle = '你好'\ndate = 2026-01-02\nweight = 1.5\n+++\nb",
            {"title": "你好", "date": "2026-01-02", "weight": "1.5"},
            "b",
        ),
        ("no front matter", {}, "no front matter"),
        ("---\n\na rule, then text", {}, "---\n\na rule, then text"),
        ("---\n---\nempty", {}, "empty"),
        ("---\n# a comment\n---\nb", {}, "b"),
        ("---\na: |\n  x\ty\n---\n", {"a": "x\ty\n"}, ""),
        ("---\na: &x [1, 2]\nb: *x\n---\n", {"a": [1, 2], "b": [1, 2]}, ""),
    ],
)
def test_reads(text, values, body) -> None:
    document = parse(text)
    assert document.values == values
    assert document.body == body


def test_text_stays_text() -> None:
    """YAML 1.1 would make these False, 45045 seconds, 1.1, a date and octal 10."""
    values = parse("---\na: no\nb: 12:30:45\nc: 1.10\nd: 2026-13-45\ne: 012\nf: true\ng: 7\nh: ~\n---\n").values
    assert values == {
        "a": "no",
        "b": "12:30:45",
        "c": "1.10",
        "d": "2026-13-45",
        "e": "012",
        "f": True,
        "g": 7,
        "h": None,
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("---\ntitle_zh: 你好\ntitle_en: A: B\n---\n", 3, "second colon"),
        ("---\nauthors:\n- melody\t\t\n---\n", 3, "tab"),
        ("---\na: 1\nb: 2\na: 3\n---\n", 4, "twice"),
        ("---\njust words\n---\n", 2, "'key: value'"),
        ("---\n- a\n- b\n---\n", 2, "'key: value'"),
        ("---\ntitle: never closed\n\ntext", 1, "never closed"),
        ("---\na: [1\n---\n", 3, "invalid YAML"),
        ("---\na: !!python/object:os.system x\n---\n", 2, "not possible here"),
        ("---\na: !!binary x\n---\n", 2, "not possible here"),
        ("---\n? [a]\n: b\n---\n", 2, "a key must be a word"),
        ("+++\na = 1\nb = \n+++\n", 3, "invalid TOML"),
        ("---\na: " + "[" * 50 + "]" * 50 + "\n---\n", 2, "nested too deeply"),
        ("---\na: " + "[" * 5000 + "\t" + "]" * 5000 + "\n---\n", 2, "nested too deeply"),
        ("---\na: &a [" + "x, " * 50 + "]\nb: &b [" + "*a, " * 50 + "]\nc: [" + "*b, " * 50 + "]\n---\n", 2, "aliases"),
        ("---\nl: &l [*l]\n---\n", 2, "nested too deeply"),
        ("---\na: '" + "x" * 70_000 + "'\n---\n", 1, "64 kB"),
    ],
)
def test_refuses_with_the_line(text, line, words) -> None:
    with pytest.raises(FrontMatterError, match=words) as caught:
        parse(text)
    assert caught.value.line == line


def test_lines_of_keys() -> None:
    assert parse("\n---\na: 1\nb:\n  c: 2\nd: 3\n---\n").lines == {"a": 3, "b": 4, "d": 6}
    assert parse("+++\na = 1\n[b]\nc = 2\n+++\n").lines["b"] == 3


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text) -> None:
    """Whatever stands in a file, nothing but our own error comes out, and nothing of the body is lost."""
    try:
        document = parse(text)
    except FrontMatterError as error:
        assert error.reason
    else:
        assert text.endswith(document.body)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=80), st.text(max_size=200))
def test_quoted_title_round_trips(title, body) -> None:
    import json

    document = parse(f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n---\n{body}")
    assert document.values["title"] == title
    assert document.body == body
