"""The pieces of specimens: heads, sections, cards; every field of the contract is filled in somewhere."""

from dataclasses import replace

from contentops.pages.contract import (
    AuthorSection,
    Card,
    FaqSection,
    Figure,
    HeroSection,
    Item,
    Link,
    NumbersSection,
    Offer,
    Page,
    Person,
    Picture,
    PointsSection,
    ProofSection,
    Quote,
    RelatedSection,
    Section,
    Site,
)
from contentops.pages.specimen import drawings
from contentops.pages.specimen.words import Say


class Blocks:
    """Makes the pieces in one language.

    Args:
        say: chooses the language. color: of the brand, for pictures.
    """

    def __init__(self, say: Say, color: str) -> None:
        self.say, self.color = say, color

    def page(self, site: Site) -> Page:
        """Return the head of an asset's page with everything in it."""
        say = self.say
        title = say("设备点检手册（示例）", "A handbook of equipment inspection (specimen)")
        here, other = site.language, say("en", "zh-CN")
        base = "https://www.example.com/"
        return Page(
            title=title,
            description=say("一份写给设备负责人的示例手册。", "A made-up handbook for those who look after machines."),
            canonical=f"{base}{here}/specimen/",
            kind=say("白皮书", "White paper"),
            date=say("2026年11月21日", "21 November 2026"),
            date_iso="2026-11-21",
            changed_iso="2026-11-22",
            authors=(say("陈示例", "Example Chan"), say("内容组", "Editors")),
            tags=(say("点检", "inspection"),),
            minutes=8,
            cover=drawings.cover(self.color, title),
            card=Picture(f"{base}card.png", 1200, 630, title),
            translations=(Link(say("English", "中文"), "#", other),),
            alternates=(Link("", f"{base}{here}/specimen/", here), Link("", f"{base}{other}/specimen/", other)),
            data={"@context": "https://schema.org", "@type": "Report", "name": title},
        )

    def offer(self) -> Offer:
        """Return an offer with everything in it."""
        say = self.say
        return Offer(
            promise=say(
                "用一份可落地的点检标准，把非计划停机压下去", "Cut unplanned stops with standards that crews follow"
            ),
            subtitle=say(
                "写给工厂设备负责人的手册：可以照着做的表格和步骤。",
                "A handbook of forms and steps for those who run machines.",
            ),
            button=say("免费获取手册", "Get the handbook"),
            facts=("PDF", say("28 页", "28 pages"), say("15 分钟", "15 minutes"), "1.4 MB"),
        )

    def hero(self, *, has_form: bool = False) -> HeroSection:
        """Return the first screen."""
        say, offer = self.say, self.offer()
        points = (
            Item(say("标准六要素，附改写前后对照", "Six parts of a standard, before and after")),
            Item(
                say("按后果定频次的方法", "How often, by consequence"),
                (say("附一张分级表。", "With a table of classes."),),
            ),
            Item(say("90 天落地计划", "A plan for 90 days")),
        )
        picture = drawings.cover(self.color, say("手册封面", "Cover of the handbook"))
        return HeroSection("hero", "top", offer.promise, (offer.subtitle,), points, picture, has_form)

    def benefits(self) -> PointsSection:
        """Return what the reader gains."""
        say = self.say
        items = (
            Item(
                say("少停机", "Fewer stops"),
                (say("异常在两小时内有人接手。", "Somebody takes over within two hours."),),
            ),
            Item(say("少填表", "Fewer forms"), (say("同一件事只写一遍。", "Each thing is written down once."),)),
            Item(say("新人上手快", "Newcomers learn fast"), (say("标准带图，照着做。", "Standards with pictures."),)),
            Item(say("审计查得到", "Auditors find it"), (say("每次改动都有记录。", "Each change is kept."),)),
        )
        lead = say("读完以后，您手里会有这些。", "What you have in hand when you have read it.")
        return PointsSection("benefits", "benefits-2", say("您将获得", "What you gain"), (lead,), items)

    def contents(self) -> PointsSection:
        """Return what is inside; some of it on the page, some not."""
        say = self.say
        items = (
            Item(say("先看清现状", "See where you are"), url="#for-whom-4"),
            Item(
                say("写一份能执行的标准", "Write a standard"), (say("六个要素，逐条对照。", "Six parts, one by one."),)
            ),
            Item(say("排一条 25 分钟的路线", "Plan a route of 25 minutes")),
            Item(say("让异常有人接手", "Let somebody take over"), (say("分级与时限。", "Classes and times."),)),
            Item(say("四个指标的算法和误读", "Four numbers, and how they mislead")),
        )
        return PointsSection("contents", "contents-3", say("内容目录", "What is inside"), (), items)

    def for_whom(self) -> PointsSection:
        """Return for whom it is."""
        say = self.say
        items = (
            Item(say("设备经理、维修主管", "Those who look after machines")),
            Item(
                say("负责数字化的厂长", "Plant managers"),
                (say("以及信息化负责人。", "And those who run their systems."),),
            ),
        )
        return PointsSection("for_whom", "for-whom-4", say("适合谁读", "For whom"), (), items)

    def numbers(self) -> NumbersSection:
        """Return three figures, all made up."""
        say = self.say
        source = say("示意数据", "made up")
        figures = (
            Figure("37%", say("非计划停机减少", "fewer unplanned stops"), source),
            Figure(say("2 小时", "2 hours"), say("异常接手时限", "until somebody takes over")),
            Figure("1,200+", say("已下载次数（示例）", "downloads (specimen)"), source),
        )
        return NumbersSection("numbers", "numbers-5", say("几个数字", "In figures"), (self._below(),), figures)

    def proof(self) -> ProofSection:
        """Return marks and two quotes."""
        say = self.say
        logos = tuple(drawings.mark(name) for name in ("Alpha Ltd", "Beta Co", "Gamma", "Delta AG"))
        quotes = (
            Quote(
                (
                    say(
                        "以前表填得很满，机器照样停。现在谁发现、谁接手、几点关，一眼就看得到。",
                        "Our forms were full, the machines stopped. Now we see who found it and who has it.",
                    ),
                ),
                say("王示例", "Example Wang"),
                say("设备经理，某示例汽车零部件厂", "maintenance manager, a made-up plant"),
            ),
            Quote(
                (
                    say("班组自己改的标准，才会照着做。", "Crews follow the standard that they wrote."),
                    say("这是最大的变化。", "That was the change."),
                ),
                say("李示例", "Example Lee"),
            ),
        )
        return ProofSection("proof", "proof-6", say("谁在使用", "Who works with it"), (self._below(),), logos, quotes)

    def author(self) -> AuthorSection:
        """Return two people, one of them with a portrait."""
        say = self.say
        story = say("在车间里改过三百多张点检表（示例）。", "Has rewritten three hundred forms (a specimen).")
        chan = Person(
            say("陈示例", "Example Chan"),
            say("客户成功经理", "customer success"),
            (story,),
            drawings.portrait(self.color, say("陈示例的头像", "Portrait of Example Chan")),
        )
        people = (chan, Person(say("内容组", "The editors")))
        return AuthorSection("author", "author-7", say("由谁编写", "Who wrote it"), (self._below(),), people)

    def faq(self) -> FaqSection:
        """Return questions and answers."""
        say = self.say
        items = (
            Item(
                say("需要留下什么信息？", "What do I have to leave?"),
                (say("手机号或邮箱，留一个即可。", "An e-mail address or a phone number; one is enough."),),
            ),
            Item(
                say("留了联系方式，会有人打电话来吗？", "Will somebody call me?"),
                (say("不会。", "No."), say("只有您另外勾选，同事才会联系。", "Only if you tick the second box.")),
            ),
            Item(
                say("可以转给同事吗？", "May I hand it on?"),
                (say("可以在公司内部转发。", "Yes, inside your company."),),
            ),
        )
        return FaqSection("faq", "faq-8", say("常见问题", "Questions and answers"), (self._below(),), items)

    def related(self) -> RelatedSection:
        """Return what to read next."""
        return RelatedSection(
            "related", "related-9", self.say("继续阅读", "Read next"), (self._below(),), tuple(map(self.card, range(3)))
        )

    def _below(self) -> str:
        return self.say("标题下面还可以有一句话。", "A sentence may stand below a heading.")

    def form_place(self) -> Section:
        """Return the form's own place."""
        say = self.say
        text = (say("文件马上就到，不必等邮件。", "You get the file at once; no need to wait for a mail."),)
        return Section("form", "place-of-form", say("领取手册", "Get the handbook"), text)

    def card(self, number: int) -> Card:
        """Return one of several cards: long and short, with and without date and description."""
        say = self.say
        titles = (
            say("设备点检数字化白皮书（示例）", "White paper on inspection (specimen)"),
            say(
                "一条路线 25 分钟走完：怎样安排点检顺序，才不会漏掉关键设备",
                "A route of 25 minutes that misses nothing",
            ),
            say("NFC 标签能用多久？", "How long do NFC tags last?"),
        )
        long = say(
            "从标准、路线、异常到指标，一步一步讲清楚，每一章都有一张可以直接填写的表格，文中的数字都是示意数据，用来演示算法。",
            "Standards, routes, findings and numbers, step by step; a form in each chapter; all made up.",
        )
        kinds = (say("白皮书", "White paper"), say("最佳实践", "Best practice"), say("问答", "Question"))
        day = say("2026年11月{}日", "{} November 2026").format(21 - number)
        which = number % 3
        return Card(
            titles[which],
            "" if which == 2 else long,
            f"#card-{number}",
            kinds[which],
            "" if which == 1 else day,
            which == 0,
        )

    def stretched(self, long: str, unbroken: str) -> tuple[Section, ...]:
        """Return sections whose words are too long."""
        items = (Item(long, (long, unbroken), "#top"), Item(unbroken))
        figures = (Figure("1,234,567,890", long[:40], long), Figure(long[:16], unbroken[:60]))
        quote = Quote((long, long), long[:40], long)
        return (
            replace(self.benefits(), title=long, items=items),
            replace(self.contents(), items=items * 7),
            replace(self.for_whom(), items=items),
            replace(self.numbers(), figures=figures),
            replace(self.proof(), logos=tuple(drawings.mark("Wide", 640) for _ in range(7)), quotes=(quote,)),
            replace(self.author(), people=(Person(long[:50], long, (long,), drawings.portrait(self.color, "")),)),
            replace(self.faq(), items=items),
        )
