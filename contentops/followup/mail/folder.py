"""Mail as files: what would have been sent lies in a folder as .eml, where no mail server is set."""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from contentops.errors import ServerUnreachable
from contentops.followup.mail.letter import Letter, serialised
from contentops.texts import gettext as _

SENDER = "contentops@localhost"
"""Who letters are from where the settings name no sender."""


class MailFolder:
    """Keeps letters as .eml files; any mail program opens them.

    A file is there whole or not at all. A letter that is handed over again takes its own file's place: the name is
    made of the letter's key, and of the moment it was first meant to go.

    Raises (from :meth:`send`):
        ServerUnreachable: the folder cannot be written now. MailRefused: the letter cannot be written at all.
    """

    def __init__(self, folder: Path, sender: str = "") -> None:
        self.folder, self._sender = folder, sender or SENDER

    def send(self, letter: Letter, now: datetime) -> None:
        """Write one letter; when this returns, it is on the disk."""
        content = serialised(letter, self._sender, now)
        name = f"{letter.since or now:%Y%m%dT%H%M%S}-{letter.key.rpartition(' ')[2][:40]}"
        file, temporary = self.folder / f"{name}.eml", self.folder / f".{name}.{os.getpid()}.part"
        try:
            self.folder.mkdir(0o700, parents=True, exist_ok=True)
            # Letters hold personal links: only who runs the worker may read them, in a folder that was there, too.
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:  # noqa: PTH123
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(file)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink()
            raise ServerUnreachable(
                _("the folder for mail {path} cannot be written: {reason}").format(
                    path=self.folder, reason=error.strerror
                )
            ) from error

    def close(self) -> None:
        """Nothing is kept open."""
