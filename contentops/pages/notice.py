"""What a visitor is told and asked about their data, in their language, and a version that proves it.

What a notice must say: who, how to reach them, purpose and basis, kinds of data, who gets them, whether they must be
given, how long, rights and how to use them, where to complain (PIPL art. 17, GDPR art. 13). Consents are separate per
purpose and unticked (PIPL art. 14, GDPR art. 7); taking back is as easy as giving (PIPL art. 15).
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from contentops.assets.brief import PURPOSES as PURPOSES
from contentops.settings import PrivacySettings
from contentops.texts import gettext as _
from contentops.texts import pick, use_language

DELIVERY, MARKETING = PURPOSES
BOX = "[ ] "
"""What stands before the wording of a box in the text of a notice."""
CHANNELS = ("email", "phone", "wecom")
"""Ways to reach people, each of which can be agreed to by itself."""
_REACHABLE = re.compile(r"\S+@\S+\.\S+|https?://\S+|(?:\d[\s()/-]*){5}")


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
    def names_a_way(self) -> bool:
        """Whether the contact is one: an e-mail address, a phone number or a web address is in it."""
        return _REACHABLE.search(self.settings.contact) is not None

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

    def channel_wording(self, channel: str) -> str:
        """Return the exact text beside the box for being contacted by one of :data:`CHANNELS`."""
        with use_language(self.language):
            texts = {
                "email": _(
                    "{controller} may contact me by e-mail about related content. I can withdraw this at any time."
                ),
                "phone": _(
                    "{controller} may contact me by phone about related content. I can withdraw this at any time."
                ),
                "wecom": _(
                    "{controller} may contact me by WeCom about related content. I can withdraw this at any time."
                ),
            }
            return texts[channel].format(controller=self.controller)

    def paragraphs(self) -> list[tuple[str, str]]:
        """Return the notice as headings and texts."""
        with use_language(self.language):
            texts = [
                (_("Who receives your data"), _("{controller} – contact: {contact}")),
                (_("What we keep"), _kinds()),
                (_("What for"), _purposes()),
                (_("Who sees it"), _recipients()),
                (_("How long"), _("{months} months after the last contact, or until you ask us to delete it.")),
                (_("Your rights"), _rights()),
            ]
        given = {
            "controller": self.controller,
            "contact": self.settings.contact,
            "months": self.settings.retention_months,
        }
        return [(heading, text.format(**given)) for heading, text in texts]

    def text(self) -> str:
        """Return all of it as one text, the wordings of the boxes at its end: the proof of what was shown."""
        wordings = [*map(self.wording, PURPOSES), *map(self.channel_wording, CHANNELS)]
        parts = [f"{heading}\n{text}" for heading, text in self.paragraphs()]
        return "\n\n".join([*parts, *(BOX + wording for wording in wordings)])

    def page_version(self) -> str:
        """Return the version of everything that a page with a form shows, short enough for a hidden field."""
        return hashlib.sha256(f"{self.language}\0{self.text()}".encode()).hexdigest()[:16]

    def version(self, purpose: str) -> str:
        """Return the hash of a purpose's wording and the whole notice: the proof of what was shown."""
        return self.version_with(self.wording(purpose))

    def version_with(self, wording: str) -> str:
        """Return the hash of a wording that was shown, and of the whole notice beside it."""
        return hash_of(self.language, wording, [f"{head}\n{text}" for head, text in self.paragraphs()])


def hash_of(language: str, wording: str, paragraphs: Sequence[str]) -> str:
    """Return the hash of a wording and of the notice that stood beside it."""
    return hashlib.sha256("\0".join((language, wording, *paragraphs)).encode()).hexdigest()


def _kinds() -> str:
    return _(
        "Your name, company, e-mail address or phone number, "
        "your answers to the form's other questions, the page you came from and its campaign, "
        "the consents you gave with their wording and time, and when you took the material. "
        "Giving them is voluntary; without a way to reach you and the first consent we cannot hand you the material."
    )


def _purposes() -> str:
    return _(
        "To hand you the material you asked for. "
        "Only if you tick the second box: to contact you about related content. "
        "Both rest on your consent alone. We store your data electronically."
    )


def _recipients() -> str:
    return _(
        "Our own staff, and those who run our website and our mail for us, on our instructions only. "
        "Before anybody else gets your data, we ask you."
    )


def _rights() -> str:
    return _(
        "You can see, correct and delete your data, have its use restricted, get a copy, and withdraw each consent "
        "at any time, as easily as you gave it: by the preferences link in every mail from us, or by writing to "
        "{contact}. What was done before stays lawful. If you are not content with us, you may complain to the "
        "authority for data protection where you live."
    )
