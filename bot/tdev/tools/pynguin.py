"""Pynguin: drafts of tests for one module, found by searching for calls that reach its branches.

Comes in: a checkout, the module's root and name, the project's environment. Goes out: the text of a test module. It
imports and calls the project's code, so it runs in the sandbox: the checkout is read-only, there is no network. What
it writes is outside text; core/generated_tests.py reads it. The same seed each time, but the search ends by the clock.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tdev.adapters.private_folder import private_folder
from tdev.adapters.sandbox.cells import environment_folders
from tdev.adapters.sandbox.left import read_left
from tdev.policy.sandbox import CellLimits
from tdev.settings import Settings
from tdev.tools import pynguin_runner
from tdev.tools.environment_installer import site_packages
from tdev.tools.no_evidence import failed
from tdev.tools.python_environment import PythonEnvironment
from tdev.tools.toolbox import Toolbox
from tdev.tools.walled import run_walled

NAME = "pynguin"
_GRACE_SECONDS = 90.0
"""For imports, assertions and what is under way when the search ends."""
_LARGEST = 256 * 1024
_OPTIONS = ("--seed", "1", "--no-rich", "--no-xfail", "true", "--format-with-black", "false")


class Drafted(NamedTuple):
    """What came of one module."""

    text: str = ""
    """Of the test module; empty where nothing came."""
    failure: str = ""
    """Why nothing came."""


class Subject(NamedTuple):
    """One module."""

    checkout: Path
    """The clone it is in."""
    root: Path
    """The folder in it that imports start from."""
    module: str
    """Its dotted name."""


def draft(
    settings: Settings, subject: Subject, environment: PythonEnvironment, seconds: int, limits: CellLimits
) -> Drafted:
    """Drafts for a module after a search of so many seconds.

    Raises TransientError when Pynguin can't be installed or the sandbox does not start.
    """
    with private_folder(NAME) as folder:
        words: tuple[str | Path, ...] = (
            *site_packages(environment.python), *environment.python_path, "--",
            "--project-path", subject.root.resolve(), "--module-name", subject.module, "--output-path", folder,
            "--report-dir", folder / "report", "--maximum-search-time", str(seconds), *_OPTIONS,
        )  # fmt: skip
        done = run_walled(
            Toolbox(settings),
            NAME,
            *words,
            folder=subject.checkout,
            timeout=seconds + _GRACE_SECONDS,
            script=Path(pynguin_runner.__file__),
            readable=environment_folders(environment.python),
            writable=(folder,),
            variables={"PYNGUIN_DANGER_AWARE": "1"},
            limits=limits,
        )
        written = read_left(folder, f"test_{subject.module.replace('.', '_')}.py", _LARGEST)
    if written is None:
        return Drafted(failure=f"{subject.module}: {failed(NAME, done)}")
    return Drafted(text=written.decode("utf-8", "replace"))
