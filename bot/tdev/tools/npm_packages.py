"""The packages that a project's JavaScript tests need, installed as its package-lock.json says, by `npm ci`.

Called before `npm test`. Comes in: a project in a clone. Goes out: its `node_modules`, made anew. npm sees the lock
and what package.json asks for, and nothing else of the repository: an .npmrc of its own may name a program that npm
runs. Only those of its settings are taken over that decide what fits together. Scripts of packages are not run, so that
what a package would build for itself is missing. The only way out of the cell is the registry proxy, to the registries
that this machine's npm is set up with and those of the policy (`registries`). Where the lock states a hash of each
package, what was installed is kept under the hash of all that decides it (kept_environments.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tdev.adapters import process
from tdev.adapters.files import explained
from tdev.adapters.private_folder import private_folder
from tdev.adapters.removal import remove_tree
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cells import checkout_around
from tdev.adapters.sandbox.left import read_left
from tdev.adapters.sandbox.run import run
from tdev.adapters.service import free_port
from tdev.core.npm_project import installed_by, is_pinned, locked_folders, npm_project
from tdev.core.test_record import shortened
from tdev.errors import TransientError
from tdev.policy.sandbox import USUAL_LIMITS, CellLimits
from tdev.proxies.registry import registry_proxy
from tdev.settings import Settings
from tdev.tools.kept_environments import filling, is_kept, keep, key_of, put
from tdev.tools.npm_machine import NpmMachine, node_folders, npm_machine, npm_program

MANIFEST = "package.json"
_LOCK = "package-lock.json"
_LOCKS = ("npm-shrinkwrap.json", _LOCK)
"""In the order in which npm looks for them."""
_INSTALLED = "node_modules"
_MOST_BYTES = 16_000_000
_FITTING = re.compile(r"^\s*(legacy-peer-deps|strict-peer-deps|install-links)\s*=\s*(true|false)\s*$", re.MULTILINE)
_HOME = "/home/user"
_WORDS = (
    *("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--no-update-notifier", "--prefer-offline"),
    *("--loglevel=error", "--logs-max=0", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000"),
)
_HELP = ("Clean install a project", "Log files were not written", "A complete log of this run")
"""What npm says after it has said what is wrong."""
_NO_GIT = "--git=/bin/false"


def read_text(project: Path, name: str) -> str:
    """A file of the project's folder; empty when it is no regular file there, or larger than any such file."""
    return (read_left(project, name, _MOST_BYTES) or b"").decode("utf-8", "replace")


def lock_of(project: Path) -> str:
    """Text of the lock that npm would take; empty when there is none that `npm ci` is called with."""
    found = next((text for name in _LOCKS if (text := read_text(project, name))), "")
    return found if found and locked_folders(found) is not None else ""


def leads_out(settings: Settings, project: Path) -> bool:
    """Whether a link, which tests may have put there, leads from the project's path out of its checkout."""
    return not project.resolve().is_relative_to(checkout_around(settings, project).resolve())


def ensure(
    settings: Settings,
    project: Path,
    timeout: float,
    registries: Sequence[str] = (),
    limits: CellLimits = USUAL_LIMITS,
) -> None:
    """Install what the project's lock names, where package.json asks for packages; without a lock nothing is done.

    `timeout` is in seconds. Raises TransientError with npm's last lines when they can't be installed.
    """
    files = {} if leads_out(settings, project) else _texts(project)
    if not files:
        return
    flags = tuple(f"--{key}={value}" for key, value in _FITTING.findall(read_text(project, ".npmrc")))
    with private_folder("npm-packages", checkout_around(settings, project).parent) as folder:
        tree = folder / "tree"
        tree.mkdir()
        machine = npm_machine(settings, folder)
        key = key_of("npm", machine.identity, machine.registries, flags, sorted(files.items()))
        pinned = is_pinned(files[_LOCK])
        with filling(settings, key):
            if not (pinned and is_kept(settings, key) and put(settings, key, tree)):
                _fill(tree, files)
                _install(settings, machine, tree, flags, timeout, registries, limits)
                if pinned:
                    keep(settings, key, tree)
        _bring(tree, project, files)


def _texts(project: Path) -> dict[str, str]:
    """What decides the packages, by path: package.json of the root and of each folder that is linked, and the lock."""
    manifest, lock = read_text(project, MANIFEST), lock_of(project)
    if not npm_project(manifest).asked or not lock:
        return {}
    paths = [f"{folder}/{MANIFEST}" for folder in locked_folders(lock) or () if _is_within(project / folder, project)]
    linked = {path: installed_by(text) for path in paths if (text := read_text(project, path))}
    return {MANIFEST: installed_by(manifest), _LOCK: lock, **linked}


def _is_within(folder: Path, project: Path) -> bool:
    """Whether a folder is there, and no link in its path leads out of the project."""
    return folder.is_dir() and folder.resolve().is_relative_to(project.resolve())


def _fill(tree: Path, files: Mapping[str, str]) -> None:
    """Write the texts into an empty folder; what an attempt to take what was kept has left there goes first."""
    remove_tree(tree)
    for path, text in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text, "utf-8")


def _install(
    settings: Settings,
    machine: NpmMachine,
    tree: Path,
    flags: Sequence[str],
    timeout: float,
    registries: Sequence[str],
    limits: CellLimits,
) -> None:
    """`npm ci` in the cell; raises TransientError."""
    with private_folder("registry") as scratch, explained(machine.cache):
        machine.cache.mkdir(parents=True, exist_ok=True)
        socket, port = scratch / "proxy", free_port()
        with registry_proxy(settings, socket, registries, instead=machine.registries) as proxy:
            cell = Cell(
                cwd=tree,
                environment={
                    **{name: value for name, value in settings.child_environment.items() if name != "TMPDIR"},
                    "HOME": _HOME,
                    **machine.variables,
                    **proxy.environment(port),
                },
                writable=(tree, machine.cache),
                read_only=(*machine.files, *node_folders(settings)),
                ports_to={port: socket},
                limits=limits,
            )
            address = f"http://127.0.0.1:{port}"
            through = (f"--proxy={address}", f"--https-proxy={address}", "--noproxy=")
            done = run(settings, cell, (npm_program(), *_WORDS, _NO_GIT, *through, *flags), timeout=timeout)
    if not done.ok or not (tree / _INSTALLED).is_dir():
        raise TransientError(
            f"The packages of npm for the project's tests could not be installed: {_complaint(done, timeout)}",
            next_step="Try `npm ci --ignore-scripts` in the project.",
        )


def _complaint(done: process.Completed, timeout: float) -> str:
    if done.timed_out:
        return f"it took more than {timeout:g} s"
    lines = [line.removeprefix("npm error").strip() for line in done.tail(400).splitlines()]
    end = next((at for at, line in enumerate(lines) if line.startswith(_HELP)), len(lines))
    return done.stopped_by or shortened(" ".join(filter(None, lines[:end])), 400) or "npm ci installed nothing"


def _bring(tree: Path, project: Path, files: Mapping[str, str]) -> None:
    """Move what was installed to the same places in the project, instead of what is there."""
    for path in (path for path in files if path.endswith(MANIFEST)):
        source, target = (tree / path).with_name(_INSTALLED), (project / path).with_name(_INSTALLED)
        if source.is_dir() and _is_within(target.parent, project):
            if target.is_symlink() or target.is_file():
                target.unlink()
            remove_tree(target)
            source.rename(target)
