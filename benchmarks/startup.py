"""Starting: import, help and small commands, each in a process of its own, against an empty Python.

Targets are milliseconds of wall time (reference/speed.md section 9) and hold on a quiet machine only; the ratios to
``python -c pass`` hold on a busy one too.
"""

from functools import partial

from benchmarks.measuring import Options, Report, Spread, Timing, Verdict, python, run_child, take_turns
from benchmarks.workspaces import Bench, temporary_folder

HELP, WITH_DATABASE, WITHOUT_DATABASE = "contentops --help", "contentops asset list", "contentops config show"
TARGETS = {HELP: 150, WITH_DATABASE: 350, WITHOUT_DATABASE: 130}


def run(options: Options) -> Report:
    """Measure the starts."""
    report = Report("startup", "one start")
    with temporary_folder() as folder:
        bench = Bench(folder / "workspace", Options(files=20))
        with bench.open() as workspace:
            workspace.assets.sync()
        commands = {
            "python -c pass": python("-c", "pass"),
            "import contentops": python("-c", "import contentops"),
            "contentops --version": python("-m", "contentops", "--version"),
            HELP: python("-m", "contentops", "--help"),
            WITHOUT_DATABASE: python("-m", "contentops", "config", "show"),
            WITH_DATABASE: python("-m", "contentops", "asset", "list"),
            "contentops sync (nothing changed)": python("-m", "contentops", "sync"),
            "import sqlmodel": python("-c", "import sqlmodel"),
            "mkdocs --help": python("-m", "mkdocs", "--help"),
        }

        def start(name: str) -> Timing:
            return run_child(commands[name], bench.folder)[0]

        variants = {name: partial(start, name) for name in commands}
        report.samples = take_turns(variants, 3 * options.rounds, warm_up=True)
    for name, target in TARGETS.items():
        wall = report.samples.spread(name, "wall")
        value = Spread(wall.median * 1000, wall.low * 1000, wall.high * 1000)
        report.verdicts.append(Verdict(f"{name} (wall)", value, target, False, "ms"))
    for name in commands:
        if name.startswith(("import contentops", "contentops")):
            report.compare(f"{name} / python -c pass", name, "python -c pass", clocks=("cpu",))
    report.compare(f"{WITH_DATABASE} / import sqlmodel", WITH_DATABASE, "import sqlmodel", clocks=("cpu",))
    return report
