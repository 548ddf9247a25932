"""The wall around the model's tools: which call may go on. It runs in the worker, before Claude Code's own rules.

Comes in: a tool's name and arguments. Goes out: a reason to deny, or nothing. The worker asks it in the hook that
Claude Code calls before each tool. What holds is decided by the table of policy/tool_calls.py, which our MCP servers
ask as well; here it only gets the session's rules and the facts on disk.

The same write scope is checked again on the finished change by the code stage: this wall saves tries, that one is
the guarantee.
"""

from __future__ import annotations

from collections.abc import Mapping

from tdev.adapters.tool_places import call_on_disk
from tdev.engines.claude.talk import Talk
from tdev.policy.decision import Decision
from tdev.policy.tool_calls import decide
from tdev.policy.tool_rules import ToolRules


def denial(tool: str, arguments: Mapping[str, object], talk: Talk) -> str:
    """Why the call is denied, in words the model can act on; empty when it may go on."""
    judged = decision(tool, arguments, rules_of(talk))
    return "" if judged.allowed else judged.reason or f"The tool {tool} is not available here."


def decision(tool: str, arguments: Mapping[str, object], rules: ToolRules) -> Decision:
    """The decision about a call, with its reasons."""
    return decide(call_on_disk(tool, arguments, rules), rules)


def rules_of(talk: Talk) -> ToolRules:
    """What holds for the tools of a session."""
    return ToolRules(
        root=talk.cwd,
        tools=frozenset(talk.tools),
        scope=talk.scope,
        allowed_root=talk.allowed_root,
        agent=talk.agent,
        search_path=talk.search_path,
    )
