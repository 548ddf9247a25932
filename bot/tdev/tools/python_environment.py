"""The environment a project's tests run in: its dependencies and a test runner, in a folder of its own, made by uv.

Called before a project's tests run, by code, measure and the contract tests. Comes in: a checkout.
Goes out: an interpreter, kept until the dependency files change. Where the dependencies are
declared is read by core/project_dependencies.py; uv's options are in uv's documentation.

Building a project runs code of that project, so this happens in the run's own folders and without
credentials. Old packages that no longer build are common: their tests then import from the folder.
Versions that come from git tags are replaced by a fixed one, since clones carry no tags.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from tdev.adapters import process
from tdev.adapters.files import write_atomically
from tdev.core.project_dependencies import (
    DEPENDENCY_FILES,
    ProjectDependencies,
    allows_python,
    project_dependencies,
)
from tdev.core.test_record import shortened
from tdev.errors import TransientError
from tdev.settings import Settings

RUNNER = ("coverage", "hypothesis", "pytest", "pytest-cov")
"""What is installed on top of the project's own dependencies; versions in policies/test-environment.txt."""

_COMPILED = ("_pytest", "pytest", "pluggy", "packaging", "iniconfig", "coverage")
"""What every test run imports: compiled once, because test runs write no byte code."""

_STAMP = "tdev-environment.json"
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
class PythonEnvironment:
    """A ready virtual environment."""

    python: Path
    """Its interpreter."""
    fingerprint: str
    """Hash of the dependency files and the interpreter it was made from."""
    note: str = ""
    """What people should know: e.g. that the project could not be built and is imported from its folder instead."""
    python_path: tuple[Path, ...] = ()
    """Folders to put on PYTHONPATH, for a project that is not installed."""


def ensure(settings: Settings, project: Path, folder: Path, timeout: float) -> PythonEnvironment:
    """The environment for `project` in `folder`, made anew only when its dependency files have changed.

    `timeout` is in seconds, for each installer run. Raises TransientError with the installer's last lines when the
    dependencies can't be installed. A project that can't be built is not an error: the note says so and its folder
    goes on PYTHONPATH.
    """
    project, folder = project.absolute(), folder.absolute()
    texts = _dependency_files(project)
    wanted = project_dependencies(texts)
    fingerprint = _fingerprint(settings, texts)
    python = folder / "bin" / "python"
    stamp = _read_stamp(folder)
    environment = PythonEnvironment(python=python, fingerprint=fingerprint)
    fresh = stamp.get("fingerprint") == fingerprint and python.exists()
    if fresh and stamp.get("project") == str(project):
        return _from_stamp(environment, stamp)
    installer = _Installer(settings, project, python, timeout)
    with _builds_swept(project):
        if not fresh:
            installer.make(folder, wanted)
            installer.dependencies(wanted)
            installer.compile_runner()
        environment = _add_project(installer, environment, wanted)
    _write_stamp(folder, project, environment)
    return environment


@dataclass(frozen=True)
class _Installer:
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


def has_package(environment: PythonEnvironment, name: str) -> bool:
    """True when a top-level package is installed."""
    return any((folder / name).is_dir() for folder in site_packages(environment.python))


def _add_project(
    installer: _Installer, environment: PythonEnvironment, wanted: ProjectDependencies
) -> PythonEnvironment:
    """The environment with the project importable: installed where it is a package that builds, else by path."""
    project = installer.project
    source = (project / "src", project) if (project / "src").is_dir() else (project,)
    if not wanted.metadata:
        return PythonEnvironment(environment.python, environment.fingerprint, "", source)
    done = installer.editable()
    if done.ok:
        return environment
    note = f"the project could not be built ({_complaint(done)}); its tests import it from {source[0].name}/"
    return PythonEnvironment(environment.python, environment.fingerprint, note, source)


def _complaint(done: process.Completed) -> str:
    """The line of an installer's output that says what went wrong."""
    if done.timed_out:
        return "it took too long"
    lines = [line.strip() for line in done.tail(60).splitlines() if re.search(r"[Ee]rror|[Ff]ailed", line)]
    return shortened(lines[-1], 200) if lines else done.tail(1) or "no message"


@contextlib.contextmanager
def _builds_swept(project: Path) -> Iterator[None]:
    """Remove the folders that build back ends leave beside the sources; what was there before stays."""
    before = _build_folders(project)
    try:
        yield
    finally:
        for path in _build_folders(project) - before:
            shutil.rmtree(path, ignore_errors=True)


def _build_folders(project: Path) -> set[Path]:
    return {path for pattern in _LEFT_BY_BUILDS for path in project.glob(pattern) if path.is_dir()}


def _dependency_files(project: Path) -> dict[str, str]:
    """The dependency files that exist, by name; undecodable bytes replaced."""
    return {
        name: (project / name).read_text("utf-8", "replace") for name in DEPENDENCY_FILES if (project / name).is_file()
    }


def _fingerprint(settings: Settings, texts: dict[str, str]) -> str:
    """Hash of everything that decides what is installed."""
    pins = settings.policies / "test-environment.txt"
    own = pins.read_text("utf-8") if pins.is_file() else ""
    document = json.dumps([sys.executable, sys.version, RUNNER, own, sorted(texts.items())])
    return hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _released_version(project: Path) -> str:
    """The version an unpacked sdist says it has, or an empty string."""
    file = project / "PKG-INFO"
    if not file.is_file():
        return ""
    lines = file.read_text("utf-8", "replace").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("Version:")), "")


def _read_stamp(folder: Path) -> dict[str, str]:
    """What the environment was made from; empty when it is absent or unfinished."""
    try:
        stamp = json.loads((folder / _STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(folder: Path, project: Path, environment: PythonEnvironment) -> None:
    stamp = {
        "fingerprint": environment.fingerprint,
        "project": str(project),
        "note": environment.note,
        "python_path": "\0".join(str(path) for path in environment.python_path),
    }
    write_atomically(folder / _STAMP, json.dumps(stamp).encode(), backup=False)


def _from_stamp(environment: PythonEnvironment, stamp: dict[str, str]) -> PythonEnvironment:
    paths = tuple(Path(path) for path in stamp.get("python_path", "").split("\0") if path)
    return PythonEnvironment(environment.python, environment.fingerprint, stamp.get("note", ""), paths)
