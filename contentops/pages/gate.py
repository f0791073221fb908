"""The gate: which fields a form has, what a visitor typed into them, and why a page may have no form. Pure rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from contentops.assets.brief import CLICK_IDS, KNOWN_FIELDS, Brief, FormField, brief_problems, key_text, read_brief
from contentops.models import Gate
from contentops.pages.notice import DELIVERY, PURPOSES, Notice
from contentops.texts import gettext as _

NAME, COMPANY, JOB_TITLE, EMAIL, PHONE = KNOWN_FIELDS
USUAL_FIELDS = (NAME, COMPANY, EMAIL, PHONE)
"""The fields of a form whose writer names none."""
LIMITS = {NAME: 100, COMPANY: 200, JOB_TITLE: 100, EMAIL: 254, PHONE: 40}
"""Longest answers in characters, after NFC."""
OWN_LIMIT = 300
"""The same of an answer to a question of the writer's own."""
HONEYPOT = "website_url_confirm"
"""A field that people do not see; what is in it was written by a machine."""
NOTICE = "notice"
"""A hidden field: the version of the privacy notice that the page shows."""
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
REFERRER, LANDING, VIA, OFFLINE = "referrer_host", "landing", "via", "offline_code"
"""Host they came from, first page of the visit, short code of a link, code of an event or of a printed piece."""
TRACKED = (*UTM, *CLICK_IDS, REFERRER, LANDING, VIA, OFFLINE)
"""Names of campaign values, in addresses as in forms."""
FORM_TOKEN = "form_token"  # noqa: S105
"""A hidden field: when the page was shown, signed. Pages that lie on a plain host have none."""
IDEMPOTENCY_KEY = "idempotency_key"
"""A field (or header) of programs: the same key and form again is answered as before."""


class Described(Protocol):
    """An asset or a piece: something with a gate and front matter."""

    gate: Gate

    @property
    def front_matter(self) -> dict[str, Any]:
        """All keys of the file."""


@dataclass(frozen=True, slots=True)
class GateForm:
    """The form of a gated asset.

    Attributes:
        fields: names in the order shown. required: those that must be filled in; e-mail or phone is always needed.
        own: the writer's own words about a field, by its name. consents: purposes whose box is shown.
        double_opt_in: off, marketing or all.
    """

    fields: tuple[str, ...] = USUAL_FIELDS
    required: frozenset[str] = frozenset({NAME})
    own: Mapping[str, FormField] = field(default_factory=dict)
    consents: tuple[str, ...] = PURPOSES
    double_opt_in: str = "off"

    @property
    def contacts(self) -> tuple[str, ...]:
        """The fields of which at least one must be filled in."""
        return tuple(name for name in self.fields if name in (EMAIL, PHONE))

    def options(self, name: str) -> tuple[str, ...]:
        """Return the answers that a field lets choose from; none where the visitor writes."""
        return self.own[name].options if name in self.own else ()


@dataclass(frozen=True, slots=True)
class FormState:
    """A form as a visitor left it.

    Attributes:
        values: what was typed, by field. errors: field → code. ticked: purposes whose box was ticked.
        tracked: campaign values carried along. token: says when the page was shown, see FORM_TOKEN.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    ticked: frozenset[str] = frozenset()
    tracked: Mapping[str, str] = field(default_factory=dict)
    token: str = ""


def brief_of(asset: Described) -> Brief:
    """Return what the writer says about an asset's page; an empty brief where that cannot be understood."""
    try:
        return read_brief(asset.front_matter.get("contentops"))
    except ValueError:
        return Brief()  # only of assets that an older version read: a sync refuses such files, see refusals()


def gate_of(asset: Described) -> GateForm:
    """Return the form that an asset's front matter describes: ``contentops: {fields: [name, email]}``."""
    brief = brief_of(asset)
    shown = tuple(purpose for purpose in PURPOSES if purpose in brief.consents or purpose == DELIVERY)
    if not brief.fields:
        confirmed = {EMAIL} if brief.double_opt_in == "all" else set()
        return GateForm(required=frozenset({NAME, *confirmed}), consents=shown, double_opt_in=brief.double_opt_in)
    names = tuple(each.name for each in brief.fields)
    contacts = [name for name in names if name in (EMAIL, PHONE)]
    usual = {NAME, *(contacts if len(contacts) == 1 else ())}
    required = {f.name for f in brief.fields if (f.name in usual if f.required is None else f.required)}
    if len(contacts) == 1:
        required.add(contacts[0])  # without it nobody can be reached
    if brief.double_opt_in == "all" and EMAIL in names:
        required.add(EMAIL)
    own = {each.name: each for each in brief.fields}
    return GateForm(names, frozenset(required), own, shown, brief.double_opt_in)


def refusals(asset: Described, *, has_download: bool, notice: Notice) -> list[str]:
    """Return why an asset cannot have its page with a form; both the build and the endpoint ask this."""
    own = asset.front_matter.get("contentops")
    reasons = [f"{key_text(path)}: {text}" for path, text in brief_problems(own if isinstance(own, dict) else {})]
    if asset.gate is Gate.GATED and not has_download:
        reasons.append(_("gated, but no attachment to hand over: add contentops.attachment"))
    gate = gate_of(asset)
    if gate.double_opt_in == "all" and EMAIL not in gate.required:
        reasons.append(_("double_opt_in: all needs a form that asks for the e-mail address"))
    missing = notice.missing()
    if missing:
        keys = _(", ").join(missing)
        reasons.append(_("a form needs a privacy notice: set {keys} in contentops.toml").format(keys=keys))
    elif not notice.names_a_way:
        reasons.append(
            _("privacy.contact in contentops.toml must hold an e-mail address, a phone number or a web address")
        )
    return reasons
