"""People of one company, and which personas of the committee they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentops.leads.identity.committee import PERSONAS, Because, Seen, persona_of
from contentops.leads.identity.companies import Member, companies, company_key
from contentops.leads.identity.domains import company_domain

UNKNOWN = Seen("", Because.NOTHING)


def member(number: int, *affiliations: tuple[str, str], seen: Seen = UNKNOWN) -> Member:
    marks = tuple((company, (f"mail:p{number}@{domain}",) if domain else ()) for company, domain in affiliations)
    return Member(f"p{number}", f"人{number}", "", marks, seen)


def ids(*members: Member) -> list[list[str]]:
    return [[each.person_id for each in company.members] for company in companies(members)]


class TestNames:
    @pytest.mark.parametrize(
        ("spellings", "key"),
        [
            (
                ["联巡云科技", "联巡云（示例）科技有限公司", "联巡云(示例)科技股份有限公司", "联巡云科技集团", "联巡云科技集团股份有限公司", "联巡云 科技",
                 "联巡云科技有限责任公司", "联巡云科技有限公司上海分公司", "联巡云科技公司", "【联巡云科技】有限公司", "联巡云·科技", "（联巡云科技）"],
                "联巡云科技",
            ),
            (["Example", "EXAMPLE Co., Ltd.", "Example, Inc.", "example ltd", "Example GmbH & Co. KG", "Ｅｘａｍｐｌｅ", "Example S.A.", "Example (China) Limited", "Example Group Holdings"], "example"),
            (["", " ", "无", "个人", "N/A", "公司", "有限公司", "-", "self-employed", "测试", "（个人）", "个人公司"], ""),
            (["Group", "集团A"], None),
        ],
    )  # fmt: skip
    def test_key(self, spellings, key) -> None:
        found = {text: company_key(text) for text in spellings}
        if key is None:
            assert all(found.values())
        else:
            assert found == dict.fromkeys(spellings, key)

    @given(st.text(max_size=60))
    def test_any_text_has_a_key_that_is_its_own_key(self, text) -> None:
        key = company_key(text)
        assert company_key(key) == key

    @pytest.mark.parametrize(
        ("address", "domain"),
        [
            ("a@example.cn", "example.cn"), ("a@mail.example.com.cn", "example.com.cn"), ("a@sh.example.com", "example.com"),
            ("a@x.example.bj.cn", "example.bj.cn"), ("a@example.co.uk", "example.co.uk"), ("a@xn--fsqu00a.xn--55qx5d", "xn--fsqu00a.xn--55qx5d"),
            ("a@qq.com", None), ("a@vip.163.com", None), ("a@yahoo.co.jp", None), ("a@outlook.fr", None), ("a@sina.com.cn", None),
            ("a@gmail.com", None), ("a@139.com", None), ("a@aliyun.com", None), ("a@yahoo.example.com", "example.com"), ("", None),
        ],
    )  # fmt: skip
    def test_domain(self, address, domain) -> None:
        assert company_domain(address) == domain


class TestGroups:
    def test_domain_and_stated_name_join(self) -> None:
        found = companies(
            [
                member(1, ("联巡云（示例）科技有限公司", "lianxun.example")),
                member(2, ("", "mail.lianxun.example")),
                member(3, ("联巡云科技", "qq.com")),
                member(4, ("联巡云科技", "")),
                member(5, ("别的公司", "qq.com")),
                member(6, ("", "qq.com")),
            ]
        )
        assert [(company.name, [each.person_id for each in company.members]) for company in found] == [
            ("联巡云科技", ["p1", "p2", "p3", "p4"]),
            ("别的公司", ["p5"]),
        ]
        assert found[0].names == ("联巡云科技", "联巡云（示例）科技有限公司")
        assert found[0].domains == ("lianxun.example",)

    def test_no_company_joins_nobody(self) -> None:
        assert ids(member(1, ("无", "a.example")), member(2, ("无", "b.example")), member(3, ("个人", ""))) == [
            ["p1"],
            ["p2"],
        ]

    def test_somebody_who_changed_companies_does_not_join_them(self) -> None:
        moved = member(1, ("甲示例", "a.example"), ("乙示例", "b.example"))
        assert ids(moved, member(2, ("甲示例", "")), member(3, ("", "b.example"))) == [["p1", "p2"], ["p3"]]

    @given(
        st.lists(
            st.lists(
                st.tuples(st.sampled_from(["", "甲公司", "乙公司", "丙", "无"]), st.sampled_from(["", "a.example", "b.example", "qq.com"])),
                min_size=1, max_size=2,
            ),
            max_size=8,
        ),
        st.randoms(use_true_random=False),
    )  # fmt: skip
    def test_groups_do_not_depend_on_the_order(self, drawn, random) -> None:
        members = [member(number, *affiliations) for number, affiliations in enumerate(drawn)]
        shuffled = members[:]
        random.shuffle(shuffled)
        assert companies(members) == companies(shuffled)
        placed = [each for group in ids(*members) for each in group]
        assert len(placed) == len(set(placed))  # nobody in two companies
        for company in companies(members):
            assert company.name in (*company.names, *company.domains)


class TestCommittee:
    @pytest.mark.parametrize(
        ("titles", "persona"),
        [
            (["总经理", "董事长", "CEO", "王总", "欧阳总", "联合创始人/CEO", "首席执行官", "厂长", "President", "Managing Director", "Owner", "General Manager", "Ｃ Ｅ Ｏ".replace(" ", "")], "decision_maker"),
            (["CTO", "首席技术官", "技术总监", "副总经理", "副总", "李副总", "财务总监", "采购总监", "总工程师", "设备科科长", "IT经理", "VP Sales", "Vice President", "Director of Operations",
              "Procurement Director", "Head of IT", "Product Owner", "Assistant Manager", "设备负责人"], "influencer"),
            (["采购专员", "采购", "总经理助理", "董事长秘书", "CEO助理", "Executive Assistant", "Purchasing Specialist", "Buyer", "实习生", "行政"], "messenger"),
            (["设备工程师", "点检班长", "维修主管", "运维", "助理工程师", "Maintenance Engineer", "operator", "Assistant Engineer", "系统管理员"], "user"),
            (["", "总务", "-", "朋友", "directory", "actor"], ""),
        ],
    )  # fmt: skip
    def test_by_title(self, titles, persona) -> None:
        assert {title: persona_of(title, []).persona for title in titles} == dict.fromkeys(titles, persona)

    def test_reason_is_shown(self) -> None:
        assert persona_of("设备部 采购总监", []) == Seen("influencer", Because.TITLE, "总监")
        assert persona_of("朋友", [["user"], ["user", "influencer"]]) == Seen("user", Because.ASSETS, "2")
        assert persona_of("", [["user"], ["influencer"]]) == UNKNOWN  # nothing says which of both
        assert persona_of("", [[], ["some-persona-of-their-own"]]) == UNKNOWN

    @given(st.text(max_size=40), st.lists(st.lists(st.sampled_from([*PERSONAS, "x"]), max_size=4), max_size=5))
    def test_any_title_has_an_answer(self, title, assets) -> None:
        seen = persona_of(title, assets)
        assert seen.persona in (*PERSONAS, "")
        assert (seen.persona == "") == (seen.because is Because.NOTHING)

    def test_missing_personas_are_named(self) -> None:
        title = Because.TITLE
        found = companies(
            [
                member(1, ("示例", ""), seen=Seen("user", title, "工程师")),
                member(2, ("示例", ""), seen=Seen("decision_maker", title, "总经理")),
                member(3, ("示例", "")),
            ]
        )
        assert found[0].missing == ("influencer", "messenger")
