"""A visitor's form, checked strictly. Pure rules: text in, a :class:`Submitted` or all that is wrong out."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from contentops.errors import SubmissionInvalid
from contentops.leads.identity.keys import ContactPoint, NotAContact, read_email, read_phone
from contentops.leads.intake.characters import has_forbidden, is_blank
from contentops.leads.intake.tracking import cleaned
from contentops.pages.gate import (
    COMPANY,
    EMAIL,
    FORM_TOKEN,
    HONEYPOT,
    IDEMPOTENCY_KEY,
    LIMITS,
    NAME,
    NOTICE,
    OWN_LIMIT,
    PHONE,
    TRACKED,
    GateForm,
)
from contentops.pages.notice import DELIVERY, PURPOSES

Pair = tuple[str, str | None]
"""A name and what was sent for it; None is a JSON value that is no text."""
YES = "yes"
_CONSENTS = tuple(f"consent_{purpose}" for purpose in PURPOSES)
_HIDDEN = frozenset({HONEYPOT, NOTICE, FORM_TOKEN, IDEMPOTENCY_KEY})
MOST_KEY = 100
"""Longest idempotency key in characters."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form that is right.

    Attributes:
        name, company: as typed, NFC, outer blanks stripped. email, phone: at least one.
        granted: purpose → whether its box was ticked. tracked: campaign values, cut and cleaned.
        flags: what was mended in the campaign values.
        notice: version of the notice that the page showed. token: that says when it was shown.
        key: given by a program, so that a repetition can be told. is_machine: the hidden field was filled.
        answers: to all other fields: the job title, questions of the writer's own.
        typed: e-mail address and phone number as typed: what they were read as may have been read wrongly.
    """

    name: str
    company: str
    email: ContactPoint | None
    phone: ContactPoint | None
    granted: Mapping[str, bool]
    tracked: Mapping[str, str]
    flags: str = ""
    notice: str = ""
    token: str = ""
    key: str = ""
    is_machine: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def points(self) -> tuple[ContactPoint, ...]:
        """The ways to reach the person, the surest one first."""
        return tuple(point for point in (self.email, self.phone) if point is not None)


def check(pairs: Iterable[Pair], gate: GateForm, default_region: str) -> Submitted:
    """Check what a form sent.

    Only known fields are read; each may come once. Every problem is found, not only the first.

    Args:
        pairs: names and values as sent. gate: the form's fields. default_region: for phone numbers.

    Raises:
        SubmissionInvalid: with a code per field.
    """
    values, errors = _once(pairs, gate)
    texts = {name: _text(name, values.get(name, ""), errors) for name in gate.fields}
    for name in texts:
        if texts[name] and gate.options(name) and texts[name] not in gate.options(name):
            errors.setdefault(name, "invalid")
    for name in gate.required:
        if not texts.get(name) and name not in errors:
            errors[name] = "required"
    email = _point(EMAIL, texts, errors, read_email)
    phone = _point(PHONE, texts, errors, lambda text: read_phone(text, default_region))
    if email is None and phone is None and not errors.keys() & set(gate.contacts):
        errors[gate.contacts[0]] = "required" if len(gate.contacts) == 1 else "contact"
    granted = {purpose: values.get(f"consent_{purpose}") == YES for purpose in gate.consents}
    if not granted[DELIVERY]:
        errors.setdefault(f"consent_{DELIVERY}", "consent")
    key = values.get(IDEMPOTENCY_KEY, "")
    if len(key) > MOST_KEY or not key.isascii() or (key and not key.isprintable()):
        errors.setdefault("form", "invalid")
        key = ""
    is_machine = bool(values.get(HONEYPOT, "").strip())
    if errors and not is_machine:
        raise SubmissionInvalid(errors)
    tracked, flags = cleaned(values.items())
    return Submitted(
        texts.get(NAME, ""), texts.get(COMPANY, ""), email, phone, granted, tracked, flags,
        values.get(NOTICE, ""), values.get(FORM_TOKEN, ""), key, is_machine,
        {name: text for name, text in texts.items() if text and name not in (NAME, COMPANY, EMAIL, PHONE)},
        {name: texts[name] for name in (EMAIL, PHONE) if texts.get(name)},
    )  # fmt: skip


def kept_values(pairs: Iterable[Pair], gate: GateForm) -> tuple[dict[str, str], frozenset[str], dict[str, str]]:
    """Return what a refused form should show again: typed values, ticked purposes, campaign values."""
    pairs = list(pairs)
    values = {name: value or "" for name, value in pairs}
    typed = {name: values.get(name, "")[:500] for name in gate.fields}
    ticked = frozenset(purpose for purpose in PURPOSES if values.get(f"consent_{purpose}") == YES)
    return typed, ticked, cleaned(pairs)[0]


def _once(pairs: Iterable[Pair], gate: GateForm) -> tuple[dict[str, str], dict[str, str]]:
    known = {*gate.fields, *_CONSENTS, *_HIDDEN, *TRACKED}
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            continue
        if name in values and name not in TRACKED:
            errors["form" if name in _HIDDEN else name] = "twice"
        elif value is None and name not in TRACKED:
            errors["form" if name in _HIDDEN else name] = "invalid"
        values.setdefault(name, value or "")
    return values, errors


def _text(name: str, raw: str, errors: dict[str, str]) -> str:
    """Return a text as it is stored; blank by any Unicode blank counts as empty."""
    text = unicodedata.normalize("NFC", raw)
    if has_forbidden(text):
        errors.setdefault(name, "characters")
        return ""
    text = text.strip()
    if is_blank(text):
        return ""
    limit = LIMITS.get(name, OWN_LIMIT)
    if len(text) > limit or len(text.encode()) > 4 * limit:
        errors.setdefault(name, "too_long")
    return text


def _point(
    name: str, texts: Mapping[str, str], errors: dict[str, str], read: Callable[[str], ContactPoint]
) -> ContactPoint | None:
    text = texts.get(name, "")
    if not text or name in errors:
        return None
    try:
        return read(text)
    except NotAContact as error:
        errors[name] = error.code
        return None
