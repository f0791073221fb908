"""Markdown becomes HTML that is safe to publish."""

import html.parser
import os
import re
import time

import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contentops.pages import markup
from contentops.pages.building.converted import KEEP_DAYS, Converted
from contentops.pages.markup import convert, reading_minutes
from contentops.testing import write_content

ACTIVE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "<a href='vbscript:x'>x</a>",
    "<svg onload=alert(1)><script>1</script></svg>",
    "<iframe src=//evil.example></iframe>",
    "<form action=//evil.example><input name=x></form>",
    "<style>body{display:none}</style>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "![x](javascript:alert(1))",
    "*[x]: <script>\n\nx {: onclick=alert(1) }",
    "# x {: onmouseover='alert(1)' style='x' }",
]
ALLOWED_SCHEMES = ("http:", "https:", "mailto:", "tel:")


class Watcher(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs) -> None:
        assert tag not in {
            "script",
            "style",
            "iframe",
            "form",
            "input",
            "object",
            "embed",
            "base",
            "meta",
            "svg",
            "math",
            "link",
        }
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name != "style"
            # Browsers drop tabs and line ends in an address, nothing else.
            scheme = re.match(r"[a-z][a-z0-9+.-]*:", re.sub(r"[\t\r\n]", "", value or "").strip().lower())
            if name in ("href", "src") and scheme:
                assert scheme[0] in ALLOWED_SCHEMES, value


@pytest.mark.parametrize("text", ACTIVE)
def test_active_content_is_taken_out(text) -> None:
    Watcher().feed(convert(f"前文\n\n{text}\n\n后文"))
    assert "后文" in convert(f"前文\n\n{text}\n\n后文") or text.startswith("*[x]")


@given(st.text(alphabet=st.sampled_from("<>\"'&`[]()!*_#:/ abjavscript\n{}=on"), max_size=60))
@settings(max_examples=200)
def test_no_mixture_becomes_active(text) -> None:
    Watcher().feed(convert(text))


def test_what_writers_use_works() -> None:
    text = (
        "# 标题会省去\n\n## 二级标题\n\n| 项目 | 值 |\n|---|---|\n| 甲 | 1 |\n\n- a\n- b\n\n脚注[^1]\n\n[^1]: 说明\n\n"
        '```python\nprint(1)\n```\n\n!!! note "注意"\n    内容\n\n[链接](https://example.com)\n\n术语\n:   解释\n'
    )
    made = convert(text)
    assert "标题会省去" not in made
    for piece in ("<h2 id=", "<table>", "<ul>", "footnote", "language-python", "admonition", 'rel="noopener"', "<dl>"):
        assert piece in made


def test_template_marks_stay_literal() -> None:
    assert "{{ 1337*7331 }}" in convert("{{ 1337*7331 }} {% raw %}")


def test_kept_bodies_are_the_same(tmp_path) -> None:
    kept, made = Converted(tmp_path / "bodies"), convert("**粗**\n\n行")
    assert kept.get("a" * 64) is None
    kept.put("a" * 64, made)
    assert kept.get("a" * 64) == made
    assert len(list((tmp_path / "bodies").iterdir())) == 1


def test_kept_bodies_are_forgotten_when_nobody_shows_them(tmp_path) -> None:
    kept = Converted(tmp_path)
    for name in ("shown", "old", "new"):
        kept.put(name, name)
    long_ago = time.time() - (KEEP_DAYS + 1) * 86_400
    for file in tmp_path.iterdir():
        if file.read_text() != "3\nnew":
            os.utime(file, (long_ago, long_ago))
    kept.forget_old({"shown"})
    assert [kept.get(name) for name in ("shown", "old", "new")] == ["shown", None, "new"]


def test_minutes() -> None:
    assert reading_minutes("字" * 1200) == 3
    assert reading_minutes("") == 1
    assert reading_minutes(f"<p class='{'x ' * 5000}'>短</p>") == 1


def test_links_between_texts_lead_to_pages(workspace) -> None:
    links = {
        "乙.md": "/zh/yi/", "./乙.md#节": "/zh/yi/#节", "%E4%B9%99.md": "/zh/yi/", "../qa/乙.md?x=1": "/zh/yi/",
        "../case_study/Bing.MD": "/zh/bing/", "乙.en.md": "/en/yi/",
        "草稿.md": None, "没有.md": None, "../../乙.md": None, "乙.txt": "乙.txt", "#节": "#节",
        "/zh/yi/": "/zh/yi/", "https://example.com/乙.md": "https://example.com/乙.md", "mailto:a@example.com": "mailto:a@example.com",
    }  # fmt: skip
    text = "\n\n".join(f"[第{number}个]({address})" for number, address in enumerate(links))
    write_content(workspace, "qa/甲.md", f"---\ntitle: 甲\nslug: jia\n---\n{text}\n")
    write_content(workspace, "qa/乙.md", "---\ntitle: 乙\nslug: yi\n---\n")
    write_content(workspace, "qa/乙.en.md", "---\ntitle: B\nslug: yi\n---\n")
    write_content(workspace, "qa/草稿.md", "---\ntitle: 草稿\ndraft: true\n---\n")
    write_content(workspace, "case_study/Bing.MD", "---\ntitle: 丙\nslug: bing\n---\n")
    workspace.assets.sync()
    page = (workspace.pages.build().output / "zh" / "jia" / "index.html").read_text(encoding="utf-8")
    for number, (address, wanted) in enumerate(links.items()):
        given = next(iter(re.findall(rf'<a href="([^"]*)"[^>]*>第{number}个</a>', page)), None)
        if wanted is None or given is None:  # a text without a page keeps its words and loses the way to nowhere
            assert given is wanted, address
            assert f">第{number}个</a>" in page
            continue
        assert html.unescape(given) in (wanted, wanted.replace("乙", "%E4%B9%99")), address


def plain_converter() -> markdown.Markdown:
    """Python-Markdown with the same extensions, as it comes."""
    options = {"extra": {"tables": {"use_align_attribute": True}}}
    return markdown.Markdown(extensions=list(markup._EXTENSIONS), extension_configs=options, output_format="html")


def same(text: str, plain: markdown.Markdown) -> bool:
    return markup._converter.markdown.reset().convert(text) == plain.reset().convert(text)


@given(
    st.lists(
        st.sampled_from(
            ["a", "字 ", "*", "**", "_", "__", "`", "``", "[", "]", "](", ")", "!", "![", "<", ">", "<b>", "&", "&amp;", "\\", "  \n",
             "\n", "\n\n", "[^1]", "[^1]: ", "[r]: /x", "[r]", "http://e.example", "<http://e.example>", "<a@e.example>", "- ",
             "1. ", "> ", "    ", "| a | b |\n|---|---|\n", "***", "_a_", "*a*", "&#1;", "\\*", "{: .x }", "*[a]: b", "\u00a0", "\r"]
        ),
        max_size=25,
    )
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_skipped_patterns_change_nothing(pieces) -> None:
    assert same("".join(pieces), plain_converter())


@pytest.mark.corpora
def test_skipped_patterns_change_nothing_in_real_texts(corpora) -> None:
    plain = plain_converter()
    files = sorted(corpora.rglob("*.md"))
    assert len(files) > 700
    for file in files[::2]:
        text = file.read_text(encoding="utf-8", errors="replace")[:30_000]
        assert same(text, plain), file


def test_threads_do_not_mix_texts(at_once) -> None:
    texts = [f"[{n}][r]\n\n[r]: https://example.com/{n}\n\n## {n}\n\nx[^1]\n\n[^1]: {n}\n" for n in range(8)]
    expected = [convert(text) for text in texts]
    for made in at_once(6, lambda: [convert(text) for text in texts * 5]):
        assert made == expected * 5


def test_remote_pictures_become_links_and_alignment_stays() -> None:
    made = convert(
        "![示意图](https://cdn.example.com/x.png) ![](//x.example/y.png)\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n"
    )
    assert "<img" not in made
    assert '<a href="https://cdn.example.com/x.png" rel="noopener">示意图</a>' in made
    assert 'align="right"' in made


@pytest.mark.parametrize(
    "address",
    ["HTTPS://evil.example/x.png", "\\\\evil.example/x.png", "/\\evil.example/x.png", "/&#9;/evil.example/x.png",
     " //evil.example/x.png", "&#1;//evil.example/x.png", "//evil.example/x.png", "ht&#10;tps://evil.example/x.png", "https:evil.example/x.png"],
)  # fmt: skip
def test_no_spelling_of_an_address_asks_a_third_party(address) -> None:
    for text in (f'<img src="{address}">', f'<img title="a > b" alt="x" src="{address}" width="1">'):
        assert "<img" not in convert(text)
    assert '<img src="img/a.png">' in convert('<img src="img/a.png">')
