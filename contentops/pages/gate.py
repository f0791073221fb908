"""The gate: which fields a form has and what a visitor typed into them. Pure rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contentops.errors import did_you_mean
from contentops.models import Asset
from contentops.pages.notice import Notice
from contentops.texts import gettext as _

EMAIL, PHONE, NAME, COMPANY = "email", "phone", "name", "company"
FIELDS = (NAME, COMPANY, EMAIL, PHONE)
"""The fields a form can have; the usual order."""
HONEYPOT = "website_url_confirm"
"""A field that people do not see; what is in it was written by a machine."""
NOTICE = "notice"
"""A hidden field: the version of the privacy notice that the page shows."""
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
REFERRER = "referrer_host"
TRACKED = (*UTM, REFERRER)


@dataclass(frozen=True, slots=True)
class GateForm:
    """The form of a gated asset.

    Attributes:
        fields: names in the order shown. required: those that must be filled in; e-mail or phone is always needed.
    """

    fields: tuple[str, ...] = FIELDS
    required: frozenset[str] = frozenset({NAME})

    @property
    def contacts(self) -> tuple[str, ...]:
        """The fields of which at least one must be filled in."""
        return tuple(name for name in self.fields if name in (EMAIL, PHONE))


@dataclass(frozen=True, slots=True)
class FormState:
    """A form as a visitor left it.

    Attributes:
        values: what was typed, by field. errors: field → code. ticked: purposes whose box was ticked.
        tracked: campaign values carried along.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    ticked: frozenset[str] = frozenset()
    tracked: Mapping[str, str] = field(default_factory=dict)


def gate_of(asset: Asset) -> GateForm:
    """Return the gate that an asset's front matter describes: ``contentops: {fields: [name, email]}``."""
    own = asset.front_matter.get("contentops")
    wanted = own.get("fields") if isinstance(own, dict) else None
    if not isinstance(wanted, list) or not wanted:
        return GateForm()
    fields = tuple(str(name) for name in wanted if name in FIELDS)
    required = frozenset(fields) & {NAME}
    contacts = [name for name in fields if name in (EMAIL, PHONE)]
    return GateForm(fields, required | frozenset(contacts if len(contacts) == 1 else ()))


def refusals(asset: Asset, has_download: bool, notice: Notice) -> list[str]:
    """Return why a gated asset cannot have its page with a form; both the build and the endpoint ask this."""
    reasons = _field_problems(asset)
    if not has_download:
        reasons.append(_("gated, but no attachment to hand over: add contentops.attachment"))
    missing = notice.missing()
    if missing:
        keys = _(", ").join(missing)
        reasons.append(_("a form needs a privacy notice: set {keys} in contentops.toml").format(keys=keys))
    return reasons


def _field_problems(asset: Asset) -> list[str]:
    own = asset.front_matter.get("contentops")
    wanted = own.get("fields") if isinstance(own, dict) else None
    if wanted is None:
        return []
    if not isinstance(wanted, list):
        return [_("contentops.fields must be a list")]
    problems = [
        _("contentops.fields: unknown field '{name}'").format(name=name) + did_you_mean(str(name), FIELDS)
        for name in wanted
        if name not in FIELDS
    ]
    if not gate_of(asset).contacts:
        problems.append(_("contentops.fields needs email or phone: without one nobody can be reached"))
    return problems
