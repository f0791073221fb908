"""A gated asset's form, its offer, and the page after it, as templates are given them."""

from collections.abc import Iterator
from datetime import date

from contentops.assets.brief import Brief
from contentops.assets.brief import NextStep as BriefStep
from contentops.assets.slugs import page_path
from contentops.pages import gate as gates
from contentops.pages.contract import ConsentBox, Field, Form, Handover, Link, NextStep, Offer
from contentops.pages.gate import FormState, GateForm
from contentops.pages.material.album import Album
from contentops.pages.material.pieces import File, Piece
from contentops.pages.notice import DELIVERY, Notice
from contentops.pages.views.words import human_size, long_date
from contentops.texts import gettext as _
from contentops.texts import ngettext, use_language

# name → (type, autocomplete)
_INPUTS = {
    gates.NAME: ("text", "name"),
    gates.COMPANY: ("text", "organization"),
    gates.JOB_TITLE: ("text", "organization-title"),
    gates.EMAIL: ("email", "email"),
    gates.PHONE: ("tel", "tel"),
}


def offer_of(piece: Piece, brief: Brief) -> Offer:
    """Return the offer of an asset; what the writer did not say is made from what there is."""
    given = brief.offer
    with use_language(piece.language):
        usual = _("Read it all") if piece.gate == "partial" and "download" not in piece.files else _("Get it now")
        return Offer(
            promise=given.promise or piece.title,
            subtitle=given.subtitle or piece.description,
            button=given.button or usual,
            facts=tuple(_facts(brief, piece.files.get("download"))),
        )


def _facts(brief: Brief, download: File | None) -> Iterator[str]:
    facts = brief.offer.facts
    if facts.format:
        yield facts.format
    if facts.pages is not None:
        yield ngettext("{n} page", "{n} pages", facts.pages).format(n=facts.pages)
    if facts.minutes is not None:
        yield ngettext("{n} minute", "{n} minutes", facts.minutes).format(n=facts.minutes)
    if download is not None:
        yield human_size(download.size_bytes)


def form_of(piece: Piece, notice: Notice, state: FormState, origin: str = "") -> Form:
    """Return the form of an asset as a visitor left it.

    Args:
        origin: scheme and host of the server that takes forms; empty: the pages' own.
    """
    gate = gates.gate_of(piece)
    with use_language(piece.language):
        fields = tuple(_field(name, gate, state) for name in gate.fields)
        boxes = tuple(
            ConsentBox(
                name=f"consent_{purpose}",
                wording=notice.wording(purpose),
                required=purpose == DELIVERY,
                checked=purpose in state.ticked,
                error=message(state.errors.get(f"consent_{purpose}", "")),
            )
            for purpose in gate.consents
        )
        whole = [Link(message(state.errors["form"]), "#form")] if "form" in state.errors else []
        each = [(_("{field}: {problem}").format(field=f.label, problem=f.error), f.name) for f in fields if f.error]
    each += [(box.error, box.name) for box in boxes if box.error]
    tracked = [(name, state.tracked[name]) for name in gates.TRACKED if state.tracked.get(name)]
    shown = [(gates.FORM_TOKEN, state.token)] if state.token else []
    return Form(
        action=f"{origin}{page_path(piece.language, piece.slug)}form",
        fields=fields,
        consents=boxes,
        hidden=((gates.NOTICE, notice.page_version()), *shown, *tracked),
        honeypot=gates.HONEYPOT,
        errors=(*whole, *(Link(text, f"#{name}") for text, name in each)),
    )


def handover_of(piece: Piece, url: str, until: date, times: int) -> Handover:
    """Return the personal link as the thank-you page shows it: to the file, or to the whole text.

    Args:
        until: its last day. times: how often people may download by it; 0: no limit.
    """
    file = piece.files.get("download")
    last_day = long_date(until, piece.language)
    size = human_size(file.size_bytes) if file else ""
    return Handover(url, file.file_name if file else "", size, last_day, times)


def next_steps(piece: Piece, brief: Brief, album: Album) -> tuple[NextStep, ...]:
    """Return what a visitor can do after the form."""
    with use_language(piece.language):
        return tuple(_next_step(step, album) for step in brief.next)


def _next_step(step: BriefStep, album: Album) -> NextStep:
    titles = {
        "wecom": _("Add us on WeCom"),
        "open_class": _("Come to the open class"),
        "call": _("Talk to us"),
        "link": _("Read on"),
    }
    buttons = {
        "wecom": _("Open WeCom"),
        "open_class": _("Reserve a place"),
        "call": step.phone,
        "link": _("Open"),
    }
    address = step.url or (f"tel:{''.join(c for c in step.phone if c in '+0123456789')}" if step.phone else "")
    picture = album.beside(step.picture.src, step.picture.alt or _("QR code")) if step.picture else None
    title = step.title or titles[step.type]
    return NextStep(step.type, title, step.text, address, buttons[step.type], step.when, picture)


def _field(name: str, gate: GateForm, state: FormState) -> Field:
    kind, autocomplete = _INPUTS.get(name, ("text", "off"))
    own, options = gate.own.get(name), gate.options(name)
    labels = {
        gates.NAME: _("Name"),
        gates.COMPANY: _("Company"),
        gates.JOB_TITLE: _("Job title"),
        gates.EMAIL: _("E-mail"),
        gates.PHONE: _("Phone"),
    }
    either = len(gate.contacts) > 1 and name == gate.contacts[0] and not gate.required & set(gate.contacts)
    return Field(
        name=name,
        label=(own.label if own else "") or labels.get(name, name),
        type="select" if options else kind,
        autocomplete=autocomplete,
        required=name in gate.required,
        limit=gates.LIMITS.get(name, gates.OWN_LIMIT),
        options=options,
        value=state.values.get(name, ""),
        error=message(state.errors.get(name, "")),
        hint=(own.hint if own else "") or (_("E-mail or phone, one is enough") if either else ""),
    )


def message(code: str) -> str:
    """Return the sentence for a code of :class:`contentops.errors.SubmissionInvalid`."""
    messages = {
        "": "",
        "required": _("please fill this in"),
        "contact": _("please leave an e-mail address or a phone number"),
        "invalid": _("this does not look right, please check it"),
        "ascii": _("please use an address in Latin letters"),
        "too_long": _("this is too long"),
        "characters": _("this contains characters that cannot be stored"),
        "twice": _("this was sent twice"),
        "file": _("files are not taken here"),
        "consent": _("please tick this box, otherwise we may not hand you the material"),
        "notice": _("Our privacy notice has changed. Please read it and send the form again."),
        "token": _("The page was not complete. Please look through the form and send it again."),
        "not_saved": _("We could not save your details. Please try again."),
    }
    return messages[code]
