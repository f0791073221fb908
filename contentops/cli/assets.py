"""sync, asset: content and its way through the workflow."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.cli.console import AsJson, console, data, data_json, data_table, fields_of, progress, who
from contentops.cli.words import key_of, word, workflow_states
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from contentops.assets.sync import SyncReport
    from contentops.models import Asset

asset = typer.Typer(help=_("Content assets: list, show, begin, move on."), no_args_is_help=True, rich_markup_mode=None)

Address = Annotated[
    str, typer.Argument(metavar="SLUG", help=_("The address, or zh-CN/address where two languages share it."))
]
By = Annotated[str | None, typer.Option(help=_("Who; by default who runs this."))]
FIELDS = (
    "slug",
    "language",
    "kind",
    "title",
    "state",
    "gate",
    "dated_on",
    "planned_on",
    "review_on",
    "standard_version",
    "id",
)
"""What JSON says of an asset."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(help=_("Read the content folders into the database. Bad files are named, the others go in (exit 4)."))(
        sync
    )
    app.add_typer(asset, name="asset")


def sync(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only say what would happen."))] = False,
    strict: Annotated[bool, typer.Option("--strict", help=_("Store nothing if any file is bad."))] = False,
    as_json: AsJson = False,
) -> None:
    """Read content."""
    shared = console(ctx)
    with shared.open() as workspace, progress(_("Reading"), shared.quiet) as bar:
        report = workspace.assets.sync(by=who(), dry_run=dry_run, strict=strict, progress=bar)
    if as_json:
        data_json(_plain(report))
    else:
        shared.warn(report.problems)
        if not shared.quiet:
            shared.warn(report.notices)
        for old, new in report.renamed:
            shared.say(_("{old} is now {new}").format(old=old, new=new))
        for path in report.removed:
            shared.warn(
                [
                    _(
                        "{path}: the file is gone, its asset stays; 'contentops asset move SLUG retired' takes it out"
                    ).format(path=path)
                ]
            )
        data(_summary(report))
    if report.problems:
        raise typer.Exit(4)


def _summary(report: "SyncReport") -> str:
    counts = [
        ngettext("{n} file", "{n} files", report.files).format(n=report.files),
        _("{n} new").format(n=len(report.added))
        + (_(" ({n} of them published)").format(n=report.added_published) if report.added_published else ""),
        _("{n} changed").format(n=len(report.changed)),
        _("{n} unchanged").format(n=report.unchanged),
        ngettext("{n} problem", "{n} problems", len(report.problems)).format(n=len(report.problems)),
    ]
    return _(", ").join(counts) + ("" if report.written else _(" – nothing was stored"))


def _plain(report: "SyncReport") -> dict[str, Any]:
    def problems(found: Any) -> list[dict[str, Any]]:
        return [{"path": p.where, "line": p.line, "reason": p.message} for p in found]

    return {
        **fields_of(report, ("files", "added", "changed", "renamed", "removed", "unchanged", "written")),
        "problems": problems(report.problems),
        "notices": problems(report.notices),
    }


@asset.command("list", help=_("List assets."))
def list_assets(
    ctx: typer.Context,
    kind: Annotated[str | None, typer.Option(help=_("Only this kind."))] = None,
    state: Annotated[str | None, typer.Option(help=_("Only this state of the workflow."))] = None,
    language: Annotated[str | None, typer.Option(help=_("Only this language, such as zh-CN."))] = None,
    as_json: AsJson = False,
) -> None:
    """List assets."""
    states = workflow_states()
    with console(ctx).open() as workspace:
        wanted = key_of(states, state) if state else None
        found = workspace.assets.find(kind=kind, state=wanted, language=language)
    if as_json:
        data_json([fields_of(row, FIELDS) for row in found])
        return
    columns = [_("Address"), _("Language"), _("Kind"), _("State"), _("Date"), _("Title")]
    rows = [
        (a.slug, a.language, a.kind, word(states, a.state), a.planned_on or a.dated_on or "", a.title) for a in found
    ]
    data_table(columns, rows)


@asset.command(help=_("Begin an asset: writes a Markdown file with the front matter that its standard asks for."))
def new(
    ctx: typer.Context,
    title: Annotated[str, typer.Argument(metavar="TITLE", help=_("The title."))],
    kind: Annotated[str, typer.Option(help=_("The kind, such as whitepaper."))],
    language: Annotated[str | None, typer.Option(help=_("The language; by default the workspace's."))] = None,
    slug: Annotated[str | None, typer.Option(help=_("The address; by default made from the title."))] = None,
) -> None:
    """Begin an asset."""
    with console(ctx).open() as workspace:
        data(str(workspace.assets.new(title, kind=kind, language=language, slug=slug)))
    console(ctx).say(_("Write it, then run 'contentops sync'."))


@asset.command(help=_("Move an asset to another state of the workflow."))
def move(
    ctx: typer.Context,
    slug: Address,
    state: Annotated[
        str,
        typer.Argument(
            metavar="STATE", help=_("idea, planned, in_progress, in_review, approved, published or retired.")
        ),
    ],
    reason: Annotated[str, typer.Option(help=_("Why."))] = "",
    by: By = None,
    override: Annotated[
        bool, typer.Option("--override", help=_("Although something is open; needs --reason, which is kept."))
    ] = False,
) -> None:
    """Move an asset."""
    with console(ctx).open() as workspace:
        wanted = key_of(workflow_states(), state)
        moved = workspace.assets.move(slug, wanted, by=by or who(), reason=reason, override=override)
    console(ctx).say(_is_now(moved))
    if moved.draft and moved.state == "published":
        console(ctx).warn(
            [_("Its file still says 'draft: true', so it is on no page yet: take that line out and sync.")]
        )


def _is_now(asset: "Asset") -> str:
    state = word(workflow_states(), asset.state)
    return _("'{slug}' is now {state}.").format(slug=asset.slug, state=state)


@asset.command(help=_("Send an asset in review back to work; the reason is kept."))
def reject(
    ctx: typer.Context, slug: Address, reason: Annotated[str, typer.Option(help=_("Why."))], by: By = None
) -> None:
    """Reject an asset."""
    with console(ctx).open() as workspace:
        moved = workspace.assets.reject(slug, by=by or who(), reason=reason)
    console(ctx).say(_is_now(moved))


@asset.command(help=_("Take an asset up again: a rejected one goes back to review, a retired one back to work."))
def resume(
    ctx: typer.Context, slug: Address, reason: Annotated[str, typer.Option(help=_("Why."))] = "", by: By = None
) -> None:
    """Resume an asset."""
    with console(ctx).open() as workspace:
        moved = workspace.assets.resume(slug, by=by or who(), reason=reason)
    console(ctx).say(_is_now(moved))


@asset.command(help=_("Keep a remark in an asset's history."))
def comment(
    ctx: typer.Context,
    slug: Address,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=_("The remark."))],
    by: By = None,
) -> None:
    """Comment on an asset."""
    with console(ctx).open() as workspace:
        workspace.assets.comment(slug, text, by=by or who())
    console(ctx).say(_("Kept; 'contentops asset show {slug}' shows it.").format(slug=slug))


@asset.command(help=_("Say what texts lack that their standards ask for: front matter, sections (exit 4 if anything)."))
def check(
    ctx: typer.Context,
    slug: Annotated[
        str | None, typer.Argument(metavar="[SLUG]", help=_("The asset; by default all in work or published."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check assets against their standards."""
    with console(ctx).open() as workspace:
        problems = workspace.assets.check(slug)
    if as_json:
        data_json([{"address": problem.where, "message": problem.message} for problem in problems])
    else:
        for problem in problems:
            data(str(problem))
    if problems:
        raise typer.Exit(4)


@asset.command(help=_("Put an idea into the backlog; a file with its language and address becomes its text later."))
def idea(
    ctx: typer.Context,
    title: Annotated[str, typer.Argument(metavar="TITLE", help=_("The title."))],
    kind: Annotated[str, typer.Option(help=_("The kind, such as whitepaper."))],
    language: Annotated[str | None, typer.Option(help=_("The language; by default the workspace's."))] = None,
    slug: Annotated[str | None, typer.Option(help=_("The address; by default made from the title."))] = None,
) -> None:
    """Keep an idea."""
    with console(ctx).open() as workspace:
        made = workspace.assets.idea(title, kind=kind, language=language, slug=slug, by=who())
    data(f"{made.language}/{made.slug}")
