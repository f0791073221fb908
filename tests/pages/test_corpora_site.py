"""789 real Markdown files as a site: every page is whole, and twice the same."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

pytestmark = pytest.mark.corpora
NAMES = ("kubeedge-website", "18f-gsa-gov", "dynamics365-guidance", "shenyuan-law-firm")


class Frame(HTMLParser):
    """Links of a page's own frame, which the writer's text is no part of; and its first-level headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.h1, self._prose = [], 0, 0
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        if tag == "div" and (self._prose or "prose" in (given.get("class") or "").split()):
            self._prose += 1
        if not self._prose:
            self.h1 += tag == "h1"
            self.links += [given[name] for name in ("href", "src") if given.get(name, "").startswith("/")]

    def handle_endtag(self, tag) -> None:
        self._prose -= bool(tag == "div" and self._prose)


def files(site: Path) -> dict[str, bytes]:
    root = site.resolve()
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_all_of_them_are_whole_pages_and_the_same_twice(make_workspace, corpora) -> None:
    workspace = make_workspace(
        extra="".join(
            f'\n[[sources]]\npath = "{corpora / name}"\nkind = "help_doc"\nlanguage = "letters"\n'
            f"keys = {{ title = [\"title\", \"title_zh\"] }}\nexclude = ['^ATTRIBUTION', '^LICENSE']\n"
            for name in NAMES
        )
    )
    workspace.assets.sync()
    report = workspace.pages.build()
    assert not report.problems
    assert report.pages > 700
    site = files(report.output)
    pages = {name: data.decode() for name, data in site.items() if name.endswith(".html")}
    assert len(pages) >= report.pages
    for name, text in pages.items():
        assert text.rstrip().endswith("</html>"), name
        if 'http-equiv="refresh"' in text:
            continue
        frame = Frame(text)
        assert frame.h1 == 1, name
        for link in frame.links:
            target = link.split("#")[0].split("?")[0].lstrip("/")
            assert target in site or f"{target}index.html" in site, f"{name}: {link}"
    for name in ("bodies", "releases"):
        (workspace.folder / ".contentops" / name).rename(workspace.folder / f"old {name}")
    workspace.pages.output.unlink()
    assert files(workspace.pages.build().output) == site
