"""What runs: packages of known versions, and nothing that lies beside the content."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINNED = dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", (ROOT / "constraints.txt").read_text("utf-8").lower()))


@pytest.mark.row("P18")
@pytest.mark.parametrize("wanted", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["postgres"]])
def test_package_has_a_floor_and_the_version_that_was_tested(wanted) -> None:
    name, floor = re.match(r"([\w.-]+)(?:\[\w+\])?>=([\d.]+)", wanted).groups()
    pinned = next(number for key, number in PINNED.items() if key.replace("_", "-") == name.lower())
    assert numbers(pinned) >= numbers(floor)
    try:
        assert version(name) == pinned, "the suite runs with other versions than constraints.txt says"
    except PackageNotFoundError:
        assert name in ("psycopg",)


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


# As the console script does: Python then looks beside the script first, and nowhere else of its own accord.
CONSOLE = """
import sys
del sys.path[0]
from contentops.cli import main
for words in (["page", "build"], ["privacy", "map"]):
    try:
        main(words)
    except SystemExit as end:
        assert not end.code, words
"""


@pytest.mark.row("P19")
def test_modules_beside_the_content_are_not_run(gated_workspace) -> None:
    """Names of the standard library, of packages, of our own; in the working folder and in every folder of a workspace."""
    workspace = gated_workspace()
    ran = workspace.folder / "ran"
    names = ("yaml", "secrets", "json", "logging", "csv", "calendar", "sqlite3", "jinja2", "sqlalchemy", "sqlmodel",
             "markdown", "nh3", "typer", "PIL", "sitecustomize", "usercustomize", "conftest", "plugin")  # fmt: skip
    for folder in ("", "content", "content/whitepaper/w", "templates", "calendar", ".contentops"):
        (workspace.folder / folder).mkdir(parents=True, exist_ok=True)
        for name in names:
            path = workspace.folder / folder / f"{name}.py"
            path.write_text(f"import os; os.close(os.open({str(ran)!r}, os.O_CREAT))\n", encoding="utf-8")
    (workspace.folder / "content" / "whitepaper" / "w" / "index.md").write_text(
        "---\ntitle: 另一份\nlang: zh-CN\nslug: w\ncontentops: {gate: gated, attachment: 白皮书.pdf}\n---\n"
        + "正文。" * 2000,
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CONTENTOPS_LANG": "en"}
    for words in (["-m", "contentops", "sync"], ["-c", CONSOLE]):
        done = subprocess.run(
            [sys.executable, *words], cwd=workspace.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert (workspace.folder / "site" / "zh" / "w" / "index.html").is_file()
    assert not ran.exists()
    assert not [*workspace.folder.rglob("__pycache__")]
