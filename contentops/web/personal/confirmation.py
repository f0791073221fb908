"""``/c/<token>/``: confirming an address (double opt-in). GET shows a button, POST confirms."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from contentops.errors import LinkExpired, LinkRefused, NotFound
from contentops.leads.grants import CONFIRM_LINK, Grant, evidence_of
from contentops.models import Asset, Lead
from contentops.pages.contract import Question
from contentops.texts import gettext as _
from contentops.texts import use_language
from contentops.web.answers import problem
from contentops.web.capture import download_path
from contentops.web.personal.visits import Visits


class ConfirmationEndpoint:
    """Some scanners of mail press buttons, too; the worst that comes of it is that an address counts as confirmed."""

    def __init__(self, visits: Visits) -> None:
        self.visits, self.workspace = visits, visits.workspace

    async def __call__(self, request: Request) -> Response:
        """Answer."""
        return await self.visits.answer(request, lambda _body: self._answer(request))

    def _answer(self, request: Request) -> Response:
        token, workspace = request.path_params["token"], self.workspace
        try:
            grant = workspace.leads.links.read(CONFIRM_LINK, token, workspace.now())
            return self._confirmed(grant, token) if request.method == "POST" else self._asked(grant, token)
        except LinkExpired:
            return self._expired(request, token)
        except (LinkRefused, NotFound):
            return problem(request, workspace, 404)

    def _asked(self, grant: Grant, token: str) -> Response:
        lead, is_waiting = self.workspace.leads.consents.waiting(grant.subject_id, grant.asset_id)
        if not is_waiting:
            return self._done(lead)
        asset = self.workspace.assets.by_id(lead.asset_id)
        agreeing = self.workspace.leads.consents.questions(grant.subject_id, grant.asset_id)
        language = self.visits.language(asset=asset)
        with use_language(language):
            heading = _("Please confirm your e-mail address")
            text = (
                asset.title,
                *agreeing,  # what the button is a yes to besides, in the words of the page
                _("Press the button, and it is done. If you did not ask for this, do nothing."),
            )
            question = Question(f"/c/{quote(token)}/", _("Confirm"))
        return self.visits.page(self.workspace.pages.visitor.ask(language, heading, text, question))

    def _confirmed(self, grant: Grant, token: str) -> Response:
        lead = self.workspace.leads.consents.confirm(grant.subject_id, grant.asset_id, evidence=evidence_of(token))
        return self._done(lead)

    def _done(self, lead: Lead) -> Response:
        workspace = self.workspace
        asset = workspace.assets.by_id(lead.asset_id)
        language = self.visits.language(asset=asset)
        is_out = workspace.pages.visitor.is_out(asset)
        with use_language(language):
            words = (_("Thank you, your address is confirmed"), asset.title)
            button = _("To the material")
        link = self._link(lead, asset) if is_out else ""
        return self.visits.message(language, words, link, button)

    def _link(self, lead: Lead, asset: Asset) -> str:
        attachment = self.workspace.pages.visitor.download(asset)
        name = attachment.file_name if attachment else asset.slug
        return download_path(self.workspace.leads.downloads.link_for(lead), name)

    def _expired(self, request: Request, token: str) -> Response:
        grant = self.workspace.leads.links.read_ended(CONFIRM_LINK, token)
        try:
            lead, _is_waiting = self.workspace.leads.consents.waiting(grant.subject_id)
        except NotFound:
            return problem(request, self.workspace, 404)
        language = self.visits.language(asset=self.workspace.assets.by_id(lead.asset_id))
        with use_language(language):
            text = _("Please fill in the form again to get a new one.")
        return self.visits.expired(language, text)
