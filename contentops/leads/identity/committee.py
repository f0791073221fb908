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
from functools import cache, lru_cache

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


def _pattern(step: Iterable[str]) -> re.Pattern[str]:
    """Find the longest word at every place; Latin words as whole words (CTO is not in director)."""
    words = sorted(step, key=len, reverse=True)
    latin = (re.escape(word) for word in words if word.isascii())
    chinese = (re.escape(word) for word in words if not word.isascii())
    return re.compile(rf"(?=((?<![a-z0-9])(?:{'|'.join(latin)})(?![a-z0-9])|{'|'.join(chinese)}))")


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(map(_pattern, _STEPS))


def persona_of(job_title: str, asked_for: Iterable[Sequence[str]]) -> Seen:
    """Return which persona somebody seems to be, and why.

    Args:
        job_title: in Chinese or English. asked_for: of each asset they asked for the personas it speaks to.
    """
    return (_by_title(job_title) if job_title else None) or _by_assets(asked_for)


@lru_cache(maxsize=4096)
def _by_title(job_title: str) -> Seen | None:
    title = " ".join(re.sub(r"[^\w]+", " ", unicodedata.normalize("NFKC", job_title).casefold()).split())
    title = _GRADE.sub("", title)
    for step, pattern in zip(_STEPS, _patterns(), strict=True):
        found = [(match.end(1) - match.start(1), match.start(1), match[1]) for match in pattern.finditer(title)]
        if found:
            # The longest; of those of one length the last, which in Chinese is what the others only qualify.
            word = max(found)[2]
            return Seen(step[word], Because.TITLE, word)
        if step is _STEPS[0] and _BOSS.fullmatch(title):
            return Seen(DECISION_MAKER, Because.TITLE, "总")
    return None


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
