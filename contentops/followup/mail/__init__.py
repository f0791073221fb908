"""How mail leaves: a letter, checked after it is written, handed to a mail server or kept in a folder."""

from contentops.followup.mail.folder import MailFolder
from contentops.followup.mail.letter import Letter, Messenger, serialised
from contentops.followup.mail.smtp import Mailer, MailLine

__all__ = ["Letter", "MailFolder", "MailLine", "Mailer", "Messenger", "serialised"]
