"""page link, page links: campaign links with their QR codes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentops.cli.console import (
    AsJson,
    Console,
    console,
    data_json,
    data_table,
    fields_of,
    read_whole,
    who,
    write_whole,
)
from contentops.cli.pages import page
from contentops.errors import InvalidArgument, Problem, WorkspaceError
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from contentops.pages.campaigns.addresses import CampaignLink
    from contentops.workspace import Workspace

_FIELDS = (
    "code", "slug", "language", "title", "channel", "campaign", "content", "term", "url", "short_url", "state", "wecom",
    "created_at", "by",
)  # fmt: skip


@page.command(
    help="\n\n".join(
        (
            _("Make the link to an asset for a channel and a campaign."),
            _(
                "With utm parameters, as short address, as QR code. The same names give the same link again. --from "
                "makes a whole campaign from a sheet, all of it or nothing."
            ),
        )
    )
)
def link(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(metavar="SLUG", help=_("The asset's address."))] = "",
    channel: Annotated[str, typer.Option(help=_("Where it is shared: a channel of contentops.toml."))] = "",
    campaign: Annotated[str, typer.Option(help=_("What it belongs to (utm_campaign), such as 2026-q4."))] = "",
    content: Annotated[str, typer.Option(help=_("Which version or place of several (utm_content)."))] = "",
    term: Annotated[str, typer.Option(help=_("The search word (utm_term)."))] = "",
    wecom: Annotated[
        str,
        typer.Option(metavar="URL", help=_("A WeCom link (获客链接 or 微信客服) to lead to in place of the page.")),
    ] = "",
    sheet: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help=_("CSV or .xlsx with the columns slug, channel, campaign, content, term, wecom."),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help=_("Write the QR codes as PNG and SVG into this folder.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make links."""
    shared, names = console(ctx), {"content": content, "term": term, "wecom": wecom}
    _check_words(slug, {"--channel": channel, "--campaign": campaign}, names, sheet)
    if output is not None:
        _check_folder(output)
    with shared.open() as workspace:
        desk = workspace.pages.links
        if sheet is not None:
            links = desk.make_all(read_whole(sheet), by=who(), name=sheet.name)
        else:
            links = [desk.make(slug, channel, campaign, **names, by=who())]
        notices = desk.notices(links)
        files = _write_codes(workspace, links, output, with_sheet=sheet is not None)
    shared.warn(notices)
    _show(shared, links, files, as_json=as_json, many=sheet is not None)


def _check_words(slug: str, needed: Mapping[str, str], others: Mapping[str, str], sheet: Path | None) -> None:
    """Refuse a call that names one link and a sheet, or neither in full."""
    if sheet is None:
        missing = [name for name, value in {"SLUG": slug, **needed}.items() if not value]
        problems = [Problem(name, _("is needed, or --from with a sheet")) for name in missing]
    else:
        given = {"SLUG": slug, **needed, **{f"--{name}": value for name, value in others.items()}}
        problems = [
            Problem(name, _("stands in the sheet, not beside --from")) for name, value in given.items() if value
        ]
    if problems:
        raise InvalidArgument(problems)


def _check_folder(folder: Path) -> None:
    """Make the folder before anything is stored, so that a wrong one costs nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise InvalidArgument([Problem("--output", _("'{path}' is no folder").format(path=folder))]) from error
    except OSError as error:
        raise WorkspaceError(_("cannot write {path}: {reason}").format(path=folder, reason=error.strerror)) from error


def _write_codes(
    workspace: "Workspace", links: Sequence["CampaignLink"], folder: Path | None, *, with_sheet: bool
) -> list[list[Path]]:
    """Write the QR codes of links, and with a sheet a table of them; returns the files of each link."""
    from contentops.pages.campaigns.batch import link_sheet
    from contentops.pages.campaigns.codes import file_stems, png, svg

    if folder is None:
        return [[] for _link in links]
    stems = file_stems(links, workspace.settings.language)
    files = []
    for made, stem in zip(links, stems, strict=True):
        contents = {f"{stem}.png": png(made.encoded), f"{stem}.svg": svg(made.encoded, _caption(made)).encode()}
        for name, content in contents.items():
            write_whole(str(folder / name), [content])
        files.append([folder / name for name in contents])
    if with_sheet:
        write_whole(str(folder / "links.csv"), [link_sheet(links, stems)])
    return files


def _caption(made: "CampaignLink") -> str:
    return f"{made.title} – {made.encoded}"


def _show(
    shared: Console, links: Sequence["CampaignLink"], files: Sequence[Sequence[Path]], *, as_json: bool, many: bool
) -> None:
    if as_json:
        shown = [
            {**_as_json(made), "files": [str(path) for path in written]}
            for made, written in zip(links, files, strict=True)
        ]
        data_json(shown if many else shown[0])
        return
    if many:
        _table(links)
    else:
        made = links[0]
        rows = [(_("Link"), made.url), (_("Short link"), made.short_url), (_("WeCom state"), made.state)]
        data_table((), [*rows, *((_("QR code"), path) for path in files[0])])
    if many and any(files):
        counted = ngettext("{n} QR code in {folder}", "{n} QR codes in {folder}", len(links))
        shared.say(counted.format(n=len(links), folder=files[0][0].parent))


@page.command(help=_("List the campaign links that were made, of one asset or of all."))
def links(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(metavar="SLUG", help=_("Only those of this asset."))] = "",
    as_json: AsJson = False,
) -> None:
    """List campaign links."""
    with console(ctx).open() as workspace:
        desk = workspace.pages.links
        found = desk.of(slug) if slug else desk.all()
    if as_json:
        data_json([_as_json(made) for made in found])
    else:
        _table(found)


def _as_json(made: "CampaignLink") -> dict[str, Any]:
    return {**fields_of(made, _FIELDS), "created_at": made.created_at.isoformat()}


def _table(found: Sequence["CampaignLink"]) -> None:
    columns = [
        _("Asset"),
        _("Channel"),
        _("Campaign"),
        _("Version"),
        _("Search word"),
        _("Short link"),
        _("WeCom state"),
        _("Link"),
    ]
    rows = [
        (
            f"{made.language}/{made.slug}", made.channel, made.campaign, made.content, made.term, made.short_url,
            made.state, made.url,
        )
        for made in found
    ]  # fmt: skip
    data_table(columns, rows)
