"""page link and page links, as an ops writer types them."""

import csv
import io
import json

import pytest
from PIL import Image

from contentops.testing import write_content

WECOM = "https://work.weixin.qq.com/ca/cawcde0000000000001"


@pytest.fixture
def cli(run_cli, workspace):
    for path in ("qa/cost.zh.md", "qa/cost.en.md", "qa/spare.md"):
        write_content(workspace, path, "---\ntitle: 保养成本怎样算\ncontentops: {state: published}\n---\n正文\n")
    workspace.assets.sync()

    def run(*words: object) -> tuple[int, str, str]:
        return run_cli("--workspace", workspace.folder, "--lang", "en", *words)

    return run


def names(folder) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def test_one_link_with_its_codes(cli, tmp_path) -> None:
    words = ("page", "link", "spare", "--channel", "wechat", "--campaign", "2026-q4")
    code, out, err = cli(*words, "-o", tmp_path / "码")
    lines = dict(line.split("\t") for line in out.splitlines())
    assert code == 0
    assert lines["Link"].endswith("/zh/spare/?utm_source=wechat&utm_medium=social&utm_campaign=2026-q4")
    assert "/s/" in lines["Short link"]
    assert lines["WeCom state"].endswith(lines["Short link"][-7:])
    assert "this machine only" in err
    assert names(tmp_path / "码") == {"spare-wechat-2026-q4.png", "spare-wechat-2026-q4.svg"}
    with Image.open(tmp_path / "码" / "spare-wechat-2026-q4.png") as picture:
        assert picture.width >= 300
    assert "保养成本怎样算" in (tmp_path / "码" / "spare-wechat-2026-q4.svg").read_text(encoding="utf-8")
    again = json.loads(cli(*words, "--json")[1])
    assert (again["short_url"], again["files"], again["wecom"]) == (lines["Short link"], [], "")
    listed = json.loads(cli("page", "links", "--json")[1])
    assert listed == [{key: value for key, value in again.items() if key != "files"}]
    assert cli("page", "links", "en/cost")[1] == ""
    assert cli("page", "links", "spare")[1].splitlines()[1].startswith("zh-CN/spare\twechat\t2026-q4\t\t\t")


def test_a_whole_campaign(cli, tmp_path) -> None:
    sheet = tmp_path / "秋季.csv"
    sheet.write_bytes(
        f"内容,渠道,活动,版本,企微链接\nspare,微信公众号,秋季,首图,\nspare,wechat,秋季,文末,\nen/cost,linkedin,q4,,\n"
        f"zh-CN/cost,企业微信,秋季,,{WECOM}\n".encode("gb18030")
    )
    code, out, err = cli("page", "link", "--from", sheet, "-o", tmp_path / "out")
    assert (code, len(out.splitlines())) == (0, 5)
    assert "4 QR codes in" in err
    found = names(tmp_path / "out")
    assert len(found) == 9
    assert "cost-en-linkedin-q4.svg" in found
    content = (tmp_path / "out" / "links.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert {row["png"] for row in rows} | {row["svg"] for row in rows} == found - {"links.csv"}
    assert rows[3]["link"] == f"{WECOM}?customer_channel={rows[3]['state']}"
    # The table that was written is itself such a sheet, and gives the same links.
    again = json.loads(cli("page", "link", "--from", tmp_path / "out" / "links.csv", "--json")[1])
    assert [made["short_url"] for made in again] == [row["short_link"] for row in rows]


def test_one_wrong_row_leaves_nothing_behind(cli, tmp_path) -> None:
    sheet = tmp_path / "a.csv"
    sheet.write_text("slug,channel,campaign\nspare,wechat,q4\nspar,wechatt,Q4\n", encoding="utf-8")
    code, out, err = cli("page", "link", "--from", sheet, "-o", tmp_path / "out")
    assert (code, out) == (4, "")
    assert err.count("a.csv:3: ") == 3
    assert "did you mean 'spare'?" in err
    assert "did you mean 'wechat'?" in err
    assert "write 'q4'" in err
    assert names(tmp_path / "out") == set()
    assert cli("page", "links")[1] == ""


WRONG_WORDS = [
    ((), 2), (("spare",), 2), (("spare", "--channel", "wechat"), 2), (("spare", "--channel", "x", "--campaign", "q4"), 2),
    (("spar", "--channel", "wechat", "--campaign", "q4"), 3), (("cost", "--channel", "wechat", "--campaign", "q4"), 5),
    (("spare", "--channel", "wechat", "--campaign", "zhang@example.cn"), 2), (("spare", "--from", "a.csv"), 2),
    (("--from", "nowhere.csv"), 3), (("--from", "a.csv", "--term", "x"), 2), (("--from", "."), 1),
    (("spare", "--channel", "wechat", "--campaign", "q4", "--wecom", "https://evil.example/ca/x"), 2),
]  # fmt: skip


def test_wrong_words_give_a_sentence_and_a_code(cli) -> None:
    for words, code in WRONG_WORDS:
        found, out, err = cli("page", "link", *words)
        assert (found, out) == (code, ""), words
        assert "Traceback" not in err, words
        assert err.strip(), words
        assert cli("page", "links")[1] == "", words


def test_a_folder_that_is_a_file_is_said_before_anything_is_made(cli, tmp_path) -> None:
    (tmp_path / "out").write_text("x")
    words = ("page", "link", "spare", "--channel", "wechat", "--campaign", "q4", "-o")
    assert cli(*words, tmp_path / "out")[0] == 2
    assert cli(*words, tmp_path / "out" / "a")[0] == 1
    assert cli("page", "links")[1] == ""
