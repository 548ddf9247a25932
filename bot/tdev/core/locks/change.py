"""What a change adds to the lock files of a tree: packages in versions that no lock of the base had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tdev.core.locks.package import NPM, Locked, Package


@dataclass(frozen=True)
class LockChange:
    """The difference between two trees' lock files."""

    files: int
    """Lock files at the head."""
    packages: tuple[Package, ...] = ()
    """New ones that come from a registry."""
    remote: tuple[Package, ...] = ()
    """New ones that come from an address of their own."""
    registries: tuple[tuple[str, str, int], ...] = ()
    """New registries: (address, path, line)."""
    first: tuple[tuple[str, str, int], ...] = ()
    """The one registry of npm's first lock, which there is nothing to compare with."""
    problems: tuple[str, ...] = ()
    """Why a lock of the head can't be read; not told of one that is as it was."""


def lock_change(before: Mapping[str, Locked], after: Mapping[str, Locked]) -> LockChange:
    """What `after` locks that `before` did not, each once."""
    old = {package for said in before.values() for package in said.packages}
    new = dict.fromkeys(each for path in sorted(after) for each in after[path].packages if each not in old)
    registries = _new_registries(before, after)
    first = len(registries) == 1 and _npm_alone(after[registries[0][1]]) and not any(map(_has_npm, before.values()))
    return LockChange(
        files=len(after),
        packages=tuple(each for each in new if not each.source),
        remote=tuple(each for each in new if each.source),
        registries=() if first else registries,
        first=registries if first else (),
        problems=tuple(
            after[path].error
            for path in sorted(after)
            if after[path].error and after[path].unread != before.get(path, Locked()).unread
        ),
    )


def _new_registries(before: Mapping[str, Locked], after: Mapping[str, Locked]) -> tuple[tuple[str, str, int], ...]:
    """Each registry that no lock of `before` names, once, with the first place that does."""
    known = {address for said in before.values() for address, _ in said.registries}
    new: dict[str, tuple[str, str, int]] = {}
    for path in sorted(after):
        for address, line in after[path].registries:
            if address not in known:
                new.setdefault(address, (address, path, line))
    return tuple(new.values())


def _has_npm(said: Locked) -> bool:
    return bool(said.error) or any(package.ecosystem == NPM for package in said.packages)


def _npm_alone(said: Locked) -> bool:
    return all(package.ecosystem == NPM for package in said.packages)
