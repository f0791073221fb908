"""Files that are not what their name says: links, pipes and devices in the content folder (D10)."""

import os
import time

import pytest

from contentops.testing import write_content

PAPER = "---\ntitle: 白皮书\nlang: zh-CN\nslug: w\ncontentops: {gate: gated, attachment: w.pdf}\n---\n正文。\n"
PNG = (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x03\x00\x00\x00\x02\x08\x02\x00\x00\x00\x12\x16\xf1M"
       b"\x00\x00\x00\x00IEND\xaeB`\x82")  # fmt: skip


def link_outside(path, outside) -> None:
    outside.write_bytes(b"%PDF geheim")
    path.symlink_to(outside)


def link_to_a_folder(path, outside) -> None:
    outside.mkdir()
    path.symlink_to(outside, target_is_directory=True)


def loop(path, _outside) -> None:
    path.symlink_to(path)


def pipe(path, _outside) -> None:
    os.mkfifo(path)


def link_to_a_device(path, _outside) -> None:
    path.symlink_to("/dev/zero")


ODD = [link_outside, link_to_a_folder, loop, pipe, link_to_a_device]


@pytest.mark.row("D10")
@pytest.mark.parametrize("make", ODD)
def test_attachment_that_is_no_file_of_the_folder_is_a_problem(workspace, tmp_path, make) -> None:
    """It neither hangs the sync nor gets handed over, and the other files go in."""
    write_content(workspace, "whitepaper/w/index.md", PAPER)
    write_content(workspace, "qa/good.md", "# 好\n")
    make(workspace.folder / "content" / "whitepaper" / "w" / "w.pdf", tmp_path / "geheim.pdf")
    begun = time.monotonic()
    report = workspace.assets.sync()
    assert time.monotonic() - begun < 5
    (problem,) = report.problems
    assert "w.pdf" in problem.message
    assert report.added == ("zh-CN/good",)
    kept = workspace.assets.kept_files
    assert not kept.exists() or not list(kept.iterdir())


@pytest.mark.row("D10")
@pytest.mark.parametrize("make", ODD)
def test_picture_that_is_no_file_of_the_folder_is_left_out(workspace, tmp_path, make) -> None:
    write_content(workspace, "qa/a/index.zh.md", "# 甲\n\n![图](x.png) ![好](y.png)\n")
    write_content(workspace, "qa/a/y.png", PNG)
    make(workspace.folder / "content" / "qa" / "a" / "x.png", tmp_path / "geheim.png")
    assert not workspace.assets.sync().problems
    begun = time.monotonic()
    report = workspace.pages.build()
    assert time.monotonic() - begun < 5
    assert "x.png" in report.notices[0].message
    assert [path.name for path in report.output.rglob("*.png")] == ["y.png"]
    assert b"geheim" not in b"".join(path.read_bytes() for path in report.output.rglob("*") if path.is_file())
