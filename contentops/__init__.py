"""contentops takes a B2B team from content plan to qualified lead.

Open a workspace and go to the desk of the noun you work with::

    with Workspace.open("my-workspace") as ws:
        ws.assets.sync()
        ws.calendar.plan("my-white-paper", date(2027, 3, 4))
        ws.pages.build()

Names are loaded when they are first used, so that ``import contentops`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contentops.errors import (
        Conflict,
        ContentOpsError,
        InvalidInput,
        LinkRefused,
        NotFound,
        Problem,
        StoreError,
        SubmissionInvalid,
        WorkspaceError,
    )
    from contentops.models import Asset, Contact, Lead, Milestone, WorkflowState
    from contentops.settings import Settings
    from contentops.web.app import create_app
    from contentops.workspace import Workspace

__version__ = "0.1.0"

__all__ = [
    "Asset",
    "Conflict",
    "Contact",
    "ContentOpsError",
    "InvalidInput",
    "Lead",
    "LinkRefused",
    "Milestone",
    "NotFound",
    "Problem",
    "Settings",
    "StoreError",
    "SubmissionInvalid",
    "WorkflowState",
    "Workspace",
    "WorkspaceError",
    "create_app",
]

_ROOMS = {
    "contentops.models": ("Asset", "Contact", "Lead", "Milestone", "WorkflowState"),
    "contentops.settings": ("Settings",),
    "contentops.web.app": ("create_app",),
    "contentops.workspace": ("Workspace",),
}
_WHERE = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'contentops' has no attribute '{name}'")
    return getattr(import_module(_WHERE.get(name, "contentops.errors")), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
