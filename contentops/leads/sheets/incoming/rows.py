"""A row of a list: what it says of a person, or all that is wrong with it. Pure rules."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from contentops.cells import formula_unsafe
from contentops.errors import SubmissionInvalid
from contentops.leads.identity.keys import ContactPoint, NotAContact, read_wecom
from contentops.leads.intake.submission import YES, Submitted, check
from contentops.leads.masking import recognisable
from contentops.leads.sheets.incoming.columns import ANSWER, Mapped
from contentops.leads.sheets.incoming.moments import read_moment
from contentops.pages.gate import COMPANY, EMAIL, JOB_TITLE, LIMITS, NAME, OWN_LIMIT, PHONE, GateForm
from contentops.pages.notice import DELIVERY
from contentops.tables.headers import cells_of
from contentops.tables.reading import Cell
from contentops.texts import gettext as _

TAGS = "tags"
_TEXTS = (NAME, COMPANY, JOB_TITLE, EMAIL, PHONE)
_CAMPAIGN = ("source", "medium", "campaign", "term", "content")
_YES = {"yes", "y", "true", "1", "是", "同意", "已同意", "√", "✓", "✔", "given"}
_TAKEN_BACK = {"withdrawn", "unsubscribed", "已撤回", "撤回", "已退订", "退订"}
_NO = {"no", "n", "false", "0", "否", "不同意", "拒绝", "×", "✗"}
_UNSAID = {"", "-", "–", "未同意", "pending", "to be confirmed", "待确认"}
# Our own column "may be contacted" says what follows from many words; its no is nobody's word.
_FOLLOWS = {"marketing_consent", "may be contacted", "可联系"}
OFFLINE_CODE = re.compile(r"[\w.-]{1,40}")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_NOBODY = "nobody@example.com"
_SOON = timedelta(days=1)

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Imported(Submitted):
    """What a row says of a person; like a form, with the id that WeCom gives them.

    Attributes:
        wecom: their external user id.
    """

    wecom: ContactPoint | None = None

    @property
    def points(self) -> tuple[ContactPoint, ...]:
        """The ways to recognise the person, the surest one first."""
        return tuple(point for point in (self.email, self.wecom, self.phone) if point is not None)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for rows that say nothing else.

    Attributes:
        asset: address of an asset. touch: source, medium, campaign, offline_code. zone: of times. now: the moment of
            the import. region: of phone numbers. has_apostrophes: whether the file may hold our own apostrophes (CSV).
    """

    asset: str
    touch: Mapping[str, str]
    zone: tzinfo
    now: datetime
    region: str
    has_apostrophes: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes:
        place: file, sheet and number, for people. number: as the program shows it. form: None where something is
            wrong. asset: address. at: when it happened; None: not said. says_yes: of the column of consents; None
            where there is none. says_no: whether it says no, or that they took it back.
            problems: all that is wrong. who: the name as the file has it, else an address masked, so that somebody
            finds a row that is wrong.
    """

    place: str
    number: int
    form: Imported | None
    asset: str
    at: datetime | None = None
    says_yes: bool | None = None
    says_no: bool = False
    problems: tuple[str, ...] = field(default=())
    who: str = ""


def read_rows(mapped: Mapped, defaults: Defaults) -> Iterator[Row]:
    """Yield the rows below the header, each checked like a visitor's form."""
    headed, last = mapped.headed, len(mapped.headed.headers)
    extra = {n: any(cell not in (None, "") for cell in row[last:]) for n, row in headed.table.rows}
    for number, cells in cells_of(headed, mapped.fields):
        place = _("{table} row {number}").format(table=headed.table.name, number=number)
        row = _Reader(cells, mapped.fields, defaults).row(place, number)
        if extra[number]:
            message = _("it has more cells than the header: a comma without quotation marks moves everything")
            row = replace(row, form=None, problems=(*row.problems, message))
        yield row


def content_key(row: Row, asset_id: str, consents: tuple[str, ...]) -> str:
    """Return the key by which the same row is known when it comes again: the hash of all that it says."""
    form = row.form
    assert form is not None  # noqa: S101 - asked for rows that are right
    said = [
        asset_id, form.name, form.company, [point.key for point in form.points], sorted(form.answers.items()),
        sorted(form.tracked.items()), row.at.isoformat() if row.at else "", consents,
    ]  # fmt: skip
    return "import:" + hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


class _Reader:
    def __init__(self, cells: Mapping[str, Cell], headers: Mapping[str, str], defaults: Defaults) -> None:
        self.cells, self.headers, self.defaults = cells, headers, defaults
        self.problems: list[str] = []

    def row(self, place: str, number: int) -> Row:
        form = self._form()
        at, (says_yes, says_no) = self._at(), self._says()
        asset = self._text("asset") or self.defaults.asset
        language = self._text("language")
        if asset and "/" not in asset and _LANGUAGE.fullmatch(language):  # as our own exports name it
            asset = f"{language}/{asset}"
        if not asset:
            self.problems.append(_("it names no asset; say --asset for all rows"))
        who = _short(self._text(NAME)) or recognisable(self._text(EMAIL) or self._text(PHONE))
        problems = tuple(self.problems)
        return Row(place, number, None if problems else form, asset, at, says_yes, says_no, problems, who)

    def _text(self, name: str) -> str:
        text = _plain(self.cells.get(name))
        return formula_unsafe(text) if self.defaults.has_apostrophes else text

    def _form(self) -> Imported | None:
        wecom, code = self._wecom(), self._text("offline_code") or self.defaults.touch.get("offline_code", "")
        if code and not OFFLINE_CODE.fullmatch(code):
            self._wrong("offline_code", _("'{text}' is no code: letters, digits, . - _").format(text=_short(code)))
        texts = {name: self._text(name) for name in _TEXTS}
        if not (texts[EMAIL] or texts[PHONE] or self._text("wecom")):
            self.problems.append(_("it has no e-mail address, no phone number and no WeCom id"))
            texts[EMAIL] = _NOBODY  # so that everything else is checked as well
        is_wecom_only = not (texts[EMAIL] or texts[PHONE])
        answers = {name.removeprefix(ANSWER): self._text(name) for name in self.headers if name.startswith(ANSWER)}
        answers |= {TAGS: self._text(TAGS)} if TAGS in self.headers else {}
        touch = {name: self._text(name) or self.defaults.touch.get(name, "") for name in _CAMPAIGN}
        pairs = {**texts, **answers, **{f"utm_{name}": text for name, text in touch.items()}, "offline_code": code}
        # A form needs an address; a row may do with an id of WeCom instead.
        pairs |= {EMAIL: _NOBODY} if is_wecom_only else {}
        gate = GateForm((*_TEXTS, *answers), frozenset())
        try:
            form = check({**pairs, f"consent_{DELIVERY}": YES}.items(), gate, self.defaults.region)
        except SubmissionInvalid as error:
            for name, wrong in error.codes.items():
                self._wrong(name if name in _TEXTS or name == TAGS else ANSWER + name, _why(name, wrong, pairs[name]))
            return None
        email = None if is_wecom_only else form.email
        typed = {name: text for name, text in form.typed.items() if not (is_wecom_only and name == EMAIL)}
        # What they agreed to is not what a form's boxes say.
        return Imported(form.name, form.company, email, form.phone, {}, form.tracked, form.flags,
                        answers=form.answers, typed=typed, wecom=wecom)  # fmt: skip

    def _wecom(self) -> ContactPoint | None:
        text = self._text("wecom")
        try:
            return read_wecom(text) if text else None
        except NotAContact:
            self._wrong("wecom", _("'{text}' is no id of WeCom").format(text=_short(text)))
            return None

    def _at(self) -> datetime | None:
        cell = self.cells.get("at")
        if cell is None or not _plain(cell):
            return None
        moment, why = read_moment(cell, self.defaults.zone)
        if moment is not None and moment > self.defaults.now + _SOON:
            moment, why = None, _("'{text}' lies in the future").format(text=_short(_plain(cell)))
        if why:
            self._wrong("at", why)
        return moment

    def _says(self) -> tuple[bool | None, bool]:
        """Return whether they said yes (None: nobody was asked), and whether they said no."""
        if "consent" not in self.headers:
            return None, False
        text = self._text("consent").casefold()
        if text not in _YES | _NO | _TAKEN_BACK | _UNSAID:
            self._wrong("consent", _("'{text}' is neither yes nor no").format(text=_short(text)))
        follows = self.headers["consent"].casefold() in _FOLLOWS
        return text in _YES, text in _TAKEN_BACK or (text in _NO and not follows)

    def _wrong(self, name: str, why: str) -> None:
        self.problems.append(f"{self.headers.get(name, name)}: {why}")


def _plain(cell: Cell) -> str:
    """Return what a cell says as one line: a number without decimals as such, a line break as a blank."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    return re.sub(r"[\r\n\t]+", " ", str(cell)).strip() if cell is not None else ""


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _why(name: str, code: str, text: str) -> str:
    if code == "too_long":
        return _("is too long; at most {n} characters").format(n=LIMITS.get(name, OWN_LIMIT))
    if code == "characters":
        return _("contains characters that cannot be stored")
    if code == "ascii":
        return _("'{text}' is not in Latin letters before the @").format(text=_short(text))
    if name == PHONE and _SCIENTIFIC.fullmatch(text):
        return _("'{text}' was a phone number before Excel took it for a quantity; format the column as text")
    if name == EMAIL:
        return _("'{text}' is no e-mail address").format(text=_short(text))
    if name == PHONE:
        return _("'{text}' is no phone number").format(text=_short(text))
    return _("cannot be used")
