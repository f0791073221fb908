"""A small site on a real server, shared by the tests of a module; what its clients send is up to them."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlmodel import col, func, select

from contentops.models import Contact, Lead, Message, Submission, Touch
from contentops.testing import write_content
from contentops.web.reading import JSON
from contentops.web.reading import URLENCODED as FORM
from contentops.workspace import Workspace

PAGE, SECOND, ENGLISH, CONFIRMED = "/zh/w/", "/zh/b/", "/en/w/", "/zh/all/"
_SETTINGS = """
[capture]
per_minute = {most}
per_hour = {most}
trusted_proxies = {proxies}
allowed_origins = {origins}
"""
_TEXTS = {
    "whitepaper/w/index.md": "title: 点检白皮书\nlang: zh-CN\ncontentops: {gate: gated, attachment: 白皮书.pdf}",
    "whitepaper/b/index.md": "title: 另一份白皮书\nlang: zh-CN\ncontentops: {gate: gated, attachment: 白皮书.pdf}",
    "whitepaper/w-en/index.md": "title: A paper\nlang: en\nslug: w\ncontentops: {gate: gated, attachment: 白皮书.pdf}",
    "whitepaper/all/index.md": (
        "title: 先确认\nlang: zh-CN\ncontentops: {gate: gated, attachment: 白皮书.pdf, double_opt_in: all}"
    ),
}
TABLES = (Contact, Lead, Submission, Touch, Message)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Stored:
    lead: Lead
    contact: Contact
    touches: list[Touch]
    submissions: list[Submission]
    messages: list[Message]


@dataclass
class Site:
    """A running server and what a client does to it. Header names are written with underscores."""

    workspace: Workspace
    address: str
    folder: Path
    server: Any = None
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(10**6)))

    @property
    def host_port(self) -> tuple[str, int]:
        host, port = self.address.removeprefix("http://").split(":")
        return host, int(port)

    def ask(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> Answer:
        connection = HTTPConnection(*self.host_port, timeout=20)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, names)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def good(self, **fields: str) -> dict[str, str]:
        """A form that is right, of somebody new."""
        person = f"kehu{next(self._numbers)}@example.cn"
        return {"name": "张三", "email": person, "consent_delivery": "yes", **fields}

    def post(self, fields: Mapping[str, str] | None = None, page: str = PAGE, **headers: str) -> Answer:
        """Send a form as a browser does; the answer is a page unless the headers ask for JSON."""
        body = urlencode(self.good() if fields is None else fields)
        return self.send(body, page, **{"Content_Type": FORM, **headers})

    def send(self, body: bytes | str, page: str = PAGE, **headers: str) -> Answer:
        """Send any bytes to the form."""
        return self.ask("POST", f"{page}form", body, **{"Origin": self.address, **headers})

    def program(self, fields: Any, page: str = PAGE, **headers: str) -> Answer:
        """Send a form as JSON."""
        body = fields if isinstance(fields, bytes) else json.dumps(fields)
        return self.send(body, page, **{"Content_Type": JSON, "Accept": JSON, **headers})

    def raw(self, data: bytes, *, timeout: float = 5, half_close: bool = False) -> bytes:
        """Send bytes and return all that comes until the server hangs up, or for some seconds."""
        got = bytearray()
        with socket.create_connection(self.host_port, timeout) as connection:
            try:
                connection.sendall(data)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it hung up meanwhile; what it said is there to be read
            try:
                while chunk := connection.recv(65_536):
                    got += chunk
            except OSError:
                pass
        return bytes(got)

    def head(self, *lines: str, page: str = PAGE) -> bytes:
        """The first lines of a request to the form, ready for a body."""
        return "\r\n".join((f"POST {page}form HTTP/1.1", "Host: x", *lines, "", "")).encode()

    def counts(self) -> dict[str, int]:
        """Return how many rows there are of all that a form leaves behind."""
        with self.workspace.store.read() as session:
            return {
                table.__tablename__: session.exec(select(func.count()).select_from(table)).one() for table in TABLES
            }

    def stored(self, table: type, **values: Any) -> list[Any]:
        """Return the rows with some values."""
        with self.workspace.store.read() as session:
            return list(session.exec(select(table).filter_by(**values)))

    def leads_of(self, email: str) -> list["Stored"]:
        """Return the leads of the person with an address, each with all that hangs on it, in the order of time."""
        query = select(Lead, Contact).join(Contact, col(Contact.id) == Lead.contact_id).where(Contact.email == email)
        with self.workspace.store.read() as session:
            return [
                Stored(
                    lead,
                    contact,
                    *(
                        list(session.exec(select(table).where(table.lead_id == lead.id).order_by(order)))
                        for table, order in (
                            (Touch, Touch.at),
                            (Submission, Submission.at),
                            (Message, Message.created_at),
                        )
                    ),
                )
                for lead, contact in session.exec(query.order_by(col(Lead.created_at)))
            ]


@contextmanager
def running(
    folder: Path,
    *,
    most: int = 100_000,
    proxies: str = "[]",
    origins: str = "[]",
    database_url: str = "",
    built: bool = True,
) -> Iterator[Site]:
    """Make the site in a folder and serve it."""
    from contentops.web.server import bind, make_server

    listening = bind("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    make_site(folder, address, most=most, proxies=proxies, origins=origins, database_url=database_url)
    workspace = Workspace.open(folder)
    workspace.migrate()
    workspace.assets.sync()
    if built:
        workspace.pages.build()
    server = make_server(workspace, listening)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield Site(workspace, address, folder, server)
    finally:
        server.should_exit = True
        thread.join(15)
        listening.close()
        workspace.close()


def make_site(
    folder: Path, address: str, *, most: int, proxies: str = "[]", origins: str = "[]", database_url: str = ""
) -> None:
    """Write settings and contents."""
    Workspace.init(folder, name="联巡云").close()
    path = folder / "contentops.toml"
    text = path.read_text(encoding="utf-8").replace("http://127.0.0.1:8000", address)
    for key, value in {"controller": "联巡云（示例）科技有限公司", "contact": "privacy@example.com"}.items():
        text = text.replace(f'{key} = ""', f'{key} = "{value}"')
    text = text.replace('theme = "calm"', 'theme = "calm"\ncard_font = "none"')
    if database_url:
        text = text.replace('"sqlite:///contentops.db"', f'"{database_url}"')
    path.write_text(text + _SETTINGS.format(most=most, proxies=proxies, origins=origins), encoding="utf-8")
    with Workspace.open(folder) as workspace:
        for name, front_matter in _TEXTS.items():
            write_content(workspace, name, f"---\n{front_matter}\n---\n正文 **重点**。\n")
            write_content(workspace, str(Path(name).with_name("白皮书.pdf")), b"%PDF-1.7 " + b"0123456789" * 500)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose limits nobody reaches, for all tests of a module."""
    with running(tmp_path_factory.mktemp("站点")) as site:
        yield site


@pytest.fixture
def new_site(tmp_path: Path) -> Callable[..., AbstractContextManager[Site]]:
    """Serve a site of one's own: ``with new_site(most=10) as site``."""
    numbers = iter(range(100))

    def make(**values: Any) -> AbstractContextManager[Site]:
        return running(tmp_path / f"站点{next(numbers)}", **values)

    return make


@contextmanager
def _contentops_serve(folder: Path, code: str = "") -> Iterator["Process"]:
    """The command itself, in a process of its own."""
    start = code + "import sys; from contentops.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", start, "--workspace", str(folder), "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8", "CONTENTOPS_LANG": "en"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    output = bytearray()
    reader = threading.Thread(target=lambda: [output.extend(line) for line in process.stdout], daemon=True)
    reader.start()
    try:
        for _try in range(600):
            found = re.search(rb"http://127\.0\.0\.1:(\d+)", output)
            if found or process.poll() is not None:
                break
            time.sleep(0.05)
        assert found, output.decode()
        address = f"http://127.0.0.1:{int(found[1])}"
        for _try in range(200):
            try:
                socket.create_connection(("127.0.0.1", int(found[1])), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield Process(address, output, process.pid)
    finally:
        process.terminate()
        process.wait(20)
        reader.join(5)
        process.stdout.close()


class Process:
    def __init__(self, address: str, output: bytearray, pid: int) -> None:
        self.address, self._output, self.pid = address, output, pid

    @property
    def output(self) -> str:
        return self._output.decode("utf-8", "replace")


@pytest.fixture
def contentops_serve() -> Callable[..., AbstractContextManager[Process]]:
    """Start the command itself: ``with contentops_serve(folder) as process``."""
    return _contentops_serve
