"""The environment a project's tests run in: its dependencies and a test runner, in a folder of its own, made by uv.

Called before a project's tests run, by code, measure and the contract tests. Comes in: a checkout.
Goes out: an interpreter, kept until the dependency files change. Where the dependencies are
declared is read by core/project_dependencies.py; uv's options are in uv's documentation.

Building a project runs code of that project, so this happens in the sandbox and without credentials. Old packages that
no longer build are common: their tests then import from the folder.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tdev.adapters import process
from tdev.adapters.files import write_atomically
from tdev.core.project_dependencies import (
    DEPENDENCY_FILES,
    ProjectDependencies,
    build_tools,
    is_computed,
    project_dependencies,
)
from tdev.core.test_record import shortened
from tdev.policy.sandbox import USUAL_LIMITS, CellLimits
from tdev.settings import Settings
from tdev.tools.environment_installer import RUNNER, Installer, builds_swept, site_packages
from tdev.tools.install_cells import InstallCells


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


def ensure(
    settings: Settings,
    project: Path,
    folder: Path,
    timeout: float,
    registries: Sequence[str] = (),
    limits: CellLimits = USUAL_LIMITS,
) -> PythonEnvironment:
    """The environment for `project` in `folder`, made anew only when its dependency files have changed.

    `timeout` is in seconds, for each installer run; `registries` are the hosts that policy adds to the machine's own
    package indexes. Raises TransientError with the installer's last lines when the
    dependencies can't be installed. A project that can't be built is not an error: the note says so and its folder
    goes on PYTHONPATH.
    """
    project, folder = project.resolve(), folder.resolve()
    texts = _dependency_files(project)
    wanted = project_dependencies(texts)
    fingerprint = _fingerprint(settings, texts)
    python = folder / "bin" / "python"
    stamp = _read_stamp(folder)
    environment = PythonEnvironment(python=python, fingerprint=fingerprint)
    fresh = stamp.get("fingerprint") == fingerprint and python.exists()
    if fresh and stamp.get("project") == str(project):
        return _from_stamp(environment, stamp)
    installer = Installer(InstallCells(settings, project, folder, timeout, tuple(registries), limits))
    base = Path(stamp.get("base", ""))
    with builds_swept(project):
        added = False
        if not fresh:
            _stamp_file(folder).unlink(missing_ok=True)
            base = installer.make(wanted)
            installer.dependencies(wanted, texts)
            if is_computed(wanted):
                tools = build_tools(texts)
                added = installer.editable(base, tools, alone=True).ok and installer.computed(wanted)
                if not added:
                    installer.built(wanted)
        if not added:
            environment = _add_project(installer, environment, wanted, base, build_tools(texts))
    if wanted.unread:
        said = f"not installed for the tests, as it can't be read: {', '.join(wanted.unread[:5])}"
        environment = replace(environment, note="; ".join(filter(None, (environment.note, said))))
    _write_stamp(folder, project, environment, base)
    return environment


def has_package(environment: PythonEnvironment, name: str) -> bool:
    """True when a top-level package is installed."""
    return any((folder / name).is_dir() for folder in site_packages(environment.python))


def _add_project(
    installer: Installer,
    environment: PythonEnvironment,
    wanted: ProjectDependencies,
    base: Path,
    tools: tuple[str, ...],
) -> PythonEnvironment:
    """The environment with the project importable: installed where it is a package that builds, else by path."""
    project = installer.cells.project
    source = (project / "src", project) if (project / "src").is_dir() else (project,)
    if not wanted.metadata:
        return PythonEnvironment(environment.python, environment.fingerprint, "", source)
    done = installer.editable(base, tools)
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


def _read_stamp(folder: Path) -> dict[str, str]:
    """What the environment was made from; empty when it is absent or unfinished."""
    try:
        stamp = json.loads(_stamp_file(folder).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _stamp_file(folder: Path) -> Path:
    """Beside the environment: in it, a package that is built could write its own."""
    return folder.with_name(f".{folder.name}.json")


def _write_stamp(folder: Path, project: Path, environment: PythonEnvironment, base: Path) -> None:
    stamp = {
        "fingerprint": environment.fingerprint,
        "project": str(project),
        "base": str(base),
        "note": environment.note,
        "python_path": "\0".join(str(path) for path in environment.python_path),
    }
    write_atomically(_stamp_file(folder), json.dumps(stamp).encode(), backup=False)


def _from_stamp(environment: PythonEnvironment, stamp: dict[str, str]) -> PythonEnvironment:
    paths = tuple(Path(path) for path in stamp.get("python_path", "").split("\0") if path)
    return PythonEnvironment(environment.python, environment.fingerprint, stamp.get("note", ""), paths)
