"""What is wrong with a form and its offer, what words stand where, what is not translated."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.pages.checking.findings import Severity
from contentops.pages.checking.form_rules import FormFacts, form_findings
from contentops.pages.checking.keywords import KeywordRow, keyword_report
from contentops.pages.checking.page_source import PageSource
from contentops.pages.checking.translations import missing_translations
from contentops.pages.notice import PURPOSES

FILE = """\
---
title: 白皮书
contentops:
  gate: gated
  fields: [name, email]
  attachment: 白皮书.pdf
  offer:
    promise: 承诺
    button: 提交
  thanks:
    text: 谢谢
---
"""
SOURCE = PageSource.of("内容/白皮书.md", FILE)
GOOD = FormFacts(
    gated=True,
    promise="少停机",
    button="获取白皮书",
    thanks="下一步：参加公开课",
    has_attachment=True,
    fields=("name", "company", "email", "phone"),
    required=frozenset({"name"}),
    consents=PURPOSES,
)
SEVEN = ("name", "company", "email", "phone", "city", "size", "role")


def test_a_good_form_and_an_open_page_have_no_findings() -> None:
    assert form_findings(SOURCE, GOOD) == []
    assert form_findings(SOURCE, FormFacts(gated=False)) == []


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        ({"promise": " "}, "missing-promise", 8),
        ({"has_attachment": False}, "missing-attachment", 6),
        ({"missing_notice": ("privacy.controller",)}, "missing-notice", 4),
        ({"consents": ()}, "missing-consent", 4),
        ({"consents": ("delivery",)}, "missing-consent", 4),
        ({"fields": ("name", "company")}, "missing-contact-field", 5),
        ({"fields": SEVEN[:6]}, "too-many-fields", 5),
        ({"fields": SEVEN}, "too-many-fields", 5),
        ({"button": "提交"}, "plain-button", 9),
        ({"button": " Submit! "}, "plain-button", 9),
        ({"thanks": ""}, "missing-thanks", 11),
    ],
)
def test_each_finding(change, code, line) -> None:
    assert [(f.code, f.line) for f in form_findings(SOURCE, replace(GOOD, **change))] == [(code, line)]


@pytest.mark.parametrize(
    "change", [{"button": ""}, {"button": "提交并获取白皮书"}, {"fields": SEVEN[:5]}, {"fields": ("phone",)}]
)
def test_no_finding(change) -> None:
    assert form_findings(SOURCE, replace(GOOD, **change)) == []


def test_more_than_seven_fields_are_an_error() -> None:
    severities = [form_findings(SOURCE, replace(GOOD, fields=(*SEVEN, "x")[:n]))[0].severity for n in (6, 7, 8)]
    assert severities == [Severity.WARNING, Severity.WARNING, Severity.ERROR]
    assert "8 fields, 1 of them" in form_findings(SOURCE, replace(GOOD, fields=(*SEVEN, "x")))[0].message


def test_everything_at_once_by_line() -> None:
    found = form_findings(SOURCE, FormFacts(gated=True, button="提交", missing_notice=("privacy.contact",)))
    assert [f.line for f in found] == sorted(f.line for f in found)
    assert {f.code for f in found} == {
        "missing-promise", "missing-attachment", "missing-notice", "missing-consent", "missing-contact-field",
        "plain-button", "missing-thanks",
    }  # fmt: skip
    assert "privacy.contact" in next(f.advice for f in found if f.code == "missing-notice")


def test_lines_of_keys_that_are_missing_are_those_above() -> None:
    source = PageSource.of("a.md", "---\ntitle: x\ncontentops:\n  gate: gated\n---\n")
    assert {f.code: f.line for f in form_findings(source, replace(GOOD, promise="", fields=()))} == {
        "missing-promise": 3,
        "missing-contact-field": 3,
    }


def test_keywords_by_class() -> None:
    words = {"product": ["点检标准库", "API"], "industry": ["汽车零部件"], "solution": ["RAPID check", "ＩｏＴ", " "]}
    rows = keyword_report(
        words,
        title="点检标准库与 api",
        description="rapid   CHECK for IoT",
        headings=["汽车零部件厂", "APIs", "API，API"],
        text="点检标准库点检标准库\nrapidcheck rapid\ncheck IOT5",
    )
    assert rows == [
        KeywordRow("product", "点检标准库", True, False, 0, 2),
        KeywordRow("product", "API", True, False, 2, 0),
        KeywordRow("industry", "汽车零部件", False, False, 1, 0),
        KeywordRow("solution", "RAPID check", False, True, 0, 1),
        KeywordRow("solution", "ＩｏＴ", False, True, 0, 0),
    ]


def test_keywords_with_signs() -> None:
    rows = keyword_report(
        {"product": ["C++", ".NET", "5G 网关", "Ünï"]}, "C++ 与.NET", "5g网关", ["5G  网关"], "ÜNÏ Ünïx"
    )
    assert [(r.in_title, r.in_description, r.in_headings, r.in_text) for r in rows] == [
        (True, False, 0, 0),
        (True, False, 0, 0),
        (False, False, 1, 0),
        (False, False, 0, 1),
    ]


@given(st.text(alphabet="aZß09_é点检標Ａｂ㈱+.*-[ \t", max_size=12).filter(str.strip), st.integers(0, 3))
def test_a_word_between_blanks_is_found_as_often_as_it_stands_there(word, times) -> None:
    (row,) = keyword_report({"product": [word]}, word, f"，{word}，", [], " 。 ".join([word] * times))
    assert row.in_title
    assert row.in_description
    assert row.in_text == times


def test_missing_translations() -> None:
    groups = {
        "a": {"zh-CN": "a.zh.md", "en": "a.en.md"},
        "b": {"zh-CN": "b.zh.md"},
        "c": {"en": "c.en.md"},
        "d": {"de": "d.de.md"},
        "e": {},
    }
    found = missing_translations(groups, ["zh-CN", "en"])
    assert [(f.path, f.line, f.code) for f in found] == [
        (path, 1, "missing-translation") for path in ("b.zh.md", "c.en.md", "d.de.md", "d.de.md")
    ]
    assert "in en" in found[0].message
    assert "from zh-CN" in found[0].advice
    assert missing_translations(groups, []) == []
