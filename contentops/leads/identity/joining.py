"""Which persons may be one: pairs to look at, with reasons. Pure rules; nothing here compares everybody with everybody.

Contacts are grouped by what they have in common (a name with its company, a mailbox, a telephone), and only those of
one group become pairs.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import combinations, pairwise

from contentops.leads.identity.companies import company_key
from contentops.leads.identity.keys import MAIL, PERSONAL, kind_of, limit_key

LARGE_GROUP = 12
"""Above it a group's members are paired with the first one and their neighbours only: thousands would be millions."""

_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class Reason(StrEnum):
    """Why two persons may be one."""

    CLAIM = "claim"  # one gave an e-mail address or WeCom id of the other's
    PHONE = "phone"  # one gave a phone number of the other's
    MAILBOX = "mailbox"  # the same address but for a +tag or Gmail's dots
    EXTENSION = "extension"  # the same phone number, once without extension
    COMPANY = "company"  # the same name at the same company
    NAME = "name"  # the same name, besides another reason


class Strength(IntEnum):
    """How much speaks for it: possible, likely, very likely."""

    POSSIBLE = 1
    LIKELY = 2
    VERY_LIKELY = 3


# What a reason is worth; a switchboard has many people, an address has one.
_WORTH = {
    Reason.CLAIM: 3,
    Reason.MAILBOX: 3,
    Reason.COMPANY: 2,
    Reason.PHONE: 1,
    Reason.EXTENSION: 1,
    Reason.NAME: 1,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one contact.

    Attributes:
        keys: what it is recognised by. claims: keys it gave that are another contact's.
    """

    contact_id: str
    person_id: str
    name: str = ""
    company: str = ""
    keys: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two persons that may be one.

    Attributes:
        first_id, second_id: the persons, the smaller id first. reasons: in the order of :class:`Reason`.
        strength: how much speaks for it, less where the names differ.
    """

    first_id: str
    second_id: str
    reasons: tuple[Reason, ...]
    strength: Strength


def proposals(contacts: Sequence[Known], distinct: Collection[tuple[str, str]] = ()) -> list[Proposal]:
    """Return the pairs of persons that may be one, what is surest first.

    Args:
        contacts: of everybody, in any order. distinct: pairs of persons or contacts that were found to be two; a
            merge since then does not make them one again.
    """
    person_of = {contact.contact_id: contact.person_id for contact in contacts}
    apart = {_pair(person_of.get(first, first), person_of.get(second, second)) for first, second in distinct}
    found: dict[tuple[str, str], set[Reason]] = {}
    for reason, first, second in (*_by_key(contacts), *_by_group(contacts)):
        pair = _pair(person_of[first], person_of[second])
        if pair[0] != pair[1] and pair not in apart:
            found.setdefault(pair, set()).add(reason)
    names = _names(contacts, {person for pair in found for person in pair})
    made = [_proposal(pair, reasons, names) for pair, reasons in found.items()]
    return sorted(made, key=lambda each: (-each.strength, each.first_id, each.second_id))


def name_key(name: str) -> str:
    """Return a person's name for comparison: width, case, blanks, punctuation and order of Latin words left out."""
    words = _WORD.findall(unicodedata.normalize("NFKC", name).casefold())
    if any(map(_HAN.search, words)):
        return "".join(words)  # 张 三 is 张三, and its order counts
    return " ".join(sorted(words))


def _by_key(contacts: Sequence[Known]) -> Iterator[tuple[Reason, str, str]]:
    """Yield contacts of which one gave a key of the other's, or the same number without its extension."""
    owner = {key: contact.contact_id for contact in contacts for key in contact.keys}
    for contact in contacts:
        for key in contact.claims:
            if key in owner:
                reason = Reason.CLAIM if kind_of(key) in PERSONAL else Reason.PHONE
                yield reason, owner[key], contact.contact_id
        for key in contact.keys:
            # Two extensions are two desks; a number with one and the number alone may be one person.
            common = limit_key(key)
            if kind_of(key) != MAIL and common != key and common in owner:
                yield Reason.EXTENSION, owner[common], contact.contact_id


def _by_group(contacts: Sequence[Known]) -> Iterator[tuple[Reason, str, str]]:
    """Yield contacts of one mailbox, or with one name at one company."""
    groups: dict[tuple[Reason, str], list[str]] = {}
    for contact in sorted(contacts, key=lambda each: each.contact_id):
        name, company = name_key(contact.name), company_key(contact.company)
        if name and company:
            groups.setdefault((Reason.COMPANY, f"{name}\n{company}"), []).append(contact.contact_id)
        for mailbox in {limit_key(key) for key in contact.keys if kind_of(key) == MAIL}:
            groups.setdefault((Reason.MAILBOX, mailbox), []).append(contact.contact_id)
    for (reason, _value), members in groups.items():
        for first, second in _pairs(members):
            yield reason, first, second


def _pairs(members: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(members) <= LARGE_GROUP:
        yield from combinations(members, 2)
    else:
        yield from ((members[0], other) for other in members[1:])
        yield from pairwise(members[1:])


def _pair(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first < second else (second, first)


def _names(contacts: Sequence[Known], persons: Collection[str]) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for contact in contacts:
        if contact.person_id in persons and (name := name_key(contact.name)):
            names.setdefault(contact.person_id, set()).add(name)
    return names


def _proposal(pair: tuple[str, str], found: set[Reason], names: Mapping[str, set[str]]) -> Proposal:
    first, second = (names.get(person, set()) for person in pair)
    reasons = set(found)
    if first & second and Reason.COMPANY not in reasons:
        reasons.add(Reason.NAME)
    worth = sum(_WORTH[reason] for reason in reasons)
    if first and second and not first & second:
        worth -= 1
    strength = Strength(max(Strength.POSSIBLE, min(worth, Strength.VERY_LIKELY)))
    return Proposal(*pair, tuple(reason for reason in Reason if reason in reasons), strength)
