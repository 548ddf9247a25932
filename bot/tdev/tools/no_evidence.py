"""The sentences for a program that ended without an answer that can be used; they stand in reports and verdicts.

Used by the wrappers in this room. Comes in: how the program ended. Goes out: a reason, short enough for
one line of a verdict, with the program's own last words.

Whether an answer is missing is for each wrapper to find out, because exit codes mean something else in
every program; these functions only say it, in the same words for all.
"""

from __future__ import annotations

from tdev.adapters.process import Completed

_LAST_LINES = 3


def unreadable(program: str, done: Completed, timeout: float) -> str:
    """Why there is no output that could be read; `timeout` is the limit in seconds that was given."""
    if done.timed_out:
        return f"{program} was stopped after {timeout:g} s"
    if done.truncated:
        return f"{program} printed more than can be kept"
    return f"{program}'s answer can't be read (exit code {done.exit_code}): {done.tail(_LAST_LINES)}"


def failed(program: str, done: Completed) -> str:
    """That the program failed, although its output could be read."""
    return f"{program} failed with exit code {done.exit_code}: {done.tail(_LAST_LINES)}"
