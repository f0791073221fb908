"""How a visitor came travels from page to page without cookies, and what came first stays."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from contentops.web.visits import has_form, visit_of, with_visit

OWN = frozenset({"https://www.example.com"})
FORM = '<form><input type="hidden" name="notice" value="abc"></form>'


def asked(path: str = "/zh/weissbuch/", referer: str = "", **query: str) -> Request:
    headers = [(b"referer", referer.encode())] if referer else []
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers, "server": ("x", 80), "scheme": "http"}
    return Request({**scope, "query_string": urlencode(query).encode()})


class TestVisit:
    def test_nothing_to_tell_is_nothing_to_carry(self) -> None:
        assert visit_of(asked(), OWN) == {}
        assert visit_of(asked(referer="https://www.example.com/zh/"), OWN) == {}

    def test_campaign_click_id_code_and_site_are_kept_with_the_first_page(self) -> None:
        visit = visit_of(
            asked(referer="https://www.zhihu.com/question/1", utm_campaign="秋季", bd_vid="9f", via="b7k"), OWN
        )
        assert visit == {
            "utm_campaign": "秋季", "bd_vid": "9f", "via": "b7k", "referrer_host": "www.zhihu.com",
            "landing": "/zh/weissbuch/",
        }  # fmt: skip

    def test_what_came_first_is_not_replaced(self) -> None:
        """The second page of a visit knows the first one, and the site before it."""
        visit = visit_of(
            asked("/zh/zweite/", "https://other.example/", landing="/zh/", referrer_host="www.baidu.com"), OWN
        )
        assert (visit["landing"], visit["referrer_host"]) == ("/zh/", "www.baidu.com")

    @pytest.mark.row("P13")
    @pytest.mark.parametrize("value", ["jane@example.com", "", "\x00\x07"])
    def test_personal_or_empty_values_are_dropped(self, value: str) -> None:
        """An address in a campaign value is personal data (P13)."""
        assert "utm_content" not in visit_of(asked(utm_content=value, utm_source="x"), OWN)

    @pytest.mark.parametrize("landing", ["//evil.example/", "https://evil.example/", "/a b/", '/"><script>', "x" * 400])
    def test_landing_is_a_path_of_this_site(self, landing: str) -> None:
        kept = visit_of(asked(utm_source="x", landing=landing), OWN)["landing"]
        assert kept.startswith("/")
        assert not set(kept) & set(' "<>')


class TestPage:
    VISIT = {"utm_source": "wechat", "landing": "/zh/"}

    def test_form_gets_hidden_fields(self) -> None:
        html = with_visit(FORM, self.VISIT, "token", "https://www.example.com")
        assert '<input type="hidden" name="form_token" value="token">' in html
        assert '<input type="hidden" name="utm_source" value="wechat">' in html
        assert has_form(html)

    def test_own_pages_carry_it_on_and_nothing_else_does(self) -> None:
        kept = [
            "https://other.example/zh/", "//other.example/zh/", "/static/style.css", "/d/token/x/", "/zh/?q=1", "#form",
            "mailto:x@example.com", "/zh/file.pdf", "relative/",
        ]  # fmt: skip
        for address in kept:
            link = f'<a class="x" href="{address}">x</a>'
            assert with_visit(link, self.VISIT, "", "https://www.example.com") == link
        query = "?utm_source=wechat&amp;landing=%2Fzh%2F"
        for address in ("/zh/", "/en/paper/", "https://www.example.com/zh/"):
            html = with_visit(f'<a href="{address}">x</a>', self.VISIT, "", "https://www.example.com")
            assert html == f'<a href="{address}{query}">x</a>'
        html = with_visit('<a href="/zh/paper/#form">x</a>', self.VISIT, "", "https://www.example.com")
        assert html == f'<a href="/zh/paper/{query}#form">x</a>'

    def test_canonical_and_language_versions_stay_as_they_are(self) -> None:
        head = '<link rel="canonical" href="https://www.example.com/zh/">'
        assert with_visit(head, self.VISIT, "", "https://www.example.com") == head

    @given(st.dictionaries(st.sampled_from(["utm_source", "utm_term"]), st.text(max_size=30), min_size=1))
    def test_no_value_breaks_out(self, visit: dict[str, str]) -> None:
        html = with_visit(FORM + '<a href="/zh/">x</a>', visit, "", "https://www.example.com")
        assert html.count("<") == FORM.count("<") + len(visit) + 2
