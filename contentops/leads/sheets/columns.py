"""The columns of lists of leads, in both languages: what is written is what is understood when it comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        key: of the row. en, zh: headers. width: in characters.
    """

    key: str
    en: str
    zh: str
    width: int = 14

    def header(self, headers: "Headers") -> str:
        """Return the header in a language, or the key."""
        return {Headers.EN: self.en, Headers.ZH: self.zh}.get(headers, self.key)


class Headers(StrEnum):
    """How columns are headed: in English, in Chinese, or by their keys."""

    EN = "en"
    ZH = "zh"
    KEYS = "keys"


COLUMNS = (
    Column("lead_id", "Lead ID", "线索编号", 34),
    Column("asset", "Asset", "资产", 28),
    Column("title", "Title", "标题", 36),
    Column("language", "Language", "语言", 8),
    Column("name", "Name", "姓名", 14),
    Column("company", "Company", "公司", 26),
    Column("job_title", "Job title", "职位", 16),
    Column("email", "E-mail", "邮箱", 28),
    Column("phone", "Phone", "电话", 18),
    Column("wecom", "WeCom ID", "企业微信外部联系人", 20),
    Column("created_at", "Since", "首次时间", 19),
    Column("last_at", "Last time", "最近时间", 19),
    Column("origin", "Origin", "来源方式", 10),
    Column("confirmed", "Address confirmed", "地址已确认", 12),
    Column("disposable", "Disposable mailbox", "一次性邮箱", 10),
    Column("no_mail", "Takes no mail", "邮箱收不到信", 10),
    Column("mixed_letters", "Letters that look alike", "域名混用形近字母", 10),
    Column("stopped", "Nothing is sent", "停发", 10),
    Column("marketing_consent", "May be contacted", "可联系", 10),
    Column("consent_email", "Consent: e-mail", "同意：邮件", 12),
    Column("consent_phone", "Consent: phone", "同意：电话", 12),
    Column("consent_wecom", "Consent: WeCom", "同意：企业微信", 12),
    Column("first_source", "First source", "首次来源"),
    Column("first_medium", "First medium", "首次媒介"),
    Column("first_campaign", "First campaign", "首次活动", 18),
    Column("first_term", "First term", "首次关键词"),
    Column("first_content", "First content", "首次版本"),
    Column("first_referrer", "First referrer", "首次引荐域名", 18),
    Column("first_landing", "First landing page", "首次落地页", 26),
    Column("last_source", "Last source", "最近来源"),
    Column("last_medium", "Last medium", "最近媒介"),
    Column("last_campaign", "Last campaign", "最近活动", 18),
    Column("sources", "All sources", "全部来源", 30),
    Column("click_ids", "Click IDs", "点击编号", 20),
    Column("code", "Link code", "链接代码", 12),
    Column("offline_code", "Offline code", "线下代码", 14),
    Column("touches", "Touches", "触点数", 8),
    Column("downloads", "Downloads", "下载次数", 8),
)
"""What is known of a lead; answers to questions of one's own follow, a column each."""

KEYS = tuple(column.key for column in COLUMNS)

ANSWER = "answer."
"""How the keys of columns with answers begin."""


def columns_of(questions: Mapping[str, str]) -> list[Column]:
    """Return all columns of a file.

    Args:
        questions: key of each question of one's own → what stood above it.
    """
    return [*COLUMNS, *(Column(ANSWER + key, label or key, label or key, 20) for key, label in questions.items())]
