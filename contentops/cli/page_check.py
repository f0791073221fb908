"""page check, page keywords: what is wrong with pages before a visitor finds it."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from contentops.cli.console import AsJson, console, data, data_json, data_table
from contentops.cli.pages import NoSync, page, read_content
from contentops.texts import gettext as _
from contentops.texts import ngettext

if TYPE_CHECKING:
    from contentops.pages.checking.desk import CheckReport

Slug = Annotated[str | None, typer.Argument(metavar="[SLUG]", help=_("One page only: its slug, or zh-CN/slug."))]


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


@page.command(help=_("Find what is wrong with pages: file, line, code, and what to do."))
def check(
    ctx: typer.Context,
    slug: Slug = None,
    form: Annotated[
        Format, typer.Option("--format", help=_("text, json, github (annotations) or sarif (for code hosts)."))
    ] = Format.TEXT,
    show_all: Annotated[bool, typer.Option("--all", help=_("Print notes as well."))] = False,
    strict: Annotated[bool, typer.Option("--strict", help=_("Warnings fail as errors do."))] = False,
    no_sync: NoSync = False,
    as_json: AsJson = False,
) -> None:
    """Check pages."""
    from contentops import __version__
    from contentops.pages.checking.findings import Severity, as_github, as_sarif, as_text
    from contentops.pages.checking.findings import as_json as rows

    shared = console(ctx)
    with shared.open() as workspace:
        report = workspace.pages.check.run(slug, read_content(workspace, no_sync=no_sync))
    form = Format.JSON if as_json else form
    if form is Format.JSON:
        data_json({"pages": report.pages, "findings": rows(report.findings)})
    elif form is Format.SARIF:
        data_json(as_sarif(report.findings, __version__))
    elif form is Format.GITHUB:
        data(as_github(report.findings).rstrip("\n"))
    else:
        shown = [found for found in report.findings if show_all or found.severity is not Severity.NOTE]
        if shown:
            data(as_text(shown).rstrip("\n"))
        shared.say(_summary(report, show_all=show_all))
    if report.count(Severity.ERROR) or (strict and report.count(Severity.WARNING)):
        raise typer.Exit(4)


def _summary(report: "CheckReport", *, show_all: bool) -> str:
    from contentops.pages.checking.findings import Severity

    errors, warnings, notes = (report.count(severity) for severity in Severity)
    counts = [
        ngettext("{n} page checked", "{n} pages checked", report.pages).format(n=report.pages),
        ngettext("{n} error", "{n} errors", errors).format(n=errors),
        ngettext("{n} warning", "{n} warnings", warnings).format(n=warnings),
        ngettext("{n} note", "{n} notes", notes).format(n=notes) + ("" if show_all or not notes else _(" (--all)")),
    ]
    return _(", ").join(counts)


@page.command(help=_("Say where the search words of a page stand: title, description, headings, text."))
def keywords(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(metavar="SLUG", help=_("The page's slug, or zh-CN/slug."))],
    no_sync: NoSync = False,
    as_json: AsJson = False,
) -> None:
    """Report on keywords."""
    from dataclasses import asdict

    shared = console(ctx)
    with shared.open() as workspace:
        shared.warn(read_content(workspace, no_sync=no_sync))
        found = workspace.pages.check.keywords(slug)
    if as_json:
        data_json([asdict(row) for row in found])
        return
    if not found:
        shared.say(_("no search words: add contentops.keywords with product, industry and solution"))
    columns = [_("class"), _("word"), _("title"), _("description"), _("headings"), _("text")]
    yes = {True: _("yes"), False: "–"}
    data_table(
        columns,
        [
            (row.word_class, row.word, yes[row.in_title], yes[row.in_description], row.in_headings, row.in_text)
            for row in found
        ],
    )
