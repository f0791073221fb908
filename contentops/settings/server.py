"""How the server runs: ``[server]``."""

from typing import Literal

from pydantic import Field

from contentops.settings.shapes import Section


class ServerSettings(Section):
    """How `contentops serve` runs: its log, what it checks before it starts, when it says that it is not well."""

    log: Literal["plain", "json"] = Field("plain", description="Lines of the log: plain for people, json for programs.")
    access_log: bool = Field(
        True,
        description="Whether each request is logged: method, route, status, time. Never an address, a query or a name.",
    )
    quick_check: bool = Field(
        True, description="Whether an SQLite file is checked for damage before the start; takes a second per 100 MB."
    )
    allow_network_disk: bool = Field(
        False,
        description="true: start although the SQLite file lies on a network file system, where it can be damaged.",
    )
    leave_checkpoints: bool = Field(
        False,
        description="true: what SQLite has logged is written into its file by Litestream, which must run then, and not "
        "by contentops.",
    )
    oldest_due_minutes: int = Field(
        60, ge=1, description="/readyz warns when a message has waited longer than this for its worker."
    )
    dead_messages: int = Field(
        50, ge=1, description="/readyz warns when this many messages of the last seven days were given up."
    )
    leads_per_hour: int = Field(
        1000, ge=0, description="/readyz warns when forms brought more new leads in an hour than this. 0: never."
    )
    free_mb: int = Field(
        100, ge=0, description="/readyz says 503 when less is free on the disk of an SQLite file. 0: not looked at."
    )
