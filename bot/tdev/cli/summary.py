"""The end of a run on the terminal: how it ended, what changed, where to look.

Used by every command that ends with a run. Comes in: a RunResult. Goes out: JSON on standard
output, or text on standard error; only the diff of a dry run and the plan of `--plan-only` are
results in themselves and go to standard output. It says what was not done as plainly as what was.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.attempt_lines import attempt_lines
from tdev.core.outbound import visible
from tdev.core.shown import MARKS, compared
from tdev.stages.outcome import RunResult

_SENTENCES = {
    "published": "Done: branch {branch}",
    "unchanged": "Nothing to change: {reason}",
    "gate-failed": "A gate said no, so no branch was made: {reason}",
    "task-failed": "No task could be done: {reason}",
    "dry-run": "Dry run: the gates let it through; nothing was written to the repository.",
    "plan-only": "Planned; nothing was changed.",
    "questions": "The requirement leaves questions open: {reason}",
    "unfinished": "The run is not finished.",
}


def report(run: RunDir, result: RunResult, *, as_json: bool) -> int:
    """Print the result and return the exit code."""
    if as_json:
        print(result.model_dump_json(indent=2))
        return result.exit_code
    if result.outcome == "dry-run":
        print((run.path / "patch.diff").read_text("utf-8", "replace"))
    if result.outcome == "plan-only":
        print((run.path / "plan.md").read_text("utf-8"))
    for line in _lines(run, result):
        print(line, file=sys.stderr)
    return result.exit_code


def _lines(run: RunDir, result: RunResult) -> Iterator[str]:
    yield ""
    yield _SENTENCES[result.outcome].format(branch=result.branch, reason=result.reason)
    if run.has(Verdict):
        yield from verdict_lines(run.read(Verdict))
    if "after" in result.metrics:
        yield ""
        changed = compared(result.metrics["before"], result.metrics["after"])
        yield f"  {'':24} {'before':>8} {'after':>8}"
        yield from (f"  {name:24} {before:>8} {after:>8}" for name, before, after in changed)
        yield f"  {'score, of 100':24} {'':>8} {result.score:>8.1f}"
    if run.has(Plan) and result.outcome != "plan-only":
        left = run.read(Plan).not_done
        yield from ("", "Not done:", *(f"  - {reason}" for reason in left[:5])) if left else ()
        if len(left) > 5:
            yield f"  - and {len(left) - 5} more, in plan.md"
    yield from _tried(run)
    yield ""
    yield from _where(run, result)


def _tried(run: RunDir) -> Iterator[str]:
    """The attempts, where not every one was kept."""
    attempts = run.read(Patch).attempts if run.has(Patch) else ()
    if not all(attempt.kept for attempt in attempts):
        yield from ("", "Attempts:", *(f"  - {visible(line, 200)}" for line in attempt_lines(attempts, 12)))


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """The verdict tree, one line per gate and check, and the findings that block."""
    for gate in verdict.children:
        yield f"  {MARKS[gate.outcome]} {gate.name}: {gate.outcome.value}"
        for check in gate.children:
            if check.outcome is not Outcome.PASS:
                yield f"      {MARKS[check.outcome]} {check.name}: {check.reason}"
            for finding in check.findings[:10]:
                place = f"{finding.path}:{finding.line} " if finding.path else ""
                yield f"          {place}{finding.rule}: {finding.message} {finding.remedy}".rstrip()


def _where(run: RunDir, result: RunResult) -> Iterator[str]:
    if result.branch:
        repository = Path(run.goal.repository.path)
        yield f"Look:    git -C {repository} log --stat {run.goal.repository.base_sha[:10]}..{result.branch}"
        yield f"         {run.path / 'pull-request.md'}"
    yield f"Run:     {result.run_id} in {run.path}"
    cost = f"{result.cost_usd:.4f} USD" if result.cost_usd else "0 USD, no model was used"
    yield f"Cost:    {cost}; {sum(result.seconds.values()):.1f} s"
