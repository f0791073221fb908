"""Whom a form belongs to when it arrives. One pure rule, asked while the form is being stored.

An e-mail address says who somebody is, and so does the id WeCom gives a person. A phone number says so only where
nobody else's address hangs on it: a company shares its switchboard. What contradicts itself is not guessed: the key
stays where it is, and a claim is kept that a person can look at (``contentops lead duplicates``).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from contentops.leads.identity.keys import MAIL, PERSONAL, TEL, WECOM, ContactPoint, kind_of

_RANK = {MAIL: 0, WECOM: 1, TEL: 2}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a key is.

    Attributes:
        contact_id: the contact it belongs to. person_id: the person that contact is one of.
        kinds: kinds of all keys that the person has (``mail``, ``tel``, ``wecom``).
    """

    contact_id: str
    person_id: str
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be stored for the keys of one form.

    Attributes:
        contact_id: whom the form belongs to; None for somebody new.
        new_keys: keys nobody had, which go to that contact. claims: keys of others, to be kept as claims of it.
        merges: pairs (kept person, absorbed person) that the form showed to be one.
    """

    contact_id: str | None
    new_keys: tuple[str, ...]
    claims: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]


def decide(
    points: Sequence[ContactPoint], owners: Mapping[str, Owner], distinct: Collection[tuple[str, str]] = ()
) -> Decision:
    """Return whom a form belongs to, and what it shows about who is one person.

    Persons whose keys stand in one form are one, unless two of them, or one of them and the form, have different
    e-mail addresses (or WeCom ids). A person never gets a second e-mail address by a phone number alone.

    Args:
        points: what the form gave, in any order. owners: of those of its keys that are known, by key.
        distinct: pairs of persons that somebody looked at and found to be two; a form does not join them.
    """
    keys = sorted({point.key for point in points}, key=lambda key: (_RANK[kind_of(key)], key))
    new = tuple(key for key in keys if key not in owners)
    known = [key for key in keys if key in owners]
    stated = PERSONAL.intersection(kind_of(key) for key in new)
    base = next(
        (owners[key] for key in known if not _contradicts(kind_of(key), stated, owners[key].kinds)),
        None,
    )
    if base is None:
        return Decision(None, new, tuple(known), ())
    # The sets of personal kinds must be disjoint: two of a kind would be two addresses of different people.
    held, joined, claims = stated | (base.kinds & PERSONAL), {base.person_id: base}, []
    apart = {*distinct, *((second, first) for first, second in distinct)}
    for key in known:
        owner = owners[key]
        if owner.person_id in joined:
            continue
        if held & owner.kinds or any((a, owner.person_id) in apart for a in joined):
            claims.append(key)
        else:
            joined[owner.person_id] = owner
            held = held | (owner.kinds & PERSONAL)
    kept = next((person for person, owner in joined.items() if MAIL in owner.kinds), base.person_id)
    return Decision(base.contact_id, new, tuple(claims), tuple((kept, each) for each in joined if each != kept))


def _contradicts(kind: str, stated: frozenset[str], kinds: frozenset[str]) -> bool:
    """Return whether a form cannot be of the person that one of its keys belongs to.

    Args:
        kind: of that key. stated: personal kinds of keys that nobody had before. kinds: of all keys of the person.
    """
    if kind != MAIL and MAIL in stated and MAIL in kinds:
        return True  # whoever it is, they would get mail at an address that the form does not name
    return kind not in PERSONAL and bool(stated & kinds)
