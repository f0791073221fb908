"""A letter, and how it is written: built, then read again to be sure of its headers."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import Protocol

from contentops.errors import MailRefused
from contentops.texts import gettext as _

# Whatever else turns up in a serialised message was smuggled in through a name or a title.
_HEADERS = {
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding",
    "content-language", "auto-submitted", "precedence", "list-unsubscribe", "list-unsubscribe-post",
}  # fmt: skip
_ALWAYS = {"from", "to", "subject", "date", "message-id", "auto-submitted", "precedence", "content-type"}
_PLAIN_URL = re.compile(r"https?://[!#-;=?-~]{1,900}")
ONE_CLICK = "List-Unsubscribe=One-Click"
"""What a mail program posts to the address of ``List-Unsubscribe`` (RFC 8058)."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes along with a letter."""

    file_name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person.

    Attributes:
        to: the bare address. subject, text, html: what it says. language: of its words.
        key: the same for the same letter, however often it is sent: its Message-ID is made of it (RFC 5322 3.6.4).
        calendar: an iTIP message (RFC 5546), and its method.
        unsubscribe: address that takes the reader off the list by one POST (RFC 8058); empty: a letter they asked for.
        enclosure: a file that goes along. since: when it was first meant to go, where that is another moment than now.
    """

    to: str
    subject: str
    text: str
    html: str
    language: str
    key: str
    calendar: bytes = b""
    method: str = ""
    unsubscribe: str = ""
    enclosure: Enclosure | None = None
    since: datetime | None = None


class Messenger(Protocol):
    """Whatever hands letters over."""

    def send(self, letter: Letter, now: datetime) -> None:
        """Hand one letter over, or raise why not."""

    def close(self) -> None:
        """Let go of what was kept open between letters."""


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
        if letter.enclosure:
            _enclose(message, letter.enclosure)
        message["Content-Language"] = letter.language  # last: alternatives take such headers along with the text
        content = _unsubscribe_lines(letter) + message.as_bytes()
    except (ValueError, UnicodeError) as error:
        raise MailRefused(
            _("the letter to {address} cannot be written: {reason}").format(address=letter.to, reason=error)
        ) from error
    _check(content, letter)
    return content


def _enclose(message: EmailMessage, enclosure: Enclosure) -> None:
    kind, _slash, subkind = enclosure.media_type.partition("/")
    message.add_attachment(enclosure.content, maintype=kind, subtype=subkind, filename=enclosure.file_name)


def _unsubscribe_lines(letter: Letter) -> bytes:
    """Return the lines of RFC 8058 as they stand: the library would break a long address into encoded words.

    One click is only promised where the address is https, as the RFC asks.
    """
    if not letter.unsubscribe:
        return b""
    if not _PLAIN_URL.fullmatch(letter.unsubscribe):
        raise ValueError(_("'{url}' is no plain address").format(url=letter.unsubscribe))
    lines = f"List-Unsubscribe: <{letter.unsubscribe}>\r\n"
    if letter.unsubscribe.startswith("https://"):
        lines += f"List-Unsubscribe-Post: {ONE_CLICK}\r\n"
    return lines.encode("ascii")


def _check(content: bytes, letter: Letter) -> None:
    read = BytesHeaderParser(policy=SMTP).parsebytes(content)
    names = [name.lower() for name in read.keys()]  # noqa: SIM118 - a message is no dict: names may repeat
    strange = sorted({name for name in names if name not in _HEADERS or names.count(name) > 1})
    strange += sorted(_ALWAYS - set(names))  # a line break too many, and the rest would be text
    addressed = [address.addr_spec for address in read["To"].addresses] if "to" in names else []
    if strange or addressed != [letter.to]:
        raise MailRefused(
            _("the letter to {address} would have headers or addresses that it should not have: {names}").format(
                address=letter.to, names=_(", ").join(strange or addressed)
            )
        )
