"""What writers say about a page, from the front matter to the HTML, the form, and the page after it."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.assets.brief import KNOWN_FIELDS, brief_problems, read_brief
from contentops.assets.sections import SECTION_TYPES
from contentops.errors import SubmissionInvalid
from contentops.leads.intake.submission import check
from contentops.pages.gate import HONEYPOT, gate_of
from contentops.pages.material.bodies import parts_of
from contentops.testing import write_content
from contentops.web.reading import URLENCODED as FORM

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000300000002080200000012"
    "16f14d0000000c49444154789c6360a0230000004f000115f5a8f10000000049454e44ae426082"
)
EVERY_SECTION = """\
---
title: 设备巡检白皮书
slug: w
authors: [李雷]
contentops:
  gate: gated
  attachment: 白皮书.pdf
  offer:
    promise: 三周上线巡检
    inside: [第一章, 第二章]
    for_whom: 厂长
    facts: {format: PDF, pages: 36, minutes: 20}
  sections:
    - {type: hero, text: 副标题, points: [省时, 省钱], picture: {src: 图.png, alt: 封面图}}
    - type: form
    - {type: benefits, items: [{title: 少停机, text: 停机少三成}, 看得见]}
    - contents
    - for_whom
    - {type: proof, logos: [{src: 图.png, alt: 示例客户}], quotes: [{text: 很好用, name: 王五, role: 厂长, company: 示例公司}]}
    - {type: numbers, items: [{value: 36%, label: 停机减少, source: 2026 年示例调查}]}
    - author
    - {type: faq, title: 常见问题, items: [{question: 要多久？, answer: "三周。\\n\\n可以更快。"}]}
    - text
    - {type: related, slugs: [other]}
---
## 正文标题

正文段落
"""


class Outline(HTMLParser):
    """The headings of a page, the form's fields, and what could run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings, self.fields, self.ids, self.scripts, self.links, self._inside = [], {}, [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        self._inside = tag
        if tag in ("h1", "h2"):
            self.headings.append("")
        if tag in ("input", "select"):
            self.fields[given["name"]] = given
        if tag == "script":
            self.scripts.append(given.get("type"))
        if "id" in given:
            self.ids.append(given["id"])
        self.links += [given[name] for name in ("href", "src", "action") if given.get(name)]
        assert not [name for name in given if name.startswith("on")], given

    def handle_data(self, data) -> None:
        if self._inside in ("h1", "h2") and self.headings:
            self.headings[-1] += data.strip()

    def handle_endtag(self, tag) -> None:
        self._inside = ""


def page(workspace, text: str, path: str = "whitepaper/w/index.md", files=()) -> str:
    """Write a text, sync, build, return its page."""
    write_content(workspace, path, text)
    for name, data in {"白皮书.pdf": b"%PDF-1.7", "图.png": PNG, **dict(files)}.items():
        write_content(workspace, f"{path.rpartition('/')[0]}/{name}", data)
    report = workspace.assets.sync()
    assert not report.problems, report.problems
    built = workspace.pages.build()
    assert not built.problems, built.problems
    return (built.output / "zh" / "w" / "index.html").read_text(encoding="utf-8")


def problems(workspace, text: str) -> list:
    write_content(workspace, "whitepaper/w/index.md", text)
    write_content(workspace, "whitepaper/w/白皮书.pdf", b"%PDF-1.7")
    return list(workspace.assets.sync().problems)


def gated(own: str, body: str = "正文") -> str:
    return f"---\ntitle: 白皮书\nslug: w\ncontentops:\n  gate: gated\n  attachment: 白皮书.pdf\n{own}---\n{body}\n"


class TestSections:
    def test_every_type_in_the_writers_order(self, workspace) -> None:
        write_content(workspace, "qa/other.md", "---\ntitle: 另一篇\nslug: other\n---\n")
        html = page(workspace, EVERY_SECTION)
        places = [
            "三周上线巡检", "副标题", "省时", "PDF", "36 页", "<li>20 ", 'name="email"', "少停机", "停机少三成", "看得见", "第一章",
            "第二章", "厂长", "示例客户", "很好用", "王五", "36%", "停机减少", "2026 年示例调查", "李雷", "常见问题", "要多久？",
            "三周。", "可以更快。", "正文标题", "正文段落", "另一篇",
        ]  # fmt: skip
        body = html[html.index("<main") :]
        found = [body.find(place) for place in places]
        assert -1 not in found, [place for place, at in zip(places, found, strict=True) if at < 0]
        rising = [body.index(place) for place in ("三周上线巡检", 'name="email"', "少停机", "第一章", "很好用", "36%", "要多久", "正文段落", "另一篇")]  # fmt: skip
        assert rising == sorted(rising)
        read = Outline(html)
        assert read.headings[0] == "三周上线巡检"
        assert len(read.ids) == len(set(read.ids))
        assert set(SECTION_TYPES) == {"hero", "form", "benefits", "contents", "for_whom", "proof", "numbers", "author", "faq", "text", "related"}  # fmt: skip

    def test_open_pages_may_have_sections_too_and_no_form(self, workspace) -> None:
        text = "---\ntitle: 案例\nslug: w\ncontentops: {sections: [hero, form, text, {type: benefits, items: 省}]}\n---\n正文\n"
        html = page(workspace, text, "case_study/w.md")
        assert "<form" not in html
        assert html.index("正文") < html.index("省")

    def test_the_order_is_the_writers(self, workspace) -> None:
        names = ["faq", "benefits", "numbers"]
        own = {
            "faq": "{type: faq, title: 壹, items: [{question: 问, answer: 答}]}",
            "benefits": "{type: benefits, title: 贰, items: [省]}",
            "numbers": "{type: numbers, title: 叁, items: [{value: 3, label: 天}]}",
        }
        for order in (names, names[::-1]):
            sections = "".join(f"    - {own[name]}\n" for name in order)
            headings = Outline(page(workspace, gated(f"  sections:\n{sections}"))).headings
            wanted = [{"faq": "壹", "benefits": "贰", "numbers": "叁"}[name] for name in order]
            assert [heading for heading in headings if heading in "壹贰叁"] == wanted

    @pytest.mark.parametrize(
        ("sections", "beside"),
        [
            ("[hero, text]", True),
            ("[hero, form, text]", True),
            ("[form, text]", True),
            ("[text]", True),
            ("[hero, text, form]", False),
            ("[hero, benefits, form]", False),
            ("[text, hero]", True),
        ],
    )
    def test_where_the_form_stands(self, workspace, sections, beside) -> None:
        sections = sections.replace("benefits", "{type: benefits, items: 省}")
        html = page(workspace, gated(f"  sections: {sections}\n"))
        assert html.count("<form") == html.count("<h1") == 1
        assert ('id="place-of-form"' not in html) is beside
        assert ("with-form" in html) is beside

    def test_an_asset_that_says_almost_nothing_has_a_sensible_page(self, workspace) -> None:
        html = page(workspace, gated(""))
        read = Outline(html)
        assert read.headings[0] == "白皮书"
        assert {"name", "company", "email", "phone", "consent_delivery", "consent_marketing"} <= set(read.fields)
        assert "立即获取" in html
        assert "正文" in html
        assert "None" not in html
        write_content(workspace, "qa/tiny.md", "没有标题的一段话")
        workspace.assets.sync()
        bare = (workspace.pages.build().output / "zh" / "tiny" / "index.html").read_text(encoding="utf-8")
        assert Outline(bare).headings[0] == "tiny"

    def test_missing_pictures_are_noticed_and_the_page_is_whole(self, workspace) -> None:
        write_content(workspace, "whitepaper/w/index.md", gated("  sections: [{type: hero, picture: 缺.png}]\n"))
        write_content(workspace, "whitepaper/w/白皮书.pdf", b"%PDF")
        workspace.assets.sync()
        report = workspace.pages.build()
        assert not report.problems
        assert "缺.png" in str(report.notices[0])


class TestMistakes:
    def test_unknown_type_is_named_with_its_line_and_what_was_meant(self, workspace) -> None:
        own = "  sections:\n    - hero\n    - type: benefit\n      items: [省]\n"
        (problem,) = problems(workspace, gated(own))
        assert problem.line == 9
        for words in ("contentops.sections[2]", "'benefit'", "'benefits'", *SECTION_TYPES):
            assert words in problem.message

    def test_all_at_once_and_the_line_of_the_first(self, workspace) -> None:
        own = (
            "  offer: {promis: x}\n  sections:\n    - {type: numbers, items: [{value: 3}]}\n    - {type: faq}\n"
            "    - {type: hero, colour: red}\n  fields: [name, phon]\n  next: [{type: call}]\n  consents: [sms]\n"
        )
        (problem,) = problems(workspace, gated(own))
        assert problem.line == 7
        for words in (
            "contentops.offer.promis", "sections[1].items[1].label", "sections[2].items", "sections[3].colour", "'phon'",
            "next[1]", "phone", "consents[1]", "delivery",
        ):  # fmt: skip
            assert words in problem.message, words

    @pytest.mark.parametrize(
        ("own", "line", "words"),
        [
            ("  sections:\n    - hero\n    - hero\n", 7, "contentops.sections: 'hero'"),
            ("  fields:\n    - name\n    - email\n    - name: size\n", 10, "'size'"),
            ("  fields: [name]\n", 7, "contentops.fields: "),
            ("  offer:\n    facts:\n      pages: viele\n", 9, "pages"),
            ("  sections:\n    - type: proof\n      quotes:\n        - {text: 好}\n", 10, "name"),
            ("  next:\n    - {type: link, url: 'javascript:alert(1)'}\n", 8, "https://"),
            ("  open_sections: 0\n", 7, "open_sections"),
        ],
    )
    def test_each_has_its_line(self, workspace, own, line, words) -> None:
        (problem,) = problems(workspace, gated(own))
        assert (problem.line, words in problem.message) == (line, True), problem

    def test_unknown_keys_below_contentops_have_their_line_too(self, workspace) -> None:
        write_content(workspace, "whitepaper/w/index.md", gated("  offers: x\n"))
        write_content(workspace, "whitepaper/w/白皮书.pdf", b"%PDF")
        (notice,) = workspace.assets.sync().notices
        assert (notice.line, "'offer'" in notice.message) == (7, True)

    def test_thousands_of_them_cost_no_minutes(self, workspace) -> None:
        (problem,) = problems(workspace, gated(f"  fields: [{', '.join(['x'] * 9000)}]\n"))
        assert len(problem.message) < 5000

    @pytest.mark.parametrize(
        "name", ["form", "notice", "referrer_host", "consent_delivery", "utm_source", HONEYPOT, "text"]
    )
    def test_names_that_a_page_needs_itself(self, name) -> None:
        found = list(brief_problems({"fields": ["email", {"name": name, "label": "问"}]}))
        assert [path for path, _sentence in found] == [("fields", 1)]

    @given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "title", "items", "sections", "offer", "fields", "next", "name", "src"]), inner, max_size=4), max_leaves=12))  # fmt: skip
    def test_whatever_is_written_is_read_or_explained(self, value) -> None:
        own = {"sections": value, "fields": value, "offer": value, "thanks": value, "next": value}
        found = list(brief_problems(own))
        if not found:
            read_brief(own)
        assert all(sentence and "\n" not in sentence for _path, sentence in found)


PARTIAL = """\
---
title: 深度长文
slug: w
description: 摘要可以公开
contentops:
  gate: partial
  open_sections: 2
{more}---
开头段落

## 第一节

第一节正文 [附录](#di-er-jie)

## 第二节

机密正文甲 ![机密图](机密.png)

机密脚注[^1]

## 第三节

机密正文乙？

[^1]: 机密的来源
"""
SECRET = ("机密正文甲", "机密正文乙", "机密的来源", "机密脚注", "机密.png", "机密图")


class TestPartialGate:
    @pytest.mark.parametrize("attachment", ["", "  attachment: 白皮书.pdf\n"])
    def test_closed_parts_are_in_no_file_of_the_site(self, make_workspace, attachment) -> None:
        workspace = make_workspace(card_font="auto")
        html = page(workspace, PARTIAL.format(more=attachment), files={"机密.png": PNG})
        assert "第一节正文" in html
        assert '"isAccessibleForFree":false' in html.replace(" ", "").replace("False", "false")
        for file in workspace.pages.output.rglob("*"):
            data = file.read_bytes() if file.is_file() else b""
            assert file.name != "机密.png"
            for secret in SECRET:
                assert secret.encode() not in data, file
                assert json.dumps(secret)[1:-1].encode() not in data, file

    def test_opening_a_part_opens_that_part_only(self, workspace) -> None:
        html = page(
            workspace, PARTIAL.format(more="").replace("open_sections: 2", "open_sections: 3"), files={"机密.png": PNG}
        )
        assert "机密正文甲" in html
        assert "机密正文乙" not in html

    @pytest.mark.parametrize("attachment", ["", "  attachment: 白皮书.pdf\n"])
    def test_whole_way_to_the_whole_text(self, workspace, serve, attachment) -> None:
        more = (
            attachment + "  thanks: {title: 谢谢阅读, text: 请收藏}\n  next: [{type: link, title: 去看看, url: /zh/}]\n"
        )
        page(workspace, PARTIAL.format(more=more), files={"机密.png": PNG})
        server = serve(workspace)
        form = {"name": "张三", "email": "zhang@example.cn", "consent_delivery": "yes"}
        status, headers, _body = ask(server, "POST", "/zh/w/form", form)
        assert status == 303
        status, _headers, thanks = ask(server, "GET", headers["location"])
        assert "谢谢阅读" in thanks
        assert "去看看" in thanks
        link = re.search(r'href="(?:http://[^/"]+)?(/d/[^"]+)"', thanks)[1]
        connection = HTTPConnection(server.host, timeout=20)
        connection.request("GET", link)
        answer = connection.getresponse()
        data, policy = answer.read(), answer.getheader("Content-Security-Policy")
        connection.close()
        if attachment:
            assert data == b"%PDF-1.7"
            return
        text = data.decode()
        assert "机密正文甲" in text
        assert "机密正文乙" in text
        assert 'src="data:image/png;base64,' in text
        assert "data:" in policy
        assert 'rel="canonical"' not in text
        assert ask(server, "GET", "/d/forged/w")[0] == 404

    @given(st.lists(st.sampled_from(["<h2>甲</h2>", "<p>文</p>", "<div>", "</div>", "<h2 id='x'>乙</h2>", "\n", "<br>", "<ul><li><h2>丙</h2></li></ul>"]), max_size=12))  # fmt: skip
    def test_parts_joined_are_the_whole(self, pieces) -> None:
        import nh3

        html = nh3.clean("".join(pieces))
        parts = parts_of(html)
        assert "".join(parts).strip() == html.strip()
        assert all(part.startswith("<h2") for part in parts[1:])


def ask(server, method: str, path: str, fields=None) -> tuple[int, dict[str, str], str]:
    connection = HTTPConnection(server.host, timeout=20)
    try:
        headers = {"Content-Type": FORM, "Origin": server.address} if fields else {}
        connection.request(method, path, urlencode(fields) if fields else None, headers)
        response = connection.getresponse()
        return response.status, {key.lower(): value for key, value in response.getheaders()}, response.read().decode("utf-8", "replace")  # fmt: skip
    finally:
        connection.close()


QUESTIONS = """\
  fields:
    - name
    - email
    - {name: plant_size, label: 工厂规模, options: [100 人以下, "100–500 人"], required: true}
    - {name: wish, label: 最想解决的问题, hint: 一句话即可}
    - {name: company, label: 贵公司, required: true}
"""


class TestForm:
    def test_own_questions_from_the_form_to_the_export(self, workspace, serve) -> None:
        html = page(workspace, gated(QUESTIONS))
        read = Outline(html)
        assert list(read.fields)[:5] == ["name", "email", "plant_size", "wish", "company"]
        assert "required" in read.fields["plant_size"]
        assert "required" not in read.fields["wish"]
        for words in (
            "工厂规模",
            '<option value="100 人以下">100 人以下</option>',
            '<option value="100–500 人">100–500 人</option>',
            "一句话即可",
            "贵公司",
        ):
            assert words in html
        server = serve(workspace)
        form = {"name": "张三", "email": "zhang@example.cn", "company": "示例公司", "consent_delivery": "yes",
                "plant_size": "100–500 人", "wish": "少停机 =1+1"}  # fmt: skip
        assert ask(server, "POST", "/zh/w/form", {**form, "plant_size": "1000 人"})[0] == 422
        status, _headers, text = ask(
            server, "POST", "/zh/w/form", {key: form[key] for key in form if key != "plant_size"}
        )
        assert status == 422
        assert 'value="少停机 =1+1"' in text
        assert ask(server, "POST", "/zh/w/form", form)[0] == 303
        data = b"".join(server.workspace.leads.export("csv")).decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(data))
        said = " ".join(row.values())
        assert "100–500 人" in said
        assert "少停机" in said

    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            ({"plant_size": "unbekannt"}, {"plant_size": "invalid"}),
            ({"plant_size": ""}, {"plant_size": "required"}),
            ({"wish": "字" * 301}, {"wish": "too_long"}),
            ({"wish": "a\x00"}, {"wish": "characters"}),
            ({"company": " \u3000"}, {"company": "required"}),
        ],
    )
    def test_answers_are_checked_like_any_other(self, sent, code) -> None:
        class Asset:
            gate = "gated"
            front_matter = {
                "contentops": {"fields": ["name", "email", {"name": "plant_size", "label": "规模", "options": ["大", "小"], "required": True}, {"name": "wish", "label": "愿望"}, {"name": "company", "required": True}]}
            }  # fmt: skip

        good = {
            "name": "张三",
            "email": "zhang@example.cn",
            "plant_size": "大",
            "company": "示例",
            "consent_delivery": "yes",
        }
        assert check(good.items(), gate_of(Asset()), "CN").answers == {"plant_size": "大"}
        with pytest.raises(SubmissionInvalid) as caught:
            check({**good, **sent}.items(), gate_of(Asset()), "CN")
        assert caught.value.codes == code

    def test_one_consent_only(self, workspace, serve) -> None:
        read = Outline(page(workspace, gated("  consents: [delivery]\n")))
        assert "consent_delivery" in read.fields
        assert "consent_marketing" not in read.fields
        form = {"name": "张三", "email": "zhang@example.cn", "consent_delivery": "yes", "consent_marketing": "yes"}
        server = serve(workspace)
        assert ask(server, "POST", "/zh/w/form", form)[0] == 303
        (lead,) = server.workspace.leads.rows()
        assert True not in [value for key, value in lead.items() if "marketing" in key]

    def test_thanks_and_next_steps(self, workspace) -> None:
        own = (
            "  thanks:\n    title: 谢谢，已发出\n    text: |\n      第一段\n\n      第二段\n  next:\n"
            "    - {type: wecom, picture: 码.png, text: 加顾问}\n    - {type: open_class, url: /zh/, when: 每周四 20:00}\n"
            "    - {type: call, phone: +86 400 000 0000}\n    - {type: link, url: 'https://example.com/a?b=1&c=2', title: 更多}\n"
        )
        page(workspace, gated(own), files={"码.png": PNG})
        site = workspace.pages.output / "zh" / "w"
        plain = (site / "thanks" / "index.html").read_text(encoding="utf-8")
        assert "加顾问" in plain
        asset = workspace.assets.get("w")
        text = workspace.pages.visitor.thanks(asset, "/d/x/y", workspace.now())
        for words in ("<h1>谢谢，已发出</h1>", "第一段", "第二段", "加顾问", "每周四 20:00", 'href="tel:+864000000000"',
                      'href="https://example.com/a?b=1&amp;c=2"', 'src="/zh/w/%E7%A0%81.png"'):  # fmt: skip
            assert words in text, words
        assert (site / "码.png").read_bytes() == PNG
        assert "noindex" in text


class TestNeighbours:
    def test_series_and_translations_link_to_each_other(self, workspace) -> None:
        for number in (2, 1, 3):
            front = f"title: 第{number}讲\nseries: 入门课\nweight: {number}\nslug: part-{number}\n"
            write_content(workspace, f"open_class/p{number}.md", f"---\n{front}---\n内容\n")
        write_content(workspace, "open_class/p1.en.md", "---\ntitle: Lesson one\nslug: part-1\n---\ntext\n")
        assert not workspace.assets.sync().problems
        site = workspace.pages.build().output
        first = (site / "zh" / "part-1" / "index.html").read_text(encoding="utf-8")
        places = [first.index(words) for words in ('aria-current="page">第1讲', "/zh/part-2/", "/zh/part-3/")]
        assert places == sorted(places)
        assert 'href="/en/part-1/"' in first
        english = (site / "en" / "part-1" / "index.html").read_text(encoding="utf-8")
        assert 'href="/zh/part-1/"' in english
        for html in (first, english):
            for language in ("zh-CN", "en", "x-default"):
                assert f'hreflang="{language}"' in html


EVIL = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} javascript:alert(1)"


class TestHostileFrontMatter:
    def test_every_text_of_a_brief_is_inert(self, workspace) -> None:
        own = {
            "gate": "gated", "attachment": "白皮书.pdf",
            "offer": {"promise": EVIL, "subtitle": EVIL, "button": EVIL[:100], "inside": [EVIL], "for_whom": [EVIL], "facts": {"format": EVIL}},
            "sections": [
                {"type": "hero", "title": EVIL, "text": EVIL, "points": [EVIL], "picture": {"src": "图.png", "alt": EVIL}},
                {"type": "benefits", "title": EVIL, "text": EVIL, "items": [{"title": EVIL, "text": EVIL}]},
                {"type": "contents", "title": EVIL}, {"type": "for_whom", "title": EVIL},
                {"type": "proof", "logos": [{"src": "图.png", "alt": EVIL}], "quotes": [{"text": EVIL, "name": EVIL, "role": EVIL, "company": EVIL}]},
                {"type": "numbers", "items": [{"value": EVIL[:30], "label": EVIL, "source": EVIL}]},
                {"type": "author", "people": [{"name": EVIL, "role": EVIL, "text": EVIL, "picture": "图.png"}]},
                {"type": "faq", "items": [{"question": EVIL, "answer": EVIL}]},
                {"type": "form", "title": EVIL, "text": EVIL}, {"type": "text", "title": EVIL},
                {"type": "related", "title": EVIL, "slugs": [EVIL]},
            ],
            "fields": [{"name": "email", "label": EVIL, "hint": EVIL}, {"name": "own", "label": EVIL, "hint": EVIL, "options": [EVIL]}],
            "thanks": {"title": EVIL, "text": EVIL},
            "next": [{"type": "link", "url": "https://example.com/?a=\"><script>", "title": EVIL, "text": EVIL, "when": EVIL}],
            "keywords": {"product": [EVIL]}, "part": 1,
        }  # fmt: skip
        front = {
            "title": EVIL,
            "description": EVIL,
            "slug": "w",
            "series": EVIL,
            "authors": [EVIL],
            "tags": [EVIL],
            "aliases": [f"/{EVIL}/"],
        }
        lines = [f"{key}: {json.dumps(value)}" for key, value in {**front, "contentops": own}.items()]
        page(workspace, "---\n" + "\n".join(lines) + "\n---\n正文 {{ 7*7 }}\n")
        pages = [path.read_text(encoding="utf-8") for path in workspace.pages.output.rglob("*.html")]
        assert any(EVIL[:8].replace("<", "&lt;").replace(">", "&gt;") in text for text in pages)
        for text in pages:
            read = Outline(text)
            assert set(read.scripts) <= {"application/ld+json"}
            assert "{{ 7*7 }}" in text or "49" not in re.sub(r"\d{3,}", "", text)
            assert not [link for link in read.links if re.match(r"\s*(javascript|data|vbscript):", link, re.IGNORECASE)]
            assert "<img src=x" not in text
            for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL):
                json.loads(block)

    @pytest.mark.parametrize(
        "url",
        ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x",
         "//evil.example", "/\\evil.example", "vbscript:x", "file:///etc/passwd", "https:evil.example", ""],
    )  # fmt: skip
    def test_addresses_that_visitors_must_not_follow(self, url) -> None:
        found = list(brief_problems({"next": [{"type": "link", "url": url}]}))
        assert found, url


def test_known_fields_are_the_forms(workspace) -> None:
    html = page(workspace, gated(f"  fields: [{', '.join(KNOWN_FIELDS)}]\n"))
    assert list(Outline(html).fields)[:5] == list(KNOWN_FIELDS)
