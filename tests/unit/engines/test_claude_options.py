"""The environment Claude Code gets is made of what is named, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tdev.engines.claude.engine import ClaudeEngine
from tdev.engines.claude.options import QUIET, environment
from tdev.errors import ConfigurationError
from tdev.settings import Settings

SURROUNDINGS = {
    "PATH": "/bin",
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


def test_only_what_is_allowed_and_one_credential() -> None:
    made = environment(Settings.from_environment(SURROUNDINGS), Path("/run/home"))
    assert made == {
        **QUIET,
        "PATH": "/bin",
        "LANG": "C",
        "HOME": "/run/home",
        "TMPDIR": "/run/home/tmp",
        "ANTHROPIC_API_KEY": "first",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:1",
    }


def test_no_credential() -> None:
    with pytest.raises(ConfigurationError, match="credential") as caught:
        environment(Settings.from_environment({"ANTHROPIC_API_KEY": ""}), Path("/h"))
    assert "ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, CLAUDE_CODE_OAUTH_TOKEN" in caught.value.next_step


def test_our_own_process_never_imports_the_sdk() -> None:
    code = (
        "import sys, tdev.engines.claude.engine as e, tdev.engines.claude.structured, tdev.engines.claude.worker;"
        "print(e.ClaudeEngine().version(None));"
        "sys.exit(any(name.split('.')[0] in ('claude_agent_sdk', 'mcp', 'anthropic') for name in sys.modules))"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Claude Code ")


def test_its_version_names_the_bundled_program(settings: Settings) -> None:
    words = ClaudeEngine().version(settings).split()
    assert words[:2] == ["Claude", "Code"] and words[2][0].isdigit() and words[3] == "claude-agent-sdk"
