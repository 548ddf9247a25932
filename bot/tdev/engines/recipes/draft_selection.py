"""Of the drafts for one module, those worth keeping: they pass with every seed and run lines that nothing ran before.

Used by the recipe `tests`. Comes in: a target and the coverage before. Goes out: the test file in
the project, and why drafts failed. First all drafts are tried with each seed, then the survivors
once with coverage, then the file as it will be kept, for it is another text than the one that was
tried.

A draft that never ends takes the whole run with it; it is the first without an outcome, is taken
out, and the others are tried again.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tdev.adapters.files import explained
from tdev.core.artifacts.evaluation import TestRun
from tdev.engines.engine import Job
from tdev.engines.recipes.draft_runs import SEEDS, DraftRun, Workshop, try_drafts
from tdev.engines.recipes.draft_targets import Target, file_name
from tdev.engines.recipes.drafts import Draft, test_file, write_drafts
from tdev.engines.recipes.source_files import tracked_files

_DEPENDENCY_FILE = re.compile(
    r"(?:^|/)(?:pyproject\.toml|setup\.(?:cfg|py)|tox\.ini|[\w./-]*requirements[\w./-]*\.txt)$"
)


class Kept(NamedTuple):
    """The tests written for one module."""

    target: Target
    """The module."""
    file: str
    """Path of its tests inside the project."""
    drafts: tuple[Draft, ...]
    """Tests in that file."""
    gained: int
    """Lines that no test ran before."""


def keep_useful(shop: Workshop, target: Target, before: TestRun) -> tuple[Kept | None, dict[str, str]]:
    """Write the module's test file with the drafts that pass every time and run new lines, if there are any.

    Also why drafts failed, by the function they are about.
    """
    alive, wrong = _alive(shop, target, write_drafts(shop, target.wanted))
    if not alive:
        return None, wrong
    job = shop.job
    file = file_name(job, target.module)
    optional = not declares_hypothesis(job)
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
    return Kept(target, file, tuple(useful), gained), wrong


def _alive(shop: Workshop, target: Target, drafts: list[Draft]) -> tuple[list[Draft], dict[str, str]]:
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


def _useful(target: Target, alive: list[Draft], run: DraftRun, before: TestRun) -> tuple[list[Draft], int]:
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


def declares_hypothesis(job: Job) -> bool:
    """True when a dependency file of the project names hypothesis."""
    files = [path for path in tracked_files(job) if _DEPENDENCY_FILE.search(path)]
    return any(b"hypothesis" in (job.project / path).read_bytes().lower() for path in files)
