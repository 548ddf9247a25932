"""`tdev demo`: the main job on real input, in a throw-away folder, with no account and no model.

It calls the same stages as `build` and `evolve`, with the recipes engine, so that what it shows is
what users get: nothing in it is recorded beforehand. The cases are in cli/demo_cases.py; here they
are run one after another and their figures put side by side.

The folder is kept at the end: people want to look at the branches.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tdev.cli.arguments import add_json
from tdev.cli.demo_cases import CASES, CaseResult
from tdev.core.pull_request import compared
from tdev.errors import ExitCode
from tdev.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to work (default: a new temporary folder)")
    parser.add_argument("--only", choices=[case.name for case in CASES], help="one case")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the cases; exit code 0 only when each ended with its gates passed and its branch made."""
    settings = Settings.from_environment()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="tdev-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    results = []
    for case in CASES:
        if arguments.only in (None, case.name):
            if not arguments.json:
                print(f"\n── {case.name}: {case.title}\n", file=sys.stderr)
            results.append(case.function(settings, folder.absolute(), arguments.json))
    ok = bool(results) and all(result.ok for result in results)
    if arguments.json:
        print(json.dumps({"cases": [_row(result) for result in results], "ok": ok}, indent=2))
    else:
        _show(results, ok=ok)
    return ExitCode.OK if ok else ExitCode.GATE_FAILED


def _row(case: CaseResult) -> dict[str, Any]:
    """One case for machines."""
    result = case.result
    return {
        "name": case.name,
        "run_id": result.run_id,
        "branch": result.branch,
        "verdict": result.verdict,
        "ok": case.ok,
        "seconds": dict(result.seconds),
        "metrics": {name: metrics.model_dump() for name, metrics in result.metrics.items()},
        "score": result.score,
        "cost_usd": result.cost_usd,
        "gates": dict(result.gates),
        "requests": [list(request) for request in case.requests],
        "repository": str(case.repository),
        "run_dir": result.run_dir,
    }


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
        console.print(f"\n[bold]{case.name}[/bold]: {case.result.branch or 'no branch: ' + case.result.reason}")
        for note in case.notes:
            console.print(f"  {note}", style="dim", soft_wrap=True)
        if case.result.branch:
            console.print(f"  git -C {case.repository} diff --stat HEAD...{case.result.branch}", soft_wrap=True)
        console.print(f"  {case.result.run_dir}/pull-request.md", soft_wrap=True)
    console.print("\nEvery case ended with its gates passed." if ok else "\n[red]Not every case passed.[/red]")


def _seconds(results: list[CaseResult]) -> Iterator[list[str]]:
    """Rows: seconds of each stage, and their sum."""
    for name in dict.fromkeys(name for case in results for name in case.result.seconds):
        spent = [case.result.seconds.get(name) for case in results]
        yield [f"{name}, s", *("" if seconds is None else f"{seconds:.1f}" for seconds in spent)]
    yield ["total, s", *(f"{sum(case.result.seconds.values()):.1f}" for case in results)]


def _gates(results: list[CaseResult]) -> Iterator[list[str]]:
    """Rows: outcome of each gate, what it cost."""
    for name in dict.fromkeys(name for case in results for name in case.result.gates):
        yield [f"gate {name}", *(case.result.gates.get(name, "") for case in results)]
    yield ["cost, USD", *(f"{case.result.cost_usd:.2f}" for case in results)]


def _metrics(results: list[CaseResult]) -> Iterator[list[str]]:
    """Rows: each metric before and after."""
    shown = [list(compared(case.result.metrics["before"], case.result.metrics["after"])) for case in results]
    for rows in zip(*shown, strict=True):
        yield [rows[0][0], *(f"{before} → {after}" for _, before, after in rows)]
    yield ["score, of 100", *("" if case.result.score is None else f"{case.result.score:.1f}" for case in results)]
