"""mutmut as a maker of mutants: it says what may be changed in some lines, and runs nothing.

Comes in: texts by path, and lines of each. Goes out: the mutants of each file, and what could not be read. Its own
runner copies the sources and rewrites every function, which fails for many layouts: mutant_runs.py tries them instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from tdev.adapters import process
from tdev.adapters.private_folder import private_folder
from tdev.core.mutants import Mutant, function_at, functions_of
from tdev.settings import Settings
from tdev.tools import mutant_maker
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.toolbox import Toolbox

NAME = "mutmut"
_SETTINGS = '[tool.mutmut]\nsource_paths = ["."]\n'


class Source(NamedTuple):
    """One file and what of it may be changed."""

    text: str
    """As it stands."""
    lines: frozenset[int]
    """1-based."""


class Made(NamedTuple):
    """What mutmut answered."""

    mutants: tuple[Mutant, ...] = ()
    """From the first file to the last, from top to bottom."""
    unread: tuple[str, ...] = ()
    """Paths that it can't read, with the reason."""
    failure: str = ""
    """Why there is no answer; empty where there is one."""


class _Edit(NamedTuple):
    first: int
    last: int
    lines: tuple[str, ...]


_ANSWER: TypeAdapter[dict[str, dict[str, object]]] = TypeAdapter(dict[str, dict[str, object]])
_EDITS: TypeAdapter[tuple[_Edit, ...]] = TypeAdapter(tuple[_Edit, ...])


def make_mutants(settings: Settings, sources: Mapping[str, Source], timeout: float) -> Made:
    """The mutants of these lines; raises TransientError when mutmut can't be installed."""
    python = Toolbox(settings).python(NAME)
    asked = {path: {"text": source.text, "lines": sorted(source.lines)} for path, source in sources.items()}
    with private_folder("mutants") as folder:
        (folder / "pyproject.toml").write_text(_SETTINGS)
        done = process.run(
            (python, "-I", Path(mutant_maker.__file__)),
            cwd=folder,
            environment=settings.child_environment,
            timeout=timeout,
            stdin=json.dumps(asked).encode(),
        )
    if not done.ok or done.truncated:
        return Made(failure=failed(NAME, done) if not done.timed_out else unreadable(NAME, done, timeout))
    try:
        return _made(sources, _ANSWER.validate_json(done.stdout.strip().rpartition("\n")[2]))
    except (ValidationError, KeyError):
        return Made(failure=unreadable(NAME, done, timeout))


def _made(sources: Mapping[str, Source], answer: Mapping[str, Mapping[str, object]]) -> Made:
    """Raises KeyError when a file has no answer."""
    mutants, unread = [], []
    for path, source in sorted(sources.items()):
        functions = functions_of(source.text)
        for edit in _EDITS.validate_python(answer[path]["mutants"]):
            if function := function_at(functions, edit.first):
                mutants.append(Mutant(path, function, *edit))
        if error := str(answer[path]["error"]):
            unread.append(f"{path} ({error})")
    return Made(tuple(mutants), tuple(unread))
