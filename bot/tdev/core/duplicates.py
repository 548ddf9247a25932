"""Blocks of lines that a change adds although the same lines stand elsewhere in the tree.

Compared are lines without blanks around them and with all names, numbers and texts made alike; of a block, at least
half the lines must be equal to the letter. Empty lines, comments and imports do not count, so N lines have substance.
A block counts only where every one of its lines was added, and only if the tree has it more often than before: code
that was moved is no copy. Comes in: texts by path, and the lines added. Goes out: copies. Each window is hashed once,
and few places of it are compared, so time grows with the text alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from keyword import iskeyword
from typing import NamedTuple

_WORD = re.compile(r"\w+")
_TEXT = re.compile(r"\"[^\"\\]*\"|'[^'\\]*'")
_LEAST_DIFFERENT = 6
"""A window with fewer different lines than this is a table, or a row of brackets."""
_LEAST_SHAPES = 3
_MOST_PLACES = 12
"""How many places of a window are looked at."""
_LONGEST = 200
"""Most lines of one copy; what is longer is told in pieces."""


class Line(NamedTuple):
    """A line that counts."""

    number: int
    """1-based."""
    text: str
    """Without blanks around it."""
    shape: str
    """The same with every name, number and text made alike."""


class Copy(NamedTuple):
    """A block that stands in two places."""

    path: str
    """Where it was added."""
    first: int
    """Its first line there, 1-based."""
    last: int
    """Its last line there."""
    other: str
    """The other file; may be the same."""
    other_first: int
    """First line in the other place."""
    lines: int
    """How many lines of substance are equal."""


def _shape(line: str) -> str:
    """A line without what people call things: keywords and signs stay."""
    return _WORD.sub(lambda match: match[0] if iskeyword(match[0]) else "n", _TEXT.sub("n", line))


def lines_of(text: str) -> list[Line]:
    """The lines of a Python file that count."""
    found = []
    inside_import = False
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if inside_import:
            inside_import = ")" not in line
        elif line.startswith(("import ", "from ")):
            inside_import = "(" in line and ")" not in line
        elif line and not line.startswith("#"):
            found.append(Line(number, line, _shape(line)))
    return found


def copies(
    before: Mapping[str, str], after: Mapping[str, str], added: Mapping[str, Collection[int]], least: int
) -> tuple[Copy, ...]:
    """Blocks of at least `least` added lines that the tree after the change has elsewhere too.

    `before` needs only the files that the change touches; `added` are 1-based lines by path, (0,) for a whole file.
    """
    listed = {path: lines_of(text) for path, text in after.items()}
    fresh = {path: list(_fresh(listed[path], lines)) for path, lines in sorted(added.items()) if path in listed}
    wanted = {key for runs in fresh.values() for run in runs for key, _ in _windows(run, least)}
    places: dict[int, list[_Place]] = defaultdict(list)
    for path, lines in sorted(listed.items()):
        for key, index in _windows(_Run(0, lines), least):
            if key in wanted and len(places[key]) < _MOST_PLACES:
                places[key].append(_Place(path, index))
    old = _counts(before.values(), wanted, least)
    new = _counts((after[path] for path in {*before, *added} if path in after), wanted, least)
    tree = _Tree(listed, places, frozenset(key for key in wanted if new[key] > old[key]), least)
    told: set[_Place] = set()
    return tuple(copy for path, runs in fresh.items() for run in runs for copy in _copies(tree, path, run, told))


class _Run(NamedTuple):
    """Neighbouring lines of a file."""

    start: int
    """Index of the first among the file's lines that count."""
    lines: Sequence[Line]


class _Place(NamedTuple):
    path: str
    at: int


class _Tree(NamedTuple):
    """The tree after the change."""

    lines: Mapping[str, Sequence[Line]]
    places: Mapping[int, Sequence[_Place]]
    """Where each window stands, the first few places."""
    grown: Collection[int]
    """Windows that there are more of than before."""
    least: int


def _fresh(lines: Sequence[Line], added: Collection[int]) -> Iterator[_Run]:
    """Runs of neighbouring lines that were all added."""
    numbers = set(added)
    marked = [numbers == {0} or line.number in numbers for line in lines]
    for new, group in groupby(range(len(lines)), key=marked.__getitem__):
        if new:
            indexes = list(group)
            yield _Run(indexes[0], lines[indexes[0] : indexes[-1] + 1])


def _windows(run: _Run, least: int) -> Iterator[tuple[int, int]]:
    """Hash of each window of `least` lines, and the index of its first line in the file."""
    for index in range(len(run.lines) - least + 1):
        shapes = tuple(line.shape for line in run.lines[index : index + least])
        texts = {line.text for line in run.lines[index : index + least]}
        if len(texts) >= _LEAST_DIFFERENT and len(set(shapes)) >= _LEAST_SHAPES:
            yield hash(shapes), run.start + index


def _counts(texts: Iterable[str], wanted: Collection[int], least: int) -> Counter[int]:
    """How often each wanted window stands in some files."""
    windows = (key for text in texts for key, _ in _windows(_Run(0, lines_of(text)), least))
    return Counter(key for key in windows if key in wanted)


def _copies(tree: _Tree, path: str, run: _Run, told: set[_Place]) -> Iterator[Copy]:
    """Windows of a run that have another place, joined to blocks; each line is told of once."""
    lines, end = tree.lines[path], run.start + len(run.lines)
    reached = run.start
    for key, index in _windows(run, tree.least):
        here = _Place(path, index)
        others = [place for place in tree.places[key] if _is_apart(here, place, tree.least) and place not in told]
        if index < reached or key not in tree.grown or not others:
            continue
        length, other = max((_reach(tree, here, place), place) for place in others)
        if length < tree.least or 2 * _equal(tree, here, other, length) < length:
            continue
        reached = min(index + length, end)
        told |= {_Place(path, number) for number in range(index, reached)}
        first = tree.lines[other.path][other.at].number
        yield Copy(path, lines[index].number, lines[reached - 1].number, other.path, first, reached - index)


def _equal(tree: _Tree, here: _Place, other: _Place, length: int) -> int:
    """How many lines are equal to the letter."""
    one, two = tree.lines[here.path], tree.lines[other.path]
    return sum(one[here.at + step].text == two[other.at + step].text for step in range(length))


def _is_apart(here: _Place, other: _Place, least: int) -> bool:
    return other.path != here.path or abs(other.at - here.at) >= least


def _reach(tree: _Tree, here: _Place, other: _Place) -> int:
    """How many lines are equal from two places on; a block never reaches into its own copy."""
    one, two = tree.lines[here.path], tree.lines[other.path]
    most = min(len(one) - here.at, len(two) - other.at, _LONGEST)
    if here.path == other.path:
        most = min(most, abs(here.at - other.at))
    equal = (one[here.at + step].shape == two[other.at + step].shape for step in range(most))
    return next((step for step, same in enumerate(equal) if not same), most)
