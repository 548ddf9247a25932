"""Outside programs that read what a repository configures: run in the sandbox, with the tree read-only.

Settings of a repository can name files outside it (whose lines would stand in error messages), and load code. In here
neither leads anywhere: the program sees the tree, its own environment and what the caller names. Comes in: a pinned
program, words, a folder. Goes out: how it ended, to be judged like any other (tools/no_evidence.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tdev.adapters.process import Completed
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cells import environment_folders
from tdev.adapters.sandbox.inside_environment import inside_environment
from tdev.adapters.sandbox.run import run
from tdev.policy.sandbox import USUAL_LIMITS, CellLimits
from tdev.tools.toolbox import Toolbox


def run_walled(
    toolbox: Toolbox,
    name: str,
    *words: str | Path,
    folder: Path,
    timeout: float,
    script: Path | None = None,
    readable: Iterable[Path] = (),
    writable: Iterable[Path] = (),
    variables: Mapping[str, str] | None = None,
    limits: CellLimits = USUAL_LIMITS,
) -> Completed:
    """Run a pinned program in `folder`, or a `script` with the interpreter of its environment, at most `timeout` s.

    `readable` and `writable` are further folders it sees, `variables` come on top of its environment. Raises
    TransientError when it can't be installed or the sandbox does not start, ConfigurationError without a sandbox.
    """
    folder = folder.resolve()
    python, program = _plain(toolbox.python(name)), _plain(toolbox.program(name))
    shown = [folder, *environment_folders(python), *(path.resolve() for path in readable)]
    start: list[str | Path] = [program] if script is None else [python, "-I", script.resolve()]
    if script is not None:
        shown.append(script.resolve())
    cell = Cell(
        cwd=folder,
        environment={**inside_environment(toolbox.settings, python), "NO_COLOR": "1", **(variables or {})},
        writable=tuple(path.resolve() for path in writable),
        read_only=tuple(dict.fromkeys(shown)),
        limits=limits,
    )
    return run(toolbox.settings, cell, (*start, *words), timeout=timeout)


def _plain(program: Path) -> Path:
    """The program's path without links on the way to it: inside there are none."""
    return program.parent.resolve() / program.name
