"""People of one company: by the domain of their addresses and by the name they state. Pure rules."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contentops.leads.identity.committee import PERSONAS, Seen
from contentops.leads.identity.domains import company_domain
from contentops.leads.identity.keys import MAIL, kind_of
from contentops.leads.identity.wordlists import LEGAL_ENDINGS, NO_COMPANY

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
    text = unicodedata.normalize("NFKC", name).casefold()
    text = _BRANCH.sub("", _outside_brackets(text).strip())
    words = _WORD.findall(_ABBREVIATED.sub(lambda found: found[0].replace(".", ""), text))
    if "".join(words) in NO_COMPANY:  # before endings are taken off: 个人公司
        return ""
    while len(words) > 1 and words[-1] in LEGAL_ENDINGS:
        words.pop()
    key = "".join(words)
    while key != (shorter := _CHINESE_ENDING.sub("", key)):
        key = shorter
    return "" if key in NO_COMPANY else key


def companies(members: Iterable[Member]) -> list[Company]:
    """Return the companies, the one with most people first.

    A domain and a stated name that stand on one contact join their groups; people at free-mail providers belong where
    their stated name says. Who has neither belongs to no company.
    """
    known_by = [(member, [_marks(affiliation) for affiliation in member.affiliations]) for member in members]
    groups = _Groups()
    for _member, contacts in known_by:
        for marks in contacts:
            groups.join(marks)
    people: dict[str, list[Member]] = {}
    for member, contacts in known_by:
        mark = next((marks[0] for marks in contacts if marks), None)
        if mark is not None:
            people.setdefault(groups.root(mark), []).append(member)
    made = [_company(each) for each in people.values()]
    return sorted(made, key=lambda company: (-len(company.members), company.name))


def _outside_brackets(text: str) -> str:
    """Return text without what stands in brackets; all of it where nothing else is left."""
    bare = text
    for _depth in range(5):
        bare, count = _BRACKETS.subn("", bare)
        if not count:
            break
    return bare if _WORD.search(bare) else text


def _marks(affiliation: tuple[str, tuple[str, ...]]) -> list[str]:
    """Return what a contact's company is known by; a domain cannot be taken for a name."""
    stated, keys = affiliation
    domains = (company_domain(key.partition(":")[2]) for key in keys if kind_of(key) == MAIL)
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


def _company(members: Sequence[Member]) -> Company:
    stated: Counter[str] = Counter()
    domains: Counter[str] = Counter()
    for member in members:
        for affiliation in member.affiliations:
            if company_key(affiliation[0]):
                stated[" ".join(affiliation[0].split())] += 1
            domains.update({mark[1:] for mark in _marks(affiliation) if mark.startswith("@")})
    names, known = _usual_first(stated), _usual_first(domains)
    present = {member.seen.persona for member in members}
    return Company(
        name=(names or known)[0],
        names=names,
        domains=known,
        members=tuple(sorted(members, key=lambda member: (member.name, member.person_id))),
        missing=tuple(persona for persona in PERSONAS if persona not in present),
    )


def _usual_first(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(counted, key=lambda each: (-counted[each], each)))
