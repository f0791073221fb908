"""Addresses and numbers people really type; forms checked strictly."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.errors import SubmissionInvalid
from contentops.leads.identity.keys import NotAContact, read_email, read_phone
from contentops.leads.intake.submission import check, kept_values
from contentops.pages.gate import LIMITS, GateForm

GATE = GateForm()
GOOD = {"name": "张三", "company": "示例公司", "email": "zhang@example.cn", "consent_delivery": "yes"}


def errors_of(pairs, gate: GateForm = GATE) -> dict[str, str]:
    with pytest.raises(SubmissionInvalid) as caught:
        check(list(pairs), gate, "CN")
    return caught.value.codes


class TestPhone:
    @pytest.mark.parametrize(
        "text",
        [
            "13800138000",
            "+86 138-0013-8000",
            "008613800138000",
            "86 138 0013 8000",
            "１３８００１３８０００",
            " (138) 0013 8000 ",
            "tel:+8613800138000",
        ],
    )
    def test_ten_spellings_are_one_number(self, text) -> None:
        assert read_phone(text, "CN").key == "tel:+8613800138000"

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("010-6552 9988", "tel:+861065529988"),
            ("400-820-8820", "tel:+864008208820"),
            ("010-65529988 分机 12", "tel:+861065529988;ext=12"),
            ("010-65529988转12", "tel:+861065529988;ext=12"),
            ("+852 2345 6789", "tel:+85223456789"),
            ("+1 650-253-0000", "tel:+16502530000"),
        ],
    )
    def test_other_numbers(self, text, key) -> None:
        assert read_phone(text, "CN").key == key

    @pytest.mark.parametrize("text", ["12345", "abc", "+", "0", "1380013800x0", "9" * 40, "=1+1", "'"])
    def test_nonsense_is_refused(self, text) -> None:
        with pytest.raises(NotAContact):
            read_phone(text, "CN")


class TestEmail:
    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("A@EXAMPLE.com", "mail:a@example.com"),
            ("  zhang.san+tag@example.cn ", "mail:zhang.san+tag@example.cn"),
            ("ａ＠example.com", "mail:a@example.com"),
            ("x@例子.公司", "mail:x@xn--fsqu00a.xn--55qx5d"),
        ],
    )
    def test_key(self, text, key) -> None:
        assert read_email(text).key == key

    @pytest.mark.parametrize(
        ("text", "code"),
        [("nonsense", "invalid"), ("a@b", "invalid"), ("a@example.com\nBcc: x@example.com", "invalid"), ("a,b@example.com", "invalid"),
         ("аdmin@example.com", "ascii"), ("张三@example.com", "ascii"), ("x" * 65 + "@example.com", "invalid"), ("<a@example.com>", "invalid")],
    )  # fmt: skip
    def test_refused(self, text, code) -> None:
        with pytest.raises(NotAContact) as caught:
            read_email(text)
        assert caught.value.code == code

    @pytest.mark.corpora
    def test_syntax_vectors_of_the_library(self, corpora) -> None:
        """Valid ASCII addresses of email-validator's own test file go in, invalid ones do not."""
        source = corpora / "vectors" / "email-validator" / "tests" / "test_syntax.py"
        source = source if source.is_file() else next((corpora / "vectors" / "email-validator").rglob("test_syntax.py"))
        invalid = set()
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "test_email_invalid_syntax":
                for item in ast.walk(node.decorator_list[0]):
                    if isinstance(item, ast.Tuple) and isinstance(item.elts[0], ast.Constant):
                        invalid.add(item.elts[0].value)
        assert len(invalid) > 20
        for address in invalid:
            # We strip outer blanks and fold widths before checking, as people paste them.
            if address == address.strip() and address.isascii():
                with pytest.raises(NotAContact):
                    read_email(address)


class TestForm:
    def test_good_form(self) -> None:
        form = check({**GOOD, "consent_marketing": "yes", "utm_source": "wechat"}.items(), GATE, "CN")
        assert (form.name, form.email.key, form.phone) == ("张三", "mail:zhang@example.cn", None)
        assert form.granted == {"delivery": True, "marketing": True}
        assert form.tracked["utm_source"] == "wechat"

    @pytest.mark.parametrize(
        "name",
        [
            "张三",
            "龘䶮𠮷",
            "O'Brien",
            "Nguyễn Văn",
            "أحمد",
            "👩‍🔧 工程师",
            "Null",
            "-Dash",
            "50% + tax",
            "=cmd",
            "  Ann  ",
        ],
    )
    def test_strange_but_real_names_stay(self, name) -> None:
        assert check({**GOOD, "name": name}.items(), GATE, "CN").name == name.strip()

    def test_all_problems_at_once(self) -> None:
        assert errors_of({"name": " \u3000", "email": "x", "phone": "1", "company": "x" * 201}.items()) == {
            "name": "required", "email": "invalid", "phone": "invalid", "company": "too_long", "consent_delivery": "consent",
        }  # fmt: skip

    def test_one_contact_is_enough_and_one_is_needed(self) -> None:
        assert errors_of({**GOOD, "email": ""}.items()) == {"email": "contact"}
        assert (
            check({**GOOD, "email": "", "phone": "13800138000"}.items(), GATE, "CN").points[0].key
            == "tel:+8613800138000"
        )
        assert errors_of({**GOOD, "phone": "12"}.items()) == {"phone": "invalid"}  # told, not silently dropped

    @pytest.mark.parametrize("value", ["", "0", "no", "on", "true", "yes\0", "YES"])
    def test_only_the_boxs_own_value_is_consent(self, value) -> None:
        assert errors_of({**GOOD, "consent_delivery": value}.items()) == {"consent_delivery": "consent"}

    def test_known_field_twice_is_refused_unknown_ones_are_ignored(self) -> None:
        assert errors_of([*GOOD.items(), ("name", "b")]) == {"name": "twice"}
        assert errors_of([*GOOD.items(), ("consent_delivery", "yes")]) == {"consent_delivery": "twice"}
        pairs = [
            *GOOD.items(),
            ("id", "1"),
            ("created_at", "x"),
            ("lead_id", "x"),
            ("role", "admin"),
            ("utm_source", "a"),
            ("utm_source", "b"),
        ]
        assert check(pairs, GATE, "CN").tracked["utm_source"] == "a"

    @pytest.mark.parametrize("char", ["\0", "\x1b", "\x85", "\ud800", "\ufffe", "\u202e", "\u2028"])
    def test_forbidden_characters(self, char) -> None:
        assert errors_of({**GOOD, "name": f"a{char}b"}.items()) == {"name": "characters"}
        assert check({**GOOD, "utm_source": f"a{char}b"}.items(), GATE, "CN").tracked["utm_source"] == "ab"

    @pytest.mark.parametrize("blank", ["", " ", "\u3000", "\u200b", "\u200d\u200b", "\u2060", "\t"])
    def test_blank_by_any_blank_is_required(self, blank) -> None:
        assert errors_of({**GOOD, "name": blank}.items())["name"] in ("required", "characters")

    def test_limits_are_exact(self) -> None:
        for length, right in ((LIMITS["name"] - 1, True), (LIMITS["name"], True), (LIMITS["name"] + 1, False)):
            values = {**GOOD, "name": "字" * length}
            assert (
                (errors_of(values.items()) == {"name": "too_long"}) if not right else check(values.items(), GATE, "CN")
            )

    def test_machine_is_known_by_the_hidden_field(self) -> None:
        assert check({**GOOD, "website_url_confirm": "http://spam.example"}.items(), GATE, "CN").is_machine

    def test_campaign_values_are_cleaned_and_never_a_reason_to_refuse(self) -> None:
        form = check(
            {
                **GOOD,
                "utm_source": "x" * 5000,
                "utm_content": "jane@example.com",
                "referrer_host": "evil.example/<script>",
            }.items(),
            GATE,
            "CN",
        )
        assert len(form.tracked["utm_source"]) == 200
        assert "utm_content" not in form.tracked
        assert "referrer_host" not in form.tracked
        kept = kept_values([("referrer_host", "www.zhihu.com"), ("name", "x" * 900)], GATE)
        assert kept[2]["referrer_host"] == "www.zhihu.com"
        assert len(kept[0]["name"]) == 500

    @given(
        st.lists(
            st.tuples(st.sampled_from([*GOOD, "phone", "website_url_confirm", "utm_term", "x"]), st.text(max_size=60)),
            max_size=12,
        )
    )
    def test_any_form_is_right_or_refused(self, pairs) -> None:
        try:
            form = check(pairs, GATE, "CN")
        except SubmissionInvalid as error:
            assert error.codes
        else:
            assert form.is_machine or (form.name and form.points)
