"""Trying generated tests: which pass every time, which open lines each runs, and which surviving mutants each kills.

Comes in: a desk for one change, a gap, and sheets of drafts. Goes out: the drafts worth keeping. First they run from a
folder apart, where one that never ends is stopped, and under coverage; then inside the project, with its settings,
three times in random order and with other examples each time; then on the mutants. The clone may have been changed by
what ran before, so files are put into it without following a link.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from tdev.adapters.confined_files import write_file
from tdev.core.artifacts.evaluation import TestOutcome
from tdev.core.mutants import Mutant
from tdev.core.useful_tests import Worth, worth_keeping
from tdev.errors import Refused, TransientError
from tdev.evidence.generated_drafts import Desk, Sheet
from tdev.evidence.generated_gaps import Gap
from tdev.tools.ghostwriter.passing import passing
from tdev.tools.ghostwriter.runs import SEEDS, try_drafts
from tdev.tools.mutant_runs import KILLED, Stand, try_mutants
from tdev.tools.pytest import Choice, run_tests

_PREFIX = "test_tdev_generated_"
"""Of the files in the clone: no test of the project is called so."""
_MOST_SECONDS = 120.0
"""For one run of a module's drafts, and for trying them on mutants."""
_FEW = 3
"""So many drafts are tried on mutants each by itself at once."""
_SPAN = 2.0
"""Seconds that a single draft may need on the mutants besides its own run."""


class Tried(NamedTuple):
    """One draft that passes every time."""

    sheet: Sheet
    """Where it stands."""
    name: str
    """Of its function."""
    ran: frozenset[int]
    """Lines of the module that it runs, 1-based."""

    @property
    def test(self) -> str:
        """Its id inside the project."""
        return f"{_PREFIX}{self.sheet.file}::{self.name}"


def useful(
    desk: Desk, gap: Gap, sheets: Sequence[Sheet], seeds: Sequence[int]
) -> tuple[list[tuple[Tried, Worth]], int]:
    """The drafts worth keeping, with what each adds, and of how many that pass every time they were chosen.

    `seeds` decide the orders in which they are run; of drafts as good as each other that of the first sheet is kept.
    Raises TransientError when they can't be run at all.
    """
    alive = [tried for sheet in sheets for tried in _passing(desk, gap, sheet)]
    alive = _stable(desk, alive, seeds)
    kills = _kills(desk, gap, alive)
    by_test = {one.test: one for one in alive}
    worth = [
        Worth(one.test, one.sheet.sizes[one.name], one.ran & gap.lines, kills.get(one.test, frozenset()))
        for one in alive
    ]
    return [(by_test[one.name], one) for one in worth_keeping(worth)], len(alive)


def _passing(desk: Desk, gap: Gap, sheet: Sheet) -> list[Tried]:
    """The drafts of a sheet that pass with drawn examples and as they would be kept, and what they run."""
    names, _ = passing(desk.shop, list(sheet.sizes), sheet.drawn, SEEDS[:1])
    if not names:
        return []
    run = try_drafts(desk.shop, sheet.kept(names), seed=SEEDS[0], coverage=True)
    path = desk.in_project(gap.path)
    lines = {name: run.lines.get(name, {}).get(path, frozenset()) for name in names if name in run.passed}
    return [Tried(sheet, name, ran) for name, ran in lines.items() if run.complete]


def _stable(desk: Desk, drafts: Sequence[Tried], seeds: Sequence[int]) -> list[Tried]:
    """The drafts that pass inside the project in each order; raises TransientError where a run has no result."""
    left = list(drafts)
    if not left:
        return []
    _put(desk, left, kept=False)
    run = desk.commit.run
    seconds = min(float(run.policy.limits.test_seconds), _MOST_SECONDS)
    for seed in seeds:
        choice = Choice(tuple(one.test for one in left), seed)
        bench = desk.bench
        tests = run_tests(
            bench.environment, bench.project, run.settings, seconds, False, limits=run.policy.sandbox, choice=choice
        )
        if not tests.ok:
            raise TransientError(f"the drafts have no result inside the project: {tests.reason}")
        left = [one for one in left if tests.outcomes.get(one.test) is TestOutcome.PASSED]
        if not left:
            break
    return left


def _put(desk: Desk, drafts: Collection[Tried], *, kept: bool) -> None:
    """Write the drafts' modules into the clone; raises TransientError where something stands in their place."""
    folder = "" if desk.commit.folder == "." else f"{desk.commit.folder}/"
    names: dict[str, tuple[Sheet, list[str]]] = {}
    for one in drafts:
        names.setdefault(one.sheet.file, (one.sheet, []))[1].append(one.name)
    try:
        for file, (sheet, tests) in names.items():
            text = sheet.kept(tests) if kept else sheet.drawn(tests)
            write_file(desk.clone, f"{folder}{_PREFIX}{file}", text.encode("utf-8", "replace"))
    except Refused as refusal:
        raise TransientError(f"the drafts could not be put into the project: {refusal.message}") from refusal


def _kills(desk: Desk, gap: Gap, drafts: Sequence[Tried]) -> Mapping[str, frozenset[int]]:
    """By test, the numbers of the mutants that it kills and none before it: those that run most open lines come first.

    Of as good ones the shortest comes first. Many are tried together before, for most kill none.
    """
    reaching = [one for one in drafts if _reached(gap.mutants, one)]
    numbers = frozenset(range(len(gap.mutants))) if reaching else frozenset()
    _put(desk, drafts, kept=True)
    if len(reaching) > _FEW:
        numbers = _killed(desk, gap, sorted(numbers), [one.test for one in reaching], _MOST_SECONDS)
    found: dict[str, frozenset[int]] = {}
    started = time.monotonic()
    for one in sorted(reaching, key=lambda one: (-len(one.ran & gap.lines), one.sheet.sizes[one.name])):
        left = _MOST_SECONDS - (time.monotonic() - started)
        mine = sorted(numbers & _reached(gap.mutants, one))
        if mine and left > _SPAN:
            found[one.test] = _killed(desk, gap, mine, [one.test], left)
            numbers -= found[one.test]
    return found


def _reached(mutants: Sequence[Mutant], draft: Tried) -> frozenset[int]:
    """Numbers of the mutants in functions that a draft runs."""
    spans = {number: range(one.function.first + 1, one.function.last + 1) for number, one in enumerate(mutants)}
    return frozenset(number for number, span in spans.items() if not draft.ran.isdisjoint(span))


def _killed(desk: Desk, gap: Gap, numbers: Sequence[int], tests: Sequence[str], seconds: float) -> frozenset[int]:
    """Of the mutants with these numbers, those that the tests notice; raises TransientError without a result."""
    if not numbers or not tests:
        return frozenset()
    run, bench = desk.commit.run, desk.bench
    stand = Stand(run.settings, bench.environment, desk.clone, bench.project, run.policy.sandbox)
    mutants = [gap.mutants[number] for number in numbers]
    tried = try_mutants(stand, mutants, {gap.path: gap.text}, tests, seconds)
    if tried.failure:
        raise TransientError(f"the drafts have no result on the mutants: {tried.failure}")
    pairs = zip(numbers, tried.outcomes, strict=False)
    return frozenset(number for number, outcome in pairs if outcome == KILLED)
