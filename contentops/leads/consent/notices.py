"""The privacy notice as it was shown, kept once per version. Pure."""

from datetime import datetime
from typing import Any

from contentops.pages.notice import Notice


def notice_row(notice: Notice, now: datetime) -> dict[str, Any]:
    """Return the row of :class:`contentops.models.NoticeText` for a notice.

    Its key is the version that forms carry in a hidden field; who stores it leaves alone a row that is there already
    (``ON CONFLICT DO NOTHING``), so that ``first_at`` stays the first time.
    """
    return {"version": notice.page_version(), "locale": notice.language, "text": notice.text(), "first_at": now}
