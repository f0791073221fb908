"""What a check found, the table of all that it can find, and the forms in which findings leave."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from contentops.texts import gettext as _


class Severity(StrEnum):
    """How bad a finding is: the page does not work, it works badly, or something is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """One code.

    Attributes:
        severity: the usual one. sentence: what the rule is for, in the current language.
    """

    severity: Severity
    sentence: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. Findings are ordered by path, line and code.

    Attributes:
        code: a key of :data:`RULES`; stable. path: the file, relative to the workspace, with ``/``. line: from 1.
        message: what is wrong, one sentence. advice: what to do.
    """

    code: str
    severity: Severity
    path: str
    line: int
    message: str
    advice: str

    def __lt__(self, other: "Finding") -> bool:
        return self._place() < other._place()

    def _place(self) -> tuple[str, int, str, str]:
        return self.path, self.line, self.code, self.message


def finding(code: str, path: str, line: int, message: str, advice: str, severity: Severity | None = None) -> Finding:
    """Return a finding with the usual severity of its code, or with another one."""
    return Finding(code, severity or RULES[code].severity, path, line, message, advice)


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE
RULES: dict[str, Rule] = {
    "unreadable-file": Rule(_E, lambda: _("A file can be read and converted.")),
    "unknown-key": Rule(_W, lambda: _("Every key below contentops is one that something reads.")),
    "nothing-closed": Rule(_E, lambda: _("A partly gated text has parts behind the form.")),
    "title-length": Rule(_W, lambda: _("A title fits into a search result: 10 to 60 letters, a Han character is two.")),
    "missing-description": Rule(_W, lambda: _("Search results and lists show the description.")),
    "description-length": Rule(
        _W, lambda: _("A description fits into a search result: 50 to 160 letters, a Han character is two.")
    ),
    "image-without-alt": Rule(_W, lambda: _("A picture says in words what it shows; some visitors hear the page.")),
    "image-without-size": Rule(_W, lambda: _("A picture has a size, so that the page does not jump while it loads.")),
    "second-h1": Rule(_W, lambda: _("A page has one heading of the first level: its title.")),
    "heading-jump": Rule(_W, lambda: _("Headings go down one level at a time.")),
    "placeholder-text": Rule(_W, lambda: _("Text that was meant to be replaced does not go out.")),
    "discount-words": Rule(
        _W, lambda: _("Discounts only make sense to somebody who compares vendors (stage shortlisting).")
    ),
    "broken-link": Rule(_E, lambda: _("A link within the site leads to a page.")),
    "broken-anchor": Rule(_E, lambda: _("A link to a place in a page leads to a heading that is there.")),
    "missing-image": Rule(_E, lambda: _("A picture of the text is beside the text.")),
    "absolute-own-link": Rule(_N, lambda: _("Links within the site leave out its host, so that they work elsewhere.")),
    "old-address": Rule(_N, lambda: _("A link names the page's address of today; former ones are forwarded.")),
    "link-to-draft": Rule(_E, lambda: _("No link leads to a draft.")),
    "link-to-future": Rule(_W, lambda: _("A page that is public later can be linked to from then on.")),
    "link-to-expired": Rule(_E, lambda: _("No link leads to a page whose time is over.")),
    "link-to-retired": Rule(_E, lambda: _("No link leads to a page that was retired.")),
    "link-to-unpublished": Rule(_E, lambda: _("No link leads to a page that is not published yet.")),
    "missing-promise": Rule(_W, lambda: _("A landing page promises something in a sentence of its own.")),
    "missing-attachment": Rule(_E, lambda: _("A gated page has a file to hand over.")),
    "missing-notice": Rule(_E, lambda: _("A form has a privacy notice that says who asks and how to reach them.")),
    "missing-consent": Rule(_E, lambda: _("A form asks for consent, separately for each purpose.")),
    "missing-contact-field": Rule(_E, lambda: _("A form asks for an e-mail address or a phone number.")),
    "too-many-fields": Rule(_W, lambda: _("A form is short: up to 5 fields; each further one loses visitors.")),
    "plain-button": Rule(_N, lambda: _("A button says what the visitor gets.")),
    "missing-thanks": Rule(_N, lambda: _("The page after the form says what to do next.")),
    "missing-translation": Rule(_N, lambda: _("A piece exists in every language of the site.")),
}
"""All codes. Documents and SARIF are made from this table."""


def as_text(findings: Iterable[Finding]) -> str:
    """Return one line a finding: ``path:line: severity code: message – advice``."""
    words = {Severity.ERROR: _("error"), Severity.WARNING: _("warning"), Severity.NOTE: _("note")}
    return "".join(f"{f.path}:{f.line}: {words[f.severity]} {f.code}: {f.message} – {f.advice}\n" for f in findings)


def as_json(findings: Iterable[Finding]) -> list[dict[str, str | int]]:
    """Return findings as rows for ``--json``."""
    return [asdict(found) | {"severity": found.severity.value} for found in findings]


_COMMANDS = {_E: "error", _W: "warning", _N: "notice"}


def as_github(findings: Iterable[Finding]) -> str:
    """Return workflow commands, which GitHub shows beside the lines they are about.

    Source: GitHub Docs, "Workflow commands for GitHub Actions"; the escaping is that of its actions/toolkit.
    """
    lines = []
    for found in findings:
        given = {"file": found.path, "line": str(found.line), "title": found.code}
        properties = ",".join(f"{key}={_github_property(value)}" for key, value in given.items())
        message = _github_data(f"{found.message} – {found.advice}")
        lines.append(f"::{_COMMANDS[found.severity]} {properties}::{message}\n")
    return "".join(lines)


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(findings: Iterable[Finding], version: str) -> dict[str, Any]:
    """Return a SARIF 2.1.0 log, which code hosts and editors read; its rules are :data:`RULES`.

    Args:
        version: of contentops.
    """
    codes = list(RULES)
    rules = [
        {
            "id": code,
            "shortDescription": {"text": rule.sentence()},
            "defaultConfiguration": {"level": rule.severity.value},
        }
        for code, rule in RULES.items()
    ]
    results = [
        {
            "ruleId": found.code,
            "ruleIndex": codes.index(found.code),
            "level": found.severity.value,
            "message": {"text": f"{found.message} – {found.advice}"},
            "locations": [{"physicalLocation": _sarif_place(found)}],
        }
        for found in findings
    ]
    driver = {"name": "contentops", "version": version, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _sarif_place(found: Finding) -> dict[str, Any]:
    address = quote(found.path, safe="/", errors="surrogatepass")
    return {"artifactLocation": {"uri": address, "uriBaseId": "%SRCROOT%"}, "region": {"startLine": found.line}}
