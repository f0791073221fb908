"""A real SMTP server that misbehaves on demand, and workspaces with messages to send."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from contentops.models import Asset, Contact, ContactKey, Lead, Message, new_id
from contentops.testing import write_content
from contentops.workspace import Workspace

SENDER = "hello@example.com"


class Server:
    """Takes mail as its ``mode`` says: ok, 4xx, greylist, 5xx, content, barred, sender, drop, slow."""

    def __init__(self) -> None:
        self.mode, self.letters, self.raw, self.port = "ok", [], [], 0
        self.return_paths: list[str] = []
        self.refused: set[str] = set()
        self.connections = self.tries = 0
        self._seen: set[str] = set()

    def handle_exception(self, error: Exception) -> str:
        return f"451 {type(error).__name__}"

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.mode == "sender":
            return "550 5.7.1 sender refused for everybody"
        envelope.mail_from = address
        self.return_paths.append(address)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.tries += 1
        if self.mode == "4xx":
            return f"451 4.7.1 {address} try later"
        if self.mode == "greylist" and address not in self._seen:
            self._seen.add(address)
            return "450 4.2.0 greylisted"
        if self.mode == "barred":
            return "550 5.7.1 relaying denied"
        if self.mode == "5xx" and (not self.refused or address in self.refused):
            return f"550 5.1.1 <{address}>: no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.mode == "content":
            return "554 5.6.0 we do not like what it says"
        if self.mode == "slow":
            time.sleep(0.01)
        self.raw.append(envelope.content)
        self.letters.append((list(envelope.rcpt_tos), message_from_bytes(envelope.content, policy=WIRE)))
        if self.mode == "drop":
            server.transport.close()
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        return [letter["Message-ID"] for _to, letter in self.letters]

    def to(self) -> list[str]:
        return [address for to, _letter in self.letters for address in to]


class RefusingAuth:
    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, auth_data: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)


@contextmanager
def smtp_server(port: int = 0, **options: Any) -> Iterator[Server]:
    """Run one on a free port of loopback."""
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=port or free_port(), **options)
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def hanging_server() -> Iterator[int]:
    """Take connections and say nothing."""
    listening = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                kept.append(listening.accept()[0])
            except OSError:
                return

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)
        for connection in kept:
            connection.close()


def mail_toml(port: int, **values: Any) -> str:
    """Return [mail] for a server on loopback."""
    lines = {"host": '"127.0.0.1"', "port": port, "security": '"none"', "sender": f'"{SENDER}"', "timeout_seconds": 5}
    return "\n[mail]\n" + "".join(f"{key} = {value}\n" for key, value in {**lines, **values}.items())


PAPER = """---
title: {title}
contentops: {{state: published, gate: gated, attachment: w.pdf}}
---

正文。
"""


def publish(workspace: Workspace, name: str = "w", title: str = "点检白皮书", size: int = 5) -> Asset:
    """Put an asset with a file into a workspace."""
    write_content(workspace, f"whitepaper/{name}/index.md", PAPER.format(title=title))
    write_content(workspace, f"whitepaper/{name}/w.pdf", b"%PDF-" + b"x" * (size - 5))
    assert not workspace.assets.sync().problems
    return workspace.assets.get(name)


def queue(
    workspace: Workspace, asset: Asset, email: str | None = "zhang@example.cn", *, kind: str = "asset",
    at: datetime | None = None, **values: Any,
) -> Message:  # fmt: skip
    """Write a person, a lead and a message, as a form does; the same address is the same person."""
    now = at or workspace.now()
    with workspace.store.write() as session:
        key = session.get(ContactKey, f"mail:{(email or '').lower()}")
        contact_id = key.contact_id if key else new_id()
        if key is None:
            person = {"name": "张三", "company": "示例公司", "email": email, "language": "zh-CN"}
            row = {**person, **values.pop("contact", {})}
            session.add(Contact.model_validate(
                {"id": contact_id, "person_id": contact_id, "created_at": now, "changed_at": now, **row}
            ))  # fmt: skip
            session.flush()
            if email:
                session.add(ContactKey.model_validate({"value": f"mail:{email.lower()}", "contact_id": contact_id}))
        from sqlmodel import select

        lead = session.exec(select(Lead).where(Lead.asset_id == asset.id, Lead.contact_id == contact_id)).first()
        if lead is None:
            lead = Lead.model_validate({
                "asset_id": asset.id, "contact_id": contact_id, "created_at": now, "last_at": now,
                **values.pop("lead", {}),
            })  # fmt: skip
            session.add(lead)
            session.flush()
        message = Message.model_validate({
            "kind": kind, "contact_id": contact_id, "lead_id": lead.id, "asset_id": asset.id,
            "next_at": now, "created_at": now, **values,
        })  # fmt: skip
        session.add(message)
    return message


def message(workspace: Workspace, row: Message) -> Message:
    """Return a message as it is now."""
    with workspace.store.read() as session:
        found = session.get(Message, row.id)
    assert found is not None
    return found


def text_of(letter: EmailMessage, form: str = "plain") -> str:
    """Return what a letter says."""
    return str(letter.get_body((form,)).get_content())  # type: ignore[union-attr]
