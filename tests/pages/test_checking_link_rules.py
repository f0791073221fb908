"""Where links and pictures lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.pages.checking.link_rules import PageTarget, SiteMap, link_findings
from contentops.pages.checking.page_source import PageSource
from contentops.pages.material.pieces import Visibility

HERE = "content/qa/本页.zh.md"
OTHER = PageTarget(Visibility.PUBLIC, "other", "zh-CN", frozenset({"jia", "二"}))
HIDDEN = {state: f"/zh/{state}/" for state in Visibility if state is not Visibility.PUBLIC}
SITE = SiteMap(
    pages={
        "/zh/here/": PageTarget(Visibility.PUBLIC, "here", "zh-CN", frozenset()),
        "/zh/other/": OTHER,
        "/zh/unknown-anchors/": PageTarget(Visibility.PUBLIC, "unknown-anchors", "zh-CN"),
        **{path: PageTarget(state, str(state), "zh-CN", frozenset()) for state, path in HIDDEN.items()},
    },
    files={HERE: "/zh/here/", "content/qa/其他.md": "/zh/other/", "content/case/草稿.md": "/zh/draft/"},
    hosts=frozenset({"www.example.cn", "127.0.0.1:8000"}),
    redirects={"/zh/old/": "/zh/other/", "/zh/older/": "/zh/draft/"},
    others=frozenset({"/zh/", "/zh/privacy/", "/feed.xml", "/static/标志.png"}),
)
BESIDE = frozenset({"图.png", "img/a b.png", "手册.pdf", "其他.md"})


def found(body: str) -> list[tuple[str, int]]:
    source = PageSource.of(HERE, f"---\ntitle: 题\n---\n{body}\n")
    return [(f.code, f.line - 3) for f in link_findings(source, SITE, BESIDE)]


def advice(body: str) -> list[str]:
    return [f.advice for f in link_findings(PageSource.of(HERE, body), SITE, BESIDE)]


@pytest.mark.parametrize(
    "address",
    [
        "/zh/other/", "/zh/other", "/zh/other/index.html", "/zh/other/#jia", "/zh/other/#%E4%BA%8C", "../other/", "../other/#jia",
        "/zh/other/?utm_source=wechat#jia", "/zh/", "/zh", "/zh/privacy/", "/feed.xml", "#jia-ben", "#", "#top", "#form",
        "/zh/here/#jia-ben", "/zh/unknown-anchors/#x", "手册.pdf", "https://example.com/zh/no/", "//other.example.com/x",
        "mailto:a@example.com", "tel:+8613800000000", "?page=2",
    ],
)  # fmt: skip
def test_links_that_lead_somewhere(address) -> None:
    assert found(f"## 本页 {{#jia-ben}}\n\n[链接]({address})") == []


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/zh/othr/", "broken-link"),
        ("/en/other/", "broken-link"),
        ("不在.pdf", "broken-link"),
        ("../../other/", "broken-link"),
        ("//[bad/", "broken-link"),
        ("没有.md", "broken-link"),
        ("#yi", "broken-anchor"),
        ("/zh/other/#yi", "broken-anchor"),
        ("/zh/here/#yi", "broken-anchor"),
        ("其他.md", ""),
        ("./其他.md#jia", ""),
        ("https://www.example.cn/zh/other/", "absolute-own-link"),
        ("http://127.0.0.1:8000/zh/", "absolute-own-link"),
        ("//WWW.example.cn", "broken-link absolute-own-link"),
        ("https://www.example.cn/zh/no/", "absolute-own-link broken-link"),
        ("/zh/old/#jia", "old-address"),
        ("/zh/older/", "link-to-draft old-address"),
        ("../case/草稿.md", "link-to-draft"),
        ("其他.md#yi", "broken-anchor"),
        *((path, f"link-to-{state}") for state, path in HIDDEN.items()),
        (f"{HIDDEN[Visibility.DRAFT]}#x", "link-to-draft"),
    ],
)
def test_links_that_do_not(address, code) -> None:
    assert found(f"前文\n\n- [链接]({address})") == [(one, 3) for one in sorted(code.split())]


def test_the_lines_are_those_of_the_links() -> None:
    body = "[一](/zh/other/)\n\n[二](/zh/no/)\n[三][r]\n\n`[四](/zh/no/)`\n\n[r]: /zh/nein/"
    assert found(body) == [("broken-link", 3), ("broken-link", 8)]


def test_what_to_do() -> None:
    assert advice("[x](/zh/old/)") == ["write /zh/other/"]
    assert advice("[x](https://www.example.cn/zh/other/?a=1#jia)") == ["write /zh/other/?a=1#jia"]
    assert advice("[x](#不在)") == ["give the heading this name: ## Heading {#不在}"]
    for state, path in HIDDEN.items():
        assert f"zh-CN/{state}" in advice(f"[x]({path})")[0]


def test_near_misses_are_named() -> None:
    source = PageSource.of(HERE, "[x](/zh/othr/) [y](/zh/other/#jja) [z](/zh/{x}/)")
    hints = [f.message for f in link_findings(source, SITE)]
    assert any("/zh/othr/" in hint and "'/zh/other/'" in hint for hint in hints)
    assert any("#jja" in hint and "'jia'" in hint for hint in hints)
    assert any("/zh/{x}/" in hint for hint in hints)


@pytest.mark.parametrize(
    "markdown",
    ["![图](图.png)", "![图](./图.png)", "![图](%E5%9B%BE.png)", "![图](<img/a b.png>)", "![图](/static/标志.png)", "![图](https://cdn.example.com/x.png)"],
)  # fmt: skip
def test_pictures_that_are_there(markdown) -> None:
    assert found(f"文\n\n{markdown}") == []


@pytest.mark.parametrize(
    "markdown", ["![图](图.PNG)", "![图](../图.png)", "![图](/static/no.png)", '<img alt="图" src="no.png">', "![图]()"]
)
def test_pictures_that_are_not(markdown) -> None:
    assert found(f"文\n\n{markdown}") == [("missing-image", 3)]


def test_pictures_with_the_own_host() -> None:
    assert found("![图](https://www.example.cn/static/标志.png)") == [("absolute-own-link", 1)]
    assert found("![图](https://www.example.cn/no.png)") == [("absolute-own-link", 1), ("missing-image", 1)]


def test_a_page_that_is_not_on_the_map() -> None:
    source = PageSource.of("elsewhere/x.md", "[a](zh/other/) [b](other/) [c](../content/qa/其他.md)")
    assert [(f.code, f.message.split()[0]) for f in link_findings(source, SITE)] == [
        ("broken-link", "other/"),
    ]


@given(st.text(alphabet="/.:#?[]@%-abzhother点 ", max_size=30))
def test_any_address_is_judged(address) -> None:
    source = PageSource.of(HERE, f'<a href="{address}">x</a>\n\n<img src="{address}" alt="x">')
    assert all(f.line in (1, 3) for f in link_findings(source, SITE))
