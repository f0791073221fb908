"""How mail leaves, to colleagues and to visitors: ``[mail]``."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from contentops.settings.shapes import Section
from contentops.texts import gettext as _


class MailSettings(Section):
    """How mail leaves: what visitors asked for, and reminders and invitations to colleagues."""

    host: str = Field(
        "", description="The mail server (SMTP). Empty: mail to visitors goes into a folder, none to colleagues."
    )
    port: int = Field(587, ge=1, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls (port 587), tls (port 465), or none on a trusted network."
    )
    username: str = Field("", description="Name to sign in with; empty: without signing in.")
    password: SecretStr | None = Field(None, description="Password. Only by environment.")
    sender: str = Field("", description="Address that mail comes from; it must be able to receive.")
    empty_return_path: bool = Field(
        False,
        description="true: mail goes out with an empty return path, so that no machine's answer to it comes back; it "
        "still says whom it is from. Bounces that come later than the server's answer are lost then.",
    )
    timeout_seconds: float = Field(20, gt=0, le=300, description="Patience with the server.")
    folder: str = Field(
        "out/mail", min_length=1, description="Where mail lies as .eml files while no host is set; from the workspace."
    )
    attach_max_mb: float = Field(
        0, ge=0, le=25, description="Files up to this size go along with the mail; 0: the mail has a link only."
    )
    per_person_day: int = Field(3, ge=1, le=100, description="Most mails to one person in 24 hours.")
    per_minute: int = Field(0, ge=0, description="Most mails in a minute, of all workers together; 0: no limit.")
    retry_minutes: tuple[Annotated[float, Field(gt=0, le=10_080)], ...] = Field(
        (1, 5, 30, 120, 360, 720),
        min_length=1,
        max_length=20,
        description="Minutes to wait after each failed try (give or take a fifth); then the message is given up.",
    )
    lease_seconds: float = Field(
        300, ge=2, le=3600, description="After this time, what a worker that broke down had taken is taken by another."
    )

    @field_validator("sender")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
            raise ValueError(_("must be one e-mail address without a name: news@example.com"))
        return value

    @model_validator(mode="after")
    def _has_a_sender(self) -> Self:
        if self.host and not self.sender:
            raise ValueError(_("host needs a sender: the address that mail comes from"))
        return self

    @model_validator(mode="after")
    def _lease_outlasts_patience(self) -> Self:
        if self.lease_seconds < 2 * self.timeout_seconds:
            raise ValueError(_("lease_seconds must be at least twice timeout_seconds"))
        return self
