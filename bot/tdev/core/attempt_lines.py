"""Attempts in one line each, for the pull request and the terminal: which, how it ended, what it cost, and why. Pure.

Reasons quote tests and tools, so whoever posts a line cleans it with core/outbound.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdev.core.artifacts.attempt import Attempt, Effort, ModelRank

MOST_LINES = 40
"""Attempts that are told one by one."""


def attempt_lines(attempts: Iterable[Attempt], most: int = MOST_LINES) -> Iterator[str]:
    """One line per attempt, oldest first; how many are left out, where there are more."""
    listed = tuple(attempts)
    yield from map(attempt_line, listed[:most])
    if len(listed) > most:
        yield f"and {len(listed) - most} more in patch.json"


def attempt_line(attempt: Attempt) -> str:
    """`T1, attempt 2: rolled back (tests-failed), 0.0312 USD, 41 s, high effort: 1 tests that passed …`."""
    ended = "kept" if attempt.kept else "rolled back"
    kind = f" ({attempt.failure.value})" if attempt.failure is not None else ""
    cost = f"{attempt.cost_usd:.4f} USD, " if attempt.cost_usd else ""
    first = (attempt.reason.splitlines() or [""])[0]
    made = f"{cost}{attempt.seconds:.0f} s{_unusual(attempt)}"
    return f"{attempt.task}, attempt {attempt.number}: {ended}{kind}, {made}: {first}"


def _unusual(attempt: Attempt) -> str:
    """What of the parameters is not as usual."""
    parameters = attempt.parameters
    words = [f"{parameters.effort.value} effort"] if parameters.effort is not Effort.MEDIUM else []
    words += [f"{parameters.model.value} model"] if parameters.model is not ModelRank.NAME else []
    return "".join(f", {word}" for word in words)
