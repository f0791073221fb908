"""What a visitor is told and asked about their data, in their language, and a version that proves it.

What a notice must say: who, how to reach them, purpose, kinds of data, how long, rights (PIPL art. 17, GDPR art. 13).
Consents are separate per purpose and unticked (PIPL art. 14, GDPR art. 7).
"""

import hashlib
from dataclasses import dataclass

from contentops.assets.brief import PURPOSES as PURPOSES
from contentops.settings import PrivacySettings
from contentops.texts import gettext as _
from contentops.texts import pick, use_language

DELIVERY, MARKETING = PURPOSES


@dataclass(frozen=True, slots=True)
class Notice:
    """The privacy notice of a workspace in one language."""

    settings: PrivacySettings
    language: str

    def missing(self) -> list[str]:
        """Return the settings without which no form may be shown."""
        given = {"controller": self.controller, "contact": self.settings.contact}
        return [f"privacy.{key}" for key, text in given.items() if not text.strip()]

    @property
    def controller(self) -> str:
        """Who receives the data, in the notice's language."""
        return pick(self.settings.controller, self.language)

    def wording(self, purpose: str) -> str:
        """Return the exact text beside the box for a purpose."""
        with use_language(self.language):
            texts = {
                DELIVERY: _("{controller} may use my details to hand me this material, as the privacy notice says."),
                MARKETING: _("{controller} may contact me about related content. I can withdraw this at any time."),
            }
            return texts[purpose].format(controller=self.controller)

    def paragraphs(self) -> list[tuple[str, str]]:
        """Return the notice as headings and texts."""
        with use_language(self.language):
            texts = [
                (_("Who receives your data"), _("{controller} – contact: {contact}")),
                (
                    _("What we keep"),
                    _(
                        "Your name, company, e-mail address or phone number, "
                        "your answers to the form's other questions, the page you came from and its campaign, "
                        "the consents you gave with their wording and time, and when you took the material."
                    ),
                ),
                (
                    _("What for"),
                    _(
                        "To hand you the material you asked for. "
                        "Only if you tick the second box: to contact you about related content."
                    ),
                ),
                (_("How long"), _("{months} months after the last contact, or until you ask us to delete it.")),
                (
                    _("Your rights"),
                    _(
                        "You can see, correct and delete your data, get a copy, and withdraw each consent at any time, "
                        "as easily as you gave it. Write to {contact}."
                    ),
                ),
            ]
        given = {
            "controller": self.controller,
            "contact": self.settings.contact,
            "months": self.settings.retention_months,
        }
        return [(heading, text.format(**given)) for heading, text in texts]

    def page_version(self) -> str:
        """Return the version of everything that a page with a form shows, short enough for a hidden field."""
        return hashlib.sha256("".join(map(self.version, PURPOSES)).encode()).hexdigest()[:16]

    def version(self, purpose: str) -> str:
        """Return the hash of the wording and the whole notice: the proof of what was shown."""
        parts = [self.language, self.wording(purpose), *(f"{head}\n{text}" for head, text in self.paragraphs())]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()
