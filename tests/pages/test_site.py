"""The built site: what is public, what it says, and that it appears at once."""

import os
import shutil
import threading
import xml.etree.ElementTree as ET
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from contentops.errors import NotFound, WorkspaceError
from contentops.pages.building.releases import KEEP, Content, Releases
from contentops.testing import write_content

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000300000002080200000012"
    "16f14d0000000c49444154789c6360a0230000004f000115f5a8f10000000049454e44ae426082"
)
GATED = "---\ntitle: 白皮书\ncontentops: {gate: gated, attachment: w.pdf}\n---\n正文\n"


def publish(files: dict[str, bytes], output: Path, releases: Path) -> None:
    Releases(output, releases).publish({path: Content.of(data) for path, data in files.items()})


class PageReader(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.urls, self.lang, self.h1, self.labels, self.inputs = [], "", 0, set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        self.urls += [(tag, given.get("rel"), given[name]) for name in ("href", "src", "action") if given.get(name)]
        if tag == "html":
            self.lang = given.get("lang")
        self.h1 += tag == "h1"
        if tag == "label" and given.get("for"):
            self.labels.add(given["for"])
        if tag == "input":
            self.inputs.append(given)


def build(workspace):
    report = workspace.pages.build()
    assert not report.problems
    return report.output


class TestExample:
    def test_every_page_is_whole_and_links_lead_somewhere(self, example) -> None:
        site = build(example)
        pages = list(site.rglob("*.html"))
        assert len(pages) > 20
        for page in pages:
            text = page.read_text(encoding="utf-8")
            assert text.rstrip().endswith("</html>")
            read = PageReader(text)
            assert read.h1 == 1, page
            assert read.lang in ("zh-CN", "en")
            for tag, rel, url in read.urls:
                if rel in ("canonical", "alternate") or tag == "form":
                    continue
                if url.startswith("/"):
                    target = site / url.lstrip("/").split("#")[0]
                    assert target.is_file() or (target / "index.html").is_file(), f"{page}: {url}"
                else:
                    # No third party is asked for anything; links in the text are the writer's.
                    assert tag == "a", f"{page}: {url}"

    def test_nothing_internal_or_unfinished_is_out(self, example) -> None:
        site = build(example)
        text = " ".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
        assert "content-production-process" not in text
        assert "maintenance-cost-2027" not in text
        assert not list(site.rglob("*.pdf"))

    def test_landing_page_has_its_form(self, example) -> None:
        page = build(example) / "zh" / "equipment-inspection-white-paper-2026" / "index.html"
        text = page.read_text(encoding="utf-8")
        read = PageReader(text)
        fields = {given["name"]: given for given in read.inputs}
        assert {"name", "company", "email", "phone", "consent_delivery", "consent_marketing"} <= set(fields)
        assert {"name", "company", "email", "phone"} <= read.labels
        assert "checked" not in fields["consent_marketing"]
        assert "required" in fields["consent_delivery"]
        assert "required" not in fields["consent_marketing"]
        assert fields["email"]["autocomplete"] == "email"
        assert ("form", None, "/zh/equipment-inspection-white-paper-2026/form") in read.urls
        assert "<script src" not in text
        assert 'hreflang="en"' in text

    def test_sitemap_and_robots(self, example) -> None:
        site = build(example)
        root = ET.fromstring((site / "sitemap.xml").read_text(encoding="utf-8"))
        space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
        locations = [element.text for element in root.findall("s:url/s:loc", space)]
        assert len(locations) == len(set(locations)) == 17 + len(["/zh/", "/en/"])
        assert all(location.startswith(example.settings.public_url) for location in locations)
        assert root.find("s:url/s:lastmod", space) is not None
        assert f"Sitemap: {example.settings.public_url}/sitemap.xml" in (site / "robots.txt").read_text()

    def test_same_content_gives_the_same_bytes_and_no_new_release(self, example) -> None:
        def files() -> dict[Path, bytes]:
            site = build(example)
            return {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}

        first = files()
        assert example.pages.build().changed is False
        shutil.rmtree(example.folder / ".contentops" / "bodies")
        shutil.rmtree(example.folder / ".contentops" / "releases")
        assert files() == first


class TestVisibility:
    @pytest.mark.parametrize(
        "line", ["draft: true", "publishDate: 2026-11-22", "expiryDate: 2026-11-21", "contentops: {state: approved}"]
    )
    def test_not_yet_or_no_longer(self, any_workspace, line) -> None:
        write_content(any_workspace, "qa/a.md", f"---\ntitle: 秘密\n{line}\n---\n")
        any_workspace.assets.sync()
        site = build(any_workspace)
        assert "秘密" not in " ".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))

    def test_goes_live_and_expires_by_the_clock(self, any_workspace, clock) -> None:
        write_content(any_workspace, "qa/a.md", "---\ntitle: x\npublishDate: 2026-11-23\nexpiryDate: 2026-11-25\n---\n")
        any_workspace.assets.sync()
        page = any_workspace.pages.output / "zh" / "a" / "index.html"
        seen = []
        for _day in range(6):
            build(any_workspace)
            seen.append(page.is_file())
            clock.forward(days=1)
        assert seen == [False, False, True, True, False, False]

    def test_renamed_address_leads_on(self, workspace) -> None:
        path = write_content(workspace, "qa/a.md", "---\ntitle: x\n---\n")
        workspace.assets.sync()
        path.write_text("---\ntitle: x\nslug: b\n---\n")
        workspace.assets.sync()
        assert "/zh/b/" in (build(workspace) / "zh" / "a" / "index.html").read_text(encoding="utf-8")

    def test_gated_page_without_a_notice_is_refused_and_the_rest_is_built(self, make_workspace) -> None:
        workspace = make_workspace(contact="")
        write_content(workspace, "whitepaper/w/index.md", GATED)
        write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
        write_content(workspace, "qa/a.md", "# x\n")
        workspace.assets.sync()
        report = workspace.pages.build()
        assert "privacy.contact" in str(report.problems[0])
        assert report.pages == 1

    def test_wrong_fields_are_named(self, workspace) -> None:
        write_content(workspace, "whitepaper/w/index.md", GATED.replace("w.pdf", "w.pdf, fields: [name, phon]"))
        write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
        text = " ".join(map(str, workspace.assets.sync().problems))
        assert "did you mean 'phone'" in text
        write_content(workspace, "whitepaper/w/index.md", GATED.replace("w.pdf", "w.pdf, fields: [name]"))
        assert "nobody can be reached" in str(workspace.assets.sync().problems)

    def test_pictures_beside_the_text_come_along_and_nothing_else(self, workspace) -> None:
        write_content(
            workspace, "qa/a/index.zh.md", "# x\n\n![图](图.png) ![no](../../../contentops.toml) ![y](sub/y.png)\n"
        )
        write_content(workspace, "qa/a/图.png", PNG)
        write_content(workspace, "qa/a/sub/y.png", PNG)
        workspace.assets.sync()
        report = workspace.pages.build()
        site = report.output
        assert not report.problems
        (problem,) = report.notices
        assert "'../../../contentops.toml' is not beside the text" in problem.message
        assert (site / "zh" / "a" / "图.png").read_bytes() == PNG
        assert (site / "zh" / "a" / "sub" / "y.png").read_bytes() == PNG
        html = (site / "zh" / "a" / "index.html").read_text(encoding="utf-8")
        assert '<img alt="图" src="/zh/a/%E5%9B%BE.png" width="3" height="2" loading="lazy">' in html
        assert not list(site.rglob("*.toml"))


class TestHostileContent:
    def test_front_matter_is_escaped_everywhere(self, workspace) -> None:
        evil = '</script><script>alert(1)</script>\\"><img src=x onerror=alert(1)> {{ 7*7 }}'
        write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
        write_content(
            workspace,
            "whitepaper/w/index.md",
            f'---\ntitle: "{evil}"\ndescription: "{evil}"\nauthors: ["{evil}"]\ntags: ["{evil}"]\nslug: w\n'
            f'contentops: {{gate: gated, attachment: w.pdf, offer: {{promise: "{evil}", button: "{evil}", inside: ["{evil}"]}}}}\n---\n'
            "{{ 7*7 }}\n",
        )
        workspace.assets.sync()
        text = (build(workspace) / "zh" / "w" / "index.html").read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "{{ 7*7 }}" in text
        assert text.count("</script>") == 1


class TestThemes:
    def test_workspace_overrides_a_block(self, workspace) -> None:
        folder = workspace.folder / "templates" / "calm"
        folder.mkdir()
        (folder / "content.html").write_text(
            '{% extends "!shipped/content.html" %}{% block footer %}自己的页脚{% endblock %}', encoding="utf-8"
        )
        write_content(workspace, "qa/a.md", "# x\n")
        workspace.assets.sync()
        text = (build(workspace) / "zh" / "a" / "index.html").read_text(encoding="utf-8")
        assert "自己的页脚" in text
        assert "<h1>x</h1>" in text

    @pytest.mark.parametrize(
        ("template", "words"),
        [
            ("{{ nonsense }}", "nonsense"),
            ("{% if %}", r"templates/calm/content\.html:1"),
            ("{% extends 'x' %}", "no template x"),
        ],
    )
    def test_wrong_template_is_a_sentence_and_the_old_site_stays(self, workspace, template, words) -> None:
        write_content(workspace, "qa/a.md", "# x\n")
        workspace.assets.sync()
        before = os.readlink(build(workspace))
        (workspace.folder / "templates" / "calm").mkdir()
        (workspace.folder / "templates" / "calm" / "content.html").write_text(template)
        with pytest.raises(WorkspaceError, match=words):
            workspace.pages.build()
        assert os.readlink(workspace.pages.output) == before

    def test_unknown_theme_suggests(self, make_workspace) -> None:
        workspace = make_workspace()
        settings = workspace.settings.site.model_copy(update={"theme": "clam"})
        object.__setattr__(workspace.settings, "site", settings)
        with pytest.raises(NotFound, match="did you mean 'calm'"):
            workspace.pages.build()


class TestPublishing:
    def test_reader_never_sees_half_a_site(self, tmp_path) -> None:
        """Every read during thirty builds finds a whole release: all its files of one version."""
        output, releases = tmp_path / "site", tmp_path / "releases"
        versions = [{f"{n}.html": f"{v}-{n}".encode() for n in range(20)} for v in range(30)]
        publish(versions[0], output, releases)
        stop, torn = threading.Event(), []

        def read() -> None:
            while not stop.is_set():
                release = os.path.realpath(output)
                try:
                    seen = {Path(release, f"{n}.html").read_bytes().split(b"-")[0] for n in range(20)}
                except FileNotFoundError:
                    if os.path.realpath(output) == release:
                        torn.append("missing")
                    continue
                if len(seen) != 1:
                    torn.append(seen)

        reader = threading.Thread(target=read)
        reader.start()
        for version in versions[1:]:
            publish(version, output, releases)
        stop.set()
        reader.join()
        assert not torn
        assert len([p for p in releases.iterdir() if p.is_dir()]) == KEEP

    def test_full_disk_leaves_the_old_site(self, tmp_path, monkeypatch) -> None:
        output, releases = tmp_path / "site", tmp_path / "releases"
        publish({"a": b"1"}, output, releases)

        def full(_handle) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(WorkspaceError, match="No space left on device; the old one stays"):
            publish({"a": b"2"}, output, releases)
        assert (output / "a").read_bytes() == b"1"
        assert not [p for p in releases.iterdir() if p.name.startswith(".") and p.is_dir()]

    def test_never_writes_over_something_else(self, tmp_path) -> None:
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "precious").write_text("x")
        with pytest.raises(WorkspaceError, match="not a site that contentops made"):
            publish({"a": b"1"}, tmp_path / "site", tmp_path / "releases")
        assert (tmp_path / "site" / "precious").exists()

    def test_unwritable_place_is_a_sentence(self, tmp_path) -> None:
        (tmp_path / "releases").write_text("a file")
        with pytest.raises(WorkspaceError, match="cannot write the site"):
            publish({"a": b"1"}, tmp_path / "site", tmp_path / "releases")


def test_link_days_shown_are_the_workspaces(example) -> None:
    asset = example.assets.get("zh-CN/equipment-inspection-white-paper-2026")
    html = example.pages.visitor.thanks(asset, "/d/x/y.pdf", example.now() + timedelta(days=14))
    assert "2026年12月5日" in html
    assert 'href="/d/x/y.pdf"' in html


class TestOddContent:
    def test_text_that_is_nested_too_deeply_costs_its_own_page_only(self, workspace) -> None:
        write_content(workspace, "qa/deep.md", "".join("    " * n + "- x\n" for n in range(300)))
        write_content(workspace, "qa/good.md", "# 好")
        workspace.assets.sync()
        report = workspace.pages.build()
        assert [problem.where for problem in report.problems] == ["content/qa/deep.md"]
        assert (report.output / "zh" / "good" / "index.html").is_file()

    def test_former_address_never_hides_a_page(self, workspace) -> None:
        path = write_content(workspace, "qa/x.md", "---\ntitle: x\nslug: old\n---\n")
        workspace.assets.sync()
        path.write_text("---\ntitle: x\nslug: new\n---\n")
        workspace.assets.sync()
        path.write_text("---\ntitle: x\nslug: old\n---\n")
        workspace.assets.sync()
        assert "<h1>x</h1>" in (build(workspace) / "zh" / "old" / "index.html").read_text(encoding="utf-8")

    def test_link_that_is_not_ours_is_left_alone(self, tmp_path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "site").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(WorkspaceError, match="not a site that contentops made"):
            publish({"a": b"1"}, tmp_path / "site", tmp_path / "releases")

    def test_path_that_leaves_the_site_is_refused(self, tmp_path) -> None:
        with pytest.raises(WorkspaceError, match="leave the site"):
            publish({"../a": b"1"}, tmp_path / "site", tmp_path / "releases")


class TestFormerAddresses:
    """Hugo's aliases come from anywhere: none may take the place of what the site has, none may stop a build."""

    @pytest.mark.parametrize(
        "alias",
        ["/robots.txt", "/zh/", "/zh/privacy/", "/zh/feed.xml", "/zh/b/thanks/", "/d/", "/s/x/", "/static/", "/" + "长" * 100, "/../x/"],
    )  # fmt: skip
    def test_address_that_is_in_use_is_named_and_left_alone(self, workspace, alias) -> None:
        write_content(workspace, "qa/a.md", f'---\ntitle: 甲\naliases: ["{alias}"]\n---\n')
        write_content(workspace, "qa/b.md", "# 乙\n")
        workspace.assets.sync()
        report = workspace.pages.build()
        assert report.pages == 2
        assert not report.problems
        assert (report.output / "_redirects").read_text() == ""
        assert bool(report.notices) is (alias != "/../x/")

    @pytest.mark.parametrize(
        ("alias", "file", "old"),
        [
            ("/posts/alt/", "posts/alt/index.html", "/posts/alt/"),
            ("/posts/alt.html", "posts/alt.html", "/posts/alt.html"),
            ("/posts/alt/index.html", "posts/alt/index.html", "/posts/alt/"),
            ("/旧/文章", "旧/文章/index.html", "/%E6%97%A7/%E6%96%87%E7%AB%A0/"),
        ],
    )
    def test_leads_on(self, workspace, alias, file, old) -> None:
        write_content(workspace, "qa/a.md", f'---\ntitle: 甲\naliases: ["{alias}"]\n---\n')
        workspace.assets.sync()
        site = build(workspace)
        assert "/zh/a/" in (site / file).read_text(encoding="utf-8")
        assert (site / "_redirects").read_text() == f"{old} /zh/a/ 301\n"

    def test_file_and_folder_of_one_name(self, workspace) -> None:
        write_content(workspace, "qa/a.md", '---\ntitle: 甲\naliases: ["/x.html", "/x.html/y/"]\n---\n')
        workspace.assets.sync()
        assert "'/x.html/y/' is in use" in str(workspace.pages.build().notices)


class TestDeletedTexts:
    def test_page_goes_and_is_named(self, any_workspace) -> None:
        path = write_content(any_workspace, "whitepaper/w/index.md", GATED)
        write_content(any_workspace, "whitepaper/w/w.pdf", b"%PDF")
        write_content(any_workspace, "qa/b.md", "# 乙\n")
        any_workspace.assets.sync()
        assert (build(any_workspace) / "zh" / "w" / "index.html").is_file()
        path.unlink()
        any_workspace.assets.sync()
        report = any_workspace.pages.build()
        assert report.pages == 1
        assert not (report.output / "zh" / "w").exists()
        assert "asset move zh-CN/w retired" in str(report.notices[0])
        assert any_workspace.pages.visitor.gated_asset("zh", "w") is None

    def test_folder_that_is_elsewhere_takes_no_page_away(self, workspace) -> None:
        write_content(workspace, "qa/b.md", "# 乙\n")
        workspace.assets.sync()
        build(workspace)
        (workspace.folder / "content").rename(workspace.folder / "unmounted")
        assert workspace.pages.build().pages == 1


class TestPictures:
    @pytest.mark.parametrize("name", ["a#1.png", "50%.png", "图 一.png", "a?b.png"])
    def test_every_name_is_an_address(self, workspace, name) -> None:
        from urllib.parse import quote, unquote

        write_content(workspace, f"qa/a/{name}", PNG)
        write_content(workspace, "qa/a/index.zh.md", f"# x\n\n![图]({quote(name)})\n")
        workspace.assets.sync()
        site = build(workspace)
        html = (site / "zh" / "a" / "index.html").read_text(encoding="utf-8")
        source = html.split('<img alt="图" src="')[1].split('"')[0]
        assert (site / unquote(source).lstrip("/")).read_bytes() == PNG
        assert not workspace.pages.check.run("a").count("error")  # type: ignore[arg-type]

    def test_picture_named_card_does_not_take_the_cards_place(self, make_workspace) -> None:
        workspace = make_workspace(card_font="auto")
        write_content(workspace, "qa/a/card.png", PNG)
        write_content(workspace, "qa/a/index.zh.md", "# x\n\n![图](card.png)\n")
        workspace.assets.sync()
        page = build(workspace) / "zh" / "a"
        if "og:image" not in (page / "index.html").read_text(encoding="utf-8"):
            pytest.skip("needs a font with Chinese characters")
        assert (page / "card.png").read_bytes() != PNG


def test_template_that_extends_itself_is_a_sentence(workspace) -> None:
    (workspace.folder / "templates" / "calm").mkdir()
    (workspace.folder / "templates" / "calm" / "content.html").write_text('{% extends "content.html" %}')
    write_content(workspace, "qa/a.md", "# x\n")
    workspace.assets.sync()
    with pytest.raises(WorkspaceError, match=r"write !shipped/"):
        workspace.pages.build()


def test_mistake_in_a_section_names_its_file_and_line(workspace) -> None:
    folder = workspace.folder / "templates" / "calm" / "sections"
    folder.mkdir(parents=True)
    (folder / "faq.html").write_text("\n{{ section.questions }}\n")
    text = "---\ntitle: x\ncontentops: {sections: [{type: faq, items: [{question: 问, answer: 答}]}]}\n---\n"
    write_content(workspace, "qa/a.md", text)
    workspace.assets.sync()
    with pytest.raises(WorkspaceError, match=r"templates/calm/sections/faq\.html:2: "):
        workspace.pages.build()
