"""Specimens: every component in every state, in each shipped theme and language, as sound HTML."""

import dataclasses
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from contentops.bundled import bundled
from contentops.pages import contract
from contentops.pages.colors import READABLE, color_of, contrast
from contentops.pages.contract import Site
from contentops.pages.specimen import contexts, specimens
from contentops.pages.theme import Brand, Theme, known_themes

THEMES = ("calm", "bold")
LANGUAGES = ("zh-CN", "en")
COLORS = ("#0b5c5c", "#ffd400", "#111111", "#e23c3c")
LIMIT = 20_000
BLOCKS = {"p", "div", "ul", "ol", "dl", "h1", "h2", "h3", "section", "form", "figure", "table"}
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}


def site(language: str) -> Site:
    return Site(
        name="联巡云（示例）" if language == "zh-CN" else "Made-up Ltd",
        tagline="示例",
        language=language,
        home="/home/",
        privacy="/privacy/",
        style="/static/style.css",
        icon="/static/icon.svg",
        brand_color="#0b5c5c",
        feed="/feed.xml",
    )


def theme(name: str, folder, color: str = "#0b5c5c") -> Theme:
    return Theme(name, folder, Brand(color))


class Page(HTMLParser):
    """What a reader, a browser and a screen reader rely on."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.problems: list[str] = []
        self.ids: list[str] = []
        self.levels: list[int] = []
        self.controls: list[str | None] = []
        self.labels: set[str] = set()
        self.fragments: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        self.problems += [f"<{tag}> stays open" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._check_place(tag, doubled=len(given) != len(attrs))
        if tag not in VOID:
            self.open.append(tag)
        self.tags.append((tag, given))
        self.ids += filter(None, [given.get("id")])
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.controls.append(given.get("id"))
            self.labels |= {given["id"]} if "label" in self.open else set()
        self.labels |= {given["for"]} if tag == "label" and given.get("for") else set()
        if tag == "a" and str(given.get("href")).startswith("#"):
            self.fragments.append(given["href"][1:])
        for name in ("aria-labelledby", "aria-describedby"):
            self.fragments += str(given.get(name) or "").split()

    def _check_place(self, tag: str, *, doubled: bool) -> None:
        if doubled:
            self.problems.append(f"<{tag}> has an attribute twice")
        if tag in BLOCKS and "p" in self.open:
            self.problems.append(f"<{tag}> inside <p>")
        if tag == "li" and self.open[-1] not in ("ul", "ol"):
            self.problems.append(f"<li> inside <{self.open[-1]}>")
        if tag in ("a", "button") and {"a", "button"} & set(self.open):
            self.problems.append(f"<{tag}> inside another")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes <{self.open[-1] if self.open else ''}>")
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"script", "title"} & set(self.open):
            self.text.append(data)


@pytest.fixture(scope="module", params=[(name, language) for name in THEMES for language in LANGUAGES], ids="-".join)
def pages(request, tmp_path_factory) -> dict[str, Page]:
    name, language = request.param
    made = specimens(theme(name, tmp_path_factory.mktemp(name)), site(language))
    return {key: Page(html) for key, html in made.items()}


def values(thing: object) -> Iterator[object]:
    """Yield every value of the contract in a context."""
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        yield thing
        for field in dataclasses.fields(thing):
            yield from values(getattr(thing, field.name))
    elif isinstance(thing, dict):
        for each in thing.values():
            yield from values(each)
    elif isinstance(thing, tuple | list):
        for each in thing:
            yield from values(each)


class TestCompleteness:
    @pytest.fixture(params=LANGUAGES)
    def seen(self, request) -> list[object]:
        return [value for _template, context in contexts(site(request.param)).values() for value in values(context)]

    def test_every_field_of_the_contract_is_filled_in_somewhere(self, seen) -> None:
        classes = [thing for name in contract.__all__ if dataclasses.is_dataclass(thing := getattr(contract, name))]
        assert len(classes) > 20
        missing = [
            f"{each.__name__}.{field.name}"
            for each in classes
            for field in dataclasses.fields(each)
            if not any(isinstance(value, each) and getattr(value, field.name) for value in seen)
        ]
        assert not missing

    def test_what_the_contract_calls_empty_is_empty_somewhere(self, seen) -> None:
        """A theme's author sees both states: with and without."""
        optional = {
            (
                next(c for c in reversed(type(value).__mro__) if field.name in getattr(c, "__annotations__", ())),
                field.name,
            )
            for value in seen
            for field in dataclasses.fields(value)
            if "empty" in field.metadata["help"] or field.default is None
        }
        assert len(optional) > 12
        always = [
            f"{each.__name__}.{name}"
            for each, name in optional
            if all(getattr(value, name) for value in seen if isinstance(value, each)) and each is not Site
        ]
        assert not always

    def test_every_type_of_section_and_every_template_is_shown(self, seen) -> None:
        types = {value.type for value in seen if isinstance(value, contract.Section)}
        assert types == {path.stem for path in (bundled("templates") / "calm" / "sections").iterdir()}
        used = {template for template, _context in contexts(site("en")).values()}
        pages = {name for name in contract.TEMPLATES if name.endswith(".html") and "/" not in name}
        assert used == pages
        assert {value.type for value in seen if isinstance(value, contract.NextStep)} == {
            "wecom", "open_class", "call", "link",
        }  # fmt: skip

    def test_contexts_have_what_the_contract_says_and_no_more(self) -> None:
        for name, (template, context) in contexts(site("en")).items():
            assert set(context) == {"site", "page", *contract.TEMPLATES[template]}, name

    def test_shipped_themes_are_those_looked_at(self, tmp_path) -> None:
        assert known_themes(tmp_path) == sorted(THEMES)

    def test_languages_are_not_mixed(self, tmp_path) -> None:
        made = specimens(theme("calm", tmp_path), site("en"))
        chinese = {name for name, html in made.items() if "示例" in "".join(Page(html).text)}
        assert not chinese


class TestHtml:
    def test_is_nested_soundly(self, pages) -> None:
        assert {name: page.problems for name, page in pages.items() if page.problems} == {}

    def test_has_one_title_and_headings_without_a_jump(self, pages) -> None:
        for name, page in pages.items():
            assert page.levels.count(1) == 1, name
            assert page.levels[0] == 1, name
            steps = zip(page.levels, page.levels[1:], strict=False)
            assert all(after - before <= 1 for before, after in steps), (name, page.levels)

    def test_ids_are_there_once(self, pages) -> None:
        for name, page in pages.items():
            assert len(page.ids) == len(set(page.ids)), (name, sorted(page.ids))

    def test_every_field_has_a_label_and_every_reference_a_target(self, pages) -> None:
        elsewhere = ("card-", "#", "download", "whole", "form", "1", "2", "3", "for-whom-4")
        for name, page in pages.items():
            assert all(control in page.labels for control in page.controls), name
            lost = {at for at in page.fragments if at and at not in page.ids and not at.startswith(elsewhere)}
            assert not lost, (name, lost)

    def test_mistakes_lead_to_their_fields(self, pages) -> None:
        page = pages["landing-errors"]
        wrong = [given for _tag, given in page.tags if given.get("aria-invalid") == "true"]
        assert len(wrong) == 4
        assert all(
            given.get("aria-describedby") in page.ids
            for given in wrong
            if given["type" if "type" in given else "id"] != "checkbox"
        )
        assert {f"#{given['id']}" for given in wrong} <= {given.get("href") for tag, given in page.tags if tag == "a"}
        assert any("autofocus" in given and given.get("role") == "alert" for _tag, given in page.tags)

    @pytest.mark.row("P12")
    def test_needs_no_script_no_inline_style_and_nobody_else(self, pages) -> None:
        for name, page in pages.items():
            for tag, given in page.tags:
                assert tag != "style", name
                assert "style" not in given, (name, tag)
                assert not [key for key in given if key.startswith("on")], (name, tag)
                assert tag != "script" or given.get("type") == "application/ld+json", name
                if tag in ("img", "script"):
                    assert str(given.get("src", "data:")).startswith(("data:", "/static/")), (name, given)

    def test_pictures_have_words_and_sizes(self, pages) -> None:
        for name, page in pages.items():
            for tag, given in page.tags:
                if tag == "img":
                    assert "alt" in given, name
                    assert given.get("class") == "logo" or (given.get("width") and given.get("height")), (name, given)

    def test_closed_part_is_marked_for_search_engines(self, pages) -> None:
        assert [given for _tag, given in pages["landing-partial"].tags if given.get("class") == "closed"]
        assert not [given for _tag, given in pages["landing"].tags if given.get("class") == "closed"]

    def test_tables_can_be_scrolled_by_keyboard(self, pages) -> None:
        boxes = [given for _tag, given in pages["content"].tags if given.get("class") == "scroll"]
        assert boxes
        assert all(given["tabindex"] == "0" and given["aria-label"] for given in boxes)


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("name", THEMES)
class TestStyle:
    def test_is_light_and_asks_nobody(self, name, color, tmp_path) -> None:
        font = '"Source Han Sans SC", "Noto Sans SC", "Helvetica Neue", sans-serif'
        css = Theme(name, tmp_path, Brand(color, 24, font)).style[1]
        assert len(css) < LIMIT
        text = css.decode()
        assert '"Source Han Sans SC"' in text
        assert "--radius:24px" in text
        assert color in text
        for word in ("@import", "url(", "@font-face", "&", "{{", "{%", "@layer", "color-mix("):
            assert word not in text
        assert text.count("{") == text.count("}")
        for query in (
            "prefers-color-scheme:dark",
            "prefers-reduced-motion:reduce",
            "forced-colors:active",
            "@media print",
        ):
            assert query in text


@pytest.mark.parametrize("name", THEMES)
def test_every_class_of_the_pages_is_dressed_or_a_hook(name, tmp_path) -> None:
    """A class without a rule is a slip of the pen in template or style sheet, or one of those for others' themes."""
    made = theme(name, tmp_path)
    css = made.style[1].decode()
    html = "".join(specimens(made, site("en")).values())
    used = {word for _tag, given in Page(html).tags for word in str(given.get("class") or "").split()}
    bare = {word for word in used if not re.search(rf"\.{re.escape(word)}(?![\w-])", css)}
    sections = {"author", "benefits", "contents", "faq", "for-whom", "numbers", "proof", "cut"}
    steps = {"wecom", "open_class", "call", "link"}
    assert bare <= sections | steps | {"index", "reading", "thanks"} | {"language-python", "note"}


@hypothesis.given(st.integers(0, 0xFFFFFF).map("#{:06x}".format))
@hypothesis.example("#e23c3c")  # neither white nor near-black can be read on it
@hypothesis.example("#ffffff")
@hypothesis.example("#000000")
@hypothesis.settings(max_examples=40, deadline=None)
def test_any_brand_colour_can_be_read(color) -> None:
    css = Theme("bold", Path("/nowhere"), Brand(color)).style[1].decode()

    def value(name: str) -> list[str]:
        return re.findall(rf"--{name}:(#\w+)", css)

    (on_brand,), (over,), (night,), (glow,), (moon,) = map(value, ("on-brand", "over", "night", "glow", "moon"))
    light, dark = value("brand-ink")[:2]
    pairs = [
        (on_brand, color), (on_brand, over), ("#ffffff", night), (moon, night), (glow, night),
        (light, "#fbfaf7"), (dark, "#1c2124"), (dark, "#191e20"),
    ]  # fmt: skip
    assert [pair for pair in pairs if contrast(*map(color_of, pair)) < READABLE] == []
