"""contentops privacy: copies, erasure, retention, the map and the log from the command line."""

import json

import pytest

from contentops.testing import write_content

FORM = {
    "name": "李梅",
    "company": "示例制造",
    "email": "li@example.cn",
    "phone": "13800138000",
    "consent_delivery": "yes",
}


@pytest.fixture
def ws(workspace):
    write_content(
        workspace, "whitepaper/w/index.md", "---\ntitle: 白皮书\ncontentops: {gate: gated, attachment: w.pdf}\n---\n"
    )
    write_content(workspace, "whitepaper/w/w.pdf", b"%PDF")
    workspace.assets.sync()
    workspace.leads.capture(workspace.assets.get("w"), FORM.items(), page="/zh/w/")
    return workspace


def test_copy_as_json_on_stdout(ws, run_cli) -> None:
    code, out, _err = run_cli("-w", ws.folder, "privacy", "export", "138 0013 8000")
    assert code == 0
    assert json.loads(out)["data"]["contact"][0]["name"] == "李梅"


@pytest.mark.parametrize(
    ("name", "beginning"), [("副本.html", "<!doctype html>"), ("副本.txt", ""), ("副本.json", "{")]
)
def test_copy_as_a_file_of_the_kind_it_ends_in(ws, run_cli, tmp_path, name, beginning) -> None:
    file = tmp_path / name
    code, out, err = run_cli("-w", ws.folder, "privacy", "export", "li@example.cn", "--output", file)
    assert (code, out.strip()) == (0, str(file))
    assert "delete the file" in err
    assert file.read_text(encoding="utf-8").lstrip().startswith(beginning)
    assert "李梅" in file.read_text(encoding="utf-8")
    assert list(tmp_path.glob(".副本*")) == []


def test_unknown_form_and_unknown_person(ws, run_cli) -> None:
    assert run_cli("-w", ws.folder, "privacy", "export", "li@example.cn", "--format", "docx")[0] == 2
    code, _out, err = run_cli("-w", ws.folder, "privacy", "export", "nobody@example.cn")
    assert code == 3
    assert "nobody@example.cn" in err
    assert run_cli("-w", ws.folder, "privacy", "erase", "李梅")[0] == 2


def test_dry_run_changes_nothing_and_yes_does(ws, run_cli) -> None:
    code, out, _err = run_cli("-w", ws.folder, "privacy", "erase", "li@example.cn", "--dry-run", "--json")
    assert code == 0
    assert json.loads(out)["rows"]["contact"] == 1
    code, out, err = run_cli("-w", ws.folder, "privacy", "erase", "li@example.cn", "--yes")
    assert code == 0
    assert "contact\t" in out
    assert "yours to delete" in err
    assert run_cli("-w", ws.folder, "privacy", "export", "li@example.cn")[0] == 3


def test_without_yes_it_asks(ws, run_cli, monkeypatch) -> None:
    import io

    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Keyboard("n\n"))
    assert run_cli("-w", ws.folder, "privacy", "erase", "li@example.cn")[0] != 0
    assert run_cli("-w", ws.folder, "privacy", "export", "li@example.cn")[0] == 0
    monkeypatch.setattr("sys.stdin", Keyboard("y\n"))
    assert run_cli("-w", ws.folder, "privacy", "erase", "li@example.cn")[0] == 0
    assert run_cli("-w", ws.folder, "privacy", "export", "li@example.cn")[0] == 3


def test_where_nobody_can_answer_nobody_is_asked_nor_erased(ws, run_cli, monkeypatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    code, out, err = run_cli("-w", ws.folder, "privacy", "erase", "li@example.cn")
    assert (code, out) == (2, "")
    assert "--yes" in err
    assert "?" not in err
    assert "contact" not in err
    assert run_cli("-w", ws.folder, "privacy", "export", "li@example.cn")[0] == 0


def test_purge_map_and_log(ws, run_cli) -> None:
    code, out, _err = run_cli("-w", ws.folder, "privacy", "purge", "--dry-run", "--json")
    assert code == 0
    assert set(json.loads(out)) >= {"people", "quarantine", "messages"}
    assert run_cli("-w", ws.folder, "privacy", "purge")[0] == 0
    code, out, _err = run_cli("-w", ws.folder, "privacy", "map", "--format", "json")
    assert code == 0
    assert ("contact", "email") in {(row["table"], row["column"]) for row in json.loads(out)}
    assert run_cli("-w", ws.folder, "privacy", "map")[1].startswith("# Data map")
    run_cli("-w", ws.folder, "privacy", "export", "li@example.cn")
    code, out, _err = run_cli("-w", ws.folder, "privacy", "log", "--json")
    assert [row["action"] for row in json.loads(out)] == ["export", "purge"]
    assert "example.cn" not in out
