"""What `contentops init` writes into a new workspace."""

import json
import os
import secrets
from pathlib import Path

from contentops.errors import AlreadyExists, InvalidArgument, Problem, WorkspaceError
from contentops.settings import FILE_NAME
from contentops.texts import gettext as _

SETTINGS = """\
# The settings of this workspace. Each can be set by a variable as well: CONTENTOPS_CAPTURE__PER_MINUTE=20.
# 本工作区的设置。每一项也可以用环境变量设置。全部设置见 docs/settings.md。
# `contentops config show` says each value and where it came from. Secrets do not belong here.

name = {name}                 # shown on pages and as the calendar's name  品牌或团队名称
language = "zh-CN"            # of texts that do not say theirs  默认语言
time_zone = "Asia/Shanghai"   # in which dates are meant  时区
public_url = "http://127.0.0.1:8000"   # address of the site, for links  网站地址

database_url = "sqlite:///contentops.db"   # or postgresql://user@host/name

[[sources]]                   # folders of Markdown; more may follow  内容文件夹
path = "content"              # the kind is the folder's name: content/whitepaper/…
# kind = "best_practice"      # for files that no folder and no rule gives one
# language = "auto"           # or "letters", or one tag for all
# keys = {{ title = ["title", "title_zh"] }}
# [[sources.rules]]           # the first rule that matches gives the kind
# path = '^blog/.*release'    # a regular expression
# where = {{ tags = "security" }}
# kind = "whitepaper"

[calendar]
country = "CN"                # whose public holidays count; own days go into holidays.toml  节假日所属国家
# roles = {{ presales = "DE-BY" }}   # a role that works elsewhere  在其他国家或地区工作的角色

[capacity]                    # hours per role in a week of five working days  每周可用工时
hours_per_week = 30
# roles = {{ presales = 4, ops = 60 }}

# [mail]                      # without a host, mail to visitors lies in out/mail as .eml files  邮件
# host = "smtp.example.com"   # the password: CONTENTOPS_MAIL__PASSWORD
# sender = "hello@example.com"

[site]
theme = "calm"
brand_color = "#0b5c5c"
tagline = ""                  # headline of the index page; or {{ zh-CN = "…", en = "…" }}  首页标题

[privacy]                     # what the privacy notice says (PIPL art. 17, GDPR art. 13)
controller = ""               # the company's full name; or one per language  公司全称
contact = ""                  # for questions, access and erasure  联系方式
retention_months = 24
"""

GITIGNORE = """\
# The database, its backups, the built site, kept files and the signing key stay out of version control.
/.contentops/
/contentops.db*
/site
/out/
/backups/
"""

README = {
    "content": "# content\n\nMarkdown files, one folder per kind: `content/whitepaper/my-paper/index.zh.md`.\n",
    "templates": "# templates\n\nA file here takes the place of the theme's file of this name: `calm/landing.html`.\n",
    "calendar": "# calendar\n\nA `<kind>.toml` here takes the place of the shipped standard of that kind.\n"
    "`cadence.toml` holds recurring series, `columns.toml` the columns of plans that were imported.\n",
}


def make_workspace(folder: Path, name: str) -> None:
    """Write the files of a new workspace, and a new signing key that only its owner may read.

    Raises:
        AlreadyExists: there is a workspace already. WorkspaceError: the folder cannot be written.
        InvalidArgument: no name.
    """
    if not 0 < len(name) <= 100 or not name.isprintable():
        raise InvalidArgument([Problem("name", _("1 to 100 characters are needed"))])
    if (folder / FILE_NAME).exists():
        raise AlreadyExists(_("workspace"), str(folder))
    try:
        for part, text in README.items():
            (folder / part).mkdir(parents=True, exist_ok=True)
            # Not .md: sync would take it for content.
            _write_new(folder / part / "README.txt", text)
        _write_new(folder / ".gitignore", GITIGNORE)
        make_secret_key(folder / ".contentops" / "secret_key")
        # Last, because this file is what makes the folder a workspace.
        _write_new(folder / FILE_NAME, SETTINGS.format(name=json.dumps(name, ensure_ascii=False)))
    except OSError as error:
        raise WorkspaceError(
            _("cannot write {path}: {reason}").format(path=error.filename or folder, reason=error.strerror)
        ) from error


def make_secret_key(path: Path) -> None:
    """Write a new random key unless there is one."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123
        file.write(secrets.token_urlsafe(48) + "\n")


def _write_new(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, encoding="utf-8")
