"""`tdev demo`: the main job on real input, in a throw-away folder, with no account and no model."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
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
    """Two tables and where to look."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    stages = list(dict.fromkeys(name for case in results for name in case.result.seconds))
    table = Table(title="What happened", title_justify="left")
    table.add_column("case")
    for name in stages:
        table.add_column(f"{name}\ns", justify="right")
    for name in ("total\ns", "gates", "cost\nUSD"):
        table.add_column(name, justify="right")
    for case in results:
        seconds = case.result.seconds
        cells = [f"{seconds[name]:.1f}" if name in seconds else "" for name in stages]
        total = f"{sum(seconds.values()):.1f}"
        table.add_row(case.name, *cells, total, case.result.verdict, f"{case.result.cost_usd:.2f}")
    console.print(table)
    metrics = Table(title="Before and after", title_justify="left")
    metrics.add_column("metric")
    for case in results:
        metrics.add_column(f"{case.name}\nbefore", justify="right")
        metrics.add_column("\nafter", justify="right")
    rows = [list(compared(case.result.metrics["before"], case.result.metrics["after"])) for case in results]
    for parts in zip(*rows, strict=True):
        metrics.add_row(parts[0][0], *(cell for part in parts for cell in part[1:]))
    console.print(metrics)
    for case in results:
        console.print(f"[bold]{case.name}[/bold]: branch {case.result.branch or 'none: ' + case.result.reason}")
        for note in case.notes:
            console.print(f"  {note}", style="dim")
        console.print(f"  git -C {case.repository} diff --stat HEAD...{case.result.branch}", soft_wrap=True)
        console.print(f"  {case.result.run_dir}/pull-request.md", soft_wrap=True)
    console.print("\nEvery case ended with its gates passed." if ok else "\n[red]Not every case passed.[/red]")
