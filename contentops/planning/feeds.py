"""The desk for subscriptions: ``ws.calendar.feeds``. One secret address per subscriber, kept as a hash."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from sqlmodel import col, select

from contentops.errors import AlreadyExists, InvalidArgument, NotFound, Problem, did_you_mean
from contentops.models import Feed, Lane, Person
from contentops.planning.context import PlanningContext
from contentops.planning.outgoing.ledger import Filters, Ledger
from contentops.texts import gettext as _

REFRESH = timedelta(hours=1)
"""How often calendar programs are asked to come again; most have their own mind."""

TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed with its secret, which is shown once and not kept.

    Attributes:
        feed: the row. token: the secret. url: the feed's address. page: the same calendar as a page.
    """

    feed: Feed
    token: str
    url: str
    page: str

    @property
    def links(self) -> dict[str, str]:
        """Links that open the calendar programs people have, by their names, ready to be clicked."""
        webcal = "webcal://" + self.url.partition("://")[2]
        named = urlencode({"url": self.url, "name": self.feed.label})
        return {
            "Apple, Outlook": webcal,
            "Google": "https://calendar.google.com/calendar/r?" + urlencode({"cid": webcal}),
            "Outlook.com": f"https://outlook.live.com/calendar/0/addfromweb?{named}",
            "Microsoft 365": f"https://outlook.office.com/calendar/0/addfromweb?{named}",
            ".ics": self.url,
        }


class Feeds:
    """Makes, lists, renews and ends subscriptions, and finds them by their secret."""

    def __init__(self, context: PlanningContext, ledger: Ledger) -> None:
        self._context, self._ledger = context, ledger

    def add(
        self,
        label: str,
        *,
        roles: Iterable[str] = (),
        person: str = "",
        kinds: Iterable[str] = (),
        lanes: Iterable[str] = (),
    ) -> Subscription:
        """Make a subscription.

        Args:
            label: whose it is. roles, kinds, lanes: only these. person: only what the roles of this person owe,
                whichever these are at the time.

        Raises:
            AlreadyExists: the label is taken. NotFound: there is no such role, person or kind.
            InvalidArgument: no label, or no such lane.
        """
        label = " ".join(label.split())
        if not 0 < len(label) <= 100:
            raise InvalidArgument([Problem("label", _("1 to 100 characters are needed"))])
        kept_roles, kept_kinds, kept_lanes = map(list, (roles, kinds, lanes))
        self.check_filters(kept_roles, kept_kinds, kept_lanes, person)
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._context.now()
        with self._context.store.write() as session:
            if session.exec(select(Feed).where(Feed.label == label)).first():
                raise AlreadyExists(_("feed"), label)
            values = {"roles": kept_roles, "kinds": kept_kinds, "lanes": kept_lanes, "person": person}
            times = {"created_at": now, "changed_at": now}
            feed = Feed.model_validate({"label": label, "token_sha256": _hash(token), **values, **times})
            session.add(feed)
        return self._subscription(feed, token)

    def all(self) -> list[Feed]:
        """Return every subscription, ended ones too, by label."""
        with self._context.store.read() as session:
            return [*session.exec(select(Feed).order_by(Feed.label))]

    def rotate(self, label: str) -> Subscription:
        """Give a subscription a new secret; the old address answers 404 from now on.

        Raises:
            NotFound: no such feed.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._context.store.write() as session:
            feed = session.exec(select(Feed).where(Feed.label == label)).first()
            if feed is None:
                raise NotFound(_("feed"), label, session.exec(select(Feed.label)).all())
            feed.token_sha256, feed.changed_at, feed.revoked_at = _hash(token), self._context.now(), None
            session.add(feed)
        return self._subscription(feed, token)

    def revoke(self, label: str) -> Feed:
        """End a subscription; its address answers 404 from now on.

        Raises:
            NotFound: no such feed.
        """
        with self._context.store.write() as session:
            feed = session.exec(select(Feed).where(Feed.label == label)).first()
            if feed is None:
                raise NotFound(_("feed"), label, session.exec(select(Feed.label)).all())
            feed.revoked_at = feed.revoked_at or self._context.now()
            session.add(feed)
        return feed

    def links(self, feed: Feed, token: str) -> dict[str, str]:
        """Return the links that open a subscription in calendar programs, for whoever has its secret."""
        return self._subscription(feed, token).links

    def by_token(self, token: str) -> Feed | None:
        """Return the living subscription with a secret. Any other text, of any length and script, gives None."""
        with self._context.store.read() as session:
            # Looked up by its hash: how long that takes says nothing about the secret.
            feed = session.exec(select(Feed).where(Feed.token_sha256 == _hash(token))).first()
        return feed if feed is not None and feed.revoked_at is None else None

    def note_use(self, feed: Feed) -> None:
        """Keep the day on which a feed was fetched last, so that unused ones can be found."""
        today = self._context.now().date()
        if feed.last_used_on == today:
            return
        with self._context.store.write() as session:
            row = session.get(Feed, feed.id)
            if row is not None:
                row.last_used_on = today
                session.add(row)

    def filters_of(self, feed: Feed, start: date | None = None, end: date | None = None) -> Filters:
        """Return what a subscription shows now: a person's roles are those of today."""
        roles = self._roles_of(feed.person, feed.roles) if feed.person else feed.roles
        return Filters(roles, feed.kinds, feed.lanes, start, end)

    def version(self, feed: Feed) -> str:
        """Return a key of a subscription's bytes without building them: equal keys, equal bytes."""
        state, settings = self._ledger.refresh(), self._context.settings
        parts = (
            state.version, self._context.now().date(), settings.name, settings.language, settings.time_zone,
            self._context.days.team.overrides, self.filters_of(feed),
        )  # fmt: skip
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def check_filters(
        self, roles: Iterable[str], kinds: Iterable[str], lanes: Iterable[str], person: str
    ) -> tuple[list[str], list[str], list[str]]:
        """Check what a calendar shall be limited to, and return roles, kinds and lanes.

        Raises:
            NotFound: there is no such role, person or kind. InvalidArgument: no such lane.
        """
        context = self._context
        roles, kinds, lanes = list(roles), list(kinds), list(lanes)
        known: dict[str, tuple[Iterable[str], Iterable[str]]] = {
            _("role"): (roles, context.standards.roles()),
            _("kind"): (kinds, context.standards.kinds),
        }
        for noun, (given, there) in known.items():
            for key in given:
                if key not in there:
                    raise NotFound(noun, key, there)
        for lane in lanes:
            if lane not in [*Lane]:
                message = _("'{lane}' is no lane; there are: {known}").format(lane=lane, known=_(", ").join(Lane))
                raise InvalidArgument([Problem("lane", message + did_you_mean(lane, [*Lane]))])
        if person:
            self._check_person(person)
            roles = self._roles_of(person, roles)
        return roles, kinds, lanes

    def _check_person(self, person: str) -> None:
        with self._context.store.read() as session:
            names = session.exec(select(Person.name).order_by(col(Person.name))).all()
        if person not in names:
            raise NotFound(_("person"), person, names)

    def _roles_of(self, person: str, among: Iterable[str]) -> list[str]:
        """Return the roles that a person fills, of those given or of all; one that nobody has where there is none."""
        theirs = [role for role, name in sorted(self._context.people().items()) if name == person]
        wanted = [*among] or theirs
        return [role for role in theirs if role in wanted] or ["-"]

    def _subscription(self, feed: Feed, token: str) -> Subscription:
        base = f"{self._context.settings.public_url}/calendar/{token}"
        return Subscription(feed, token, f"{base}.ics", f"{base}/")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
