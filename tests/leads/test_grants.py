"""Personal links."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.errors import LinkExpired, LinkRefused, SettingsInvalid
from contentops.leads.grants import Grant, Links
from contentops.leads.keyring import signing_keys
from contentops.settings import Settings

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
OLD_KEY, NEW_KEY = "old-key-0123456789-abcdefghijklmnop", "new-key-9876543210-zyxwvutsrqponml"
GRANT = Grant("a" * 32, "b" * 32, NOW + timedelta(days=14))
LINKS = Links([NEW_KEY])


def test_link_comes_back_as_it_went() -> None:
    assert LINKS.read("download", LINKS.sign("download", GRANT), NOW) == GRANT


@pytest.mark.row("D1")
def test_every_changed_character_is_refused() -> None:
    token = LINKS.sign("download", GRANT)
    for place in range(len(token)):
        for char in "Aa0_-.":
            if char != token[place]:
                with pytest.raises(LinkRefused):
                    LINKS.read("download", token[:place] + char + token[place + 1 :], NOW)


@pytest.mark.row("D1")
def test_other_purpose_other_key_cut_or_long_is_refused() -> None:
    token = LINKS.sign("download", GRANT)
    for purpose, wrong in [("confirm", token), ("download", token[:-1]), ("download", ""), ("download", "x" * 10_000),
                           ("download", "你好"), ("download", Links([OLD_KEY]).sign("download", GRANT)), ("download", ".".join(["e30"] * 3))]:  # fmt: skip
        with pytest.raises(LinkRefused):
            LINKS.read(purpose, wrong, NOW)


@pytest.mark.row("D2")
def test_expiry_with_two_minutes_of_leeway() -> None:
    token = LINKS.sign("download", GRANT)
    assert LINKS.read("download", token, GRANT.until + timedelta(seconds=119))
    with pytest.raises(LinkExpired):
        LINKS.read("download", token, GRANT.until + timedelta(seconds=121))
    assert LINKS.read("download", token, NOW - timedelta(days=1))  # a clock that is behind


def test_keys_rotate() -> None:
    old = Links([OLD_KEY]).sign("download", GRANT)
    both = Links([NEW_KEY, OLD_KEY])
    assert both.read("download", old, NOW) == GRANT
    assert LINKS.read("download", both.sign("download", GRANT), NOW) == GRANT
    with pytest.raises(LinkRefused):
        LINKS.read("download", old, NOW)


@given(st.text(max_size=200))
def test_any_text_is_refused(token) -> None:
    with pytest.raises(LinkRefused):
        LINKS.read("download", token, NOW)


@pytest.mark.parametrize("content", [None, "", "short\n", "a" * 40])
def test_missing_or_weak_key_is_refused(tmp_path, content) -> None:
    if content is not None:
        (tmp_path / ".contentops").mkdir()
        (tmp_path / ".contentops" / "secret_key").write_text(content)
    with pytest.raises(SettingsInvalid, match="key"):
        signing_keys(Settings(), tmp_path)


def test_key_by_environment_wins(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CONTENTOPS_SECRET_KEY", NEW_KEY)
    assert signing_keys(Settings(), tmp_path) == [NEW_KEY]
