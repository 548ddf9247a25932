"""Mutants of the changed lines: small changes that some test ought to notice.

Comes in: a Change whose head's tests have run. Goes out: a report that has looked at each mutant it tried, with a
finding for each that no test noticed. Where it costs too much or there is too little to judge by, nothing is tried, and
the reason says so. The order in which mutants are tried depends on them alone: what the time allows is a fair choice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.goal import GoalKind
from tdev.core.changed_lines import changed_lines
from tdev.core.code_paths import is_own_code
from tdev.core.fingerprint import fingerprint
from tdev.core.mutants import Mutant, lines_worth_it
from tdev.evidence.new_tests import is_python_test
from tdev.evidence.noticed_mutants import NoticedMutants
from tdev.evidence.subject import AFTER, Change
from tdev.evidence.tests_of import bench_in
from tdev.gates.tests.behaviour import RECIPES
from tdev.tools.mutant_runs import KILLED, SURVIVED, Stand, Tried, try_mutants
from tdev.tools.mutmut import NAME, Made, Source, make_mutants

LEAST = 10
"""Fewer mutants than this say too little."""
MOST = 100
"""A choice of so many says enough."""
_SLOW = 2.0
"""The tests must fit into the budget this many times."""


def wanted(run: RunDir) -> bool:
    """Asked for by the policy; not of a build, whose code comes from a blueprint, nor of recipes."""
    goal = run.goal
    return run.policy.gates.tests.mutation_seconds > 0 and goal.kind is not GoalKind.BUILD and goal.engine != RECIPES


def mutation(change: Change) -> ToolReport:
    """Which mutants of the changed lines no test notices; raises TransientError when it can't be tried."""
    run, head = change.run, change.tests(AFTER)
    seconds = float(run.policy.gates.tests.mutation_seconds)
    if not head.ok:
        return ToolReport(tool=NAME, ok=False, reason=f"the tests have no result: {head.reason}")
    sources = _sources(change, head)
    if not sources:
        return _nothing("no changed line of a function is run by a test")
    if head.seconds * _SLOW > seconds:
        return _nothing(f"the tests take {head.seconds:.0f} s, and gates.tests.mutation_seconds is {seconds:.0f}")
    made = make_mutants(run.settings, sources, run.policy.limits.tool_seconds)
    return too_little(made) or _tried(change, sorted(made.mutants, key=_shuffled)[:MOST], sources, seconds)


def too_little(made: Made) -> ToolReport | None:
    """The report where there is nothing to try: an error where changed files could not be read, for nobody looked."""
    if made.failure:
        return ToolReport(tool=NAME, ok=False, reason=made.failure)
    if len(made.mutants) >= LEAST:
        return None
    if made.unread:
        return ToolReport(tool=NAME, ok=False, reason=f"mutmut can't read {', '.join(made.unread)}")
    return _nothing(f"{len(made.mutants)} mutants are too few to judge by, at least {LEAST} are")


def _tried(change: Change, mutants: Sequence[Mutant], sources: Mapping[str, Source], seconds: float) -> ToolReport:
    texts = {path: source.text for path, source in sources.items()}
    before = NoticedMutants(change)
    known = before.known(mutants)
    left = [mutant for mutant in mutants if mutant not in known]
    tried = _trial(change, left, texts, seconds) if left else Tried()
    if tried.failure:
        return ToolReport(tool=NAME, ok=False, reason=tried.failure)
    pairs = list(zip(left, tried.outcomes, strict=False))
    killed = [number for number, (_, outcome) in enumerate(pairs) if outcome == KILLED]
    before.keep((left[number], tried.files[number]) for number in killed)
    survivors = sorted(mutant for mutant, outcome in pairs if outcome == SURVIVED)
    examined = len(known) + len(killed) + len(survivors)
    said = []
    if len(pairs) < len(left):
        said.append(f"{len(known) + len(pairs)} of {len(mutants)} mutants were tried in {seconds:.0f} s")
    if examined < len(known) + len(pairs):
        said.append(f"{len(known) + len(pairs) - examined} mutants are run by no test that passes")
    findings = tuple(survivor(mutant, texts[mutant.path]) for mutant in survivors)
    return ToolReport(tool=NAME, ok=True, reason="; ".join(said), examined=examined, findings=findings)


def _trial(change: Change, mutants: Sequence[Mutant], texts: Mapping[str, str], seconds: float) -> Tried:
    """Try mutants in a clone of the head; raises TransientError when no environment can be made for it."""
    run, clone = change.run, change.after.clone(NAME)
    bench = bench_in(change.after, clone, NAME)
    stand = Stand(run.settings, bench.environment, clone, bench.project, run.policy.sandbox)
    return try_mutants(stand, mutants, texts, sorted(filter(is_python_test, change.tests(AFTER).passed)), seconds)


def _sources(change: Change, head: TestRun) -> dict[str, Source]:
    """The changed files of the project's own code, with the lines that are worth a mutant."""
    git, patch = change.after.git, change.patch
    diff = git.line_diff(patch.base_sha, patch.head_sha)
    found = {}
    for path, changed in changed_lines(diff).items():
        if is_own_code(path) and path in head.covered_lines:
            text = git.run("cat-file", "blob", f"{patch.head_sha}:{path}", check=False).stdout
            idle = {*head.missing_lines.get(path, ()), *head.excluded_lines.get(path, ())}
            lines = lines_worth_it(text, changed, idle)
            if lines and "\ufffd" not in text:
                found[path] = Source(text, lines)
    return found


def _nothing(reason: str) -> ToolReport:
    return ToolReport(tool=NAME, ok=True, reason=reason)


def _shuffled(mutant: Mutant) -> str:
    return hashlib.sha256(repr(mutant).encode("utf-8", "surrogatepass")).hexdigest()


def survivor(mutant: Mutant, text: str) -> Finding:
    """What is said of a mutant of this text that no test notices."""
    told = mutant.told(text)
    return Finding(
        tool=NAME,
        rule="mutant-survives",
        severity=Severity.NOTE,
        message=f"All tests of {mutant.function.name} pass with another code as well: `{told}`",
        path=mutant.path,
        line=mutant.first,
        end_line=max(mutant.first, mutant.last),
        symbol=mutant.function.name,
        remedy="Add or sharpen a test that fails then.",
        fingerprint=fingerprint(NAME, mutant.path, mutant.function.name, told),
    )
