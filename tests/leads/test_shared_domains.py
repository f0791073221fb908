"""Domains where people of many companies have their mailbox: named in the settings, they join nobody."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contentops.errors import Conflict, SettingsInvalid
from contentops.leads.identity.committee import Because, Seen
from contentops.leads.identity.companies import Member, companies, people_at
from contentops.leads.identity.domains import company_domain
from contentops.models import Contact, ContactKey
from contentops.settings import DomainSettings, LeadSettings, load_settings

UNKNOWN = Seen("", Because.NOTHING)


def member(number: int, company: str, address: str) -> Member:
    keys = (f"mail:p{number}@{address}",) if address else ()
    return Member(f"p{number}", f"人{number}", "", ((company, keys),), UNKNOWN)


def names(members, shared=()) -> list[tuple[str, list[str]]]:
    return [(each.name, [one.person_id for one in each.members]) for each in companies(members, shared)]


MIXED = [
    member(1, "甲示例", "park.example.org"),
    member(2, "乙示例", "example.org"),
    member(3, "", "example.org"),
    member(4, "乙示例", "yi.example"),
]


class TestRules:
    @pytest.mark.parametrize(
        ("address", "shared", "domain"),
        [
            ("a@example.org", ["example.org"], None), ("a@mail.example.org", ["example.org"], None), ("a@example.org", [], "example.org"),
            ("a@park.example.org", ["park.example.org"], None), ("a@example.org", ["park.example.org"], "example.org"),
            ("a@notexample.org", ["example.org"], "notexample.org"), ("a@xn--fsqu00a.xn--55qx5d", ["xn--fsqu00a.xn--55qx5d"], None),
            ("a@qq.com", ["example.org"], None),
        ],
    )  # fmt: skip
    def test_domain(self, address, shared, domain) -> None:
        assert company_domain(address, shared) == domain

    def test_it_joins_nobody_and_is_nobodys_name(self) -> None:
        assert names(MIXED) == [("乙示例", ["p1", "p2", "p3", "p4"])]  # what it was before somebody said so
        assert names(MIXED, ["example.org"]) == [("乙示例", ["p2", "p4"]), ("甲示例", ["p1"])]
        assert companies(MIXED, ["example.org"])[0].domains == ("yi.example",)

    def test_how_many_people_are_there(self) -> None:
        assert people_at(MIXED, ["example.org", "park.example.org", "yi.example", "nobody.example"]) == {
            "example.org": 3, "park.example.org": 1, "yi.example": 1, "nobody.example": 0,
        }  # fmt: skip

    @given(st.lists(st.sampled_from(["example.org", "park.example.org", "yi.example"]), max_size=3))
    def test_naming_more_never_joins_more(self, shared) -> None:
        def pairs(found) -> set[tuple[str, str]]:
            return {(one, two) for _name, group in found for one in group for two in group}

        assert pairs(names(MIXED, shared)) <= pairs(names(MIXED))


class TestSettings:
    @pytest.mark.parametrize("written", ["example.org", " @Example.ORG ", ".example.org", "ＥＸＡＭＰＬＥ.org"])
    def test_in_any_spelling(self, make_workspace, written) -> None:
        settings = make_workspace(extra=f'[leads]\nshared_domains = ["{written}"]\n').settings
        assert settings.leads.shared_domains == ("example.org",)

    @pytest.mark.parametrize(
        "written", ["example.org", "@example.org", "example.org.", ".Example.org", "例子.中国", "-x.org", "x-.org", "x.y",
                    "org", "a@example.org", "x" * 64 + ".org", "http://example.org"]
    )  # fmt: skip
    def test_all_settings_read_a_domain_alike(self, written) -> None:
        def read(section, key):
            try:
                return getattr(section.model_validate({key: (written,)}), key)
            except ValidationError as error:
                return [each["msg"] for each in error.errors()]

        shared = read(LeadSettings, "shared_domains")
        assert read(DomainSettings, "disposable") == read(DomainSettings, "not_disposable") == shared

    def test_in_chinese(self, make_workspace) -> None:
        settings = make_workspace(extra='[leads]\nshared_domains = ["例子.中国"]\n').settings
        assert settings.leads.shared_domains == ("xn--fsqu00a.xn--fiqs8s",)

    @pytest.mark.parametrize("written", ["", "org", "a@b@example.org", "示例公司", "exa mple.org", "x" * 70 + ".org"])
    def test_what_is_no_domain_is_named(self, workspace, written) -> None:
        path = workspace.folder / "contentops.toml"
        path.write_text(path.read_text() + f'[leads]\nshared_domains = ["example.org", "{written}"]\n')
        with pytest.raises(SettingsInvalid, match="no domain of e-mail addresses"):
            load_settings(workspace.folder)


@pytest.fixture
def crowd(make_workspace):
    """A workspace with five people, three of whom share an industrial park's domain; ``extra`` are settings."""

    def make(extra: str = ""):
        workspace = make_workspace(extra=extra)
        now = workspace.now()
        given_people = [("甲示例", "a@example.org"), ("乙示例", "b@example.org"), ("丙示例", "c@mail.example.org"),
                        ("丁示例", "d@ding.example"), ("", "e@qq.com")]  # fmt: skip
        for number, (company, address) in enumerate(given_people):
            own = f"{number:032x}"
            values = {"id": own, "person_id": own, "name": f"张{number}", "company": company, "email": address}
            with workspace.store.write() as session:
                session.add(Contact.model_validate({**values, "created_at": now, "changed_at": now}))
                session.flush()
                session.add(ContactKey.model_validate({"value": f"mail:{address}", "contact_id": own}))
        return workspace

    return make


class TestCommands:
    def test_a_domain_that_joins_many_names_is_pointed_out(self, crowd, run_cli) -> None:
        workspace = crowd()
        code, out, err = run_cli("-w", workspace.folder, "lead", "companies")
        assert (code, len(out.splitlines())) == (0, 1 + 2)
        assert "example.org" in err
        assert "leads.shared_domains" in err
        assert "ding.example" not in err

    def test_one_that_is_named_is_shown_and_joins_nobody(self, crowd, run_cli) -> None:
        workspace = crowd('[leads]\nshared_domains = ["example.org"]\n')
        code, out, err = run_cli("-w", workspace.folder, "lead", "companies")
        assert (code, len(out.splitlines()), "example.org" in out) == (0, 1 + 4, False)
        assert "example.org (3)" in err
        assert len(json.loads(run_cli("-w", workspace.folder, "lead", "companies", "--json")[1])) == 4
        code, _out, err = run_cli("-w", workspace.folder, "lead", "company", "a@mail.example.org")
        assert (code, "leads.shared_domains" in err) == (5, True)
        with pytest.raises(Conflict):
            workspace.leads.people.company("example.org")
        assert len(workspace.leads.people.company("甲示例").members) == 1
