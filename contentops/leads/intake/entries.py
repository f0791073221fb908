"""What goes into a batch of forms, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from contentops.leads.intake.submission import Submitted
from contentops.models import NoticeText
from contentops.pages.notice import BOX, PURPOSES, Notice, hash_of

FORM, IMPORT = "form", "import"
"""Where leads come from."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page showed beside its boxes, made once for many forms.

    Attributes:
        version: of the whole notice. locale: its language. text: the whole notice with every wording.
        wordings: purpose → the text beside its box, and the hash of that and the notice.
    """

    version: str
    locale: str
    text: str
    wordings: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, notice: Notice) -> "Shown":
        """Return what pages with this notice show."""
        wordings = {purpose: (notice.wording(purpose), notice.version(purpose)) for purpose in PURPOSES}
        return cls(notice.page_version(), notice.language, notice.text(), wordings)

    @classmethod
    def kept(cls, row: NoticeText) -> "Shown":
        """Return what pages showed with a notice that was kept; its wordings stand at its end, in the usual order."""
        parts = row.text.split("\n\n")
        boxes = [part.removeprefix(BOX) for part in parts if part.startswith(BOX)]
        paragraphs = [part for part in parts if not part.startswith(BOX)]
        hashes = (hash_of(row.locale, wording, paragraphs) for wording in boxes)
        return cls(
            row.version, row.locale, row.text, dict(zip(PURPOSES, zip(boxes, hashes, strict=True), strict=False))
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One checked form, ready to be stored.

    Attributes:
        form: what was typed. asset_id: what they ask for. language: of the page. page: its path, or a file's name.
        shown: the notice beside the form. at: the moment it came. trusted: see Submission.trusted.
        double_opt_in: of the page: off, marketing or all. changed_at: of the asset as it was known when the form was
            checked; the form is stale if it has changed since. None: not compared.
        sent: all that was sent, for a form that may have to be checked again. content_sha256: its hash.
        held: why it goes into quarantine instead; empty: it does not. sender: hash of the sender's network for limits;
            empty: unlimited. origin: FORM or IMPORT.
    """

    form: Submitted
    asset_id: str
    language: str
    page: str
    shown: Shown
    at: datetime
    trusted: bool = True
    double_opt_in: str = "off"
    changed_at: datetime | None = None
    sent: Mapping[str, str] = field(default_factory=dict)
    content_sha256: str = ""
    held: str = ""
    sender: str = ""
    origin: str = FORM


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a form.

    Attributes:
        what: ``accepted``; ``held`` in quarantine; ``repeated``: the same key and form as before; ``key_reused`` with
            another form; ``limited``: too many from one sender; ``stale``: the asset changed meanwhile. Only the first
            two have stored anything.
        lead_id: of an accepted or repeated form. at: when it was first accepted. wait: seconds, for a limited one.
        contact_id: whose lead it is. is_new: whether there was no such lead before.
    """

    what: Literal["accepted", "held", "repeated", "key_reused", "limited", "stale"]
    lead_id: str | None = None
    at: datetime | None = None
    wait: int = 0
    contact_id: str | None = None
    is_new: bool = False
