"""What the engine tells its worker process, and what it hears back: a Talk in, lines of Told out.

The models of the boundary between our process and the worker, and nothing else, so that both
sides import it cheaply. All are checked on arrival. Paths are absolute strings because the worker
runs in another folder. No credential is part of it, and the worker has none in any other way.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from tdev.core.artifacts.model import Model
from tdev.policy.agent import Agent
from tdev.policy.model import Scope
from tdev.policy.tool_rules import SEARCH_PATH

EDITING_TOOLS = ("Read", "Edit", "Write", "Grep", "Glob")
"""What a coding session is offered where the policy says nothing: no shell, no network."""


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

    cli: str
    """Absolute path of the program that starts Claude Code in its sandbox."""
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
    effort: str = ""
    """How long the model may think: `low`, `medium`, `high`; empty = its own default."""
    turns: int = Field(ge=1)
    """Most model turns."""
    usd: float = Field(gt=0)
    """Most US dollars."""
    seconds: float = Field(gt=0)
    """Wall clock."""
    idle_seconds: float = Field(gt=0)
    """Longest silence."""
    session: str
    """Id of the session: of a new one, or of the one to go on with."""
    resume: bool = False
    """Go on with that session."""
    guard_tools: bool = True
    """Whether the tool policy is asked before each call; only the attack suite switches it off."""
    servers: dict[str, tuple[str, ...]] = {}
    """Command inside the sandbox that reaches an MCP server, by the server's name."""
    scope: Scope = Scope()
    """Where may be written."""
    allowed_root: str = ""
    """Folder of the checkout in which protected names may be added, `.` = all of it; empty = nowhere."""
    agent: Agent = Agent()
    """Servers, programs and tasks that policy offers."""
    search_path: tuple[str, ...] = SEARCH_PATH
    """Folders outside the checkout that PATH has inside the sandbox."""


class Ending(Model):
    """How a session ended, as far as it is known."""

    stop: Stop = Stop.NONE
    """Why the worker ended it; none = Claude Code ended by itself."""
    detail: str = ""
    """What went wrong."""
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
    """The model's last words."""
    session: str = ""
    """Session id, to go on with it."""
    cost_usd: float = 0.0
    """US dollars by Claude Code's own count, which for a session that was gone on with begins at its first try."""
    input_tokens: int = 0
    """Cached ones included."""
    output_tokens: int = 0
    """Tokens received."""
    turns: int = 0
    """Model turns."""
    denied: int = 0
    """Tool calls that the walls stopped."""


class Told(Model):
    """One line of the worker's standard output; exactly one of the three is there."""

    progress: str = ""
    """A line for people."""
    entry: dict[str, object] = {}
    """A message for the transcript, as it was heard: not yet redacted."""
    ending: Ending | None = None
    """How the session ended; the last line."""
