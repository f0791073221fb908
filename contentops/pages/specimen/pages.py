"""The contexts of specimens: which template gets what."""

from dataclasses import replace
from typing import Any

from markupsafe import Markup

from contentops.pages.contract import (
    Card,
    Form,
    Group,
    Handover,
    HeroSection,
    Link,
    Offer,
    Page,
    Section,
    Series,
    Site,
    TextSection,
)
from contentops.pages.specimen import drawings
from contentops.pages.specimen.blocks import Blocks
from contentops.pages.specimen.forms import Forms
from contentops.pages.specimen.personal import personal
from contentops.pages.specimen.words import LONG_EN, LONG_ZH, UNBROKEN, long_text, sayer

Context = dict[str, Any]


def contexts(site: Site) -> dict[str, tuple[str, Context]]:
    """Return the name of each specimen → its template and what that gets.

    Args:
        site: in whose language and with whose brand.
    """
    return _Specimens(site).all()


class _Specimens:
    """Puts the blocks together."""

    def __init__(self, site: Site) -> None:
        self.site, self.say = site, sayer(site.language)
        self.blocks = Blocks(self.say, site.brand_color)
        self.forms = Forms(self.say)

    def all(self) -> dict[str, tuple[str, Context]]:
        """Return every specimen."""
        return {
            "landing": ("landing.html", self._landing()),
            "landing-form-below": ("landing.html", self._form_below()),
            "landing-errors": ("landing.html", self._errors()),
            "landing-open": ("landing.html", self._open()),
            "landing-partial": ("landing.html", self._partial()),
            "landing-long": ("landing.html", self._long()),
            "landing-short": ("landing.html", self._short()),
            "content": ("content.html", self._content()),
            "content-short": ("content.html", self._content_short()),
            "thanks": ("thanks.html", self._thanks()),
            "thanks-text": ("thanks.html", self._thanks_text()),
            "thanks-no-handover": ("thanks.html", self._no_handover()),
            "index": ("index.html", self._index(7)),
            "index-one": ("index.html", self._index(1)),
            "index-empty": ("index.html", self._index(0)),
            "privacy": ("privacy.html", self._privacy()),
            "message": ("message.html", self._message()),
            **personal(self.site),
        }

    def _landing(self) -> Context:
        blocks = self.blocks
        sections = (
            blocks.hero(has_form=True),
            blocks.benefits(),
            blocks.contents(),
            blocks.for_whom(),
            blocks.numbers(),
            blocks.proof(),
            blocks.author(),
            blocks.faq(),
            blocks.related(),
        )
        return self._asset(sections, self.forms.empty(), self._page())

    def _form_below(self) -> Context:
        """The form at a place of its own, a cover that lies, a team with a logo; sections without headings."""
        blocks = self.blocks
        page = self._page()
        hero = replace(blocks.hero(), picture=drawings.cover(self.site.brand_color, page.title, lying=True))
        text = TextSection("text", "text", "", (), Markup(self._paragraphs(2)))  # noqa: S704 - our own words
        proof, faq = (replace(section, title="", text=()) for section in (blocks.proof(), blocks.faq()))
        sections = (hero, blocks.for_whom(), text, proof, blocks.form_place(), faq)
        logo = drawings.mark(self.say("联巡云示例", "Made-up Ltd"), 240).url
        form = replace(self.forms.empty(), title="")
        return {**self._asset(sections, form, page), "site": replace(self.site, logo=logo)}

    def _errors(self) -> Context:
        blocks = self.blocks
        return self._asset((blocks.hero(has_form=True), blocks.contents()), self.forms.wrong(), self._page())

    def _open(self) -> Context:
        blocks = self.blocks
        text = TextSection(
            "text", "text", self.say("正文", "The text"), (self.say("引言。", "A word before."),), self._body()
        )
        return self._asset(
            (blocks.hero(), blocks.numbers(), text, blocks.author(), blocks.related()), None, self._page()
        )

    def _partial(self) -> Context:
        blocks = self.blocks
        text = TextSection("text", "text", body=Markup(self._paragraphs(3)), closed=4)  # noqa: S704 - our own words
        context = self._asset(
            (blocks.hero(has_form=True), text, blocks.author(), blocks.related()), self.forms.empty(), self._page()
        )
        offer = replace(context["offer"], button=self.say("阅读全文", "Read it all"))
        return {**context, "offer": offer, "page": self._in_series(context["page"])}

    def _long(self) -> Context:
        """Longer than anybody should write, and words that cannot be broken."""
        blocks, long = self.blocks, self.say(LONG_ZH, LONG_EN)
        page = replace(
            self._page(),
            title=long,
            authors=tuple(self.say("示例作者", "Example Author") + str(n) for n in range(1, 9)),
        )
        hero = replace(blocks.hero(has_form=True), title=long, text=(long, UNBROKEN))
        related = replace(
            blocks.related(), cards=(replace(self._card(1), title=long, description=long + UNBROKEN),) * 2
        )
        offer = replace(self._offer(), promise=long, subtitle=long, button=long[:40], facts=(long[:60], UNBROKEN[:40]))
        sections = (hero, *blocks.stretched(long, UNBROKEN), related)
        context = self._asset(sections, self.forms.stretched(long, UNBROKEN), page)
        site = replace(
            self.site,
            name=self.say("名字特别特别长的示例科技（集团）股份有限公司", "The Made-up Company With a Long Name Ltd"),
        )
        return {**context, "offer": offer, "site": site}

    def _short(self) -> Context:
        """As little as there can be."""
        title = self.say("点检", "Hi")
        page = Page(title=title)
        form = self.forms.short()
        hero = HeroSection("hero", "top", title, has_form=True)
        return {
            "site": self.site,
            "page": page,
            "offer": Offer(title, "", self.say("领取", "Get")),
            "sections": (hero,),
            "form": form,
        }

    def _content(self) -> Context:
        page = replace(self._in_series(self._page()), cover=drawings.cover(self.site.brand_color, "", lying=True))
        return {"site": self.site, "page": page, "body": self._body(), "related": self._cards(3)}

    def _content_short(self) -> Context:
        page = Page(title=self.say("问答", "FAQ"), kind=self.say("问答", "Question"), minutes=1)
        body = Markup("<p>{}</p>").format(self.say("可以。", "Yes."))
        return {"site": self.site, "page": page, "body": body, "related": ()}

    def _thanks(self) -> Context:
        say = self.say
        name = say("设备点检手册（示例）.pdf", "inspection-handbook-example.pdf")
        until = say("2026年12月1日", "1 December 2026")
        return {
            **self._plain(say("谢谢！手册已经备好", "Thank you! Your handbook is ready")),
            "text": (say("建议先看第三章，再和班组一起改一张表。", "Begin with chapter three."),),
            "handover": Handover("#download", name, "1.4 MB", until, times=3),
            "next_steps": self.forms.next_steps(),
            "related": self._cards(2),
        }

    def _thanks_text(self) -> Context:
        """After a partly gated text: a link to the whole of it, and one thing to do."""
        say = self.say
        return {
            **self._plain(say("谢谢", "Thank you")),
            "handover": Handover("#whole", "", "", say("2026年12月1日", "1 December 2026")),
            "next_steps": self.forms.next_steps()[-1:],
        }

    def _no_handover(self) -> Context:
        """The page opened again later; a code alone, without a link."""
        code = replace(self.forms.next_steps()[0], url="", button="")
        return {**self._plain(self.say("谢谢", "Thank you")), "next_steps": (code,)}

    def _index(self, count: int) -> Context:
        say = self.say
        title = say("把设备管理这件事讲明白（示例）", "Equipment care, explained (a specimen)")
        names = (
            say("白皮书与公开课", "White papers and classes"),
            say("解决方案", "Solutions"),
            say("最佳实践", "Best practice"),
        )
        groups = tuple(Group(name, self._cards(count)) for name in names[: 1 if count == 1 else 3] if count)
        languages = (Link(say("English", "中文"), "#", say("en", "zh-CN")),) if count else ()
        page = replace(self._own_page(title), canonical="https://www.example.com/")
        return {"site": self.site, "page": page, "groups": groups, "languages": languages}

    def _privacy(self) -> Context:
        say = self.say
        paragraphs = (
            (
                say("谁收到您的资料", "Who receives your data"),
                say(
                    "联巡云（示例）科技有限公司，联系方式：privacy@example.com。",
                    "The Made-up Company Ltd – contact: privacy@example.com.",
                ),
            ),
            (
                say("保存多久", "How long"),
                say(
                    "自最后一次联系起 24 个月，或到您要求删除为止。",
                    "24 months after the last contact, or until you ask us to delete it.",
                ),
            ),
        )
        return {"site": self.site, "page": self._own_page(say("隐私说明", "Privacy notice")), "paragraphs": paragraphs}

    def _message(self) -> Context:
        say = self.say
        heading = say("这个链接已经过期", "This link has expired")
        return {
            "site": self.site,
            "page": self._own_page(heading),
            "heading": heading,
            "text": say("请重新填写表单，即可拿到新的链接。", "Fill in the form again to get a new one."),
            "link": Link(say("回到表单", "Back to the form"), "#form"),
        }

    def _plain(self, heading: str) -> Context:
        page = self._own_page(heading)
        return {
            "site": self.site,
            "page": page,
            "heading": heading,
            "text": (),
            "handover": None,
            "next_steps": (),
            "asset_title": self._page().title,
            "back": "#form",
            "related": (),
        }

    def _asset(self, sections: tuple[Section, ...], form: Form | None, page: Page) -> Context:
        return {"site": self.site, "page": page, "offer": self._offer(), "sections": sections, "form": form}

    def _offer(self) -> Offer:
        return self.blocks.offer()

    def _page(self) -> Page:
        return self.blocks.page(self.site)

    def _own_page(self, title: str) -> Page:
        return Page(title=title, description=self.say("示例页面", "A specimen"))

    def _in_series(self, page: Page) -> Page:
        say = self.say
        parts = (
            Link(say("第一篇：先看清现状", "Part one: see where you are"), "#1", self.site.language),
            Link(
                say(
                    "第二篇：写一份能执行的标准，并且让每一个班组都说得出它为什么这样写",
                    "Part two: write a standard that can be followed, and let each crew say why it is as it is",
                ),
                "#2",
                self.site.language,
                current=True,
            ),
            Link(say("第三篇：让异常有人接手", "Part three: somebody takes over"), "#3", self.site.language),
        )
        return replace(page, series=Series(say("点检三部曲（示例）", "Inspection in three parts (a specimen)"), parts))

    def _card(self, number: int) -> Card:
        return self.blocks.card(number)

    def _cards(self, count: int) -> tuple[Card, ...]:
        return tuple(self._card(number) for number in range(count))

    def _body(self) -> Markup:
        html = long_text(self.site.language)
        shown = drawings.diagram(self.site.brand_color, "")
        size = f'src="{shown.url}" width="{shown.width}" height="{shown.height}"'
        return Markup(html.replace('src="diagram.svg"', size))  # noqa: S704 - cleaned, and our own picture

    def _paragraphs(self, parts: int) -> str:
        text = self.say(
            "<p>点检表天天有人填，设备还是说停就停。翻开记录，几天前就有人写过“有异响”。看见了，却没有人接手：这正是本文要谈的问题"
            "（示例文字）。</p>",
            "<p>The forms are filled in every day, and still the machine stops. Somebody had written “noise” "
            "days before. It was seen, and nobody took over: this is what the text is about (a specimen).</p>",
        )
        heading = self.say("第 {} 步", "Step {}")
        return "".join(f'<h2 id="step-{n}">{heading.format(n)}</h2>{text * 2}' for n in range(1, parts + 1))
