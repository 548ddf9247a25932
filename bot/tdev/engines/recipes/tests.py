"""tests: property tests drafted by the Hypothesis ghostwriter; kept are those that pass and raise coverage.

Comes in: a Job. Goes out: one test module for each module that gains by it. The steps are files of
their own: pure_functions and draft_candidates choose, drafts writes, draft_runs tries.

Kept is only what passes with every seed, runs lines that no test ran, and passes once more in its
final form. A draft that fails is reported, not mended: it may have found a bug, or only input that
nobody meant to allow, and a program can't tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from tdev.adapters.files import explained
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.code_paths import is_own_code
from tdev.engines.engine import Job, Work
from tdev.engines.recipes import ruff, summary
from tdev.engines.recipes.draft_candidates import Candidate, body_lines, candidates
from tdev.engines.recipes.draft_runs import SEEDS, DraftRun, Workshop, try_drafts, workshop
from tdev.engines.recipes.drafts import Draft, test_file, write_drafts
from tdev.engines.recipes.pure_functions import Module, read_module, why_impure_import
from tdev.engines.recipes.source_files import LeftAlone, Sources, in_scope, sources, tracked_files
from tdev.errors import Refused, TransientError
from tdev.tools.pytest import run_tests
from tdev.tools.python_environment import PythonEnvironment

_TEST_FOLDERS = ("tests", "test", "testing")
_DEPENDENCY_FILE = re.compile(
    r"(?:^|/)(?:pyproject\.toml|setup\.(?:cfg|py)|tox\.ini|[\w./-]*requirements[\w./-]*\.txt)$"
)
_LINE_LENGTH = 88
_MOST_DRAFTS_A_MODULE = 60


class _Target(NamedTuple):
    """A module that gets drafts."""

    path: str
    module: Module
    wanted: tuple[Candidate, ...]
    bodies: frozenset[int]
    """Lines that run when its functions are called."""


class _Kept(NamedTuple):
    """The tests written for one module."""

    target: _Target
    file: str
    drafts: tuple[Draft, ...]
    gained: int
    """Lines that no test ran before."""


def perform(job: Job) -> Work:
    """Draft tests for the public, typed, pure-looking functions of the task's modules.

    Later attempts leave out the drafts that the failing tests name. Raises Refused when nothing is left to try then,
    TransientError when the project's own tests can't be measured or the drafts can't be run.
    """
    found = sources(job)
    targets, left = _targets(job, found)
    if not targets:
        return _nothing(job, "no module has public, fully annotated functions without side effects", left)
    before = _covered_before(job)
    kept: list[_Kept] = []
    wrong: dict[str, str] = {}
    with workshop(job) as shop:
        for target in targets:
            job.progress(f"drafting tests for {target.module.name}")
            result, failures = _keep_useful(shop, target, before)
            wrong.update(failures)
            kept += [result] if result is not None else []
    if not kept:
        return _nothing(job, "no draft that passes runs a line that the tests do not run already", left)
    ruff.format_files(job, [one.file for one in kept], _LINE_LENGTH)
    return Work(summary=_report(job, kept, before, wrong, left))


def _targets(job: Job, found: Sources) -> tuple[list[_Target], list[LeftAlone]]:
    """The modules that can get drafts, and why others can't."""
    whole = {path: _read(job, path) for path in tracked_files(job) if path.endswith(".py") and is_own_code(path)}
    project = {module.name: module for module in whole.values() if module is not None}
    targets, left = [], []
    for path in found.files:
        module = whole.get(path)
        if module is None or path.endswith("__main__.py"):
            continue
        reason = why_impure_import(module, project)
        if not reason and (job.project / _file_name(job, module)).exists():
            reason = "has drafts already"
        if reason:
            left.append(LeftAlone(path, reason))
            continue
        wanted = tuple(_not_blamed(job, candidates(module, project)))[:_MOST_DRAFTS_A_MODULE]
        bodies = frozenset(line for node in module.functions.values() for line in body_lines(node))
        if wanted:
            targets.append(_Target(path, module, wanted, bodies))
    return targets, left


def _read(job: Job, path: str) -> Module | None:
    """A module's facts; None when it does not parse or its path gives no importable name."""
    parts = path.removesuffix(".py").removeprefix("src/").split("/")
    package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if package else parts)
    if not name or not all(part.isidentifier() for part in name.split(".")):
        return None
    try:
        return read_module(name, package, (job.project / path).read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return None


def _not_blamed(job: Job, wanted: Iterable[Candidate]) -> list[Candidate]:
    """The candidates whose tests no feedback names."""
    text = "\n".join(job.feedback)
    return [one for one in wanted if f"test_{one.writer}_{'_'.join(one.functions)}" not in text]


def _covered_before(job: Job) -> TestRun:
    """The project's own tests with coverage; empty when it has none. Raises TransientError when they do not run."""
    sources_of_project = (job.project / "src", job.project)
    environment = PythonEnvironment(job.python, "", "", tuple(path for path in sources_of_project if path.is_dir()))
    limit = max(1.0, min(float(job.policy.limits.test_seconds), job.seconds_left))
    run = run_tests(environment, job.project, job.settings, limit, coverage=True)
    if not run.ok and "no tests" not in run.reason:
        raise TransientError(f"The coverage before could not be measured: {run.reason}.")
    return run if run.ok else TestRun(ok=True)


def _keep_useful(shop: Workshop, target: _Target, before: TestRun) -> tuple[_Kept | None, dict[str, str]]:
    """Write the module's test file with the drafts that pass every time and run new lines, if there are any.

    Also why drafts failed, by the function they are about.
    """
    alive, wrong = _alive(shop, target, write_drafts(shop, target.wanted))
    if not alive:
        return None, wrong
    job = shop.job
    file = _file_name(job, target.module)
    optional = not _declares_hypothesis(job)
    name = target.module.name
    run = try_drafts(shop, test_file(name, alive, kept=True, optional=False), seed=SEEDS[0], coverage=True)
    useful, gained = _useful(target, [one for one in alive if one.name in run.passed], run, before)
    if not useful or not run.complete:
        return None, wrong
    source = test_file(name, useful, kept=True, optional=optional)
    if try_drafts(shop, source, seed=SEEDS[0]).passed != {one.name for one in useful}:
        return None, wrong
    with explained(job.project):
        (job.project / file).parent.mkdir(exist_ok=True)
        (job.project / file).write_text(source, "utf-8")
    return _Kept(target, file, tuple(useful), gained), wrong


def _alive(shop: Workshop, target: _Target, drafts: list[Draft]) -> tuple[list[Draft], dict[str, str]]:
    """The drafts that pass with every seed, and why the others did not; one that never ends is taken out."""
    wrong: dict[str, str] = {}
    seeds = list(SEEDS)
    while seeds and drafts:
        run = try_drafts(shop, test_file(target.module.name, drafts, kept=False, optional=False), seed=seeds[0])
        for draft in drafts:
            if draft.name in run.failures and draft.candidate.writer == "fuzz":
                wrong[f"{target.module.name}.{draft.candidate.functions[0]}"] = run.failures[draft.name]
        if run.complete:
            drafts = [draft for draft in drafts if draft.name in run.passed]
            seeds.pop(0)
        else:
            stuck = next(
                (draft for draft in drafts if draft.name not in run.passed and draft.name not in run.failures),
                drafts[0],
            )
            drafts = [draft for draft in drafts if draft is not stuck and draft.name not in run.failures]
    return drafts, wrong


def _useful(target: _Target, alive: list[Draft], run: DraftRun, before: TestRun) -> tuple[list[Draft], int]:
    """The drafts that run lines of the module's functions that nothing ran before, and how many such lines."""
    covered = set(before.covered_lines.get(target.path, ()))
    useful, gained = [], 0
    for draft in alive:
        new = run.lines.get(draft.name, {}).get(target.path, frozenset()) & target.bodies - covered
        if new:
            useful.append(draft)
            gained += len(new)
            covered |= new
    return useful, gained


def _file_name(job: Job, module: Module) -> str:
    """Path of a module's drafts inside the project."""
    real = [name for name in _TEST_FOLDERS if (job.project / name).is_dir() and not (job.project / name).is_symlink()]
    free = [name for name in _TEST_FOLDERS if not (job.project / name).is_symlink()]
    folder = next(iter([*real, *free]), "")
    path = f"{folder}/test_{module.name.replace('.', '_')}_properties.py"
    if not folder or not in_scope(job, path):
        raise Refused(f"There is no place for tests that may be written: {path} is outside the policy's write scope.")
    return path


def _declares_hypothesis(job: Job) -> bool:
    """True when a dependency file of the project names hypothesis."""
    files = [path for path in tracked_files(job) if _DEPENDENCY_FILE.search(path)]
    return any(b"hypothesis" in (job.project / path).read_bytes().lower() for path in files)


def _report(job: Job, kept: list[_Kept], before: TestRun, wrong: dict[str, str], left: list[LeftAlone]) -> str:
    tests = sum(len(one.drafts) for one in kept)
    checked = sum(one.candidate.writer != "fuzz" or bool(one.candidate.result) for all in kept for one in all.drafts)
    places = "; ".join(f"{one.file} for {one.target.module.name} ({_gain(one, before)})" for one in kept)
    surprises = "; ".join(f"{name}: {_first_line(why)}" for name, why in sorted(wrong.items())[:3])
    return summary.joined(
        f"The Hypothesis ghostwriter drafted {summary.counted(tests, 'test')} that passed with {len(SEEDS)} seeds, "
        f"{checked} of them with an assertion: {places}.",
        ""
        if _declares_hypothesis(job)
        else "They are skipped where hypothesis, which the project does not ask for, is not installed.",
        f"Not kept, because the function ended otherwise than its signature says: {surprises}." if surprises else "",
        summary.left_alone(left),
    )


def _first_line(why: str) -> str:
    return why.splitlines()[0].removeprefix("tdev_draft_recorder.")


def _gain(one: _Kept, before: TestRun) -> str:
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
