"""tests: property tests drafted by the Hypothesis ghostwriter; kept are those that pass and raise coverage.

Comes in: a Job. Goes out: one test module for each module that gains by it. The steps are files of
their own: draft_targets chooses, draft_selection keeps; tools/ghostwriter drafts and tries.

Kept is only what passes with every seed, runs lines that no test ran, and passes once more in its
final form. A draft that fails is reported, not mended: it may have found a bug, or only input that
nobody meant to allow, and a program can't tell.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import TestRun
from tdev.engines.engine import Job, Work
from tdev.engines.recipes import ruff, summary
from tdev.engines.recipes.draft_selection import Kept, declares_hypothesis, keep_useful
from tdev.engines.recipes.draft_targets import targets_of
from tdev.engines.recipes.source_files import LeftAlone, sources
from tdev.errors import Refused, TransientError
from tdev.tools.ghostwriter.runs import SEEDS, workshop
from tdev.tools.pytest import run_tests
from tdev.tools.python_environment import PythonEnvironment

_LINE_LENGTH = 88


def perform(job: Job) -> Work:
    """Draft tests for the public, typed, pure-looking functions of the task's modules.

    Later attempts leave out the drafts that the failing tests name. Raises Refused when nothing is left to try then,
    TransientError when the project's own tests can't be measured or the drafts can't be run.
    """
    found = sources(job)
    targets, left = targets_of(job, found)
    if not targets:
        return _nothing(job, "no module has public, fully annotated functions without side effects", left)
    before = _covered_before(job)
    kept: list[Kept] = []
    wrong: dict[str, str] = {}
    with workshop(job.settings, job.python, job.project, job.policy.sandbox, ruff.seconds(job)) as shop:
        for target in targets:
            job.progress(f"drafting tests for {target.module.name}")
            result, failures = keep_useful(job, shop, target, before)
            wrong.update(failures)
            kept += [result] if result is not None else []
    if not kept:
        return _nothing(job, "no draft that passes runs a line that the tests do not run already", left)
    ruff.format_files(job, [one.file for one in kept], _LINE_LENGTH)
    return Work(summary=_report(job, kept, before, wrong, left))


def _covered_before(job: Job) -> TestRun:
    """The project's own tests with coverage; empty when it has none. Raises TransientError when they do not run."""
    sources_of_project = (job.project / "src", job.project)
    environment = PythonEnvironment(job.python, "", "", tuple(path for path in sources_of_project if path.is_dir()))
    limit = max(1.0, min(float(job.policy.limits.test_seconds), job.seconds_left))
    run = run_tests(environment, job.project, job.settings, limit, coverage=True, limits=job.policy.sandbox)
    if not run.ok and "no tests" not in run.reason:
        raise TransientError(f"The coverage before could not be measured: {run.reason}.")
    return run if run.ok else TestRun(ok=True)


def _report(job: Job, kept: list[Kept], before: TestRun, wrong: dict[str, str], left: list[LeftAlone]) -> str:
    tests = sum(len(one.drafts) for one in kept)
    checked = sum(one.candidate.writer != "fuzz" or bool(one.candidate.result) for all in kept for one in all.drafts)
    places = "; ".join(f"{one.file} for {one.target.module.name} ({_gain(one, before)})" for one in kept)
    surprises = "; ".join(f"{name}: {_first_line(why)}" for name, why in sorted(wrong.items())[:3])
    return summary.joined(
        f"The Hypothesis ghostwriter drafted {summary.counted(tests, 'test')} that passed with {len(SEEDS)} seeds, "
        f"{checked} of them with an assertion: {places}.",
        ""
        if declares_hypothesis(job)
        else "They are skipped where hypothesis, which the project does not ask for, is not installed.",
        f"Not kept, because the function ended otherwise than its signature says: {surprises}." if surprises else "",
        summary.left_alone(left),
    )


def _first_line(why: str) -> str:
    return why.splitlines()[0].removeprefix("tdev_draft_recorder.")


def _gain(one: Kept, before: TestRun) -> str:
    covered = len(before.covered_lines.get(one.target.path, ()))
    lines = covered + len(before.missing_lines.get(one.target.path, ()))
    if not lines:
        return f"{summary.counted(one.gained, 'line')} that no test ran"
    return f"{100 * covered / lines:.0f} % of its lines before, {100 * (covered + one.gained) / lines:.0f} % after"


def _nothing(job: Job, why: str, left: list[LeftAlone]) -> Work:
    alone = summary.left_alone(left)
    if job.attempt > 1:
        raise Refused("Every draft of the recipe tests fails in the project.", next_step="The failing tests say which.")
    return Work(
        summary=summary.joined("No test was added.", alone), nothing_to_do=summary.joined(f"No test: {why}.", alone)
    )
