"""Places of a repository gathered into groups of a few hours each, along its folders.

core/decompose.py makes a task of each group, so a task is about one part of the tree and two tasks rarely meet.
The hours are estimates, summed as floats: comparisons allow a tiny error. Folders are kept whole where they fit,
because a reviewer thinks in folders too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

_TINY = 1e-9


class Place(NamedTuple):
    """Work at one path."""

    path: str
    """POSIX path of a file."""
    hours: float
    """For a person."""
    priority: float
    """0..1."""
    insight: str
    """Id of the insight it is a part of."""


class PathGroup(NamedTuple):
    """What one task is about."""

    paths: tuple[str, ...]
    """Files and folders, none inside another; empty = the whole project."""
    hours: float
    """Sum of its places' hours; above the limit only where a single file is."""
    priority: float
    """Highest of its places'."""
    insights: tuple[str, ...]
    """Ids of the insights its places belong to, each once."""


def path_groups(places: Sequence[Place], most_hours: float) -> tuple[PathGroup, ...]:
    """The places in groups of at most `most_hours`: whole folders where they fit, else their parts, packed.

    Places that fit into one group together are one group about the whole project. A file is never split. The groups
    cover every place, and no path of one lies inside a path of another.
    """
    if not places:
        return ()
    if _hours(places) <= most_hours + _TINY:
        return (_group((), places),)
    return tuple(_split("", sorted(places), most_hours))


def overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    """True when a path of one lies in a path of the other; no paths at all stand for everything."""
    left, right = tuple(some), tuple(others)
    if not left or not right:
        return True
    return any(_inside(one, other) or _inside(other, one) for one in left for other in right)


def _inside(path: str, folder: str) -> bool:
    return folder in ("", ".") or path == folder or path.startswith(f"{folder}/")


def _split(folder: str, places: Sequence[Place], most: float) -> Iterable[PathGroup]:
    """The groups of a folder that is too much for one: its entries, small ones packed together."""
    entries: dict[str, list[Place]] = {}
    for place in places:
        entries.setdefault(_entry(place.path, folder), []).append(place)
    paths: list[str] = []
    packed: list[Place] = []
    for path, inside in entries.items():
        if _hours(inside) > most + _TINY and any(place.path != path for place in inside):
            yield from _split(path, inside, most)
            continue
        if paths and _hours((*packed, *inside)) > most + _TINY:
            yield _group(tuple(paths), packed)
            paths, packed = [], []
        paths.append(path)
        packed.extend(inside)
    if paths:
        yield _group(tuple(paths), packed)


def _entry(path: str, folder: str) -> str:
    """The folder's own entry that a path lies in."""
    start = len(folder) + 1 if folder else 0
    end = path.find("/", start)
    return path if end < 0 else path[:end]


def _hours(places: Iterable[Place]) -> float:
    return sum(place.hours for place in places)


def _group(paths: tuple[str, ...], places: Sequence[Place]) -> PathGroup:
    return PathGroup(
        paths=paths,
        hours=_hours(places),
        priority=max(place.priority for place in places),
        insights=tuple(dict.fromkeys(place.insight for place in places)),
    )
