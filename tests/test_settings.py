"""contentops.toml and CONTENTOPS_*."""

import pytest

from contentops.errors import SettingsInvalid, WorkspaceError
from contentops.settings import load_settings
from contentops.settings.origins import origins


@pytest.fixture
def folder(tmp_path):
    def write(text: str):
        (tmp_path / "contentops.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_file_then_environment(folder, monkeypatch) -> None:
    path = folder('name = "联巡云"\n[capture]\nper_minute = 5\n')
    monkeypatch.setenv("CONTENTOPS_CAPTURE__PER_MINUTE", "20")
    settings = load_settings(path)
    assert (settings.name, settings.capture.per_minute, settings.capture.per_hour) == ("联巡云", 20, 60)


def test_all_problems_at_once_with_suggestions(folder) -> None:
    path = folder(
        'nmae = "x"\ntime_zone = "Asia/Shangai"\n[calendar]\ncuntry = "CN"\n[[sources]]\npath = "a"\nkeys = {titel = "x"}\n'
    )
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(path)
    text = str(caught.value)
    assert "unknown key 'nmae'; did you mean 'name'?" in text
    assert "did you mean 'Asia/Shanghai'?" in text
    assert "unknown key 'calendar.cuntry'; did you mean 'country'?" in text
    assert "unknown key 'sources.0.keys.titel'; did you mean 'title'?" in text


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('[calendar]\ncountry = "CHN2"', "no holidays are known"),
        ('public_url = "example.com"', "http://"),
        ('database_url = "mysql://x"', "sqlite:///"),
        ("[capture]\nper_minute = 0", "must be at least 1"),
        ('[capture]\ntrusted_proxies = ["nonsense"]', "nonsense"),
        ("name = ", "not valid TOML"),
        ('secret_key = "abcdefghijklmnopqrstuvwxyz0123456789"', "secrets do not belong in this file"),
    ],
)
def test_wrong_value_is_named(folder, line, word) -> None:
    with pytest.raises(SettingsInvalid, match=word):
        load_settings(folder(line + "\n"))


def test_unknown_variable_is_an_error(folder, monkeypatch) -> None:
    monkeypatch.setenv("CONTENTOPS_PUBLIC_ULR", "http://example.com")
    with pytest.raises(SettingsInvalid, match="did you mean 'CONTENTOPS_PUBLIC_URL'"):
        load_settings(folder(""))


@pytest.mark.row("P2")
def test_origins_say_where_and_mask_secrets(folder, monkeypatch) -> None:
    path = folder('name = "x"\ndatabase_url = "postgresql://ops:hunter2@db.example.com/x"\n')
    monkeypatch.setenv("CONTENTOPS_SECRET_KEY", "a-secret-that-must-not-be-shown-123")
    rows = {row.key: row for row in origins(load_settings(path), path)}
    assert rows["name"].origin == "contentops.toml"
    assert rows["language"].origin == "default"
    assert rows["secret_key"].origin == "CONTENTOPS_SECRET_KEY"
    shown = " ".join(row.value for row in rows.values())
    assert "a-secret" not in shown
    assert "hunter2" not in shown
    assert rows["sources.0.path"].value == "content"


def test_not_utf8_is_a_sentence(tmp_path) -> None:
    (tmp_path / "contentops.toml").write_bytes('name = "联巡"'.encode("gb18030"))
    with pytest.raises(SettingsInvalid, match="UTF-8"):
        load_settings(tmp_path)


def test_missing_file_is_a_workspace_error(tmp_path) -> None:
    with pytest.raises(WorkspaceError, match="cannot read"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('[[sources]]\nexclude = ["("]', "no regular expression"),
        ('[calendar]\ncountry = "DE"\nsubdivision = "XX"', "'XX' is no region of DE"),
        ('[calendar]\ncountry = "CHN"', "did you mean"),
        ('public_url = "http://127.0.0.1:80x"', "public_url"),
    ],
)
def test_values_that_once_ended_in_a_traceback(folder, line, words) -> None:
    with pytest.raises(SettingsInvalid, match=words):
        load_settings(folder(line + "\n"))


def test_wrong_variable_is_blamed_and_not_the_file(folder, monkeypatch) -> None:
    monkeypatch.setenv("CONTENTOPS_CAPTURE__PERMINUTE", "5")
    with pytest.raises(SettingsInvalid, match="CONTENTOPS_CAPTURE__PERMINUTE: unknown key.*did you mean 'per_minute'"):
        load_settings(folder(""))
    monkeypatch.delenv("CONTENTOPS_CAPTURE__PERMINUTE")
    monkeypatch.setenv("CONTENTOPS_CAPTURE", "{bad")
    with pytest.raises(SettingsInvalid):
        load_settings(folder(""))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://Forms.Example.com/", "https://forms.example.com"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://表单.example.cn", "https://xn--4krz84j.example.cn"),
    ],
)
def test_origin_is_kept_as_browsers_write_it(folder, written, expected) -> None:
    found = load_settings(folder(f'name = "示例"\n[capture]\nallowed_origins = ["{written}"]\n'))
    assert found.capture.allowed_origins == (expected,)
