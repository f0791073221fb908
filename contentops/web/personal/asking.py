"""``/zh/<slug>/again/``: asking for the link again by mail, without the whole form. The answer is always the same."""

from starlette.requests import Request
from starlette.responses import Response

from contentops.assets.slugs import page_path
from contentops.leads.identity.keys import NotAContact, read_email
from contentops.models import Asset
from contentops.pages.contract import Field, Link, Question
from contentops.pages.gate import EMAIL, LIMITS
from contentops.pages.views.form import message
from contentops.texts import gettext as _
from contentops.texts import use_language
from contentops.web.answers import problem
from contentops.web.personal.visits import Visits, is_form
from contentops.web.reading import URLENCODED, Refused, parse_body


class AgainEndpoint:
    """One field: an e-mail address. Who is known gets mail; who asks learns nothing."""

    def __init__(self, visits: Visits) -> None:
        self.visits, self.workspace = visits, visits.workspace

    async def __call__(self, request: Request) -> Response:
        """Answer."""
        return await self.visits.answer(request, lambda body: self._answer(request, body))

    def _answer(self, request: Request, body: bytes) -> Response:
        given = request.path_params
        asset = self.workspace.pages.visitor.gated_asset(given["prefix"], given["slug"])
        if asset is None:
            return problem(request, self.workspace, 404)
        if request.method != "POST":
            return self._ask(asset)
        if not is_form(request):
            raise Refused(415)
        typed = dict(parse_body(body, URLENCODED)).get(EMAIL) or ""
        try:
            read_email(typed)
        except NotAContact as error:
            return self._ask(asset, typed[: LIMITS[EMAIL]], error.code if typed.strip() else "required")
        wait = self.visits.seconds_to_wait(request)
        if wait:
            return problem(request, self.workspace, 429, {"Retry-After": str(wait)})
        self.workspace.leads.renewals.ask_again(asset, typed)
        return mail_comes(self.visits, asset)

    def _ask(self, asset: Asset, typed: str = "", code: str = "") -> Response:
        with use_language(asset.language):
            heading = _("Get your link again")
            text = (asset.title, _("Give the e-mail address that you left here. We send you a new link."))
            email = Field(
                EMAIL,
                _("E-mail"),
                "email",
                "email",
                required=True,
                limit=LIMITS[EMAIL],
                value=typed,
                error=message(code),
            )
            back = Link(_("Back to the form"), page_path(asset.language, asset.slug))
            question = Question(f"{back.url}again/", _("Send me the link"), email, back)
        html = self.workspace.pages.visitor.ask(asset.language, heading, text, question)
        return self.visits.page(html, 422 if code else 200)


def mail_comes(visits: Visits, asset: Asset) -> Response:
    """Return the answer to everybody who asked for a new link, known or not."""
    with use_language(asset.language):
        heading = _("Please look into your mail")
        text = _("If we know your address, a new link is on its way. If nothing comes, please fill in the form again.")
        button = _("Back to the form")
    return visits.message(asset.language, (heading, text), page_path(asset.language, asset.slug), button)
