"""uv, as it makes and fills the environment of one project, in cells that differ by what may run in them.

Used by python_environment.py, which decides when. Comes in: a project and where its environment
shall be. Goes out: how uv ended, or an error with its last lines. The cells are install_cells.py's.

What comes as wheels is installed without running anything, with uv's own cache, compiled, and kept for the next that
asks for the same (kept_environments.py). Only what that can't do (source distributions) is done again with builds. The
project itself is built without a network, with its build tools at hand; only if that fails with one. Where only a build
can tell what a project depends on, it is built first, and what it says is fetched.

Interpreters are never downloaded: what is tested must be what the machine has. The runner's
versions are pinned, and the pins are given up when a project asks for others. What builds leave beside the sources is
removed again.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from uv import find_uv_bin

from tdev.adapters import process
from tdev.adapters.private_folder import private_folder
from tdev.adapters.removal import remove_tree
from tdev.adapters.sandbox.cells import checkout_around
from tdev.adapters.sandbox.left import read_left
from tdev.core.manifests.documents import parse_toml, table
from tdev.core.project_dependencies import (
    ProjectDependencies,
    allows_python,
    decided_by_text,
    files_of,
    is_computed,
    names_packages_alone,
)
from tdev.errors import TransientError
from tdev.proxies.registry_hosts import without_logins
from tdev.settings import INSTALLER_PREFIXES
from tdev.tools.install_cells import InstallCells
from tdev.tools.kept_environments import filling, is_kept, keep, key_of, put

RUNNER = ("coverage", "hypothesis", "pytest", "pytest-cov")
"""What is installed on top of the project's own dependencies; versions in policies/test-environment.txt."""

_MOST_USED = ("_pytest", "pytest", "pluggy", "packaging", "iniconfig", "coverage")
"""What every test run imports: all that is compiled where it is for one environment alone."""

_PINS = "test-environment.txt"
_MOST_METADATA = 1024 * 1024
_OF_EXTRA = re.compile(r";.*\bextra\b")
"""A requirement of an extra."""
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

    def dependencies(self, wanted: ProjectDependencies, texts: Mapping[str, str]) -> None:
        """Install the test runner and what the project asks for, compiled; what only a build can tell is left out.

        `texts` are the dependency files by name. Raises TransientError.
        """
        told = replace(wanted, metadata="", extras=()) if is_computed(wanted) else wanted
        words, settings, key = self._words(told), self.cells.settings, ""
        if decided_by_text(told, texts) and not self._is_configured():
            named = [(name, texts[name]) for name in files_of(told)]
            key, words = self._key("environment", words, named), ["--no-config", *words]
        if not key:
            self._install(words)
            self.cells.compile(self.cells.python, self._packages, _MOST_USED)
        elif not self._put(key, wanted):
            with filling(settings, key):
                if not self._put(key, wanted):
                    self._fill(key, words)

    def _put(self, key: str, wanted: ProjectDependencies) -> bool:
        """Take what is kept, where something is; the environment is still empty when nothing was."""
        if not is_kept(self.cells.settings, key):
            return False
        done = put(self.cells.settings, key, self._packages, self.cells.python.parent)
        if not done:
            self.make(wanted)
        return done

    def _fill(self, key: str, words: Sequence[str]) -> None:
        """Install into an empty environment, and keep what has come of it."""
        shared = self._install(words)
        self.cells.compile(self.cells.python, self._packages, () if shared else _MOST_USED)
        if shared:
            keep(self.cells.settings, key, self._packages, self.cells.python.parent)

    @property
    def _packages(self) -> Path:
        return site_packages(self.cells.python)[0]

    def computed(self, wanted: ProjectDependencies) -> bool:
        """Install what the project, now that it is installed itself, says that it depends on; False when it can't be
        told from that. Raises TransientError.
        """
        needs = _requirements_of_project(self.cells.python)
        if needs is None or wanted.extras:
            return False
        if needs:
            self._install([*self._words(replace(wanted, metadata="")), *needs])
        return True

    def built(self, wanted: ProjectDependencies) -> None:
        """Install what the project asks for, with builds to find out what that is; raises TransientError."""
        self._raise_unless(self.cells.build("--python", self.cells.python, *self._words(wanted)))

    def editable(self, base: Path, tools: tuple[str, ...], *, alone: bool = False) -> process.Completed:
        """Install the project itself, linked to its folder, when `alone` never with a network. `tools` are what its
        build asks for; `base` is the interpreter below the environment, in which no package has a say.
        """
        words = ("--python", self.cells.python, "--no-deps", "--reinstall", "--editable", self.cells.project)
        with private_folder("build-tools") as scratch:
            place = scratch / "packages"
            place.mkdir()
            done = self._tools(place, base, tools) or self.cells.build_alone(place, "--no-build-isolation", *words)
        return done if alone or done.ok or done.timed_out else self.cells.build(*words)

    def _tools(self, place: Path, base: Path, tools: tuple[str, ...]) -> process.Completed | None:
        """Put build tools into an empty folder, compiled; how uv ended where it failed, else None."""
        settings = self.cells.settings
        key = self._key("build tools", tools) if names_packages_alone(tools) else ""
        if not key:
            return self._fill_tools(place, base, tools)
        if is_kept(settings, key) and put(settings, key, place):
            return None
        with filling(settings, key):
            remove_tree(place)
            place.mkdir()
            if is_kept(settings, key) and put(settings, key, place):
                return None
            remove_tree(place)
            place.mkdir()
            failed = self._fill_tools(place, base, tools)
            if failed is None:
                keep(settings, key, place)
            return failed

    def _fill_tools(self, place: Path, base: Path, tools: tuple[str, ...]) -> process.Completed | None:
        done = self.cells.fetch("--target", place, "--python", base, "--no-config", "--", *tools, writable=place)
        if not done.ok:
            return done
        self.cells.compile(base, place)
        return None

    def _install(self, words: Sequence[str]) -> bool:
        """Install packages, with our pins, without them, at last with builds; True when nothing had to be built.

        Raises TransientError.
        """
        asked: tuple[str | Path, ...] = ("--python", self.cells.python, *words)
        done = self.cells.fetch(*asked, "--constraints", self.cells.settings.policies / _PINS)
        if not done.ok and not done.timed_out:
            done = self.cells.fetch(*asked)
        if done.ok or done.timed_out:
            self._raise_unless(done)
            return True
        self._raise_unless(self.cells.build(*asked))
        return False

    def _raise_unless(self, done: process.Completed) -> None:
        if not done.ok:
            what = f"took more than {self.cells.timeout:g} s" if done.timed_out else "failed"
            raise TransientError(
                f"Installing the project's dependencies {what}: {done.tail(12)}",
                next_step="Check that they can be installed with `uv pip install`.",
            )

    def _is_configured(self) -> bool:
        """True when a file in or above the project, in the checkout, may tell uv what no dependency file does."""
        project, top = self.cells.project, checkout_around(self.cells.settings, self.cells.project)
        folders = [folder for folder in (project, *project.parents) if folder.is_relative_to(top)]
        return any(
            os.path.lexists(folder / "uv.toml") or _has_uv_table(folder / "pyproject.toml") for folder in folders
        )

    def _key(self, *what: object) -> str:
        """Hash of what is asked for, and of all else that decides what comes: interpreter, our pins, indexes."""
        settings = self.cells.settings
        pins = settings.policies / _PINS
        indexes = {
            name: without_logins(value)
            for name, value in settings.installer_environment.items()
            if name.startswith(INSTALLER_PREFIXES)
        }
        interpreter = (str(self.cells.python.resolve()), (self.cells.environment / "pyvenv.cfg").read_text("utf-8"))
        own = pins.read_text("utf-8") if pins.is_file() else ""
        return key_of(*what, interpreter, own, sorted(indexes.items()), self.cells.registries)

    def _words(self, wanted: ProjectDependencies) -> list[str]:
        words = [*RUNNER, *wanted.requirements]
        if wanted.metadata:
            words += ["--requirements", wanted.metadata]
        for extra in wanted.extras:
            words += ["--extra", extra]
        for group in wanted.groups:
            words += ["--group", group]
        for file in wanted.files:
            words += ["--requirements", file]
        return words


def _has_uv_table(file: Path) -> bool:
    """True when a pyproject.toml holds settings of uv."""
    return file.is_file() and "uv" in table(parse_toml(file.read_text("utf-8", "replace")), "tool")


def _requirements_of_project(python: Path) -> list[str] | None:
    """What the package that is linked to its folder says it depends on; None when there is no such package, or a
    requirement can't be passed on. Its build wrote this, so it is read as anything else of a stranger.
    """
    for record in (path for folder in site_packages(python) for path in folder.glob("*.dist-info/direct_url.json")):
        origin, metadata = (read_left(record.parent, name, _MOST_METADATA) for name in (record.name, "METADATA"))
        if origin is None or metadata is None or b'"editable"' not in origin:
            continue
        message = email.message_from_bytes(metadata, policy=email.policy.compat32)
        asked = [" ".join(str(line).split()) for line in message.get_all("Requires-Dist", [])]
        plain = [line for line in asked if not _OF_EXTRA.search(line)]
        return plain if names_packages_alone(plain) else None
    return None


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
