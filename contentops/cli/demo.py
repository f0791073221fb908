"""demo: the example workspace and the main job from end to end, as the three users would do it."""

import csv
import shutil
import threading
import time
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contentops.bundled import bundled
from contentops.cli.console import Console, console, data
from contentops.errors import WorkspaceError
from contentops.texts import gettext as _

if TYPE_CHECKING:
    from contentops.workspace import Workspace

EXAMPLE = "lianxun"
_PAGE = "/zh/equipment-inspection-white-paper-2026/"
_NAMES = '{ zh-CN = "联巡云", en = "Lianxun Cloud" }'
_TAGLINES = (
    '{ zh-CN = "把点检做成闭环：方法、方案与案例", en = "Inspection that closes the loop: methods, solutions, cases" }'
)
_COMPANIES = '{ zh-CN = "联巡云（示例）科技有限公司", en = "Lianxun Cloud (Example) Technology Co., Ltd." }'
_VISITOR = {
    "name": "张示例",
    "company": "示例制造（苏州）有限公司",
    "email": "zhang.shili@example.cn",
    "phone": "",
    "consent_delivery": "yes",
    "consent_marketing": "yes",
}


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(help=_("Make the example workspace and run the whole job in it: content, calendar, site, one lead."))(
        demo
    )


def demo(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help=_("Where to make it; must not be a workspace yet."))
    ] = Path("contentops-demo"),
    serve: Annotated[bool, typer.Option("--serve", help=_("Keep serving afterwards."))] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help=_("Port; 0 takes a free one."))] = 0,
) -> None:
    """Run the example from end to end."""
    from contentops.web.server import bind, make_server
    from contentops.workspace import Workspace

    with bind("127.0.0.1", port) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        make_example(folder)
        with Workspace.open(folder) as workspace:
            data(_("1. Workspace   {path}").format(path=workspace.folder))
            bring_in(workspace)
            plan_quarter(workspace, console(ctx))
            build(workspace)
            server = make_server(workspace, listening)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
            thread.start()
            try:
                visit(workspace, address)
                follow_up(workspace)
                if serve:
                    _keep_serving(address, thread)
                else:
                    data(_("\nLook at it: contentops -w {folder} serve").format(folder=folder))
            finally:
                server.should_exit = True
                thread.join(timeout=15)


def make_example(folder: Path) -> None:
    """Make a workspace with the example's content and settings."""
    from contentops.settings import FILE_NAME
    from contentops.workspace import Workspace

    if folder.exists() and any(folder.iterdir()):
        raise WorkspaceError(_("{path} is not empty; name a new folder").format(path=folder))
    example = bundled("examples") / EXAMPLE
    Workspace.init(folder, name="联巡云").close()
    shutil.copytree(example, folder, dirs_exist_ok=True)
    path = folder / FILE_NAME
    text = path.read_text(encoding="utf-8")
    for old, new in {
        'tagline = ""': f"name = {_NAMES}\ntagline = {_TAGLINES}",
        'controller = ""': f"controller = {_COMPANIES}",
        'contact = ""': 'contact = "privacy@example.com"',
    }.items():
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def bring_in(workspace: "Workspace") -> None:
    """Read the content and name the people."""
    report = workspace.assets.sync(by="demo")
    kinds = {asset.kind for asset in workspace.assets.find()}
    data(_("2. Content     {files} files read, {kinds} kinds, {problems} problems").format(
        files=report.files, kinds=len(kinds), problems=len(report.problems)
    ))  # fmt: skip
    people = tomllib.loads((workspace.folder / "team.toml").read_text(encoding="utf-8"))["people"]
    for person in people:
        for role in person["roles"]:
            workspace.team.assign(role, person["name"], email=person["email"])
    data(_("   People      {names}").format(names=_(", ").join(person["name"] for person in people)))


def plan_quarter(workspace: "Workspace", shared: Console) -> None:
    """Plan what is not published yet over the coming quarter, and export the calendar."""
    rows = list(csv.DictReader((workspace.folder / "plan.csv").open(encoding="utf-8-sig", newline="")))
    monday = workspace.now().date() + timedelta(days=7 - workspace.now().weekday())
    notices: list[str] = []
    for row in rows:
        day = _day(monday, int(row["publish_on_week"]), row["weekday"])
        plan = workspace.calendar.plan(f"{row['language']}/{row['slug']}", day, by="demo")
        found = [finding.message for finding in plan.findings]
        notices += [notice for notice in found if notice not in notices]
    workspace.calendar.series.extend(monday + timedelta(weeks=12))
    out = workspace.folder / "out"
    out.mkdir(exist_ok=True)
    items = workspace.calendar.agenda()
    (out / "calendar.ics").write_bytes(workspace.calendar.export())
    (out / "plan.xlsx").write_bytes(workspace.calendar.sheets.xlsx())
    (out / "calendar.html").write_bytes(workspace.pages.agenda(items))
    data(_("3. Calendar    {pieces} pieces planned, {events} events in {path}").format(
        pieces=len(rows), events=len(items), path=out / "calendar.ics"
    ))  # fmt: skip
    data(_("   Also as     {files}").format(files=_(", ").join(("plan.xlsx", "calendar.html"))))
    over = [load for load in workspace.calendar.workload.report() if load.over_hours]
    data(_("   Workload    {n} weeks with more due than a role has hours").format(n=len(over)))
    shared.warn(f"   {notice}" for notice in notices)


def _day(monday: date, week: int, weekday: str) -> date:
    return monday + timedelta(weeks=week - 1, days=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(weekday))


def build(workspace: "Workspace") -> None:
    """Build the site."""
    report = workspace.pages.build()
    data(_("4. Site        {pages} pages in {path}").format(pages=report.pages, path=report.output))


def visit(workspace: "Workspace", address: str) -> None:
    """Do what a visitor's browser does: open the page from a campaign, fill in its form, follow it to the file."""
    from urllib.parse import urlencode, urlsplit

    from contentops.cli.visitor import PageReader, get, request, wait_until_up

    host = urlsplit(address).netloc
    wait_until_up(host)
    page = get(host, f"{_PAGE}?utm_source=wechat&utm_medium=article&utm_campaign=2026-q4")
    form = PageReader(page.decode("utf-8"))
    time.sleep(workspace.settings.capture.min_seconds)  # a form sent sooner looks like a machine's
    fields = {**form.hidden, **{name: value for name, value in _VISITOR.items() if name in form.names}}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": address}
    status, where, _body = request(host, "POST", form.action, urlencode(fields), headers)
    if status != 303:
        raise WorkspaceError(_("the form answered {status}").format(status=status))
    link = next(url for url in PageReader(get(host, where).decode("utf-8")).links if url.startswith("/d/"))
    file = get(host, link)
    target = workspace.folder / "out" / "download.pdf"
    target.write_bytes(file)
    lead = next(workspace.leads.rows())
    data(_("5. Lead        {name}, {company} ({email}) from {source}, stored in {path}").format(
        name=lead["name"], company=lead["company"], email=lead["email"], source=lead["first_source"],
        path=workspace.folder / "contentops.db",
    ))  # fmt: skip
    data(_("   Download    {size} kB by a personal link: {path}").format(size=len(file) // 1000, path=target))


def follow_up(workspace: "Workspace") -> None:
    """Send what the form promised by mail, here into a folder; hand the leads over as a sheet."""
    done = workspace.outbox.run(once=True)
    letters = sorted((workspace.folder / workspace.settings.mail.folder).glob("*.eml"))
    data(_("6. Mail        {count} delivered to {path}").format(count=done.done, path=letters[-1] if letters else "–"))
    leads = workspace.folder / "out" / "leads.xlsx"
    leads.write_bytes(b"".join(workspace.leads.export("xlsx")))
    data(_("   Leads       {path}").format(path=leads))


def _keep_serving(address: str, thread: threading.Thread) -> None:
    data(_("\nServing: {index}\n         {page}\nCtrl-C ends it.").format(index=address + "/zh/", page=address + _PAGE))
    try:
        thread.join()
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
