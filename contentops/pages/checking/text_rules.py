"""What is wrong with the words, headings and pictures of one page. Pure rules."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from unicodedata import east_asian_width

from contentops.pages.checking.findings import Finding, finding
from contentops.pages.checking.page_source import PageSource
from contentops.texts import gettext as _
from contentops.texts import ngettext

TITLE_WIDTH = (10, 60)
"""Narrowest and widest title, in half-width letters; about 60 is what a search result shows on one line."""
DESCRIPTION_WIDTH = (50, 160)
"""Narrowest and widest description, in half-width letters; about 160 is what a search result shows on two lines."""
DISCOUNT_STAGE = "shortlisting"
"""The journey stage at which a discount is a word to somebody who already wants to buy (DOMAIN.md, section 4)."""

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a page besides its text.

    Attributes:
        title, description: as the page shows them. title_key, description_key: where the front matter says them.
        stages: journey stages that the asset serves.
        words: further words of the front matter that the page shows, by where they stand: promise, button, facts.
        unreadable: pictures beside the text, as the text names them, whose size cannot be read.
    """

    title: str
    description: str = ""
    stages: tuple[str, ...] = ()
    title_key: KeyPath = ("title",)
    description_key: KeyPath = ("description",)
    words: Mapping[KeyPath, str] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()


def text_findings(source: PageSource, facts: Facts) -> list[Finding]:
    """Return what is wrong with the text of a page, by line."""
    rules = (title, description, pictures, headings, placeholders, discounts)
    return sorted(found for rule in rules for found in rule(source, facts))


def width(text: str) -> int:
    """Return how wide a text is in half-width letters: Han characters and full-width signs are two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def title(source: PageSource, facts: Facts) -> Iterator[Finding]:
    """Yield that a title is too short to say anything or too long to be seen whole."""
    least, most = TITLE_WIDTH
    wide = width(facts.title.strip())
    if least <= wide <= most:
        return
    message = _("the title is {wide} letters wide (a Han character is two): {title}")
    advice = _("make it {least} letters or more: say what it is about and for whom").format(least=least)
    if wide > most:
        advice = _("search results show about {most}: put what matters first and cut the rest").format(most=most)
    line = source.key_line(facts.title_key)
    yield finding("title-length", source.path, line, message.format(wide=wide, title=facts.title), advice)


def description(source: PageSource, facts: Facts) -> Iterator[Finding]:
    """Yield that a description is missing, too short or too long."""
    least, most = DESCRIPTION_WIDTH
    wide = width(facts.description.strip())
    if least <= wide <= most:
        return
    line = source.key_line(facts.description_key)
    if not wide:
        advice = _("write one or two sentences in the front matter: description: …")
        yield finding("missing-description", source.path, line, _("the page has no description"), advice)
        return
    message = _("the description is {wide} letters wide (a Han character is two)").format(wide=wide)
    advice = _("say in {least} to {most} letters what the reader gets").format(least=least, most=most)
    yield finding("description-length", source.path, line, message, advice)


def pictures(source: PageSource, facts: Facts) -> Iterator[Finding]:
    """Yield pictures without words or without a size.

    An empty ``alt=""`` in raw HTML says on purpose that a picture is decoration; in Markdown it was forgotten.
    """
    for image in source.images:
        if image.alt is None or (not image.alt and not image.raw):
            message = _("the picture {src} does not say what it shows").format(src=image.src)
            advice = _('write ![what it shows](…); for pure decoration <img src="…" alt="">')
            yield finding("image-without-alt", source.path, image.line, message, advice)
        if image.has_size:
            continue
        if re.match(r"(?:https?:)?//", image.src, re.IGNORECASE):
            message = _("the picture {src} is fetched from a host: the page shows a link in its place").format(
                src=image.src
            )
            advice = _("put the picture beside the text")
            yield finding("image-without-size", source.path, image.line, message, advice)
        elif image.src in facts.unreadable:
            message = _("the size of the picture {src} cannot be read").format(src=image.src)
            advice = _("save it again as PNG, JPEG, WebP or SVG, or give width and height in raw HTML")
            yield finding("image-without-size", source.path, image.line, message, advice)


def headings(source: PageSource, _facts: Facts) -> Iterator[Finding]:
    """Yield further headings of the first level, and headings that leave a level out; the title is the first level."""
    before = 1
    for heading in source.headings:
        given = {"text": heading.text, "level": heading.level, "before": before, "wanted": before + 1}
        if heading.level == 1:
            message = _("'{text}' is a second heading of the first level; the title is the first").format(**given)
            yield finding("second-h1", source.path, heading.line, message, _("write it with ##"))
        elif heading.level > before + 1:
            message = _("'{text}' is of level {level} right below level {before}").format(**given)
            advice = _("make it level {wanted}, or add the heading that is missing above it").format(**given)
            yield finding("heading-jump", source.path, heading.line, message, advice)
        before = heading.level


_CLASS = r"[^\W_\u3400-\u9fff]"  # letters and digits but Han: XXX in XXXL is no placeholder, in XXX公司 it is
_PLACEHOLDERS = re.compile(
    "|".join(
        (
            r"(?i:lorem[ \n]+ipsum|dolor[ \n]+sit[ \n]+amet)",
            rf"(?<!{_CLASS})(?:TODO|TBD|FIXME|X{{3,}})(?!{_CLASS})",
            r"\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{1,200}%\}",
            r"(?i:\[[ ]?(?:your[ ]\w|insert\b|placeholder\b)[^\]\n]{0,60}\])",
            r"(?i:\[[ ]?(?:company|product|customer|client|person)[ ](?:name|logo)[^\]\n]{0,60}\])",
            r"Your Company(?: Name)?|(?i:your company name)",
            r"(?<!有)待补充|(?<!有)待完善|此处(?:填写|插入|补充)|(?:示例|占位)文[字本]|请在此(?:处)?(?:输入|填写)",
            r"(?<![期等对接看优招])待定(?![时期位向义点做制])",
            r"【[^】\n]{0,20}(?<![等接期招看])待[^】\n]{0,20}】",
        )
    )
)


def placeholders(source: PageSource, facts: Facts) -> Iterator[Finding]:
    """Yield text that was meant to be replaced, once a line; code is passed over."""
    seen = set()
    for line, text in _occurrences(_PLACEHOLDERS, source, facts):
        if (line, text) not in seen:
            seen.add((line, text))
            message = _("'{text}' looks like text that somebody meant to replace").format(text=text)
            advice = _("write what belongs there, or make it `code` if it is meant")
            yield finding("placeholder-text", source.path, line, message, advice)


# Words inside other words are kept out: 有限时间, 超限时, 独特价值, 建立减排, 重返现场; and so are other meanings:
# 税收优惠 is law, 大打折扣 an idiom, a discount rate mathematics, "we had limited time" no offer.
_DISCOUNTS = re.compile(
    "|".join(
        (
            r"(?<!打)折扣|打折(?!扣)|(?<!税收)(?<!税务)优惠|(?<![独奇])特价(?!值)|(?<![有超上下期权年极界时])限时(?![间长刻])",
            r"(?<![建独成设确树])立减(?![排少碳轻速])|(?<!圆)满减|(?<!重)返现(?![场有])",
            rf"(?i:(?<!{_CLASS})discounts?(?![ \n]+(?:rate|factor))(?!{_CLASS}))",
            rf"(?i:(?<!{_CLASS})discounted[ \n]+(?:price|rate|plan|fee|licen[cs]e|offer|subscription)s?(?!{_CLASS}))",
            rf"(?i:(?<!{_CLASS})(?:coupons?|promo(?:tion(?:al)?)?[ \n]+codes?|special[ \n]+offers?)(?!{_CLASS}))",
            rf"(?i:\d[ ]?%[ \n]+off(?!{_CLASS}))",
            rf"(?i:(?<!{_CLASS})limited(?:-time|[ \n]time[ \n](?:offer|deal|discount|price|only))(?!{_CLASS}))",
        )
    )
)


def discounts(source: PageSource, facts: Facts) -> Iterator[Finding]:
    """Yield words of discount, each once with how often it stands there, unless the asset is for shortlisting."""
    if DISCOUNT_STAGE in facts.stages:
        return
    found = [(line, text.casefold()) for line, text in _occurrences(_DISCOUNTS, source, facts)]
    counts = Counter(text for _line, text in found)
    first = {text: line for line, text in sorted(found, reverse=True)}
    for text, line in first.items():
        sentence = ngettext(
            "'{text}' speaks of a discount, and the asset is not for the stage {stage}",
            "'{text}' speaks of a discount, {n} times, and the asset is not for the stage {stage}",
            counts[text],
        )
        message = sentence.format(text=text, n=counts[text], stage=DISCOUNT_STAGE)
        advice = _("leave it out, or set contentops.stages to [{stage}]").format(stage=DISCOUNT_STAGE)
        yield finding("discount-words", source.path, line, message, advice)


def _occurrences(pattern: re.Pattern[str], source: PageSource, facts: Facts) -> Iterator[tuple[int, str]]:
    """Yield line and text of what a pattern finds in the front matter's words and in the body."""
    front = {facts.title_key: facts.title, facts.description_key: facts.description, **facts.words}
    for key, words in front.items():
        for match in pattern.finditer(words):
            yield source.key_line(key), " ".join(match[0].split())
    for match in pattern.finditer(source.prose):
        yield source.line_at(match.start()), " ".join(match[0].split())
