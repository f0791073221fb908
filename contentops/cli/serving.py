"""serve: the site and its forms, for visitors."""

import threading
from functools import partial
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from contentops.cli.console import console
from contentops.texts import gettext as _

if TYPE_CHECKING:
    from contentops.followup.outbox.worker import Delivered
    from contentops.web.companion import Companion
    from contentops.workspace import Workspace

DOMAINS_SECONDS = 60.0
"""Between two rounds of looking at e-mail domains."""
WORKER = "worker"
"""Who did it, where the worker does something by itself."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(help=_("Serve the site and take its forms, until it is told to stop (SIGTERM, Ctrl-C)."))(serve)


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help=_("Address to listen on."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help=_("Port to listen on; 0 takes a free one."))] = 8000,
    with_worker: Annotated[
        bool,
        typer.Option("--with-worker", help=_("Deliver mail from this process as well; no 'outbox run' is needed.")),
    ] = False,
) -> None:
    """Check, then serve until told to stop."""
    from contentops.web.logs import start_logging
    from contentops.web.server import bind, serve

    shared = console(ctx)
    with shared.open() as workspace, workspace.upkeep.in_use():
        shared.warn(workspace.upkeep.check_start(host))
        with bind(host, port) as listening:
            if not workspace.pages.output.is_dir():
                workspace.pages.build()
            shared.say(serving_on(host, listening.getsockname()[1]))
            shared.warn(_notes(workspace, listening.getsockname()[1], with_worker=with_worker))
            start_logging(workspace.settings, secrets=secrets_of(workspace))
            serve(workspace, listening, worker_of(workspace) if with_worker else None)


def _notes(workspace: "Workspace", port: int, *, with_worker: bool) -> list[str]:
    """Return what may surprise somebody who starts a server on their own machine."""
    notes, public = [], urlsplit(workspace.settings.public_url)
    if public.hostname in ("127.0.0.1", "localhost", "::1") and (public.port or 80) != port:
        text = _("Links in mail lead to {url}; set public_url or serve on its port with --port {port}.")
        notes.append(text.format(url=workspace.settings.public_url, port=public.port or 80))
    if not with_worker:
        notes.append(_("Mail waits until 'contentops outbox run' or 'serve --with-worker' sends it."))
    return notes


def worker_of(workspace: "Workspace") -> "Companion":
    """Return the worker of a workspace's outbox, not yet started."""
    from contentops.web.companion import Companion

    return Companion(lambda stop: work(workspace, stop))


def work(workspace: "Workspace", stop: threading.Event) -> "Delivered":
    """Deliver until told to stop.

    Beside it, look at e-mail domains each minute, and once a day delete what ``[privacy]`` says is kept no longer.
    """
    from contentops.upkeep.daily import daily, regularly

    domains = regularly("domains", partial(workspace.leads.domains.check, stop), stop, DOMAINS_SECONDS)
    with daily(partial(workspace.privacy.purge, by=WORKER), stop), domains:
        return workspace.outbox.run(stop=stop)


def secrets_of(workspace: "Workspace") -> list[str]:
    """Return the keys of a workspace that stand in files; no line of a log may hold them."""
    from contentops.leads.keyring import signing_keys
    from contentops.leads.suppression import hashing_key

    return [*signing_keys(workspace.settings, workspace.folder), hashing_key(workspace.folder).decode()]


def serving_on(host: str, port: int) -> str:
    """Return the sentence that says where a server is reached."""
    shown = f"[{host}]" if ":" in host else host
    return _("Serving on http://{host}:{port} – Ctrl-C ends it.").format(host=shown, port=port)
