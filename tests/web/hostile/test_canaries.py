"""Nothing of a visitor and no secret stands in the log of a real ``contentops serve``, not even when all is logged."""

import re
import socket
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from contentops.web.reading import JSON
from contentops.web.reading import URLENCODED as FORM
from contentops.workspace import Workspace

PAGE = "/zh/w/"
NAME, COMPANY, EMAIL, PHONE = "康纳丽鸟", "金丝雀示例公司", "canary.bird@example.cn", "13912345678"
KEY = "canary-idempotency-key-77"
FORGED = "\r\nCRITICAL forged line\x1b[31m\u2028CRITICAL forged\x85CRITICAL forged"

# Every logger says all it has to say, and whoever sets up logging later cannot make it quieter. What is written is what
# loggers were given, before any blotting out by a formatter. SQLAlchemy alone stays as it is: it shows rows to those
# who ask for its own debugging.
LOUD = """
import logging, sys
said = open(sys.argv.pop(), "w", encoding="utf-8", buffering=1)
format = logging.Formatter("%(levelname)s %(name)s %(message)s")
usual = logging.Logger.setLevel
def set_level(self, level):
    usual(self, level if self.name.startswith("sqlalchemy") else logging.DEBUG)
def handle(self, record, usual=logging.Logger.handle):
    said.write(format.format(record) + " " + repr(record.__dict__.get("facts", "")) + chr(10))
    usual(self, record)
logging.Logger.setLevel, logging.Logger.handle = set_level, handle
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
"""


class Visitor:
    """Sends requests with canaries in them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.host, self.port = address.removeprefix("http://").split(":")

    def ask(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> tuple[int, str, bytes]:
        connection = HTTPConnection(self.host, int(self.port), timeout=20)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, response.getheader("Location") or "", response.read()
        finally:
            connection.close()

    def form(self, page: str = PAGE, **fields: str) -> tuple[int, str, bytes]:
        whole = {"name": NAME, "company": COMPANY, "email": EMAIL, "phone": PHONE, "consent_delivery": "yes"} | fields
        origin = {"Origin": self.address, "User-Agent": f"{EMAIL} bot", "Cookie": f"session={EMAIL}"}
        body = urlencode(whole)
        return self.ask(
            "POST", f"{page}form", body, Content_Type=FORM, Idempotency_Key=KEY + fields.get("n", ""), **origin
        )

    def session(self) -> str:
        """Do what visitors and attackers do; return the token of the personal link."""
        status, thanks, _body = self.form()
        assert status == 303
        token = re.search(r"g=([^&]+)", thanks)[1]
        link = re.search(rb'href="(/d/[^"]+)"', self.ask("GET", thanks)[2])[1].decode()
        assert self.ask("GET", link)[0] == 200
        assert self.ask("GET", link, Range="bytes=0-3", Referer=f"http://x/{EMAIL}")[0] == 206
        told = {
            self.form(name=f"{NAME}{FORGED}", n="1")[0],
            self.form(email=f"{EMAIL}@", n="2")[0],
            self.form(phone=f"{PHONE} 分机 x", n="3")[0],
            self.form(name=f"{NAME}二", n="")[0],
            self.form(page="/zh/nothing/", n="4")[0],
            self.form(website_url_confirm=EMAIL, n="5")[0],
            self.form(utm_source=f"{EMAIL}{FORGED}", referrer_host=EMAIL, n="6")[0],
            self.form(form_token=f"{token}x", n="7")[0],
        }
        assert told == {303, 404, 409, 422}
        bad = [
            (f'{{"name": "{NAME}", "email": "{EMAIL}"'.encode(), JSON),
            (f'{{"name": "{NAME}", "email": ["{EMAIL}"]}}'.encode(), JSON),
            (f"name={NAME}&email={EMAIL}".encode("gb18030"), FORM),
            (f"--x\r\nContent-Disposition: {EMAIL}\r\n\r\n{NAME}\r\n--x--".encode(), "multipart/form-data; boundary=x"),
            (EMAIL.encode() * 4000, FORM),
            (EMAIL.encode(), "text/plain; a=" + EMAIL),
        ]
        for body, kind in bad:
            assert 400 <= self.ask("POST", f"{PAGE}form", body, Content_Type=kind)[0] < 500
        self.ask("POST", f"{PAGE}form?email={EMAIL}", "", Content_Type=FORM, Origin=f"https://{EMAIL}.example")
        for path in (
            f"{PAGE}?email={EMAIL}",
            f"/{EMAIL}/",
            f"/d/{token}x/{EMAIL}",
            f"/c/{token}/",
            f"/p/{token}/",
            f"/u/{token}",
            f"/calendar/{token}.ics",
            f"/s/{EMAIL}",
            f"{PAGE}thanks/?g={token}x",
        ):
            assert self.ask("GET", path)[0] in (200, 404)
        for raw in (
            f"GET /{EMAIL} HTTP/9\r\n\r\n",
            f"{EMAIL}\r\n\r\n",
            f"POST {PAGE}form HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 99\r\n\r\nemail={EMAIL}",
        ):
            with socket.create_connection((self.host, int(self.port)), 10) as connection:
                connection.sendall(raw.encode())
                if "Content-Length" not in raw:
                    connection.recv(1000)
        return token


@pytest.mark.row("P1", "P2", "P3", "D18")
@pytest.mark.parametrize("fault", ["", "a table is gone", "fault in a rule"])
def test_P1_P2_P3_D18_no_canary_in_any_line(tmp_path, new_site, contentops_serve, fault) -> None:
    with new_site() as site:
        folder = site.folder
    said = tmp_path / "said.log"
    code = LOUD.replace("sys.argv.pop()", repr(str(said)))
    if fault == "fault in a rule":  # a traceback with the frames of a form in it
        code += FAULTY
    with contentops_serve(folder, code) as process:
        visitor = Visitor(process.address)
        if fault == "fault in a rule":
            assert visitor.form()[0] == 500
            token = "none.at.all"
        elif fault:
            token = visitor.session()
            _take_the_tables_away(folder)
            assert visitor.form(n="late")[0] == 503
        else:
            token = visitor.session()
    with Workspace.open(folder) as workspace:
        secret = workspace.leads.links.secret.decode()
    for text in (said.read_text(encoding="utf-8"), process.output):
        assert text
        for canary in (NAME, COMPANY, EMAIL, "canary.bird", PHONE, token, secret, KEY, "金丝雀", "13912345678"):
            assert canary not in text, (canary, [line for line in text.splitlines() if canary in line][:2])
        assert not [line for line in re.split(r"[\r\n\x85\u2028]", text) if line.startswith("CRITICAL forged")]
    assert "DEBUG" in said.read_text(encoding="utf-8")


FAULTY = """
from contentops.leads.intake import desk
def broken(*given, **more):
    raise KeyError("no such thing")
desk.check = broken
"""


def _take_the_tables_away(folder: Path) -> None:
    import sqlite3

    with sqlite3.connect(folder / "contentops.db") as connection:
        connection.execute("ALTER TABLE contact_key RENAME TO gone")
    connection.close()
