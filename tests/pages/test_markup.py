"""Markdown becomes HTML that is safe to publish."""

import html.parser
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contentops.pages.markup import reading_minutes, relative_images, to_html

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
    Watcher().feed(to_html(f"前文\n\n{text}\n\n后文"))
    assert "后文" in to_html(f"前文\n\n{text}\n\n后文") or text.startswith("*[x]")


@given(st.text(alphabet=st.sampled_from("<>\"'&`[]()!*_#:/ abjavscript\n{}=on"), max_size=60))
@settings(max_examples=200)
def test_no_mixture_becomes_active(text) -> None:
    Watcher().feed(to_html(text))


def test_what_writers_use_works() -> None:
    text = (
        "# 标题会省去\n\n## 二级标题\n\n| 项目 | 值 |\n|---|---|\n| 甲 | 1 |\n\n- a\n- b\n\n脚注[^1]\n\n[^1]: 说明\n\n"
        '```python\nprint(1)\n```\n\n!!! note "注意"\n    内容\n\n[链接](https://example.com)\n\n术语\n:   解释\n'
    )
    made = to_html(text)
    assert "标题会省去" not in made
    for piece in ("<h2 id=", "<table>", "<ul>", "footnote", "language-python", "admonition", 'rel="noopener"', "<dl>"):
        assert piece in made


def test_template_marks_stay_literal() -> None:
    assert "{{ 1337*7331 }}" in to_html("{{ 1337*7331 }} {% raw %}")


def test_kept_bodies_are_the_same(tmp_path) -> None:
    first = to_html("**x**", tmp_path)
    assert to_html("**x**", tmp_path) == first == to_html("**x**")
    assert len(list(tmp_path.iterdir())) == 1


def test_relative_pictures_and_minutes() -> None:
    html_text = to_html("![a](pic.png) ![b](https://example.com/x.png) ![c](/abs.png) ![d](img/图.png)")
    assert relative_images(html_text) == ["pic.png", "img/图.png"]
    assert reading_minutes("字" * 1200) == 3
    assert reading_minutes("") == 1


def test_threads_do_not_mix_texts(at_once) -> None:
    texts = [f"[{n}][r]\n\n[r]: https://example.com/{n}\n\n## {n}\n\nx[^1]\n\n[^1]: {n}\n" for n in range(8)]
    expected = [to_html(text) for text in texts]
    for made in at_once(6, lambda: [to_html(text) for text in texts * 5]):
        assert made == expected * 5


def test_remote_pictures_become_links_and_alignment_stays() -> None:
    made = to_html(
        "![示意图](https://cdn.example.com/x.png) ![](//x.example/y.png)\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n"
    )
    assert "<img" not in made
    assert '<a href="https://cdn.example.com/x.png" rel="noopener">示意图</a>' in made
    assert 'align="right"' in made
