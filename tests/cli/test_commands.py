"""Commands: data on stdout, words on stderr, the documented exit codes, both languages."""

import json
import os
import re
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from contentops import errors
from contentops.cli import exit_code
from contentops.testing import write_content

TODAY = date.today()  # noqa: DTZ011


@pytest.fixture
def cli(run_cli, workspace):
    def run(*words):
        return run_cli("-w", workspace.folder, *words)

    return run


class TestCalls:
    def test_no_argument_prints_help(self, run_cli) -> None:
        code, out, err = run_cli()
        assert code in (0, 2)
        assert "contentops demo" in out + err

    def test_version(self, run_cli) -> None:
        assert run_cli("--version")[1].startswith("contentops 0.")

    @pytest.mark.parametrize(
        "words",
        [["nonsense"], ["asset", "list", "--nonsense"], ["calendar", "plan", "x"], ["calendar", "plan", "x", "--publish-on", "31.3.2026"],
         ["serve", "--port", "99999"], ["calendar", "export"]],
        ids=" ".join,
    )  # fmt: skip
    def test_wrong_call_is_2(self, cli, words) -> None:
        code, out, err = cli(*words)
        assert code == 2
        assert out == ""
        assert err

    def test_did_you_mean_and_3(self, cli, workspace) -> None:
        write_content(workspace, "qa/dian-jian.md", "# x")
        assert cli("sync")[0] == 0
        code, out, err = cli("asset", "show", "dian-jain")
        assert (code, out) == (3, "")
        assert "did you mean 'dian-jian'?" in err

    def test_no_workspace_is_3(self, run_cli, tmp_path) -> None:
        code, _out, err = run_cli("-w", tmp_path, "sync")
        assert code == 3
        assert "contentops init" in err

    def test_broken_settings_are_2_and_all_named(self, cli, workspace) -> None:
        path = workspace.folder / "contentops.toml"
        path.write_text('nmae = "x"\npublic_url = "x"\n')
        code, _out, err = cli("sync")
        assert code == 2
        assert "did you mean 'name'" in err
        assert "public_url" in err

    def test_broken_standard_is_4(self, cli, workspace) -> None:
        (workspace.folder / "calendar" / "qa.toml").write_text("kind = 'qa'")
        code, _out, err = cli("sync")
        assert code == 4
        assert "qa.toml" in err

    def test_missing_database_is_3_and_old_schema_5(self, cli, workspace) -> None:
        import sqlite3

        with sqlite3.connect(workspace.folder / "contentops.db") as connection:
            connection.execute("UPDATE contentops_version SET version_num = '0000'")
        connection.close()
        code, _out, err = cli("asset", "list")
        assert (code, "contentops migrate" in err) == (5, True)
        (workspace.folder / "contentops.db").unlink()
        code, _out, err = cli("asset", "list")
        assert (code, "contentops migrate" in err) == (3, True)
        assert cli("migrate")[0] == 0
        assert cli("asset", "list")[0] == 0

    def test_every_error_has_a_code_and_none_is_0(self) -> None:
        found = [errors.ContentOpsError]
        for kind in found:
            found += kind.__subclasses__()
        for kind in found:
            error = kind.__new__(kind)
            assert exit_code(error) in (1, 2, 3, 4, 5), kind

    def test_debug_shows_where(self, run_cli, tmp_path) -> None:
        with pytest.raises(errors.WorkspaceMissing):
            run_cli("--debug", "-w", tmp_path, "sync")


class TestLanguages:
    def test_help_and_errors_in_chinese(self, tmp_path) -> None:
        """In a process of its own, as help texts are made at import."""

        def run(*words, **variables):
            environment = {**os.environ, "LC_ALL": "C.UTF-8", **variables}
            return subprocess.run(
                [sys.executable, "-m", "contentops", *words],
                capture_output=True,
                encoding="utf-8",
                env=environment,
                cwd=tmp_path,
            )

        assert "内容资产" in run("--lang", "zh", "--help").stdout
        assert "内容资产" in run("--help", LC_ALL="zh_CN.UTF-8").stdout
        assert "Content assets" in run("--help").stdout
        answer = run("sync", LC_ALL="zh_CN.UTF-8")
        assert answer.returncode == 3
        assert answer.stderr.startswith("错误：")


class TestContent:
    def test_sync_names_bad_files_and_goes_on(self, cli, workspace) -> None:
        write_content(workspace, "qa/好.md", "---\ntitle: 好\n---\n")
        write_content(workspace, "qa/坏.md", "---\ntitle: a: b\n---\n")
        code, out, err = cli("sync")
        assert code == 4
        assert "content/qa/坏.md:2: " in err
        assert out.strip() == "2 files, 1 new (1 of them published), 0 changed, 0 unchanged, 1 problem"
        code, out, _err = cli("sync", "--json")
        assert json.loads(out)["problems"][0]["line"] == 2
        assert out.endswith("}\n")

    def test_strict_and_dry_run(self, cli, workspace) -> None:
        write_content(workspace, "qa/a.md", "---\ntitle: a: b\n---\n")
        write_content(workspace, "qa/b.md", "# b")
        assert "nothing was stored" in cli("sync", "--strict")[1]
        assert "nothing was stored" in cli("sync", "--dry-run")[1]
        assert cli("asset", "list", "--json")[1].strip() == "[]"

    def test_new_list_show_move(self, cli, workspace) -> None:
        code, out, _err = cli("asset", "new", "点检标准怎么写", "--kind", "help_doc")
        assert code == 0
        assert Path(out.strip()).is_file()
        cli("sync")
        (listed,) = json.loads(cli("asset", "list", "--json")[1])
        assert (listed["slug"], listed["state"]) == ("dian-jian-biao-zhun-zen-yao-xie", "idea")
        assert cli("asset", "list")[1].splitlines()[1].split("\t")[0] == listed["slug"]
        code, _out, err = cli("asset", "move", listed["slug"], "published")
        assert code == 5
        assert "planned" in err
        assert cli("asset", "move", listed["slug"], "planned", "--by", "张三一", "--reason", "第一季度")[0] == 0
        shown = json.loads(cli("asset", "show", listed["slug"], "--json")[1])
        assert shown["history"][-1]["reason"] == "第一季度"
        assert "第一季度" in cli("asset", "show", listed["slug"])[1]
        assert cli("asset", "list", "--state", "nonsense")[0] == 2
        assert cli("asset", "list", "--kind", "helpdoc")[0] == 3

    def test_roles_and_doctor(self, cli) -> None:
        code, out, _err = cli("doctor")
        assert code == 4
        assert "contentops role assign presales" in out
        for role in ("product", "support", "customer_success", "presales", "ops"):
            assert cli("role", "assign", role, "张三一", "--email", "san@example.com")[0] == 0
        assert json.loads(cli("role", "list", "--json")[1])[0] == {
            "role": "customer_success",
            "name": "张三一",
            "email": "san@example.com",
        }
        code, out, err = cli("doctor")
        assert (code, out.strip()) == (0, "")
        assert "All is well" in err
        assert cli("role", "assign", "presale", "x")[0] == 3
        assert "instead of 张三一" in cli("role", "assign", "ops", "李四维")[2]

    def test_published_draft_is_said(self, cli, workspace) -> None:
        write_content(workspace, "qa/x.md", "---\ntitle: x\ndraft: true\ncontentops: {state: approved}\n---\n")
        cli("sync")
        assert "draft: true" in cli("asset", "move", "x", "published", "--override", "--reason", "x")[2]
        assert "draft: true" in cli("doctor")[1]
        write_content(workspace, "qa/x.md", "---\ntitle: y\ncontentops: {state: in_review}\n---\n")
        assert "the workflow says published" in cli("sync")[2]

    def test_config_show(self, cli, monkeypatch) -> None:
        monkeypatch.setenv("CONTENTOPS_SECRET_KEY", "a-secret-that-must-not-be-shown-123")
        code, out, _err = cli("config", "show")
        assert code == 0
        assert "a-secret" not in out
        assert "secret_key\t********\tCONTENTOPS_SECRET_KEY" in out
        assert json.loads(cli("config", "show", "--json")[1])[0]["origin"] == "contentops.toml"


class TestCalendar:
    @pytest.fixture
    def idea(self, cli, workspace):
        write_content(workspace, "qa/cost.md", "---\ntitle: 成本\ncontentops: {state: idea}\n---\n")
        cli("sync")

    def test_plan_and_export(self, cli, idea, tmp_path) -> None:
        day = f"{TODAY.year + 1}-10-01"
        code, out, err = cli("calendar", "plan", "cost", "--publish-on", day)
        assert code == 0
        assert f"{day}\t" in out
        assert "not a working day" in err
        assert cli("calendar", "export", "-o", tmp_path / "nowhere" / "x.ics")[0] == 1
        assert not (tmp_path / "nowhere").exists()
        target = tmp_path / "日历.ics"
        code, out, err = cli("calendar", "export", "-o", target)
        assert (code, "entries in" in out) == (0, True)
        assert target.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
        assert target.read_bytes() == cli("calendar", "export", "-o", "-")[1].encode().replace(b"\r\n", b"\n").replace(
            b"\n", b"\r\n"
        )
        steps = json.loads(cli("calendar", "list", "--json")[1])
        assert steps[-1]["address"].endswith("/cost")
        assert len(json.loads(cli("calendar", "list", "--role", "support", "--from", day, "--json")[1])) >= 1
        assert json.loads(cli("calendar", "list", "--to", "2026-01-01", "--json")[1]) == []
        code, _out, err = cli("calendar", "done", "cost", steps[0]["key"])
        assert (code, "open point" in err) == (5, True)
        assert cli("calendar", "done", "cost", steps[0]["key"], "--tick-all")[0] == 0
        assert json.loads(cli("calendar", "list", "--json")[1])[0]["state"] == "done"
        assert cli("calendar", "done", "cost", "nonsense")[0] == 3

    def test_empty_export_says_so(self, cli, tmp_path) -> None:
        code, _out, err = cli("calendar", "export", "-o", tmp_path / "x.ics")
        assert code == 0
        assert "the calendar is empty" in err

    def test_unwritable_target_is_1_and_leaves_nothing(self, cli, idea, tmp_path) -> None:
        (tmp_path / "file").write_text("")
        code, _out, err = cli("calendar", "export", "-o", tmp_path / "file" / "x.ics")
        assert code == 1
        assert "cannot write" in err


class TestPagesAndLeads:
    def test_build(self, cli, workspace) -> None:
        write_content(workspace, "qa/a.md", "# x")
        cli("sync")
        assert cli("page", "build")[1].startswith("1 page in")
        assert "nothing changed" in cli("page", "build")[1]
        assert json.loads(cli("page", "build", "--json")[1])["pages"] == 1

    def test_build_names_what_it_left_out(self, cli, make_workspace, run_cli) -> None:
        workspace = make_workspace(controller="")
        write_content(
            workspace, "whitepaper/w/index.md", "---\ntitle: w\ncontentops: {gate: gated, attachment: w.pdf}\n---\n"
        )
        write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
        run_cli("-w", workspace.folder, "sync")
        code, _out, err = run_cli("-w", workspace.folder, "page", "build")
        assert code == 4
        assert "privacy.controller" in err

    def test_leads_in_every_form(self, cli, tmp_path) -> None:
        assert cli("lead", "list", "--json")[1].strip() == "[]"
        assert cli("lead", "export", "-o", tmp_path / "by-ending.csv")[0] == 0
        assert (tmp_path / "by-ending.csv").read_bytes().startswith(b"\xef\xbb\xbf")
        assert cli("lead", "export", "-o", tmp_path / "x.foo")[0] == 2
        for form in ("xlsx", "csv", "jsonl"):
            assert cli("lead", "export", "--format", form, "-o", tmp_path / f"leads.{form}")[0] == 0
            assert (tmp_path / f"leads.{form}").exists()
        assert cli("lead", "export", "--format", "pdf", "-o", tmp_path / "x.pdf")[0] == 2
        assert not (tmp_path / "x.pdf").exists()

    def test_taken_port_is_1(self, cli) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            code, _out, err = cli("serve", "--port", taken.getsockname()[1])
        assert code == 1
        assert "--port" in err


def test_demo_runs_to_the_end(tmp_path) -> None:
    """The first line of the README, as a program of its own."""
    target = tmp_path / "演示 demo"
    command = [sys.executable, "-m", "contentops", "--lang", "en", "demo", str(target)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert re.search(r"2\. Content +25 files read, 10 kinds, 0 problems", result.stdout)
    assert (target / "out" / "calendar.ics").read_bytes().count(b"BEGIN:VEVENT") > 40
    assert (target / "site" / "index.html").is_file()
    assert (target / "contentops.db").is_file()
    assert (target / "out" / "download.pdf").read_bytes().startswith(b"%PDF")
    again = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, cwd=tmp_path)
    assert again.returncode == 1
    assert "is not empty" in again.stderr


class TestOddCalls:
    def test_folder_that_refuses_is_1_and_a_sentence(self, cli, workspace) -> None:
        (workspace.folder / "content" / "qa").write_text("a file where a folder should be")
        code, _out, err = cli("asset", "new", "x", "--kind", "qa")
        assert code == 1
        assert "Traceback" not in err

    def test_wrong_names_make_no_half_workspace(self, run_cli, tmp_path) -> None:
        assert run_cli("init", tmp_path / "w", "--name", "x" * 101)[0] == 2
        assert not (tmp_path / "w").exists()
        assert run_cli("init", tmp_path / ("w" * 120))[0] == 0

    @pytest.mark.parametrize(
        "words",
        [["asset", "new", "x", "--kind", "qa", "--language", "../../x"], ["calendar", "export", "-o", ""]],
        ids=str,
    )
    def test_wrong_arguments_are_2(self, cli, words) -> None:
        assert cli(*words)[0] == 2

    def test_site_addresses_are_understood(self, cli, workspace) -> None:
        write_content(workspace, "qa/x.md", "# 标题")
        cli("sync")
        for address in ("x", "zh/x", "zh-CN/x", "/zh/x/"):
            assert cli("asset", "show", address)[0] == 0

    def test_demo_never_writes_over_files(self, run_cli, tmp_path) -> None:
        (tmp_path / "plan.csv").write_text("precious")
        assert run_cli("demo", tmp_path)[0] == 1
        assert (tmp_path / "plan.csv").read_text() == "precious"
