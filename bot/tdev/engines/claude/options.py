"""How Claude Code is set up: its environment, and the options it is started with.

Everything Claude Code can see or do is listed in this file, so that this is the one to read when
asking what it may. It gets no setting, skill, memory, MCP server or instruction file of the user or
the repository: those could be written by the very text we don't trust.

Every tool call passes our hook before any rule of Claude Code's own, and a hook that fails blocks
the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tdev.errors import ConfigurationError
from tdev.settings import CREDENTIAL_VARIABLES, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_agent_sdk import ClaudeAgentOptions, HookCallback

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
ADDED_BY_SDK = frozenset(
    {"CLAUDE_CODE_ENTRYPOINT", "CLAUDE_AGENT_SDK_VERSION", "CLAUDE_CODE_SDK_READS_SESSION_STATE", "PWD"}
)
"""What claude-agent-sdk adds to the worker's environment for Claude Code."""


def credential(settings: Settings) -> tuple[str, str]:
    """Name and value of the credential to use; raises ConfigurationError when there is none."""
    for name in CREDENTIAL_VARIABLES:
        if value := settings.credentials.get(name, ""):
            return name, value
    raise ConfigurationError(
        "The engine claude needs a credential and none is set.",
        next_step=f"Set one of {', '.join(CREDENTIAL_VARIABLES)}.",
    )


def environment(settings: Settings, home: Path) -> dict[str, str]:
    """All that the worker and Claude Code see; raises ConfigurationError without a credential."""
    name, value = credential(settings)
    return {
        **settings.child_environment,
        **QUIET,
        name: value,
        **({"ANTHROPIC_BASE_URL": settings.model_base_url} if settings.model_base_url else {}),
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
    }


def claude_options(talk: Talk, hook: HookCallback, stderr: Callable[[str], None]) -> ClaudeAgentOptions:
    """The options of one session; imports claude-agent-sdk, so only the worker calls it."""
    from claude_agent_sdk import ClaudeAgentOptions, HookMatcher

    return ClaudeAgentOptions(
        cwd=talk.cwd,
        system_prompt=talk.system_prompt,
        tools=list(talk.tools),
        allowed_tools=[],
        permission_mode="acceptEdits",
        hooks={"PreToolUse": [HookMatcher(hooks=[hook], on_failure="block")]},
        setting_sources=[],
        mcp_servers={},
        strict_mcp_config=True,
        skills=[],
        extra_args={"disable-slash-commands": None},
        verbatim_prompts=True,
        model=talk.model,
        fallback_model=talk.fallback if talk.fallback != talk.model else None,
        max_turns=talk.turns,
        max_budget_usd=talk.usd,
        resume=talk.resume or None,
        output_format={"type": "json_schema", "schema": talk.answer_schema} if talk.answer_schema else None,
        include_partial_messages=True,
        max_buffer_size=64 * 1024 * 1024,
        stderr=stderr,
    )
