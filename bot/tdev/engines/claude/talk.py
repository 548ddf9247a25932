"""What the engine tells its worker process, and what it hears back: one JSON value each way.

The two models of the boundary between our process and the worker, and nothing else, so that both
sides import it cheaply. Both are checked on arrival. Paths are absolute strings because the worker
runs in another folder. No credential is part of it: that comes through the environment.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from tdev.core.artifacts.model import Model
from tdev.policy.model import Scope

EDITING_TOOLS = ("Read", "Edit", "Write", "Grep", "Glob")
"""All a coding session may use: no shell, no network."""
ANSWER_TOOL = "StructuredOutput"
"""The tool by which Claude Code hands over an answer that has a schema."""


class Stop(StrEnum):
    """Why the worker itself ended the session."""

    NONE = ""
    TIME = "time"
    """The wall clock ran out."""
    IDLE = "idle"
    """Nothing was heard for too long."""
    LOGIN = "login"
    """The model API does not accept the credential, and would go on to be asked."""
    CRASH = "crash"
    """Claude Code could not be started, died, or said something that could not be understood."""


class Talk(Model):
    """One session: what is asked, and within which walls and limits."""

    cwd: str
    """Absolute path of the checkout: nothing outside is read or written."""
    prompt: str
    """What is asked."""
    system_prompt: str
    """Who the model is and what holds for every task."""
    tools: tuple[str, ...] = EDITING_TOOLS
    """Tools offered."""
    model: str
    """Name or alias."""
    fallback: str = ""
    """Used when the first is overloaded; empty = none."""
    turns: int = Field(ge=1)
    """Most model turns."""
    usd: float = Field(gt=0)
    """Most US dollars."""
    seconds: float = Field(gt=0)
    """Wall clock."""
    idle_seconds: float = Field(gt=0)
    """Longest silence."""
    resume: str = ""
    """Session to go on with; empty = a new one."""
    scope: Scope = Scope()
    """Where may be written."""
    allowed_root: str = ""
    """Folder of the checkout in which protected names may be added, `.` = all of it; empty = nowhere."""
    answer_schema: dict[str, object] = {}
    """JSON Schema of the answer; empty = plain text."""
    transcript: str = ""
    """JSON Lines file every message is appended to; empty = none."""
    progress: str
    """Text file that one line is appended to for each tool call."""


class Ending(Model):
    """How a session ended, as far as it is known."""

    stop: Stop = Stop.NONE
    """Why the worker ended it; none = Claude Code ended by itself."""
    detail: str = ""
    """What went wrong, redacted."""
    subtype: str = ""
    """Claude Code's word for it: `success`, `error_max_turns`, …; empty = it gave no result at all."""
    is_error: bool = False
    """Claude Code says that it failed."""
    api_status: int = 0
    """HTTP status of the API's last answer when that was the failure."""
    api_error: str = ""
    """Claude Code's word for the API's failure, e.g. `authentication_failed`."""
    stop_reason: str = ""
    """Why the model stopped, e.g. `end_turn`, `refusal`."""
    text: str = ""
    """The model's last words, redacted."""
    answer: object = None
    """The answer that was asked for by a schema."""
    session: str = ""
    """Session id, to go on with it."""
    cost_usd: float = 0.0
    """US dollars."""
    input_tokens: int = 0
    """Cached ones included."""
    output_tokens: int = 0
    """Tokens received."""
    turns: int = 0
    """Model turns."""
    denied: int = 0
    """Tool calls that the walls stopped."""
