"""The end of a server (F23): what was begun is answered, the worker gives back what it holds, a second word ends it."""

import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from http.client import HTTPException

import pytest

from contentops.web import companion
from contentops.web.companion import Companion

# The same program with a worker that says what it does, since the real one is another part's.
WITH_WORKER = (
    "import sys\n"
    "from contentops.followup.outbox.desk import Outbox\n"
    "def run(self, *, stop):\n"
    "    print('worker begins', file=sys.stderr, flush=True)\n"
    "    stop.wait(60)\n"
    "    {ending}\n"
    "    print('worker gave back its leases', file=sys.stderr, flush=True)\n"
    "Outbox.run = run\n"
    "from contentops.cli import main; main()"
)


class TestServer:
    @pytest.mark.row("F23")
    def test_F23_begun_form_is_taken_and_answered(self, gated_workspace, serve_process) -> None:
        workspace = gated_workspace()
        server = serve_process(workspace)
        body = "name=%E5%BC%A0%E4%B8%89&company=x&email=zhang%40example.cn&consent_delivery=yes"
        head = (
            f"POST /zh/w/form HTTP/1.1\r\nHost: x\r\nOrigin: {server.address}\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
            line.sendall((head + body[:20]).encode())
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(1)
            assert server.process.poll() is None
            line.sendall(body[20:].encode())
            assert line.recv(4096).startswith(b"HTTP/1.1 303")
        assert server.process.wait(15) == 0
        with closing(sqlite3.connect(workspace.folder / "contentops.db")) as connection:
            assert connection.execute("SELECT count(*) FROM submission").fetchone()[0] == 1

    @pytest.mark.row("F23")
    def test_F23_under_load_every_answer_is_true(self, gated_workspace, serve_process) -> None:
        """Acknowledged means stored, also for those who were answered while it stopped; who came later was refused."""
        workspace = gated_workspace(extra="\n[capture]\nper_minute = 10000\nper_hour = 100000\n")
        server = serve_process(workspace)
        accepted, refused = [], []

        def send(thread: int) -> None:
            for number in range(200):
                try:
                    status = server.post(email=f"li{thread}x{number}@example.cn")[0]
                except (OSError, HTTPException):  # refused, or closed before the request was read
                    refused.append(1)
                    return
                assert status in (303, 503)
                if status == 303:
                    accepted.append((thread, number))

        threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        begun = time.monotonic()
        assert server.stop(20) == 0
        assert time.monotonic() - begun < 13
        for thread in threads:
            thread.join()
        assert refused
        with closing(sqlite3.connect(workspace.folder / "contentops.db")) as connection:
            assert connection.execute("SELECT count(*) FROM submission").fetchone()[0] >= len(accepted) > 0
            stored = {name for (name,) in connection.execute("SELECT value FROM contact_key")}
        assert {f"mail:li{thread}x{number}@example.cn" for thread, number in accepted} <= stored

    @pytest.mark.row("F23")
    def test_F23_second_signal_ends_it_at_once(self, gated_workspace, serve_process) -> None:
        server = serve_process(gated_workspace())
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
            line.sendall(b"POST /zh/w/form HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n"
                         b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname=")  # fmt: skip
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None
            begun = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(5) == -signal.SIGTERM
            assert time.monotonic() - begun < 2

    def test_F23_who_sends_nothing_does_not_hold_it_up_for_ever(self, gated_workspace, serve_process) -> None:
        server = serve_process(gated_workspace())
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
            line.sendall(b"GET /zh/w/ HTTP/1.1\r\nHost:")
            begun = time.monotonic()
            assert server.stop(20) == 0
            assert time.monotonic() - begun < 13

    def test_interrupt_is_told_apart(self, gated_workspace, serve_process) -> None:
        server = serve_process(gated_workspace())
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(15) == 130
        assert "Traceback" not in server.logged()

    def test_F23_worker_stops_with_it(self, gated_workspace, serve_process) -> None:
        server = serve_process(gated_workspace(), "--with-worker", code=WITH_WORKER.format(ending="pass"))
        assert server.post()[0] == 303
        assert server.stop() == 0
        log = server.logged()
        assert log.index("worker begins") < log.index("worker gave back its leases")

    def test_F23_worker_that_hangs_does_not_hold_it(self, gated_workspace, serve_process) -> None:
        hanging = WITH_WORKER.format(ending="__import__('time').sleep(60)")
        hanging = "from contentops.web import server; server.STOP_SECONDS = 2\n" + hanging
        server = serve_process(gated_workspace(), "--with-worker", code=hanging)
        begun = time.monotonic()
        assert server.stop(20) == 0
        assert 2 <= time.monotonic() - begun < 8
        assert "did not stop in time" in server.logged()

    def test_taken_port_ends_before_the_worker_begins(self, gated_workspace) -> None:
        workspace = gated_workspace()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            words = ["-w", workspace.folder, "serve", "--port", port, "--with-worker"]
            code = WITH_WORKER.format(ending="pass")
            done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "worker begins" not in done.stderr


class TestCompanion:
    def test_begins_again_after_an_error(self, monkeypatch, caplog) -> None:
        monkeypatch.setattr(companion, "FIRST_PAUSE_SECONDS", 0.01)
        calls, third = [], threading.Event()

        def run(stop: threading.Event) -> None:
            calls.append(1)
            if len(calls) < 3:
                raise RuntimeError("邮件服务器不在")
            third.set()
            stop.wait(10)

        beside = Companion(run)
        beside.start()
        assert third.wait(10)
        beside.ask_to_stop()
        assert beside.wait(5)
        assert len(calls) == 3
        assert caplog.text.count("begins again") == 2

    def test_stop_during_a_pause(self, monkeypatch) -> None:
        monkeypatch.setattr(companion, "FIRST_PAUSE_SECONDS", 60.0)
        begun = threading.Event()

        def run(_stop: threading.Event) -> None:
            begun.set()
            raise RuntimeError

        beside = Companion(run)
        beside.start()
        assert begun.wait(5)
        beside.ask_to_stop()
        assert beside.wait(5)
