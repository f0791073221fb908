"""Much at once: hundreds of forms at the same moment, and forms while a long list is being imported."""

import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from urllib.parse import urlencode

import pytest

MANY = "\n[capture]\nper_minute = 100000\nper_hour = 1000000\n"


def leads(workspace, origin: str) -> int:
    with closing(sqlite3.connect(workspace.folder / "contentops.db")) as connection:
        return connection.execute("SELECT count(*) FROM lead WHERE origin = ?", (origin,)).fetchone()[0]


def at_once(server, number: int, name: str = "kunde") -> list[int]:
    """Send forms of that many people, all before the first answer is read; return the statuses."""
    lines, (host, port) = [], server.host.split(":")
    try:
        for each in range(number):
            body = urlencode({"name": f"张{each}", "email": f"{name}{each}@example.cn", "consent_delivery": "yes"})
            head = (f"POST /zh/w/form HTTP/1.1\r\nHost: x\r\nOrigin: {server.address}\r\nConnection: close\r\n"
                    f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n")  # fmt: skip
            line = socket.create_connection((host, int(port)), 30)
            lines.append((line, head.encode(), body.encode()))
        for line, head, _body in lines:
            line.sendall(head)
        for line, _head, body in lines:
            line.sendall(body)
        return [int(line.recv(100).split()[1]) for line, _head, _body in lines]
    finally:
        for line, _head, _body in lines:
            line.close()


@pytest.mark.row("F21")
@pytest.mark.parametrize("waiting", [500, 3])
def test_F21_two_hundred_at_once_are_all_answered_and_each_yes_is_stored(gated_workspace, serve, waiting) -> None:
    """Whoever finds the queue full is told so at once; pages are served meanwhile."""
    workspace = gated_workspace(extra=f"{MANY}waiting = {waiting}\n")
    server = serve(workspace)
    begun = time.monotonic()
    statuses = at_once(server, 200)
    assert time.monotonic() - begun < 10
    assert set(statuses) <= ({303} if waiting == 500 else {303, 503})
    assert statuses.count(303) == leads(workspace, "form") > 0
    assert at_once(server, 1) == [303], "and it goes on"


@pytest.mark.row("F11")
def test_F11_forms_come_in_while_a_long_list_is_imported(gated_workspace, serve, tmp_path) -> None:
    """Server and import, two processes, write into one file; nobody waits long for the others, and nothing is lost."""
    workspace = gated_workspace(extra=MANY)
    file = tmp_path / "名单.csv"
    rows = "".join(f"p{number}@example.com,甲{number}\n" for number in range(1_200))
    file.write_text(f"邮箱,姓名\n{rows}", encoding="utf-8")
    server = serve(workspace)
    words = ["-w", str(workspace.folder), "lead", "import", str(file), "--asset", "w", "--apply"]
    importing = subprocess.Popen([sys.executable, "-m", "contentops", *words], stdout=subprocess.DEVNULL)
    took = []
    while importing.poll() is None or not took:
        begun = time.monotonic()
        assert at_once(server, 1, f"form{len(took)}-") == [303]
        took.append(time.monotonic() - begun)
        time.sleep(0.05)
    assert importing.returncode == 0
    assert (leads(workspace, "import"), leads(workspace, "form")) == (1_200, len(took))
    assert sorted(took)[len(took) // 2] < 0.5
    assert max(took) < 3
