"""`tdev gate`: hold the last commits of a repository against its gates; what CI runs.

Made for a step in CI and for the hook of a developer: no branch, no engine, no model. Comes in: a
repository and perhaps a base. Goes out: the verdict as text or JSON, and exit code 4 when a gate
says no. All of the work is done by stages/judge_head.py; work that is not committed is not judged.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence

from tdev.adapters import workspace
from tdev.adapters.run_dir import RunDir
from tdev.cli.arguments import add_json, add_repository
from tdev.cli.step import put_out, summarise
from tdev.cli.summary import verdict_lines
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.event import Event
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.core.shown import compared
from tdev.errors import ConfigurationError, ExitCode
from tdev.settings import Settings
from tdev.stages.evaluate import ALL_GATES
from tdev.stages.gate import MARKDOWN_FILE, SARIF_FILE
from tdev.stages.judge_head import judge_head, open_judgement


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_repository(parser)
    parser.add_argument(
        "gates", nargs="*", metavar="NAME", help=f"gates to ask: {', '.join(ALL_GATES)} (default: all of them)"
    )
    parser.add_argument(
        "--base",
        default="",
        metavar="REF",
        help="compare with the point where HEAD left this (default: the default branch, else the parent commit)",
    )
    parser.add_argument("--fail-fast", action="store_true", help="end with the first gate that says no")
    form = parser.add_mutually_exclusive_group()
    add_json(form)
    form.add_argument("--md", action="store_true", help="print the verdict as Markdown")
    form.add_argument("--sarif", action="store_true", help="print the findings as SARIF, for code scanning")


def run(arguments: argparse.Namespace) -> int:
    """Judge HEAD and say how it went: 0 when every gate lets it through, 4 when one does not."""
    gates = _chosen(arguments.gates)
    settings = Settings.from_environment()
    run = open_judgement(settings, arguments.repo, arguments.base)
    if not arguments.json:
        _say_what(run)
        run.listeners.append(_progress(time.monotonic()))
    verdict = judge_head(run, gates, fail_fast=arguments.fail_fast)
    put_out(settings, {"verdict": verdict.outcome.value, "run-dir": str(run.path)})
    summarise(settings, (run.path / MARKDOWN_FILE).read_text("utf-8"))
    if arguments.json:
        print(json.dumps(_answer(run, verdict), indent=2))
    elif arguments.sarif:
        print((run.path / SARIF_FILE).read_text("utf-8"))
    elif arguments.md:
        print((run.path / MARKDOWN_FILE).read_text("utf-8"), end="")
    else:
        for line in _table(run, verdict):
            print(line)
    return ExitCode.OK if verdict.outcome.lets_through else ExitCode.GATE_FAILED


def _chosen(names: Sequence[str]) -> tuple[str, ...]:
    """The gates to ask, in their order; all where none is named. Raises ConfigurationError for an unknown name."""
    unknown = [name for name in names if name not in ALL_GATES]
    if unknown:
        raise ConfigurationError(
            f"There is no gate {unknown[0]!r}.", next_step=f"The gates are {', '.join(ALL_GATES)}."
        )
    return tuple(name for name in ALL_GATES if not names or name in names)


def _say_what(run: RunDir) -> None:
    """Say which commits are looked at, and what is not."""
    patch = run.read(Patch)
    if patch.empty:
        print(f"Commit {patch.head_sha[:10]} has no parent here: only the whole is looked at.", file=sys.stderr)
    else:
        count = f"{len(patch.commits)} commits, {len(patch.files)} files"
        print(f"Commits {patch.base_sha[:10]}..{patch.head_sha[:10]}: {count}.", file=sys.stderr)
    if workspace.repository(run).dirty():
        print("Uncommitted changes are not looked at.", file=sys.stderr)


def _progress(started: float) -> Callable[[Event], None]:
    """One line per program that has ended."""

    def tell(event: Event) -> None:
        if event.name in ("tdev.tool.end", "tdev.tool.note"):
            print(f"{time.monotonic() - started:6.1f}s  {event.message}", file=sys.stderr, flush=True)

    return tell


def _table(run: RunDir, verdict: Verdict) -> list[str]:
    """The verdict tree, the figures, and where everything is."""
    evaluation = run.read(Evaluation)
    rows = compared(evaluation.before.metrics, evaluation.after.metrics)
    return [
        f"{verdict.outcome.value}: {verdict.reason}",
        *verdict_lines(verdict),
        "",
        f"  {'':24} {'before':>8} {'after':>8}",
        *(f"  {name:24} {before:>8} {after:>8}" for name, before, after in rows),
        f"  {'score, of 100':24} {'':>8} {evaluation.score:>8.1f}",
        "",
        f"Run:     {run.id} in {run.path}",
    ]


def _answer(run: RunDir, verdict: Verdict) -> dict[str, object]:
    """The result for machines."""
    evaluation, patch = run.read(Evaluation), run.read(Patch)
    return {
        "ok": verdict.outcome.lets_through,
        "run_id": run.id,
        "run_dir": str(run.path),
        "base": patch.base_sha,
        "head": patch.head_sha,
        "verdict": verdict.model_dump(mode="json"),
        "score": evaluation.score,
        "metrics": {
            "before": evaluation.before.metrics.model_dump(mode="json"),
            "after": evaluation.after.metrics.model_dump(mode="json"),
        },
    }
