"""The columns of our own sheets, in both languages: what is written is what is understood when it comes back."""

from dataclasses import dataclass

from contentops.models import MilestoneState
from contentops.texts import LANGUAGES, use_language
from contentops.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    Attributes:
        key: the field. en, zh: headers. width: in characters. editable: whether a change of it comes back.
    """

    key: str
    en: str
    zh: str
    width: int
    editable: bool = False

    def header(self, language: str) -> str:
        """Return the header in a language."""
        return self.zh if language.startswith("zh") else self.en


COLUMNS = (
    Column("uid", "ID", "编号", 18),
    Column("day", "Date", "日期", 12, editable=True),
    Column("weekday", "Weekday", "星期", 10),
    Column("lane", "Lane", "类别", 12),
    Column("name", "What", "事项", 22),
    Column("title", "Title", "标题", 40),
    Column("kind", "Kind", "类型", 16),
    Column("role", "Role", "角色", 18),
    Column("person", "Person", "负责人", 12),
    Column("hours", "Hours", "工时", 8),
    Column("state", "State", "状态", 10, editable=True),
    Column("channel", "Channel", "渠道", 12),
    Column("format", "Format", "形式", 12),
    Column("asset", "Asset", "资产", 36),
    Column("url", "Link", "链接", 40),
    Column("modified", "Modified", "修改时间", 20),
    Column("revision", "Revision", "版本", 8),
)


def state_name(state: MilestoneState) -> str:
    """Return the name of a milestone's state in the current language."""
    return {
        MilestoneState.DUE: _("due"),
        MilestoneState.DONE: _("done"),
        MilestoneState.DROPPED: _("dropped"),
    }[state]


def named_states() -> dict[str, MilestoneState]:
    """Return every name that a state goes by, in lower case: its key and its names in both languages."""
    found = {str(state): state for state in MilestoneState}
    for language in LANGUAGES:
        with use_language(language):
            found |= {state_name(state).casefold(): state for state in MilestoneState}
    return found
