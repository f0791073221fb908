"""The calendar over HTTP, for whoever has its secret address: as a feed, as single events, as a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from anyio import to_thread
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contentops.assets.standards import Standards
from contentops.leads.intake.limits import MINUTE, Window
from contentops.models import Feed, Lane
from contentops.pages.calendar_page import VIEWS, Surroundings
from contentops.planning.agenda import lane_name
from contentops.planning.feeds import REFRESH
from contentops.planning.outgoing.ledger import Filters
from contentops.planning.working_days import FIRST_YEAR, LAST_YEAR
from contentops.texts import gettext as _
from contentops.texts import use_language
from contentops.web.answers import PRIVATE, problem
from contentops.web.limiting import ProcessLimit
from contentops.web.reading import client_network

if TYPE_CHECKING:
    from contentops.workspace import Workspace

CALENDAR = "text/calendar; charset=utf-8"
MISSES = Window(MINUTE, 30)
"""How often one sender may be wrong about a secret."""

_LATE_FOR = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class _Validators:
    """What a client may ask with: of the bytes that were built last for one version of a feed."""

    version: str
    etag: str
    last_modified: datetime


class CalendarEndpoints:
    """``/calendar/<token>.ics``, ``/calendar/<token>/<uid>.ics`` and ``/calendar/<token>/``.

    No cookie, no redirect, no login: whoever has the address may read. An ``Authorization`` header that nobody asked
    for is ignored, since Outlook sends one to public feeds. A wrong secret of any kind is the same 404.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self.workspace = workspace
        self._built: dict[str, _Validators] = {}
        self._misses = ProcessLimit(MISSES)

    async def feed(self, request: Request) -> Response:
        """Answer with the whole calendar of a subscription, or that it has not changed."""
        return await to_thread.run_sync(self._answer, request, self._feed)

    async def event(self, request: Request) -> Response:
        """Answer with one event as a file."""
        return await to_thread.run_sync(self._answer, request, self._event)

    async def with_slash(self, request: Request) -> Response:
        """Lead from an address whose last slash a mail program has cut off to the page."""
        return RedirectResponse(f"/calendar/{quote(request.path_params['token'])}/", 308, PRIVATE)

    async def page(self, request: Request) -> Response:
        """Answer with the calendar as a page."""
        return await to_thread.run_sync(self._answer, request, self._page)

    def _answer(self, request: Request, verb: Callable[[Request, Feed], Response]) -> Response:
        sender = client_network(request, self.workspace.settings.capture.trusted_proxies)
        if self._misses.is_full(sender):
            return problem(request, self.workspace, 429, {"Retry-After": "60"})
        feed = self.workspace.calendar.feeds.by_token(request.path_params["token"])
        if feed is None:
            self._misses.count(sender)
            return problem(request, self.workspace, 404)
        return verb(request, feed)

    def _feed(self, request: Request, feed: Feed) -> Response:
        desk = self.workspace.calendar
        version, known = desk.feeds.version(feed), self._built.get(feed.id)
        body: bytes | None = None
        if known is None or known.version != version:
            body = desk.export(desk.feeds.filters_of(feed), refresh=REFRESH)
            etag = f'"{sha256(body).hexdigest()[:32]}"'
            # As this process saw it: later than the change, never earlier, also for what changed while it did not run.
            known = self._built[feed.id] = _Validators(version, etag, _whole_second(self.workspace.now()))
        now = self.workspace.now()
        headers = {
            **PRIVATE,
            "Cache-Control": f"private, max-age={int(REFRESH.total_seconds()) // 4}",
            "ETag": known.etag,
            "Content-Disposition": 'inline; filename="contentops.ics"',
        }
        settled = known.last_modified <= now  # a second that is not over may still bring another change
        if settled:
            headers["Last-Modified"] = format_datetime(known.last_modified.astimezone(UTC), usegmt=True)
        used = BackgroundTask(desk.feeds.note_use, feed)
        if _is_known(request, known, settled=settled):
            return Response(status_code=304, headers=headers, background=used)
        if body is None:
            body = desk.export(desk.feeds.filters_of(feed), refresh=REFRESH)
        return Response(body, media_type=CALENDAR, headers=headers, background=used)

    def _event(self, request: Request, feed: Feed) -> Response:
        desk, uid = self.workspace.calendar, request.path_params["uid"]
        limits = desk.feeds.filters_of(feed)
        body = desk.export(Filters(limits.roles, limits.kinds, limits.lanes, uid=uid))
        if b"BEGIN:VEVENT" not in body:
            return problem(request, self.workspace, 404)
        headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="event.ics"'}
        return Response(body, media_type=CALENDAR, headers=headers)

    def _page(self, request: Request, feed: Feed) -> Response:
        desk, page, query = self.workspace.calendar, self.workspace.pages.calendar, request.query_params
        view = query.get("view", "month") if query.get("view") in VIEWS else "month"
        day = _day(query.get("day", ""), desk.today)
        limits = desk.feeds.filters_of(feed)
        language = self.workspace.settings.language
        with use_language(language):
            chosen = _Chosen.of(request, limits, self.workspace)
            first, last = page.span(view, day)
            items = desk.entries(chosen.narrowed(first, last))
            passed = desk.entries(chosen.narrowed(desk.today - _LATE_FOR, desk.today - timedelta(days=1)))
            around = Surroundings(
                notice=desk.provisional_sentence([first, last]),
                links=_links(page.neighbours(view, day), view, day, chosen.query, desk.today),
                subscribe=desk.feeds.links(feed, request.path_params["token"]),
                event_base="{uid}.ics",
                filters=chosen.form,
                hidden={"view": view, "day": day.isoformat()},
            )
            backlog = desk.backlog_lines() if not (limits.roles or limits.kinds or limits.lanes) else ()
            late = [item for item in passed if item.is_late(desk.today)]
            html = page.render(
                view, [day if view != "agenda" else first], items, today=desk.today, backlog=backlog, late=late,
                around=around,
            )  # fmt: skip
        return HTMLResponse(html, headers={**PRIVATE, "Content-Security-Policy": page.policy})


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What the page's form narrows a subscription to; never wider than the subscription."""

    limits: Filters
    query: dict[str, str]
    form: dict[str, tuple[str, list[tuple[str, str]]]]

    @classmethod
    def of(cls, request: Request, limits: Filters, workspace: "Workspace") -> "_Chosen":
        standards = workspace.assets.standards
        choices = {
            "role": (_("Role"), list(limits.roles) or standards.roles()),
            "kind": (_("Kind"), list(limits.kinds) or sorted(standards.kinds)),
            "lane": (_("Lane"), list(limits.lanes) or [str(lane) for lane in Lane]),
        }
        query = {key: request.query_params.get(key, "") for key in choices}
        query = {key: value for key, value in query.items() if value in choices[key][1]}
        form = {
            key: (query.get(key, ""), [("", noun), *((value, _word(key, value, standards)) for value in values)])
            for key, (noun, values) in choices.items()
        }
        return cls(limits, query, form)

    def narrowed(self, first: date, last: date) -> Filters:
        """Return the limits for some days."""

        def one(key: str, otherwise: Sequence[str]) -> Sequence[str]:
            return [self.query[key]] if key in self.query else otherwise

        roles, kinds, lanes = one("role", self.limits.roles), one("kind", self.limits.kinds), self.limits.lanes
        return Filters(roles, kinds, one("lane", lanes), first, last)


def _word(noun: str, key: str, standards: Standards) -> str:
    """Return what a role, kind or lane is called in the current language."""
    if noun == "lane":
        return lane_name(Lane(key))
    return standards.label(key) if noun == "kind" else key


def _links(neighbours: tuple[date, date], view: str, day: date, query: dict[str, str], today: date) -> dict[str, str]:
    """Return the page's links to other times and views, with the chosen filters."""

    def url(**changes: object) -> str:
        return "?" + urlencode({"view": view, "day": day, **query, **changes})

    names = {"month": _("Month"), "week": _("Week"), "agenda": _("List")}
    times = {
        "‹ " + _("earlier"): url(day=neighbours[0]),
        _("Today"): url(day=today),
        _("later") + " ›": url(day=neighbours[1]),
    }
    return times | {text: url(view=name) for name, text in names.items()}


def _day(text: str, otherwise: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if FIRST_YEAR < day.year < LAST_YEAR else otherwise


def _whole_second(moment: datetime) -> datetime:
    """Return a moment rounded up: a date in a header has no fractions."""
    return moment if moment.microsecond == 0 else moment.replace(microsecond=0) + timedelta(seconds=1)


def _is_known(request: Request, known: _Validators, *, settled: bool) -> bool:
    """Return whether the client has these bytes already (RFC 9110 13.2.2: If-None-Match decides where it stands)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return any(tag.strip().removeprefix("W/") in (known.etag, "*") for tag in tags.split(","))
    since = request.headers.get("if-modified-since")
    if since is None or not settled:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False
    return moment.replace(tzinfo=moment.tzinfo or UTC) >= known.last_modified
