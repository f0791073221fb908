"""init, migrate, config, doctor: the workspace itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contentops.cli.console import AsJson, console, data, data_json, data_table
from contentops.errors import Problem
from contentops.texts import gettext as _

if TYPE_CHECKING:
    from contentops.workspace import Workspace

config = typer.Typer(help=_("The settings."), no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(help=_("Make a workspace: settings, folders and database."))(init)
    app.command(help=_("Bring the database to the schema of this version; may be run at any time."))(migrate)
    app.command(
        help="\n\n".join(
            (
                _("Say what needs attention (exit 4 if anything)."),
                _(
                    "Roles without a person, unreadable files, missing settings, faults of the theme, what a server "
                    "would refuse or warn of, mail that does not leave."
                ),
            )
        )
    )(doctor)
    app.add_typer(config, name="config")


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The folder; made if it is not there."))],
    name: Annotated[str | None, typer.Option(help=_("Name of the team or company."))] = None,
) -> None:
    """Make a workspace."""
    from contentops.workspace import Workspace

    with Workspace.init(folder, name=name) as workspace:
        console(ctx).say(
            _("Made {folder}.\nNext: put Markdown into content/<kind>/, then run 'contentops sync' there.").format(
                folder=workspace.folder
            )
        )


def migrate(ctx: typer.Context) -> None:
    """Bring the database up to date."""
    with console(ctx).open() as workspace:
        before, after = workspace.migrate()
    if before is None:
        console(ctx).say(_("The database was made ({revision}).").format(revision=after))
    elif before == after:
        console(ctx).say(_("The database is up to date ({revision}).").format(revision=after))
    else:
        console(ctx).say(_("The database was brought from {before} to {after}.").format(before=before, after=after))


def doctor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Report problems; exit 4 if there are any."""
    from contentops.pages.notice import Notice

    with console(ctx).open() as workspace:
        problems = workspace.assets.problems()
        workspace.calendar.working_days  # noqa: B018 - reading it checks the file of own days
        missing = Notice(workspace.settings.privacy, workspace.settings.language).missing()
        running = [*workspace.upkeep.attention(), *map(str, _paused(workspace)), *workspace.pages.check.theme()]
    texts = [str(problem) for problem in problems] + running
    texts += [_("contentops.toml: {key} is empty; pages with a form need it").format(key=key) for key in missing]
    if as_json:
        data_json(texts)
    else:
        for text in texts:
            data(text)
        if not texts:
            console(ctx).say(_("All is well."))
    if texts:
        raise typer.Exit(4)


def _paused(workspace: "Workspace") -> list[Problem]:
    """Return the targets that take nothing now, such as a mail server that does not accept our password."""
    return [Problem(target, reason) for target, reason in workspace.outbox.standing().paused.items()]


@config.command("show", help=_("Show each value and where it came from; secrets are masked."))
def show(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show the settings."""
    from contentops.settings.origins import origins

    with console(ctx).open() as workspace:
        rows = origins(workspace.settings, workspace.folder)
    if as_json:
        data_json([{"key": row.key, "value": row.value, "origin": row.origin} for row in rows])
    else:
        data_table([_("Setting"), _("Value"), _("From")], [(row.key, row.value, row.origin) for row in rows])
