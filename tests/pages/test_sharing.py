"""What search engines, feed readers and redirecting hosts get: read back by parsers that are not ours."""

import html.parser
import json
import re
import xml.dom.minidom
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contentops.errors import InvalidArgument
from contentops.pages.sharing.addresses import encoded, is_path, is_web
from contentops.pages.sharing.atom import FeedEntry, FeedHead, atom_feed, tag_id
from contentops.pages.sharing.redirects import moved_page, nginx_map, redirect_lines
from contentops.pages.sharing.sitemap import SitemapEntry, robots, sitemap
from contentops.pages.sharing.structured import TYPES, StructuredPage, structured
from contentops.texts import translations

ATOM, MAP = "http://www.w3.org/2005/Atom", "http://www.sitemaps.org/schemas/sitemap/0.9"
SHANGHAI = timezone(timedelta(hours=8))
HOSTILE = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\"'<>&;{}$\\\n\r\t #*:%?/|^`中文")), max_size=30)


def texts(parent, name: str) -> list[str]:
    return ["".join(n.data for n in e.childNodes) for e in parent.childNodes if e.nodeName == name]


def children(parent, name: str) -> list:
    return [e for e in parent.childNodes if e.nodeName == name]


# --- addresses ---


@given(HOSTILE)
def test_encoded_address_is_ascii_that_breaks_out_of_nothing(text) -> None:
    for made in (encoded("/" + text), encoded("https://example.cn/" + text)):
        assert re.fullmatch(r"[A-Za-z0-9\-._~/?#=&+,@!()%:]+", made)
        assert encoded(made) == made, "encoding twice changes nothing"
        assert not re.search(r"%(?![0-9A-F]{2})", made.upper())


def test_encoded_keeps_what_is_right_already() -> None:
    assert (
        encoded("https://example.com:8000/zh/a-b_c/?q=1&r=2#form") == "https://example.com:8000/zh/a-b_c/?q=1&r=2#form"
    )
    assert encoded("/%E4%B8%AD/100%/") == "/%E4%B8%AD/100%25/"
    assert encoded("https://例子.example.cn/白皮书/") == "https://xn--fsqu00a.example.cn/%E7%99%BD%E7%9A%AE%E4%B9%A6/"
    assert unquote(encoded("/白 皮;书/")) == "/白 皮;书/"


@pytest.mark.parametrize("address", ["//evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "", " /x"])
def test_what_is_no_path_of_ours(address) -> None:
    assert not is_path(address)
    assert not is_web(address)


# --- Atom ---

HEAD = FeedHead(
    "联巡云（示例）",
    "https://example.com/zh/",
    "https://example.com/zh/feed.xml",
    "zh-CN",
    "联巡云内容组",
    "设备点检的知识",
)
ENTRIES = [
    FeedEntry(
        "点检 <闭环> & 白皮书",
        "https://example.com/zh/dian-jian/",
        date(2026, 3, 31),
        datetime(2026, 4, 2, 9, 30, tzinfo=SHANGHAI),
        "怎样把纸质点检表变成数据。",
        ("白皮书", "设备管理", "白皮书"),
        ("示例甲",),
        tag_id("example.com", date(2026, 3, 31), "asset/0a1b"),
    ),
    FeedEntry("离线点检", "https://example.com/zh/li-xian/", datetime(2026, 5, 6, 8, tzinfo=UTC)),
]


def check_atom(content: bytes) -> xml.dom.minidom.Element:
    """Hold a feed to what RFC 4287, 4.1.1 and 4.1.2 demand."""
    root = xml.dom.minidom.parseString(content).documentElement
    assert (root.nodeName, root.getAttribute("xmlns")) == ("feed", ATOM)
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
    for element in (root, *children(root, "entry")):
        for once in ("id", "title", "updated"):
            assert len(children(element, once)) == 1, once
        for at_most_once in ("subtitle", "published", "summary", "content"):
            assert len(children(element, at_most_once)) <= 1
        assert re.match(r"(tag:[^,]+,\d{4}-\d\d-\d\d:|https?://)\S+$", texts(element, "id")[0])
        assert all(moment.fullmatch(text) for text in texts(element, "updated") + texts(element, "published"))
        alternate = [link for link in children(element, "link") if link.getAttribute("rel") == "alternate"]
        assert len(alternate) == 1, "an entry without content needs its page"
        assert all(link.getAttribute("href").isascii() for link in children(element, "link"))
        assert all(category.getAttribute("term") for category in children(element, "category"))
        assert all(texts(author, "name") for author in children(element, "author"))
    assert children(root, "author") or all(children(entry, "author") for entry in children(root, "entry"))
    assert [link.getAttribute("rel") for link in children(root, "link")] == ["self", "alternate"]
    return root


def test_feed_says_all_that_was_given() -> None:
    root = check_atom(atom_feed(HEAD, iter(ENTRIES)))
    assert root.getAttribute("xml:lang") == "zh-CN"
    assert texts(root, "title") + texts(root, "subtitle") == ["联巡云（示例）", "设备点检的知识"]
    assert texts(root, "id") == ["https://example.com/zh/feed.xml"]
    assert texts(root, "updated") == ["2026-05-06T08:00:00Z"], "that of the newest entry"
    first, second = children(root, "entry")
    assert texts(first, "id") == ["tag:example.com,2026-03-31:asset/0a1b"]
    assert texts(first, "title") == ["点检 <闭环> & 白皮书"]
    assert texts(first, "published") == ["2026-03-31T00:00:00Z"]
    assert texts(first, "updated") == ["2026-04-02T01:30:00Z"], "the same moment in UTC"
    assert [category.getAttribute("term") for category in children(first, "category")] == ["白皮书", "设备管理"]
    assert texts(children(first, "author")[0], "name") == ["示例甲"]
    assert texts(second, "id") == ["https://example.com/zh/li-xian/"]
    assert texts(second, "updated") == texts(second, "published") == ["2026-05-06T08:00:00Z"]
    assert not children(second, "summary")


def test_same_feed_is_the_same_bytes() -> None:
    assert atom_feed(HEAD, ENTRIES) == atom_feed(HEAD, list(ENTRIES))


@given(st.text(), st.text(), st.text(), st.text())
@settings(max_examples=60)
def test_any_text_is_a_feed(title, summary, category, language) -> None:
    entry = FeedEntry(title, "https://example.com/" + title, date(2026, 1, 1), None, summary, (category,), (category,))
    head = FeedHead(title, "https://example.com/", "https://example.com/feed.xml", language, "联巡云", summary)
    root = check_atom(atom_feed(head, [entry]))
    allowed = "".join(
        c for c in title if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
    assert texts(children(root, "entry")[0], "title") == [re.sub("\r\n?", "\n", allowed)]


def test_changed_before_published_is_not_told() -> None:
    entry = FeedEntry("标题", "https://example.com/a/", date(2026, 5, 1), date(2026, 4, 1))
    assert texts(children(check_atom(atom_feed(HEAD, [entry])), "entry")[0], "updated") == ["2026-05-01T00:00:00Z"]


def test_all_that_is_wrong_with_a_feed_is_said_at_once() -> None:
    naive = datetime(2026, 1, 1, 8)  # noqa: DTZ001 - meant
    with pytest.raises(InvalidArgument) as refused:
        atom_feed(
            HEAD, [FeedEntry("甲", "https://example.com/a/", naive), FeedEntry("乙", "https://example.com/b/", naive)]
        )
    assert [problem.where for problem in refused.value.problems] == ["甲", "乙"]
    with pytest.raises(InvalidArgument, match="last change"):
        atom_feed(HEAD, [])
    empty = FeedHead(
        "甲", "https://example.com/", "https://example.com/feed.xml", "zh-CN", "乙", updated=date(2026, 1, 2)
    )
    assert texts(check_atom(atom_feed(empty, [])), "updated") == ["2026-01-02T00:00:00Z"]


# --- sitemap and robots ---


def locations(content: bytes) -> list[str]:
    return [e.firstChild.data for e in xml.dom.minidom.parseString(content).getElementsByTagName("loc")]


def test_sitemap_says_pages_changes_and_versions() -> None:
    versions = (("zh-CN", "https://example.com/zh/a/"), ("en", "https://example.com/en/a/"))
    files = sitemap(
        [
            SitemapEntry(versions[0][1], date(2026, 3, 31), versions, usual=versions[1][1]),
            SitemapEntry(versions[1][1], datetime(2026, 3, 31, 8, 0, 0, 999, SHANGHAI), versions),
            SitemapEntry("https://example.com/zh/点检?a=1&b=2/", None, versions[:1]),
        ],
        "https://example.com",
    )
    assert list(files) == ["sitemap.xml"]
    root = xml.dom.minidom.parseString(files["sitemap.xml"]).documentElement
    assert (root.nodeName, root.namespaceURI) == ("urlset", MAP)
    first, second, third = children(root, "url")
    assert texts(first, "lastmod") + texts(second, "lastmod") == ["2026-03-31", "2026-03-31T08:00:00+08:00"]
    links = [(e.getAttribute("hreflang"), e.getAttribute("href")) for e in children(first, "xhtml:link")]
    assert links == [*versions, ("x-default", versions[1][1])]
    assert children(first, "xhtml:link")[0].namespaceURI == "http://www.w3.org/1999/xhtml"
    assert children(second, "xhtml:link")[-1].getAttribute("href") == versions[0][1]
    assert [e.nodeName for e in third.childNodes] == ["loc"]
    assert texts(third, "loc") == ["https://example.com/zh/%E7%82%B9%E6%A3%80?a=1&b=2/"]


def test_sitemap_of_nothing_is_still_one() -> None:
    assert locations(sitemap([], "https://example.com")["sitemap.xml"]) == []


def test_fifty_thousand_pages_fill_a_file_and_one_more_makes_an_index() -> None:
    entries = [SitemapEntry(f"https://example.com/zh/{number}/", date(2026, 1, 1)) for number in range(50_001)]
    files = sitemap(
        [*entries[:-1], SitemapEntry("https://example.com/zh/new/", date(2026, 2, 2))], "https://example.com/"
    )
    assert list(files) == ["sitemap.xml", "sitemap-1.xml", "sitemap-2.xml"]
    index = xml.dom.minidom.parseString(files["sitemap.xml"]).documentElement
    assert (index.nodeName, index.namespaceURI) == ("sitemapindex", MAP)
    assert locations(files["sitemap.xml"]) == [f"https://example.com/sitemap-{number}.xml" for number in (1, 2)]
    assert [texts(e, "lastmod") for e in children(index, "sitemap")] == [["2026-01-01"], ["2026-02-02"]]
    assert files["sitemap-1.xml"].count(b"<url>") == 50_000
    assert locations(files["sitemap-2.xml"]) == ["https://example.com/zh/new/"]


@given(st.lists(st.integers(0, 300), max_size=30), st.integers(1, 8), st.integers(700, 3000))
@settings(max_examples=80)
def test_no_file_of_a_sitemap_is_too_large_and_no_page_is_lost(lengths, most_entries, most_bytes) -> None:
    addresses = [f"https://example.com/{number}/{'a' * length}" for number, length in enumerate(lengths)]
    files = sitemap(
        map(SitemapEntry, addresses), "https://example.com", most_entries=most_entries, most_bytes=most_bytes
    )
    parts = [files[name] for name in files if name != "sitemap.xml"] or [files["sitemap.xml"]]
    assert [address for part in parts for address in locations(part)] == addresses
    assert all(len(part) <= most_bytes and part.count(b"<url>") <= most_entries for part in parts)


def test_robots_says_where_the_sitemap_is() -> None:
    assert (
        robots("https://example.com", ["/d/"])
        == b"User-agent: *\nDisallow: /d/\n\nSitemap: https://example.com/sitemap.xml\n"
    )
    assert b"\nDisallow:\n" in robots("https://example.com/", [])


@given(HOSTILE)
def test_nothing_breaks_out_of_robots(text) -> None:
    lines = robots("https://example.com", ["/" + text, "/d/"]).decode("ascii").splitlines()
    assert [line.split(":")[0] for line in lines] == ["User-agent", "Disallow", "Disallow", "", "Sitemap"]


# --- structured data ---

FULL = StructuredPage(
    kind="whitepaper",
    title="点检闭环白皮书",
    url="https://example.com/zh/dian-jian/",
    language="zh-CN",
    site_name="联巡云（示例）",
    site_url="https://example.com/zh/",
    description="怎样把纸质点检表变成数据。",
    logo="https://example.com/static/logo.png",
    image="https://example.com/zh/dian-jian/card.png",
    published=date(2026, 3, 31),
    changed=datetime(2026, 4, 2, 9, 30, tzinfo=SHANGHAI),
    authors=("示例甲", "示例乙"),
    keywords=("点检", "设备管理", "点检"),
    trail=(("首页", "https://example.com/zh/"), ("白皮书", "https://example.com/zh/whitepaper/")),
    audience=("设备主管",),
    about=("汽车零部件",),
    translations=(("en", "https://example.com/en/inspection/", "Closed-loop inspection"),),
)


def changed(**values) -> StructuredPage:
    from dataclasses import replace

    return replace(FULL, **values)


def by_type(data: dict) -> dict[str, dict]:
    assert data["@context"] == "https://schema.org"
    nodes = {node["@type"]: node for node in data["@graph"]}
    assert len(nodes) == len(data["@graph"])
    return nodes


def references(value) -> set[str]:
    """The ids that are only referred to: {"@id": …} and nothing else."""
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            return {value["@id"]}
        return set().union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("kind", [*TYPES, "qa", "process", "unknown-kind", "Person"])
@pytest.mark.parametrize("questions", [(), (("多久见效？", "九个月。"),)])
def test_every_kind_has_what_is_required(kind, questions) -> None:
    data = structured(changed(kind=kind, questions=questions))
    assert json.loads(json.dumps(data)) == data
    nodes = by_type(data)
    asks = kind == "qa" and questions
    work = nodes["FAQPage" if asks else TYPES.get(kind, "Article")]
    assert references(data) <= {node["@id"] for node in data["@graph"]}, "nothing is referred to that is not there"
    for name in (
        "headline",
        "name",
        "description",
        "image",
        "datePublished",
        "dateModified",
        "author",
        "publisher",
        "inLanguage",
        "url",
        "keywords",
    ):
        assert work[name], name
    assert work["author"] == [{"@type": "Person", "name": "示例甲"}, {"@type": "Person", "name": "示例乙"}]
    assert (work["datePublished"], work["dateModified"]) == ("2026-03-31", "2026-04-02T09:30:00+08:00")
    assert work["keywords"] == ["点检", "设备管理"]
    assert work["audience"] == [{"@type": "Audience", "audienceType": "设备主管"}]
    assert work["about"] == [{"@type": "Thing", "name": "汽车零部件"}]
    assert work["workTranslation"][0]["inLanguage"] == "en"
    assert nodes["Organization"]["logo"]["url"] == "https://example.com/static/logo.png"
    steps = nodes["BreadcrumbList"]["itemListElement"]
    assert [(s["position"], s["name"]) for s in steps] == [(1, "首页"), (2, "白皮书"), (3, "点检闭环白皮书")]
    assert ("FAQPage" in nodes) == bool(questions), "a FAQPage only where there are questions with answers"
    assert ("provider" in work) == (kind == "open_class")
    if questions:
        question = nodes["FAQPage"]["mainEntity"][0]
        assert (question["@type"], question["name"]) == ("Question", "多久见效？")
        assert question["acceptedAnswer"] == {"@type": "Answer", "text": "九个月。"}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("whitepaper", "Report"),
        ("help_doc", "TechArticle"),
        ("case_study", "Article"),
        ("icebreaker", "Article"),
        ("open_class", "Course"),
        ("process", "Article"),
    ],
)
def test_kind_has_its_type(kind, expected) -> None:
    assert expected in by_type(structured(changed(kind=kind)))


def test_class_without_a_description_is_no_course() -> None:
    nodes = by_type(structured(changed(kind="open_class", description=" ")))
    assert "Course" not in nodes
    assert nodes["LearningResource"]["name"] == "点检闭环白皮书"


def test_partly_closed_text_is_said_to_be() -> None:
    work = by_type(structured(changed(closed=(".gated", ".rest-of-text"))))["Report"]
    assert work["isAccessibleForFree"] is False
    assert work["hasPart"][0] == {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".gated"}
    assert [part["cssSelector"] for part in work["hasPart"]] == [".gated", ".rest-of-text"]
    assert "isAccessibleForFree" not in by_type(structured(FULL))["Report"]
    for selector in ("#gated", "gated", ".a .b", ""):
        with pytest.raises(ValueError, match="class selector"):
            structured(changed(closed=(selector,)))


def test_what_is_not_known_is_left_out() -> None:
    data = structured(
        StructuredPage(
            "qa",
            "怎样导入？",
            "https://example.com/zh/q/",
            "zh-CN",
            "联巡云",
            "https://example.com/",
            questions=(("问？", " "),),
        )
    )
    nodes = by_type(data)
    assert set(nodes) == {"WebPage", "Article", "Organization"}, "half a question is none; a trail of one step is none"
    assert nodes["Article"]["author"] == [{"@id": nodes["Organization"]["@id"]}]
    assert not {"image", "dateModified", "datePublished", "keywords", "description"} & set(nodes["Article"])
    assert None not in [value for node in data["@graph"] for value in node.values()]


def test_change_before_publication_and_foreign_schemes_are_left_out() -> None:
    page = changed(
        changed=date(2026, 1, 1),
        image="javascript:alert(1)",
        logo="data:image/png;base64,x",
        trail=(("首页", "javascript:1"),),
    )
    nodes = by_type(structured(page))
    assert "dateModified" not in nodes["Report"]
    assert "javascript" not in json.dumps(nodes)
    assert "data:" not in json.dumps(nodes)
    assert "dateModified" in by_type(structured(changed(changed=date(2026, 3, 31))))["Report"]


def test_team_as_author_is_the_organization() -> None:
    nodes = by_type(structured(changed(authors=("联巡云（示例）", "示例甲"))))
    assert nodes["Report"]["author"] == [{"@id": nodes["Organization"]["@id"]}, {"@type": "Person", "name": "示例甲"}]


@given(st.text(), st.text(), st.text())
@settings(max_examples=150)
def test_any_text_survives_json_and_a_script_element(title, answer, kind) -> None:
    from markupsafe import Markup

    data = structured(changed(kind=kind, title=title, questions=((title, answer),), keywords=(answer,)))
    assert json.loads(json.dumps(data)) == data
    from jinja2.utils import htmlsafe_json_dumps

    written = htmlsafe_json_dumps(data)
    assert isinstance(written, Markup)
    assert "<" not in written
    assert json.loads(written) == data


# --- pages that have moved ---


class Reader(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data) -> None:
        self.text += data


def test_moved_page_leads_on() -> None:
    page = moved_page("/zh/新-dian-jian/", "点检 <b>白皮书</b>", "zh-CN")
    reader = Reader(page)
    tags = dict(reader.tags[::-1])
    target = "/zh/%E6%96%B0-dian-jian/"
    assert tags["html"] == {"lang": "zh-CN"}
    assert ("meta", {"http-equiv": "refresh", "content": f"0; url={target}"}) in reader.tags
    assert ("meta", {"name": "robots", "content": "noindex"}) in reader.tags
    assert tags["link"] == {"rel": "canonical", "href": target}
    assert tags["a"] == {"href": target}
    assert "点检 <b>白皮书</b>" in reader.text
    assert translations("zh-CN").gettext("This page has moved") in reader.text
    assert "This page has moved" in moved_page("https://example.com/en/a/", "A", "en")


@given(HOSTILE, HOSTILE, HOSTILE)
@settings(max_examples=150)
def test_nothing_breaks_out_of_a_moved_page(target, title, language) -> None:
    plain = [tag for tag, _attributes in Reader(moved_page("/a/", "a", "en")).tags]
    reader = Reader(moved_page("/x" + target, title, language))
    assert [tag for tag, _attributes in reader.tags] == plain
    assert {name for _tag, attributes in reader.tags for name in attributes} == {
        "lang", "charset", "name", "content", "rel", "href", "http-equiv"
    }  # fmt: skip
    refresh = next(attributes["content"] for tag, attributes in reader.tags if "http-equiv" in attributes)
    assert re.fullmatch(r"0; url=/x[^\s\"';<>]*", refresh)


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "//evil.example/", "/\\evil.example", "data:text/html,x", "", "zh/a/"]
)
def test_target_elsewhere_than_the_web_is_refused(target) -> None:
    with pytest.raises(InvalidArgument, match="https://"):
        moved_page(target, "标题", "zh-CN")
    for write in (redirect_lines, nginx_map):
        with pytest.raises(InvalidArgument) as refused:
            write([("/zh/a/", target), ("no-path", "/zh/b/")])
        assert len(refused.value.problems) == 2


def test_redirect_lines_are_those_of_the_hosts() -> None:
    pairs = [
        ("/zh/旧 页/", "/zh/new/"),
        ("/zh/a/", "https://example.com/b/?c=1#d"),
        ("/zh/a/", "/zh/c/"),
        ("/zh/e/", "/zh/e/"),
    ]
    assert redirect_lines(pairs) == (
        "/zh/%E6%97%A7%20%E9%A1%B5/ /zh/new/ 301\n/zh/a/ https://example.com/b/?c=1#d 301\n"
    )
    assert redirect_lines([]) == ""


@given(st.lists(st.tuples(HOSTILE, HOSTILE), max_size=5))
@settings(max_examples=150)
def test_nothing_breaks_out_of_redirect_lines(pairs) -> None:
    made = redirect_lines([("/x" + old, "/y" + new) for old, new in pairs])
    assert made.isascii()
    for line in made.splitlines():
        old, new, status = line.split(" ")
        assert re.fullmatch(r"/x[^*:#?\s]*", old), "no splat, no placeholder, no comment"
        assert new.startswith("/y")
        assert status == "301"
    assert made.count("\n") == len({encoded("/x" + old).replace("?", "%3F").replace("#", "%23") for old, _new in pairs})


def read_nginx(text: str) -> dict[str, str]:
    """Read a map as nginx does: tokens in quotes with backslashes, words, `;`, braces, comments."""
    token = re.compile(r'\s*(?:#[^\n]*\n\s*)*(?:"((?:[^"\\]|\\.)*)"|([;{}])|([^\s;{}"]+))', re.DOTALL)
    tokens, at = [], 0
    while text[at:].strip():
        match = token.match(text, at)
        assert match, text[at:]
        quoted = match[1]
        tokens.append(
            ("text", re.sub(r"\\(.)", r"\1", quoted)) if quoted is not None else ("mark", match[2] or match[3])
        )
        at = match.end()
    assert tokens[:4] == [("mark", "map"), ("mark", "$uri"), ("mark", "$moved"), ("mark", "{")]
    assert tokens[-1] == ("mark", "}")
    assert tokens[4:7] == [("mark", "default"), ("text", ""), ("mark", ";")]
    body, found = tokens[7:-1], {}
    for (a, old), (b, new), end in zip(body[::3], body[1::3], body[2::3], strict=True):
        assert (a, b, end) == ("text", "text", ("mark", ";"))
        assert old not in found, "nginx refuses a path that is there twice"
        found[old] = new
    return found


def test_nginx_map_matches_the_decoded_path() -> None:
    made = nginx_map(
        [
            ("/zh/旧 页/", "/zh/新/"),
            ("/zh/Old/", "/zh/b/"),
            ("/zh/old/", "/zh/c/"),
            ("/A/", "/a/"),
            ('/q"u\\o;{}$x/', "/d/$host"),
        ]
    )
    assert read_nginx(made) == {"/zh/旧 页/": "/zh/%E6%96%B0/", "/zh/old/": "/zh/b/", '/q"u\\o;{}$x/': "/d/%24host"}
    assert read_nginx(nginx_map([])) == {}


@given(st.lists(st.tuples(HOSTILE, HOSTILE), max_size=5))
@settings(max_examples=150)
def test_nothing_breaks_out_of_an_nginx_map(pairs) -> None:
    made = nginx_map([("/x" + old, "/y" + new) for old, new in pairs])
    for old, new in read_nginx(made).items():
        assert old.startswith("/x")
        assert re.fullmatch(r"/y[^\s\"$;{}\\]*", new), "no variable of nginx, nothing that ends the line"
        assert urlsplit(new).netloc == ""
    assert made.count("\n") == 5 + len(read_nginx(made)), "a line each"
