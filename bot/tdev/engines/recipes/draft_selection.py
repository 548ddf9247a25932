"""Of the drafts for one module, those worth keeping: they pass with every seed and run lines that nothing ran before.

Used by the recipe `tests`. Comes in: a target and the coverage before. Goes out: the test file in
the project, and why drafts failed. First all drafts are tried with each seed, then the survivors
once with coverage, then the file as it will be kept, for it is another text than the one that was
tried.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tdev.adapters.files import explained
from tdev.core.artifacts.evaluation import TestRun
from tdev.engines.engine import Job
from tdev.engines.recipes.draft_targets import Target, file_name
from tdev.engines.recipes.source_files import tracked_files
from tdev.tools.ghostwriter.drafts import Draft, test_file, write_drafts
from tdev.tools.ghostwriter.passing import passing
from tdev.tools.ghostwriter.runs import SEEDS, DraftRun, Workshop, try_drafts

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


def keep_useful(job: Job, shop: Workshop, target: Target, before: TestRun) -> tuple[Kept | None, dict[str, str]]:
    """Write the module's test file with the drafts that pass every time and run new lines, if there are any.

    Also why drafts failed, by the function they are about.
    """
    alive, wrong = _alive(shop, target, write_drafts(shop, target.wanted))
    if not alive:
        return None, wrong
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
    """The drafts that pass with every seed, and by function what its declared types let through and it did not take."""
    by_name = {draft.name: draft for draft in drafts}

    def text(names: Sequence[str]) -> str:
        return test_file(target.module.name, [by_name[name] for name in names], kept=False, optional=False)

    names, failures = passing(shop, list(by_name), text)
    fuzzed = [draft for draft in drafts if draft.name in failures and draft.candidate.writer == "fuzz"]
    wrong = {f"{target.module.name}.{draft.candidate.functions[0]}": failures[draft.name] for draft in fuzzed}
    return [by_name[name] for name in names], wrong


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
