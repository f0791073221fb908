"""What must not stand in a log, as the last line of defence: nothing is logged that holds it in the first place. Pure.

Rather too much is blotted out than too little: a log that lacks a number is a smaller harm than one that holds a
visitor's.
"""

import re
from collections.abc import Iterable

_EMAIL = re.compile(r"[\w.+%'*=-]+(?:@|%40|＠)[\w-]+(?:[.。][\w-]+)+", re.IGNORECASE)
# Not inside of a longer number or word. Chinese stands right beside numbers, so it is no word here.
_BEGINS, _ENDS = r"(?<![0-9A-Za-z０-９.])", r"(?![0-9A-Za-z０-９])"
_PHONES = tuple(
    re.compile(_BEGINS + number + _ENDS)
    for number in (
        r"(?:\+|＋|00)\d[\d ().-]{6,20}\d",  # +49 30 901820, 0086 138 …
        r"(?:86[ -]?)?[1１][3-9３-９]\d[ -]?\d{4}[ -]?\d{4}",  # mobile, China
        r"\(?0\d{2,3}[) -]{1,2}\d{7,8}",  # fixed line, China
        r"[48]00[ -]?\d{3}[ -]?\d{4}",  # 400 and 800 numbers
    )
)
# Signed links (data.signature), and anything else that is long and looks drawn by lot.
_TOKENS = (
    re.compile(r"[\w-]{12,}\.[\w-]{20,}"),
    re.compile(r"(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{24,}", re.ASCII),
)
_PERSONAL_PATHS = re.compile(r"(/(?:d|c|p|u|calendar)/)[^/\s\"'?]+")
_NAMED = re.compile(
    r"((?:password|passwd|secret|token|key|authorization|\bg)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;)]+", re.I
)
_CREDENTIALS = re.compile(r"(://[^:/@\s]*:)[^@\s]+@")


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text without addresses, phone numbers, links, tokens and the given secrets."""
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    text = _CREDENTIALS.sub(r"\1[secret]@", text)
    text = _PERSONAL_PATHS.sub(r"\1[token]", text)
    text = _NAMED.sub(r"\1[secret]", text)
    text = _EMAIL.sub("[e-mail]", text)
    for pattern in _TOKENS:
        text = pattern.sub("[token]", text)
    for pattern in _PHONES:
        text = pattern.sub("[phone]", text)
    return text


# Controls, line ends of every kind, marks that turn the direction of writing, halves of characters.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def one_line(text: str) -> str:
    """Return a text in which nothing begins a new line or moves the cursor: such characters are written as escapes."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
