"""E-mail addresses and phone numbers: what they are recognised by. Pure rules over two libraries."""

import unicodedata
from dataclasses import dataclass

MAIL, TEL, WECOM = "mail", "tel", "wecom"
"""Kinds of keys: what stands before the colon."""
PERSONAL = frozenset({MAIL, WECOM})
"""Kinds that belong to one person alone; a phone may be a company's switchboard."""


class NotAContact(ValueError):
    """Text that is no address or number.

    Attributes:
        code: ``invalid``, or ``ascii`` for an address whose part before the @ is not in Latin letters.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """An address or number.

    Attributes:
        shown: to write to. key: by which the same person is recognised.
    """

    shown: str
    key: str


def kind_of(key: str) -> str:
    """Return the kind of a key: ``mail``, ``tel`` or ``wecom``."""
    return key.partition(":")[0]


def read_email(text: str) -> ContactPoint:
    """Check an e-mail address (RFC 5322, no look-up of the domain) and give its key: lower case, domain as IDNA.

    Dots and +tags stay as they are: they may be different people.

    Raises:
        NotAContact: it is none.
    """
    from email_validator import EmailNotValidError, validate_email

    text = unicodedata.normalize("NFKC", text).strip()
    try:
        found = validate_email(text, check_deliverability=False, strict=True, allow_smtputf8=False)
    except EmailNotValidError as error:
        local = text.rpartition("@")[0]
        raise NotAContact("ascii" if local and not local.isascii() else "invalid") from error
    address = found.ascii_email or found.normalized
    return ContactPoint(address, f"{MAIL}:{address.lower()}")


def read_phone(text: str, default_region: str) -> ContactPoint:
    """Check a phone number in any usual spelling and give it as E.164; an extension is kept.

    Args:
        default_region: for numbers without a country code, such as ``CN``.

    Raises:
        NotAContact: it is none.
    """
    import phonenumbers

    text = unicodedata.normalize("NFKC", text).strip().removeprefix("tel:")
    for word in ("分机", "转", "ext.", "ext", "#"):
        text = text.replace(word, " x")
    try:
        # 0086… is how people in China write +86.
        number = phonenumbers.parse("+" + text[2:] if text.startswith("00") else text, default_region)
    except phonenumbers.NumberParseException as error:
        raise NotAContact("invalid") from error
    if not phonenumbers.is_valid_number(number):
        raise NotAContact("invalid")
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.extension:
        shown += f";ext={number.extension}"
    return ContactPoint(shown, f"{TEL}:{shown}")
