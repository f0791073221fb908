"""What is wrong with the form of a gated page and with what it offers. Pure rules."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contentops.pages.checking.findings import Finding, Severity, finding
from contentops.pages.checking.page_source import PageSource
from contentops.pages.gate import EMAIL, PHONE
from contentops.pages.notice import DELIVERY, PURPOSES
from contentops.texts import gettext as _

FEW_FIELDS, MANY_FIELDS = 5, 7
"""A form with more fields is warned about; one with more than the second number is an error."""

_OFFER = ("contentops", "offer")
_SAYS_NOTHING = re.compile(r"(?:提交|确定|确认|发送|submit|send|ok|go)\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What is known of a page's form.

    Attributes:
        gated: False for an open page, about which nothing is found here.
        promise, button, thanks: as the writer gave them; empty where the page falls back on something general.
        has_attachment: there is a file to hand over. fields: names in the order shown. required: those of them that
            must be filled in. consents: purposes for which a box is shown.
        missing_notice: settings without which there is no notice (:meth:`contentops.pages.notice.Notice.missing`).
    """

    gated: bool
    promise: str = ""
    button: str = ""
    thanks: str = ""
    has_attachment: bool = False
    fields: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    consents: tuple[str, ...] = ()
    missing_notice: tuple[str, ...] = ()


def form_findings(source: PageSource, facts: FormFacts) -> list[Finding]:
    """Return what is wrong with a form and its offer, by line."""
    if not facts.gated:
        return []
    return sorted([*_offer(source, facts), *_trust(source, facts), *_fields(source, facts)])


def _offer(source: PageSource, facts: FormFacts) -> Iterator[Finding]:
    def found(code: str, key: tuple[str, ...], message: str, advice: str) -> Finding:
        return finding(code, source.path, source.key_line(key), message, advice)

    if not facts.promise.strip():
        advice = _("say in one sentence what the reader can do afterwards: contentops.offer.promise")
        yield found("missing-promise", (*_OFFER, "promise"), _("the landing page promises nothing"), advice)
    if not facts.has_attachment:
        advice = _("put the file beside the text and name it: contentops.attachment")
        yield found("missing-attachment", ("contentops", "attachment"), _("there is no file to hand over"), advice)
    if facts.button.strip() and _SAYS_NOTHING.fullmatch(facts.button.strip()):
        message = _("the button says '{text}', which is work for the visitor").format(text=facts.button.strip())
        advice = _("say what one gets, such as 'Get the white paper': contentops.offer.button")
        yield found("plain-button", (*_OFFER, "button"), message, advice)
    if not facts.thanks.strip():
        advice = _("say what to do next, such as a class to join: contentops.thanks.text")
        yield found(
            "missing-thanks",
            ("contentops", "thanks", "text"),
            _("the page after the form has no words of its own"),
            advice,
        )


def _trust(source: PageSource, facts: FormFacts) -> Iterator[Finding]:
    line = source.key_line(("contentops", "gate"))
    if facts.missing_notice:
        message = _("the form has no privacy notice")
        advice = _("set {keys} in contentops.toml").format(keys=_(", ").join(facts.missing_notice))
        yield finding("missing-notice", source.path, line, message, advice)
    missing = [purpose for purpose in PURPOSES if purpose not in facts.consents]
    if missing:
        message = _("the form does not ask for consent to: {purposes}").format(purposes=_(", ").join(missing))
        advice = _("add {purposes} to contentops.consents").format(purposes=_(", ").join(missing))
        # Without marketing, a page is right, but nobody who fills it in may be contacted about more.
        severity = Severity.ERROR if DELIVERY in missing else Severity.NOTE
        yield finding("missing-consent", source.path, line, message, advice, severity)


def _fields(source: PageSource, facts: FormFacts) -> Iterator[Finding]:
    line = source.key_line(("contentops", "fields"))
    if not {EMAIL, PHONE} & set(facts.fields):
        message = _("the form asks for no e-mail address and no phone number: nobody can be reached")
        advice = _("add email or phone to contentops.fields")
        yield finding("missing-contact-field", source.path, line, message, advice)
    count = len(facts.fields)
    if count > FEW_FIELDS:
        severity = Severity.ERROR if count > MANY_FIELDS else Severity.WARNING
        message = _("the form has {n} fields, {required} of them required").format(
            n=count, required=len(facts.required)
        )
        advice = _("ask for up to {few}; the rest can be asked once the visitor is known").format(few=FEW_FIELDS)
        yield finding("too-many-fields", source.path, line, message, advice, severity)
