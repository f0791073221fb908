"""``/p/<token>/``: what somebody agreed to, box by box. GET shows, POST saves."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contentops.errors import LinkExpired, LinkRefused, NotFound
from contentops.leads.consent.desk import wording_of
from contentops.leads.consent.ledger import ANY, CHANNELS, GIVEN, PENDING, channels_of
from contentops.leads.consent.people import Agreed
from contentops.leads.grants import PREFERENCES_LINK, evidence_of
from contentops.leads.masking import recognisable
from contentops.pages.contract import Choice, Preferences
from contentops.pages.notice import DELIVERY, MARKETING, Notice
from contentops.texts import gettext as _
from contentops.texts import use_language
from contentops.web.answers import PRIVATE, problem
from contentops.web.personal.visits import Visits, is_form
from contentops.web.reading import URLENCODED, Refused, parse_body

WAS, NOTICE, YES = "was", "notice", "yes"
"""Hidden fields: which boxes were ticked when the page was shown, in which words; what a ticked box sends."""
PATH = "/p/"
"""What the ledger keeps as the page: the whole address would open it."""

Key = tuple[str, str]


class PreferencesEndpoint:
    """Saves what was changed on the page, not what it showed: a no that came meanwhile by another way stays."""

    def __init__(self, visits: Visits) -> None:
        self.visits, self.workspace = visits, visits.workspace

    async def __call__(self, request: Request) -> Response:
        """Answer."""
        return await self.visits.answer(request, lambda body: self._answer(request, body))

    def _answer(self, request: Request, body: bytes) -> Response:
        token, leads = request.path_params["token"], self.workspace.leads
        try:
            grant = leads.links.read(PREFERENCES_LINK, token, self.workspace.now())
            person = leads.consents.of(grant.subject_id)
        except LinkExpired:
            return self._expired(token)
        except (LinkRefused, NotFound):
            return problem(request, self.workspace, 404)
        if request.method != "POST":
            return self._page(person, token, saved="saved" in request.query_params)
        if not is_form(request):
            raise Refused(415)
        return self._save(person, token, {name: value or "" for name, value in parse_body(body, URLENCODED)})

    def _save(self, person: Agreed, token: str, sent: Mapping[str, str]) -> Response:
        notice = self._notice(person)
        if sent.get(NOTICE) != notice.page_version():
            with use_language(notice.language):
                error = _("Our privacy notice has changed. Please read it and choose again.")
            return self._page(person, token, error=error)
        was = set(sent.get(WAS, "").split(","))
        wanted = {
            key: ticked for key in boxes(person) if (ticked := sent.get(name_of(key)) == YES) != (name_of(key) in was)
        }
        if wanted:
            consents = self.workspace.leads.consents
            consents.set(person.contact.id, wanted, notice, page=PATH, evidence=evidence_of(token))
        return RedirectResponse(f"{PATH}{quote(token)}/?saved", 303, PRIVATE)

    def _page(self, person: Agreed, token: str, *, saved: bool = False, error: str = "") -> Response:
        notice = self._notice(person)
        ticked = [name_of(key) for key in boxes(person) if is_given(person, key)]
        with use_language(notice.language):
            heading = _("How we may contact you")
            choices = tuple(self._choice(person, key, notice) for key in boxes(person))
        preferences = Preferences(
            action=f"{PATH}{quote(token)}/",
            address=recognisable(person.contact.email or person.contact.phone or ""),
            choices=choices,
            hidden=((NOTICE, notice.page_version()), (WAS, ",".join(ticked))),
            saved=saved,
            error=error,
            contact=self.workspace.settings.privacy.contact,
        )
        html = self.workspace.pages.visitor.preferences(notice.language, heading, preferences)
        return self.visits.page(html, 422 if error else 200)

    def _choice(self, person: Agreed, key: Key, notice: Notice) -> Choice:
        given, note = is_given(person, key), ""
        if given:
            day = self.workspace.pages.visitor.day(_since(person, key), notice.language)
            note = _("Since {day}").format(day=day)
        elif PENDING in _words(person, key):
            note = _("Not confirmed yet: please use the link in our mail.")
        return Choice(name_of(key), wording_of(notice, *key), given, note)

    def _notice(self, person: Agreed) -> Notice:
        return Notice(self.workspace.settings.privacy, self.visits.language(person.contact))

    def _expired(self, token: str) -> Response:
        grant = self.workspace.leads.links.read_ended(PREFERENCES_LINK, token)
        try:
            contact = self.workspace.leads.consents.of(grant.subject_id).contact
        except NotFound:
            contact = None
        language = self.visits.language(contact)
        with use_language(language):
            text = _("Please use the link in our newest mail, or write to {contact}.")
        return self.visits.expired(language, text.format(contact=self.workspace.settings.privacy.contact))


def boxes(person: Agreed) -> list[Key]:
    """Return what somebody can choose: being contacted by each way there is, and what they said about delivery."""
    said = {purpose for purpose, _channel in person.agreement}
    ways = [(MARKETING, channel) for channel in person.channels]
    return ways + ([(DELIVERY, ANY)] if DELIVERY in said else [])


def name_of(key: Key) -> str:
    """Return the name of a box's field."""
    return ".".join(key)


def is_given(person: Agreed, key: Key) -> bool:
    """Return whether a box is ticked: for all ways together, if any of them was agreed to."""
    return GIVEN in _words(person, key)


def _words(person: Agreed, key: Key) -> list[object]:
    purpose, channel = key
    return [person.agreement.get((purpose, each)) for each in (CHANNELS if channel == ANY else (channel,))]


def _since(person: Agreed, key: Key) -> datetime:
    purpose, channel = key
    yes = [
        entry.at
        for entry in person.history
        if entry.purpose == purpose and entry.action is GIVEN and (channel == ANY or channel in channels_of(entry))
    ]
    return max(yes)
