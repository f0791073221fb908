"""Who people are and where they belong: ``[leads]``."""

from pydantic import Field, field_validator

from contentops.settings.shapes import Section, read_domain


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
        return tuple(map(read_domain, value))
