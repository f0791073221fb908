"""What pages behind personal links are given: one question with a button, and the preferences."""

from dataclasses import dataclass

from contentops.pages.contract.form import Field
from contentops.pages.contract.page import Link, told


@dataclass(frozen=True, slots=True)
class Question:
    """In ask.html as `question`: something happens only when the button is pressed."""

    action: str = told("Where it is sent.")
    button: str = told("Text of the button.")
    field: Field | None = told("The one field; None where the button is all.", default=None)
    link: Link | None = told("Another way; None where there is none.", default=None)


@dataclass(frozen=True, slots=True)
class Choice:
    """One box of the preferences: ticked is yes, empty is no."""

    name: str = told("Name that is sent.")
    wording: str = told("The exact text; it is stored with each yes.")
    checked: bool = told("They said yes, and it holds.", default=False)
    note: str = told("Since when, or that it waits for a confirmation; may be empty.", default="")


@dataclass(frozen=True, slots=True)
class Preferences:
    """In preferences.html as `preferences`."""

    action: str = told("Where it is sent.")
    address: str = told("Whose they are, so far as it may be shown, such as z***@example.cn; may be empty.")
    choices: tuple[Choice, ...] = told("Boxes; may be empty.")
    hidden: tuple[tuple[str, str], ...] = told("Names and values that travel along.", default=())
    saved: bool = told("It was just saved.", default=False)
    error: str = told("Why it could not be saved; may be empty.", default="")
    contact: str = told("Whom to write to about one's data.", default="")
