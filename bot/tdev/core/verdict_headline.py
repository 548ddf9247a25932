"""The three lines on top of a verdict: what was decided, what changed in figures, what to do next.

In go the verdict and, where they are there, the evaluation and the patch; out come three lines of Markdown, of the same
form for a change that goes on and for one that is stopped. Words from outside pass through core/outbound.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.counting import counted
from tdev.core.outbound import inline
from tdev.core.shown import MARKS, compared, place

_MOST_NAMES = 4
_MOST_FIGURES = 5


def headline(verdict: Verdict) -> str:
    """The verdict in a sentence: how many checks decided it, and which."""
    checks = checks_of(verdict)
    stopped = [check for check in checks if not check.outcome.lets_through]
    mark, whole = MARKS[verdict.outcome], counted(len(checks), "check")
    if not checks:
        return f"{mark} **The change is stopped**: nothing was checked"
    if stopped or not verdict.outcome.lets_through:
        failed = [check for check in stopped if check.outcome is Outcome.FAIL]
        silent = [check for check in stopped if check.outcome is Outcome.ERROR]
        parts = [_group(failed, "no"), _group(silent, "nothing, for lack of evidence")]
        said = "; ".join(part for part in parts if part)
        return f"{mark} **The change is stopped**: of {whole}, {said or inline(verdict.reason)}"
    special = [
        (Outcome.REVIEW, "a person is asked to look at"),
        (Outcome.WAIVED, "the policy waives"),
        (Outcome.SKIPPED, "skipped, with nothing to look at:"),
    ]
    parts = [f"{words} {_names(found)}" for outcome, words in special if (found := _with(checks, outcome))]
    return f"{mark} **The change may go on**: none of {whole} says no" + "".join(f"; {part}" for part in parts)


def figures(patch: Patch | None, evaluation: Evaluation | None) -> str:
    """What changed: size of the change, and the figures that are no longer what they were."""
    parts = list(_size(patch)) if patch else []
    if evaluation is not None:
        rows = compared(evaluation.before.metrics, evaluation.after.metrics)
        moved = [f"{name.replace(', %', '')} {old} → {new}" for name, old, new in rows if old != new]
        parts += moved[:_MOST_FIGURES] or ["no figure moved"]
        parts.append(f"score {evaluation.score:.1f} of 100")
    return " · ".join(parts)


def next_step(verdict: Verdict) -> str:
    """What to do next, in a sentence."""
    checks = checks_of(verdict)
    silent = _with(checks, Outcome.ERROR)
    if silent:
        first = silent[0]
        return f"find out why there is no evidence. {inline(first.name)}: {inline(first.reason)}"
    failed = _with(checks, Outcome.FAIL)
    if failed:
        findings = [finding for check in failed for finding in check.findings]
        if not findings:
            return f"{inline(failed[0].name)}: {inline(failed[0].reason)}"
        more = f", and {len(findings) - 1} more below" if len(findings) > 1 else ""
        return f"{_told(findings[0])}{more}"
    if not verdict.outcome.lets_through:
        return inline(verdict.reason)
    if verdict.to_review:
        return f"a person looks at {counted(len(verdict.to_review), 'place')}, then marks the change as ready."
    return "nothing; merge it when it does what you want."


def checks_of(verdict: Verdict) -> tuple[Verdict, ...]:
    """The decisions that rest on evidence: checks, and gates that were skipped as a whole."""
    return tuple(check for gate in verdict.children for check in (gate.children or (gate,)))


def _size(patch: Patch) -> Iterator[str]:
    if patch.empty:
        yield "no change"
        return
    added, removed = sum(file.added for file in patch.files), sum(file.removed for file in patch.files)
    yield counted(len(patch.commits), "commit")
    yield f"{counted(len(patch.files), 'file')}, +{added:,} −{removed:,} lines"


def _group(checks: Sequence[Verdict], said: str) -> str:
    if not checks:
        return ""
    return f"{len(checks)} {'says' if len(checks) == 1 else 'say'} {said} ({_names(checks)})"


def _names(checks: Sequence[Verdict]) -> str:
    shown = ", ".join(inline(check.name) for check in checks[:_MOST_NAMES])
    more = len(checks) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _with(checks: Sequence[Verdict], outcome: Outcome) -> list[Verdict]:
    return [check for check in checks if check.outcome is outcome]


def _told(finding: Finding) -> str:
    """The first thing to mend."""
    return f"{place(finding)}{inline(finding.rule)}: {inline(finding.remedy or finding.message)}"
