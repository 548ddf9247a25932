"""Mutants tried on a project's tests, in the sandbox, within a time budget.

Comes in: mutants, the texts they change, the tests that pass, and a clone that may be changed. Goes out: how each
mutant ended. tools/mutant_runner.py does it inside; what it has written down counts only when it is whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from tdev.adapters.private_folder import private_folder
from tdev.adapters.process import Completed
from tdev.adapters.sandbox.left import read_left
from tdev.adapters.sandbox.run import run
from tdev.core.mutants import Mutant, key_of, probed
from tdev.policy.sandbox import CellLimits
from tdev.settings import Settings
from tdev.tools.no_evidence import failed
from tdev.tools.pytest_place import CHOICE, MUTANTS, Place, plugin_name
from tdev.tools.python_environment import PythonEnvironment

KILLED, SURVIVED, UNREACHED, UNCLEAR = "killed", "survived", "unreached", "unclear"
_OUTCOMES = (KILLED, SURVIVED, UNREACHED, UNCLEAR)
_RECORD = "mutants.jsonl"
_FILES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])
_GRACE_SECONDS = 90.0
"""For the first run on a slow machine, and again for what is under way when the budget is spent."""


class Tried(NamedTuple):
    """How the mutants ended."""

    outcomes: tuple[str, ...] = ()
    """Of the first mutants, as far as the time went: `killed`, `survived`, `unreached` by a test, or `unclear`."""
    failure: str = ""
    """Why there is no result; empty where there is one."""
    files: tuple[tuple[str, ...], ...] = ()
    """The test files that were run for each, relative to the project."""


@dataclass(frozen=True)
class Stand:
    """Where mutants are tried."""

    settings: Settings
    """What programs may see of the surroundings."""
    environment: PythonEnvironment
    """The project's."""
    clone: Path
    """A clone of the repository that may be changed."""
    project: Path
    """The project's folder in it."""
    limits: CellLimits
    """What they may use up."""


def try_mutants(
    stand: Stand, mutants: Sequence[Mutant], texts: Mapping[str, str], ids: Sequence[str], seconds: float
) -> Tried:
    """Try mutants in their order on the tests with these ids, no longer than about `seconds`."""
    with private_folder("mutants") as folder:
        place = Place(stand.environment, stand.project.resolve(), stand.settings, folder, stand.limits)
        place.prepare(CHOICE, MUTANTS)
        job = {
            "options": place.options(CHOICE),
            "ids": list(ids),
            "reached": {str(stand.clone / path): text for path, text in _probed(mutants, texts).items()},
            "mutants": [_as_job(stand, mutant, texts[mutant.path]) for mutant in mutants],
            "seconds": seconds,
            "clean_seconds": seconds + _GRACE_SECONDS,
        }
        (place.plugins / "job.json").write_text(json.dumps(job))
        variables = {
            "TDEV_MUTANT_RECORD": str(folder / _RECORD),
            "TDEV_TEST_CHOICE": str(folder / "choice.json"),
        }
        script = place.plugins / f"{plugin_name(MUTANTS)}.py"
        command = (stand.environment.python, script, place.plugins / "job.json")
        done = run(stand.settings, place.cell(variables), command, timeout=seconds + 2 * _GRACE_SECONDS)
        return tried_from(read_left(folder, _RECORD), done, len(mutants))


def tried_from(record: bytes | None, done: Completed, count: int) -> Tried:
    """The result behind a record; `done` is how the runner ended, `count` the number of mutants."""
    if done.timed_out or done.stopped_by:
        return Tried(failure=f"the mutants were stopped: {done.stopped_by or 'they took too long'}")
    if done.exit_code != 0:
        return Tried(failure=failed("the run of the mutants", done))
    try:
        rows = [json.loads(line) for line in (record or b"").decode("ascii").splitlines()]
        clean, *middle, last = rows
        outcomes, files = _outcomes(middle, count), tuple(_FILES.validate_python(row["files"]) for row in middle)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Tried(failure="the record of the mutants is damaged")
    if (clean.get("kind"), last.get("kind")) != ("clean", "finish"):
        return Tried(failure="the record of the mutants is not whole")
    if clean["exit_code"] not in (0, 1) or clean["passed"] < 1:
        said = f"exit code {clean['exit_code']}, {clean['passed']} passed: {done.tail(4)}"
        return Tried(failure=f"the tests do not run before anything is changed ({said})")
    return Tried(outcomes, files=files)


def _outcomes(rows: Sequence[dict[str, Any]], count: int) -> tuple[str, ...]:
    """Raises ValueError unless each mutant stands there once, in order."""
    found = [str(row["outcome"]) for row in rows if row["kind"] == "mutant"]
    numbers = [row["number"] for row in rows]
    if numbers != list(range(len(found))) or len(found) > count or not set(found) <= set(_OUTCOMES):
        raise ValueError("not one row for each mutant")
    return tuple(found)


def _probed(mutants: Sequence[Mutant], texts: Mapping[str, str]) -> dict[str, str]:
    functions: dict[str, set[Any]] = {}
    for mutant in mutants:
        functions.setdefault(mutant.path, set()).add(mutant.function)
    return {path: probed(texts[path], spans, path) for path, spans in functions.items()}


def _as_job(stand: Stand, mutant: Mutant, text: str) -> dict[str, str]:
    return {
        "path": str(stand.clone / mutant.path),
        "text": mutant.applied(text),
        "key": key_of(mutant.path, mutant.function.first),
    }
