"""Reusable workflows: the jobs of a called workflow, put in the place of the job that calls it. Pure.

Follows "Reuse workflows". Comes in: a workflow file, and a reader that gives the text behind a `uses`. Goes out: the
same file with the called jobs after the calling one, keyed `caller/job`, each with the rights its own file asks for.
As on GitHub a called job may have no more rights than its caller: a file that asks for more is wrong as a whole. So are
inputs and secrets that the called workflow does not declare, required ones that are missing, and more than ten levels.

A calling job has no steps and no row of its own, unless it is skipped; called_jobs.py says what it comes to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tdev.forge.workflows.file import Called, JobFile, Rights, WorkflowFile, parse

LEVELS = 10
"""How deep workflows may call each other, the run's own file counted."""
_LOCAL = re.compile(r"\./(\.github/workflows/[\w.-]+\.ya?ml)")
_REMOTE = re.compile(r"([\w.-]+/[\w.-]+)/(\.github/workflows/[\w.-]+\.ya?ml)@(\S+)")
_LEVELS = {"": 0, "read": 1, "write": 2}


@dataclass(frozen=True)
class Place:
    """Where a workflow file lies."""

    repository: str
    """`owner/name`; empty for the repository of the run."""
    ref: str = ""
    """Branch, tag or commit; empty for the commit of the run."""
    path: str = ""
    """Below the repository's root."""


Reader = Callable[[Place], str | None]
"""Gives the text of a workflow file; None when there is none."""


def with_calls(file: WorkflowFile, read: Reader, place: Place, level: int = 1) -> WorkflowFile:
    """The file with every called job in place; `problem` says what is wrong with a call."""
    if file.problem or not any(job.uses for job in file.jobs.values()):
        return file
    jobs: dict[str, JobFile] = {}
    calls: dict[str, Called] = {}
    try:
        for key, job in file.jobs.items():
            jobs[key] = job
            if job.uses:
                callee = _callee(job, read, place, level)
                calls[key] = _declared(job, callee)
                jobs |= {f"{key}/{name}": _moved(each, key) for name, each in callee.jobs.items()}
                calls |= {f"{key}/{name}": each for name, each in callee.calls.items()}
    except ValueError as error:
        return replace(file, jobs={}, problem=str(error))
    return replace(file, jobs=jobs, calls=calls)


def _callee(job: JobFile, read: Reader, place: Place, level: int) -> WorkflowFile:
    """The workflow that a job calls, its own calls in place; ValueError where it can't be called."""
    if job.refused:
        raise ValueError(job.refused)
    if level >= LEVELS:
        raise ValueError(f"The job {job.key} calls a workflow on level {level + 1}; {LEVELS} are allowed.")
    there = _place(job.uses, place)
    text = read(there)
    file = parse(text, Rights(job.permissions, job.id_token)) if text is not None else None
    if file is None:
        raise ValueError(f"The job {job.key} calls {job.uses}, where there is no workflow that can be read.")
    file = with_calls(file, read, there, level + 1)
    if file.problem:
        raise ValueError(f"{job.uses}: {file.problem}")
    for each in file.jobs.values():
        _check_rights(job, each)
    return file


def _place(uses: str, place: Place) -> Place:
    """Where the called workflow lies; a local one beside its caller."""
    if local := _LOCAL.fullmatch(uses):
        return replace(place, path=local.group(1))
    if remote := _REMOTE.fullmatch(uses):
        return Place(remote.group(1), remote.group(3), remote.group(2))
    raise ValueError(f"{uses} names no workflow file.")


def _check_rights(caller: JobFile, called: JobFile) -> None:
    """Raise ValueError when a called job asks for more than its caller has."""
    wanted = {**called.permissions, **({"id-token": "write"} if called.id_token else {})}
    allowed = {**caller.permissions, **({"id-token": "write"} if caller.id_token else {})}
    for name, level in wanted.items():
        had = allowed.get(name, "")
        if _LEVELS[level] > _LEVELS[had]:
            name = name.replace("_", "-")
            raise ValueError(
                f"Error calling workflow '{caller.uses}'. The nested job '{called.key}' is requesting "
                f"'{name}: {level}', but is only allowed '{name}: {had or 'none'}'."
            )


def _declared(job: JobFile, callee: WorkflowFile) -> Called:
    """What the callee declares, held against what the job gives; ValueError where they do not fit."""
    called = callee.called
    if called is None:
        raise ValueError(f"{job.uses} has no `workflow_call` trigger.")
    _check_names("input", job, job.given, called.inputs)
    if job.secrets is not None:
        _check_names("secret", job, job.secrets, called.secrets)
    return called


def _check_names(
    kind: str, job: JobFile, given: Mapping[str, str], declared: Mapping[str, Mapping[str, object]]
) -> None:
    """Raise ValueError for a name that is not declared, and for a required one that is not given."""
    if unknown := sorted(set(given) - set(declared)):
        raise ValueError(f"Invalid {kind}, {unknown[0]} is not defined in the referenced workflow {job.uses}.")
    if missing := sorted(name for name, each in declared.items() if each.get("required") and name not in given):
        raise ValueError(f"{kind.capitalize()} {missing[0]} is required, but not provided while calling {job.uses}.")


def _moved(job: JobFile, caller: str) -> JobFile:
    """A job of a called workflow under the name it has in the run."""
    return replace(
        job,
        key=f"{caller}/{job.key}",
        needs=tuple(f"{caller}/{need}" for need in job.needs),
        caller=f"{caller}/{job.caller}" if job.caller else caller,
    )
