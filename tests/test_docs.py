"""Documentation that cannot go stale."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def refresh():
    spec = importlib.util.spec_from_file_location("refresh", DOCS / "refresh.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["cli.md", "settings.md", "errors.md", "templates.md", "data-map.md"])
def test_made_page_is_current(refresh, page) -> None:
    """When this fails: python docs/refresh.py."""
    assert (DOCS / page).read_text(encoding="utf-8") == refresh.PAGES[page]()


def test_every_command_has_help(refresh) -> None:
    import typer

    from contentops.cli.app import app

    for words, command in refresh._commands(typer.main.get_command(app), ["contentops"]):
        assert command.help, words
        assert all(param.help for param in command.params if param.name not in ("help",)), words


def test_every_template_of_the_theme_is_documented() -> None:
    from contentops.assets.sections import SECTION_TYPES
    from contentops.bundled import bundled
    from contentops.pages.contract import TEMPLATES

    theme = bundled("templates") / "calm"
    shipped = {path.name for path in theme.iterdir() if path.is_file()} - {"layout.html", "parts.html"}
    assert shipped | {"sections/TYPE.html"} == set(TEMPLATES)
    assert {path.stem for path in (theme / "sections").iterdir()} == set(SECTION_TYPES)


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*ROOT.glob("README*.md"), ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_readme_begins_with_the_two_lines() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = text[: text.index("\n## ")]
    lines = re.findall(r"^python3 -m venv .*$", first, re.MULTILINE)
    assert len(lines) == 2
    assert lines[0].endswith("contentops demo")
    assert lines[1].endswith("pytest")
    assert lines[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_nothing_names_a_registrys_host_or_a_path_of_this_machine() -> None:
    words = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|files\.python|/root/|/work/")
    for path in [*ROOT.glob("*.*"), *DOCS.glob("*"), ROOT / ".ci" / "run"]:
        if path.is_file() and path.suffix not in (".png",):
            assert not words.search(path.read_text(encoding="utf-8")), path
