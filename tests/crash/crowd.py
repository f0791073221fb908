"""Visitors who fill in forms, all at once, and again until they are told that it worked."""

import random
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import unquote, urlencode

HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
PAPER, HANDBOOK = "dianjian-baipishu", "fuyu-shouce"
"""Slugs of what is asked for."""


@dataclass(slots=True)
class Form:
    """One form of one visitor, and what came of it.

    Attributes:
        visitor: number. slug: what is asked for. keys: the contact keys in it. mail: whether it has an address.
        key: for the same form twice. patience: failures after which the visitor goes away; 0: never.
        token: of the personal link, once acknowledged. tries: how often it was posted.
    """

    visitor: int
    slug: str
    values: dict[str, str]
    keys: tuple[str, ...]
    key: str = ""
    patience: int = 0
    token: str = ""
    tries: int = 0

    @property
    def mail(self) -> bool:
        return bool(self.values.get("email"))


def email_of(number: int) -> str:
    return f"visitor-{number}@example.cn"


def phone_of(number: int) -> str:
    """A number in E.164."""
    return f"+86138{number:08d}"


def spellings(number: int) -> tuple[str, str, str, str]:
    """The same number as people write it."""
    digits = phone_of(number).removeprefix("+86")
    spaced = f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    return phone_of(number), spaced, f"0086-{digits}", digits.translate(FULL_WIDTH)


def forms_of(number: int, chance: random.Random) -> list[Form]:
    """What one visitor sends: once, or the same person again in other spellings, with a key, for another asset."""
    email, phone = email_of(number), phone_of(number)
    mail, tel = f"mail:{email}", f"tel:{phone}"
    plain, spaced, long, wide = spellings(number)

    def form(slug: str = PAPER, *, key: str = "", **values: str) -> Form:
        keys = (*((mail,) if "email" in values else ()), *((tel,) if "phone" in values else ()))
        about = {
            "name": "张三", "company": "示例机械有限公司", "consent_delivery": "yes", "utm_source": "wechat",
            "utm_campaign": "年终盘点",
        }  # fmt: skip
        if number % 3:
            about["consent_marketing"] = "yes"
        return Form(number, slug, {**about, **values}, keys, key)

    kind = number % 10
    if kind < 4:
        forms = [form(email=email)]
        forms[0].patience = chance.choice((0, 0, 1))
    elif kind == 4:
        forms = [form(email=email), form(email=email.upper()), form(email=email.translate(FULL_WIDTH))]
    elif kind == 5:
        forms = [form(phone=each) for each in (plain, spaced, long, wide)]
    elif kind == 6:
        forms = [form(email=email, phone=spaced), form(email=email), form(email=email, phone=long)]
    elif kind == 7:
        forms = [form(email=email, phone=long), form(phone=wide)]
    elif kind == 8:
        forms = [form(email=email, key=f"form-{number}") for _time in range(2)]
    else:
        forms = [form(email=email), form(HANDBOOK, email=email)]
    return forms


@dataclass(slots=True)
class Answers:
    """How often the server gave which answer; a status of 0 is none at all."""

    by_status: dict[int, int] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)


class Crowd:
    """Posts forms from several threads.

    Args:
        port: of the server. notice: version that the pages show. pause: seconds of each thread between two forms.
    """

    def __init__(self, port: int, notice: str, chance: random.Random, pause: float) -> None:
        self._port, self._notice, self._chance, self._pause = port, notice, chance, pause
        self.forms: list[Form] = []
        self.answers = Answers()
        self._lock = threading.Lock()
        self._numbers = iter(range(1, 10**7))
        self._next: Iterator[Form] = iter(())

    @property
    def acknowledged(self) -> int:
        return sum(1 for form in self.forms if form.token)

    def run(self, stop: threading.Event) -> None:
        """Post until told to stop; a form that was begun is posted until it is acknowledged."""
        line = _Line(self._port)
        try:
            while not stop.is_set():
                form = self._take()
                self._see_through(form, line)
                time.sleep(self._pause)
        finally:
            line.close()

    def _take(self) -> Form:
        """Hand out forms of ten visitors in any order, so that those of one meet."""
        with self._lock:
            form = next(self._next, None)
            if form is None:
                visitors = [next(self._numbers) for _visitor in range(10)]
                forms = [form for number in visitors for form in forms_of(number, self._chance)]
                self._chance.shuffle(forms)
                self._next = iter(forms)
                form = next(self._next)
            self.forms.append(form)
            return form

    def _see_through(self, form: Form, line: "_Line") -> None:
        body = urlencode({**form.values, "notice": self._notice})
        headers = {**HEADERS, "Origin": f"http://127.0.0.1:{self._port}"}
        if form.key:
            headers["Idempotency-Key"] = form.key
        while not form.token:
            form.tries += 1
            status, said = line.post(f"/zh/{form.slug}/form", body, headers)
            found = re.search(r"[?&]g=([^&]+)$", said) if status == 303 else None
            with self._lock:
                self.answers.by_status[status] = self.answers.by_status.get(status, 0) + 1
                if status not in (0, 303, 503) or (status == 303 and not found):
                    self.answers.strange.append(f"{status} {said[:200]}")
            if found:
                form.token = unquote(found[1])
            elif 0 < form.patience <= form.tries or status not in (0, 303, 503):
                return
            else:
                time.sleep(0.2 if status == 0 else 0.05)  # those who wait for the server take nothing from its start


class _Line:
    """A connection that is made anew after each fault."""

    def __init__(self, port: int) -> None:
        self._port, self._connection = port, None

    _connection: HTTPConnection | None

    def post(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        """Return status and where to go on; 0 where no answer came."""
        try:
            if self._connection is None:
                self._connection = HTTPConnection("127.0.0.1", self._port, timeout=20)
            self._connection.request("POST", path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read()
            return answer.status, answer.headers["Location"] or text.decode("utf-8", "replace")
        except (OSError, HTTPException):
            self.close()
            return 0, ""

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
