"""The pieces of specimens: sections, forms, cards, next steps; every field of the contract is filled in somewhere."""

from dataclasses import replace

from contentops.pages.contract import (
    AuthorSection,
    Card,
    ConsentBox,
    FaqSection,
    Field,
    Figure,
    Form,
    HeroSection,
    Item,
    Link,
    NextStep,
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
            promise=say("用一份可落地的点检标准，把非计划停机压下去", "Cut unplanned stops with a standard that crews can follow"),
            subtitle=say("写给工厂设备负责人的手册：可以照着做的表格和步骤。", "A handbook of forms and steps for those who run machines."),
            button=say("免费获取手册", "Get the handbook"),
            facts=("PDF", say("28 页", "28 pages"), say("15 分钟", "15 minutes"), "1.4 MB"),
        )  # fmt: skip

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
        return NumbersSection("numbers", "numbers-5", say("几个数字", "In figures"), (), figures)

    def proof(self) -> ProofSection:
        """Return marks and two quotes."""
        say = self.say
        logos = tuple(drawings.mark(name) for name in ("Alpha Ltd", "Beta Co", "Gamma", "Delta AG"))
        quotes = (
            Quote((say("以前表填得很满，机器照样停。现在谁发现、谁接手、几点关，一眼就看得到。",
                       "Our forms were full and the machines stopped all the same. Now we see who found it and who has it."),),
                  say("王示例", "Example Wang"), say("设备经理，某示例汽车零部件厂", "maintenance manager, a made-up plant")),
            Quote((say("班组自己改的标准，才会照着做。", "Crews follow the standard that they wrote."),
                   say("这是最大的变化。", "That was the change.")), say("李示例", "Example Lee")),
        )  # fmt: skip
        return ProofSection("proof", "proof-6", say("谁在使用", "Who works with it"), (), logos, quotes)

    def author(self) -> AuthorSection:
        """Return two people, one of them with a portrait."""
        say = self.say
        story = say("在车间里改过三百多张点检表（示例）。", "Has rewritten three hundred forms (a specimen).")
        chan = Person(
            say("陈示例", "Example Chan"), say("客户成功经理", "customer success"), (story,),
            drawings.portrait(self.color, say("陈示例的头像", "Portrait of Example Chan")),
        )  # fmt: skip
        people = (chan, Person(say("内容组", "The editors")))
        return AuthorSection("author", "author-7", say("由谁编写", "Who wrote it"), (), people)

    def faq(self) -> FaqSection:
        """Return questions and answers."""
        say = self.say
        items = (
            Item(say("需要留下什么信息？", "What do I have to leave?"),
                 (say("手机号或邮箱，留一个即可。", "An e-mail address or a phone number; one is enough."),)),
            Item(say("留了联系方式，会有人打电话来吗？", "Will somebody call me?"),
                 (say("不会。", "No."), say("只有您另外勾选，同事才会联系。", "Only if you tick the second box."))),
            Item(say("可以转给同事吗？", "May I hand it on?"), (say("可以在公司内部转发。", "Yes, inside your company."),)),
        )  # fmt: skip
        return FaqSection("faq", "faq-8", say("常见问题", "Questions and answers"), (), items)

    def related(self) -> RelatedSection:
        """Return what to read next."""
        return RelatedSection(
            "related", "related-9", self.say("继续阅读", "Read next"), (), tuple(map(self.card, range(3)))
        )

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
            "Standards, routes, findings and numbers, step by step, each chapter with a form to fill in; all numbers made up.",
        )  # fmt: skip
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

    def next_steps(self) -> tuple[NextStep, ...]:
        """Return one of each type."""
        say = self.say
        qr = drawings.code(say("二维码（示例，不能扫描）", "QR code (specimen, leads nowhere)"))
        return (
            NextStep("wecom", say("添加企业微信", "Add us on WeCom"), say("长按或扫码，备注“点检”，可领取模板。",
                     "Scan it, say “inspection”, and get the forms."), "https://example.com/wecom",
                     say("打开企业微信", "Open WeCom"), picture=qr),
            NextStep("open_class", say("来听公开课", "Come to the open class"), say("45 分钟，可以提问。", "45 minutes, with questions."),
                     "https://example.com/class", say("预约席位", "Reserve a place"), say("12 月 3 日（周四）15:00",
                     "Thursday, 3 December, 15:00")),
            NextStep("call", say("和我们聊聊", "Talk to us"), "", "tel:+861000000000", "010-0000 0000"),
            NextStep("link", say("下一篇：排一条路线", "Next: plan a route"), "", "https://example.com/next", say("打开", "Open")),
        )  # fmt: skip

    def form(self) -> Form:
        """Return an empty form with every type of field."""
        say = self.say
        either = say("手机或邮箱，填一个即可", "E-mail or phone, one is enough")
        return Form(
            action="#sent",
            title=say("填写后立即下载", "Fill in and download"),
            fields=(
                Field("name", say("姓名", "Name"), "text", "name", required=True, limit=100),
                Field("company", say("公司", "Company"), "text", "organization", required=False, limit=200),
                Field("email", say("邮箱", "E-mail"), "email", "email", required=False, limit=254, hint=either),
                Field("phone", say("手机", "Phone"), "tel", "tel", required=False, limit=40),
                Field("plants", say("有几个工厂？", "How many plants?"), "select", "off", required=False, limit=300,
                      options=(say("1 个", "One"), say("2–5 个", "2 to 5"), say("5 个以上", "More than 5"))),
            ),
            consents=(
                ConsentBox("consent_delivery", say("同意按隐私说明使用我的资料，用于发送本手册。",
                           "You may use my details to hand me this handbook, as the privacy notice says."), required=True),
                ConsentBox("consent_marketing", say("同意就相关内容与我联系，可随时撤回。",
                           "You may contact me about related content. I can withdraw this at any time."), required=False),
            ),
            hidden=(("notice", "0"), ("utm_source", "specimen")),
            honeypot="website_url_confirm",
        )  # fmt: skip

    def wrong_form(self) -> Form:
        """Return a form that came back: what was typed is kept, each mistake is said twice."""
        say, form = self.say, self.form()
        name, company, email, phone, plants = form.fields
        invalid, choose = (
            say("看起来不对，请检查", "this does not look right, please check it"),
            say("请选择", "please choose"),
        )
        tick = say(
            "请勾选此项，否则我们不能把手册发给您", "please tick this box, otherwise we may not hand you the handbook"
        )
        fields = (
            replace(name, value=say("张三", "Example Zhang")), company, replace(email, value="zhang@example", error=invalid),
            replace(phone, value="12345", error=invalid),
            replace(plants, required=True, value=plants.options[1], error=choose),
        )  # fmt: skip
        delivery, marketing = form.consents
        wrong = [(field.label, field.error, field.name) for field in fields if field.error]
        errors = tuple(Link(say("{}：{}", "{}: {}").format(label, text), f"#{at}") for label, text, at in wrong)
        return replace(
            form,
            fields=fields,
            consents=(replace(delivery, error=tick), replace(marketing, checked=True)),
            errors=(*errors, Link(tick, "#consent_delivery")),
        )

    def short_form(self) -> Form:
        """Return the shortest form."""
        form = self.form()
        return replace(
            form, title="", fields=(replace(form.fields[2], required=True, hint=""),), consents=form.consents[:1]
        )

    def stretched_form(self, long: str, unbroken: str) -> Form:
        """Return a form whose words are too long."""
        form = self.form()
        fields = tuple(replace(f, label=long[:70], hint=long, error=long[:80], value=unbroken) for f in form.fields)
        fields = (*fields[:-1], replace(fields[-1], options=(long, unbroken), value=long))
        return replace(
            form, title=long, fields=fields, consents=tuple(replace(c, wording=long * 2) for c in form.consents)
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
