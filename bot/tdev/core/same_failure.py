"""Whether two attempts failed in the same way: texts of failures without what differs from run to run. Pure.

stages/attempts.py stops a task, and stages/gate_rounds.py the rounds of the gates, when the same comes twice: a third
try would cost money and tell nothing. A failure is the same when the same tests fail with the same kind of error and
the same normalised message, or the same rules find the same at the same places; lines may have moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.fingerprint import fingerprint

_LONGEST: Final = 4000
_REPLACED: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"0x[0-9a-fA-F]{4,16}"), "ADDRESS"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "ID"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"), "TIME"),
    (re.compile(r"\b\d\d:\d\d:\d\d(?:\.\d{1,9})?\b"), "TIME"),
    (re.compile(r"(?<![\w.])\d{1,9}(?:\.\d{1,12})? ?(?:ns|us|µs|ms|s|sec|secs|seconds?|minutes?)\b"), "DURATION"),
    (re.compile(r"(?:/[\w.@+-]{1,255})*/(?P<name>[\w.@+-]{1,255})"), r"\g<name>"),
    (re.compile(r"(?P<file>\.[a-z]{1,4}):\d{1,9}(?::\d{1,9})?"), r"\g<file>"),
    (re.compile(r"\blines? \d{1,9}"), "line"),
    (re.compile(r"\b(?=[0-9a-f]{0,63}\d)(?=[0-9a-f]{0,63}[a-f])[0-9a-f]{8,64}\b"), "HEX"),
    (re.compile(r"\b\d{6,30}\b"), "NUMBER"),
    (re.compile(r"\d\.\d{6,30}"), "FRACTION"),
)
"""What differs between two runs of the same failure, in the order it is taken out; all patterns are bounded."""
_MARKED: Final = re.compile(r"^E\s+(?P<said>\S.*)$", re.MULTILINE)
_KINDS: Final = re.compile(r"^[\w./<> -]{1,300}:\d{1,9}: (?P<kind>[A-Za-z_][\w.]{0,80})\s*$", re.MULTILINE)


def normalised(text: str) -> str:
    """The text without folders, line numbers, addresses, times, durations and random values, on one line."""
    text = text[:_LONGEST]
    for pattern, word in _REPLACED:
        text = pattern.sub(word, text)
    return " ".join(text.split())


def error_of(text: str) -> str:
    """The kind of error and the message of one failed test, normalised; what pytest marks with `E` where it does."""
    said = [match["said"] for match in _MARKED.finditer(text[:_LONGEST])]
    kinds = [match["kind"] for match in _KINDS.finditer(text[:_LONGEST])]
    last = [line for line in text.splitlines() if line.strip()][-1:]
    return normalised("\n".join((*kinds[-1:], *(said[:6] or last))))


def signature_of_tests(names: Iterable[str], failures: Mapping[str, str]) -> str:
    """The same for two test runs in which the same tests fail in the same way."""
    return fingerprint(*(part for name in sorted(names) for part in (name, error_of(failures.get(name, "")))))


def signature_of_text(kind: str, text: str) -> str:
    """The same for two failures of one kind with the same normalised text."""
    return fingerprint(kind, normalised(text))


def signature_of_verdict(verdict: Verdict) -> str:
    """The same for two verdicts that say no for the same findings, wherever their lines have moved."""
    return fingerprint(*sorted(_facts(verdict)))


def _facts(verdict: Verdict) -> Iterable[str]:
    for check in verdict.children:
        yield from _facts(check)
    if not verdict.children and verdict.outcome in (Outcome.FAIL, Outcome.ERROR):
        yield "\0".join((verdict.name, verdict.outcome.value, normalised(verdict.reason)))
        yield from (f"{verdict.name}\0{finding.fingerprint}" for finding in verdict.findings)
