"""uv, as it makes and fills the environment of one project, in cells that differ by what may run in them.

Used by python_environment.py, which decides when. Comes in: a project and where its environment
shall be. Goes out: how uv ended, or an error with its last lines. The cells are install_cells.py's.

What comes as wheels is installed without running anything, with uv's own cache. Only what that can't do (source
distributions, metadata that must be computed) is done again with builds. The project itself is built without a network,
with its build tools at hand; only if that fails with one.

Interpreters are never downloaded: what is tested must be what the machine has. The runner's
versions are pinned, and the pins are given up when a project asks for others. What builds leave beside the sources is
removed again.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from tdev.adapters import process
from tdev.adapters.private_folder import private_folder
from tdev.adapters.removal import remove_tree
from tdev.core.project_dependencies import (
    ProjectDependencies,
    allows_python,
)
from tdev.errors import TransientError
from tdev.tools.install_cells import InstallCells

RUNNER = ("coverage", "hypothesis", "pytest", "pytest-cov")
"""What is installed on top of the project's own dependencies; versions in policies/test-environment.txt."""

_COMPILED = ("_pytest", "pytest", "pluggy", "packaging", "iniconfig", "coverage")
"""What every test run imports: compiled once, because test runs write no byte code."""

_SPECIFIER = re.compile(r"[\d\s.,<>=!~*]+")
"""A version specifier, and neither a path nor an option."""

_LEFT_BY_BUILDS = ("build", "*.egg-info", "*/*.egg-info")


@dataclass(frozen=True)
class Installer:
    """uv, for one project and one environment."""

    cells: InstallCells
    """Where it runs."""

    def make(self, wanted: ProjectDependencies) -> Path:
        """Create the empty environment with an interpreter that fits; that interpreter. Raises TransientError.

        Nothing of the project is read or run, so this needs no sandbox.
        """
        folder, settings = self.cells.environment, self.cells.settings
        remove_tree(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        suits = allows_python(wanted.requires_python, sys.version_info[:3])
        interpreter = sys.executable if suits else _specifier(wanted.requires_python)
        done = process.run(
            (find_uv_bin(), "venv", "--no-project", "--no-config", "--python", interpreter, folder),
            cwd=folder.parent,
            environment={
                **settings.child_environment,
                **settings.installer_environment,
                "UV_PYTHON_DOWNLOADS": "never",
            },
            timeout=self.cells.timeout,
        )
        if not done.ok:
            raise TransientError(
                f"No Python interpreter could be prepared for the project's tests: {done.tail(4)}",
                next_step=f"Install a Python that satisfies {wanted.requires_python or 'the project'}.",
            )
        return self.cells.python.resolve()

    def dependencies(self, wanted: ProjectDependencies) -> None:
        """Install what the project asks for and the test runner; raises TransientError."""
        words: tuple[str | Path, ...] = ("--python", self.cells.python, *self._words(wanted))
        pins = self.cells.settings.policies / "test-environment.txt"
        done = self.cells.fetch(*words, "--constraints", pins)
        if not done.ok and not done.timed_out:
            done = self.cells.fetch(*words)
        if not done.ok and not done.timed_out:
            done = self.cells.build(*words)
        if not done.ok:
            what = f"took more than {self.cells.timeout:g} s" if done.timed_out else "failed"
            raise TransientError(
                f"Installing the project's dependencies {what}: {done.tail(12)}",
                next_step="Check that they can be installed with `uv pip install`.",
            )

    def compile_runner(self) -> None:
        """Compile the test runner to byte code; it works without as well, only slower."""
        folders = [folder / name for folder in site_packages(self.cells.python) for name in _COMPILED]
        self.cells.python_alone("-m", "compileall", "-q", *(path for path in folders if path.is_dir()))

    def editable(self, base: Path, tools: tuple[str, ...]) -> process.Completed:
        """Install the project itself, linked to its folder. `tools` are what its build asks for; `base` is the
        interpreter below the environment, in which no package has a say.
        """
        words = ("--python", self.cells.python, "--no-deps", "--reinstall", "--editable", self.cells.project)
        with private_folder("build-tools") as place:
            there = self.cells.fetch("--target", place, "--python", base, "--no-config", "--", *tools, writable=place)
            done = self.cells.build_alone(place, "--no-build-isolation", *words) if there.ok else there
        return done if done.ok or done.timed_out else self.cells.build(*words)

    def _words(self, wanted: ProjectDependencies) -> list[str]:
        words = [*RUNNER]
        if wanted.metadata:
            words += ["--requirements", wanted.metadata]
        for extra in wanted.extras:
            words += ["--extra", extra]
        for group in wanted.groups:
            words += ["--group", group]
        for file in wanted.files:
            words += ["--requirements", file]
        return words


def _specifier(text: str) -> str:
    """The text, if it is a version specifier; raises TransientError."""
    if not _SPECIFIER.fullmatch(text):
        raise TransientError(f"No Python interpreter could be prepared: {text!r} is no version specifier.")
    return text


def site_packages(python: Path) -> tuple[Path, ...]:
    """Where an environment's packages are."""
    return tuple((python.parents[1] / "lib").glob("python*/site-packages"))


@contextlib.contextmanager
def builds_swept(project: Path) -> Iterator[None]:
    """Remove the folders that build back ends leave beside the sources; what was there before stays."""
    before = _build_folders(project)
    try:
        yield
    finally:
        for path in _build_folders(project) - before:
            remove_tree(path)


def _build_folders(project: Path) -> set[Path]:
    return {path for pattern in _LEFT_BY_BUILDS for path in project.glob(pattern) if path.is_dir()}
