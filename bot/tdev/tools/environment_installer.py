"""uv, as it makes and fills the environment of one project.

Used by python_environment.py, which decides when. Comes in: a project and where its environment
shall be. Goes out: how uv ended, or an error with its last lines.

Interpreters are never downloaded: what is tested must be what the machine has. The runner's
versions are pinned, and the pins are given up when a project asks for others. Builds get a fixed
version through the variables of the usual back ends, since a clone has no tags to read one from;
what they leave beside the sources is removed again.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from tdev.adapters import process
from tdev.core.project_dependencies import (
    ProjectDependencies,
    allows_python,
)
from tdev.errors import TransientError
from tdev.settings import Settings

RUNNER = ("coverage", "hypothesis", "pytest", "pytest-cov")
"""What is installed on top of the project's own dependencies; versions in policies/test-environment.txt."""

_COMPILED = ("_pytest", "pytest", "pluggy", "packaging", "iniconfig", "coverage")
"""What every test run imports: compiled once, because test runs write no byte code."""

_PRETEND_VERSION = "0.0.0"
_VERSION_VARIABLES = (
    "SETUPTOOLS_SCM_PRETEND_VERSION",
    "HATCH_VCS_PRETEND_VERSION",
    "PDM_BUILD_SCM_VERSION",
    "PBR_VERSION",
    "POETRY_DYNAMIC_VERSIONING_BYPASS",
)

_LEFT_BY_BUILDS = ("build", "*.egg-info", "*/*.egg-info")


@dataclass(frozen=True)
class Installer:
    """uv, for one project and one environment."""

    settings: Settings
    project: Path
    python: Path
    timeout: float

    def make(self, folder: Path, wanted: ProjectDependencies) -> None:
        """Create the empty environment with an interpreter that fits; raises TransientError."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        suits = allows_python(wanted.requires_python, sys.version_info[:3])
        interpreter = sys.executable if suits else wanted.requires_python
        done = self._uv("venv", "--no-project", "--python", interpreter, str(folder))
        if not done.ok:
            raise TransientError(
                f"No Python interpreter could be prepared for the project's tests: {done.tail(4)}",
                next_step=f"Install a Python that satisfies {wanted.requires_python or 'the project'}.",
            )

    def dependencies(self, wanted: ProjectDependencies) -> None:
        """Install what the project asks for and the test runner; raises TransientError."""
        words = self._words(wanted)
        pins = self.settings.policies / "test-environment.txt"
        done = self._pip(*words, "--constraints", str(pins))
        if not done.ok and not done.timed_out:
            done = self._pip(*words)
        if not done.ok:
            what = f"took more than {self.timeout:g} s" if done.timed_out else "failed"
            raise TransientError(
                f"Installing the project's dependencies {what}: {done.tail(12)}",
                next_step="Check that they can be installed with `uv pip install`.",
            )

    def compile_runner(self) -> None:
        """Compile the test runner to byte code; it works without as well, only slower."""
        folders = [folder / name for folder in site_packages(self.python) for name in _COMPILED]
        process.run(
            (self.python, "-m", "compileall", "-q", *(path for path in folders if path.is_dir())),
            cwd=self.python.parent,
            environment=self.settings.child_environment,
            timeout=self.timeout,
        )

    def editable(self) -> process.Completed:
        """Install the project itself, linked to its folder."""
        return self._pip("--no-deps", "--reinstall", "--editable", str(self.project))

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

    def _pip(self, *words: str) -> process.Completed:
        return self._uv("pip", "install", "--python", str(self.python), *words)

    def _uv(self, *words: str) -> process.Completed:
        return process.run(
            (find_uv_bin(), *words, "--no-progress", "--color", "never"),
            cwd=self.project if self.project.is_dir() else self.python.parents[2],
            environment=self._environment(),
            timeout=self.timeout,
        )

    def _environment(self) -> dict[str, str]:
        version = _released_version(self.project) or _PRETEND_VERSION
        return {
            **self.settings.child_environment,
            **self.settings.installer_environment,
            **dict.fromkeys(_VERSION_VARIABLES, version),
            "UV_PYTHON_DOWNLOADS": "never",
        }


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
            shutil.rmtree(path, ignore_errors=True)


def _build_folders(project: Path) -> set[Path]:
    return {path for pattern in _LEFT_BY_BUILDS for path in project.glob(pattern) if path.is_dir()}


def _released_version(project: Path) -> str:
    """The version an unpacked sdist says it has, or an empty string."""
    file = project / "PKG-INFO"
    if not file.is_file():
        return ""
    lines = file.read_text("utf-8", "replace").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("Version:")), "")
