"""The process that holds one session with Claude Code: a Talk on standard input, lines of Told on standard output.

It is a process of its own because claude-agent-sdk hands its whole environment on to what it starts, and because that
makes a time limit certain: whatever hangs dies with its group. It holds no credential: Claude Code is in the sandbox,
and the key in the model proxy, which is in the engine's process.

Started by session.py only. It writes no file: progress, the transcript's entries and at last the Ending are lines of
its standard output. The SDK is imported inside functions: it is slow to import, and mypy and the walls' tests need it
only as types.

Three limits hold: the wall clock, silence, and a credential refused twice (Claude Code would go on
trying). Each ends in an interrupt first, so that the session still tells what it cost.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, BinaryIO, cast

from tdev.engines.claude import sdk
from tdev.engines.claude.options import claude_options
from tdev.engines.claude.spoken import MAX_TEXT, spoken
from tdev.engines.claude.talk import Ending, Stop, Talk, Told
from tdev.engines.claude.walls import denial

if TYPE_CHECKING:
    from claude_agent_sdk import ClaudeSDKClient, HookContext, HookInput, HookJSONOutput, Message, ResultMessage

_PR_SET_PDEATHSIG = 1
_FAREWELL_SECONDS = 8.0
"""How long a session that was interrupted may take to say what it cost."""


class Session:
    """One session as it goes on: what was heard, and what the walls stopped."""

    def __init__(self, talk: Talk, output: BinaryIO) -> None:
        self.talk = talk
        self.output = output
        self.deadline = time.monotonic() + talk.seconds
        self.stderr: deque[str] = deque(maxlen=20)
        self.denied = 0
        self.api_error = ""
        self.rejected = False
        self.result: ResultMessage | None = None

    async def wall(self, call: HookInput, _id: str | None, _context: HookContext) -> HookJSONOutput:
        """Claude Code asks before each tool call; what this raises or can't answer blocks the call."""
        event = cast("dict[str, object]", call)
        arguments = event.get("tool_input")
        reason = denial(str(event.get("tool_name")), arguments if isinstance(arguments, dict) else {}, self.talk)
        if not reason:
            return {}
        self.denied += 1
        self.progress(f"denied: {reason}")
        self.enter("Denial", {"tool": event.get("tool_name"), "input": arguments, "reason": reason})
        return {
            "hookSpecificOutput": {
                "hookEventName": "PreToolUse",
                "permissionDecision": "deny",
                "permissionDecisionReason": reason,
            }
        }

    def tell(self, told: Told) -> None:
        """Tell the engine; when it no longer listens, the process ends."""
        self.output.write(told.model_dump_json(exclude_defaults=True).encode("utf-8", "replace") + b"\n")
        self.output.flush()

    def progress(self, line: str) -> None:
        """Tell people one line."""
        self.tell(Told(progress=" ".join(line.split())[:2000]))

    def enter(self, kind: str, message: object) -> None:
        """Put a message into the transcript; `kind` is the name of its type."""
        said = spoken(message)
        self.tell(Told(entry={"type": kind, **(said if isinstance(said, dict) else {"value": said})}))

    def hear(self, message: Message) -> None:
        """Record one message."""
        from claude_agent_sdk import AssistantMessage, ResultMessage, StreamEvent, SystemMessage, ToolUseBlock

        if isinstance(message, StreamEvent):
            return
        self.enter(type(message).__name__, message)
        if isinstance(message, AssistantMessage):
            self.api_error = message.error or self.api_error
            for block in message.content:
                if isinstance(block, ToolUseBlock):
                    self.progress(_line_of(block.name, block.input, self.talk.cwd))
        if isinstance(message, SystemMessage) and message.subtype == "api_retry":
            self._hear_retry(message.data)
        if isinstance(message, ResultMessage):
            self.result = message

    def _hear_retry(self, data: dict[str, object]) -> None:
        """Claude Code asks again after a failure; where the credential is refused twice, that is no use."""
        status, attempt = data.get("error_status"), data.get("attempt")
        self.progress(f"the model API failed ({status or data.get('error') or 'no answer'}), attempt {attempt}")
        self.rejected = self.rejected or (status in (401, 403) and isinstance(attempt, int) and attempt >= 2)

    async def hold(self) -> Ending:
        """The whole session."""
        from claude_agent_sdk import ClaudeSDKClient, ClaudeSDKError

        self.enter("Prompt", {"prompt": self.talk.prompt, "session": self.talk.session, "resume": self.talk.resume})
        hook = self.wall if self.talk.guard_tools else None
        client = ClaudeSDKClient(claude_options(self.talk, hook, self.stderr.append))
        stop, detail = Stop.NONE, ""
        try:
            async with client:
                await client.query(self.talk.prompt)
                stop = await self._listen(client)
        except ClaudeSDKError as error:
            if self.result is None:
                stop, detail = Stop.CRASH, f"{type(error).__name__}: {error}"
        return self._ending(stop, detail)

    async def _listen(self, client: ClaudeSDKClient) -> Stop:
        """Hear messages until the result, or until a limit is reached and the session interrupted."""
        stream = client.receive_response()
        while True:
            left = self.deadline - time.monotonic()
            try:
                async with asyncio.timeout(max(0.0, min(left, self.talk.idle_seconds))):
                    self.hear(await anext(stream))
            except StopAsyncIteration:
                return Stop.NONE
            except TimeoutError:
                await self._interrupt(client)
                return Stop.TIME if left <= self.talk.idle_seconds else Stop.IDLE
            if self.rejected and self.result is None:
                await self._interrupt(client)
                return Stop.LOGIN

    async def _interrupt(self, client: ClaudeSDKClient) -> None:
        """End the turn, and hear what it cost if Claude Code still says so."""
        from claude_agent_sdk import ClaudeSDKError

        with contextlib.suppress(TimeoutError, ClaudeSDKError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await client.interrupt()
                async for message in client.receive_response():
                    self.hear(message)

    def _ending(self, stop: Stop, detail: str) -> Ending:
        result = self.result
        errors = [*((result.errors or []) if result else []), *([detail] if detail else [])]
        if not errors and (result is None or result.is_error):
            errors = list(self.stderr)
        heard = _figures(result) if result else {}
        return Ending.model_validate(
            {
                "stop": stop,
                "detail": "; ".join(errors)[-2000:],
                "api_error": self.api_error,
                "denied": self.denied,
                **heard,
                "text": (result.result or "" if result else "")[:MAX_TEXT],
            }
        )


def _figures(result: ResultMessage) -> dict[str, object]:
    """What Claude Code's result says, under our names."""
    usage = result.usage or {}
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return {
        "subtype": result.subtype,
        "is_error": result.is_error,
        "api_status": result.api_error_status or 0,
        "stop_reason": result.stop_reason or "",
        "session": result.session_id,
        "cost_usd": result.total_cost_usd or 0.0,
        "input_tokens": sum(int(usage.get(name) or 0) for name in names),
        "output_tokens": int(usage.get("output_tokens") or 0),
        "turns": result.num_turns,
    }


def _line_of(tool: str, arguments: dict[str, object], root: str) -> str:
    """One line about a tool call, for people."""
    subject = arguments.get("file_path") or arguments.get("pattern") or ""
    return f"{tool} {str(subject).removeprefix(f'{root}/')}".strip()


def _die_with_parent() -> None:
    """When the engine's process dies, kill -9 included, take Claude Code along (Linux)."""
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> int:
    """Hold the session that standard input describes."""
    if os.getpgrp() == os.getpid():
        _die_with_parent()
    output = _own_output()
    sdk.load()
    session = Session(Talk.model_validate_json(sys.stdin.buffer.read()), output)
    try:
        session.tell(Told(ending=asyncio.run(session.hold())))
    except BrokenPipeError:
        return 1
    return 0


def _own_output() -> BinaryIO:
    """Standard output for Told alone: whatever else is printed goes to standard error."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return output
