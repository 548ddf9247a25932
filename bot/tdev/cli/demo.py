"""`tdev demo`: the front door on real input, in a throw-away folder, with no account and no model.

It starts a GitHub on loopback and the bot, opens issues, sets a label, comments, and follows the pages
to the end. Nothing in it is recorded beforehand: webhooks are signed and delivered, branches are
pushed, checks decide what can be merged. The cases are in demo/cases.py; they run beside each other, and
here their figures are put side by side. `--serve` leaves the pages up; the folder is kept in any case.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tdev.cli.arguments import add_json
from tdev.cli.forge import RUNNERS
from tdev.core.shown import compared
from tdev.errors import ExitCode
from tdev.settings import Settings

if TYPE_CHECKING:
    from tdev.demo.cases import Case
    from tdev.demo.result import CaseResult

_CASES = ("build", "evolve", "bad")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to work (default: a new temporary folder)")
    parser.add_argument("--only", choices=_CASES, help="one case")
    parser.add_argument("--serve", action="store_true", help="leave the pages up until Ctrl-C and print their links")
    parser.add_argument(
        "--runner", choices=RUNNERS, help="what carries out jobs (default: act where it is installed, else own)"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the cases; exit code 0 only when each ended as it should."""
    from tdev.demo.cases import CASES
    from tdev.demo.runner import chosen_runner
    from tdev.demo.world import world
    from tdev.tools.toolbox import Toolbox

    settings = Settings.from_environment()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="tdev-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    tell = _teller(quiet=arguments.json)
    wanted = [case for case in CASES if arguments.only in (None, case.name)]
    runner, why = chosen_runner(settings, arguments.runner)
    tell("demo", f"jobs are carried out by {'act' if runner == 'act' else 'our own runner'}: {why}")
    if runner == "act":
        Toolbox(settings).program("act")  # building it is no part of the demo
    with world(settings, folder.absolute(), runner) as here:
        tell("demo", f"forge and bot are up: {here.url}")
        for case in wanted:
            tell(case.name, case.title)

        def one(case: Case) -> CaseResult:
            with here.in_a_thread_of_its_own() as own:
                return case.function(own, folder.absolute() / case.name, partial(tell, case.name))

        with ThreadPoolExecutor(max_workers=len(CASES)) as beside:
            results = list(beside.map(one, wanted))
        ok = bool(results) and all(result.ok for result in results)
        if arguments.json:
            print(json.dumps({"cases": [result.row() for result in results], "ok": ok}, indent=2), flush=True)
        else:
            _show(results, ok=ok)
        if arguments.serve:
            _serve(results)
    return ExitCode.OK if ok else ExitCode.GATE_FAILED


def _show(results: list[CaseResult], *, ok: bool) -> None:
    """One table with a column per case, then where to look."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=box.SQUARE)
    table.add_column("")
    for case in results:
        table.add_column(case.name, justify="right")
    for section in (_seconds, _gates, _metrics):
        for name, *cells in section(results):
            table.add_row(name, *cells)
        table.add_section()
    console.print(table)
    for case in results:
        console.print(f"\n[bold]{case.name}[/bold]: {_ending(case)}")
        for note in case.notes:
            console.print(f"  {note}", style="dim", soft_wrap=True)
        for link in case.links:
            console.print(f"  {link}", style="dim", soft_wrap=True)
        console.print(f"  {case.result.run_dir}", style="dim", soft_wrap=True)
    console.print("\nEvery case ended as it should." if ok else "\n[red]Not every case ended as it should.[/red]")


def _ending(case: CaseResult) -> str:
    """How a case ended, in a line."""
    pull = case.pull
    if not pull.number:
        return f"no pull request: {case.result.reason}"
    state = "merged" if pull.merged else "can be merged" if pull.mergeable else "can't be merged"
    return f"#{pull.number} {pull.branch}, {state}"


def _serve(results: list[CaseResult]) -> None:
    """Keep the pages up until Ctrl-C."""
    print("\nThe pages stay up until Ctrl-C:", file=sys.stderr)
    for link in dict.fromkeys(link for case in results for link in case.links):
        print(f"  {link}", file=sys.stderr)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()


def _teller(*, quiet: bool) -> Callable[[str, str], None]:
    """Shows progress on standard error: the seconds since the start, which case, what."""
    started = time.monotonic()

    def tell(name: str, line: str) -> None:
        if not quiet:
            print(f"{time.monotonic() - started:6.1f}s  {name:7} {line}", file=sys.stderr, flush=True)

    return tell


def _seconds(results: list[CaseResult]) -> Iterator[list[str]]:
    """Rows: seconds of each stage, and their sum."""
    for name in dict.fromkeys(name for case in results for name in case.result.seconds):
        spent = [case.result.seconds.get(name) for case in results]
        yield [f"{name}, s", *("" if seconds is None else f"{seconds:.1f}" for seconds in spent)]
    yield ["total, s", *(f"{sum(case.result.seconds.values()):.1f}" for case in results)]
    yield ["to the pull request, s", *(f"{case.pull.seconds:.1f}" if case.pull.seconds else "" for case in results)]


def _gates(results: list[CaseResult]) -> Iterator[list[str]]:
    """Rows: outcome of each gate, what it cost."""
    for name in dict.fromkeys(name for case in results for name in case.result.gates):
        yield [f"gate {name}", *(case.result.gates.get(name, "") for case in results)]
    for name in dict.fromkeys(name for case in results for name in case.pull.checks):
        yield [f"check {name}", *(case.pull.checks.get(name, "") for case in results)]
    yield ["cost, USD", *(f"{case.result.cost_usd:.2f}" for case in results)]


def _metrics(results: list[CaseResult]) -> Iterator[list[str]]:
    """Rows: each metric before and after."""
    shown = [
        {row[0]: row for row in compared(case.result.metrics["before"], case.result.metrics["after"])}
        if len(case.result.metrics) > 1
        else {}
        for case in results
    ]
    for name in dict.fromkeys(name for rows in shown for name in rows):
        yield [name, *(f"{rows[name][1]} → {rows[name][2]}" if name in rows else "" for rows in shown)]
    yield ["score, of 100", *("" if case.result.score is None else f"{case.result.score:.1f}" for case in results)]
