"""The three walls, and what belongs to each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Wall(StrEnum):
    """What stands between a hostile model and harm; the parts of each are listed in WALLS."""

    TOOLS = "tools"
    SANDBOX = "sandbox"
    GUARD = "guard"


WALLS: Mapping[Wall, str] = {
    Wall.TOOLS: (
        "the table of tool calls, asked by Claude Code's hooks and by our MCP servers; how Claude Code is set up "
        "(no settings, servers, skills or instructions of the repository); its limit of turns"
    ),
    Wall.SANDBOX: (
        "the Cell around Claude Code, tests and every other program that runs a repository's code; its limits; "
        "the proxies that are its only ways out, with the key, the allowed addresses and the money"
    ),
    Wall.GUARD: (
        "the judgement of the finished change on a clean checkout, and the cleaning of every text that comes in "
        "or goes out"
    ),
}
"""What belongs to each wall."""
