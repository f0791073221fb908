"""One person under many spellings is one key; different people stay different keys (C15, C16)."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contentops.leads.identity.keys import (
    ContactPoint,
    NotAContact,
    kind_of,
    limit_key,
    read_email,
    read_phone,
    read_wecom,
)

MOBILE = [
    "13800138000", "１３８００１３８０００", "+86 138-0013-8000", "+8613800138000", "008613800138000", "0086 138 0013 8000",
    "86-13800138000", "86 138 0013 8000", "8613800138000", "（86）13800138000", "(+86) 138 0013 8000", "（＋86）138 0013 8000",
    " (138) 0013 8000 ", "138.0013.8000", "138—0013—8000", "138–0013–8000", "138－0013－8000", "138/0013/8000", "1 3 8 0 0 1 3 8 0 0 0",
    "tel:+8613800138000", "TEL: 138 0013 8000", "\u202d138 0013 8000\u202c", "\u200b13800138000\ufeff", "　１３８　００１３　８０００　",
    "013800138000",
]  # fmt: skip
LANDLINE = [
    "010-6552 9988", "(010) 65529988", "（010）6552-9988", "+86 10 6552 9988", "+86 010 6552 9988", "+86 (0)10 6552 9988", "0086-10-65529988",
    "86 10-6552 9988", "8610-65529988", "０１０－６５５２９９８８", "tel:+86-10-6552-9988", "010.6552.9988",
]  # fmt: skip
EXTENSION = [
    "010-65529988 分机 8012", "010-65529988分机8012", "010-65529988 分机号：8012", "010-65529988转8012", "010-65529988 转分机 8012",
    "010-65529988 ext 8012", "010-65529988 Ext.8012", "010-65529988 EXT: 8012", "010-65529988 extension 8012", "010-65529988x8012",
    "010-65529988#8012", "010-65529988-8012", "010-65529988（分机8012）", "010-65529988 (ext 8012)", "+861065529988;ext=8012",
    "010-65529988,8012", "０１０－６５５２９９８８转８０１２", "tel:+86-10-65529988;ext=8012", "010-65529988—8012",
]  # fmt: skip


class TestPhone:
    @pytest.mark.parametrize(
        ("spellings", "key"),
        [
            (MOBILE, "tel:+8613800138000"),
            (LANDLINE, "tel:+861065529988"),
            (EXTENSION, "tel:+861065529988;ext=8012"),
            (["400-820-8820", "4008208820", "+86 400 820 8820", "400 8208 820", "４００－８２０－８８２０"], "tel:+864008208820"),
            (["400-820-8820转3", "400-820-8820-3", "4008208820#3"], "tel:+864008208820;ext=3"),
            (["800-820-8820", "8008208820"], "tel:+868008208820"),
            (["+852 2345 6789", "00852-23456789", "852 2345 6789", "(852) 2345 6789"], "tel:+85223456789"),
            (["+853 6612 3456", "00853 66123456", "853-6612-3456"], "tel:+85366123456"),
            (["+886 912 345 678", "+886 0912-345-678", "886-912-345-678"], "tel:+886912345678"),
            (["+1 650-253-0000", "001 (650) 253-0000"], "tel:+16502530000"),
            (["+1 650-253-0000 x12", "+1 (650) 253-0000 ext. 12"], "tel:+16502530000;ext=12"),
            (["+49 30 901820", "0049 (0)30 901820"], "tel:+4930901820"),
        ],
    )  # fmt: skip
    @pytest.mark.row("C16")
    def test_c16_all_spellings_of_a_number_are_one_key(self, spellings, key) -> None:
        assert {text: read_phone(text, "CN").key for text in spellings} == dict.fromkeys(spellings, key)

    def test_c16_extensions_are_different_people(self) -> None:
        keys = {read_phone(f"010-65529988{end}", "CN").key for end in ("", "转1", "转01", "转2")}
        assert len(keys) == 4

    def test_region_is_what_the_settings_say(self) -> None:
        assert read_phone("650-253-0000", "US").key == "tel:+16502530000"
        assert read_phone("13800138000", "CN").key != "tel:+113800138000"
        with pytest.raises(NotAContact):
            read_phone("13800138000", "US")

    @pytest.mark.parametrize(
        "text",
        [
            "", " ", "12345", "12306", "95555", "abc", "+", "0", "+86", "9" * 40, "=1+1", "'", "65529988", "1380013800", "138001380001",
            "1380013800x0", "138-0013-8000-1", "13800138000 13900139000", "13800138000/13900139000", "1-800-FLOWERS", "abc13800138000",
            "13800138000abc", "tel:", "分机12", "010-65529988 分机", "13800138000\n13900139000", "张三", "١٣٨", "+8613800138000;ext=", "+999 123456",
            "852 1", "13800138000;phone-context=+86", "((((((", "+++86 13800138000", "1" * 5000,
        ],
    )  # fmt: skip
    @pytest.mark.row("C16")
    def test_c16_what_is_no_number_is_refused(self, text) -> None:
        with pytest.raises(NotAContact) as caught:
            read_phone(text, "CN")
        assert caught.value.code == "invalid"

    @given(
        st.text(max_size=40) | st.text("+0123456789 -()转xet#;=分机,./", max_size=30),
        st.sampled_from(["CN", "US", "HK"]),
    )
    def test_c16_any_text_is_a_number_or_refused(self, text, region) -> None:
        try:
            point = read_phone(text, region)
        except NotAContact:
            return
        assert re.fullmatch(r"\+\d{5,15}(;ext=\d{1,7})?", point.shown)
        assert len(point.shown) <= 60  # as long as the column
        assert read_phone(point.shown, region) == point  # what is shown reads as itself

    @given(
        st.sampled_from(["13", "15", "18", "19"]),
        st.integers(0, 10**9 - 1),
        st.lists(st.sampled_from(["", "", " ", "-", ".", "\u3000", "—"]), min_size=10, max_size=10),
        st.sampled_from(["", "+86", "0086", "86 ", "86-", "(+86)", "（＋８６）", "+86 ", "tel:+86"]),
        st.booleans(),
        st.sampled_from([("", ""), ("转", "12"), (" 分机 ", "7"), (" ext. ", "8012"), ("#", "001"), (" x", "5")]),
    )
    def test_c16_any_grouping_of_a_valid_number_is_the_same_key(self, first, rest, gaps, prefix, wide, ext) -> None:
        number = f"{first}{rest:09}"
        try:
            plain = read_phone(number, "CN")
        except NotAContact:
            assume(False)
        text = (
            prefix
            + number[0]
            + "".join(gap + digit for gap, digit in zip(gaps, number[1:], strict=True))
            + "".join(ext)
        )
        if wide:
            text = text.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
        assert read_phone(text, "CN").key == plain.key + (f";ext={ext[1]}" if ext[1] else "")


class TestEmail:
    @pytest.mark.parametrize(
        ("spellings", "key"),
        [
            (["a@example.com", "A@EXAMPLE.com", " a@Example.Com\n", "ａ＠example.com", "a@ＥＸＡＭＰＬＥ．com", "a@example。com", "\u200ba@example.com\ufeff"], "mail:a@example.com"),
            (["x@例子.公司", "X@xn--fsqu00a.xn--55qx5d", "x@例子。公司"], "mail:x@xn--fsqu00a.xn--55qx5d"),
            (["zhang.san+tag@example.cn", "Zhang.San+TAG@example.cn"], "mail:zhang.san+tag@example.cn"),
            (["a@bücher.example.com", "a@BÜCHER.example.com", "a@xn--bcher-kva.example.com"], "mail:a@xn--bcher-kva.example.com"),
        ],
    )  # fmt: skip
    @pytest.mark.row("C15")
    def test_c15_all_spellings_of_an_address_are_one_key(self, spellings, key) -> None:
        assert {text: read_email(text).key for text in spellings} == dict.fromkeys(spellings, key)

    def test_c15_tags_and_dots_may_be_different_people(self) -> None:
        texts = ["zhangsan@example.cn", "zhang.san@example.cn", "zhangsan+a@example.cn", "zhangsan+b@example.cn"]
        assert len({read_email(text).key for text in texts}) == 4

    @pytest.mark.row("C15")
    def test_c15_a_letter_that_only_looks_the_same_is_no_address(self) -> None:
        with pytest.raises(NotAContact) as caught:
            read_email("а@example.com")  # Cyrillic
        assert caught.value.code == "ascii"
        assert read_email("a@exаmple.com").key != read_email("a@example.com").key  # Cyrillic in the domain

    @given(st.text(max_size=30) | st.emails())
    def test_c15_key_is_stable(self, text) -> None:
        try:
            point = read_email(text)
        except NotAContact:
            return
        assert point.key == point.key.lower()
        assert point.key.isascii()
        assert len(point.key) <= 300
        assert read_email(point.key.removeprefix("mail:")).key == point.key


class TestWecom:
    def test_id_is_kept_as_it_is(self) -> None:
        assert read_wecom(" wmExAmPLe_-000001 ") == ContactPoint("wmExAmPLe_-000001", "wecom:wmExAmPLe_-000001")
        assert read_wecom("wmEXAMPLE00001").key != read_wecom("wmexample00001").key

    @pytest.mark.parametrize(
        "text",
        ["", "short", "x" * 65, "wm EXAMPLE 00001", "wm/EXAMPLE/00001", "企业微信用户编号一二三四", "a@example.com"],
    )
    def test_what_is_none_is_refused(self, text) -> None:
        with pytest.raises(NotAContact):
            read_wecom(text)


@pytest.mark.parametrize(
    ("key", "common"),
    [
        ("mail:li+a@example.cn", "mail:li@example.cn"),
        ("mail:li.ming@example.cn", "mail:li.ming@example.cn"),
        ("mail:+a@example.cn", "mail:+a@example.cn"),
        ("mail:l.i+x@gmail.com", "mail:li@gmail.com"),
        ("mail:li@googlemail.com", "mail:li@gmail.com"),
        ("tel:+861065529988;ext=12", "tel:+861065529988"),
        ("tel:+8613800138000", "tel:+8613800138000"),
        ("wecom:wmEXAMPLE00001", "wecom:wmEXAMPLE00001"),
    ],
)
def test_what_a_cap_counts_together(key, common) -> None:
    assert limit_key(key) == common
    assert limit_key(common) == common
    assert kind_of(common) == kind_of(key)
