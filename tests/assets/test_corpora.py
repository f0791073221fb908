"""The facts of 789 real Markdown files, made with other tools than ours."""

import json
from collections import Counter
from datetime import datetime

import pytest
from sqlmodel import select

from contentops.models import Asset, SourceFile

pytestmark = pytest.mark.corpora
NAMES = ("kubeedge-website", "18f-gsa-gov", "dynamics365-guidance", "shenyuan-law-firm")
LANGUAGES = {"zh": "zh-CN", "latin": "en", "tiny": "zh-CN"}  # too few letters: the workspace's language


@pytest.fixture
def imported(make_workspace, corpora):
    extra = "".join(
        f'\n[[sources]]\npath = "{corpora / name}"\nkind = "help_doc"\nlanguage = "letters"\n'
        f"keys = {{ title = [\"title\", \"title_zh\"] }}\nexclude = ['^ATTRIBUTION', '^LICENSE']\n"
        for name in NAMES
    )
    workspace = make_workspace(extra=extra)
    return workspace, workspace.assets.sync()


@pytest.fixture
def facts(corpora):
    with (corpora / "facts.jsonl").open(encoding="utf-8") as lines:
        return {str(corpora / row["corpus"] / row["path"]): row for row in map(json.loads, lines)}


def test_every_file_is_an_asset_or_named(imported, facts) -> None:
    workspace, report = imported
    assert report.files == len(facts) == 789
    unreadable = {path for path, fact in facts.items() if fact["front_matter"] != "none" and not fact["parsed"]}
    assert {problem.where for problem in report.problems} == unreadable
    assert all(problem.line for problem in report.problems)
    corpora_of = Counter(facts[problem.where]["corpus"] for problem in report.problems)
    assert corpora_of == {"shenyuan-law-firm": 31, "18f-gsa-gov": 1}
    assert len(workspace.assets.find()) == len(facts) - len(unreadable)


def test_title_date_and_language_are_the_expected_ones(imported, facts) -> None:
    workspace, _report = imported
    with workspace.store.read() as session:
        rows = session.exec(select(SourceFile.path, Asset).join(Asset, Asset.id == SourceFile.asset_id)).all()
    for path, asset in rows:
        fact = facts[path]
        if fact["title"] is not None:
            assert asset.title == " ".join(fact["title"].split()), path
        expected = datetime.fromisoformat(fact["date"]).date() if fact["date"] else None
        assert asset.dated_on == expected, path
        assert asset.language == LANGUAGES[fact["lang"]], path
        assert asset.draft is bool(fact["draft"]), path


def test_importing_again_changes_nothing(imported) -> None:
    workspace, first = imported
    again = workspace.assets.sync()
    assert again.unchanged == first.files
    assert again.problems == first.problems
    assert again.added == again.changed == again.renamed == again.removed == ()
