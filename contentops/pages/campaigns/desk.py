"""The desk for campaign links: ``ws.pages.links``. A code that was given once leads there for ever."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from contentops.errors import Problem, StoreConflict
from contentops.models import Asset, TrackedLink, WorkflowState
from contentops.pages.campaigns.addresses import CampaignLink, link_of, new_code, read_code, with_passed
from contentops.pages.campaigns.batch import check_rows, read_rows
from contentops.pages.campaigns.naming import Wanted, checked, name_notices
from contentops.pages.campaigns.wecom import read_state, state_of
from contentops.pages.gate import VIA
from contentops.settings import Settings
from contentops.store import Store
from contentops.texts import gettext as _

_LOCAL = ("localhost", "127.0.0.1", "::1")


class CampaignLinks:
    """Makes, lists and opens links for channels and campaigns.

    Args:
        find: returns the asset at an address, as :meth:`contentops.assets.catalogue.Catalogue.get` does.
    """

    def __init__(
        self, store: Store, settings: Settings, now: Callable[[], datetime], find: Callable[[str], Asset]
    ) -> None:
        self._store, self._settings, self._now, self._find = store, settings, now, find

    def make(
        self, slug: str, channel: str, campaign: str, *, content: str = "", term: str = "", wecom: str = "", by: str
    ) -> CampaignLink:
        """Return the link to an asset for a channel and a campaign; the same names give the same link again.

        Args:
            slug: the asset's address. channel: its key, or its name. content: which version or place of several.
            term: the search word. wecom: a WeCom address to lead to, in place of the asset's page. by: who makes it.

        Raises:
            NotFound: no such asset. Conflict: several languages share the slug.
            InvalidArgument: with everything that is wrong with the names.
        """
        asset = self._find(slug)
        wanted = checked(Wanted(slug, channel, campaign, content, term, wecom), self._settings.channels)
        return self._made([(asset, wanted)], by)[0]

    def make_all(self, sheet: bytes, *, by: str, name: str = "links.csv") -> list[CampaignLink]:
        """Return the links that a campaign's sheet asks for, in its order. Nothing is made unless every row is right.

        Args:
            sheet: CSV or .xlsx with the columns slug, channel, campaign, content, term, wecom (or 内容、渠道、活动、
                版本、关键词、企微链接). name: of the file; its ending says what it is.

        Raises:
            InvalidInput: with every problem of every row.
        """
        rows = read_rows(sheet, name, self._settings.public_url)
        return self._made(check_rows(rows, self._settings.channels, cache(self._find)), by)

    def of(self, slug: str) -> list[CampaignLink]:
        """Return the links to an asset, oldest first.

        Raises:
            NotFound: no such asset. Conflict: several languages share the slug.
        """
        asset = self._find(slug)
        with self._store.read() as session:
            query = select(TrackedLink).where(TrackedLink.asset_id == asset.id)
            rows = session.exec(query.order_by(col(TrackedLink.created_at), col(TrackedLink.code))).all()
        return [self._link(row, asset) for row in rows]

    def all(self) -> list[CampaignLink]:
        """Return every link, oldest first."""
        with self._store.read() as session:
            query = select(TrackedLink, Asset).where(TrackedLink.asset_id == Asset.id)
            rows = session.exec(query.order_by(col(TrackedLink.created_at), col(TrackedLink.code))).all()
        return [self._link(row, asset) for row, asset in rows]

    def open(self, code: str, passed: Iterable[tuple[str, str]] = ()) -> str | None:
        """Return where a short address leads, or None for a code that was never given.

        Args:
            code: any text, as it stood in an address. passed: parameters that came along; they reach own pages only.
        """
        kept = read_code(code)
        link = self._one(TrackedLink.code, kept) if kept else None
        if link is None:
            return None
        # The code comes along: two links of one campaign, a poster and a flyer, can be told apart.
        return link.url if link.wecom else with_passed(link.url, [*passed, (VIA, link.code)])

    def by_state(self, state: str) -> CampaignLink | None:
        """Return the link by which a WeCom contact came, or None where the state is none of ours."""
        return self._one(TrackedLink.state, state) if read_state(state) else None

    def notices(self, links: Sequence[CampaignLink]) -> list[Problem]:
        """Return what is worth a look in links just made: names, pages not out yet, an address nobody else reaches."""
        with self._store.read() as session:
            campaigns = session.exec(select(TrackedLink.campaign).distinct()).all()
            query = select(Asset.language, Asset.slug).where(Asset.state == WorkflowState.PUBLISHED)
            published = set(session.exec(query).all())
        to_pages = [link for link in links if not link.wecom]
        names = [name for link in to_pages for name in (link.campaign, link.content)]
        found = list(name_notices(names, [link.campaign for link in links], campaigns))
        for language, slug in dict.fromkeys((link.language, link.slug) for link in to_pages):
            if (language, slug) not in published:
                message = _("not published yet: until it is, its links lead to a page that does not exist")
                found.append(Problem(f"{language}/{slug}", message))
        if urlsplit(self._settings.public_url).hostname in _LOCAL:
            message = _("{url} is reached from this machine only; set it before anything is printed")
            found.append(Problem("public_url", message.format(url=self._settings.public_url)))
        return found

    def _made(self, wanted: Sequence[tuple[Asset, Wanted]], by: str) -> list[CampaignLink]:
        try:
            rows = self._store_all(wanted, by)
        except StoreConflict:
            rows = self._store_all(wanted, by)  # somebody made one of them at the same moment: now it is found
        return [self._link(row, asset) for row, (asset, _names) in zip(rows, wanted, strict=True)]

    def _store_all(self, wanted: Sequence[tuple[Asset, Wanted]], by: str) -> list[TrackedLink]:
        with self._store.write() as session:
            return [
                self._kept(session, asset, names) or self._new(session, asset, names, by) for asset, names in wanted
            ]

    def _kept(self, session: Session, asset: Asset, names: Wanted) -> TrackedLink | None:
        query = select(TrackedLink).where(
            TrackedLink.asset_id == asset.id,
            TrackedLink.channel == names.channel,
            TrackedLink.campaign == names.campaign,
            TrackedLink.content == names.content,
            TrackedLink.term == names.term,
            TrackedLink.target == names.wecom,
        )
        return session.exec(query).first()

    def _new(self, session: Session, asset: Asset, names: Wanted, by: str) -> TrackedLink:
        code = new_code()
        while session.get(TrackedLink, code) is not None:
            code = new_code()
        row = TrackedLink.model_validate(
            {
                "code": code,
                "asset_id": asset.id,
                "channel": names.channel,
                "campaign": names.campaign,
                "content": names.content,
                "term": names.term,
                "target": names.wecom,
                "state": state_of(asset.id, names.channel, code),
                "created_at": self._now(),
                "by": by[:100],
            }
        )
        session.add(row)
        return row

    def _one(self, column: str, value: str) -> CampaignLink | None:
        with self._store.read() as session:
            query = select(TrackedLink, Asset).where(TrackedLink.asset_id == Asset.id, col(column) == value)
            found = session.exec(query).first()
        return self._link(*found) if found else None

    def _link(self, row: TrackedLink, asset: Asset) -> CampaignLink:
        return link_of(row, asset, self._settings.channels, self._settings.public_url)
