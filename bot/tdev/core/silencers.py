"""Comments that tell ruff or mypy to look away, and which of them a change added.

Comes in: git's diff of a change, without context lines. Goes out: by path and line of the new tree, the silencers that
were not there before. One is no news where it stood on a removed line of the same file that it does not go beyond, or
where the whole line was only moved. Forms: `noqa`, `ruff:`, `isort:`, `type: ignore`, `mypy:`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tdev.core.changed_lines import Hunk, hunks
from tdev.core.scan.paths import is_python_path

_SILENCER = re.compile(
    r"#[^#\r\n]*?(?P<kind>noqa|\b(?:ruff|isort|mypy)[^\S\r\n]*:|\btype[^\S\r\n]*:[^\S\r\n]*ignore)(?P<rest>[^#\r\n]*)",
    re.IGNORECASE,
)
_HINT = re.compile("noqa|ruff|isort|mypy|ignore", re.IGNORECASE)
"""A text in which no silencer can be is told by one search."""
_RULES = re.compile(r"[A-Z]+[0-9]+")
_WORDS = re.compile(r"[\w-]+")


class Silencer(NamedTuple):
    """What one comment silences."""

    kind: str
    """Its first word: `noqa`, `ruff`, `isort`, `mypy` or `type`."""
    rules: frozenset[str]
    """Rules or codes that it names; empty = everything."""

    def covers(self, other: Silencer) -> bool:
        """Whether the other silences nothing that this one does not."""
        return self.kind == other.kind and (not self.rules or (bool(other.rules) and other.rules <= self.rules))


Added = dict[str, dict[int, frozenset[Silencer]]]
"""Silencers by 1-based line, by path."""


def silencers_in(text: str) -> list[Silencer]:
    """The silencers in a line, in their order; what looks like one inside a string is told too."""
    return [_silencer(match) for match in _SILENCER.finditer(text)] if _HINT.search(text) else []


def without(comment: str, gone: Iterable[Silencer]) -> str:
    """A comment without some silencers, and what else it says."""
    unwanted = frozenset(gone)
    return _SILENCER.sub(lambda match: "" if _silencer(match) in unwanted else match.group(), comment)


def added_silencers(diff: str) -> Added:
    """What a change added in Python files, from `git diff -U0 --src-prefix=a/ --dst-prefix=b/`."""
    changed = [hunk for hunk in hunks(diff) if is_python_path(hunk.path or hunk.old_path)]
    gone = list(_removed(changed))
    moved = Counter(text for _, text, _ in gone)
    fresh = []
    for path, line, text, found in _new(changed):
        if moved[text] > 0:
            moved[text] -= 1
        else:
            fresh.append((path, line, found))
    return _uncovered(fresh, _left(gone, moved))


def _silencer(match: re.Match[str]) -> Silencer:
    kind, rest = match.group("kind").lower(), match.group("rest")
    word = kind.split(":")[0].strip()
    if word == "noqa":
        return Silencer(word, frozenset(_RULES.findall(rest)) if rest.lstrip().startswith(":") else frozenset())
    if word == "type":
        named = rest.partition("[")[2].partition("]")[0] if rest.lstrip().startswith("[") else ""
        return Silencer(word, frozenset(_WORDS.findall(named)))
    return Silencer(word, frozenset(_WORDS.findall(rest)))


def _removed(changed: Iterable[Hunk]) -> Iterator[tuple[frozenset[str], str, list[Silencer]]]:
    """Names of the file, text and silencers of each removed line that has some."""
    for hunk in changed:
        for text in hunk.removed:
            if found := silencers_in(text):
                yield frozenset((hunk.path, hunk.old_path)), text.strip(), found


def _new(changed: Iterable[Hunk]) -> Iterator[tuple[str, int, str, list[Silencer]]]:
    for hunk in changed:
        for line, text in enumerate(hunk.added, hunk.start):
            if found := silencers_in(text):
                yield hunk.path, line, text.strip(), found


def _left(
    gone: Iterable[tuple[frozenset[str], str, list[Silencer]]], still: Counter[str]
) -> Mapping[str, Counter[Silencer]]:
    """What was removed from each file, without the lines that were moved."""
    left: defaultdict[str, Counter[Silencer]] = defaultdict(Counter)
    for paths, text, found in gone:
        if still[text] > 0:
            still[text] -= 1
            for path in paths:
                left[path].update(found)
    return left


def _uncovered(fresh: Iterable[tuple[str, int, list[Silencer]]], left: Mapping[str, Counter[Silencer]]) -> Added:
    added: Added = {}
    for path, line, found in fresh:
        news = frozenset(one for one in found if not _used(left.get(path, Counter()), one))
        if news:
            added.setdefault(path, {})[line] = news
    return added


def _used(left: Counter[Silencer], wanted: Silencer) -> bool:
    """Take one that covers the wanted one, if there is any."""
    fitting = (one for one, count in left.items() if count > 0 and one.covers(wanted))
    found = wanted if left[wanted] > 0 else next(fitting, None)
    if found is None:
        return False
    left[found] -= 1
    return True
