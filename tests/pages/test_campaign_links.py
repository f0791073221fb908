"""Campaign links: names, addresses, states, codes, sheets, and what the desk keeps."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlmodel import delete, select

from contentops.cells import formula_safe, formula_unsafe
from contentops.errors import Conflict, InvalidArgument, InvalidInput, NotFound
from contentops.models import Asset, TrackedLink
from contentops.pages.campaigns import desk as desk_module
from contentops.pages.campaigns.addresses import campaign_address, link_of, new_code, read_code, with_passed
from contentops.pages.campaigns.batch import link_sheet, read_rows
from contentops.pages.campaigns.codes import PNG_PIXELS, QUIET_ZONE, file_stems, png, svg
from contentops.pages.campaigns.naming import Wanted, checked, name_problem, tidied
from contentops.pages.campaigns.short_pages import short_pages
from contentops.pages.campaigns.wecom import (
    ALPHABET,
    MOST_STATE,
    read_state,
    state_of,
    wecom_address,
    wecom_problem,
    wecom_target,
)
from contentops.settings import Channel
from contentops.settings.website import CHANNELS
from contentops.testing import write_content

ACQUISITION = "https://work.weixin.qq.com/ca/cawcde0000000000001"
SERVICE = "https://work.weixin.qq.com/kfid/kfc0000000000000001?enc_scene=ENCExample"
PAGE = "https://www.example.cn/zh/cost/"
CODES = st.text(ALPHABET, min_size=7, max_size=7)
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,19}", fullmatch=True)


def row(**values) -> TrackedLink:
    given = {"code": "bcdfghj", "asset_id": "a" * 32, "channel": "wechat", "campaign": "2026-q4", "by": "张三一"}
    given |= {"state": "aaaaaaaa.wechat.bcdfghj", "created_at": datetime(2026, 11, 21, tzinfo=UTC)} | values
    return TrackedLink.model_validate(given)


def asset(**values) -> Asset:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    given = {"slug": "cost", "kind": "qa", "language": "zh-CN", "translation_key": "k", "title": "保养成本怎样算"}
    return Asset.model_validate({**given, "created_at": now, "changed_at": now, **values})


def link(title: str = "保养成本怎样算", language: str = "zh-CN", slug: str = "cost", **values):
    return link_of(row(**values), asset(title=title, language=language, slug=slug), CHANNELS, "https://www.example.cn")


def stock(workspace):
    for path, title in (
        ("qa/cost.zh.md", "保养成本怎样算"),
        ("qa/cost.en.md", "What upkeep costs"),
        ("qa/spare.md", "备件"),
    ):
        write_content(workspace, path, f"---\ntitle: {title}\ncontentops: {{state: published}}\n---\n正文\n")
    assert not workspace.assets.sync().problems
    return workspace


@pytest.fixture
def stocked(workspace):
    """On SQLite."""
    return stock(workspace)


@pytest.fixture
def stocked_anywhere(any_workspace):
    """On SQLite, and the same test again on PostgreSQL."""
    return stock(any_workspace)


class TestNames:
    @pytest.mark.parametrize(
        "name", ["", "2026-q4", "spring_sale", "a", "秋季活动", "展会-2026", "0", "a" * 100, "𠮷祥"]
    )
    def test_taken(self, name) -> None:
        assert name_problem(name) == ""

    @pytest.mark.parametrize(
        ("name", "better"),
        [
            ("Spring", "spring"), ("spring sale 2026", "spring-sale-2026"), ("秋季 活动！", "秋季-活动"), ("ＡＢ１", "ab1"),
            ("a--b", "a-b"), ("-a", "a"), ("a_", "a"), ("v2.0", "v2-0"), ("a&utm_source=x", "a-utm_source-x"), ("a\nb", "a-b"),
            ("=1+1", "1-1"), ("https://example.com/", "https-example-com"), ("été", "t"), ("！？", ""),
        ],
    )  # fmt: skip
    def test_refused_with_what_to_write(self, name, better) -> None:
        problem = name_problem(name)
        assert tidied(name) == better
        assert (f"write '{better}'" in problem) is bool(better)
        assert problem

    @pytest.mark.parametrize("name", ["zhang@example.cn", "张三＠example.cn", "13800000000", "vip-13800000000-a"])
    def test_nobody_stands_in_an_address(self, name) -> None:
        assert "phone numbers" in name_problem(name)

    @settings(deadline=None)
    @given(st.text(max_size=60))
    def test_a_tidied_name_is_right_or_empty(self, text) -> None:
        better = tidied(text)
        assert "; write" not in name_problem(better)
        assert tidied(better) == better

    def test_everything_wrong_at_once(self) -> None:
        channels = CHANNELS | {"cold_call": Channel(name={"": "陌拜"}, medium="call", allowed=False)}
        with pytest.raises(InvalidArgument) as caught:
            checked(Wanted("cost", "wechatt", " ", "A B", "x" * 101, "http://example.com/"), channels)
        assert [p.where for p in caught.value.problems] == ["channel", "content", "term", "campaign", "wecom"]
        assert "did you mean 'wechat'?" in caught.value.problems[0].message
        assert "zhihu" in caught.value.problems[0].message
        assert "cold_call" not in caught.value.problems[0].message
        with pytest.raises(InvalidArgument, match="allowed = false"):
            checked(Wanted("cost", "cold_call", "a"), channels)

    @pytest.mark.parametrize("text", ["wechat", " WeChat ", "微信公众号", "WeChat official account"])
    def test_a_channel_by_its_key_or_its_name(self, text) -> None:
        assert checked(Wanted("cost", text, " a "), CHANNELS) == Wanted("cost", "wechat", "a")


class TestAddresses:
    def test_reads_as_analytics_expect_it(self) -> None:
        made = campaign_address(PAGE, row(campaign="秋季活动", content="banner"), CHANNELS["wechat"])
        assert made == (
            f"{PAGE}?utm_source=wechat&utm_medium=social&utm_campaign=%E7%A7%8B%E5%AD%A3%E6%B4%BB%E5%8A%A8&utm_content=banner"
        )
        other = Channel(name={"": "x"}, medium="cpc", source="baidu.com")
        assert "utm_source=baidu.com&utm_medium=cpc" in campaign_address(PAGE, row(), other)

    def test_a_channel_that_has_gone_from_the_settings_still_leads_there(self) -> None:
        assert campaign_address(PAGE, row(channel="old"), None) == f"{PAGE}?utm_source=old&utm_campaign=2026-q4"

    @settings(deadline=None)
    @given(*[st.text(st.characters(exclude_categories=["Cs"]), max_size=100)] * 3)
    def test_no_value_breaks_out_and_each_comes_back(self, campaign, content, term) -> None:
        """Not even names that the lint refuses could do harm here."""
        values = TrackedLink(channel="wechat", campaign=campaign, content=content, term=term)
        made = campaign_address(PAGE, values, CHANNELS["wechat"])
        assert re.fullmatch(r"[\x21-\x7e]+", made)
        assert not set(made) & set("\"'<>\\ ")
        parts = urlsplit(made)
        assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "www.example.cn", "/zh/cost/", "")
        wanted = {"utm_source": "wechat", "utm_medium": "social", "utm_campaign": campaign, "utm_content": content}
        wanted = {name: value for name, value in (wanted | {"utm_term": term}).items() if value}
        assert parse_qsl(parts.query, keep_blank_values=True) == list(wanted.items())

    def test_what_advertising_systems_hang_on_comes_along(self) -> None:
        url = link().url
        assert with_passed(url, [("gclid", "Cj0K-_x"), ("bd_vid", "123"), ("utm_term", "点检 系统")]).endswith(
            "&gclid=Cj0K-_x&bd_vid=123&utm_term=%E7%82%B9%E6%A3%80%20%E7%B3%BB%E7%BB%9F"
        )

    @pytest.mark.parametrize(
        "pair",
        [
            ("utm_source", "evil"), ("utm_campaign", "other"), ("", "x"), ("a b", "x"), ("a\r\nSet-Cookie", "x"), ("x", ""),
            ("gclid", "a\r\nLocation: https://evil.example"), ("email", "zhang@example.cn"), ("gclid", "x" * 201), ("名", "x"),
        ],
    )  # fmt: skip
    def test_what_does_not_belong_stays_behind(self, pair) -> None:
        assert with_passed(link().url, [pair]) == link().url

    @settings(deadline=None)
    @given(
        st.lists(
            st.tuples(st.text(max_size=50), st.text(st.characters(exclude_categories=["Cs"]), max_size=220)),
            max_size=30,
        )
    )
    def test_whatever_comes_the_address_stays_ours(self, pairs) -> None:
        url = link().url
        made = with_passed(url, pairs)
        assert made.startswith(url)
        assert len(made) <= 2000
        assert re.fullmatch(r"[\x21-\x7e]+", made)
        names = [name for name, _value in parse_qsl(urlsplit(made).query)]
        assert len(names) == len(set(names)) <= 13

    def test_only_so_much_comes_along(self) -> None:
        many = with_passed(link().url, [(f"p{number}", "x") for number in range(50)])
        assert len(parse_qsl(urlsplit(many).query)) == 13
        assert len(with_passed(link().url, [(f"p{number}", "点" * 200) for number in range(10)])) <= 2000

    def test_codes_can_be_read_aloud(self) -> None:
        codes = {new_code() for _time in range(200)}
        assert len(codes) == 200
        assert not set("".join(codes)) & set("01ilouae")
        assert read_code("BCDFGHJ") == "bcdfghj"
        for wrong in (
            "",
            "bcdfgh",
            "bcdfghjk",
            "bcdfgh1",
            "bcdfgh\n",
            "bcdfghj\n",
            "../../x",
            "字字字字字字字",
            "x" * 9999,
        ):
            assert read_code(wrong) is None


class TestWeCom:
    @settings(deadline=None)
    @given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}", fullmatch=True), KEYS, CODES)
    def test_a_state_says_what_it_was_made_of(self, asset_id, channel, code) -> None:
        state = state_of(asset_id, channel, code)
        assert len(state) <= MOST_STATE
        assert state.isascii()
        parts = read_state(state)
        assert parts.code == code
        assert asset_id.startswith(parts.asset)
        assert channel.startswith(parts.channel)
        assert dict(parse_qsl(urlsplit(wecom_address(ACQUISITION, state)).query)) == {"customer_channel": state}

    @settings(deadline=None)
    @given(st.text(max_size=40))
    def test_what_is_no_state_of_ours_is_none(self, text) -> None:
        parts = read_state(text)
        assert parts is None or state_of(*parts) == text

    def test_each_kind_of_address_gets_its_parameter(self) -> None:
        assert wecom_address(ACQUISITION, "s") == f"{ACQUISITION}?customer_channel=s"
        assert wecom_address(SERVICE, "s") == f"{SERVICE}&scene_param=s"
        assert wecom_target("") == wecom_problem("") == ""

    def test_an_address_that_carries_a_state_already_gets_ours(self) -> None:
        target = wecom_target(f" {ACQUISITION}/?comp_scene=ENC%2Fx&customer_channel=other#x ")
        assert target == f"{ACQUISITION}?comp_scene=ENC%2Fx"
        assert wecom_target(wecom_address(target, "s")) == target

    @pytest.mark.parametrize(
        "address",
        [
            "http://work.weixin.qq.com/ca/x", "https://work.weixin.qq.com.evil.example/ca/x", "https://evil.example/ca/x",
            "https://work.weixin.qq.com@evil.example/ca/x", "https://a@work.weixin.qq.com/ca/x", "work.weixin.qq.com/ca/x",
            "https://work.weixin.qq.com:8443/ca/x", "https://work.weixin.qq.com/ca/", "https://work.weixin.qq.com/ca/../x",
            "https://work.weixin.qq.com/gm/x", "javascript:alert(1)", "https://work.weixin.qq.com/ca/x?a=<b>", "https://[/ca/x",
            "https://work.weixin.qq.com/ca/x?a=b c", "https://work.weixin.qq.com/ca/微信", f"{ACQUISITION}?a={'b' * 400}",
        ],
    )  # fmt: skip
    def test_only_wecoms_own_links(self, address) -> None:
        assert wecom_problem(address)

    def test_a_service_link_without_a_scene_would_lose_the_state(self) -> None:
        assert "scene" in wecom_problem(SERVICE.partition("?")[0])
        assert wecom_problem(SERVICE) == ""


class TestCodes:
    @pytest.mark.parametrize(
        "text", ["https://www.example.cn/s/bcdfghj", wecom_address(SERVICE, "aaaaaaaa.wecom.bcdfghj")]
    )
    def test_png_shows_the_code_large_enough_with_its_quiet_zone(self, text) -> None:
        content = png(text)
        assert content == png(text)
        picture = Image.open(io.BytesIO(content)).convert("L")
        expected = segno.make_qr(text, error="m", boost_error=False)
        matrix = [list(line) for line in expected.matrix_iter(border=QUIET_ZONE)]
        scale = picture.width // len(matrix)
        assert picture.width == picture.height == scale * len(matrix) >= PNG_PIXELS >= 300
        shown = [
            [int(picture.getpixel((x * scale + scale // 2, y * scale + scale // 2)) < 128) for x in range(len(matrix))]
            for y in range(len(matrix))
        ]
        assert shown == matrix
        assert not any(any(line) for line in matrix[:QUIET_ZONE])
        assert expected.error == "M"

    @pytest.mark.parametrize(
        "title", ["保养成本怎样算", "</title><script>alert(1)</script>", 'a & "b"', "a\x00\x0b\ufffeb\nc", ""]
    )
    def test_svg_is_xml_whatever_the_title(self, title) -> None:
        text = svg("https://www.example.cn/s/bcdfghj", title)
        assert text == svg("https://www.example.cn/s/bcdfghj", title)
        assert text.startswith("<svg ")
        root = ET.fromstring(text)
        space = {"s": "http://www.w3.org/2000/svg"}
        shown = root.findtext("s:title", "", space)
        assert shown == re.sub(r"[\x00\x0b\ufffe]", "", title).replace("\n", " ")
        assert root.find(".//s:script", space) is None
        assert root.get("width").endswith("mm")
        assert root.find("s:path[@fill='#fff']", space) is not None  # the quiet zone, also on a dark page

    def test_files_are_named_after_what_they_are(self) -> None:
        links = [link(), link(language="en"), link(content="hero", code="bcdfghk"), link(campaign="秋季")]
        assert file_stems(links, "zh-CN") == [
            "cost-wechat-2026-q4", "cost-en-wechat-2026-q4", "cost-wechat-2026-q4-hero-bcdfghk", "cost-wechat-秋季",
        ]  # fmt: skip

    def test_no_two_links_share_a_file_and_no_name_is_too_long(self) -> None:
        links = [
            link(), link(code="bcdfghk", target=ACQUISITION), link(slug="x", channel="wechat", campaign="site-a", code="bcdfghm"),
            link(slug="x-wechat", channel="site", campaign="a", code="bcdfghn"),
            *(link(slug="s" * 80, campaign="长" * 100, content="版" * 100, term=term, code=code) for term, code in
              (("一", "bcdfghp"), ("二", "bcdfghq"))),
        ]  # fmt: skip
        stems = file_stems(links, "zh-CN")
        assert len({stem.casefold() for stem in stems}) == len(links)
        assert all(len(f".{stem}.png.1234567".encode()) <= 255 for stem in stems)
        assert all(re.fullmatch(r"[\w-]+", stem) for stem in stems)


HEADER = "slug,channel,campaign,content,term,wecom\n"


class TestSheet:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_any_usual_file_in_both_languages(self, encoding, separator) -> None:
        text = "渠道,内容,活动,关键词,版本,备注\n微信公众号,zh-CN/cost,秋季活动,点检,首图,给王五\n\n,,,,,\nzhihu,/zh/spare/,q4,,,\n"
        rows = read_rows(text.replace(",", separator).encode(encoding), "活动.csv", "https://www.example.cn")
        assert [(row.number, row.wanted) for row in rows] == [
            (2, Wanted("zh-CN/cost", "微信公众号", "秋季活动", "首图", "点检")), (5, Wanted("/zh/spare/", "zhihu", "q4")),
        ]  # fmt: skip

    def test_a_workbook_and_what_excel_does_to_cells(self) -> None:
        import xlsxwriter

        out = io.BytesIO()
        with xlsxwriter.Workbook(out) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["我们的秋季活动"])
            sheet.write_row(1, 0, ["内容", "渠道", "活动"])
            sheet.write_row(2, 0, ["https://www.example.cn/zh/cost/", "wechat", 2026])
            sheet.write_row(3, 0, ["cost", "wechat"])
            sheet.write_datetime(3, 2, date(2026, 11, 1), book.add_format({"num_format": "yyyy-mm"}))
        rows = read_rows(out.getvalue(), "a.xlsx", "https://www.example.cn")
        assert rows[0].wanted == Wanted("/zh/cost/", "wechat", "2026")
        assert "format the column as text" in rows[1].problems[0].message

    @pytest.mark.parametrize(
        "content", [b"", b"a,b\n1,2\n", HEADER.encode(), b"\x00\x01", "标题\n".encode(), b"\xff\xfe"]
    )
    def test_what_is_no_sheet_of_links_is_said(self, content) -> None:
        with pytest.raises(InvalidInput, match=r"a\.csv"):
            read_rows(content, "a.csv", "")

    def test_the_sheet_of_links_opens_well_and_comes_back(self) -> None:
        links = [link(title="=HYPERLINK(1)", content="hero"), link(target=ACQUISITION, campaign="秋季", code="bcdfghk")]
        content = link_sheet(links, file_stems(links, "zh-CN"))
        assert content.startswith(b'\xef\xbb\xbf"slug",')
        cells = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert cells[0]["title"] == "'=HYPERLINK(1)"
        assert cells[0]["png"] == "cost-wechat-2026-q4-hero-bcdfghj.png"
        assert all(formula_safe(formula_unsafe(cell)) == cell for line in cells for cell in line.values())
        again = [checked(row.wanted, CHANNELS) for row in read_rows(content, "links.csv", "")]
        assert again == [
            Wanted("zh-CN/cost", "wechat", "2026-q4", "hero"), Wanted("zh-CN/cost", "wechat", "秋季", wecom=ACQUISITION),
        ]  # fmt: skip


class TestDesk:
    def test_the_same_names_give_the_same_link(self, stocked_anywhere, clock) -> None:
        links = stocked_anywhere.pages.links
        first = links.make("zh-CN/cost", "wechat", "2026-q4", by="张三一")
        clock.forward(days=3)
        assert links.make("/zh/cost/", "微信公众号", " 2026-q4 ", by="李四光年") == first
        assert (
            first.url
            == f"{stocked_anywhere.settings.public_url}/zh/cost/?utm_source=wechat&utm_medium=social&utm_campaign=2026-q4"
        )
        assert first.short_url == f"{stocked_anywhere.settings.public_url}/s/{first.code}" == first.encoded
        others = [
            links.make("en/cost", "wechat", "2026-q4", by="x"), links.make("zh-CN/cost", "zhihu", "2026-q4", by="x"),
            links.make("zh-CN/cost", "wechat", "2026-q4", content="a", by="x"),
            links.make("zh-CN/cost", "wechat", "2026-q4", term="点检", by="x"),
            links.make("zh-CN/cost", "wechat", "2026-q4", wecom=ACQUISITION, by="x"),
        ]  # fmt: skip
        assert len({made.code for made in [first, *others]}) == 6
        assert links.all()[0] == first
        assert set(links.of("zh-CN/cost")) == {first, *others[1:]}
        assert links.of("spare") == []

    def test_a_code_leads_on_for_ever(self, stocked_anywhere) -> None:
        links = stocked_anywhere.pages.links
        made = links.make("spare", "wechat", "q4", by="x")
        assert links.open(made.code.upper(), [("gclid", "1")]) == f"{made.url}&gclid=1&via={made.code}"
        for wrong in ("", "bcdfghj", "x" * 5000, "' OR 1=1 --", "\x00", "字"):
            assert links.open(wrong) is None
        with stocked_anywhere.store.write() as session:
            session.exec(delete(Asset).where(Asset.slug == "spare"))
        assert links.open(made.code) is None
        assert links.all() == []

    def test_wecom_codes_carry_a_state_that_finds_them_again(self, stocked_anywhere) -> None:
        links = stocked_anywhere.pages.links
        made = links.make("spare", "wecom", "q4", wecom=f"{ACQUISITION}?customer_channel=old", by="x")
        assert made.encoded == made.wecom == made.url == f"{ACQUISITION}?customer_channel={made.state}"
        assert links.open(made.code, [("gclid", "1")]) == made.wecom
        assert links.by_state(made.state) == made
        assert read_state(made.state) == (stocked_anywhere.assets.get("spare").id[:8], "wecom", made.code)
        for wrong in ("", "x", made.state[:-1], made.state + "x", "\x00"):
            assert links.by_state(wrong) is None

    def test_wrong_words_make_nothing(self, stocked) -> None:
        links = stocked.pages.links
        for error, call in (
            (NotFound, ("spar", "wechat", "q4")), (Conflict, ("cost", "wechat", "q4")), (InvalidArgument, ("spare", "x", "Q 4")),
        ):  # fmt: skip
            with pytest.raises(error):
                links.make(*call, by="x")
        assert links.all() == []

    def test_a_code_that_is_taken_is_not_given_again(self, stocked, monkeypatch) -> None:
        codes = iter(["bcdfghj", "bcdfghj", "bcdfghj", "bcdfghk"])
        monkeypatch.setattr(desk_module, "new_code", lambda: next(codes))
        links = stocked.pages.links
        assert links.make("spare", "wechat", "a", by="x").code == "bcdfghj"
        assert links.make("spare", "wechat", "b", by="x").code == "bcdfghk"

    def test_the_same_from_several_sides_at_once(self, stocked_anywhere, at_once) -> None:
        made = at_once(4, lambda: stocked_anywhere.pages.links.make("spare", "wechat", "q4", by="x"))
        assert len({link.code for link in made}) == 1
        assert len(stocked_anywhere.pages.links.all()) == 1

    def test_a_campaign_at_once(self, stocked_anywhere) -> None:
        sheet = f"内容,渠道,活动,版本,企微链接\nzh-CN/cost,微信公众号,秋季,首图,\nspare,wecom,秋季,,{ACQUISITION}\nen/cost,linkedin,q4,,\n"
        made = stocked_anywhere.pages.links.make_all(sheet.encode("gb18030"), by="张三一")
        assert [(link.slug, link.language, link.channel) for link in made] == [
            ("cost", "zh-CN", "wechat"), ("spare", "zh-CN", "wecom"), ("cost", "en", "linkedin"),
        ]  # fmt: skip
        assert stocked_anywhere.pages.links.make_all(sheet.encode(), by="李四光年", name="a.csv") == made
        assert {link.by for link in made} == {"张三一"}

    def test_one_wrong_row_and_nothing_is_made(self, stocked) -> None:
        sheet = (
            HEADER + "spare,wechat,q4,,,\nspar,wechatt,Q 4,,,\ncost,wechat,q4,,,\n"
            'spare,wechat,q4,"a\nb",,https://evil.example/\nzh-CN/spare,微信公众号,q4,,,\n,zhihu,q4,,,\n'
        )
        with pytest.raises(InvalidInput) as caught:
            stocked.pages.links.make_all(sheet.encode(), by="x", name="活动.csv")
        found = [(problem.line, problem.message.split(":")[0]) for problem in caught.value.problems]
        assert {problem.where for problem in caught.value.problems} == {"活动.csv"}
        assert found == [
            (3, "slug"), (3, "channel"), (3, "campaign"), (4, "slug"), (5, "content"), (5, "wecom"), (7, "row"), (8, "slug"),
        ]  # fmt: skip
        assert "row 2" in caught.value.problems[6].message
        with stocked.store.read() as session:
            assert session.exec(select(TrackedLink)).all() == []

    def test_what_is_worth_a_look(self, stocked) -> None:
        write_content(stocked, "qa/idea.md", "---\ntitle: 想法\ncontentops: {state: idea}\n---\n正文\n")
        stocked.assets.sync()
        links = stocked.pages.links
        made = [links.make("idea", "wechat", name, by="x") for name in ("autumn-26", "autumn_26", "秋")]
        made.append(links.make("idea", "wecom", "冬", wecom=ACQUISITION, by="x"))
        found = [(problem.where, problem.message) for problem in links.notices(made)]
        assert [where for where, _message in found] == ["name", "campaign", "campaign", "zh-CN/idea", "public_url"]
        assert "'秋'" in found[0][1]
        assert "'autumn-26' looks like 'autumn_26'" in found[1][1]


class TestStaticPages:
    def test_a_page_leads_on_without_a_script(self) -> None:
        made = link(title='</title><script>alert("1")</script>', campaign="秋季", content="a")
        pages = short_pages([made, link(language="en", code="bcdfghk", target=ACQUISITION)])
        assert list(pages) == ["s/bcdfghj/index.html", "s/bcdfghk/index.html"]
        text = pages["s/bcdfghj/index.html"].decode()
        escaped = made.url.replace("&", "&amp;")
        assert f'<meta http-equiv="refresh" content="0; url={escaped}">' in text
        assert f'<a href="{escaped}">继续前往</a>' in text
        assert '<link rel="canonical" href="https://www.example.cn/zh/cost/">' in text
        assert '<meta name="robots" content="noindex">' in text
        assert "<script" not in text
        english = pages["s/bcdfghk/index.html"].decode()
        assert '<html lang="en">' in english
        assert f'<a href="{ACQUISITION}?customer_channel=' in english
