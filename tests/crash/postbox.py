"""A real mail server that fails on and off, and remembers what it took."""

import asyncio
import random
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesHeaderParser
from typing import Any

from aiosmtpd.controller import Controller

MODES = {"ok": (1.0, 3.0), "down": (0.2, 0.6), "4xx": (0.2, 0.6), "drop": (0.2, 0.6), "slow": (0.3, 0.8)}
"""How the server behaves, and the seconds for which it does."""


class Postbox:
    """Takes mail, or is down, or says "try later", or hangs up after it has taken a letter, or is slow.

    Attributes:
        letters: Message-ID → the addresses it was handed over for, once each time. spells: how often it was in a mode.
    """

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.mode, self.letters, self.spells = "ok", {}, Counter[str]()
        self._lines: set[asyncio.Transport] = set()
        self._controller: Controller | None = None

    letters: dict[str, list[str]]

    def up(self) -> None:
        """Listen."""
        if self._controller is None:
            self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
            self._controller.start()

    def down(self) -> None:
        """Listen no more; whoever is connected is cut off."""
        controller, self._controller = self._controller, None
        if controller is not None:
            asyncio.run_coroutine_threadsafe(self._hang_up(), controller.loop).result(10)
            controller.stop()

    async def _hang_up(self) -> None:
        for line in self._lines:
            line.abort()
        self._lines.clear()
        await asyncio.sleep(0.01)  # the sessions notice

    def misbehave(self, stop: threading.Event, chance: random.Random) -> None:
        """Change the mode again and again, until told to stop; then all is well."""
        while not stop.is_set():
            for mode in ("ok", *chance.sample(sorted(MODES.keys() - {"ok"}), 2)):
                self.mode = mode
                self.spells[mode] += 1
                if mode == "down":
                    self.down()
                else:
                    self.up()
                stop.wait(chance.uniform(*MODES[mode]))
        self.mode = "ok"
        self.up()

    def handle_exception(self, error: Exception) -> str:
        return f"451 {type(error).__name__}"

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, answers: list[str]) -> Any:
        session.host_name = hostname
        self._lines.add(server.transport)
        return answers

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.mode == "4xx":
            return "451 4.7.1 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.mode == "slow":
            await asyncio.sleep(0.05)
        header = BytesHeaderParser().parsebytes(envelope.content)
        self.letters.setdefault(str(header["Message-ID"]), []).extend(envelope.rcpt_tos)
        if self.mode == "drop":
            server.transport.abort()
        return "250 OK"


@contextmanager
def postbox() -> Iterator[Postbox]:
    """Run one on a free port of loopback."""
    box = Postbox()
    box.up()
    try:
        yield box
    finally:
        box.down()
