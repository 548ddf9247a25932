"""How a command of `tdev exec` ended, as it is kept on disk and printed."""

from __future__ import annotations

from pydantic import Field

from tdev.core.artifacts.model import Model

CHUNK_BYTES = 200_000
"""Size of all pieces of an output but the last."""
MOST_BYTES = 50 * 1024 * 1024
"""What is kept of an output."""


class Request(Model):
    """What was asked under a key."""

    argv: tuple[str, ...] = Field(min_length=1)
    """The words."""
    cwd: str
    """Absolute working directory, inside the repository."""
    seconds: float = Field(gt=0)
    """Wall clock of one try."""
    retries: int = Field(ge=0)
    """How often it may be tried again."""


class Execution(Model):
    """How it ended."""

    key: str
    """What names it: the same key gives the same result and runs nothing."""
    exit_code: int
    """Of the last try; negative = killed by that signal."""
    duration_ms: int = Field(ge=0)
    """Of all tries and the pauses between them."""
    bytes: int = Field(ge=0)
    """Size of the whole output of the last try, standard error included."""
    truncated: bool
    """Not all of it was kept."""
    chunks: int = Field(ge=0)
    """Pieces of the output, numbered from 1."""
    tries: int = Field(ge=1)
    """How often it was run."""
    timed_out: bool = False
    """It was stopped at its time limit."""
    cancelled: bool = False
    """It was stopped by whoever asked for it."""
    stopped_by: str = ""
    """The limit of the sandbox that ended it; empty when none did."""
    detail: str = ""
    """Why it could not be run, where it could not."""


def is_key(text: str) -> bool:
    """True when a text can be a key: it becomes a folder's name."""
    fit = all(char.isascii() and (char.isalnum() or char in "._-") for char in text)
    return fit and 1 <= len(text) <= 64 and text[0].isalnum()


def pauses(retries: int) -> tuple[float, ...]:
    """Seconds to wait before each further try: half a second, then twice as long each time."""
    return tuple(min(0.5 * 2**number, 30.0) for number in range(retries))
