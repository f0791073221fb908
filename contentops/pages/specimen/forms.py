"""The forms of specimens as visitors leave them, and what comes after."""

from dataclasses import replace

from contentops.pages.contract import ConsentBox, Field, Form, Link, NextStep
from contentops.pages.specimen import drawings
from contentops.pages.specimen.words import Say


class Forms:
    """Makes them in one language.

    Args:
        say: chooses the language.
    """

    def __init__(self, say: Say) -> None:
        self.say = say

    def next_steps(self) -> tuple[NextStep, ...]:
        """Return one of each type."""
        say = self.say
        qr = drawings.code(say("二维码（示例，不能扫描）", "QR code (specimen, leads nowhere)"))
        return (
            NextStep(
                "wecom",
                say("添加企业微信", "Add us on WeCom"),
                say("长按或扫码，备注“点检”，可领取模板。", "Scan it, say “inspection”, and get the forms."),
                "https://example.com/wecom",
                say("打开企业微信", "Open WeCom"),
                picture=qr,
            ),
            NextStep(
                "open_class",
                say("来听公开课", "Come to the open class"),
                say("45 分钟，可以提问。", "45 minutes, with questions."),
                "https://example.com/class",
                say("预约席位", "Reserve a place"),
                say("12 月 3 日（周四）15:00", "Thursday, 3 December, 15:00"),
            ),
            NextStep("call", say("和我们聊聊", "Talk to us"), "", "tel:+861000000000", "010-0000 0000"),
            NextStep(
                "link",
                say("下一篇：排一条路线", "Next: plan a route"),
                "",
                "https://example.com/next",
                say("打开", "Open"),
            ),
        )

    def empty(self) -> Form:
        """Return an empty form with every type of field."""
        say = self.say
        return Form(
            action="#sent",
            title=say("填写后立即下载", "Fill in and download"),
            fields=(
                Field("name", say("姓名", "Name"), "text", "name", required=True, limit=100),
                Field("company", say("公司", "Company"), "text", "organization", required=False, limit=200),
                Field(
                    "email",
                    say("邮箱", "E-mail"),
                    "email",
                    "email",
                    required=False,
                    limit=254,
                    hint=say("手机或邮箱，填一个即可", "E-mail or phone, one is enough"),
                ),
                Field("phone", say("手机", "Phone"), "tel", "tel", required=False, limit=40),
                Field(
                    "plants",
                    say("工厂数量", "Number of plants"),
                    "select",
                    "off",
                    required=False,
                    limit=300,
                    options=(say("1 个", "One"), say("2–5 个", "2 to 5"), say("5 个以上", "More than 5")),
                ),
            ),
            consents=self._consents(),
            hidden=(("notice", "0"), ("utm_source", "specimen")),
            honeypot="website_url_confirm",
        )

    def _consents(self) -> tuple[ConsentBox, ...]:
        say = self.say
        return (
            ConsentBox(
                "consent_delivery",
                say(
                    "同意按隐私说明使用我的资料，用于发送本手册。",
                    "You may use my details to hand me this handbook, as the privacy notice says.",
                ),
                required=True,
            ),
            ConsentBox(
                "consent_marketing",
                say(
                    "同意就相关内容与我联系，可随时撤回。",
                    "You may contact me about related content. I can withdraw this at any time.",
                ),
                required=False,
            ),
        )

    def wrong(self) -> Form:
        """Return a form that came back: what was typed is kept, each mistake is said twice."""
        say, form = self.say, self.empty()
        name, company, email, phone, plants = form.fields
        invalid, choose = (
            say("看起来不对，请检查", "this does not look right, please check it"),
            say("请选择", "please choose"),
        )
        tick = say(
            "请勾选此项，否则我们不能把手册发给您", "please tick this box, otherwise we may not hand you the handbook"
        )
        fields = (
            replace(name, value=say("张三", "Example Zhang")),
            company,
            replace(email, value="zhang@example", error=invalid),
            replace(phone, value="12345", error=invalid),
            replace(plants, required=True, value=plants.options[1], error=choose),
        )
        delivery, marketing = form.consents
        wrong = [(field.label, field.error, field.name) for field in fields if field.error]
        errors = tuple(Link(say("{}：{}", "{}: {}").format(label, text), f"#{at}") for label, text, at in wrong)
        return replace(
            form,
            fields=fields,
            consents=(replace(delivery, error=tick), replace(marketing, checked=True)),
            errors=(*errors, Link(tick, "#consent_delivery")),
        )

    def short(self) -> Form:
        """Return the shortest form."""
        form = self.empty()
        return replace(
            form, title="", fields=(replace(form.fields[2], required=True, hint=""),), consents=form.consents[:1]
        )

    def stretched(self, long: str, unbroken: str) -> Form:
        """Return a form whose words are too long."""
        form = self.empty()
        fields = tuple(replace(f, label=long[:70], hint=long, error=long[:80], value=unbroken) for f in form.fields)
        fields = (*fields[:-1], replace(fields[-1], options=(long, unbroken), value=long))
        return replace(
            form, title=long, fields=fields, consents=tuple(replace(c, wording=long * 2) for c in form.consents)
        )
