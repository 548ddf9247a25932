"""The exact versions of packages that a change brings, with all they need, each with the line that asks for it.

Called by dependencies.py (known vulnerabilities) and packages.py (licences, newcomers). Comes in: what the dependency
files of base and head say. Goes out: names and versions. What is left open is chosen as an installer would today; what
is exact in a manifest is followed to what it needs, with the other exact versions of that file as they are; a lock
file lists everything itself. Nothing is built and no code of a package runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tdev.core.dependency_change import DependencyChange
from tdev.core.manifests import Dependencies, Requirement, is_manifest
from tdev.settings import Settings
from tdev.tools.pip_audit import Pin
from tdev.tools.resolve import resolve

DEEP_SECONDS = 60.0
"""Longest that what exact versions need is looked for."""

Said = Mapping[str, Dependencies]
"""What each dependency file of a tree says, by path."""


@dataclass(frozen=True)
class Brought:
    """What a change brings."""

    origins: Mapping[Pin, Requirement] = field(default_factory=dict)
    """Each exact version with the requirement that leads to it."""
    shallow: tuple[Requirement, ...] = ()
    """Exact versions of which nobody can say what they need, as it would take building them."""
    reason: str = ""
    """Why the versions of what is left open can't be told."""


def brought(settings: Settings, change: DependencyChange, before: Said, after: Said, timeout: float) -> Brought:
    """What the change brings that the base does not pin already; `timeout` in seconds."""
    listed = change.requirements
    exact = {(each.name, each.version): each for each in listed if each.version}
    chosen = resolve(settings, [each for each in listed if not each.version], timeout)
    needed, shallow = _needed(settings, exact.values(), after, min(timeout, DEEP_SECONDS))
    old = _pinned(before)
    further = {pin: origin for pin, origin in {**needed, **chosen.origins}.items() if pin not in old}
    return Brought({**further, **exact}, shallow, chosen.reason)


def names_at(settings: Settings, said: Said, wanted: Iterable[str], timeout: float) -> frozenset[str]:
    """Names of all packages that a tree names, and of those that its requirements for the `wanted` ones need."""
    listed = [each for one in said.values() for each in one.requirements]
    names = frozenset(each.name for each in listed)
    again = set(wanted) & names
    asked = {each.name: each for each in listed if each.name in again and not each.url}
    resolved = resolve(settings, list(asked.values()), timeout)
    return names | {name for name, _ in resolved.origins}


def _needed(
    settings: Settings, exact: Iterable[Requirement], after: Said, timeout: float
) -> tuple[Mapping[Pin, Requirement], tuple[Requirement, ...]]:
    """What exact versions in manifests need, and those of which it can't be told."""
    locked = {pin for path, one in after.items() if not is_manifest(path) for pin in _pins(one)}
    by_path: dict[str, list[Requirement]] = {}
    for each in exact:
        if is_manifest(each.path) and (each.name, each.version) not in locked:
            by_path.setdefault(each.path, []).append(each)
    found: dict[Pin, Requirement] = {}
    shallow: list[Requirement] = []
    for path, requirements in by_path.items():
        asked = {each.name for each in requirements}
        beside = [each for each in after[path].requirements if each.version and each.name not in asked]
        chosen = resolve(settings, requirements, timeout, beside)
        found.update(chosen.origins)
        shallow += requirements if chosen.reason else ()
    return found, tuple(shallow)


def _pinned(said: Said) -> frozenset[Pin]:
    return frozenset(pin for one in said.values() for pin in _pins(one))


def _pins(one: Dependencies) -> Iterator[Pin]:
    return ((each.name, each.version) for each in one.requirements if each.version)
