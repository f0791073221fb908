"""Pages: the whole site, one changed page, another colour, against Pelican, MkDocs and copying the bytes.

Every generator runs as its own command in its own process (start included, because people wait for it) on the same
Markdown files, with the same Markdown extensions and a template of about the same size. Feeds, tags, search and
navigation are switched off in the peers. contentops does more with each page, which the peers were not asked to do:
cleaning the HTML (nh3), "read next" with three cards, alternates and JSON-LD, a list of all pages in each language, an
fsync of every file and the swap of the whole site at once. Pictures of links are off (card_font = "none"), since peers
make none; a row of their own says what they cost. The limit reads every file of the finished site and writes it into a
fresh folder. "Running" rows are sync and build in a process that has done both before, as the preview does them: the
start of Python does not count there; that of a peer does, since it has no such process.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import Options, Report, Timing, python, run_child, take_turns, timed
from benchmarks.workspaces import Bench, temporary_folder

# What a user does after saving a file, in one process; and a build whose start is not counted, for the limit.
SYNC_AND_BUILD = """
import sys
from contentops.workspace import Workspace
with Workspace.open(sys.argv[1]) as workspace:
    found = workspace.assets.sync()
    assert len(found.changed) == 1, found
    workspace.pages.build()
"""
BUILD = """
import json, os, sys, time
from contentops.workspace import Workspace
def cpu():
    return sum(os.times()[:4])  # children that have ended included
with Workspace.open(sys.argv[1]) as workspace:
    workspace.assets.standards, workspace.store.check()
    before, wall = cpu(), time.perf_counter()
    report = workspace.pages.build()
    print(json.dumps([cpu() - before, time.perf_counter() - wall, report.changed]))
"""
RUNNING = """
import json, os, sys, time
from pathlib import Path
from contentops.workspace import Workspace
page = Path(sys.argv[2]) if len(sys.argv) > 2 else None
with Workspace.open(sys.argv[1]) as workspace:
    for _warm in range(2):
        workspace.assets.sync()
        workspace.pages.build()
        if page:
            page.write_text(page.read_text(encoding="utf-8") + "\\nOne more line.\\n", encoding="utf-8")
    before, wall = time.process_time(), time.perf_counter()
    workspace.assets.sync()
    report = workspace.pages.build()
    print(json.dumps([time.process_time() - before, time.perf_counter() - wall, report.changed]))
    assert report.changed == bool(page) and report.made == bool(page), report
"""

# One frame for both peers, filled with each one's names.
FRAME = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{{ TITLE }} – Benchmark</title>
  <meta name="description" content="{{ DESCRIPTION }}">
  <link rel="canonical" href="http://127.0.0.1:8000/{{ URL }}">
  <meta property="og:url" content="http://127.0.0.1:8000/{{ URL }}">
  <meta property="og:type" content="article">
  <meta property="og:title" content="{{ TITLE }}">
  <meta property="og:site_name" content="Benchmark">
  <meta property="og:description" content="{{ DESCRIPTION }}">
  <meta name="color-scheme" content="light dark">
  <meta name="theme-color" content="#0b5c5c">
  <link rel="icon" href="/static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/static/style.css">
</head>
<body>
  <a class="skip" href="#main">Skip to the content</a>
  <header class="top"><div class="wide"><a class="brand" href="/">Benchmark</a></div></header>
  <main id="main">
    <article>
      <header class="headline">
        <p class="about"><time>{{ DATE }}</time></p>
        <h1>{{ TITLE }}</h1>
        <p class="lead">{{ DESCRIPTION }}</p>
      </header>
      <div class="prose">{{ CONTENT }}</div>
    </article>
  </main>
  <footer class="bottom">
    <div class="wide"><p>© Benchmark</p><p><a href="/privacy/">Privacy notice</a></p></div>
  </footer>
</body>
</html>
"""
PELICAN = """
SITENAME, SITEURL, PATH, THEME = "Benchmark", "", {content!r}, {theme!r}
OUTPUT_PATH, CACHE_PATH = {output!r}, {cache!r}
TIMEZONE, DEFAULT_LANG, SLUGIFY_SOURCE = "Asia/Shanghai", "zh-CN", "basename"
ARTICLE_SAVE_AS = ARTICLE_LANG_SAVE_AS = "{{lang}}/{{slug}}/index.html"
ARTICLE_URL = ARTICLE_LANG_URL = "{{lang}}/{{slug}}/"
MARKDOWN = {{"extension_configs": {{"markdown.extensions." + name: {{}} for name in (
    "extra", "sane_lists", "admonition", "toc", "meta")}}, "output_format": "html"}}
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
DIRECT_TEMPLATES, DEFAULT_PAGINATION = ["index"], False
CATEGORY_SAVE_AS = TAG_SAVE_AS = AUTHOR_SAVE_AS = ""
CACHE_CONTENT = LOAD_CONTENT_CACHE = {cached}
"""
MKDOCS = {
    "site_name": "Benchmark",
    "site_url": "http://127.0.0.1:8000/",
    "markdown_extensions": ["extra", "sane_lists", "admonition", "toc"],
    "plugins": [],
}


def run(options: Options) -> Report:
    """Measure the builds."""
    report = Report("page", "the whole site")
    with temporary_folder() as folder:
        bench = Bench(folder / "workspace", options)
        report.notes.append(bench.describe())
        with bench.open() as workspace:
            workspace.assets.sync()
        _prepare_pelican(folder, bench.folder / "content")
        _prepare_mkdocs(folder, bench.folder / "content")
        report.samples = take_turns(_variants(folder, bench), options.rounds, warm_up=not options.quick)
        report.notes += _pages(folder)
    report.compare("whole site: Pelican / contentops", "Pelican", "contentops", 1.5, clocks=("wall",))
    report.compare("whole site: contentops / Pelican", "contentops", "Pelican", 1.0, at_least=False, clocks=("cpu",))
    report.compare("whole site: MkDocs / contentops", "MkDocs", "contentops")
    report.compare("one page: MkDocs --dirty / contentops", "one page: MkDocs --dirty", "one page: contentops", 1.7)
    report.compare("one page: Pelican cached / contentops", "one page: Pelican cached", "one page: contentops", 8)
    running = "one page, running: contentops"
    report.compare("one page: MkDocs --dirty / contentops running", "one page: MkDocs --dirty", running)
    report.compare(
        "all pages anew, bodies kept: contentops / read and write",
        "all pages anew, bodies kept",
        "read and write the site",
        5,
        at_least=False,
    )
    report.compare("whole site: contentops / read and write", "contentops", "read and write the site", clocks=("cpu",))
    return report


def _variants(folder: Path, bench: Bench) -> dict[str, Callable[[], Timing]]:
    root = bench.folder
    page = sorted((root / "content").rglob("*.md"))[len(bench.files) // 2]
    colours = iter(f"#0b{number:04x}" for number in range(1, 10_000))

    def command(*words: str) -> Callable[[], Timing]:
        return lambda: run_child(python("-m", *words), folder)[0]

    def edited(*words: str | Path) -> Callable[[], Timing]:
        def edit() -> Timing:
            page.write_text(page.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
            return run_child(python(*words), folder)[0]

        return edit

    def cold() -> Timing:
        bench.forget_site()
        return run_child(python("-m", "contentops", "-w", root, "page", "build"), folder)[0]

    def pelican() -> Timing:
        shutil.rmtree(folder / "pelican-site", ignore_errors=True)
        return command("pelican", "-s", "pelican-settings.py", "-q")()

    def mkdocs() -> Timing:
        shutil.rmtree(folder / "mkdocs-site", ignore_errors=True)
        return command("mkdocs", "build", "-q")()

    def inside(*words: str | Path, **environment: str) -> Timing:
        _timing, output = run_child(python("-c", *words), folder, **environment)
        cpu, wall, _changed = json.loads(output.splitlines()[-1])
        return Timing(cpu, wall)

    def another_colour(**environment: str) -> Timing:
        timing = inside(BUILD, root, CONTENTOPS_SITE__BRAND_COLOR=next(colours), **environment)
        inside(BUILD, root)  # back to the usual site, for whoever is next
        return timing

    def with_cards() -> Timing:
        shutil.rmtree(root / ".contentops" / "cards", ignore_errors=True)
        return another_colour(CONTENTOPS_SITE__CARD_FONT="auto")

    return {
        "contentops": cold,
        "Pelican": pelican,
        "MkDocs": mkdocs,
        # Each follows a build that it can take further: Pelican's own cache and MkDocs' output of this round.
        "one page: contentops": edited("-c", SYNC_AND_BUILD, root),
        "one page: MkDocs --dirty": edited("-m", "mkdocs", "build", "-q", "--dirty"),
        "one page: Pelican cached": edited("-m", "pelican", "-s", "pelican-cached-settings.py", "-q"),
        "one page, running: contentops": lambda: inside(RUNNING, root, page),
        "nothing changed: contentops": command("contentops", "-w", str(root), "page", "build"),
        "nothing changed, running: contentops": lambda: inside(RUNNING, root),
        "all pages anew, bodies kept": another_colour,
        "all pages anew, bodies kept, cards drawn": with_cards,
        "read and write the site": lambda: _copy(root / "site", folder / "copy"),
    }


def _copy(site: Path, target: Path) -> Timing:
    """Read every file of the site and write it into a fresh folder: what no generator can beat."""
    shutil.rmtree(target, ignore_errors=True)
    files = [file for file in site.resolve().rglob("*") if file.is_file()]
    names = [target / file.relative_to(site.resolve()) for file in files]

    def copy() -> None:
        for parent in {name.parent for name in names}:
            parent.mkdir(parents=True, exist_ok=True)
        for file, name in zip(files, names, strict=True):
            name.write_bytes(file.read_bytes())

    return timed(copy)[0]


def _prepare_pelican(folder: Path, content: Path) -> None:
    theme = folder / "pelican-theme" / "templates"
    theme.mkdir(parents=True)
    names = {"TITLE": "article.title", "DESCRIPTION": "article.description", "URL": "article.url",
             "DATE": "article.date.date()", "CONTENT": "article.content"}  # fmt: skip
    (theme / "article.html").write_text(_frame(names), encoding="utf-8")
    rows = '{% for a in articles %}<li><a href="/{{ a.url }}">{{ a.title }}</a></li>{% endfor %}'
    (theme / "index.html").write_text(f"<!doctype html><title>Benchmark</title><ul>{rows}</ul>", encoding="utf-8")
    for cached in (False, True):
        name = "pelican-cached" if cached else "pelican"
        settings = PELICAN.format(
            content=str(content),
            theme=str(theme.parent),
            output=str(folder / f"{name}-site"),
            cache=str(folder / "pelican-cache"),
            cached=cached,
        )
        (folder / f"{name}-settings.py").write_text(settings, encoding="utf-8")  # pelican.py would hide the package


def _prepare_mkdocs(folder: Path, content: Path) -> None:
    theme = folder / "mkdocs-theme"
    theme.mkdir()
    names = {"TITLE": "page.title", "DESCRIPTION": "page.meta.description", "URL": "page.url",
             "DATE": "page.meta.date", "CONTENT": "page.content"}  # fmt: skip
    (theme / "main.html").write_text(_frame(names), encoding="utf-8")
    settings = {
        **MKDOCS,
        "docs_dir": str(content),
        "site_dir": str(folder / "mkdocs-site"),
        "theme": {"name": None, "custom_dir": str(theme)},
    }
    (folder / "mkdocs.yml").write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML


def _frame(names: dict[str, str]) -> str:
    """Fill the frame's place-holders with a generator's own expressions."""
    text = FRAME
    for placeholder, expression in names.items():
        text = text.replace(f"{{{{ {placeholder} }}}}", f"{{{{ {expression} }}}}")
    return text


def _pages(folder: Path) -> list[str]:
    sites = {"contentops": folder / "workspace" / "site", "Pelican": folder / "pelican-site",
             "MkDocs": folder / "mkdocs-site"}  # fmt: skip
    lines = []
    for name, site in sites.items():
        pages = list(site.resolve().rglob("*.html"))
        size = sum(page.stat().st_size for page in pages)
        lines.append(f"{name}: {len(pages)} HTML files, {size / 1e6:.1f} MB")
    return lines
