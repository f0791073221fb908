"""Data that ships with the package."""

import tomllib

import pytest

from contentops.assets.standards import PUBLISH, load_standards
from contentops.bundled import bundled
from contentops.texts import LANGUAGES

DEFAULT_KINDS = {
    "help_doc", "qa", "best_practice", "case_study", "industry_solution", "general_solution", "icebreaker", "whitepaper",
    "open_class", "process",
}  # fmt: skip


def test_unknown_folder_says_so() -> None:
    with pytest.raises(FileNotFoundError, match="install it again"):
        bundled("nonsense")


def test_every_default_kind_has_a_standard_in_both_languages(tmp_path) -> None:
    standards = load_standards(tmp_path)
    assert standards.kinds == DEFAULT_KINDS
    for standard in standards.by_kind.values():
        assert standard.duties.owner
        assert set(standard.name) == set(LANGUAGES)
        assert [step for step in standard.steps if step.key == PUBLISH]
        offsets = [step.offset_days for step in standard.steps]
        assert offsets == sorted(offsets)
        for step in standard.steps:
            assert set(step.name) == set(LANGUAGES)
            assert all(set(point) == set(LANGUAGES) for point in step.checklist)


def test_example_names_somebody_for_every_role(tmp_path) -> None:
    people = tomllib.loads((bundled("examples") / "lianxun" / "team.toml").read_text(encoding="utf-8"))["people"]
    assert {role for person in people for role in person["roles"]} == set(load_standards(tmp_path).roles())
    assert all(person["email"].endswith("@example.com") for person in people)
