"""The data map is whole: every column of every table is in a class."""

import re

import pytest

from contentops.models import Record
from contentops.privacy import wording
from contentops.privacy.holdings import Erasure, Kind, Whose
from contentops.privacy.inventory import INSIDE, INVENTORY, NOBODYS, OUTSIDE, erased_in_order
from contentops.settings import PrivacySettings
from contentops.texts import use_language

BY_NAME = {holding.name: holding for holding in INVENTORY}


@pytest.mark.row("P7")
@pytest.mark.parametrize("table", Record.metadata.sorted_tables, ids=lambda table: table.name)
def test_p7_every_column_is_in_a_class(table) -> None:
    """A new column must say in privacy/inventory.py what it says of people: else neither copy nor erasure knows it."""
    assert table.name in BY_NAME, f"the table {table.name} is not in privacy/inventory.py"
    assert set(BY_NAME[table.name].columns) == {column.name for column in table.columns}


def test_map_has_no_table_that_is_gone() -> None:
    assert set(BY_NAME) == set(Record.metadata.tables)
    assert len(INVENTORY) == len(BY_NAME)


@pytest.mark.row("P8")
def test_p8_what_is_personal_is_erased_or_says_why_it_stays() -> None:
    for holding in OUTSIDE:
        assert holding.whose is Whose.LEAD
        if holding.reach is None or holding.erasure is Erasure.KEEP:
            assert holding.why, holding.name
        if holding.erasure is Erasure.BLANK:
            assert set(holding.blank) <= set(holding.columns)
            assert holding.why
    assert not [holding.name for holding in (*INSIDE, *NOBODYS) if holding.whose is Whose.LEAD]


def test_p8_what_hangs_on_something_is_erased_before_it() -> None:
    order = [holding.name for holding in erased_in_order()]
    for table in Record.metadata.tables.values():
        for key in table.foreign_keys:
            if table.name in order and key.column.table.name in order:
                assert order.index(table.name) < order.index(key.column.table.name)


def test_every_class_has_words_in_both_languages() -> None:
    for language in ("zh-CN", "en"):
        with use_language(language):
            retentions = wording.retentions(PrivacySettings())
            for holding in INVENTORY:
                assert retentions[holding.retention]
                assert holding.why in wording.reasons()
                assert holding.handed_to in wording.recipients()
                assert wording.erasures()[holding.erasure.value]
                if holding.whose is not Whose.NOBODY:
                    assert all(wording.tables()[holding.name])
            assert set(wording.kinds()) == {kind.value for kind in Kind}


def test_readable_copies_have_a_label_for_every_text() -> None:
    """What has none is an identifier, a hash or a mark for us; those are in the JSON."""
    silent = re.compile(r"(^|_)(id|ids|sha256|hash|key)$")
    bare = {"notice", "trusted"}
    for holding in OUTSIDE:
        for name in holding.copied:
            assert name in wording.labels(holding.name) or silent.search(name) or name in bare, f"{holding.name}.{name}"


@pytest.mark.row("P12")
def test_p12_no_table_keeps_addresses_of_machines_or_browsers() -> None:
    words = re.compile(r"(^|_)(ip|ips|remote|user_agent|ua|browser|device|fingerprint|cookie|session)($|_)")
    found = [f"{table.name}.{column.name}" for table in Record.metadata.tables.values() for column in table.columns
             if words.search(column.name)]  # fmt: skip
    assert found == ["calendar_event.fingerprint"]  # the hash of an event's text
