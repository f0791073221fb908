"""``/u/<token>``: no more mail. GET shows a button; POST does it, also for mail programs (RFC 8058)."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from contentops.errors import LinkExpired, LinkRefused, NotFound
from contentops.leads.consent.desk import BY_LINK, ONE_CLICK
from contentops.leads.consent.people import Agreed
from contentops.leads.grants import PREFERENCES_LINK, Grant, evidence_of
from contentops.pages.contract import Link, Question
from contentops.texts import gettext as _
from contentops.texts import use_language
from contentops.web.answers import problem
from contentops.web.personal.visits import Visits


class UnsubscribeEndpoint:
    """A link to say no has no end, and works for people who were erased: to them, too, it says that it is done."""

    def __init__(self, visits: Visits) -> None:
        self.visits, self.workspace = visits, visits.workspace

    async def __call__(self, request: Request) -> Response:
        """Answer; mail programs post without a browser's headers, so nobody is asked where they come from."""
        return await self.visits.answer(request, lambda body: self._answer(request, body), anybody=True)

    def _answer(self, request: Request, body: bytes) -> Response:
        token, leads = request.path_params["token"], self.workspace.leads
        try:
            grant = leads.links.read_ended(PREFERENCES_LINK, token)
        except LinkRefused:
            return problem(request, self.workspace, 404)
        if request.method != "POST":
            return self._ask(grant, token)
        # The body comes as a form of either type (RFC 8058, section 3.1); the words are all there is in it.
        how = ONE_CLICK if b"One-Click" in body else BY_LINK
        try:
            person = leads.consents.withdraw(grant.subject_id, how=how, evidence=evidence_of(token))
        except NotFound:
            person = None
        return self._done(person, token)

    def _ask(self, grant: Grant, token: str) -> Response:
        try:
            person = self.workspace.leads.consents.of(grant.subject_id)
        except NotFound:
            person = None
        language = self.visits.language(person.contact if person else None)
        with use_language(language):
            heading = _("No more mail from us?")
            link = Link(_("Choose one by one"), _preferences(token)) if self._still_holds(token) else None
            question = Question(f"/u/{quote(token)}", _("Unsubscribe"), link=link)
            text = _what_happens()
        return self.visits.page(self.workspace.pages.visitor.ask(language, heading, (text,), question))

    def _done(self, person: Agreed | None, token: str) -> Response:
        language = self.visits.language(person.contact if person else None)
        with use_language(language):
            words, button = (_("You are unsubscribed"), _what_happens()), _("Your preferences")
        link = _preferences(token) if self._still_holds(token) else ""
        return self.visits.message(language, words, link, button)

    def _still_holds(self, token: str) -> bool:
        try:
            self.workspace.leads.links.read(PREFERENCES_LINK, token, self.workspace.now())
        except LinkExpired:
            return False
        return True


def _what_happens() -> str:
    return _("We will not contact you about related content any more. What you ask for yourself still comes.")


def _preferences(token: str) -> str:
    return f"/p/{quote(token)}/"
