"""What somebody says about a list of people besides the list itself. Pure rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contentops.errors import InvalidArgument, Problem
from contentops.leads.consent.ledger import ANY, CHANNELS
from contentops.leads.sheets.choices import one_of
from contentops.leads.sheets.incoming.columns import check_fields
from contentops.leads.sheets.incoming.rows import OFFLINE_CODE
from contentops.pages.notice import PURPOSES
from contentops.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Options:
    """How a list is read.

    Attributes:
        columns: header → field, over what headers are called; ``skip`` leaves one out. asset: address of the asset of
            all rows that name none. source, medium, campaign, offline_code: of rows that say nothing themselves.
        consent: purpose → channels that people agreed to. consent_source: where the proof of that is; without it, no
            consent is recorded.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    asset: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    offline_code: str = ""
    consent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    consent_source: str = ""

    @property
    def touch(self) -> dict[str, str]:
        """How the people came, by field."""
        names = ("source", "medium", "campaign", "offline_code")
        return {name: getattr(self, name) for name in names}

    def check(self) -> None:
        """Make sure that everything said can be used.

        Raises:
            InvalidArgument: with all that is wrong.
        """
        check_fields(self.columns, "--map")
        problems = []
        if self.offline_code and not OFFLINE_CODE.fullmatch(self.offline_code):
            message = _("'{text}' is no code: letters, digits, . - _").format(text=self.offline_code)
            problems.append(Problem("--offline-code", message))
        for purpose, channels in self.consent.items():
            known = (*CHANNELS, ANY)
            problems += [Problem("--consent", one_of(purpose, PURPOSES))] if purpose not in PURPOSES else []
            problems += [Problem("--consent", one_of(each, known)) for each in channels if each not in known]
        if self.consent and not self.consent_source.strip():
            message = _("say where the proof is: --consent-source 'paper form of the fair, scan A12'")
            problems.append(Problem("--consent-source", message))
        if len(self.consent_source) > 2_000:
            problems.append(Problem("--consent-source", _("is too long; at most {n} characters").format(n=2_000)))
        if problems:
            raise InvalidArgument(problems)
