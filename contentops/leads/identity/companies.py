"""People of one company: by the domain of their addresses and by the name they state. Pure rules."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from contentops.leads.identity.committee import PERSONAS, Seen
from contentops.leads.identity.domains import company_domain, is_within
from contentops.leads.identity.keys import MAIL, kind_of
from contentops.leads.identity.wordlists import LEGAL_ENDINGS, NO_COMPANY

_MANY_NAMES = 3
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|\{[^{}]*\}|<[^<>]*>")
_BRANCH = re.compile(r"(?<=公司).{1,12}?(?:分公司|办事处|分部|分厂)$")
_CHINESE_ENDING = re.compile(r"(?:股份有限公司|有限责任公司|有限公司|股份公司|总公司|公司|集团|控股)$")
_ABBREVIATED = re.compile(r"\b(?:\w\.){2,}")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Member:
    """One person as they belong to companies.

    Attributes:
        affiliations: of each of their contacts the stated company and the e-mail keys.
        seen: which persona of a buying committee they are, and why.
    """

    person_id: str
    name: str
    job_title: str
    affiliations: tuple[tuple[str, tuple[str, ...]], ...]
    seen: Seen


@dataclass(frozen=True, slots=True)
class Company:
    """People of one company.

    Attributes:
        name: as most of them write it; the domain where nobody states one. names: all spellings, the usual one first.
        domains: of their e-mail addresses. members: by name. missing: personas that none of them is known to be.
    """

    name: str
    names: tuple[str, ...]
    domains: tuple[str, ...]
    members: tuple[Member, ...]
    missing: tuple[str, ...]


def company_key(name: str) -> str:
    """Return a company's name for comparison; empty where it names none.

    Left out: width, case, blanks, punctuation, what stands in brackets, a branch's name, legal endings:
    ``联巡云（示例）科技有限公司`` and ``联巡云科技`` are one, ``Example Co., Ltd.`` and ``EXAMPLE`` as well.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return _stem(_outside_brackets(text)) or _stem(text)  # all of it where the name itself stands in brackets


def companies(members: Iterable[Member], shared: Collection[str] = ()) -> list[Company]:
    """Return the companies, the one with most people first.

    A domain and a stated name that stand on one contact join their groups; people at free-mail providers belong where
    their stated name says. Who has neither belongs to no company.

    Args:
        shared: domains that are no company's own.
    """
    known_by = [(member, [(_marks(each, shared), each[0]) for each in member.affiliations]) for member in members]
    groups = _Groups()
    for _member, contacts in known_by:
        for marks, _stated in contacts:
            groups.join(marks)
    found: dict[str, _Found] = {}
    for member, contacts in known_by:
        roots = [groups.root(marks[0]) for marks, _stated in contacts if marks]
        if not roots:
            continue
        company = found.setdefault(roots[0], _Found())
        company.members.append(member)
        # Of somebody who was at two companies, only what belongs to this one.
        for marks, stated in contacts:
            if marks and groups.root(marks[0]) == roots[0]:
                company.stated.update([" ".join(stated.split())] if company_key(stated) else [])
                company.domains.update(mark[1:] for mark in marks if mark.startswith("@"))
    made = [_company(each) for each in found.values()]
    return sorted(made, key=lambda each: (-len(each.members), each.name, each.members[0].person_id))


def people_at(members: Iterable[Member], domains: Collection[str]) -> dict[str, int]:
    """Return for each of some domains how many people have an address there, or below it."""
    found: Counter[str] = Counter()
    for member in members:
        own = {key.rpartition("@")[2] for _name, keys in member.affiliations for key in keys if kind_of(key) == MAIL}
        found.update(domain for domain in domains if any(is_within(each, domain) for each in own))
    return {domain: found[domain] for domain in domains}


def looks_shared(company: Company) -> bool:
    """Return whether a domain probably is no company's own: it joins people who state three companies or more."""
    return bool(company.domains) and len({company_key(name) for name in company.names}) >= _MANY_NAMES


def _stem(text: str) -> str:
    text = _BRANCH.sub("", text.strip())
    words = _WORD.findall(_ABBREVIATED.sub(lambda found: found[0].replace(".", ""), text))
    if "".join(words) in NO_COMPANY:  # before endings are taken off: 个人公司
        return ""
    while len(words) > 1 and words[-1] in LEGAL_ENDINGS:
        words.pop()
    key = "".join(words)
    while key != (shorter := _CHINESE_ENDING.sub("", key)):
        key = shorter
    return "" if key in NO_COMPANY else key


def _outside_brackets(text: str) -> str:
    for _depth in range(5):
        text, count = _BRACKETS.subn("", text)
        if not count:
            break
    return text


def _marks(affiliation: tuple[str, tuple[str, ...]], shared: Collection[str]) -> list[str]:
    """Return what a contact's company is known by; a domain cannot be taken for a name."""
    stated, keys = affiliation
    domains = (company_domain(key.partition(":")[2], shared) for key in keys if kind_of(key) == MAIL)
    marks = [f"@{domain}" for domain in domains if domain]
    key = company_key(stated)
    return [*marks, key] if key else marks


class _Groups:
    """Things that belong together, joined pair by pair (union-find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, mark: str) -> str:
        self._above.setdefault(mark, mark)
        while (above := self._above[mark]) != mark:
            self._above[mark] = self._above[above]
            mark = above
        return mark

    def join(self, marks: Sequence[str]) -> None:
        for other in marks[1:]:
            first, second = sorted((self.root(marks[0]), self.root(other)))
            self._above[second] = first


@dataclass(frozen=True, slots=True)
class _Found:
    members: list[Member] = field(default_factory=list)
    stated: Counter[str] = field(default_factory=Counter)
    domains: Counter[str] = field(default_factory=Counter)


def _company(found: _Found) -> Company:
    names, domains = _usual_first(found.stated), _usual_first(found.domains)
    present = {member.seen.persona for member in found.members}
    return Company(
        name=(names or domains)[0],
        names=names,
        domains=domains,
        members=tuple(sorted(found.members, key=lambda member: (member.name, member.person_id))),
        missing=tuple(persona for persona in PERSONAS if persona not in present),
    )


def _usual_first(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(counted, key=lambda each: (-counted[each], each)))
