"""Whom a form belongs to: a rule with an algebra (order, repetition, nothing is stolen), and the cases that made it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.leads.identity.arriving import Decision, Owner, decide
from contentops.leads.identity.keys import PERSONAL, ContactPoint, kind_of

KEYS = [f"{kind}:{number}" for kind in ("mail", "tel", "wecom") for number in range(4)]


def points(*keys: str) -> list[ContactPoint]:
    return [ContactPoint(key.partition(":")[2], key) for key in keys]


@dataclass
class Register:
    """Keys and persons as the database would hold them after each decision."""

    contact_of: dict[str, str] = field(default_factory=dict)
    person_of: dict[str, str] = field(default_factory=dict)
    claims: set[tuple[str, str]] = field(default_factory=set)

    def kinds(self, person: str) -> frozenset[str]:
        return frozenset(kind_of(key) for key in self.keys(person))

    def keys(self, person: str) -> set[str]:
        return {key for key, contact in self.contact_of.items() if self.person_of[contact] == person}

    def owners(self, keys: Iterable[str]) -> dict[str, Owner]:
        known = [key for key in keys if key in self.contact_of]
        persons = {key: self.person_of[self.contact_of[key]] for key in known}
        return {key: Owner(self.contact_of[key], persons[key], self.kinds(persons[key])) for key in known}

    def take(self, *keys: str) -> Decision:
        """Decide on a form and store what was decided, as the capture does; returns it with the contact's id."""
        decision = decide(points(*keys), self.owners(keys))
        contact = decision.contact_id or f"c{len(self.person_of)}"
        self.person_of.setdefault(contact, contact)
        self.contact_of.update(dict.fromkeys(decision.new_keys, contact))
        self.claims.update((key, contact) for key in decision.claims)
        for kept, absorbed in decision.merges:
            self.person_of.update({each: kept for each, person in self.person_of.items() if person == absorbed})
        return replace(decision, contact_id=contact)


def register(*forms: tuple[str, ...]) -> Register:
    made = Register()
    for form in forms:
        made.take(*form)
    return made


@pytest.mark.parametrize(
    ("before", "form", "expected"),
    [
        ([], ("mail:a", "tel:1"), Decision(None, ("mail:a", "tel:1"), (), ())),
        ([("mail:a",)], ("mail:a",), Decision("c0", (), (), ())),
        # What is unknown goes to whom the known key names.
        ([("mail:a",)], ("mail:a", "tel:1"), Decision("c0", ("tel:1",), (), ())),
        ([("tel:1",)], ("mail:a", "tel:1"), Decision("c0", ("mail:a",), (), ())),
        ([("mail:a", "tel:1")], ("mail:a", "tel:2"), Decision("c0", ("tel:2",), (), ())),
        ([("mail:a", "tel:1")], ("tel:1",), Decision("c0", (), (), ())),
        # Colleagues share a switchboard: another address with the same number is another person.
        ([("mail:a", "tel:1")], ("mail:b", "tel:1"), Decision(None, ("mail:b",), ("tel:1",), ())),
        ([("mail:a",), ("mail:b", "tel:1")], ("mail:a", "tel:1"), Decision("c0", (), ("tel:1",), ())),
        ([("mail:a", "tel:2"), ("mail:b", "tel:1")], ("mail:a", "tel:1"), Decision("c0", (), ("tel:1",), ())),
        # First came by phone, then by e-mail, then with both: one person.
        ([("tel:1",), ("mail:a",)], ("mail:a", "tel:1"), Decision("c1", (), (), (("c1", "c0"),))),
        ([("tel:1",), ("mail:a", "tel:2")], ("tel:1", "mail:a"), Decision("c1", (), (), (("c1", "c0"),))),
        # WeCom's id is a person's own; the one with the e-mail address stands for both.
        ([("wecom:w",)], ("wecom:w", "tel:1"), Decision("c0", ("tel:1",), (), ())),
        ([("wecom:w",), ("mail:a", "tel:1")], ("wecom:w", "tel:1"), Decision("c0", (), (), (("c1", "c0"),))),
        ([("mail:a", "wecom:w"), ("mail:b",)], ("mail:b", "wecom:w"), Decision("c1", (), ("wecom:w",), ())),
        ([("tel:1", "wecom:w")], ("tel:1", "wecom:v"), Decision(None, ("wecom:v",), ("tel:1",), ())),
        # Three that were thought to be different people.
        (
            [("mail:a",), ("wecom:w",), ("tel:1",)],
            ("tel:1", "wecom:w", "mail:a"),
            Decision("c0", (), (), (("c0", "c1"), ("c0", "c2"))),
        ),
    ],
)
def test_whose_form_it_is(before, form, expected) -> None:
    assert decide(points(*form), register(*before).owners(form)) == expected


def test_who_was_found_to_be_two_is_not_joined_by_a_form() -> None:
    form = ("mail:a", "tel:1")
    owners = register(("tel:1",), ("mail:a",)).owners(form)
    for pair in (("c0", "c1"), ("c1", "c0")):
        assert decide(points(*form), owners, {pair}) == Decision("c1", (), ("tel:1",), ())
    assert decide(points(*form), owners, {("c0", "c7")}).merges == (("c1", "c0"),)


form_keys = st.lists(st.sampled_from(KEYS), min_size=1, max_size=4)
histories = st.lists(form_keys.map(tuple), max_size=12)


@given(histories, form_keys, st.randoms(use_true_random=False))
def test_order_and_repetition_in_a_form_do_not_matter(history, form, random) -> None:
    owners = register(*history).owners(form)
    shuffled = [*form, random.choice(form)]
    random.shuffle(shuffled)
    assert decide(points(*shuffled), owners) == decide(points(*form), owners)


@given(histories, form_keys)
def test_the_same_form_again_changes_nothing(history, form) -> None:
    held = register(*history)
    first = held.take(*form)
    keys, persons, claims = dict(held.contact_of), dict(held.person_of), set(held.claims)
    second = held.take(*form)
    assert (held.contact_of, held.person_of, held.claims) == (keys, persons, claims)
    assert second == Decision(first.contact_id, (), first.claims, ())


@given(histories, form_keys)
def test_no_key_is_taken_from_anybody(history, form) -> None:
    held = register(*history)
    before = dict(held.contact_of)
    decision = held.take(*form)
    assert before.items() <= held.contact_of.items()
    assert set(form) == set(held.contact_of) & set(form)  # each key of the form is somebody's now
    theirs = held.person_of[decision.contact_id]
    for key in form:  # and it is theirs, or a claim stands
        assert held.person_of[held.contact_of[key]] == theirs or (key, decision.contact_id) in held.claims


@given(histories, form_keys)
def test_nobody_gets_a_second_address_by_phone_alone(history, form) -> None:
    held = register(*history)
    decision = held.take(*form)
    before = register(*history)
    theirs = held.keys(held.person_of[decision.contact_id])
    for kind in PERSONAL:
        had = {key for key in theirs if kind_of(key) == kind and key in before.contact_of}
        # Joined persons had one owner of each kind at most.
        assert len({before.person_of[before.contact_of[key]] for key in had}) <= 1
        if had and any(kind_of(key) == kind for key in decision.new_keys):
            # A second one of a kind came with a personal key that was known, not with a number.
            assert any(kind_of(key) in PERSONAL and key in before.contact_of and key in theirs for key in form)
