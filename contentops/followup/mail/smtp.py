"""The team's mail server: letters handed over one by one, and what each of its answers means."""

import smtplib
import ssl
from contextlib import suppress
from datetime import datetime

from contentops.errors import (
    AddressRefused,
    MailBarred,
    MailError,
    MailRefused,
    MailUnavailable,
    RecipientBarred,
    ServerUnreachable,
)
from contentops.followup.mail.letter import Letter, serialised
from contentops.settings import MailSettings
from contentops.texts import gettext as _

# An enhanced status code (RFC 3463) that speaks of what we may do, not of the address: relaying, policy, signing in.
_NOT_ALLOWED = b"5.7."
_TOO_LARGE = 552


class Mailer:
    """Hands letters to the mail server of ``[mail]``, each by a connection of its own; threads may share it.

    Raises (from :meth:`send`):
        MailUnavailable: not now: try again later. Of these, ServerUnreachable: nobody can be reached; MailBarred: it
        takes nothing from us, whoever it is for (RecipientBarred: or only not for this one). MailRefused: never this
        letter. Of these, AddressRefused: never
        anything to this address.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    def send(self, letter: Letter, now: datetime) -> None:
        """Hand one letter over; when this returns, the server has taken it."""
        line = MailLine(self._settings)
        try:
            line.send(letter, now)
        finally:
            line.close()

    def close(self) -> None:
        """Nothing is kept open."""


class MailLine:
    """One connection to the mail server, for letter after letter of one thread; raises what :class:`Mailer` does."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None
        self._taken = 0
        self._own_name: str | None = None  # looking it up may take seconds: once is enough

    def send(self, letter: Letter, now: datetime) -> None:
        """Hand one letter over; when this returns, the server has taken it."""
        if not (self._settings.host and self._settings.sender):
            raise MailUnavailable(_("no mail server is set: fill in host and sender of [mail] in contentops.toml"))
        content = serialised(letter, self._settings.sender, now)
        if not letter.to.isascii():
            raise AddressRefused(
                _("'{address}' cannot be written to: the server takes plain addresses only").format(address=letter.to)
            )
        try:
            server = self._begun()
            self._to(server, letter.to)
            self._data(server, letter.to, content)
            self._taken += 1
        except MailError:
            self._reset()
            raise
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise self._unreachable(error) from error

    def close(self) -> None:
        """End the connection, if there is one."""
        server, self._server, self._taken = self._server, None, 0
        if server is None:
            return
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()

    def _begun(self) -> smtplib.SMTP:
        """Return a connection on which a letter has been begun; one that has gone stale is made anew."""
        if self._server is not None:
            try:
                code, said = self._from(self._server)
            except (OSError, smtplib.SMTPException):
                code, said = 421, b""
            if code == 421:  # the server wants to end it: nothing has been handed over yet, so begin again
                self.close()
            else:
                self._sender_answer(code, said)
                return self._server
        self._server = self._connected()
        self._sender_answer(*self._from(self._server))
        return self._server

    def _from(self, server: smtplib.SMTP) -> tuple[int, bytes]:
        server.ehlo_or_helo_if_needed()
        return_path = "" if self._settings.empty_return_path else self._settings.sender  # RFC 5321 4.5.5, RFC 3834 3.3
        return server.mail(return_path, ["BODY=8BITMIME"] if server.has_extn("8bitmime") else [])

    def _sender_answer(self, code: int, said: bytes) -> None:
        if code == 250:
            return
        if code >= 500 and code != _TOO_LARGE:
            raise MailBarred(self._barred(code, said))
        raise self._later(code, said)

    def _to(self, server: smtplib.SMTP, address: str) -> None:
        code, said = server.rcpt(address)
        if code in (250, 251):
            return
        if code < 500:
            raise self._later(code, said)
        if self._is_ours(said):
            raise RecipientBarred(self._barred(code, said))
        # A policy that refuses one letter among others says nothing about the address.
        kind = MailRefused if said.lstrip().startswith(_NOT_ALLOWED) else AddressRefused
        raise kind(_refused(address, code, said))

    def _data(self, server: smtplib.SMTP, address: str, content: bytes) -> None:
        try:
            code, said = server.data(content)
        except smtplib.SMTPDataError as error:
            code, said = error.smtp_code, _bytes(error.smtp_error)
        if code == 250:
            return
        if code < 500:
            raise self._later(code, said)
        if self._is_ours(said):
            raise MailBarred(self._barred(code, said))
        raise MailRefused(_refused(address, code, said))

    def _is_ours(self, said: bytes) -> bool:
        """Whether a refusal is about us. Once the server has taken a letter, it is about the letter."""
        return said.lstrip().startswith(_NOT_ALLOWED) and not self._taken

    def _barred(self, code: int, said: bytes) -> str:
        return _("the mail server {host} takes no mail from us: {code} {reason}").format(
            host=self._settings.host, code=code, reason=_text(said)
        )

    def _later(self, code: int, said: bytes) -> MailUnavailable:
        message = _("the mail server {host} says not now: {code} {reason}")
        return MailUnavailable(message.format(host=self._settings.host, code=code, reason=_text(said)))

    def _unreachable(self, error: Exception) -> MailUnavailable:
        said = getattr(error, "smtp_error", b"") or str(error) or type(error).__name__
        message = _("the mail server {host} cannot be used: {reason}")
        return ServerUnreachable(message.format(host=self._settings.host, reason=_text(_bytes(said))))

    def _reset(self) -> None:
        """Make the connection ready for the next letter, or give it up."""
        if self._server is None:
            return
        try:
            self._server.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        timeout = settings.timeout_seconds
        server: smtplib.SMTP
        if settings.security == "tls":
            tls = ssl.create_default_context()
            server = smtplib.SMTP_SSL(settings.host, settings.port, self._own_name, timeout=timeout, context=tls)
        else:
            server = smtplib.SMTP(settings.host, settings.port, self._own_name, timeout=timeout)
        self._own_name = server.local_hostname
        try:
            if settings.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.username:
                self._sign_in(server)
        except BaseException:
            server.close()
            raise
        return server

    def _sign_in(self, server: smtplib.SMTP) -> None:
        settings = self._settings
        try:
            server.login(settings.username, settings.password.get_secret_value() if settings.password else "")
        except smtplib.SMTPAuthenticationError as error:
            said = _bytes(error.smtp_error)
            if error.smtp_code < 500:
                raise self._later(error.smtp_code, said) from error
            raise MailBarred(self._barred(error.smtp_code, said)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailBarred(self._barred(530, str(error).encode())) from error


def _refused(address: str, code: int, said: bytes) -> str:
    return _("{address} was refused: {code} {reason}").format(address=address, code=code, reason=_text(said))


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode("utf-8", "replace")


def _text(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").split())
