"""What Claude Code and its worker get is made of what is named, and nothing else."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tdev.engines import table
from tdev.engines.claude.engine import ClaudeEngine
from tdev.engines.claude.options import BY_SDK, QUIET, claude_options
from tdev.engines.claude.room import environment
from tdev.engines.claude.talk import Talk
from tdev.errors import ConfigurationError
from tdev.policy.model import Policy
from tdev.proxies.providers.provider import PLACEHOLDER
from tdev.proxies.providers.table import provider_of
from tdev.settings import Settings

if TYPE_CHECKING:
    from claude_agent_sdk import HookJSONOutput

SURROUNDINGS = {
    "PATH": "/opt/evil:/bin",
    "LANG": "C",
    "HOME": "/home/ada",
    "SECRET": "x",
    "GITHUB_TOKEN": "x",
    "PYTHONPATH": "/evil",
    "NODE_OPTIONS": "--require /evil.js",
    "PIP_INDEX_URL": "https://user:pass@example.org",
    "HTTPS_PROXY": "http://proxy",
    "CLAUDE_CONFIG_DIR": "/home/ada/.claude",
    "ANTHROPIC_MODEL": "other",
    "ANTHROPIC_API_KEY": "first",
    "CLAUDE_CODE_OAUTH_TOKEN": "second",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:1",
}
TALK = Talk(
    cli="/start", cwd="/c", prompt="", system_prompt="", model="m", turns=1, usd=1, seconds=1, idle_seconds=1,
    session="00000000-0000-0000-0000-000000000000",
)  # fmt: skip


def test_inside_there_is_only_what_is_named_and_no_key() -> None:
    settings = Settings.from_environment(SURROUNDINGS)
    assert environment(settings, provider_of(settings), Path("/run/home"), 8790) == {
        **QUIET,
        **BY_SDK,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C",
        "HOME": "/run/home",
        "ANTHROPIC_API_KEY": PLACEHOLDER,
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:8790",
    }


def test_no_credential() -> None:
    with pytest.raises(ConfigurationError, match="credential") as caught:
        provider_of(Settings.from_environment({"ANTHROPIC_API_KEY": ""}))
    assert "ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, CLAUDE_CODE_OAUTH_TOKEN" in caught.value.next_step


async def _denies(*_: object) -> HookJSONOutput:
    return {}


def test_with_the_tool_policy_each_call_is_asked_about() -> None:
    made = claude_options(TALK, _denies, print)
    assert made.hooks and made.hooks["PreToolUse"][0].on_failure == "block"
    assert made.permission_mode == "acceptEdits" and made.tools == list(TALK.tools) and made.allowed_tools == []
    assert made.setting_sources == [] and made.strict_mcp_config and made.skills == [] and made.plugins == []
    assert made.verbatim_prompts and made.session_id == TALK.session and made.resume is None


def test_without_it_everything_is_offered_and_nobody_is_asked() -> None:
    made = claude_options(TALK, None, print)
    assert made.permission_mode == "bypassPermissions" and made.hooks is None
    assert made.tools == {"type": "preset", "preset": "claude_code"}
    assert made.setting_sources == [] and made.strict_mcp_config, "what is loaded is not a question of tools"


def test_nothing_but_the_attack_suite_can_switch_it_off() -> None:
    """No key of the policy and no variable reaches the switch: the engines' table makes the engine without words."""
    assert table.ENGINES["claude"]() == ClaudeEngine(guard_tools=True)
    fields = json.dumps(Policy.model_json_schema())
    assert "guard_tools" not in fields
    assert not any("guard" in field.name for field in dataclasses.fields(Settings))


def test_our_own_process_never_imports_the_sdk() -> None:
    code = (
        "import sys, tdev.engines.claude.engine as e, tdev.engines.claude.structured, tdev.engines.claude.worker;"
        "print(e.ClaudeEngine().version(None));"
        "sys.exit(any(name.split('.')[0] in ('claude_agent_sdk', 'mcp', 'anthropic') for name in sys.modules))"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Claude Code ")


def test_the_worker_imports_the_sdk_without_what_it_does_not_use() -> None:
    code = (
        "import sys; from tdev.engines.claude import sdk; sdk.load(); import claude_agent_sdk;"
        "assert claude_agent_sdk.ClaudeSDKClient and claude_agent_sdk.HookMatcher;"
        "sys.exit(any(name.split('.')[0] == 'mcp' for name in sys.modules))"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_its_version_names_the_bundled_program(settings: Settings) -> None:
    words = ClaudeEngine().version(settings).split()
    assert words[:2] == ["Claude", "Code"] and words[2][0].isdigit() and words[3] == "claude-agent-sdk"
