"""What tests of personal links share: a small site with a form, people who have asked, signed links."""

from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from sqlmodel import SQLModel, select

from contentops.leads.consent.ledger import GIVEN
from contentops.leads.grants import CONFIRM_LINK, DOWNLOAD_LINK, PREFERENCES_LINK, Grant
from contentops.models import Asset, Consent, Contact, ContactKey, Lead, Message, Submission, new_id
from contentops.pages.notice import MARKETING, Notice
from contentops.testing import write_content
from contentops.web.reading import URLENCODED as FORM

PDF = b"%PDF-1.7 " + bytes(range(256)) * 20
ENGLISH, CHINESE = "/en/paper/", "/zh/paper/"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Visitor:
    """A visitor of a running server, and what the test knows of its database."""

    server: object
    links: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self):
        return self.server.workspace

    def ask(self, method: str, path: str, body=None, **headers) -> Answer:
        connection = HTTPConnection(self.server.host, timeout=20)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): each for name, each in headers.items()})
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, fields=(), **headers) -> Answer:
        given = {"Content_Type": FORM, "Origin": self.server.address, **headers}
        return self.ask("POST", path, urlencode(fields), **given)

    def rows(self, table: type[SQLModel]) -> list:
        with self.workspace.store.read() as session:
            return list(session.exec(select(table)))

    def asset(self, language: str = "en") -> Asset:
        return next(asset for asset in self.rows(Asset) if asset.language == language)

    def contact(
        self, email: str | None = "zhang@example.cn", phone: str | None = None, language: str = "en"
    ) -> Contact:
        own, now = new_id(), self.workspace.now()
        keys = [f"mail:{email}"] * bool(email) + [f"tel:{phone}"] * bool(phone)
        values = {"id": own, "person_id": own, "name": "张三", "email": email, "phone": phone, "language": language}
        contact = Contact.model_validate({**values, "created_at": now, "changed_at": now})
        with self.workspace.store.write() as session:
            session.add(contact)
            session.flush()
            for key in keys:
                session.add(ContactKey.model_validate({"value": key, "contact_id": own}))
        return contact

    def lead(self, contact: Contact, *, awaits: bool = False, language: str = "en") -> Lead:
        now = self.workspace.now()
        values = {"asset_id": self.asset(language).id, "contact_id": contact.id, "awaits_confirmation": awaits}
        lead = Lead.model_validate({**values, "created_at": now, "last_at": now})
        with self.workspace.store.write() as session:
            session.add(lead)
        return lead

    def said(self, contact: Contact, action=GIVEN, purpose: str = MARKETING, channel: str = "any") -> None:
        notice = Notice(self.workspace.settings.privacy, "en")
        shown = {"wording": notice.wording(purpose), "wording_sha256": notice.version(purpose), "locale": "en"}
        values = {"contact_id": contact.id, "purpose": purpose, "channel": channel, "action": action, "how": "form"}
        now = self.workspace.now()
        with self.workspace.store.write() as session:
            lead = session.exec(select(Lead).where(Lead.contact_id == contact.id)).first()
            if lead is not None:  # a word is given in a form; the question of another lead is none of this one's mail
                form = Submission.model_validate({"asset_id": lead.asset_id, "lead_id": lead.id, "at": now})
                session.add(form)
                session.flush()
                values["submission_id"] = form.id
            session.add(Consent.model_validate({**values, **shown, "page": ENGLISH, "at": now}))

    def queued(self, kind: str, contact: Contact, **values) -> Message:
        now = self.workspace.now()
        row = Message.model_validate(
            {"kind": kind, "contact_id": contact.id, "next_at": now, "created_at": now, **values}
        )
        with self.workspace.store.write() as session:
            session.add(row)
        return row

    def token(self, purpose: str, subject: Lead | Contact, days: float = 14) -> str:
        until = self.workspace.now() + timedelta(days=days)
        about_id = ""
        if isinstance(subject, Lead):
            about_id = subject.contact_id if purpose == CONFIRM_LINK else subject.asset_id
        return self.workspace.leads.links.sign(purpose, Grant(subject.id, about_id, until))

    def download(self, lead: Lead, days: float = 14) -> str:
        return f"/d/{self.token(DOWNLOAD_LINK, lead, days)}/paper.pdf"

    def confirm(self, lead: Lead, days: float = 14) -> str:
        return f"/c/{self.token(CONFIRM_LINK, lead, days)}/"

    def preferences(self, contact: Contact, days: float = 14) -> str:
        return f"/p/{self.token(PREFERENCES_LINK, contact, days)}/"

    def unsubscribe(self, contact: Contact, days: float = 14) -> str:
        return f"/u/{self.token(PREFERENCES_LINK, contact, days)}"


@pytest.fixture
def small_site():
    """Write one gated piece in two languages into a workspace."""

    def write(workspace, file_name: str = "点检白皮书.pdf", content: bytes = PDF):
        for language, title in (("en", "Inspection paper"), ("zh-CN", "点检白皮书")):
            folder = f"whitepaper/{language}/paper"
            lines = (
                f"title: {title}\nlang: {language}\nslug: paper\ncontentops: {{gate: gated, attachment: '{file_name}'}}"
            )
            write_content(workspace, f"{folder}/index.md", f"---\n{lines}\n---\n")
            write_content(workspace, f"{folder}/{file_name}", content)
        assert not workspace.assets.sync().problems
        return workspace

    return write


@pytest.fixture
def visitor(workspace, small_site, serve) -> Visitor:
    return Visitor(serve(small_site(workspace)))


@pytest.fixture
def any_visitor(any_workspace, small_site, serve) -> Visitor:
    """The same on SQLite and on PostgreSQL."""
    return Visitor(serve(small_site(any_workspace)))
