"""Which modules of a job get drafts, of which candidates, and where their tests will stand.

Used by the recipe `tests` and by draft_selection.py. Comes in: a Job and the files it may edit.
Goes out: targets, and the modules left alone with a reason.

A module whose import does something is left out, since drafts import it. One that has a file of
drafts already is left out too: people may have edited that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tdev.engines.engine import Job
from tdev.engines.recipes.source_files import LeftAlone, Sources, in_scope, tracked_files
from tdev.errors import Refused
from tdev.tools.ghostwriter.candidates import Candidate, body_lines, candidates
from tdev.tools.ghostwriter.module_facts import Module
from tdev.tools.ghostwriter.project import modules_of
from tdev.tools.ghostwriter.pure_functions import why_impure_import

_TEST_FOLDERS = ("tests", "test", "testing")
_MOST_DRAFTS_A_MODULE = 60


class Target(NamedTuple):
    """A module that gets drafts."""

    path: str
    """POSIX path inside the project."""
    module: Module
    """Its facts."""
    wanted: tuple[Candidate, ...]
    """What the ghostwriter is asked for, strongest kinds first."""
    bodies: frozenset[int]
    """Lines that run when its functions are called."""


def targets_of(job: Job, found: Sources) -> tuple[list[Target], list[LeftAlone]]:
    """The modules that can get drafts, and why others can't."""
    whole = modules_of(job.project, tracked_files(job))
    project = {module.name: module for module in whole.values()}
    targets, left = [], []
    for path in found.files:
        module = whole.get(path)
        if module is None or path.endswith("__main__.py"):
            continue
        reason = why_impure_import(module, project)
        if not reason and (job.project / file_name(job, module)).exists():
            reason = "has drafts already"
        if reason:
            left.append(LeftAlone(path, reason))
            continue
        wanted = tuple(_not_blamed(job, candidates(module, project)))[:_MOST_DRAFTS_A_MODULE]
        bodies = frozenset(line for node in module.functions.values() for line in body_lines(node))
        if wanted:
            targets.append(Target(path, module, wanted, bodies))
    return targets, left


def _not_blamed(job: Job, wanted: Iterable[Candidate]) -> list[Candidate]:
    """The candidates whose tests no feedback names."""
    text = "\n".join(job.feedback)
    return [one for one in wanted if f"test_{one.writer}_{'_'.join(one.functions)}" not in text]


def file_name(job: Job, module: Module) -> str:
    """Path of a module's drafts inside the project."""
    real = [name for name in _TEST_FOLDERS if (job.project / name).is_dir() and not (job.project / name).is_symlink()]
    free = [name for name in _TEST_FOLDERS if not (job.project / name).is_symlink()]
    folder = next(iter([*real, *free]), "")
    path = f"{folder}/test_{module.name.replace('.', '_')}_properties.py"
    if not folder or not in_scope(job, path):
        raise Refused(f"There is no place for tests that may be written: {path} is outside the policy's write scope.")
    return path
