"""What a change brings by way of dependencies: everything the head asks for that the base did not.

tools/dependencies.py reads both trees through git, takes the difference from here, and has it looked up.
Requirements are compared by content, not by file: moving one from setup.py to pyproject.toml changes nothing.
A package from an address of its own, and an index that was not used before, are told apart, since a list of known
vulnerabilities says nothing about them. What can't be understood is a problem only where the change brought it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tdev.core.manifests import Dependencies, Requirement, dependencies_of, is_dependency_file


@dataclass(frozen=True)
class DependencyChange:
    """The difference between two trees' dependency files."""

    files: int
    """Dependency files at the head."""
    requirements: tuple[Requirement, ...] = ()
    """New or changed ones that come from an index."""
    remote: tuple[Requirement, ...] = ()
    """New or changed ones that come from an address of their own."""
    indexes: tuple[tuple[str, str, int], ...] = ()
    """New package indexes: (address, path, line)."""
    problems: tuple[str, ...] = ()
    """Why a part of the head can't be told."""


def read_dependencies(paths: Iterable[str], text_of: Callable[[str], str | None]) -> Mapping[str, Dependencies]:
    """What each dependency file of a tree says, files that others include among them.

    `text_of` gives a file's text, or None where there is no such file.
    """
    found: dict[str, Dependencies] = {}
    waiting = [path for path in paths if is_dependency_file(path)]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        text = text_of(path)
        if text is None:
            continue
        found[path] = dependencies_of(path, text)
        folder = posixpath.dirname(path)
        waiting += [posixpath.normpath(posixpath.join(folder, name)) for name in found[path].includes]
    return found


def dependency_change(before: Mapping[str, Dependencies], after: Mapping[str, Dependencies]) -> DependencyChange:
    """What `after` asks for that `before` did not, each once."""
    old = {requirement.key for said in before.values() for requirement in said.requirements}
    own = {said.project for said in after.values()}
    new: dict[tuple[str, ...], Requirement] = {}
    for path in sorted(after):
        for requirement in after[path].requirements:
            if requirement.key not in old and (requirement.name not in own or requirement.url):
                new.setdefault(requirement.key, requirement)
    return DependencyChange(
        files=len(after),
        requirements=tuple(requirement for requirement in new.values() if not requirement.url),
        remote=tuple(requirement for requirement in new.values() if requirement.url),
        indexes=_new_indexes(before, after),
        problems=_new_problems(before, after),
    )


def _new_indexes(
    before: Mapping[str, Dependencies], after: Mapping[str, Dependencies]
) -> tuple[tuple[str, str, int], ...]:
    old = {address for said in before.values() for address, _ in said.indexes}
    return tuple(
        (address, path, line) for path in sorted(after) for address, line in after[path].indexes if address not in old
    )


def _new_problems(before: Mapping[str, Dependencies], after: Mapping[str, Dependencies]) -> tuple[str, ...]:
    """What can't be understood at the head and was different at the base."""
    problems = []
    for path in sorted(after):
        said, was = after[path], before.get(path, Dependencies())
        if said.error and said.error != was.error:
            problems.append(said.error)
        known = {text for text, _ in was.unclear}
        problems += [
            f"line {line} of {path} can't be understood" if line else f"an entry of {path} can't be understood"
            for text, line in said.unclear
            if text not in known
        ]
    return tuple(problems)
