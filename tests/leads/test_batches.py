"""Forms stored together are stored as if each had come alone; two processes at once never double anybody."""

import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from contentops.errors import StoreConflict
from contentops.leads.identity.keys import ContactPoint
from contentops.leads.intake import capture
from contentops.leads.intake.entries import Entry, Outcome, Shown
from contentops.leads.intake.limits import Window
from contentops.leads.intake.submission import Submitted
from contentops.models import (
    Asset,
    Consent,
    Contact,
    ContactKey,
    KeyClaim,
    Lead,
    Merge,
    Message,
    NoticeText,
    RateCount,
    Record,
    Submission,
    Touch,
)
from contentops.pages.notice import Notice
from contentops.settings import PrivacySettings
from contentops.store import Store, migrate, moments

START = datetime(2026, 11, 21, 9, 0, 7, tzinfo=UTC)
MAILS = ("Zhang@example.cn", "li@example.cn", "wang@example.cn")
PHONES = ("+8613800000001", "+8613800000002", "+8613800000003")
ASSETS = {"off": "a" * 32, "marketing": "b" * 32, "all": "c" * 32}
WINDOWS = (Window(60, 3), Window(3600, 6))
SHOWN = Shown.of(
    Notice(PrivacySettings(controller="联巡云（示例）科技有限公司", contact="privacy@example.com"), "zh-CN")
)


@dataclass(frozen=True)
class Typed:
    """One form, before it gets its moment."""

    mail: int | None
    phone: int | None
    opt_in: str = "off"
    marketing: bool = False
    key: str = ""
    name: str = "张三"
    sender: str = ""
    held: str = ""
    trusted: bool = True
    stale: bool = False
    seconds: int = 1

    def entry(self, at: datetime) -> Entry:
        email = None if self.mail is None else ContactPoint(MAILS[self.mail], f"mail:{MAILS[self.mail].lower()}")
        phone = None if self.phone is None else ContactPoint(PHONES[self.phone], f"tel:{PHONES[self.phone]}")
        form = Submitted(
            self.name, "示例公司" if self.name else "", email, phone,
            {"delivery": True, "marketing": self.marketing}, {"utm_source": "wechat"}, key=self.key,
            answers={"job_title": "设备经理"} if self.name else {},
        )  # fmt: skip
        content = f"{self.name}{self.mail}{self.phone}" if self.key else ""
        return Entry(
            form, ASSETS[self.opt_in], "zh-CN", "/zh/w/", SHOWN, at, trusted=self.trusted, double_opt_in=self.opt_in,
            changed_at=START - timedelta(days=1 + self.stale), sent={"name": self.name} if self.held else {},
            content_sha256=content, held=self.held, sender=self.sender,
        )  # fmt: skip


some = st.sampled_from
typed = st.builds(
    Typed,
    mail=some([0, 0, 1, 2, None]),
    phone=some([0, 0, 1, 2, None]),
    opt_in=some(list(ASSETS)),
    marketing=st.booleans(),
    key=some(["", "", "", "k1", "k2"]),
    name=some(["张三", "李四", ""]),
    sender=some(["", "", "s1", "s2"]),
    held=some(["", "", "", "", "honeypot"]),
    trusted=st.booleans(),
    stale=some([False, False, False, True]),
    seconds=some([1, 1, 1, 25]),
).filter(lambda form: form.mail is not None or form.phone is not None or form.held)
histories = st.lists(st.lists(typed, min_size=1, max_size=8), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def pairs(request, tmp_path_factory) -> dict[str, tuple[Store, Store]]:
    """Two empty databases of each kind."""
    make = request.getfixturevalue("new_postgres_database")
    opened = {
        "sqlite": [(f"sqlite:///{number}.db", tmp_path_factory.mktemp("批")) for number in range(2)],
        "postgresql": [(make(), tmp_path_factory.mktemp("批")) for _number in range(2)],
    }
    stores: dict[str, tuple[Store, Store]] = {}
    for kind, places in opened.items():
        for url, folder in places:
            migrate(url, folder)
        first, second = (Store(url, folder) for url, folder in places)
        stores[kind] = first, second
    yield stores
    for pair in stores.values():
        for store in pair:
            store.close()


def emptied(store: Store) -> Store:
    """Take everything out but the three assets."""
    with store.write() as session:
        for table in reversed(Record.metadata.sorted_tables):
            session.execute(table.delete())
        for opt_in, asset_id in ASSETS.items():
            session.add(Asset.model_validate({
                "id": asset_id, "slug": opt_in, "kind": "whitepaper", "language": "zh-CN", "translation_key": opt_in,
                "title": "点检白皮书", "created_at": START, "changed_at": START - timedelta(days=1),
            }))  # fmt: skip
    return store


def stored(store: Store, entries: Sequence[Entry]) -> list[Outcome]:
    with store.write() as session:
        return capture.store_batch(session.connection(), entries, WINDOWS)


class Picture:
    """Everything in a database, with names in the place of ids, so that two databases can be compared."""

    def __init__(self, store: Store) -> None:
        with store.read() as session:
            rows = {table: list(session.exec(select(table)).all()) for table in self.TABLES}
        self.rows = rows
        keys: dict[str, list[str]] = {}
        for key in rows[ContactKey]:
            keys.setdefault(key.contact_id, []).append(key.value)
        self.names = {contact_id: " ".join(sorted(values)) for contact_id, values in keys.items()}
        self.names |= {lead.id: f"{self.names[lead.contact_id]} {lead.asset_id[0]}" for lead in rows[Lead]}
        self.names |= {row.id: f"form {row.at}" for row in rows[Submission]}

    TABLES = (
        Contact, ContactKey, KeyClaim, Merge, Lead, Submission, Touch, Consent, NoticeText, Message, RateCount,
    )  # fmt: skip

    def __iter__(self) -> Iterator[str]:
        for table, found in self.rows.items():
            yield from sorted(f"{table.__name__} {self._told(row)}" for row in found)

    def _told(self, row: Any) -> list[Any]:
        values = {name: getattr(row, name) for name in type(row).model_fields if name != "id"}
        return [(name, self._named(value)) for name, value in values.items()]

    def _named(self, value: Any) -> Any:
        if isinstance(value, list):
            return sorted(map(self._named, value))
        return self.names.get(value, value) if isinstance(value, str) else value

    def outcome(self, outcome: Outcome) -> tuple[Any, ...]:
        ids = (outcome.lead_id, outcome.contact_id)
        return (
            outcome.what,
            outcome.at,
            outcome.wait,
            outcome.is_new,
            *(self.names.get(each or "", each) for each in ids),
        )


def same(pair: tuple[Store, Store], history: Sequence[Sequence[Typed]], apart: timedelta = timedelta(hours=13)) -> None:
    """Store batches whole in one database, form by form in another, and compare all that was said and is there."""
    whole, single = (emptied(store) for store in pair)
    said_whole, said_single, at = [], [], START
    for batch in history:
        entries = []
        for form in batch:
            at += timedelta(seconds=form.seconds)
            entries.append(form.entry(at))
        said_whole += stored(whole, entries)
        said_single += [outcome for entry in entries for outcome in stored(single, [entry])]
        at += apart
    one, other = Picture(whole), Picture(single)
    assert list(map(one.outcome, said_whole)) == list(map(other.outcome, said_single))
    assert list(one) == list(other)


class TestTogetherAsAlone:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(history=histories)
    def test_on_sqlite(self, pairs, history) -> None:
        same(pairs["sqlite"], history)

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(history=histories)
    def test_on_postgresql(self, pairs, history) -> None:
        same(pairs["postgresql"], history)

    def test_a_yes_counts_for_the_next_form_of_the_same_batch(self, pairs) -> None:
        """Who said yes on a page that asks for no confirmation is not asked by the next page to confirm it."""
        same(pairs["sqlite"], [[Typed(0, None, "off", marketing=True), Typed(0, None, "marketing", marketing=True)]])

    def test_of_leads_that_a_merge_brings_together_the_earlier_one_goes_on(self, pairs) -> None:
        """The one by phone came first; the one with the address stands for the person."""
        first = [Typed(None, 0), Typed(0, None)]
        same(pairs["sqlite"], [first, [Typed(0, 0), Typed(0, None), Typed(None, 0)]])
        same(pairs["sqlite"], [[*first, Typed(0, 0), Typed(0, None)]])

    def test_a_sender_at_the_turn_of_a_minute_is_counted_in_both(self, pairs) -> None:
        """One batch may hold the end of one span and the beginning of the next."""
        burst = [Typed(number, None, sender="s1", seconds=0) for number in range(3)]
        turn = [Typed(0, None, sender="s1", seconds=seconds) for seconds in (61, 0, 60)]
        same(pairs["sqlite"], [burst, turn], apart=timedelta())


@pytest.fixture
def second_store(pairs, tmp_path) -> Iterator[Store]:
    """Another process's view of the first PostgreSQL database."""
    store = Store(pairs["postgresql"][0].url.render_as_string(hide_password=False), tmp_path)
    yield store
    store.close()


def stored_in_the_end(store: Store, entry: Entry) -> tuple[Outcome, int]:
    """Store a form as the intake does, with its few tries; returns how many were needed too."""
    for tries in (1, 2, 3):
        try:
            return stored(store, [entry])[0], tries
        except StoreConflict:
            if tries == 3:
                raise
    raise AssertionError


class TestTwoProcesses:
    def test_two_keys_of_a_merged_person_at_the_same_moment_are_one_lead(
        self, pairs, second_store, monkeypatch
    ) -> None:
        """Their contacts are two rows, so no constraint sees it: who comes second waits, then finds the lead."""
        first_store = emptied(pairs["postgresql"][0])
        for number, typed in enumerate([Typed(None, 0), Typed(0, None), Typed(0, 0)]):
            stored(first_store, [typed.entry(START + timedelta(seconds=number))])
        here, go_on = threading.Event(), threading.Event()

        def hook(moment: str) -> None:
            if moment == "before-insert" and threading.current_thread().name == "first":
                here.set()
                assert go_on.wait(20)

        monkeypatch.setattr(moments, "hook", hook)
        later = START + timedelta(hours=1)
        entries = [Typed(0, None, "all").entry(later), Typed(None, 0, "all").entry(later)]
        first = threading.Thread(target=stored, args=(first_store, entries[:1]), name="first")
        second = threading.Thread(target=stored, args=(second_store, entries[1:]), name="second")
        first.start()
        assert here.wait(20)
        second.start()
        second.join(0.7)  # it waits for the first one, or is through already
        go_on.set()
        for thread in (first, second):
            thread.join(20)
        with first_store.read() as session:
            leads = session.exec(select(Lead).where(Lead.asset_id == ASSETS["all"])).all()
        assert len(leads) == 1

    @pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
    def test_many_at_once_are_one_of_each(self, pairs, kind, tmp_path) -> None:
        """Batches of the same few people in any order, from four connections: nobody twice, nobody stuck."""
        store = emptied(pairs[kind][0])
        others = [Store(store.url.render_as_string(hide_password=False), tmp_path) for _number in range(4)]
        faults: list[BaseException] = []

        def process(number: int, mine: Store) -> None:
            chance = random.Random(number)
            for round_number in range(6):
                at = START + timedelta(seconds=round_number)
                batch = [
                    Typed(each, each, chance.choice(list(ASSETS)), marketing=True).entry(at)
                    for each in chance.sample(range(3), 3)
                ] + [Typed(each, None).entry(at) for each in chance.sample(range(3), 2)]
                try:
                    try:
                        stored(mine, batch)
                    except StoreConflict:
                        for entry in batch:
                            stored_in_the_end(mine, entry)
                except BaseException as error:
                    faults.append(error)

        threads = [threading.Thread(target=process, args=each) for each in enumerate(others)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        for other in others:
            other.close()
        assert faults == []
        assert not any(thread.is_alive() for thread in threads)
        with store.read() as session:
            contacts = session.exec(select(Contact)).all()
            pairs_of_leads = [(lead.contact_id, lead.asset_id) for lead in session.exec(select(Lead))]
            forms = len(session.exec(select(Submission)).all())
        assert len(contacts) == 3
        assert len(pairs_of_leads) == len(set(pairs_of_leads)) <= 9
        assert forms == 4 * 6 * 5
