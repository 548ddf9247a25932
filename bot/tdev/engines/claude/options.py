"""How Claude Code is set up: its environment, and the options it is started with.

Everything Claude Code can see or do is listed in this file and in cell.py, so that these are the ones to read when
asking what it may. It gets no setting, skill, memory or instruction file of the user or the repository: those could be
written by the very text we don't trust. Of MCP servers it gets ours, and only those that the policy names.

Every tool call passes our hook before any rule of Claude Code's own, and a hook that fails blocks
the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_agent_sdk import ClaudeAgentOptions, EffortLevel, HookCallback

    from tdev.engines.claude.talk import Talk

QUIET: Mapping[str, str] = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_DISABLE_AUTO_MEMORY": "1",
    "CLAUDE_CODE_DISABLE_CLAUDE_MDS": "1",
    "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",
    "CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL": "1",
    "CLAUDE_CODE_MAX_RETRIES": "6",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1",
}
"""What keeps Claude Code from calling anyone but the model, from looking for instructions of its own, and from asking
an API that fails for longer than about half a minute."""
BY_SDK: Mapping[str, str] = {"CLAUDE_CODE_ENTRYPOINT": "sdk-py", "CLAUDE_CODE_SDK_READS_SESSION_STATE": "1"}
"""What claude-agent-sdk tells Claude Code through the environment; said by us, since what it starts is a sandbox."""


def claude_options(talk: Talk, hook: HookCallback | None, stderr: Callable[[str], None]) -> ClaudeAgentOptions:
    """The options of one session; imports claude-agent-sdk, so only the worker calls it.

    Without a hook nothing holds the tools: all are offered, and none is asked about.
    """
    from claude_agent_sdk import ClaudeAgentOptions, HookMatcher

    guarded = hook is not None
    return ClaudeAgentOptions(
        cli_path=talk.cli,
        cwd=talk.cwd,
        system_prompt=talk.system_prompt,
        tools=list(talk.tools) if guarded else {"type": "preset", "preset": "claude_code"},
        allowed_tools=[f"mcp__{name}" for name in talk.servers],
        permission_mode="acceptEdits" if guarded else "bypassPermissions",
        hooks={"PreToolUse": [HookMatcher(hooks=[hook], on_failure="block")]} if hook else None,
        setting_sources=[],
        mcp_servers={name: {"command": words[0], "args": list(words[1:])} for name, words in talk.servers.items()},
        strict_mcp_config=True,
        skills=[],
        extra_args={"disable-slash-commands": None},
        verbatim_prompts=True,
        model=talk.model,
        fallback_model=talk.fallback if talk.fallback != talk.model else None,
        effort=cast("EffortLevel", talk.effort) if talk.effort else None,
        max_turns=talk.turns,
        max_budget_usd=talk.usd,
        session_id=None if talk.resume else talk.session,
        resume=talk.session if talk.resume else None,
        include_partial_messages=True,
        max_buffer_size=64 * 1024 * 1024,
        stderr=stderr,
    )
