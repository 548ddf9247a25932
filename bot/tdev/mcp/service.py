"""What our MCP servers share: their configuration, asking the one table, and answering over standard input and output.

A server is a function that adds its tools to an MCPServer. Each tool asks `check` first: the hook of Claude Code has
asked the same, but a program in the sandbox can talk to a server without Claude Code.
"""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import ValidationError

from tdev.adapters.tool_places import call_on_disk
from tdev.core.untrusted import clean
from tdev.errors import ConfigurationError, TdevError
from tdev.policy.tool_calls import decide
from tdev.policy.tool_rules import Call, ToolRules
from tdev.policy.tool_server import ServerConfiguration
from tdev.settings import Settings

MOST_ANSWER = 100_000
"""Longest answer of a tool, in bytes of UTF-8."""
MOST_MEMORY = 2 * 1024**3
"""Address space of a server and of each program it starts, in bytes."""
MOST_CPU_SECONDS = 900
"""Processor time of a server, and of each program it starts."""


@dataclass(frozen=True)
class Service:
    """One running server: what it serves and what its tools are held to."""

    name: str
    """As in policy: `fs`, `git`, `github`, `runner`."""
    configuration: ServerConfiguration
    """What it was started with."""
    rules: ToolRules
    """What each call is held to."""
    settings: Settings
    """Where programs are."""

    @property
    def root(self) -> Path:
        """The checkout."""
        return Path(self.configuration.root)

    def check(self, tool: str, **arguments: object) -> Call:
        """The call with the facts about its paths; raises ToolError with the reason when it is denied."""
        given = {name: value for name, value in arguments.items() if value is not None}
        call = call_on_disk(f"mcp__{self.name}__{tool}", given, self.rules)
        decision = decide(call, self.rules)
        if not decision.allowed:
            raise ToolError(decision.reason)
        return call


def inside(call: Call, path: str) -> str:
    """A path of a call that was allowed, relative to the checkout as it is spelled; empty = the checkout itself."""
    place = call.places.get(path)
    if place is None or place.spelled is None:
        raise ToolError("The path is not inside the repository.")
    return place.spelled


def answer(text: str) -> str:
    """A tool's answer, cut where it is too long; nothing in it is hidden from people who read the transcript."""
    return clean(text, MOST_ANSWER) or "(nothing)"


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Foreseen failures in words for the model."""
    try:
        yield
    except TdevError as error:
        raise ToolError(error.message) from error


def limit_use() -> None:
    """Let this process and what it starts use no more than an honest session needs: callers may be hostile."""
    for kind, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_CPU_SECONDS)):
        _, hard = resource.getrlimit(kind)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, least))


def serve(name: str, add_tools: Callable[[MCPServer, Service], None], words: list[str] | None = None) -> int:
    """Serve over standard input and output until the other end is closed.

    The words are the configuration's path and perhaps the number of a listening socket: then its next connection
    takes the place of standard input and output.
    """
    given = sys.argv[1:] if words is None else words
    if not 1 <= len(given) <= 2:
        print(f"Usage: {name} CONFIGURATION.json [LISTENING DESCRIPTOR]", file=sys.stderr)
        return 2
    configuration = configured(Path(given[0]))
    server = MCPServer(f"tdev-{name}", log_level="ERROR")
    add_tools(server, Service(name, configuration, configuration.rules(), Settings.from_environment()))
    if len(given) == 2:
        _take_connection(int(given[1]))
    server.run("stdio")
    return 0


def _take_connection(number: int) -> None:
    """Wait for a connection of a listening socket and speak over it from now on."""
    with socket.socket(fileno=number) as listener:
        connection, _ = listener.accept()
    with connection:
        os.dup2(connection.fileno(), 0)
        os.dup2(connection.fileno(), 1)


def configured(file: Path) -> ServerConfiguration:
    """The configuration in a file; raises ConfigurationError."""
    try:
        return ServerConfiguration.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigurationError(f"{file} is no configuration of an MCP server.") from error
