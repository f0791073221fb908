"""The forms in which findings leave, and the table of all codes."""

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contentops
from contentops.pages.checking.findings import (
    RULES,
    Finding,
    Severity,
    as_github,
    as_json,
    as_sarif,
    as_text,
    finding,
)

ROOM = Path(contentops.__file__).parent / "pages" / "checking"
FOUND = Finding("broken-link", Severity.ERROR, "内容/白皮书 1.md", 7, "/zh/x/ 不存在", "改正地址")
TEXTS = st.text(
    alphabet=st.one_of(st.sampled_from("%:,\r\n #中0ADC"), st.characters(exclude_categories=["Cs"])), max_size=30
)


def test_order_is_path_line_code() -> None:
    parts = [
        ("b.md", 1, "title-length"),
        ("a.md", 10, "second-h1"),
        ("a.md", 9, "second-h1"),
        ("a.md", 9, "heading-jump"),
    ]
    made = sorted(finding(code, path, line, "m", "a") for path, line, code in parts)
    assert [(f.path, f.line, f.code) for f in made] == sorted(parts)


def test_severity_is_the_codes_own_or_another() -> None:
    assert finding("broken-link", "a.md", 1, "m", "a").severity is Severity.ERROR
    assert finding("broken-link", "a.md", 1, "m", "a", Severity.NOTE).severity is Severity.NOTE
    with pytest.raises(KeyError):
        finding("no-such-code", "a.md", 1, "m", "a")


def test_every_code_in_the_room_is_in_the_table_and_used() -> None:
    used = {"link-to-draft", "link-to-future", "link-to-expired", "link-to-retired", "link-to-unpublished"}
    for module in ROOM.glob("*.py"):
        if module.stem != "findings":
            tree = ast.parse(module.read_text(encoding="utf-8"))
            texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
            used |= texts & RULES.keys()
    assert used == RULES.keys()


def test_table_speaks() -> None:
    for code, rule in RULES.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
        assert rule.sentence().endswith((".", "。"))


def test_text_and_rows() -> None:
    assert as_text([FOUND]) == "内容/白皮书 1.md:7: error broken-link: /zh/x/ 不存在 – 改正地址\n"
    row = {"code": "broken-link", "severity": "error", "path": "内容/白皮书 1.md", "line": 7}
    assert as_json([FOUND]) == [row | {"message": "/zh/x/ 不存在", "advice": "改正地址"}]
    assert type(as_json([FOUND])[0]["severity"]) is str
    assert as_text([]) == as_github([]) == ""


def test_github_escapes_as_documented() -> None:
    odd = Finding("old-address", Severity.NOTE, "a:b,c%.md", 3, "100%\r\n: , ::", "x")
    assert as_github([odd]) == "::notice file=a%3Ab%2Cc%25.md,line=3,title=old-address::100%25%0D%0A: , :: – x\n"
    assert as_github([FOUND]).startswith("::error file=内容/白皮书 1.md,line=7,title=broken-link::")
    assert as_github([finding("title-length", "a.md", 1, "m", "a")]).startswith("::warning ")


def unescaped(text: str, codes: dict[str, str]) -> str:
    """As the runner reads it: one code after the other, the percent sign last."""
    for code, char in codes.items():
        text = text.replace(code, char)
    return text


@given(TEXTS, TEXTS, TEXTS)
def test_github_comes_back_whole(path, message, advice) -> None:
    written = as_github([Finding("broken-link", Severity.ERROR, path, 5, message, advice)])
    assert written.count("\n") == 1
    assert written.endswith("\n")
    data = {"%0D": "\r", "%0A": "\n", "%25": "%"}
    command, properties, text = re.fullmatch(r"::(\w+) (.*?)::(.*)\n", written, re.DOTALL).groups()
    given_properties = dict(pair.split("=", 1) for pair in properties.split(","))
    assert command == "error"
    assert unescaped(given_properties["file"], {"%3A": ":", "%2C": ",", **data}) == path
    assert given_properties["line"] == "5"
    assert unescaped(text, data) == f"{message} – {advice}"


def test_sarif_names_its_rules() -> None:
    log = as_sarif([FOUND, finding("too-many-fields", "a.md", 2, "m", "a", Severity.ERROR)], "1.2.3")
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0"
    assert run["tool"]["driver"] | {"rules": []} == {"name": "contentops", "version": "1.2.3", "rules": []}
    assert [rule["id"] for rule in rules] == list(RULES)
    assert {rule["defaultConfiguration"]["level"] for rule in rules} == {"error", "warning", "note"}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert [result["level"] for result in run["results"]] == ["error", "error"]
    assert run["results"][0]["message"]["text"] == "/zh/x/ 不存在 – 改正地址"


@given(TEXTS.filter(lambda text: "\n" not in text), st.integers(1, 9999))
def test_sarif_addresses_are_uris_and_come_back(path, line) -> None:
    log = as_sarif([Finding("broken-link", Severity.ERROR, path, line, "m", "a")], "1")
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]*", place["artifactLocation"]["uri"])
    assert unquote(place["artifactLocation"]["uri"]) == path
    assert place["region"] == {"startLine": line}
