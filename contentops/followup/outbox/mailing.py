"""Mail as a target of the outbox: looks whether a message is still wanted, writes the letter, hands it over."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress as ignoring
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from contentops.errors import (
    AddressRefused,
    MailBarred,
    MailRefused,
    MailUnavailable,
    RecipientBarred,
    ServerUnreachable,
    StoreConflict,
    WorkspaceError,
)
from contentops.followup.mail import Letter, Messenger
from contentops.followup.mail.letter import Enclosure
from contentops.followup.outbox.deciding import capped, refusal
from contentops.followup.outbox.facts import Facts, read_facts
from contentops.followup.outbox.kinds import KINDS, Kind
from contentops.followup.outbox.letters import LetterWriter, Occasion
from contentops.followup.outbox.schedule import HOPELESS
from contentops.followup.outbox.targets import Outcome, Verdict
from contentops.leads.identity.keys import NotAContact, limit_key, mail_key, read_email
from contentops.leads.masking import without_addresses
from contentops.leads.suppression import BOUNCED, key_hash, suppress
from contentops.models import Attachment, Message
from contentops.models.message import CONFIRM, MAIL
from contentops.settings import MailSettings
from contentops.store import Store
from contentops.texts import gettext as _

log = logging.getLogger("contentops.outbox")
_MB = 1_000_000


class MailTarget:
    """Sends messages of the target ``mail``.

    Args:
        kept_files: where attachments lie, each named by its hash. secret: key of hashes of addresses.
        kinds: the kinds of mail there are.
    """

    name = MAIL

    def __init__(
        self, store: Store, settings: MailSettings, messenger: Messenger, writer: LetterWriter, kept_files: Path,
        secret: bytes, now: Callable[[], datetime], kinds: Mapping[str, Kind] = KINDS,
    ) -> None:  # fmt: skip
        self._store, self._settings, self._messenger, self._writer = store, settings, messenger, writer
        self._kept_files, self._secret, self._now, self._kinds = kept_files, secret, now, kinds
        self.per_minute = settings.per_minute
        self._barred: set[str] = set()

    def recipient(self, email: str) -> str:
        """Return the keyed hash by which mails to one person are counted; not the one that suppresses."""
        return key_hash(self._secret, "limit:" + limit_key(mail_key(email)))

    def send(self, message: Message) -> Outcome:
        """Look whether a message is still wanted, and hand its letter over."""
        kind, now = self._kinds.get(message.kind), self._now()
        if kind is None:
            return Outcome(Verdict.PARKED, _("there is no mail of kind {kind}").format(kind=message.kind))
        with self._store.read() as session:
            facts = read_facts(session, message, kind, now, self._hashed)
        refused = refusal(message, kind, facts, now) or capped(
            message, facts.others, now, self._settings.per_person_day
        )
        if refused is not None:
            return refused
        assert facts.contact is not None and facts.asset is not None  # noqa: S101, PT018 - refusal() saw to it
        try:
            address = read_email(facts.contact.email or "")
        except NotAContact:
            return Outcome(Verdict.DEAD, _("the address is none that mail servers understand"))
        about = Occasion(message, facts.contact, facts.asset, facts.lead, facts.download, facts.is_asked)
        try:
            letter = self._writer.letter(kind, about, address.shown, now, self._enclosure(kind, facts))
        except WorkspaceError as error:
            log.error("message %s cannot be written: %s", message.id, error)
            return Outcome(Verdict.RETRY, without_addresses(str(error)))
        return self._handed_over(message, letter, address.key, now)

    def _handed_over(self, message: Message, letter: Letter, key: str, now: datetime) -> Outcome:
        try:
            self._messenger.send(letter, now)
        except AddressRefused as error:
            self._bounced(key, now)
            # Not given up: people mistype their addresses every day, and nobody has to look at it.
            return Outcome(Verdict.CANCELLED, _("bounced: {reason}").format(reason=_shown(error, letter)), reached=True)
        except MailRefused as error:
            return Outcome(Verdict.DEAD, _shown(error, letter), reached=True)
        except MailBarred as error:
            if isinstance(error, RecipientBarred) and self._is_first(key):
                # Some servers say so of one address that policy forbids: it must not stop everybody's mail.
                return Outcome(Verdict.RETRY, _shown(error, letter))
            # Not the message's fault: no try is spent on it, and it is not the first to be tried again.
            patient = now - (message.tried_at or now) < HOPELESS
            return Outcome(Verdict.WAIT if patient else Verdict.RETRY, _shown(error, letter), pause=True)
        except ServerUnreachable as error:
            return Outcome(Verdict.RETRY, _shown(error, letter), pause=True)
        except MailUnavailable as error:
            return Outcome(Verdict.RETRY, _shown(error, letter), reached=True)
        self._barred.clear()
        return Outcome(Verdict.DONE, reached=True)

    def _is_first(self, key: str) -> bool:
        """Keep that a recipient was barred; False where another one was, too, and nothing was taken since."""
        self._barred.add(key)
        return len(self._barred) == 1

    def rest(self) -> None:
        """End the connection to the mail server."""
        self._messenger.close()

    def _hashed(self, key: str) -> str:
        return key_hash(self._secret, key)

    def _bounced(self, key: str, now: datetime) -> None:
        with ignoring(StoreConflict), self._store.write() as session:  # another worker was as fast: it is kept
            suppress(session, self._hashed(key), BOUNCED, now)

    def _enclosure(self, kind: Kind, facts: Facts) -> Enclosure | None:
        """Return the file that goes along, where the settings want it and it is small enough; else the link does."""
        file = facts.download
        if file is None or kind.name == CONFIRM or not 0 < file.size_bytes <= self._settings.attach_max_mb * _MB:
            return None
        content = self._content(file)
        if sha256(content).hexdigest() != file.sha256:  # the link stays, and says so in its own way
            log.error("the kept file of asset %s is missing or changed: run contentops sync", file.asset_id)
            return None
        return Enclosure(file.file_name, file.media_type, content)

    def _content(self, file: Attachment) -> bytes:
        try:
            return (self._kept_files / file.sha256).read_bytes()
        except OSError:
            return b""


def _shown(error: Exception, letter: Letter) -> str:
    return without_addresses(str(error), letter.to)
