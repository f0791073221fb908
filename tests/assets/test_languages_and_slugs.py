"""Languages by letters and by path; addresses that never change."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.assets.languages import language_by_letters, language_by_path, normal_tag, without_language
from contentops.assets.slugs import MAX_LENGTH, RESERVED, free_slug, page_path, slug_from_path, slug_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("把一条点检路线控制在 25 分钟以内，用五个步骤拆分路线。", "zh-CN"),
        ("KubeEdge 是一个开源系统，用于将容器化应用编排能力扩展到边缘 Kubernetes host", "zh-CN"),
        ("An English text that mentions 点检 once, among many more English words and letters.", "en"),
        ("short", None),
        ("", None),
        ("```\n" + "print('code is no prose')\n" * 20 + "```\n", None),
        ("~~~py\n" + "x = 1\n" * 50 + "~~~\n中文说明在代码之外，这里有足够多的汉字可以判断语言。", "zh-CN"),
    ],
)
def test_by_letters(text, language) -> None:
    assert language_by_letters(text) == language


@pytest.mark.parametrize(
    ("path", "language", "bare"),
    [
        ("whitepaper/x/index.zh.md", "zh-CN", "whitepaper/x/index"),
        ("whitepaper/x/index.en.md", "en", "whitepaper/x/index"),
        ("README_zh.md", "zh-CN", "README"),
        ("i18n/zh/docs/setup.md", "zh-CN", "i18n/docs/setup"),
        ("docs/setup.md", None, "docs/setup"),
        ("notes.v2.md", None, "notes.v2"),
        ("it/guide.md", "it", "guide"),
        ("a/index.zh-CN.md", "zh-CN", "a/index"),
    ],
)
def test_by_path(path, language, bare) -> None:
    assert language_by_path(path) == language
    assert without_language(path) == bare


def test_tags_have_one_form() -> None:
    assert [normal_tag(tag) for tag in ("zh", "zh_CN", "ZH-hans", "EN-us", "xx-YY")] == [
        "zh-CN",
        "zh-CN",
        "zh-CN",
        "en",
        "xx-yy",
    ]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("内容日历指南", "nei-rong-ri-li-zhi-nan"),
        ("Hello, World!", "hello-world"),
        ("../../etc/passwd", "etc-passwd"),
        ("feed", "feed-page"),
        ("CON", "con-page"),
        ("🙂", ""),
        ("龘" * 200, None),
    ],
)
def test_slug(text, slug) -> None:
    made = slug_of(text)
    assert slug is None or made == slug
    assert len(made) <= MAX_LENGTH + len("-page")


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("whitepaper/dian-jian/index", "dian-jian"),
        ("posts/2026-03-01-hello", "hello"),
        ("点检/白皮书", "bai-pi-shu"),
        ("index", "index-page"),
        ("🙂", "biao-ti"),
    ],
)
def test_slug_from_path(path, slug) -> None:
    assert slug_from_path(path, "标题") == slug


@given(st.text(max_size=200))
def test_slug_is_always_a_safe_address(text) -> None:
    slug = slug_of(text)
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slug)
    assert slug not in RESERVED
    assert slug_of(slug) in (slug, f"{slug}-page")


@given(st.sets(st.sampled_from(["overview", "a-overview", "b-a-overview", "overview-2", "overview-3"])))
def test_free_slug_is_free(taken) -> None:
    assert free_slug("overview", "b/a/overview.md", taken) not in taken


def test_page_paths() -> None:
    assert page_path("zh-CN", "x") == "/zh/x/"
    assert page_path("en", "x") == "/en/x/"
    assert page_path("zh-TW", "x") == "/zh-tw/x/"
