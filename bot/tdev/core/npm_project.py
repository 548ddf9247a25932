"""What a project's package.json and lock say about its tests: which program runs them, and what has to be installed.

Comes in: texts. Goes out: an NpmProject. A script is recognised by its last command, which gets what follows
`npm test --`: `vitest run`, `eslint . && jest`, `cross-env NODE_ENV=test npx mocha`, `npm run unit`. What a shell might
take apart otherwise (`;`, `||`, pipes) is not recognised. Nothing here raises for what a text says.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from tdev.core.node_record import RUNNER as NODE

JEST, VITEST, MOCHA = "jest", "vitest", "mocha"
_PROGRAMS = {JEST: JEST, VITEST: VITEST, MOCHA: MOCHA, "_mocha": MOCHA}
_BEFORE = frozenset({"npx", "node", "env", "cross-env", "c8", "nyc"})
"""Programs that start another one, which gets the words that follow."""
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_OPERATOR = re.compile(r"[();<>|&]+")
_WAITS = re.compile(r"--watch(All)?(=true)?")
_PACKAGES = ("dependencies", "devDependencies", "optionalDependencies")
_INSTALLED_BY = (
    *("name", "version", "workspaces", "overrides", "bin", "directories", "engines", "os", "cpu", "libc"),
    *(*_PACKAGES, "peerDependencies", "peerDependenciesMeta", "bundleDependencies", "bundledDependencies"),
)
_PINNED = ("integrity", "link", "inBundle")
_INSTALLED = "node_modules"
_OLDEST_LOCK = 2
_MOST_STEPS = 3


@dataclass(frozen=True)
class NpmProject:
    """A folder with a package.json."""

    script: str = ""
    """Its script `test`; empty when there is none that tests anything."""
    runner: str = ""
    """Who runs the tests: `node --test`, `jest`, `vitest`, `mocha`; empty when that is not known."""
    separators: int = 1
    """How many `--` bring words to the runner: one more for each script that calls another."""
    watches: bool = False
    """The runner is told to wait for changes, and would not end; vitest can be told otherwise."""
    asked: tuple[str, ...] = ()
    """Names of the packages it asks for."""


def npm_project(text: str) -> NpmProject:
    """What package.json says; an empty project for what is no such file."""
    package = _table(text)
    scripts = package.get("scripts")
    script = scripts.get("test") if isinstance(scripts, dict) else None
    if not isinstance(script, str) or not script.strip() or "no test specified" in script:
        return NpmProject()
    asked = [name for key in _PACKAGES for name in _names(package.get(key))]
    words, steps = _followed(script, scripts if isinstance(scripts, dict) else {})
    runner = _runner(words) or (NODE if NODE in script else "")
    waits = any(_WAITS.fullmatch(word) or (word == "-w" and runner == MOCHA) for word in words)
    return NpmProject(script.strip(), runner, steps, waits and runner != VITEST, tuple(dict.fromkeys(asked)))


def installed_by(text: str) -> str:
    """The part of a package.json that decides what is installed, as JSON; without scripts and settings of tools."""
    package = _table(text)
    return json.dumps({key: package[key] for key in _INSTALLED_BY if key in package})


def locked_folders(text: str) -> tuple[str, ...] | None:
    """The folders of the project that a package-lock.json installs for besides its root, as POSIX paths.

    They are its workspaces and packages taken from a folder. None when the text is no lock of version 2 or later, or
    would have something installed outside of the project.
    """
    lock = _table(text)
    version, packages = lock.get("lockfileVersion"), lock.get("packages")
    if not isinstance(version, int) or version < _OLDEST_LOCK or not isinstance(packages, dict):
        return None
    if any(_leads_out(name) for name in packages):
        return None
    return tuple(name for name in packages if name and _INSTALLED not in PurePosixPath(name).parts)


def is_pinned(text: str) -> bool:
    """Whether a lock states a hash of all that is fetched."""
    packages = _table(text).get("packages") or {}
    fetched = [entry for name, entry in packages.items() if _INSTALLED in PurePosixPath(name).parts]
    return all(isinstance(entry, dict) and any(entry.get(key) for key in _PINNED) for entry in fetched)


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name


def _table(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _names(value: object) -> list[str]:
    return [str(name) for name in value] if isinstance(value, dict) else []


def _followed(script: str, scripts: Mapping[str, object]) -> tuple[list[str], int]:
    """The words of the script's last command, behind `npm run NAME`, and how many scripts that took."""
    words = _last_command(script)
    for steps in range(1, _MOST_STEPS + 1):
        if len(words) != 3 or words[:2] not in (["npm", "run"], ["npm", "run-script"]):
            return words, steps
        words = _last_command(str(scripts.get(words[2]) or ""))
    return [], 1


def _last_command(script: str) -> list[str]:
    """The words after the last `&&`; none where another operator stands somewhere."""
    reader = shlex.shlex(script, posix=True, punctuation_chars=True)
    reader.whitespace_split, reader.commenters = True, ""
    try:
        words = list(reader)
    except ValueError:
        return []
    if any(_OPERATOR.fullmatch(word) and word != "&&" for word in words):
        return []
    start = max((at + 1 for at, word in enumerate(words) if word == "&&"), default=0)
    return words[start:]


def _runner(words: Sequence[str]) -> str:
    """The test runner that a command starts."""
    while words and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    if not words:
        return ""
    if words[0] == "node" and "--test" in words:
        return NODE
    called = _program(words[0])
    if called in _BEFORE:
        return next((_PROGRAMS[name] for word in words[1:] if (name := _program(word)) in _PROGRAMS), "")
    return _PROGRAMS.get(called, "")


def _program(word: str) -> str:
    """`jest` of `node_modules/jest/bin/jest.js`."""
    return re.sub(r"\.[cm]?js$", "", PurePosixPath(word).name)
