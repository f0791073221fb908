"""One way for mail to leave: built, read again to be sure of its headers, handed to the team's mail server."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import Protocol

from contentops.errors import MailRefused, MailUnavailable
from contentops.settings import MailSettings
from contentops.texts import gettext as _

# Whatever else turns up in a serialised message was smuggled in through a name or a title.
_HEADERS = {
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding",
    "content-language", "auto-submitted", "precedence",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person.

    Attributes:
        to: the bare address. subject, text, html: what it says. language: of its words.
        key: the same for the same letter, however often it is sent: its Message-ID is made of it (RFC 5322 3.6.4).
        calendar: an iTIP message (RFC 5546), and its method.
    """

    to: str
    subject: str
    text: str
    html: str
    language: str
    key: str
    calendar: bytes = b""
    method: str = ""


class Messenger(Protocol):
    """Whatever hands letters over."""

    def send(self, letter: Letter, now: datetime) -> None:
        """Hand one letter over, or raise why not."""


class Mailer:
    """Hands letters to the mail server of ``[mail]``.

    Raises (from :meth:`send`):
        MailUnavailable: nobody can be reached, or not now: try again later. MailRefused: never this letter.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    @property
    def is_ready(self) -> bool:
        """Whether a server and a sender are set."""
        return bool(self._settings.host and self._settings.sender)

    def send(self, letter: Letter, now: datetime) -> None:
        """Hand one letter over; when this returns, the server has taken it."""
        if not self.is_ready:
            raise MailUnavailable(_("no mail server is set: fill in host and sender of [mail] in contentops.toml"))
        content = serialised(letter, self._settings.sender, now)
        try:
            with self._connected() as server:
                server.sendmail(self._settings.sender, [letter.to], content, mail_options=_options(server))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _refusal(error, letter.to) from error
        except UnicodeError as error:
            raise MailRefused(
                _("'{address}' cannot be written to: the server takes plain addresses only").format(address=letter.to)
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            reason = getattr(error, "smtp_error", b"") or str(error) or type(error).__name__
            text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
            raise MailUnavailable(
                _("the mail server {host} cannot be used: {reason}").format(host=self._settings.host, reason=text)
            ) from error

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        timeout, tls = settings.timeout_seconds, ssl.create_default_context()
        server: smtplib.SMTP
        if settings.security == "tls":
            server = smtplib.SMTP_SSL(settings.host, settings.port, timeout=timeout, context=tls)
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=timeout)
        try:
            if settings.security == "starttls":
                server.starttls(context=tls)
            if settings.username:
                password = settings.password.get_secret_value() if settings.password else ""
                server.login(settings.username, password)
        except BaseException:
            server.close()
            raise
        return server


def _options(server: smtplib.SMTP) -> list[str]:
    return ["BODY=8BITMIME"] if server.does_esmtp and server.has_extn("8bitmime") else []


def _refusal(error: smtplib.SMTPException, address: str) -> MailUnavailable | MailRefused:
    """Tell "not now" (4xx: greylisting, full) from "never" (5xx)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    else:
        code, said = error.smtp_code, error.smtp_error  # type: ignore[attr-defined]
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    message = _("{address} was refused: {code} {reason}").format(address=address, code=code, reason=text)
    return MailUnavailable(message) if 400 <= code < 500 else MailRefused(message)


def serialised(letter: Letter, sender: str, now: datetime) -> bytes:
    """Return a letter as it goes over the wire.

    The finished bytes are read again and compared with what was meant: the standard library lets some names break out
    of a header (an encoded word with a line break in it).

    Raises:
        MailRefused: the letter cannot be written without saying more than it should.
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["From"], message["To"] = sender, letter.to
        # A title may look like an encoded word, and the library would decode it: what comes out may have line breaks.
        message["Subject"] = " ".join(letter.subject.split()).replace("=?", "= ?")
        message["Date"] = format_datetime(now)
        domain = sender.rpartition("@")[2]
        message["Message-ID"] = f"<{sha256(letter.key.encode()).hexdigest()[:40]}@{domain}>"
        message["Auto-Submitted"], message["Precedence"] = "auto-generated", "bulk"  # nobody's absence answers
        message.set_content(letter.text, cte="base64")
        if letter.html:
            message.add_alternative(letter.html, subtype="html", cte="base64")
        if letter.calendar:
            # An alternative part, not an attachment: Outlook shows its buttons for nothing else.
            parameters = {"method": letter.method}
            text = letter.calendar.decode("utf-8")
            message.add_alternative(text, subtype="calendar", charset="utf-8", params=parameters, cte="base64")
        message["Content-Language"] = letter.language  # last: alternatives take such headers along with the text
        content = message.as_bytes()
    except (ValueError, UnicodeError) as error:
        raise MailRefused(
            _("the letter to {address} cannot be written: {reason}").format(address=letter.to, reason=error)
        ) from error
    _check(content, letter)
    return content


def _check(content: bytes, letter: Letter) -> None:
    read = message_from_bytes(content, policy=SMTP)
    names = [name.lower() for name in read.keys()]  # noqa: SIM118 - a message is no dict: names may repeat
    strange = sorted({name for name in names if name not in _HEADERS or names.count(name) > 1})
    addressed = [address.addr_spec for address in read["To"].addresses] if "to" in names else []
    if strange or addressed != [letter.to]:
        raise MailRefused(
            _("the letter to {address} would have headers or addresses that it should not have: {names}").format(
                address=letter.to, names=_(", ").join(strange or addressed)
            )
        )
