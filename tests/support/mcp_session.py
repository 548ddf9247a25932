"""Tools of our MCP servers, called by the real client: in this process, or over standard input and output."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.server import MCPServer

from tdev.mcp.service import Service
from tdev.policy.agent import Agent, Server
from tdev.policy.model import Scope
from tdev.policy.tool_server import ServerConfiguration
from tdev.settings import Settings

Call = tuple[str, dict[str, Any]]


def configuration(root: Path, **changes: Any) -> ServerConfiguration:
    """A configuration with all servers on."""
    fields = {"scope": Scope(), "agent": Agent(servers=tuple(Server)), "python": sys.executable, **changes}
    return ServerConfiguration(root=str(root), **fields)


def called(module: Any, name: str, settings: Settings, given: ServerConfiguration, calls: Sequence[Call]) -> list[str]:
    """The answers to calls of a server in this process; a denied or failed one begins with `error: `."""
    server = MCPServer(f"tdev-{name}", log_level="CRITICAL")
    module.add_tools(server, Service(name, given, given.rules(), settings))
    return asyncio.run(_drive(server, calls))


def called_over_stdio(command: Sequence[str], calls: Sequence[Call]) -> list[str]:
    """The same, of a server that is started by a command."""
    return asyncio.run(_drive(StdioServerParameters(command=command[0], args=list(command[1:])), calls))


async def _drive(server: MCPServer | StdioServerParameters, calls: Sequence[Call]) -> list[str]:
    answers = []
    async with Client(server, read_timeout_seconds=120) as client:
        for tool, arguments in calls:
            result = await client.call_tool(tool, arguments)
            text = "".join(getattr(block, "text", "") for block in result.content)
            answers.append(f"error: {text}" if result.is_error else text)
    return answers
