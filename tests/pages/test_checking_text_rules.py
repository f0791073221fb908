"""What is wrong with words, headings and pictures; lines are those of the file."""

from collections import Counter

import pytest

from contentops.assets.front_matter import FrontMatterError, parse
from contentops.pages.checking.page_source import PageSource
from contentops.pages.checking.text_rules import Facts, text_findings, width

HEAD = "---\ntitle: 设备点检数字化白皮书\ndescription: 说明\ncontentops:\n  offer:\n    promise: 承诺\n---\n"
GOOD = Facts("设备点检数字化白皮书", "一份写给设备负责人的点检改进手册：怎样写标准、排路线、关异常、看指标，附计划。")


def found(body: str, facts: Facts = GOOD) -> list[tuple[str, int]]:
    """Return codes with lines, counted from the first line of the body."""
    source = PageSource.of("内容/页.md", HEAD + body)
    return [(f.code, f.line - 7) for f in text_findings(source, facts)]


def test_a_good_page_has_no_findings() -> None:
    assert found("# 标题\n\n正文。\n\n## 二级\n\n### 三级\n\n## 二级\n\n![图](a.png)\n") == []


def test_width_counts_han_twice() -> None:
    assert width("点检 abc，ＡB") == 4 + 1 + 3 + 2 + 2 + 1
    assert width("") == 0


@pytest.mark.parametrize("title", ["设备点检", "a" * 9, "字" * 31, "a" * 61])
def test_title_too_short_or_too_long(title) -> None:
    assert found("文\n", Facts(title, GOOD.description)) == [("title-length", 2 - 7)]


@pytest.mark.parametrize("title", ["字" * 5, "a" * 10, "字" * 30, "a" * 60])
def test_title_that_fits(title) -> None:
    assert found("文\n", Facts(title, GOOD.description)) == []


@pytest.mark.parametrize(
    ("description", "code"),
    [
        ("", "missing-description"),
        ("  ", "missing-description"),
        ("字" * 24, "description-length"),
        ("a" * 161, "description-length"),
    ],
)
def test_description(description, code) -> None:
    assert found("文\n", Facts(GOOD.title, description)) == [(code, 3 - 7)]


@pytest.mark.parametrize("description", ["字" * 25, "字" * 80, "a" * 50, "a" * 160])
def test_description_that_fits(description) -> None:
    assert found("文\n", Facts(GOOD.title, description)) == []


def test_lines_of_other_keys() -> None:
    source = PageSource.of("a.md", "---\nslug: x\ntitle_zh: 短\nexcerpt: 短\n---\n")
    facts = Facts("短", "短", title_key=("title_zh",), description_key=("excerpt",))
    assert [(f.code, f.line) for f in text_findings(source, facts)] == [("title-length", 3), ("description-length", 4)]


def test_pictures_without_words() -> None:
    body = '![](a.png)\n\n![ ](b.png)\n\n<img src="c.png">\n\n<img src="d.png" alt="">\n\n![图](e.png)\n'
    assert found(body) == [("image-without-alt", 1), ("image-without-alt", 3), ("image-without-alt", 5)]


def test_pictures_without_size() -> None:
    body = (
        "![图](https://cdn.example.com/x.png)\n\n![图](坏.png)\n\n![图](好.png)\n\n"
        '<img src="//cdn.example.com/y.png" alt="图" width="3" height="4">\n\n<img src="坏.png" alt="" width="3" height="4">\n'
    )
    facts = Facts(GOOD.title, GOOD.description, unreadable=frozenset({"坏.png"}))
    assert found(body, facts) == [("image-without-size", 1), ("image-without-size", 3)]


def test_headings() -> None:
    body = (
        "# 标题\n\n## 甲\n\n#### 跳\n\n##### 下一级\n\n## 乙\n\n# 又一个\n\n```\n# 注释\n#### 注释\n```\n\n### 又跳\n"
    )
    assert found(body) == [("heading-jump", 5), ("second-h1", 11), ("heading-jump", 18)]
    assert found("### 直接三级\n") == [("heading-jump", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "Lorem ipsum dolor",
        "LOREM\nIPSUM",
        "TODO: 写完",
        "价格 TBD。",
        "FIXME",
        "XXX公司",
        "联系 XXXX 经理",
        "本节待补充",
        "价格：待定",
        "此处填写公司名",
        "示例文字",
        "{{ company }}",
        "{% include x %}后",
        "[Your company]",
        "[insert quote here]",
        "[Company name]",
        "Welcome to Your Company Name",
        "【待确认】",
        "【数据待核对】",
        "请在此处输入标题",
    ],
)
def test_placeholder(text) -> None:
    assert found(f"前文。\n\n- 项：{text}\n") == [("placeholder-text", 3)]


@pytest.mark.parametrize(
    "text",
    [
        "`TODO` 与 `{{ x }}`",
        "```\nTODO XXX\n```",
        "    TODO",
        "<!-- TODO -->",
        "<https://example.com/TODO1>",
        "XXXL 码，maxxxx",
        "有待补充的地方",
        "等待定时任务，期待定期回访，看待定位",
        "【接待流程】【等待】【期待】",
        "your company can do this",
        'He said "[customer experience] is all" and "[your] work"',
        "mastodon, todo list",
        "【重要】",
        "[your company](/zh/a/)",
        "{: .class }",
    ],
)
def test_no_placeholder(text) -> None:
    assert found(f"前文。\n\n{text}\n") == []


def test_placeholders_of_the_front_matter() -> None:
    promise = {("contentops", "offer", "promise"): "TODO"}
    facts = Facts("设备点检白皮书 TBD", GOOD.description + "待补充", words=promise)
    assert found("文\n", facts) == [("placeholder-text", -5), ("placeholder-text", -4), ("placeholder-text", -1)]


def test_every_line_with_a_placeholder_is_named_once() -> None:
    assert found("| 甲 | 乙 |\n|---|---|\n| TODO | TODO |\n| 三 | TODO |\n") == [
        ("placeholder-text", 3),
        ("placeholder-text", 4),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "享受折扣", "新客户优惠", "全场打折", "特价", "限时领取", "下单立减 100", "满减活动", "返现", "Discounts apply",
        "a coupon", "promo code", "promotional codes", "20% off", "a special\noffer", "limited-time", "limited time offer",
        "discounted prices",
    ],
)  # fmt: skip
def test_discount(text) -> None:
    assert [(code, line) for code, line in found(f"前文。\n\n{text}\n")] == [("discount-words", 3)]
    assert found(f"{text}\n", Facts(GOOD.title, GOOD.description, ("searching", "shortlisting"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "效果大打折扣", "税收优惠政策", "独特价值", "有限时间内", "数值超限时提示", "建立减排目标", "重返现场", "圆满减压",
        "discount rate", "discountable", "couponing", "20% offline", "we had limited time to build", "fees may be discounted",
        "`discount`",
    ],
)  # fmt: skip
def test_no_discount(text) -> None:
    assert found(f"前文。\n\n{text}\n") == []


def test_discount_words_are_counted() -> None:
    source = PageSource.of("a.md", "文\n\n优惠一\n\n优惠二，coupon\n")
    facts = Facts("限时的设备点检白皮书", GOOD.description, ("searching",))
    made = [(f.line, f.message.split("'")[1]) for f in text_findings(source, facts)]
    assert made == [(1, "限时"), (3, "优惠"), (5, "coupon")]
    assert "2 times" in text_findings(source, facts)[1].message


@pytest.mark.corpora
def test_real_texts(corpora) -> None:
    """Counts that were read through: more would be noise, fewer would miss what is there."""
    counts: Counter[str] = Counter()
    for name in ("kubeedge-website", "18f-gsa-gov", "shenyuan-law-firm"):
        for file in sorted((corpora / name).rglob("*.md")):
            text = file.read_text(encoding="utf-8-sig")
            try:
                values = parse(text.replace("\r\n", "\n")).values
            except FrontMatterError:
                continue
            source = PageSource.of(file.relative_to(corpora).as_posix(), text)
            facts = Facts(
                str(values.get("title") or values.get("title_zh") or ""), str(values.get("description") or "")
            )
            lines = source.text.split("\n")
            for place in text_findings(source, facts):
                counts[place.code] += 1
                assert 1 <= place.line <= len(lines)
                if place.code in ("second-h1", "heading-jump"):
                    assert "#" in lines[place.line - 1]
    assert 20 <= counts["second-h1"] <= 30
    assert 50 <= counts["heading-jump"] <= 58
    assert (
        130 <= counts["placeholder-text"] <= 145
    )  # nearly all are tags of a template language that stayed in the text
    assert counts["discount-words"] <= 3
    assert counts["image-without-alt"] == 2
