"""Whether one try at a task is kept: what passed before must still pass, and nothing new may fail.

stages/code.py asks after every attempt, with the project's tests as the only witness; a rejected attempt is rolled
back and the reason given to the engine. It is milder than the gates: coverage, findings and quality are theirs, and a
project whose tests never ran is let through here and stopped there.
"""

from __future__ import annotations

from typing import NamedTuple

from tdev.core.artifacts.evaluation import TestOutcome, TestRun

_SHOWN = 8


class Judgement(NamedTuple):
    """Keep or roll back, with the sentence that says why (it is also the feedback to the engine)."""

    keep: bool
    reason: str


def judge(before: TestRun, after: TestRun) -> Judgement:
    """Compare the tests before and after one try.

    A run that did not work is never taken for a pass: where tests ran before they must run after.
    """
    if not after.ok:
        if before.ok:
            return Judgement(False, f"the tests no longer run: {after.reason}")
        return Judgement(True, f"no tests to compare ({after.reason}); the tests gate decides")
    lost = sorted(before.passed - after.passed)
    if lost:
        return Judgement(False, f"{len(lost)} tests that passed before do not pass now:\n{_details(lost, after)}")
    known = {name for name, outcome in before.outcomes.items() if outcome is not TestOutcome.PASSED}
    new = sorted(name for name, outcome in after.outcomes.items() if outcome.bad and name not in known)
    if new:
        return Judgement(False, f"{len(new)} new tests do not pass:\n{_details(new, after)}")
    return Judgement(True, f"{len(after.passed)} tests pass, {len(before.passed)} passed before")


def _details(names: list[str], run: TestRun) -> str:
    """The first few tests with their failure texts."""
    lines = [f"- {name}: {run.failures.get(name) or 'it is gone or was skipped'}" for name in names[:_SHOWN]]
    if len(names) > _SHOWN:
        lines.append(f"- and {len(names) - _SHOWN} more")
    return "\n".join(lines)
