"""What pages with a form are given, and the page after it."""

from dataclasses import dataclass

from contentops.pages.contract.page import Link, Picture, told


@dataclass(frozen=True, slots=True)
class Offer:
    """In landing.html and its sections as `offer`."""

    promise: str = told("What the reader gains: the headline.")
    subtitle: str = told("One or two sentences below it; may be empty.")
    button: str = told("Text of the button.")
    facts: tuple[str, ...] = told("Format, pages, minutes, size.", default=())


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str = told("Name that is sent.")
    label: str = told("What stands above it.")
    type: str = told("Type of the input; `select` for a choice among `options`.")
    autocomplete: str = told("What the browser may fill in; `off` for questions of the writer's own.")
    required: bool = told("Must be filled in.")
    limit: int = told("Longest text in characters.")
    options: tuple[str, ...] = told("Answers to choose from.", default=())
    value: str = told("What the visitor typed before.", default="")
    error: str = told("Why it cannot be taken, as a sentence.", default="")
    hint: str = told("A line below the label.", default="")


@dataclass(frozen=True, slots=True)
class ConsentBox:
    """One box to tick."""

    name: str = told("Name that is sent.")
    wording: str = told("The exact text; it is stored with the consent.")
    required: bool = told("The form is not taken without it.")
    checked: bool = told("Ticked before; never from the start.", default=False)
    error: str = told("Why the form cannot be taken.", default="")


@dataclass(frozen=True, slots=True)
class Form:
    """In landing.html and its sections as `form`; None where the asset is open."""

    action: str = told("Where it is sent.")
    fields: tuple[Field, ...] = told("Fields in their order.")
    consents: tuple[ConsentBox, ...] = told("Boxes.")
    title: str = told("What stands above the form.", default="")
    hidden: tuple[tuple[str, str], ...] = told("Names and values that travel along: campaign and referrer.", default=())
    honeypot: str = told("Name of the field that people do not see.", default="")
    errors: tuple[Link, ...] = told("All that must be mended, each with a link to its field.", default=())


@dataclass(frozen=True, slots=True)
class Handover:
    """In thanks.html as `handover`; None where the page was opened without a link of its own."""

    url: str = told("The personal link to the file, or to the whole text.")
    file_name: str = told("Name of the file; empty where it is a text to read.")
    size: str = told("Size of the file, such as 190 kB; may be empty.")
    until: str = told("Last day of the link, written in the page's language.")
    times: int = told("How often people may download by it; 0: as often as they like.", default=0)


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do after the form."""

    type: str = told("`wecom`, `open_class`, `call` or `link`.")
    title: str = told("What it is.")
    text: str = told("A sentence; may be empty.")
    url: str = told("Where it leads; empty for a QR code alone.")
    button: str = told("Text of the link.")
    when: str = told("Of an open class, as the writer wrote it.", default="")
    picture: Picture | None = told("The QR code.", default=None)
