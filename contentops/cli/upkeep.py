"""backup, restore: what nobody needs until the day they do."""

from pathlib import Path
from typing import Annotated

import typer

from contentops.cli.console import AsJson, ask, console, data, data_json, progress
from contentops.texts import gettext as _
from contentops.texts import ngettext


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(help=_("Back up database, attachments and settings into a new folder, while everything goes on."))(
        backup
    )
    app.command(help=_("Bring a backup back; the database of before stays beside under another name."))(restore)


def backup(
    ctx: typer.Context,
    target: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help=_("Folder for backups, by default backups/; each gets one of its own.")),
    ] = None,
    keep: Annotated[int | None, typer.Option(min=1, help=_("Keep this many and remove the oldest beyond."))] = None,
    as_json: AsJson = False,
) -> None:
    """Make a backup."""
    shared = console(ctx)
    with shared.open() as workspace, progress(_("Backup"), shared.quiet) as told:
        made = workspace.upkeep.backup(target or workspace.folder / "backups", keep=keep, progress=told)
    shared.warn(made.notices)
    if as_json:
        rows, files = made.manifest.rows, len(made.manifest.files)
        removed = [str(path) for path in made.removed]
        lacking = list(made.notices)
        data_json({
            "folder": str(made.folder), "rows": rows, "files": files, "removed": removed, "lacking": lacking,
        })  # fmt: skip
        raise typer.Exit(1 if lacking else 0)
    data(str(made.folder))
    shared.say(
        ngettext(
            "{n} file, compared with its source.", "{n} files, compared with their sources.", len(made.manifest.files)
        ).format(n=len(made.manifest.files))
    )
    shared.say(
        _(
            "The keys are not in it: keep .contentops/secret_key and .contentops/erasure_key in another safe place. "
            "Texts and themes belong into version control."
        )
    )
    if made.removed:
        names = _(", ").join(path.name for path in made.removed)
        shared.say(_("Removed, since there are newer ones: {names}.").format(names=names))
    if made.notices:
        raise typer.Exit(1)


def restore(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help=_("A folder that 'contentops backup' made."))],
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask."))] = False,
    check: Annotated[bool, typer.Option("--check", help=_("Only see whether the backup is whole and fits."))] = False,
) -> None:
    """Bring a backup back."""
    shared = console(ctx)
    with shared.open() as workspace:
        manifest = workspace.upkeep.check_backup(source)
        if check:
            shared.say(_("The backup of {moment} is whole.").format(moment=manifest.made_at))
            return
        if not yes:
            question = _("Put the backup of {moment} in the place of the database?").format(moment=manifest.made_at)
            ask(question, _("nobody is here to ask; add --yes to replace the database"))
        done = workspace.upkeep.restore(source)
    data(str(source))
    shared.say(_("The backup of {moment} was restored.").format(moment=manifest.made_at))
    if done.kept is not None:
        shared.say(
            _("The database of before is now {path}; delete it when all is well: it holds personal data.").format(
                path=done.kept
            )
        )
    if done.migrated:
        shared.say(_("It was brought to this version's schema."))
    if done.parked:
        shared.say(
            ngettext(
                "{n} message is held: it may have been sent since that backup. See 'contentops outbox list --state "
                "parked'; 'contentops outbox retry --parked' sends it.",
                "{n} messages are held: they may have been sent since that backup. See 'contentops outbox list --state "
                "parked'; 'contentops outbox retry ID' sends one, 'contentops outbox retry --parked' all of them.",
                done.parked,
            ).format(n=done.parked)
        )
    if done.erasures:
        shared.say(
            ngettext(
                "{n} erased person was erased again.", "{n} erased people were erased again.", done.erasures
            ).format(n=done.erasures)
        )
    if done.settings_differ:
        shared.say(_("contentops.toml here differs from the one in the backup; it was left as it is."))
    shared.warn(done.notices)
