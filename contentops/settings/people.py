"""Who people are and where they belong: ``[leads]``."""

import re

from pydantic import Field, field_validator

from contentops.settings.shapes import Section
from contentops.texts import gettext as _

_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


class LeadSettings(Section):
    """What contentops cannot know of the people who ask for something."""

    shared_domains: tuple[str, ...] = Field(
        (),
        description="Domains of e-mail addresses that are no company's own (an industrial park's, a school's): people "
        "there are of one company only if they state the same. With everything below them; those of the "
        "usual providers of mailboxes need not be named.",
    )

    @field_validator("shared_domains")
    @classmethod
    def _domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_domain, value))


def _domain(written: str) -> str:
    """Return a domain as it stands in checked addresses: small letters, Chinese ones as IDNA.

    Raises:
        ValueError: it is none.
    """
    try:
        domain = written.strip().removeprefix("@").strip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = ""
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(_("'{word}' is no domain of e-mail addresses; write it as example.org").format(word=written))
    return domain
