"""Generated tests, advisory: what programs draft for changed functions, where it adds something to the project's tests.

Comes in: a Change whose head's tests have run. Goes out: a report with a note for each module that gains, and the tests
themselves in the run directory, `generated-tests/`. What a draft has to do to be kept is in generated_tries.py. Nothing
is committed: such a test says what the code does, and a person has to say whether that is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.counting import counted
from tdev.core.fingerprint import fingerprint
from tdev.core.generated_tests import CHECK, FOLDER
from tdev.core.useful_tests import Worth
from tdev.errors import TransientError
from tdev.evidence.generated_drafts import Desk, Sheet, hypothesis_sheet, pynguin_sheet
from tdev.evidence.generated_gaps import Gap, gaps_of
from tdev.evidence.generated_tries import Tried, useful
from tdev.evidence.reruns import seeds
from tdev.evidence.subject import AFTER, Change
from tdev.evidence.tests_of import bench_in
from tdev.policy.tests_gate import Drafter
from tdev.tools.ghostwriter.runs import workshop

LEAST_SECONDS = 5
"""A search shorter than this finds little."""


class Told(NamedTuple):
    """What came of one module."""

    finding: Finding | None = None
    """Where it gains."""
    reasons: tuple[str, ...] = ()
    """What could not be had."""
    looked: bool = True
    """Somebody drafted, or said why there is nothing to draft."""


def wanted(run: RunDir) -> bool:
    """Asked for by the policy."""
    return run.policy.gates.tests.generated_seconds > 0 and bool(run.policy.gates.tests.generated)


def generated(change: Change) -> ToolReport:
    """Which changed modules gain; raises TransientError when no environment can be made."""
    head, run = change.tests(AFTER), change.run
    if not head.ok:
        return ToolReport(tool=CHECK, ok=False, reason=f"the tests have no result: {head.reason}")
    gaps, seconds = gaps_of(change, head), run.policy.gates.tests.generated_seconds
    chosen = gaps[: max(1, seconds // LEAST_SECONDS)]
    if not chosen:
        return ToolReport(tool=CHECK, ok=True, reason="tests run every changed line, and no mutant is known to survive")
    clone = change.after.clone(CHECK)
    bench = bench_in(change.after, clone, CHECK)
    python, limit = bench.environment.python, float(run.policy.limits.tool_seconds)
    with workshop(run.settings, python, bench.project, run.policy.sandbox, limit) as shop:
        desk = Desk(change.after, clone, bench, shop)
        told = [_look(desk, gap, max(1, seconds // len(chosen)), seeds(change)) for gap in chosen]
    return summed(told, len(gaps) - len(chosen))


def summed(told: Sequence[Told], left_out: int) -> ToolReport:
    """The report on all modules; not ok where no drafter could do its work for any."""
    reasons = [reason for one in told for reason in one.reasons]
    if left_out:
        reasons.append(f"{counted(left_out, 'module')} left out for lack of time")
    examined = sum(one.looked for one in told)
    findings = tuple(one.finding for one in told if one.finding)
    return ToolReport(tool=CHECK, ok=examined > 0, reason="; ".join(reasons), examined=examined, findings=findings)


def _look(desk: Desk, gap: Gap, seconds: int, orders: tuple[int, ...]) -> Told:
    """What is said of one module."""
    drafters = desk.commit.run.policy.gates.tests.generated
    answers = [_drafted(desk, gap, drafter, seconds) for drafter in drafters]
    sheets = [answer for answer in answers if isinstance(answer, Sheet)]
    reasons = [str(answer) for answer in answers if not isinstance(answer, Sheet)]
    if all(isinstance(answer, TransientError) for answer in answers):
        return Told(reasons=tuple(reasons), looked=False)
    try:
        kept, passed = useful(desk, gap, sheets, orders)
    except TransientError as error:
        return Told(reasons=(*reasons, f"{gap.module}: {error}"), looked=False)
    if sheets and not kept:
        reasons.append(f"{gap.module}: of {counted(passed, 'draft')} that pass, none adds something to the tests")
    return Told(_finding(gap, kept, passed, tuple(_written(desk.commit.run, kept))) if kept else None, tuple(reasons))


def _drafted(desk: Desk, gap: Gap, drafter: Drafter, seconds: int) -> Sheet | str | TransientError:
    """A drafter's sheet, else why it has none, or why it could not work."""
    try:
        return hypothesis_sheet(desk, gap) if drafter is Drafter.HYPOTHESIS else pynguin_sheet(desk, gap, seconds)
    except TransientError as error:
        return error


def _written(run: RunDir, kept: list[tuple[Tried, Worth]]) -> Iterator[str]:
    """Keep the tests in the run directory; the path of each file there."""
    sheets = {one.sheet.file: one.sheet for one, _ in kept}
    for name, sheet in sheets.items():
        text = sheet.kept([one.name for one, _ in kept if one.sheet is sheet])
        file = f"{FOLDER}/{name}"
        run.write_bytes(file, text.encode("utf-8", "replace"))
        yield file


def _finding(gap: Gap, kept: list[tuple[Tried, Worth]], passed: int, files: tuple[str, ...]) -> Finding:
    lines = {line for _, worth in kept for line in worth.lines}
    kills = {number for _, worth in kept for number in worth.kills}
    by = Counter(one.sheet.drafter.value for one, _ in kept)
    who = " and ".join(f"{counted(number, 'test')} by {name}" for name, number in sorted(by.items()))
    gains = []
    if lines:
        gains.append(f"run {len(lines)} of {len(gap.lines)} changed lines that no test runs")
    if kills:
        gains.append(f"kill {len(kills)} of {len(gap.mutants)} mutants that survive")
    all_of = "1 draft that passes" if passed == 1 else f"{passed} drafts that pass"
    first = min([*lines, *(gap.mutants[number].first for number in kills)])
    return Finding(
        tool=CHECK,
        rule="useful-test",
        severity=Severity.NOTE,
        message=f"For {gap.module}, {who}, of {all_of}, would {' and '.join(gains)}",
        path=gap.path,
        line=first,
        remedy=f"Read {' and '.join(files)} of the run. Keep what says what the code should do, under a telling name.",
        fingerprint=fingerprint(CHECK, "useful-test", gap.path),
    )
