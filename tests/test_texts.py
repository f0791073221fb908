"""Both languages, everywhere."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import contentops
from contentops.bundled import bundled
from contentops.texts import LANGUAGES, gettext, pick, set_language, spoken, translations, use_language

PACKAGE = Path(contentops.__file__).parent
PO = PACKAGE / "locale" / "zh_CN" / "LC_MESSAGES" / "contentops.po"
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]


@pytest.fixture(scope="module")
def used() -> set[str]:
    found = set()
    for folder in (PACKAGE, bundled("templates")):
        for _file, _line, message, _comments, _context in extract_from_dir(folder, METHODS):
            found.add(message[0] if isinstance(message, tuple) else message)
    return found


@pytest.fixture(scope="module")
def chinese():
    with PO.open("rb") as file:
        return read_po(file)


def test_every_message_is_translated(used, chinese) -> None:
    missing = sorted(message for message in used if not chinese.get(message) or not chinese.get(message).string)
    assert not missing


def test_catalogue_has_nothing_else_and_nothing_fuzzy(used, chinese) -> None:
    entries = [message for message in chinese if message.id]
    ids = {message.id[0] if isinstance(message.id, tuple) else message.id for message in entries}
    assert ids == used
    assert not [message.id for message in entries if message.fuzzy]


def test_placeholders_agree(chinese) -> None:
    for message in chinese:
        if message.id:
            assert not list(message.check()), message.id


def test_compiled_catalogue_is_current(chinese) -> None:
    """The .mo is made when contentops is installed; a change of the .po needs `pip install` again."""
    loaded = translations("zh-CN")
    for message in chinese:
        if message.id and not isinstance(message.id, tuple):
            assert loaded.gettext(message.id) == message.string


def test_language_belongs_to_the_task() -> None:
    with use_language("zh-CN"):
        assert gettext("Thank you") == "谢谢"
        with use_language("en"):
            assert gettext("Thank you") == "Thank you"
        assert gettext("Thank you") == "谢谢"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("zh_CN.UTF-8", "zh-CN"),
        ("zh", "zh-CN"),
        ("ZH-hans", "zh-CN"),
        ("en_GB", "en"),
        ("C", "en"),
        ("", "en"),
        (None, "en"),
        ("fr", "en"),
    ],
)
def test_spoken(tag, expected) -> None:
    assert spoken(tag) == expected
    assert expected in LANGUAGES


def test_pick_falls_back_to_what_there_is() -> None:
    assert pick({"en": "White paper", "zh-CN": "白皮书"}, "zh") == "白皮书"
    assert pick({"zh-CN": "白皮书"}, "en") == "白皮书"
    set_language("en")
