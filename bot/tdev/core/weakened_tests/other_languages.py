"""Tests of other languages, compared by their lines: fewer assertions, more skips."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PATH = re.compile(
    r"(?i)(?:^|/)(?:__tests__|tests?|specs?)/.*\.(?:[cm]?[jt]sx?|rb|php|go|rs|java|kt|cs|swift|exs)$"
    r"|\.(?:test|spec)\.[cm]?[jt]sx?$|_test\.(?:go|rb|exs)$|_spec\.rb$|Tests?\.(?:java|kt|cs|swift|php)$"
)
_ASSERTION = re.compile(r"\b(?:assert\w*!?|expect\w*|should\w*|require\.\w+|t\.(?:Error|Fatal|Fail)\w*)\s*[.(!]")
_TEST = re.compile(
    r"^\s*(?:(?:it|test|describe|specify)(?:\.each)?\s*[(`]|func Test\w+|#\[(?:\w+::)?test\]|@Test\b|def test_)"
)
_SKIP = re.compile(
    r"\b(?:it|test|describe|context)\.(?:skip|todo|only|fixme|failing)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe|pending)\s*\("
    r"|\bt\.Skip\w*\(|#\[ignore|@Ignore\b|@Disabled\b|\[Ignore|markTestSkipped"
)


def is_foreign_test(path: str) -> bool:
    """True for a test file of a language other than Python, by its name."""
    return bool(_PATH.search(path[:4096]))


def weakened_lines(before: str | None, after: str | None) -> Iterator[tuple[int, str]]:
    """1-based line (0 = the whole file) and what is said there."""
    old, new = before or "", after or ""
    for name, pattern in (("tests", _TEST), ("assertions", _ASSERTION)):
        had, has = _count(pattern, old), _count(pattern, new)
        if has < had:
            yield 0, f"the file has {has} {name}, and had {had}"
    if _count(_SKIP, new) > _count(_SKIP, old):
        lines = [number for number, line in enumerate(new.split("\n"), 1) if _SKIP.search(line[:2000])]
        yield lines[-1], "more tests are skipped than before"


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for line in text.split("\n") if pattern.search(line[:2000]))
