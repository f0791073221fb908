"""Wrong calls and wrong settings: a sentence in the reader's language, exit code 2."""

import os
import subprocess
import sys

import pytest

from contentops.errors import SettingsInvalid
from contentops.settings import load_settings
from contentops.settings.wrong_values import in_words
from contentops.texts import translations, use_language

WRONG_CALLS = [
    (["nonsense"], "there is no command 'nonsense'", "没有命令“nonsense”"),
    (["assett"], "did you mean 'asset'?", "没有命令“assett”"),
    (["asset", "list", "--kinds", "x"], "there is no option --kinds; did you mean '--kind'?", "没有选项 --kinds"),
    (["asset", "show"], "the argument SLUG is missing", "缺少参数 SLUG"),
    (["asset", "new", "x"], "the option --kind is missing", "缺少选项 --kind"),
    (["serve", "--port"], "the option --port needs a value", "选项 --port 需要一个值"),
    (["asset", "list", "--json=3"], "the option --json takes no value", "选项 --json 不带值"),
    (["serve", "--port", "九"], "--port: must be a whole number", "--port：必须是整数"),
    (["serve", "--port", "99999"], "--port: must be at most 65535", "--port：最大为 65535"),
    (["page", "check", "--format", "x"], "--format: 'x' is none of text, json, github, sarif", "--format：“x”不在其中"),
    (["asset", "show", "a", "b c"], "more words than it takes: b c", "多余的参数：b c"),
    (["calendar", "list", "--from", "31.3."], "'31.3.' is no date", "“31.3.”"),
]


@pytest.mark.parametrize(("words", "english", "chinese"), WRONG_CALLS, ids=lambda value: str(value)[:30])
def test_wrong_calls_in_both_languages(run_cli, workspace, words, english, chinese) -> None:
    code, out, err = run_cli("--lang", "en", "-w", workspace.folder, *words)
    assert (code, out) == (2, "")
    assert english in err
    code, out, err = run_cli("--lang", "zh", "-w", workspace.folder, *words)
    assert (code, out) == (2, "")
    assert chinese in err
    assert "Error" not in err
    assert "Input should" not in err


def test_it_says_how_the_command_is_called(run_cli) -> None:
    _code, _out, err = run_cli("asset", "show")
    assert err.splitlines()[:2] == [
        "Usage: contentops asset show [OPTIONS] SLUG",
        "'contentops asset show --help' says more.",
    ]


class TestLanguage:
    @pytest.mark.parametrize("words", [["--lang", "fr"], ["--lang=fr"], ["--lang", ""]], ids=" ".join)
    def test_one_that_is_not_spoken_is_refused(self, run_cli, words) -> None:
        code, out, err = run_cli(*words, "--version")
        assert (code, out) == (2, "")
        assert "there are: zh, en" in err

    def test_the_refusal_is_in_the_language_of_the_environment(self, run_cli, monkeypatch) -> None:
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
        code, _out, err = run_cli("--lang", "fr", "--version")
        assert code == 2
        assert "“fr”" in err

    def test_a_variable_of_ours_is_held_to_the_same(self, run_cli, monkeypatch) -> None:
        monkeypatch.setenv("CONTENTOPS_LANG", "de")
        code, _out, err = run_cli("--version")
        assert code == 2
        assert "CONTENTOPS_LANG: 'de'" in err
        assert "zh, en" in err

    @pytest.mark.parametrize("tag", ["zh", "zh-CN", "zh_CN.UTF-8", "ZH-hans", "en", "en_GB"])
    def test_every_spelling_of_ours_is_taken(self, run_cli, tag) -> None:
        assert run_cli("--lang", tag, "--version")[0] == 0

    def test_the_environment_of_a_french_machine_is_no_mistake(self, run_cli, monkeypatch) -> None:
        monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
        assert run_cli("--version")[0] == 0

    def test_without_a_value(self, run_cli) -> None:
        code, _out, err = run_cli("--lang")
        assert code == 2
        assert "the option --lang needs a value" in err

    def test_words_after_two_dashes_are_no_options(self, run_cli, workspace) -> None:
        code, _out, err = run_cli("-w", workspace.folder, "asset", "show", "--", "--lang")
        assert code == 3
        assert "'--lang'" in err


def test_ctrl_c_is_130_and_no_is_1(workspace) -> None:
    """As a process: what Typer does with them is not ours, the codes are."""
    code = (
        "import sys, contentops.cli.app as a, typer\n"
        "from contentops.cli import main\n"
        "def end(): raise {error}\n"
        "a.app.command('end')(end)\n"
        "main(['end'])\n"
    )
    for error, expected in (("KeyboardInterrupt", 130), ("typer.Abort", 1)):
        done = subprocess.run(
            [sys.executable, "-c", code.format(error=error)], capture_output=True, encoding="utf-8", env={**os.environ}
        )
        assert done.returncode == expected, done.stderr
        assert "Traceback" not in done.stderr


WRONG_SETTINGS = [
    ("name = 5", "name: must be a text", "name：必须是文本"),
    ('name = ""', "name: must not be empty", "name：不能为空"),
    (f'name = "{"长" * 101}"', "name: longer than 100 characters", "name："),
    ('[capture]\nper_minute = "五"', "capture.per_minute: must be a whole number", "capture.per_minute：必须是整数"),
    ("[capture]\nper_minute = 0", "capture.per_minute: must be at least 1", "capture.per_minute：最小为 1"),
    ("[capture]\nlink_days = 1.5", "capture.link_days: must be a whole number", "capture.link_days：必须是整数"),
    ("[capture]\nmin_seconds = 61", "capture.min_seconds: must be at most 60", "capture.min_seconds：最大为 60"),
    ('[capture]\ndefault_region = "CHN"', "^[A-Z]{2}$", "capture.default_region：格式不符"),
    ('[capture]\ntrusted_proxies = ["都信"]', "'都信' is no network", "“都信”不是网段"),
    ('[capture]\ntrusted_proxies = "x"', "capture.trusted_proxies: must be a list", "必须是列表"),
    ('[calendar]\ninvitations = "也许"', "calendar.invitations: must be true or false", "true 或 false"),
    ('[calendar]\nweek_start = "周一"', "must be one of monday, sunday", "monday、sunday"),
    ('[capacity]\nhours_per_week = "多"', "capacity.hours_per_week: must be a number", "必须是数字"),
    ("[mail]\nretry_minutes = []", "mail.retry_minutes: must not be empty", "mail.retry_minutes：不能为空"),
    (f"[mail]\nretry_minutes = {[1] * 21}", "may have at most 20 entries", "最多 20 项"),
    ("[mail]\ntimeout_seconds = 0", "mail.timeout_seconds: must be more than 0", "必须大于 0"),
    ("server = 5", "server: must be a table", "server：必须是一张表"),
    ('[channels.kuaishou]\nmedium = "video"', "channels.kuaishou.name: is missing", "channels.kuaishou.name：缺失"),
    ('public_url = "http://127.0.0.1:80x"', "'http://127.0.0.1:80x' is no address", "“http://127.0.0.1:80x”"),
    ('nmae = "x"', "unknown key 'nmae'; did you mean 'name'?", "nmae"),
]


def test_list_of_commands_cuts_no_chinese_help() -> None:
    """A list of commands shows the first paragraph, cut between words after 60 letters: Chinese has no words to cut."""
    import typer

    from contentops.cli.app import app

    def helps(command, words):
        yield words, command.help or ""
        for name, child in getattr(command, "commands", {}).items():
            yield from helps(child, f"{words} {name}")

    chinese = translations("zh-CN")
    for words, text in helps(typer.main.get_command(app), "contentops"):
        said = chinese.gettext(text.partition("\n\n")[0])
        assert said.isascii() or len(said) <= 60, words


def test_help_of_trying_again_speaks_of_messages_and_not_of_invitations(run_cli) -> None:
    """In Chinese the calendar's words for --dry-run name invitations: the two cannot share their help."""
    helps = [run_cli(*words, "--help")[1] for words in (("outbox", "retry"), ("calendar", "invite"))]
    retry, invite = (" ".join(out.partition("--dry-run")[2].partition(".")[0].split()) for out in helps)
    assert retry == "Only show which messages would be sent again"
    assert retry != invite


@pytest.mark.parametrize(("text", "english", "chinese"), WRONG_SETTINGS, ids=lambda value: str(value)[:25])
def test_wrong_settings_in_both_languages(tmp_path, text, english, chinese) -> None:
    (tmp_path / "contentops.toml").write_text(text, encoding="utf-8")
    for language, words in (("en", english), ("zh", chinese)):
        with use_language(language), pytest.raises(SettingsInvalid) as caught:
            load_settings(tmp_path)
        assert words in str(caught.value)
        assert "Input should" not in str(caught.value)
        assert "Value error" not in str(caught.value)


def test_a_table_in_a_variable_that_is_no_json(tmp_path, monkeypatch) -> None:
    (tmp_path / "contentops.toml").write_text("", encoding="utf-8")
    monkeypatch.setenv("CONTENTOPS_CAPTURE", "{bad")
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(tmp_path)
    assert "CONTENTOPS_CAPTURE: must be JSON" in str(caught.value)
    assert "CONTENTOPS_CAPTURE__KEY" in str(caught.value)


def test_what_has_no_sentence_is_said_as_pydantic_says_it() -> None:
    assert in_words({"type": "url_parsing", "msg": "Input should be a URL"}) == "Input should be a URL"
