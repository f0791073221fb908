"""Which column of a list of people means what: by its header, or as somebody said. Pure rules."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contentops.errors import InvalidArgument, Problem, SheetInvalid, did_you_mean
from contentops.leads.sheets.choices import one_of
from contentops.tables.headers import Headed, Words, find_header, meaning
from contentops.tables.reading import Table
from contentops.texts import gettext as _

SKIP = "skip"
"""What a column is mapped to that is not to be read."""
ANSWER = "answer."
_ANSWER = re.compile(r"answer\.[a-z][a-z0-9_]{0,39}")
CONTACTS = ("email", "phone", "wecom")
"""Of these, a row has one at least."""

# Without blanks and punctuation, in lower case.
_WORDS: dict[str, tuple[str, ...]] = {
    "name": (
        "name", "fullname", "contactname", "customername", "姓名", "名字", "联系人", "联系人姓名", "客户名称",
        "客户姓名", "参会人", "参会人姓名", "嘉宾姓名", "访客姓名",
    ),
    "company": (
        "company", "companyname", "organisation", "organization", "employer", "公司", "公司名称", "企业", "企业名称",
        "公司企业", "单位", "单位名称", "工作单位", "所在公司", "所属企业", "客户企业", "客户公司",
    ),
    "job_title": ("jobtitle", "position", "jobrole", "职位", "职务", "岗位", "头衔"),
    "email": ("email", "mail", "emailaddress", "电子邮件", "电子邮箱", "邮箱", "邮箱地址", "邮件", "邮件地址"),
    "phone": (
        "phone", "phonenumber", "mobile", "mobilephone", "mobilenumber", "cellphone", "tel", "telephone", "手机",
        "手机号", "手机号码", "手机电话", "电话", "电话号码", "联系电话", "联系手机",
    ),
    "wecom": ("wecom", "wecomid", "externaluserid", "外部联系人id", "企业微信外部联系人", "企业微信id", "企微id"),
    "at": (
        "at", "date", "time", "createdat", "registeredat", "registrationtime", "since", "addedat", "signedupat",
        "时间", "日期", "添加时间", "报名时间", "登记时间", "签到时间", "创建时间", "提交时间", "填写时间", "首次时间",
    ),
    "source": ("source", "utmsource", "firstsource", "来源", "渠道", "添加渠道", "来源渠道", "渠道来源", "首次来源"),
    "medium": ("medium", "utmmedium", "firstmedium", "媒介", "首次媒介"),
    "campaign": ("campaign", "utmcampaign", "firstcampaign", "活动", "活动名称", "营销活动", "首次活动"),
    "term": ("term", "utmterm", "firstterm", "关键词", "首次关键词"),
    "content": ("content", "utmcontent", "firstcontent", "首次版本"),
    "offline_code": ("offlinecode", "线下代码", "展会代码", "活动代码"),
    "asset": ("asset", "assetslug", "slug", "资产", "资料", "领取资料", "索取资料"),
    "language": ("language", "assetlanguage", "语言"),
    "consent": (
        "consent", "marketingconsent", "maybecontacted", "optin", "同意", "是否同意", "同意营销", "同意联系",
        "是否同意联系", "可联系",
    ),
    "tags": ("tags", "labels", "标签", "客户标签", "企业标签"),
}  # fmt: skip
# Forms mark what must be filled in within the header itself.
WORDS: Words = {
    name: (*words, *(word + mark for word in words for mark in ("必填", "选填", "required")))
    for name, words in _WORDS.items()
}
FIELDS = tuple(_WORDS)


@dataclass(frozen=True, slots=True)
class Mapped:
    """Which header means what in one table.

    Attributes:
        headed: the table and its header. fields: field → header. unused: headers that are not read.
    """

    headed: Headed
    fields: Mapping[str, str]
    unused: tuple[str, ...]


def mapped(tables: Iterable[Table], said: Mapping[str, str], source: str) -> list[Mapped]:
    """Return what the columns of each table mean; tables that name no way to reach anybody are left out.

    Args:
        said: header → field or :data:`SKIP`, over what headers are called. source: name of the file.

    Raises:
        SheetInvalid: no table can be read, or a header in `said` is in none.
    """
    tables = list(tables)
    contacts = [header for header, name in said.items() if name in CONTACTS]
    found = [
        headed for table in tables if (headed := find_header(table, WORDS, CONTACTS, [[each] for each in contacts]))
    ]
    if not found:
        message = _("no column holds e-mail addresses, phone numbers or WeCom ids; say which: --map HEADER=phone")
        raise SheetInvalid([Problem(source, message if tables else _("is empty"))])
    there = {header for headed in found for header in headed.headers}
    problems = [Problem(found[0].table.name, _no_column(header, there)) for header in said if header not in there]
    if problems:
        raise SheetInvalid(problems)
    return [_mapped(headed, said) for headed in found]


def _mapped(headed: Headed, said: Mapping[str, str]) -> Mapped:
    fields = {said[header]: header for header in headed.headers if said.get(header, SKIP) != SKIP}
    for header in headed.headers:
        name = None if header in said else meaning(header, WORDS)
        if name is not None and name not in fields:
            fields[name] = header
    unused = tuple(header for header in headed.headers if header and header not in fields.values())
    return Mapped(headed, fields, unused)


def _no_column(header: str, known: Iterable[str]) -> str:
    return _("no column is called '{header}'").format(header=header) + did_you_mean(header, known)


def check_fields(said: Mapping[str, str], option: str) -> None:
    """Make sure that columns are mapped to fields that there are.

    Raises:
        InvalidArgument: with every field that is none.
    """
    wrong = [name for name in said.values() if name not in (*FIELDS, SKIP) and not _ANSWER.fullmatch(name)]
    several = sorted({name for name in said.values() if name != SKIP and [*said.values()].count(name) > 1})
    problems = [Problem(option, one_of(name, (*FIELDS, "answer.KEY", SKIP))) for name in wrong]
    message = _("two columns cannot both be '{name}'")
    problems += [Problem(option, message.format(name=name)) for name in several]
    if problems:
        raise InvalidArgument(problems)


def read_mapping(content: bytes, name: str) -> dict[str, str]:
    """Return the columns that a TOML file maps: a table ``[columns]`` of header = field.

    Raises:
        InvalidArgument: it cannot be read, or has something else in it.
    """
    try:
        tables: Any = tomllib.loads(content.decode("utf-8-sig"))
        said: dict[str, Any] = tables.pop("columns", {})
        wrong = [*tables, *(header for header, text in said.items() if not isinstance(text, str))]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise InvalidArgument([Problem(name, _("cannot be read: {reason}").format(reason=error))]) from error
    if wrong or not said:
        message = _('write a table [columns] with lines such as "手机号" = "phone"; not understood: {keys}')
        raise InvalidArgument([Problem(name, message.format(keys=_(", ").join(map(str, wrong)) or "–"))])
    check_fields(said, name)
    return said
