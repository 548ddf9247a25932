"""Which files name dependencies, and which reader each of them has.

`dependencies_of` is strict: a file that can't be read says so in `error`, and lines that are not understood are listed.
The audit of a change needs that (core/dependency_change.py): an unread line must not pass for no dependency.
`requirements` is the same for research, which describes a repository and does not judge it: what is not understood is
left out. It takes the files people write and not locks: their lines say when a tool ran, not when a person decided.
"""

from __future__ import annotations

import configparser
from collections.abc import Callable

from tdev.core.manifests.lock_files import LOCK_NAMES, of_lock, of_pipfile, of_pipfile_lock
from tdev.core.manifests.metadata_files import of_pyproject, of_setup_cfg, of_setup_py
from tdev.core.manifests.requirement import Dependencies, Requirement
from tdev.core.manifests.requirement_files import is_requirement_file, of_requirement_file

_METADATA: dict[str, Callable[[str, str], Dependencies]] = {
    "pyproject.toml": of_pyproject,
    "setup.cfg": of_setup_cfg,
    "setup.py": of_setup_py,
}
_READERS = {
    **_METADATA,
    **dict.fromkeys(LOCK_NAMES, of_lock),
    "Pipfile": of_pipfile,
    "Pipfile.lock": of_pipfile_lock,
}
_METADATA_LENGTH = 256 * 1024
_UNREADABLE = (ValueError, configparser.Error, SyntaxError, RecursionError, MemoryError)


def is_dependency_file(path: str) -> bool:
    """True for a path that by its name is a dependency file, locks included."""
    name = path.rpartition("/")[2]
    return name in _READERS or _is_pylock(name) or is_requirement_file(path)


def is_manifest(path: str) -> bool:
    """True for files in which people write down what a Python project depends on."""
    return path.rpartition("/")[2] in _METADATA or (is_requirement_file(path) and not path.endswith(".lock"))


def dependencies_of(path: str, text: str) -> Dependencies:
    """What a dependency file says; a file that can't be parsed says so in `error`."""
    name = path.rpartition("/")[2]
    reader = of_lock if _is_pylock(name) else _READERS.get(name, of_requirement_file)
    try:
        return reader(path, text)
    except _UNREADABLE as error:
        why = next(iter(str(error).splitlines()), "it is nested too deeply")
        return Dependencies(error=f"{path} can't be parsed: {why}")


def requirements(path: str, text: str) -> tuple[Requirement, ...]:
    """The packages a dependency file takes from an index, in line order; none of one that is absurdly long."""
    if path.rpartition("/")[2] in _METADATA and len(text) > _METADATA_LENGTH:
        return ()
    found = {one for one in dependencies_of(path, text).requirements if not one.url}
    return tuple(sorted(found, key=lambda one: (one.line, one.name, one.specifier)))


def _is_pylock(name: str) -> bool:
    """True for pylock.toml and pylock.NAME.toml."""
    return name.startswith("pylock.") and name.endswith(".toml") and name.count(".") <= 2
