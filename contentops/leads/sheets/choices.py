"""Which leads, in which order, up to where: what a list or an export is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from contentops.errors import InvalidArgument, Problem, did_you_mean
from contentops.texts import gettext as _

Word = TypeVar("Word", bound=StrEnum)


class Sort(StrEnum):
    """Orders of leads. Nothing else is ever put into a statement as an order."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LAST = "last"
    NAME = "name"
    COMPANY = "company"


class State(StrEnum):
    """Whether leads still have to confirm their address."""

    AWAITING = "awaiting"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which leads; what is not said does not limit.

    Attributes:
        since: leads from this moment on. asset_id: of one asset. campaign: that came by it at any time.
        consent: only people who may be contacted by some channel. state, sort: see there.
    """

    since: datetime | None = None
    asset_id: str = ""
    campaign: str = ""
    consent: bool = False
    state: State | None = None
    sort: Sort = Sort.NEWEST


def word_of(option: str, text: str, words: type[Word]) -> Word:
    """Return the word that a text names.

    Raises:
        InvalidArgument: it names none; with those there are.
    """
    if text not in set(words):
        known = [str(word) for word in words]
        raise InvalidArgument([Problem(option, one_of(text, known))])
    return words(text)


def one_of(text: str, known: Iterable[str]) -> str:
    """Return the sentence that a word is none of those there are."""
    known = list(known)
    sentence = _("'{text}' is none of {known}").format(text=text, known=_(", ").join(known))
    return sentence + did_you_mean(text, known)
