"""What an MCP server of ours is started with: the session's rules, and what it serves. One JSON file, written by us.

The model never writes any of it: the file lies outside the checkout, and its path is the server's only argument.
"""

from __future__ import annotations

from tdev.core.artifacts.model import Model
from tdev.policy.agent import Agent
from tdev.policy.model import Scope
from tdev.policy.sandbox import CellLimits
from tdev.policy.tool_rules import SEARCH_PATH, ToolRules


class Conversation(Model):
    """The issue or pull request that the goal was asked on."""

    number: int = 0
    """Its number; 0 = the goal was not asked on GitHub."""
    title: str = ""
    """One line, as it was in the event: untrusted."""
    text: str = ""
    """What was asked, as it was in the event: untrusted."""


class ServerConfiguration(Model):
    """One session's servers."""

    root: str
    """Absolute path of the checkout."""
    scope: Scope
    """Where may be written."""
    allowed_root: str = ""
    """Folder in which protected names may be added; empty = nowhere."""
    agent: Agent
    """Servers and tasks."""
    branch: str = ""
    """The run's branch, `tdev/auto/…`; empty = nothing can be committed."""
    conversation: Conversation = Conversation()
    """What the server `github` reads."""
    outbox: str = ""
    """JSON Lines file that comments are put into for the publish stage; empty = none can be left."""
    python: str = ""
    """The project's interpreter, for tasks."""
    project: str = "."
    """Folder of the checkout that tasks are run in."""
    sandbox: CellLimits = CellLimits()
    """What a task may use up."""

    def rules(self) -> ToolRules:
        """What its tools are held to."""
        return ToolRules(
            root=self.root,
            tools=frozenset(),
            scope=self.scope,
            agent=self.agent,
            allowed_root=self.allowed_root,
            search_path=SEARCH_PATH,
        )
