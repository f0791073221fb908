"""The calendar's commands, as the content lead types them."""

import json

import pytest

from contentops.testing import write_content


@pytest.fixture
def cli(run_cli, workspace):
    def run(*words: object) -> tuple[int, str, str]:
        return run_cli("--workspace", workspace.folder, "--lang", "en", *words)

    return run


@pytest.fixture
def plan(cli, workspace):
    write_content(workspace, "qa/cost.md", "---\ntitle: 保养成本怎样算\ncontentops: {state: idea}\n---\n")
    cli("sync")
    cli("role", "assign", "support", "孙八音", "--email", "sun@example.cn")
    assert cli("calendar", "plan", "cost", "--publish-on", "2030-12-10")[0] == 0
    return workspace


class TestDates:
    def test_a_week_by_hand(self, cli, plan, tmp_path) -> None:
        """Plan, look, tick, move, export, come back, remind: everything on one line each."""
        code, out, _err = cli("calendar", "list", "--week", "2030-12-10", "--json")
        assert (code, len(json.loads(out))) == (0, 3)
        assert cli("calendar", "tick", "cost", "collect", 1)[2].startswith("☑ 1.")
        assert cli("calendar", "done", "cost", "answer")[0] == 5
        assert cli("calendar", "move", "cost", "collect", "2030-12-03")[0] == 0
        assert cli("calendar", "skip", "cost", "tell_asker", "--reason", "nobody asked")[0] == 0
        assert cli("calendar", "place", "cost", "zhihu", "--on", "2030-12-12", "--format", "answer")[0] == 0
        assert cli("calendar", "placed", "cost", "zhihu", "https://example.com/a")[0] == 0
        code, out, _err = cli("calendar", "reschedule", "cost", "--publish-on", "2030-12-17", "--json")
        assert {move["step"] for move in json.loads(out)["moves"]} == {"collect", "answer", "check", "publish"}
        assert cli("calendar", "move", "cost", "review", "2031-06-02")[0] == 0
        assert cli("calendar", "move", "cost", "nonsense", "2031-06-02")[0] == 3
        assert cli("calendar", "unplan", "cost")[0] == 0
        assert "保养成本怎样算" in cli("calendar", "backlog")[1]

    def test_wrong_words_give_a_sentence_and_a_code(self, cli, plan) -> None:
        for words, code in [
            (("plan", "cost"), 2), (("plan", "cost", "--publish-on", "tomorrow"), 2), (("plan", "cots", "--publish-on", "2030-12-10"), 3),
            (("list", "--lane", "nonsense"), 2), (("list", "--person", "nobody"), 3), (("tick", "cost", "collect", "99"), 3),
            (("skip", "cost", "collect"), 2), (("feed", "rotate", "nobody"), 3), (("export", "-o", "x.pdf"), 2),
            (("import", "nowhere.ics"), 3), (("series", "fill", "x", "cost"), 3), (("invite",), 5), (("review", "cost"), 5),
            (("feed", "add", "x", "--lane", "y"), 2),
        ]:  # fmt: skip
            found, _out, err = cli("calendar", *words)
            assert found == code, words
            assert "Traceback" not in err, words
            assert err.strip(), words

    def test_conflicts_are_exit_4(self, cli, plan) -> None:
        cli("calendar", "move", "cost", "collect", "2026-01-05")
        code, out, _err = cli("calendar", "check", "--json")
        assert code == 4
        assert {"past", "nobody"} >= {finding["code"] for finding in json.loads(out)} - {"provisional", "day_off"}

    def test_replan_shows_and_applies(self, cli, plan) -> None:
        from contentops.bundled import bundled

        text = (bundled("calendar") / "qa.toml").read_text(encoding="utf-8")
        changed = text.replace("version = 2", "version = 3").replace("offset_days = -3", "offset_days = -5")
        (plan.folder / "calendar" / "qa.toml").write_text(changed, encoding="utf-8")
        assert len(json.loads(cli("calendar", "replan", "--json")[1])["moves"]) == 1
        assert "1 date would change" in cli("calendar", "replan")[2]
        assert "1 date changed" in cli("calendar", "replan", "--apply")[2]
        assert json.loads(cli("calendar", "replan", "--json")[1])["moves"] == []

    def test_capacity_and_balance(self, cli, plan) -> None:
        path = plan.folder / "contentops.toml"
        text = path.read_text(encoding="utf-8").replace("hours_per_week = 30", "roles = { support = 1 }")
        path.write_text(text, encoding="utf-8")
        rows = json.loads(cli("calendar", "capacity", "--over", "--json")[1])
        assert {(row["role"], row["person"]) for row in rows} == {("support", "孙八音")}
        assert cli("calendar", "balance")[0] == 0
        assert json.loads(cli("calendar", "balance", "--json")[1])["overloaded"]


class TestFiles:
    def test_there_and_back(self, cli, plan, tmp_path) -> None:
        for form in ("ics", "xlsx", "csv", "html"):
            code, out, err = cli("calendar", "export", "-o", tmp_path / f"日历.{form}")
            assert (code, out.startswith(("8 entries", "5 entries"))) == (0, True), out
            assert "not announced" in err
        for form in ("ics", "xlsx", "csv"):
            code, out, err = cli("calendar", "import", tmp_path / f"日历.{form}")
            assert (code, "same" in err) == (0, True)
        moved = (
            (tmp_path / "日历.ics").read_bytes().replace(b"DTSTART;VALUE=DATE:20301210", b"DTSTART;VALUE=DATE:20301212")
        )
        (tmp_path / "b.ics").write_bytes(moved)
        code, out, err = cli("calendar", "import", tmp_path / "b.ics")
        assert "--apply" in err
        assert "2030-12-10\t2030-12-12" in out
        assert cli("calendar", "import", tmp_path / "b.ics", "--apply")[0] == 2  # with or without its steps?
        assert cli("calendar", "import", tmp_path / "b.ics", "--apply", "--without-steps")[0] == 0
        found = json.loads(cli("calendar", "import", tmp_path / "b.ics", "--json")[1])
        assert {difference["kind"] for difference in found["differences"]} == {"same"}

    def test_accepting_some_kinds_only(self, cli, plan, tmp_path) -> None:
        cli("calendar", "export", "-o", tmp_path / "a.ics")
        cancelled = (tmp_path / "a.ics").read_bytes().replace(b"STATUS:TENTATIVE", b"STATUS:CANCELLED", 1)
        (tmp_path / "b.ics").write_bytes(cancelled)
        assert (
            "0 differences applied" in cli("calendar", "import", tmp_path / "b.ics", "--apply", "--accept", "moved")[2]
        )
        assert cli("calendar", "import", tmp_path / "b.ics", "--apply", "--accept", "nonsense")[0] == 2
        assert "1 difference applied" in cli("calendar", "import", tmp_path / "b.ics", "--apply")[2]

    def test_a_foreign_plan_shows_its_columns(self, cli, workspace, tmp_path) -> None:
        path = tmp_path / "计划.csv"
        path.write_bytes("日期,选题\n2030-12-10,保养台账\n2030-13-10,点检\n".encode("gb18030"))
        code, out, err = cli("calendar", "import", path, "--kind", "qa")
        assert code == 0
        assert "date = 日期, title = 选题" in err
        assert "is no date" in out
        assert cli("calendar", "import", path, "--column", "title")[0] == 2
        assert cli("calendar", "import", path, "--apply", "--kind", "qa")[0] == 0
        assert len(json.loads(cli("asset", "list", "--json")[1])) == 2

    def test_one_event(self, cli, plan, tmp_path) -> None:
        uid = json.loads(cli("calendar", "list", "--json")[1])[0]["uid"]
        assert cli("calendar", "export", "-o", tmp_path / "one.ics", "--uid", uid)[1].startswith("1 entry")


class TestPeople:
    def test_feed(self, cli, plan) -> None:
        code, out, err = cli("calendar", "feed", "add", "孙八音", "--person", "孙八音", "--lane", "step")
        assert (code, out.startswith("http://127.0.0.1:8000/calendar/"), "webcal://" in err) == (0, True, True)
        assert out.strip() not in cli("calendar", "feed", "list")[1]
        assert json.loads(cli("calendar", "feed", "rotate", "孙八音", "--json")[1])["url"] != out.strip()
        assert cli("calendar", "feed", "revoke", "孙八音")[0] == 0
        assert json.loads(cli("calendar", "feed", "list", "--json")[1])[0]["revoked_at"]

    def test_handover_and_orphans(self, cli, plan) -> None:
        _code, out, err = cli("role", "assign", "support", "王五舟")
        assert "王五舟 fills support instead of 孙八音; 5 pieces of work pass over." in err
        assert out.count("保养成本怎样算") == 5
        assert "are orphans" in cli("role", "remove", "support")[2]
        assert cli("role", "remove", "--person", "王五舟")[0] == 0
        assert cli("role", "remove")[0] == 2

    def test_workflow(self, cli, plan) -> None:
        for state in ("in_progress", "in_review"):
            cli("asset", "move", "cost", state)
        assert cli("asset", "reject", "cost", "--reason", "缺数字")[0] == 0
        assert cli("asset", "comment", "cost", "再看一眼")[0] == 0
        assert cli("asset", "resume", "cost")[0] == 0
        history = json.loads(cli("asset", "show", "cost", "--json")[1])["history"]
        assert [change["action"] for change in history][-3:] == ["reject", "comment", "resume"]
        assert "comment" in cli("asset", "show", "cost")[1]
        assert cli("asset", "check", "cost")[0] == 4
        assert cli("asset", "idea", "点检怎么排", "--kind", "qa")[1] == "zh-CN/dian-jian-zen-yao-pai\n"

    def test_series(self, cli, plan) -> None:
        assert "no series" in cli("calendar", "series", "list")[2]
        (plan.folder / "calendar" / "cadence.toml").write_text(
            '[[series]]\nkey = "weekly"\nname = "每周问答"\nkind = "qa"\nrule = "FREQ=WEEKLY;BYDAY=TH"\nstarts_on = 2030-12-01\n',
            encoding="utf-8",
        )
        assert "weekly" in cli("calendar", "series", "list")[2]
        assert cli("calendar", "series", "extend", "--until", "2030-12-31")[1].count("weekly") == 4
        assert cli("calendar", "series", "fill", "weekly", "cost", "--on", "2030-12-12")[0] == 0
        assert cli("calendar", "series", "skip", "weekly", "--on", "2030-12-19")[0] == 0
        states = [row["state"] for row in json.loads(cli("calendar", "series", "list", "--json")[1])]
        assert states == ["open", "filled", "skipped", "open"]

    def test_remind_on_stdout(self, cli, plan) -> None:
        code, _out, _err = cli("calendar", "remind", "--again", "--dry-run", "--person", "孙八音")
        assert code == 0
        cli("calendar", "move", "cost", "collect", "2026-01-05")
        assert "保养成本怎样算" in cli("calendar", "remind", "--again")[1]
        code, _out, err = cli("calendar", "remind", "--again", "--mail")
        assert (code, "[mail]" in err) == (1, True)
