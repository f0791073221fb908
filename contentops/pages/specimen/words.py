"""What specimens say, in Chinese or English; the long text is in text.zh.md and text.en.md beside this file."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from contentops.pages.markup import convert
from contentops.pages.material.bodies import scrollable

Say = Callable[[str, str], str]
"""Takes Chinese and English, returns the one of the page's language."""

UNBROKEN = "https://www.example.com/" + "a-very-long-address-without-any-blank-" * 3 + "end"
LONG_ZH = (
    "在多工厂、多班组、多语言的复杂生产环境中，如何把分散在纸质表格、聊天记录与老师傅经验里的点检标准，"
    "整理成一套新人看得懂、班组用得上、审计查得到、三年以后仍然有人维护，并且能随设备改造一同更新的“活”文件（示例）？"
)
LONG_EN = (
    "How to turn inspection standards that are scattered over paper forms, chat histories and the memories of "
    "experienced colleagues into one living document that newcomers understand, crews use and auditors find"
)


def is_chinese(language: str) -> bool:
    """Return whether specimens in a language speak Chinese."""
    return language.lower().partition("-")[0] == "zh"


def sayer(language: str) -> Say:
    """Return what chooses between Chinese and English."""
    chinese = is_chinese(language)
    return lambda zh, en: zh if chinese else en


@cache
def long_text(language: str) -> str:
    """Return the HTML of a text with everything that Markdown has, made as every page's text is."""
    name = "text.zh.md" if is_chinese(language) else "text.en.md"
    return scrollable(convert((Path(__file__).parent / name).read_text(encoding="utf-8")), language)
