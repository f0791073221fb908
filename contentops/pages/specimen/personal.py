"""Specimens of the pages behind personal links."""

from typing import Any

from contentops.pages.contract import Choice, Field, Link, Page, Preferences, Question, Site
from contentops.pages.specimen.words import LONG_EN, LONG_ZH, UNBROKEN, sayer


def personal(site: Site) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the name of each specimen → its template and what that gets."""
    say = sayer(site.language)

    def shown(heading: str, **context: Any) -> dict[str, Any]:
        return {"site": site, "page": Page(title=heading), "heading": heading, **context}

    confirm = shown(
        say("确认您的邮箱（示例）", "Confirm your address (a specimen)"),
        text=(say("点一下按钮即可。", "One press of the button is enough."),),
        question=Question("#form", say("确认", "Confirm")),
    )
    email = Field("email", say("邮箱", "E-mail"), "email", "email", required=True, limit=254)
    wrong = Field(
        "email",
        say("邮箱", "E-mail"),
        "email",
        "email",
        required=True,
        limit=254,
        value="zhang@example",
        error=say("看起来不对，请检查", "this does not look right, please check it"),
    )
    way_back = Link(say("回到表单", "Back to the form"), "#form")
    again = say("再要一次链接（示例）", "Ask for the link again (a specimen)")
    heading = say("您的联系偏好（示例）", "Your preferences (a specimen)")
    return {
        "ask": ("ask.html", confirm),
        "ask-field": ("ask.html", shown(again, text=(), question=Question("#form", again, email, way_back))),
        "ask-wrong": ("ask.html", shown(again, text=(), question=Question("#form", again, wrong, way_back))),
        "preferences": ("preferences.html", shown(heading, preferences=_usual(site))),
        "preferences-long": ("preferences.html", shown(heading, preferences=_long(site))),
        "preferences-empty": ("preferences.html", shown(heading, preferences=Preferences("#form", "", ()))),
    }


def _usual(site: Site) -> Preferences:
    say = sayer(site.language)
    choices = (
        Choice(
            "marketing.email",
            say(
                "同意通过邮件就相关内容与我联系，可随时撤回。", "You may write to me. I can withdraw this at any time."
            ),
            checked=True,
            note=say("自 2026年11月21日起", "Since 21 November 2026"),
        ),
        Choice(
            "marketing.phone",
            say("同意通过电话与我联系，可随时撤回。", "You may call me. I can withdraw this at any time."),
        ),
    )
    return Preferences(
        "#form", "z***@example.cn", choices, (("notice", "0"),), saved=True, contact="privacy@example.com"
    )


def _long(site: Site) -> Preferences:
    long = sayer(site.language)(LONG_ZH, LONG_EN)
    choices = tuple(Choice(f"marketing.{n}", long + UNBROKEN, note=long) for n in range(3))
    return Preferences("#form", UNBROKEN, choices, error=long, contact=UNBROKEN)
