"""Much at once: hundreds of forms at the same moment, and forms while a long list is being imported."""

import selectors
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

TURNED_AWAY = 44
MANY = "\n[capture]\nper_minute = 100000\nper_hour = 1000000\n"


def leads(workspace, origin: str) -> int:
    with closing(sqlite3.connect(workspace.folder / "contentops.db")) as connection:
        return connection.execute("SELECT count(*) FROM lead WHERE origin = ?", (origin,)).fetchone()[0]


def at_once(server, number: int, name: str = "kunde", meanwhile=lambda _lines: None) -> list[int]:
    """Send forms of that many people, all before the first answer is read; return the statuses.

    Args:
        meanwhile: is called with the connections, when all is sent.
    """
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
        meanwhile([line for line, _head, _body in lines])
        return [int(line.recv(100).split()[1]) for line, _head, _body in lines]
    finally:
        for line, _head, _body in lines:
            line.close()


def answered(lines: list[socket.socket], number: int) -> list[int]:
    """Wait until that many have an answer; return their statuses and leave them to be read."""
    end, found = time.monotonic() + 8, []
    while len(found) < number and time.monotonic() < end:
        time.sleep(0.02)
        found = [line for line in lines if has_come(line)]
    return [int(line.recv(100, socket.MSG_PEEK).split()[1]) for line in found]


def has_come(line: socket.socket) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(line, selectors.EVENT_READ)
        return bool(selector.select(0))


@pytest.mark.row("F21")
def test_F21_two_hundred_at_once_are_all_answered_and_each_yes_is_stored(gated_workspace, serve) -> None:
    workspace = gated_workspace(extra=MANY)
    server = serve(workspace)
    begun = time.monotonic()
    assert at_once(server, 200) == [303] * 200
    assert time.monotonic() - begun < 10
    assert leads(workspace, "form") == 200


@pytest.mark.row("F21")
def test_F21_who_finds_the_queue_full_is_told_so_at_once(gated_workspace, serve) -> None:
    """While another program holds the database; pages are served meanwhile, and who waits is stored afterwards."""
    workspace = gated_workspace(extra=f"{MANY}waiting = 3\n")
    server = serve(workspace)
    assert at_once(server, 1) == [303]
    early: list[int] = []
    with closing(sqlite3.connect(workspace.folder / "contentops.db", isolation_level=None)) as other:

        def hold_on(lines: list[socket.socket]) -> None:
            early.extend(answered(lines, TURNED_AWAY))
            with urlopen(f"{server.address}/zh/w/", timeout=5) as page:
                assert page.status == 200
            other.execute("ROLLBACK")

        other.execute("BEGIN IMMEDIATE")
        statuses = at_once(server, 50, "more", hold_on)
    # Three wait, and before them those whom the writer had in its hands when the lock stopped it: three at most.
    assert set(early) == {503}
    assert len(early) >= TURNED_AWAY
    assert set(statuses) == {303, 503}
    assert 3 <= statuses.count(303) == leads(workspace, "form") - 1 <= 6
    assert at_once(server, 1, "last") == [303], "and it goes on"


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
