"""The desk that takes forms: ``ws.leads.intake``. Everything before the transaction is pure, and done beforehand."""

import hmac
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from contentops.assets.slugs import page_path
from contentops.errors import (
    Conflict,
    LinkExpired,
    LinkRefused,
    NotFound,
    StoreConflict,
    SubmissionInvalid,
    TooManyForms,
)
from contentops.leads.grants import DOWNLOAD_LINK, FORM_SHOWN, Grant, Links
from contentops.leads.intake.capture import store_batch
from contentops.leads.intake.characters import without_forbidden
from contentops.leads.intake.counts import count_one
from contentops.leads.intake.entries import Entry, Outcome, Shown
from contentops.leads.intake.limits import HOUR, MINUTE, Window
from contentops.leads.intake.submission import Pair, Submitted, check
from contentops.models import Asset
from contentops.pages.gate import FORM_TOKEN, IDEMPOTENCY_KEY, GateForm, gate_of
from contentops.pages.notice import Notice
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _

FORM_HOURS = 24
"""Hours for which a page says credibly when it was shown; after that, it says nothing."""
HONEYPOT_FILLED, TOO_FAST = "honeypot", "too_fast"
"""Why a form goes into quarantine."""
MAIL_WISH = "mail "
"""Goes before a sender whose wishes for mail are counted, apart from their forms."""
_NOBODY = "0" * 32
_LONGEST_NAME, _LONGEST_VALUE = 100, 500
_TRIES = 3


@dataclass(frozen=True, slots=True)
class OpenForm:
    """The form of a public asset, prepared once for many visitors."""

    asset: Asset
    gate: GateForm
    shown: Shown
    page: str


@dataclass(frozen=True, slots=True)
class Captured:
    """What came of a form.

    Attributes:
        lead_id: None for a form that is held back because it looks like a machine's. token: of the personal link.
        until: when the link ends. by_mail: the page asks for double opt-in of everything, so the link comes by mail,
            for those who are known as for those who are not.
    """

    lead_id: str | None
    token: str
    until: datetime
    by_mail: bool = False


class Intake:
    """Takes forms.

    Args:
        links: signs personal links.
    """

    def __init__(
        self, store: Store, settings: Settings, links: Callable[[], Links], now: Callable[[], datetime]
    ) -> None:
        self._store, self._settings, self._links, self._now = store, settings, links, now
        capture = settings.capture
        self.windows = (Window(MINUTE, capture.per_minute), Window(HOUR, capture.per_hour))

    def open(self, asset: Asset) -> OpenForm:
        """Return an asset's form, ready for visitors."""
        shown = Shown.of(Notice(self._settings.privacy, asset.language))
        return OpenForm(asset, gate_of(asset), shown, page_path(asset.language, asset.slug))

    def entry(
        self,
        form: OpenForm,
        pairs: Iterable[Pair],
        *,
        page: str = "",
        trusted: bool = True,
        sender: str = "",
        key: str = "",
    ) -> Entry:
        """Check what a visitor sent.

        Args:
            pairs: names and values as sent. page: path of the page with the form, where it is not the asset's own.
            trusted: whether the browser said where the form came from. Forms that do not say which notice they showed,
                or when, are not trusted either. sender: the network they came from, for limits; empty: no limit.
            key: says that a form is the same as another one; a field ``idempotency_key`` does as well.

        Raises:
            SubmissionInvalid: with a code per field.
        """
        pairs = list(pairs)
        if key and all(name != IDEMPOTENCY_KEY for name, _value in pairs):
            pairs.append((IDEMPOTENCY_KEY, key))
        at = self._now()
        submitted = check(pairs, form.gate, self._settings.capture.default_region)
        if submitted.notice and submitted.notice != form.shown.version:
            raise SubmissionInvalid({"form": "notice"})  # what was shown is not what would be stored
        seen_for = self._seen_for(submitted, form.page, at)
        held = HONEYPOT_FILLED if submitted.is_machine else ""
        if not held and seen_for is not None and seen_for < timedelta(seconds=self._settings.capture.min_seconds):
            held = TOO_FAST
        return Entry(
            submitted, form.asset.id, form.asset.language, page or form.page, form.shown, at,
            trusted=trusted and bool(submitted.notice) and seen_for is not None,
            double_opt_in=form.gate.double_opt_in,
            changed_at=form.asset.changed_at,
            sent=_sent(pairs) if held else {},
            content_sha256=_content_sha256(pairs) if submitted.key else "",
            held=held,
            sender=self._hashed("", sender, at) if sender else "",
        )  # fmt: skip

    def form_token(self, page: str) -> str:
        """Return what a page carries to say when it was shown: signed, and worth nothing for another page."""
        return self._links().sign(FORM_SHOWN, Grant(page, "", self._now() + timedelta(hours=FORM_HOURS)))

    def _seen_for(self, submitted: Submitted, page: str, at: datetime) -> timedelta | None:
        """Return for how long a visitor had the page; None where it does not say so, or that was too long ago."""
        if not submitted.token:
            return None
        try:
            grant = self._links().read(FORM_SHOWN, submitted.token, at)
        except LinkExpired:
            return None
        except LinkRefused as error:
            raise SubmissionInvalid({"form": "token"}) from error
        if grant.subject_id != page:
            raise SubmissionInvalid({"form": "token"})
        # Several machines' clocks differ: a page from the future was shown just now, and is not held against anybody.
        seen_for = at - (grant.until - timedelta(hours=FORM_HOURS))
        return seen_for if seen_for >= timedelta() else timedelta.max

    def seconds_to_wait(self, sender: str) -> int:
        """Count one wish for mail (a new link) and return 0, or the seconds after which the sender may try again.

        As many as forms, counted apart from them, for all processes together.

        Args:
            sender: the network they came from.

        Raises:
            StoreError: it could not be counted.
        """
        at = self._now()
        with self._store.write() as session:
            return count_one(session.connection(), self._hashed(MAIL_WISH, sender, at), at, self.windows)

    def _hashed(self, what: str, sender: str, at: datetime) -> str:
        """Return what stands for a sender in the database for one day: no address is stored.

        Args:
            what: is counted; empty: forms.
        """
        return hmac.new(self._links().secret, f"{at:%Y-%m-%d} {what}{sender}".encode(), sha256).hexdigest()[:32]

    def apply(self, connection: Connection, entries: Sequence[Entry]) -> list[Outcome]:
        """Store forms in the caller's transaction; what came of them counts after its commit."""
        return store_batch(connection, entries, self.windows)

    def store(self, entry: Entry) -> Outcome:
        """Store one form by itself; when this returns, it is on disk.

        Raises:
            StoreError: it could not be saved.
        """
        for last_try in (*[False] * (_TRIES - 1), True):
            try:
                with self._store.write() as session:
                    return self.apply(session.connection(), [entry])[0]
            except StoreConflict:
                # The same person's other click was faster (on PostgreSQL, where writers do not wait): find their lead.
                if last_try:
                    raise
        raise AssertionError

    def captured(self, entry: Entry, outcome: Outcome) -> Captured:
        """Return what a visitor is told.

        Raises:
            TooManyForms: too many from one sender. Conflict: the same key was used for another form. NotFound: the
                asset changed meanwhile.
        """
        if outcome.what == "limited":
            raise TooManyForms(outcome.wait)
        if outcome.what == "key_reused":
            raise Conflict(_("this key was used for another form already"))
        if outcome.what == "stale":
            raise NotFound(_("asset"), entry.asset_id)
        until = (outcome.at or entry.at) + timedelta(days=self._settings.capture.link_days)
        # A machine gets an answer of the same kind; its link leads to no lead.
        token = self._links().sign(DOWNLOAD_LINK, Grant(outcome.lead_id or _NOBODY, entry.asset_id, until))
        return Captured(outcome.lead_id, token, until, by_mail=entry.double_opt_in == "all")

    def take(self, asset: Asset, pairs: Iterable[Pair], *, page: str = "", trusted: bool = True) -> Captured:
        """Check a visitor's form and store it; when this returns, the lead is on disk.

        Raises:
            SubmissionInvalid: with a code per field; nothing was stored. StoreError: it could not be saved.
        """
        entry = replace(self.entry(self.open(asset), pairs, page=page, trusted=trusted), changed_at=None)
        return self.captured(entry, self.store(entry))


def _sent(pairs: Iterable[Pair]) -> dict[str, str]:
    """Return all that was sent in a form, as it can be stored; anybody can make up names as well as values."""
    return {
        without_forbidden(name)[:_LONGEST_NAME]: without_forbidden(value or "")[:_LONGEST_VALUE]
        for name, value in pairs
        if name != FORM_TOKEN
    }


def _content_sha256(pairs: Iterable[Pair]) -> str:
    return sha256(json.dumps(sorted(_sent(pairs).items()), ensure_ascii=False).encode()).hexdigest()
