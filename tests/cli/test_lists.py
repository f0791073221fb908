"""Lists for people: one time zone, words in their language, columns named in pipes too; JSON keeps keys and UTC."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from contentops.cli import console
from contentops.cli.words import key_of, message_states, workflow_states
from contentops.models import Message, PrivacyAction
from contentops.testing import write_content
from contentops.texts import use_language

LATE = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)  # in Shanghai it is the next day already
SHOWN = "2026-11-22 01:30"
GOOD = {"name": "张三", "email": "zhang@example.cn", "consent_delivery": "yes", "consent_marketing": "yes"}
FILE = "---\ntitle: 白皮书\nlang: zh-CN\nslug: w\ncontentops: {gate: gated, attachment: w.pdf}\n---\n正文。\n"


@pytest.fixture
def filled(workspace, clock):
    clock.moment = LATE
    write_content(workspace, "whitepaper/w/index.md", FILE)
    write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
    workspace.assets.sync(by="张三一")
    take(workspace)
    take(workspace, email="bot@example.cn", website_url_confirm="x")
    return workspace


def take(workspace, **values) -> None:
    workspace.leads.capture(workspace.assets.get("w"), {**GOOD, **values}.items(), page="/zh/w/")


def queue(workspace, state: str, **values) -> str:
    row = Message.model_validate({"kind": "asset", "state": state, "next_at": LATE, "created_at": LATE, **values})
    with workspace.store.write() as session:
        session.add(row)
    return row.id


@pytest.fixture
def cli(run_cli, filled):
    def run(*words, lang: str = "en"):
        return run_cli("--lang", lang, "-w", filled.folder, *words)

    return run


def table(out: str) -> list[list[str]]:
    return [line.split("\t") for line in out.splitlines()]


class TestReasons:
    def test_reasons_are_kept_once_and_read_in_the_language_of_the_reader(self, filled, cli) -> None:
        filled.privacy.stop("zhang@example.cn")
        with use_language("zh-CN"):  # whoever runs the worker
            assert filled.outbox.run(once=True).cancelled == 1
        assert "nothing is sent to this address: stopped by hand" in cli("outbox", "list")[1]
        out = cli("outbox", "list", lang="zh")[1]
        assert "不向此地址发送：手动停发" in out
        (row,) = filled.outbox.list("cancelled")
        assert row.last_error == "nothing is sent to this address: by_hand"

    def test_what_a_restore_holds_is_read_in_the_language_of_the_reader(self, filled, cli, tmp_path) -> None:
        made = filled.upkeep.backup(tmp_path / "备份")
        with use_language("zh-CN"):
            assert filled.upkeep.restore(made.folder).parked == 1
        assert "restored from a backup" in cli("outbox", "list")[1]
        assert "恢复自备份" in cli("outbox", "list", lang="zh")[1]


class TestTimes:
    LISTS = (
        ("lead", "list"), ("lead", "consents", "zhang@example.cn"), ("lead", "quarantine", "list"), ("outbox", "list"),
        ("asset", "show", "w"), ("privacy", "log"),
    )  # fmt: skip

    def test_are_those_of_the_workspace_and_of_json_utc(self, cli, filled) -> None:
        filled.privacy.stop("somebody@example.com", by="张三一")
        for words in (*self.LISTS, ("lead", "show", "zhang@example.cn")):
            code, out, _err = cli(*words)
            assert (code, SHOWN in out, "17:30" in out) == (0, True, False), words
        for words in self.LISTS:
            code, out, _err = cli(*words, "--json")
            said = out.replace("21 17:30", "21T17:30")
            assert (code, "2026-11-21T17:30:00+00:00" in said, SHOWN in out) == (0, True, False), words

    def test_days_of_feeds(self, cli, filled) -> None:
        filled.calendar.feeds.add("李梅")
        assert "\t2026-11-22\t" in cli("calendar", "feed", "list")[1]


class TestWords:
    def test_of_assets(self, cli) -> None:
        assert table(cli("asset", "list", lang="zh")[1])[1][3] == "已发布"
        assert table(cli("asset", "list")[1])[1][3] == "published"
        assert json.loads(cli("asset", "list", "--json", lang="zh")[1])[0]["state"] == "published"
        shown = cli("asset", "show", "w", lang="zh")[1]
        assert "状态：已发布" in shown
        assert "获取方式：留资获取" in shown
        assert "slug" not in shown

    def test_of_consents(self, cli) -> None:
        _code, out, err = cli("lead", "consents", "zhang@example.cn", lang="zh")
        said = {row[1]: row for row in table(out)[1:]}
        assert {row[3] for row in said.values()} == {"已同意"}
        assert {row[4] for row in said.values()} == {"表单"}
        assert not {"marketing", "delivery", "given", "form"} & {cell for row in table(out) for cell in row}
        assert "marketing" not in err
        held = json.loads(cli("lead", "consents", "zhang@example.cn", "--json", lang="zh")[1])["history"]
        assert {each["purpose"] for each in held} == {"delivery", "marketing"}

    def test_of_the_outbox(self, cli, filled) -> None:
        queue(filled, "parked")
        _code, out, err = cli("outbox", "list", lang="zh")
        cells = {cell for row in table(out)[1:] for cell in row}
        assert {"资料", "等待中", "搁置"} <= cells
        assert not {"asset", "due", "parked", "confirm"} & cells
        assert "parked" not in err
        assert "parked" in {row["state"] for row in json.loads(cli("outbox", "list", "--json")[1])["messages"]}

    def test_of_the_privacy_log(self, cli, filled) -> None:
        rows = (("purge", 5, "people=2 quarantine=3"), ("allow", 1, "bounced=1"), ("export", 7, "html"))
        with filled.store.write() as session:
            for action, count, detail in rows:
                values = {"action": action, "at": LATE, "by": "张三一", "count": count, "detail": detail}
                session.add(PrivacyAction.model_validate(values))
        _code, out, _err = cli("privacy", "log")
        shown = {(row[1], row[4]) for row in table(out)[1:]}
        assert shown == {
            ("purged", "people, with all that hangs on them 2, forms in quarantine 3"),
            ("allowed again", "the address does not exist 1"), ("copy made", "html"),
        }  # fmt: skip
        assert "purge" not in cli("privacy", "log", lang="zh")[1]

    def test_copied_from_a_list_are_understood(self, cli) -> None:
        assert len(table(cli("asset", "list", "--state", "已发布", lang="zh")[1])) == 2
        assert cli("asset", "list", "--state", "已下线", lang="zh")[:2] == (0, "")
        assert len(table(cli("outbox", "list", "--state", "waiting")[1])) == len(
            table(cli("outbox", "list", "--state", "due")[1])
        )
        assert cli("asset", "list", "--state", "nonsense")[0] == 2
        assert cli("asset", "move", "w", "已下线", "--reason", "过时", lang="zh")[0] == 0
        assert "已下线" in cli("asset", "show", "w", lang="zh")[1]

    @pytest.mark.parametrize("words", [workflow_states, message_states])
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_each_names_one_key(self, words, language) -> None:
        with use_language(language):
            for key, name in words().items():
                assert key_of(words(), name) == key_of(words(), key) == key


class TestColumns:
    def test_are_named_in_a_pipe_too(self, cli) -> None:
        assert table(cli("lead", "list")[1])[0] == [
            "Since", "Name", "Company", "E-mail", "Phone", "Asset", "Campaign", "May be contacted", "Remark",
        ]  # fmt: skip
        assert table(cli("asset", "list", lang="zh")[1])[0][0] == "地址"

    def test_nothing_at_all_where_there_is_nothing(self, cli) -> None:
        assert cli("asset", "list", "--kind", "qa")[:2] == (0, "")

    def test_on_a_terminal_and_in_a_pipe_the_same_rows(self, monkeypatch, capsys) -> None:
        rows = [("点检白皮书", "https://example.com/" + "a" * 90), ("第二行", "[b]x[/b]")]
        console.data_table(["标题", "链接"], rows)
        assert capsys.readouterr().out == "标题\t链接\n" + "".join(f"{a}\t{b}\n" for a, b in rows)
        screen = io.StringIO()
        monkeypatch.setattr(screen, "isatty", lambda: True)
        monkeypatch.setattr("sys.stdout", screen)
        console.data_table(["标题", "链接"], iter(rows))
        console.data_table((), [("合并", "0123")])
        text = screen.getvalue()
        assert "标题" in text.splitlines()[0]
        assert "[b]x[/b]" in text
        assert text.splitlines()[-1].split() == ["合并", "0123"]

    def test_a_word_and_its_value_need_no_head(self, cli) -> None:
        words = ("page", "link", "w", "--channel", "wechat", "--campaign", "q4")
        assert table(cli(*words)[1])[0][0] == "Link"


class TestRetry:
    def test_held_messages_are_shown_first_and_then_sent(self, cli, filled) -> None:
        held, dead = {queue(filled, "parked"), queue(filled, "parked")}, queue(filled, "dead", done_at=LATE)
        queue(filled, "done", done_at=LATE)
        code, out, err = cli("outbox", "retry", "--parked", "--dry-run")
        assert (code, {row[0] for row in table(out)[1:]}) == (0, held)
        assert "2 messages would be tried again." in err
        assert len(filled.outbox.list("parked")) == 2
        code, out, _err = cli("outbox", "retry", dead, "--parked", "--dry-run")
        assert {row[0] for row in table(out)[1:]} == {*held, dead}
        code, out, _err = cli("outbox", "retry", "--parked")
        assert (code, out) == (0, "2 messages will be tried again.\n")
        assert filled.outbox.list("parked") == ()
        assert [row.id for row in filled.outbox.list("dead")] == [dead]

    def test_what_cannot_be_tried_is_said_by_a_dry_run_too(self, cli, filled) -> None:
        over = queue(filled, "done", done_at=LATE)
        assert cli("outbox", "retry", over, "--dry-run")[0] == 5
        assert cli("outbox", "retry", "0" * 32, "--dry-run")[0] == 3
        code, _out, err = cli("outbox", "retry")
        assert code == 2
        assert "--parked" in err


class TestImport:
    def list_of(self, tmp_path, count: int, *more: str) -> object:
        rows = [f"客户{n},kehu{n}@example.cn" for n in range(count)]
        path = tmp_path / "展会 名单.csv"
        path.write_text("\n".join(("姓名,邮箱", *rows, *more)) + "\n", encoding="utf-8")
        return path

    @pytest.mark.parametrize("count", [5, 60])
    def test_what_is_wrong_with_all_rows_is_said_once(self, cli, tmp_path, count) -> None:
        code, out, err = cli("lead", "import", self.list_of(tmp_path, count))
        assert code == 4
        assert (out + err).count("it names no asset") == 1
        assert f"{count} rows: it names no asset; say --asset for all rows" in err
        assert len(table(out)) == 1 + min(count, 50)
        assert {row[6] for row in table(out)[1:]} == {"see below"}

    def test_wrong_rows_bear_the_name_that_stands_in_them(self, cli, tmp_path) -> None:
        path = self.list_of(tmp_path, 2, "王五,不是邮箱", ",li@@example.cn")
        code, out, err = cli("lead", "import", path, "--asset", "w")
        wrong = [row for row in table(out)[1:] if row[1] == "wrong"]
        assert (code, [row[2] for row in wrong]) == (4, ["王五", "l***@example.cn"])
        assert [row[0] for row in wrong] == ["4", "5"]
        assert "rows:" not in err

    def test_a_wrong_row_is_listed_once_however_long_the_list_is(self, cli, tmp_path) -> None:
        rows = ["王五,不是邮箱", *(f"客{n},ke{n}@example.cn" for n in range(55)), "赵六,也不是"]
        path = self.list_of(tmp_path, 0, *rows)
        _code, out, _err = cli("lead", "import", path, "--asset", "w")
        names = [row[2] for row in table(out)[1:]]
        assert (names.count("王五"), names.count("赵六"), len(names)) == (1, 1, 51)

    def test_a_row_of_an_asset_that_is_not_there_keeps_its_name(self, cli, tmp_path) -> None:
        path = tmp_path / "名单.csv"
        path.write_text("姓名,邮箱,资产\n王五,wang@example.cn,没有这个\n", encoding="utf-8")
        code, out, _err = cli("lead", "import", path)
        assert (code, table(out)[1][2]) == (4, "王五")


class TestDoctor:
    @pytest.fixture
    def well(self, cli, filled):
        for role in ("product", "support", "customer_success", "presales", "ops"):
            filled.team.assign(role, "张三一", email="san@example.com", standards=filled.assets.standards)
        filled.outbox.run(once=True)
        code, out, _err = cli("doctor")
        assert (code, out) == (0, "")
        return cli

    def test_messages_that_wait_too_long_or_were_given_up(self, well, filled) -> None:
        queue(filled, "due", next_at=datetime.now(UTC) - timedelta(minutes=95))
        code, out, _err = well("doctor")
        assert code == 4
        assert "waited for 95 minutes" in out
        for _n in range(50):
            queue(filled, "dead", done_at=datetime.now(UTC))
        out = well("doctor", lang="zh")[1]
        assert "已等待 95 分钟" in out
        assert "最近七天放弃了 50 条消息" in out

    def test_what_serve_would_refuse_and_warn_of(self, well, filled) -> None:
        path = filled.folder / "contentops.toml"
        text = path.read_text(encoding="utf-8")
        text = text.replace('public_url = "http://127.0.0.1:8000"', 'public_url = "http://example.com"')
        text = text.replace('theme = "calm"', 'theme = "clam"')
        path.write_text(text + '\n[capture]\ntrusted_proxies = ["0.0.0.0/0"]\n', encoding="utf-8")
        code, out, _err = well("doctor")
        assert code == 4
        assert "0.0.0.0/0 is everybody" in out
        assert "public_url is http://example.com" in out
        assert "did you mean 'calm'" in out

    def test_faults_of_the_theme_all_at_once(self, well, filled) -> None:
        own = filled.folder / "templates" / "calm"
        own.mkdir(parents=True, exist_ok=True)
        (own / "thanks.html").write_text("{{ 没有这个 }}", encoding="utf-8")
        (own / "index.html").write_text("{% if %}", encoding="utf-8")
        code, out, _err = well("doctor")
        assert code == 4
        assert "templates/calm/thanks.html:1" in out
        assert "templates/calm/index.html:1" in out
