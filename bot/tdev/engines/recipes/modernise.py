"""modernise: ruff's safe fixes for syntax that the project's lowest supported Python has better ways for.

Comes in: a Job. Goes out: edited files; ruff does the editing, and only with fixes it calls safe.
The rules are chosen one by one, since a safe fix may still change what people see, such as messages
or the order of keys; which were left out and why is in docs/recipes.md.

What ruff may write depends on the lowest Python the project supports, read from its metadata.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tdev.engines.engine import Job, Work
from tdev.engines.recipes import ruff, snapshot, summary
from tdev.engines.recipes.feedback import implicated
from tdev.engines.recipes.python_support import PythonSupport, python_support
from tdev.engines.recipes.source_files import Sources, sources
from tdev.errors import Refused

SAFEST = frozenset(
    {
        "UP003", "UP004", "UP008", "UP009", "UP010", "UP012", "UP018", "UP024", "UP025", "UP032", "UP034", "UP039",
    }
)  # fmt: skip
"""What can hardly change behaviour: left for the last attempt."""

RULES = frozenset(
    {
        "UP", "C413", "C420", "E713", "E714", "F541", "FURB105", "FURB129", "FURB136", "FURB157", "FURB161",
        "FURB163", "FURB167", "FURB168", "FURB169", "FURB181", "FURB188", "PERF101", "PIE790", "PIE800", "PIE804",
        "PIE807", "PIE808", "RET501", "RUF010", "RUF019", "SIM117", "SIM905", "SIM910", "SIM911", "W605",
    }
)  # fmt: skip
"""Rules of the first attempt; why these and not others is in docs/recipes.md."""

_SINCE_3_7 = ("UP021", "UP022")
"""Fixes that need Python 3.7, left out for projects that name 3.5 or 3.6."""


def perform(job: Job) -> Work:
    """Modernise the task's files.

    The first attempt uses all of RULES. A second keeps to SAFEST in the files that the failing tests point at, a
    third keeps to SAFEST everywhere and leaves those files out. Raises Refused when nothing is left to try.
    """
    found = sources(job)
    support = python_support(job)
    target = ruff.target_version(support.lowest)
    before = snapshot.take(found)
    fixes: Counter[str] = Counter()
    for part, rules in _parts(job, found):
        ignored = _SINCE_3_7 if support.lowest and support.lowest < (3, 7) else ()
        fixes += ruff.fix(job, snapshot.take(part), rules, target, {"lint.ignore": list(ignored)})
    broken = before.restore_broken()
    changed = before.changed()
    alone = summary.left_alone([*found.left_alone, *broken])
    if not changed:
        return _nothing(job, found, alone)
    return Work(
        summary=summary.joined(
            f"ruff made {summary.fixes_in(fixes, len(changed))}, for Python {target[0]}.{target[1]} and newer.",
            _support_note(support),
            alone,
        )
    )


def _parts(job: Job, found: Sources) -> Iterable[tuple[Sources, frozenset[str]]]:
    """Which rules this attempt uses on which files."""
    if job.attempt == 1:
        return [(found, RULES)]
    blamed = implicated(job, found)
    clean = [path for path in found.files if path not in blamed]
    if job.attempt == 2:
        rules = RULES if blamed else SAFEST
        return [(found.only(clean), rules), (found.only(blamed), SAFEST)]
    return [(found.only(clean), SAFEST)]


def _nothing(job: Job, found: Sources, alone: str) -> Work:
    if job.attempt > 1:
        raise Refused("Every change of the recipe modernise breaks a test.", next_step="The failing tests say which.")
    files = summary.counted(len(found.files), "file")
    return Work(
        summary=summary.joined("Nothing was changed.", alone),
        nothing_to_do=summary.joined(f"ruff found nothing to modernise in {files}.", alone),
    )


def _support_note(support: PythonSupport) -> str:
    """What the change means for older interpreters the metadata still names."""
    if support.python_2:
        return "The metadata names Python 2, on which the changed files no longer run."
    if support.lowest is None:
        return "Nothing says which Python the project supports, so the oldest that ruff writes for was taken."
    named = f"{support.source} asks for {support.lowest[0]}.{support.lowest[1]} or newer"
    older = support.lowest < (3, 6)
    return f"{named}; versions below 3.6 can no longer be supported." if older else f"{named}."
