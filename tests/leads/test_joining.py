"""Who may be one person: reasons, how much they weigh, and that nobody is compared with everybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.leads.identity.joining import LARGE_GROUP, Known, Proposal, Reason, Strength, name_key, proposals


def known(number: int | str, *keys: str, name: str = "", company: str = "", claims=(), person: str = "") -> Known:
    return Known(f"c{number}", person or f"c{number}", name, company, keys, tuple(claims))


def of(*contacts: Known, distinct=()) -> list[tuple[set[str], Strength]]:
    return [(set(each.reasons), each.strength) for each in proposals(contacts, distinct)]


@pytest.mark.parametrize(
    ("first", "second", "reasons", "strength"),
    [
        # Somebody gave an address that is another's: surely one, unless the names say otherwise.
        (known(1, "mail:a@example.cn"), known(2, claims=["mail:a@example.cn"]), {"claim"}, 3),
        (known(1, "tel:+861065529988", name="张三"), known(2, claims=["tel:+861065529988"], name="李四"), {"phone"}, 1),
        (known(1, "tel:+861065529988", name="张三"), known(2, claims=["tel:+861065529988"], name="张 三"), {"phone", "name"}, 2),
        (
            known(1, "tel:+861065529988", name="张三", company="示例科技有限公司"),
            known(2, claims=["tel:+861065529988"], name="张三", company="示例（中国）科技"), {"phone", "company"}, 3,
        ),
        (known(1, "mail:li@example.cn"), known(2, "mail:li+news@example.cn"), {"mailbox"}, 3),
        (known(1, "mail:li@example.cn", name="李四"), known(2, "mail:li+a@example.cn", name="王五"), {"mailbox"}, 2),
        (known(1, "mail:li.ming@gmail.com"), known(2, "mail:liming@gmail.com"), {"mailbox"}, 3),
        (known(1, "tel:+861065529988"), known(2, "tel:+861065529988;ext=12"), {"extension"}, 1),
        (known(1, name="Ann Lee", company="Example Ltd"), known(2, name="LEE, Ann", company="EXAMPLE"), {"company"}, 2),
    ],
)  # fmt: skip
def test_reasons(first, second, reasons, strength) -> None:
    assert of(first, second) == of(second, first) == [(reasons, strength)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (known(1, "mail:li.ming@example.cn"), known(2, "mail:liming@example.cn")),
        (known(1, "tel:+861065529988;ext=1"), known(2, "tel:+861065529988;ext=2")),
        (known(1, name="张三", company="甲示例"), known(2, name="张三", company="乙示例")),
        (known(1, name="张三"), known(2, name="张三")),
        (known(1, name="张三", company="个人"), known(2, name="张三", company="个人")),
        (known(1, company="示例"), known(2, company="示例")),
        (known(1), known(2, claims=["mail:nobody@example.cn"])),
    ],
)
def test_no_reason(first, second) -> None:
    assert of(first, second) == []


def test_one_person_is_not_proposed_to_themselves() -> None:
    both = [known(1, "mail:a@example.cn"), known(2, claims=["mail:a@example.cn"], person="c1")]
    assert proposals(both) == []


def test_dismissed_pairs_stay_away_whatever_is_merged_later() -> None:
    contacts = [known(1, "mail:a@example.cn"), known(2, claims=["mail:a@example.cn"])]
    assert proposals(contacts, [("c1", "c2")]) == []
    # c3 took c1 in since then: c3 and c2 are as distinct.
    merged = [
        known(1, "mail:a@example.cn", person="c3"), known(3), known(2, claims=["mail:a@example.cn"]),
    ]  # fmt: skip
    assert len(proposals(merged)) == 1
    assert proposals(merged, [("c1", "c2")]) == []


def test_surest_first() -> None:
    contacts = [
        known(1, "tel:+861065529988"), known(2, "tel:+861065529988;ext=2", "mail:li@example.cn"), known(3, "mail:li+a@example.cn"),
    ]  # fmt: skip
    assert proposals(contacts) == [
        Proposal("c2", "c3", (Reason.MAILBOX,), Strength.VERY_LIKELY),
        Proposal("c1", "c2", (Reason.EXTENSION,), Strength.POSSIBLE),
    ]


def test_one_name_a_thousand_times_is_not_a_million_pairs() -> None:
    crowd = [known(f"{number:04}", name="测试", company="示例公司") for number in range(1000)]
    found = proposals(crowd)
    assert len(found) < 2 * len(crowd)
    # Everybody is in a pair, so that merging pair by pair ends with one person.
    assert {each for pair in found for each in (pair.first_id, pair.second_id)} == {one.contact_id for one in crowd}
    assert len(proposals(crowd[:LARGE_GROUP])) == LARGE_GROUP * (LARGE_GROUP - 1) // 2


def test_many_contacts_without_anything_in_common() -> None:
    """Grouped by what they have in common: comparing all pairs would be two hundred million comparisons."""
    contacts = [
        known(
            f"{number:06}", f"mail:p{number}@example.cn", f"tel:+8613{number:09}",
            name=f"张{number % 5000}", company=f"示例{number // 2}厂",
        )
        for number in range(20_000)
    ]  # fmt: skip
    contacts.append(known("x", "mail:p7+a@example.cn"))
    assert [(each.first_id, each.second_id) for each in proposals(contacts)] == [("c000007", "cx")]


keys = st.sampled_from([f"mail:p{n}{tag}@example.cn" for n in range(3) for tag in ("", "+a")] + [f"tel:+86106552998{n}{ext}" for n in range(3) for ext in ("", ";ext=1")])  # fmt: skip
people = st.lists(
    st.builds(
        Known,
        st.uuids().map(lambda each: each.hex), st.just(""),
        st.sampled_from(["", "张三", "李四", "Ann Lee"]), st.sampled_from(["", "示例公司", "Example Ltd", "无"]),
        st.lists(keys, max_size=2, unique=True).map(tuple), st.lists(keys, max_size=2, unique=True).map(tuple),
    ),
    max_size=8, unique_by=lambda each: each.contact_id,
)  # fmt: skip


@given(people, st.data())
def test_pairs_are_of_two_persons_each_once_in_any_order(drawn, data) -> None:
    ids = [each.contact_id for each in drawn]
    contacts = [
        Known(each.contact_id, data.draw(st.sampled_from(ids)), each.name, each.company, each.keys, each.claims)
        for each in drawn
    ]
    contacts = [  # a person's id is that of a contact that stands for itself
        Known(each.contact_id, each.person_id if any(o.contact_id == each.person_id == o.person_id for o in contacts) else each.contact_id,
              each.name, each.company, each.keys, each.claims)
        for each in contacts
    ]  # fmt: skip
    found = proposals(contacts)
    assert all(each.first_id < each.second_id and each.reasons for each in found)
    assert len({(each.first_id, each.second_id) for each in found}) == len(found)
    persons = {each.person_id for each in contacts}
    assert {each for pair in found for each in (pair.first_id, pair.second_id)} <= persons
    if found:
        gone = (found[0].first_id, found[0].second_id)
        assert proposals(contacts, [gone[::-1]]) == found[1:]


def test_names_are_compared_without_width_case_and_order_of_latin_words() -> None:
    assert name_key("Ｌee,  ann") == name_key("Ann Lee") == "ann lee"
    assert name_key("张　三") == "张三" != name_key("三张")
    assert name_key(" - ") == name_key("") == ""
