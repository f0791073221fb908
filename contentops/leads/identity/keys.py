"""What people are recognised by: e-mail addresses, phone numbers, ids of WeCom. Pure rules over two libraries."""

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

MAIL, TEL, WECOM = "mail", "tel", "wecom"
"""Kinds of keys: what stands before the colon."""
PERSONAL = frozenset({MAIL, WECOM})
"""Kinds that belong to one person alone; a phone may be a company's switchboard."""

_EXTENSION = ";ext="
_LONGEST_PHONE = 60
# The whole text of a number: what stands before an extension, and the extension in the words that people use.
_PHONE = re.compile(
    r"(?P<number>[\s(]*\+?[\d\s().\-/~]+?)"
    r"(?:[\s(]*(?:;ext=|,|#|\*|x|extension|extn?\.?|分机号?码?|内线|转接?(?:分机)?)\s*[:.#]?\s*(?P<extension>\d{1,7})[\s)]*)?"
)
_DASHES = re.compile(r"[\u2010-\u2015\u2212\u30fc\ufe58\ufe63]")
_LAST_DASH = re.compile(r"(.+)-\s*(\d{1,6})")
# Hong Kong, Macao and Taiwan are written without a plus on the mainland.
_NEIGHBOURS = re.compile(r"\(?(852|853|886)\b")
_WECOM = re.compile(r"[A-Za-z0-9_-]{10,64}")
# One mailbox however many dots its address has.
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


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


def limit_key(key: str) -> str:
    """Return what several keys of one mailbox or one telephone have in common: for caps, and to find doubles.

    An address without its +tag (and at Gmail without dots), a number without its extension. Never an identity: at
    other providers ``li+wang@`` may be somebody else than ``li@``.
    """
    kind, _colon, value = key.partition(":")
    if kind == TEL:
        return f"{kind}:{value.partition(_EXTENSION)[0]}"
    if kind != MAIL:
        return key
    local, _at, domain = value.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), _DOTLESS[domain]
    return f"{kind}:{local}@{domain}"


def mail_key(address: str) -> str:
    """Return the key of an address that was checked before, as it is kept with a contact."""
    return f"{MAIL}:{address.lower()}"


def phone_key(number: str) -> str:
    """Return the key of a number that was checked before, as it is kept with a contact."""
    return f"{TEL}:{number}"


def read_email(text: str) -> ContactPoint:
    """Check an e-mail address (RFC 5322, no look-up of the domain) and give its key: lower case, domain as IDNA.

    Dots and +tags stay as they are: they may be different people.

    Raises:
        NotAContact: it is none.
    """
    from email_validator import EmailNotValidError, validate_email

    text = _plain(text)
    try:
        found = validate_email(text, check_deliverability=False, strict=True, allow_smtputf8=False)
    except EmailNotValidError as error:
        local = text.rpartition("@")[0]
        raise NotAContact("ascii" if local and not local.isascii() else "invalid") from error
    address = found.ascii_email or found.normalized
    return ContactPoint(address, mail_key(address))


def read_phone(text: str, default_region: str) -> ContactPoint:
    """Check a phone number in any usual spelling and give it as E.164; an extension is kept.

    ``+86``, ``0086``, ``86`` and nothing before a number, full-width digits, blanks, dots, dashes and brackets are the
    same number; ``转 8012``, ``分机8012``, ``ext. 8012``, ``#8012`` and, after a landline, ``-8012`` are extensions.

    Args:
        default_region: for numbers without a country code, such as ``CN``.

    Raises:
        NotAContact: it is none.
    """
    text = _DASHES.sub("-", "".join(char for char in _plain(text) if unicodedata.category(char) != "Cf"))
    found = _PHONE.fullmatch(text.lower().removeprefix("tel:").strip()) if len(text) <= _LONGEST_PHONE else None
    if found is None:
        raise NotAContact("invalid")
    number, extension = found["number"].strip(), found["extension"] or ""
    parsed = _valid_number(number, default_region)
    if parsed is None and not extension and (dashed := _LAST_DASH.fullmatch(number)):
        parsed, extension = _landline(dashed[1], default_region), dashed[2]
    if parsed is None:
        raise NotAContact("invalid")
    from phonenumbers import PhoneNumberFormat, format_number

    shown = format_number(parsed, PhoneNumberFormat.E164) + (_EXTENSION + extension if extension else "")
    return ContactPoint(shown, phone_key(shown))


def read_wecom(text: str) -> ContactPoint:
    """Check the id that WeCom gives a contact outside the company (external_userid); its letters' case counts.

    Raises:
        NotAContact: it is none.
    """
    found = _WECOM.fullmatch(_plain(text))
    if found is None:
        raise NotAContact("invalid")
    return ContactPoint(found[0], f"{WECOM}:{found[0]}")


def _plain(text: str) -> str:
    """Return text in half-width characters, without blanks and invisible marks around it."""
    text = unicodedata.normalize("NFKC", text)
    return text.strip().strip("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff").strip()


def _valid_number(text: str, region: str) -> "PhoneNumber | None":
    found = _parsed(text, region)
    if found is None and region == "CN" and _NEIGHBOURS.match(text):
        found = _parsed("+" + text, region)
    return found


def _parsed(text: str, region: str) -> "PhoneNumber | None":
    import phonenumbers

    digits = re.sub(r"^[\s(]*00", "+", text)  # 0086… is how people in China write +86
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _landline(text: str, region: str) -> "PhoneNumber | None":
    """Return a number that may have an extension behind a dash; a mobile number has none."""
    import phonenumbers

    found = _valid_number(text, region)
    is_mobile = found is not None and phonenumbers.number_type(found) == phonenumbers.PhoneNumberType.MOBILE
    return None if is_mobile else found
