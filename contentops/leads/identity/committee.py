"""Which persona of a buying committee somebody is: by job title, else by what they asked for. Pure rules.

The four personas and what each wants are section 4 of the domain: a user wants ease, an influencer prepared answers, a
messenger collects and passes on, a decision maker asks for advantage, price and security.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contentops.leads.identity.wordlists import ASSISTANTS, DECIDING, INFLUENCING, PASSING_ON, USING

USER, INFLUENCER, MESSENGER, DECISION_MAKER = PERSONAS = ("user", "influencer", "messenger", "decision_maker")
"""The personas of a buying committee."""


class Because(StrEnum):
    """What a persona is concluded from."""

    TITLE = "title"
    ASSETS = "assets"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Seen:
    """Which persona somebody seems to be.

    Attributes:
        persona: one of :data:`PERSONAS`, or empty where nothing says. because: what says so.
        word: the word of the job title; for assets how many of those they asked for are written for it.
    """

    persona: str
    because: Because
    word: str = ""


# Step by step; in a step the longest word decides. A purchasing director is first of all a director.
_STEPS: tuple[dict[str, str], ...] = (
    dict.fromkeys(ASSISTANTS, MESSENGER),
    {**dict.fromkeys(DECIDING, DECISION_MAKER), **dict.fromkeys(INFLUENCING, INFLUENCER)},
    {**dict.fromkeys(PASSING_ON, MESSENGER), **dict.fromkeys(USING, USER)},
)
# 王总, 李总: how people in China call who runs a company; 总 alone is in many other words.
_BOSS = re.compile(r"[^\W副]{1,2}总")
# An assistant engineer is a young engineer and assists nobody.
_GRADE = re.compile(r"(?:助理|assistant )(?=工程师|技师|技术员|经理|engineer|manager|director|professor)")


def persona_of(job_title: str, asked_for: Iterable[Sequence[str]]) -> Seen:
    """Return which persona somebody seems to be, and why.

    Args:
        job_title: in Chinese or English. asked_for: of each asset they asked for the personas it speaks to.
    """
    title = " ".join(re.sub(r"[^\w]+", " ", unicodedata.normalize("NFKC", job_title).casefold()).split())
    title = _GRADE.sub("", title)
    for table in _STEPS:
        found = [word for word in table if _stands_in(word, title)]
        if found:
            # The longest; of those of one length the last, which in Chinese is what the others only qualify.
            word = max(found, key=lambda each: (len(each), title.rfind(each), each))
            return Seen(table[word], Because.TITLE, word)
        if table is _STEPS[0] and _BOSS.fullmatch(title):
            return Seen(DECISION_MAKER, Because.TITLE, "总")
    return _by_assets(asked_for)


def _stands_in(word: str, title: str) -> bool:
    """Latin words as whole words (CTO is not in director), Chinese ones anywhere: there are no blanks between them."""
    return word in title if not word.isascii() else f" {word} " in f" {_spaced(title)} "


def _spaced(title: str) -> str:
    return re.sub(r"([^\x00-\x7f]+)", r" \1 ", title).replace("  ", " ")


def _by_assets(asked_for: Iterable[Sequence[str]]) -> Seen:
    votes: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for personas in asked_for:
        own = [persona for persona in dict.fromkeys(personas) if persona in PERSONAS]
        for persona in own:
            votes[persona] += 12 // len(own)  # one vote an asset, in twelfths
            counts[persona] += 1
    best = votes.most_common(2)
    if not best or (len(best) > 1 and best[0][1] == best[1][1]):
        return Seen("", Because.NOTHING)
    persona = best[0][0]
    return Seen(persona, Because.ASSETS, str(counts[persona]))
