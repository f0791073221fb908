"""A visitor without a browser, for the demo: fetches pages, reads their form and links, sends the form."""

import time
from html.parser import HTMLParser
from http.client import HTTPConnection
from typing import Any

from contentops.errors import ContentOpsError, WorkspaceError
from contentops.texts import gettext as _

BROWSER = "Mozilla/5.0 (contentops demo)"


def wait_until_up(host: str) -> None:
    """Wait until a server answers, five seconds at most."""
    for _try in range(100):
        try:
            get(host, "/healthz")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise WorkspaceError(_("the server did not start"))


def get(host: str, path: str) -> bytes:
    """Return what a path answers."""
    status, _where, body = request(host, "GET", path)
    if status != 200:
        raise ContentOpsError(_("{path} answered {status}").format(path=path, status=status))
    return body


def request(
    host: str, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str, bytes]:
    """Send one request; return status, where it leads, and the body."""
    connection = HTTPConnection(host, timeout=20)
    try:
        # Who does not say that a person looks at it counts as a program, whose downloads are nobody's.
        connection.request(method, path, body, {"User-Agent": BROWSER, **(headers or {})})
        response = connection.getresponse()
        return response.status, response.getheader("Location", ""), response.read()
    finally:
        connection.close()


class PageReader(HTMLParser):
    """Finds what a browser needs of a page: where the form goes, its fields, the links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action, self.names, self.hidden, self.links = "", set[str](), dict[str, str](), list[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, inputs and links."""
        given: dict[str, Any] = dict(attrs)
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input" and given.get("name"):
            self.names.add(given["name"])
            if given.get("type") == "hidden":
                self.hidden[given["name"]] = given.get("value", "")
        elif tag == "a" and given.get("href"):
            self.links.append(given["href"])
