"""Where pytest runs: a private folder with our plug-ins, its settings and its records, and the cell around it.

Comes in: a project's folder and its environment. Goes out: pytest's words and the cell for them. Whoever starts pytest
on a project (pytest.py, mutant_runs.py) does it from here, so that all runs look alike to the tests.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cells import checkout_around, repository_cell
from tdev.policy.sandbox import CellLimits
from tdev.settings import Settings
from tdev.tools.python_environment import PythonEnvironment, has_package

_CONFIGURATION_FILES = ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml")
_CONFIGURATION_SECTIONS = (("pyproject.toml", "[tool.pytest"), ("setup.cfg", "[tool:pytest]"), ("tox.ini", "[pytest]"))
_TELLING = (".py", ".toml", ".cfg", ".ini")

RECORDER, CHOICE, MUTANTS = "pytest_recorder", "pytest_choice", "mutant_runner"
"""Files beside this one that run with the project's tests. They are never imported here: they import pytest."""


@dataclass(frozen=True)
class Place:
    """One private folder for one run of a project's tests."""

    environment: PythonEnvironment
    """In which they run."""
    project: Path
    """Their folder, in a clone that may be changed."""
    settings: Settings
    """What they may see of the surroundings."""
    folder: Path
    """The private folder; it exists."""
    limits: CellLimits
    """What they may use up."""
    patterns: str = ""
    """Names of test files where the project has no settings of pytest; empty = pytest's own."""

    @property
    def is_configured(self) -> bool:
        """True when the project has settings of pytest."""
        return _is_configured(self.project)

    @property
    def plugins(self) -> Path:
        """A folder on the import path that the tests can read alone."""
        return self.folder / "plugin"

    def prepare(self, *plugins: str) -> None:
        """Lay out the folder: plug-ins of ours, home, temporary files, settings."""
        for name in ("home", "tmp", "plugin", "cache"):
            (self.folder / name).mkdir()
        for plugin in plugins:
            shutil.copyfile(Path(__file__).with_name(f"{plugin}.py"), self.plugins / f"{plugin_name(plugin)}.py")
        names = f"python_files = {self.patterns}\n" if self.patterns else ""
        (self.folder / "pytest.ini").write_text(f"[pytest]\n{names}")

    def options(self, *plugins: str) -> list[str]:
        """Options of pytest that neither the project's settings nor its plug-ins overrule."""
        options = [
            *(word for plugin in plugins for word in ("-p", plugin_name(plugin))),
            f"--rootdir={self.project}",
            "-o", f"cache_dir={self.folder / 'cache'}",
            "--maxfail=0",
            "--no-cov",
        ]  # fmt: skip
        if has_package(self.environment, "xdist"):
            options += ["-n", "0"]
        if not _mentions_hypothesis(self.project):
            options += ["-p", "no:hypothesispytest"]
        if not self.is_configured:
            options += ["-c", str(self.folder / "pytest.ini")]
        return options

    def cell(self, variables: Mapping[str, str], *read_only: str) -> Cell:
        """The clone may be changed, what measures may not; there is no network but its own loopback.

        `variables` come on top of the usual ones, `read_only` are names in the private folder.
        """
        return repository_cell(
            self.settings,
            checkout_around(self.settings, self.project),
            environment={**self._variables(), **variables},
            cwd=self.project,
            python=self.environment.python,
            writable=(self.folder,),
            read_only=tuple(self.folder / name for name in ("plugin", "pytest.ini", *read_only)),
            limits=self.limits,
        )

    def _variables(self) -> dict[str, str]:
        given = self.settings.child_environment
        binaries = self.environment.python.parent
        paths = [self.plugins, *self.environment.python_path]
        return {
            **given,
            "PATH": f"{binaries}:{given.get('PATH', '/usr/bin:/bin')}",
            "VIRTUAL_ENV": str(binaries.parent),
            "PYTHONPATH": ":".join(str(path) for path in paths),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(self.folder / "cache" / "hypothesis"),
        }


def plugin_name(plugin: str) -> str:
    """The name under which a plug-in of ours is imported beside the tests."""
    return f"tdev_{plugin}"


def _mentions_hypothesis(project: Path) -> bool:
    """True when a source or configuration file names Hypothesis; its plug-in takes a second to load."""
    for folder, folders, names in os.walk(project):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(folder, name)
            if name.endswith(_TELLING) and path.is_file() and b"hypothesis" in path.read_bytes():
                return True
    return False


def _is_configured(project: Path) -> bool:
    """True when the project, or the repository around it, configures pytest; folders above do not count."""
    around = (project, *project.parents)
    last = next((number for number, folder in enumerate(around) if (folder / ".git").exists()), 0)
    for folder in around[: last + 1]:
        if any((folder / name).is_file() for name in _CONFIGURATION_FILES):
            return True
        for name, section in _CONFIGURATION_SECTIONS:
            if (folder / name).is_file() and section in (folder / name).read_text("utf-8", "replace"):
                return True
    return False
