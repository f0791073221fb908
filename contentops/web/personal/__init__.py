"""What a visitor can do by personal links: confirm an address, choose and take back consents, ask for a new link.

Opening such a link changes nothing, since scanners of mail open them before people do; a button does (POST).
"""

from starlette.routing import Route

from contentops.web.personal.asking import AgainEndpoint
from contentops.web.personal.confirmation import ConfirmationEndpoint
from contentops.web.personal.preferences import PreferencesEndpoint
from contentops.web.personal.unsubscribing import UnsubscribeEndpoint
from contentops.web.personal.visits import Visits

__all__ = ["Visits", "personal_routes"]


def personal_routes(visits: Visits) -> list[Route]:
    """Return the routes of everything behind personal links but the download itself."""
    confirmation = ConfirmationEndpoint(visits).__call__
    preferences = PreferencesEndpoint(visits).__call__
    unsubscribe = UnsubscribeEndpoint(visits).__call__
    both = ["GET", "POST"]
    return [
        Route("/c/{token}", confirmation, methods=both),
        Route("/c/{token}/", confirmation, methods=both),
        Route("/p/{token}", preferences, methods=both),
        Route("/p/{token}/", preferences, methods=both),
        Route("/u/{token}", unsubscribe, methods=both),
        Route("/u/{token}/", unsubscribe, methods=both),
        Route("/{prefix}/{slug}/again/", AgainEndpoint(visits).__call__, methods=both),
    ]
