"""One person under several contacts: found by any spelling, merged without losing anything, split exactly."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from contentops.errors import Conflict, NotFound
from contentops.leads.consent.ledger import may
from contentops.leads.identity.keys import ContactPoint, limit_key
from contentops.leads.intake.entries import Entry, Shown
from contentops.leads.intake.known import Known, Said, load
from contentops.leads.intake.submission import Submitted
from contentops.models import (
    Asset,
    Consent,
    ConsentAction,
    Contact,
    ContactKey,
    DistinctPair,
    Download,
    KeyClaim,
    Lead,
    Merge,
    Submission,
    Touch,
)
from contentops.models.record import Record
from contentops.privacy.retention import withdrawn_keys
from contentops.workspace import Workspace

GIVEN, WITHDRAWN = ConsentAction.GIVEN, ConsentAction.WITHDRAWN


def identifier(number: int) -> str:
    return f"{number:032x}"


class Filled:
    """A workspace with contacts that the test describes; rows are made as any writer makes them."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.now = workspace, workspace.now
        self.people = workspace.leads.people
        self.counter = 0x1000
        self.add(
            *(
                Asset.model_validate(
                    {"id": identifier(n), "slug": slug, "kind": "whitepaper", "language": "zh-CN", "translation_key": slug,
                     "title": title, "personas": personas, "created_at": self.now(), "changed_at": self.now()}
                )
                for n, (slug, title, personas) in enumerate([("dian-jian", "点检白皮书", ["user"]), ("bei-jian", "备件案例", ["decision_maker"])], 1)
            )
        )  # fmt: skip

    def add(self, *rows: Record) -> None:
        with self.workspace.store.write() as session:
            for row in rows:
                session.add(row)
                session.flush()

    def id(self) -> str:
        self.counter += 1
        return identifier(self.counter)

    def contact(self, number: int, *keys: str, **values: Any) -> str:
        moment = self.now() + timedelta(minutes=number)
        row = {"id": identifier(number), "person_id": identifier(number), "created_at": moment, "changed_at": moment}
        self.add(Contact.model_validate({**row, **values}))
        self.add(*(ContactKey.model_validate({"value": key, "contact_id": identifier(number)}) for key in keys))
        return identifier(number)

    def lead(self, contact_id: str, asset: int, minutes: int, source: str = "wechat") -> str:
        moment, lead_id = self.now() + timedelta(minutes=minutes), self.id()
        asset_id = identifier(asset)
        self.add(
            Lead.model_validate({"id": lead_id, "asset_id": asset_id, "contact_id": contact_id, "created_at": moment, "last_at": moment}),
            Touch.model_validate({"id": self.id(), "lead_id": lead_id, "at": moment, "source": source, "campaign": "2026-q4"}),
            Submission.model_validate({"id": self.id(), "asset_id": asset_id, "lead_id": lead_id, "at": moment, "fields": {"name": "张三"}}),
            Download.model_validate({"id": self.id(), "lead_id": lead_id, "attachment_id": "", "at": moment}),
        )  # fmt: skip
        return lead_id

    def consent(self, contact_id: str, action: ConsentAction, at: datetime, channel: str = "any") -> None:
        values = {
            "id": self.id(),
            "contact_id": contact_id,
            "purpose": "marketing",
            "channel": channel,
            "action": action,
        }
        wording = {"wording": "愿意接收资料", "wording_sha256": "0" * 64, "locale": "zh-CN", "page": "/zh/dian-jian/"}
        self.add(Consent.model_validate({**values, **wording, "at": at}))

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables but those that say what was merged and undone."""
        with self.workspace.store.read() as session:
            return {
                table.name: sorted(map(repr, map(tuple, session.execute(select(table)))))
                for table in Record.metadata.sorted_tables
                if table.name != "merge"
            }

    def persons(self) -> dict[str, set[str]]:
        """Persons and their contacts."""
        found: dict[str, set[str]] = {}
        with self.workspace.store.read() as session:
            for contact_id, person_id in session.exec(select(Contact.id, Contact.person_id)):
                found.setdefault(person_id, set()).add(contact_id)
        return found


@pytest.fixture
def filled(any_workspace) -> Filled:
    return Filled(any_workspace)


@pytest.fixture
def on_sqlite(workspace) -> Filled:
    return Filled(workspace)


class TestFind:
    def test_by_anything_they_are_known_by(self, on_sqlite) -> None:
        zhang = on_sqlite.contact(
            1, "mail:zhang@example.cn", "tel:+8613800138000", "wecom:wmEXAMPLE000000001", name="张三", email="Zhang@example.cn"
        )  # fmt: skip
        lead = on_sqlite.lead(zhang, 1, 1)
        on_sqlite.contact(2, "mail:li@example.cn", name="李四")
        for who in (
            " Zhang@Example.CN ", "ｚｈａｎｇ＠example.cn", "mail:zhang@example.cn", "138 0013 8000", "0086 138-0013-8000", "tel:+8613800138000",
            "１３８００１３８０００", "wmEXAMPLE000000001", "wecom:wmEXAMPLE000000001", zhang, zhang.upper(), lead, "张三",
        ):  # fmt: skip
            assert on_sqlite.people.find(who).id == zhang, who

    @pytest.mark.parametrize(
        "who", ["", "nobody@example.cn", "13900139000", "王五", identifier(9), "wmNOBODY00000001", "mail:", "%"]
    )
    def test_nobody(self, on_sqlite, who) -> None:
        on_sqlite.contact(1, "mail:zhang@example.cn", name="张三")
        on_sqlite.contact(2)  # without a name
        with pytest.raises(NotFound, match="name of anybody"):
            on_sqlite.people.find(who)

    def test_a_name_of_several_people_is_not_enough(self, on_sqlite) -> None:
        first, second = on_sqlite.contact(1, name="张三"), on_sqlite.contact(2, name="张三")
        with pytest.raises(Conflict, match="2 people are called '张三'"):
            on_sqlite.people.find("张三")
        on_sqlite.people.merge(first, second, by="li")
        assert on_sqlite.people.find("张三").id == first


class TestView:
    def test_a_person_is_all_of_their_contacts(self, filled, clock) -> None:
        """Facts are those of the standing contact, completed by the others; one asset is one lead."""
        by_phone = filled.contact(1, "tel:+8613800138000", name="张工", job_title="设备工程师", phone="+8613800138000")
        by_mail = filled.contact(
            2, "mail:zhang@example.cn", name="张三", company="联巡云（示例）", email="zhang@example.cn"
        )
        filled.lead(by_phone, 1, 1, "zhihu")
        filled.lead(by_mail, 1, 5)
        filled.lead(by_mail, 2, 3)
        before = {number: filled.people.find(each) for number, each in ((1, by_phone), (2, by_mail))}
        merge = filled.people.merge(by_mail, by_phone, by="li")
        view = filled.people.find("13800138000")
        assert view == filled.people.find("zhang@example.cn")
        assert (view.who.name, view.who.company, view.who.job_title) == ("张三", "联巡云（示例）", "设备工程师")
        assert (view.who.email, view.who.phone) == ("zhang@example.cn", "+8613800138000")
        assert [each.id for each in view.contacts] == [by_mail, by_phone]
        assert view.keys == ("mail:zhang@example.cn", "tel:+8613800138000")
        inspection, parts = view.interests
        assert (inspection.slug, inspection.downloads, len(inspection.lead_ids)) == ("dian-jian", 2, 2)
        assert inspection.lead_id == before[1].interests[0].lead_id  # the earliest
        assert (inspection.since, inspection.last_at) == (
            clock() + timedelta(minutes=1),
            clock() + timedelta(minutes=5),
        )
        assert parts.slug == "bei-jian"
        # Nothing is lost: all touches, forms and sources of both, in the order of time.
        assert {each.id for each in view.touches} == {each.id for one in before.values() for each in one.touches}
        assert {each.id for each in view.submissions} == {
            each.id for one in before.values() for each in one.submissions
        }
        assert [each.at for each in view.touches] == sorted(each.at for each in view.touches)
        assert view.first_touch == before[1].touches[0]
        assert view.last_touch == before[2].touches[-1]
        assert view.sources == ("zhihu / 2026-q4", "wechat / 2026-q4")
        assert [each.id for each in view.merges] == [merge.id]

    def test_p4_the_stricter_consent_wins_and_a_later_yes_counts(self, filled, clock) -> None:
        yes, no = filled.contact(1, "mail:a@example.cn"), filled.contact(2, "tel:+8613800138000")
        filled.consent(no, WITHDRAWN, clock())
        clock.forward(hours=1)
        filled.consent(yes, GIVEN, clock())
        assert may(filled.people.find(yes).agreement, "marketing", "email")
        clock.forward(hours=1)
        merge = filled.people.merge(yes, no, by="li")
        assert not may(filled.people.find(yes).agreement, "marketing", "email")
        # A yes since the merge is the person's own word; one channel says nothing about the others.
        clock.forward(hours=1)
        filled.consent(no, GIVEN, clock(), channel="email")
        agreement = filled.people.find(yes).agreement
        assert may(agreement, "marketing", "email")
        assert not may(agreement, "marketing", "phone")
        # Each gets their own words back.
        filled.people.split(merge.id, by="li")
        assert may(filled.people.find(yes).agreement, "marketing", "phone")
        assert not may(filled.people.find(no).agreement, "marketing", "phone")


class TestAgreement:
    def test_a_no_before_the_newest_merge_wins_wherever_somebody_asks(self, filled, clock) -> None:
        """(P6) The newest merge need not be the last one made: what an import joins bears the day of its row."""
        old, yes, no = (filled.contact(n, f"mail:nr{n}@example.cn", email=f"nr{n}@example.cn") for n in (1, 2, 3))
        filled.lead(yes, 1, 1)
        filled.consent(no, WITHDRAWN, clock())
        clock.forward(hours=1)
        filled.consent(yes, GIVEN, clock())
        clock.forward(hours=1)
        filled.people.merge(yes, no, by="li")
        clock.forward(days=-400)
        filled.people.merge(old, yes, by="import")
        clock.forward(days=400)
        workspace = filled.workspace
        with workspace.store.read() as session:
            keys = withdrawn_keys(session, [old, yes, no])
        assert keys == ["mail:nr1@example.cn", "mail:nr2@example.cn", "mail:nr3@example.cn"]
        found = filled.people.find(old)
        assert found.agreement == workspace.leads.consents.of(old).agreement
        assert (set(found.agreement.values()), found.may_be_contacted) == ({WITHDRAWN}, ())
        assert [row["marketing_consent"] for row in workspace.leads.rows()] == ["no"]
        form = Submitted(
            "张三", "", ContactPoint("nr2@example.cn", "mail:nr2@example.cn"), None, {"marketing": True}, {}
        )
        entry = Entry(form, "a" * 32, "zh-CN", "/zh/w/", Shown("", "zh-CN", "", {}), clock())
        with workspace.store.write() as session:
            assert load(session.connection(), [entry], ()).agreement(old) == found.agreement
        filled.consent(no, GIVEN, clock())  # a yes after everything holds again
        assert set(workspace.leads.consents.of(old).agreement.values()) == {GIVEN}
        assert [row["marketing_consent"] for row in workspace.leads.rows()] == ["yes"]

    def test_a_merge_in_a_batch_counts_the_merges_before_it(self) -> None:
        """As the next look at the database would: what the absorbed person was made of counts as well."""
        start = datetime(2026, 11, 1, tzinfo=UTC)
        said = {
            "yes": [Said("yes", "marketing", "email", GIVEN, start + timedelta(days=5))],
            "no": [Said("no", "marketing", "email", WITHDRAWN, start + timedelta(days=1))],
        }
        known = Known(person_of={"yes": "yes", "no": "no"}, kinds={"yes": set(), "no": set()}, said=said)
        known.merged_at = {"no": start + timedelta(days=10)}
        known.merge("yes", "no", start + timedelta(days=3))
        assert known.merged_at == {"yes": start + timedelta(days=10)}
        assert set(known.agreement("yes").values()) == {WITHDRAWN}


class TestMerge:
    def test_nothing_moves_but_who_stands_for_whom(self, filled) -> None:
        first, second = filled.contact(1, "mail:a@example.cn"), filled.contact(2, "tel:+8613800138000", name="张三")
        filled.lead(first, 1, 1)
        filled.lead(second, 1, 2)
        before = filled.everything()
        merge = filled.people.merge("a@example.cn", "13800138000", by="li")
        assert (merge.kept_id, merge.absorbed_id, merge.contact_ids, merge.by) == (first, second, [second], "li")
        assert merge.at == filled.now()
        during = filled.everything()
        assert {name for name in before if before[name] != during[name]} == {"contact"}
        assert filled.persons() == {first: {first, second}}
        undone = filled.people.split(merge.id, by="wang")
        assert (undone.id, undone.undone_at, undone.undone_by) == (merge.id, filled.now(), "wang")
        assert filled.everything() == before

    def test_refused(self, on_sqlite) -> None:
        people, first, second = on_sqlite.people, on_sqlite.contact(1), on_sqlite.contact(2)
        with pytest.raises(Conflict, match="one person already"):
            people.merge(first, first, by="li")
        with pytest.raises(NotFound):
            people.merge(first, "nobody@example.cn", by="li")
        with pytest.raises(Conflict, match="nothing to undo"):
            people.split(first, by="li")
        with pytest.raises(NotFound):
            people.split("nobody@example.cn", by="li")
        merge = people.merge(first, second, by="li")
        for kept, absorbed in ((first, second), (second, first)):
            with pytest.raises(Conflict, match="one person already"):
                people.merge(kept, absorbed, by="li")
        with pytest.raises(Conflict, match="split"):
            people.dismiss(first, second, by="li")
        people.split(merge.id, by="li")
        with pytest.raises(Conflict, match="undone already"):
            people.split(merge.id, by="li")

    def test_undoing_the_older_merge_leaves_the_newer_one(self, filled) -> None:
        first, second, third, fourth = (filled.contact(number) for number in range(1, 5))
        older = filled.people.merge(first, second, by="li")
        newer = filled.people.merge(third, first, by="li")
        assert newer.contact_ids == [first, second]
        filled.people.split(older.id, by="li")
        assert filled.persons() == {third: {third, first}, second: {second}, fourth: {fourth}}
        # What came later by itself is no part of what is undone.
        again = filled.people.merge(second, third, by="li")
        filled.people.split(newer.id, by="li")
        assert filled.persons() == {first: {first}, second: {second, third}, fourth: {fourth}}
        assert filled.people.split(second, by="li").id == again.id  # a person: their newest merge

    def test_what_was_erased_since_stands_in_nobodys_way(self, filled) -> None:
        first, second, third = (filled.contact(number, f"mail:p{number}@example.cn") for number in range(1, 4))
        older = filled.people.merge(first, second, by="li")
        newer = filled.people.merge(third, first, by="li")
        with filled.workspace.store.write() as session:
            session.delete(session.get(Contact, first))
        filled.people.split(newer.id, by="li")
        assert filled.persons() == {first: {second}, third: {third}}
        # Nobody's contact has the person's id any more; they are found all the same.
        assert filled.people.find("p2@example.cn") == filled.people.find(first)
        filled.people.split(older.id, by="li")
        assert filled.persons() == {second: {second}, third: {third}}
        merge = filled.people.merge(second, third, by="li")
        with filled.workspace.store.write() as session:
            for each in (second, third):
                session.delete(session.get(Contact, each))
        assert filled.people.split(merge.id, by="li").undone_by == "li"
        assert filled.persons() == {}

    def test_two_at_once_are_one_merge(self, filled, at_once) -> None:
        """Nobody gets lost between two people who merge the same pair the other way round."""
        first, second = filled.contact(1), filled.contact(2)
        turns = iter([(first, second), (second, first)] * 2)

        def merge() -> str:
            kept, absorbed = next(turns)
            try:
                return filled.people.merge(kept, absorbed, by="li").kept_id
            except Exception as error:
                return type(error).__name__

        done = at_once(4, merge)
        assert sorted(filled.persons().values()) == [{first, second}]
        assert sum(each in (first, second) for each in done) == 1
        assert set(done) <= {first, second, "Conflict", "StoreConflict"}


numbers = st.integers(0, 5)
steps = st.lists(st.tuples(st.sampled_from(["merge", "merge", "split"]), numbers, numbers), max_size=12)


def components(ids: Iterable[str], merges: Iterable[Merge]) -> set[frozenset[str]]:
    """Who is one person, said in another way than the rules do: contacts connected by merges that stand."""
    groups = [{each} for each in ids]
    for merge in merges:
        ends = [group for group in groups if merge.kept_id in group or merge.absorbed_id in group]
        groups = [group for group in groups if group not in ends] + [set().union(*ends)]
    return {frozenset(group) for group in groups}


def run(filled: Filled, plan: list[tuple[str, int, int]], random: Any) -> None:
    """Merge and split as planned, then undo what still stands in any order: everything is as before."""
    ids = [
        filled.contact(n, f"mail:p{n}@example.cn", name=f"人{n}", person_id=identifier(n)) for n in range(0x100, 0x106)
    ]
    for each in ids[:3]:
        filled.lead(each, 1, ids.index(each))
    before, standing = filled.everything(), []
    for verb, first, second in plan:
        seen = filled.everything()
        if verb == "merge":
            try:
                merge = filled.people.merge(ids[first], ids[second], by="li")
            except Conflict:
                assert filled.everything() == seen
                continue
            standing.append(merge)
            if second % 2:  # undone at once: as if it had not been
                filled.people.split(standing.pop().id, by="li")
                assert filled.everything() == seen
        elif standing:
            filled.people.split(standing.pop(first % len(standing)).id, by="li")
        persons = filled.persons()
        assert set(map(frozenset, persons.values())) == components(ids, standing)
        assert all(person in contacts for person, contacts in persons.items())  # one of them stands for all
        views = [filled.people.find(each) for each in persons]
        assert sum(len(view.touches) for view in views) == sum(len(view.submissions) for view in views) == 3
    random.shuffle(standing)
    for merge in standing:
        filled.people.split(merge.id, by="wang")
    assert filled.everything() == before


def empty(filled: Filled) -> None:
    with filled.workspace.store.write() as session:
        for table in (Merge, DistinctPair, Contact):
            for row in session.exec(select(table)):
                session.delete(row)
            session.flush()
        for row in session.exec(select(Submission)):
            session.delete(row)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.randoms(use_true_random=False))
def test_any_merges_and_splits_can_be_undone_in_any_order(on_sqlite, plan, random) -> None:
    empty(on_sqlite)
    run(on_sqlite, plan, random)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.randoms(use_true_random=False))
def test_so_on_both_databases(filled, plan, random) -> None:
    empty(filled)
    run(filled, plan, random)


class TestDuplicates:
    def test_proposed_until_merged_or_dismissed(self, filled) -> None:
        first = filled.contact(1, "mail:li@example.cn", name="李四", company="联巡云（示例）")
        second = filled.contact(2, "mail:li+news@example.cn", name="李 四", company="联巡云")
        third = filled.contact(3, "tel:+8613800138000", name="王五")
        filled.add(KeyClaim.model_validate({"value": "tel:+8613800138000", "contact_id": first, "at": filled.now()}))
        assert [(c.first.person_id, c.second.person_id, c.reasons) for c in filled.people.duplicates()] == [
            (first, second, ("mailbox", "company")),
            (first, third, ("phone",)),
        ]
        pair = filled.people.dismiss(third, first, by="li")
        assert (pair.first_id, pair.second_id) == (first, third)
        assert filled.people.dismiss(first, third, by="li").id == pair.id  # twice changes nothing
        merge = filled.people.merge(second, first, by="li")
        assert filled.people.duplicates() == []  # what was dismissed holds for the person they are now
        filled.people.split(merge.id, by="li", distinct=True)
        assert filled.people.duplicates() == []

    def test_split_alone_is_proposed_again(self, on_sqlite) -> None:
        first, second = on_sqlite.contact(1, "mail:li@example.cn"), on_sqlite.contact(2, "mail:li+a@example.cn")
        assert limit_key("mail:li+a@example.cn") == "mail:li@example.cn"
        on_sqlite.people.merge(first, second, by="li")
        assert on_sqlite.people.duplicates() == []
        on_sqlite.people.split(first, by="li")
        assert len(on_sqlite.people.duplicates()) == 1


class TestCompanies:
    def test_people_of_a_company_and_who_is_missing(self, filled) -> None:
        boss = filled.contact(
            1, "mail:wang@example.com.cn", name="王五", company="示例机械（集团）有限公司", job_title="总经理"
        )
        user = filled.contact(2, "mail:zhang@qq.com", name="张三", company="示例机械")
        filled.lead(user, 1, 1)
        mail_only = filled.contact(3, "mail:li@sh.example.com.cn", name="李四")
        filled.contact(4, "mail:zhao@qq.com", name="赵六")  # neither domain nor name: no company
        other = filled.contact(5, "mail:sun@example.cn", name="孙七", company="个人", job_title="采购专员")
        found = filled.people.companies()
        assert [[each.person_id for each in company.members] for company in found] == [[user, mail_only, boss], [other]]
        company = found[0]
        assert {each.person_id: (each.seen.persona, each.seen.because) for each in company.members} == {
            boss: ("decision_maker", "title"), user: ("user", "assets"), mail_only: ("", "nothing"),
        }  # fmt: skip
        assert company.missing == ("influencer", "messenger")
        assert found[1].name == "example.cn"
        for name in ("示例机械", "示例机械集团股份有限公司", "example.com.cn", "anybody@mail.example.com.cn"):
            assert filled.people.company(name) == company
        # Two contacts of one person are one member.
        filled.people.merge(boss, mail_only, by="li")
        assert [each.person_id for each in filled.people.company("示例机械").members] == [user, boss]

    @pytest.mark.parametrize("name", ["", "无", "没有这家公司", "qq.com"])
    def test_no_such_company(self, on_sqlite, name) -> None:
        on_sqlite.contact(1, "mail:zhang@qq.com", name="张三", company="示例机械")
        with pytest.raises(NotFound, match="company"):
            on_sqlite.people.company(name)
