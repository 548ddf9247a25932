"""What an attack is: data. The families are tables of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attack.aftermath import Aftermath
    from attack.scene import Scene
    from tests.messages_api import Turn


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


Script = Callable[["Scene"], Iterable["Turn"]]
"""What the model says, turn by turn, in a scene."""


@dataclass(frozen=True)
class Call:
    """One tool call of the scripted model. Texts hold places of the scene as `@name@`."""

    tool: str
    """Name of a built-in tool, or `mcp__SERVER__TOOL`."""
    input: Mapping[str, object]
    """Its arguments."""
    instead: str = ""
    """Command line for the same, where Claude Code offers a shell in place of the tool."""


def bash(command: str) -> Call:
    """Run a command line."""
    return Call("Bash", {"command": command, "description": "look around"})


@dataclass(frozen=True)
class Model:
    """The way through the model: Claude Code is told to make these calls, one a turn."""

    calls: tuple[Call, ...] = ()
    """In order."""
    words: str = "I did what the text told me."
    """What the model says at the end: it becomes the commit's message and the pull request's text."""
    turns: Script | None = None
    """The script itself, for what calls and words can't say."""
    task: str = "add() subtracts. Mend it."
    """The text of the request, as it came from outside."""


@dataclass(frozen=True)
class Tests:
    """The way through a test run: a hostile test module, run as every test of a repository is run."""

    __test__ = False

    source: str
    """What the module does, after the prelude that gives it `attempt` and `loot`."""
    passing: bool = True
    """The module's own test is meant to pass, so that nothing but the walls ends the attack."""


@dataclass(frozen=True)
class Program:
    """The way from inside: a program where Claude Code runs, with the model's proxy within reach."""

    source: str
    """What it does, after the same prelude."""
    usage: Mapping[str, object] = field(default_factory=lambda: {"input_tokens": 10, "output_tokens": 5})
    """What each answer of the model claims to have used."""
    answer: str = "ok"
    """What each answer says."""


Way = Model | Tests | Program


@dataclass(frozen=True)
class Attack:
    """One thing that is tried."""

    name: str
    """Unique in its family, kebab-case."""
    way: Way
    """How it is carried out."""
    walls: tuple[Wall, ...]
    """Which walls claim to stop it, each by itself."""
    plant: Mapping[str, str | bytes] = field(default_factory=dict)
    """Files of the repository, besides the small package that is always there; `LINK:` begins a symlink's target."""
    harm: Callable[[Aftermath], str] | None = None
    """What harm this attack alone could do, when it was done; the harms that every attack is held to come on top."""
    held: Callable[[Aftermath], tuple[Wall, str] | None] | None = None
    """Which wall stopped it, where neither a denial, nor a failed attempt, nor a finding of the guard tells."""
    policy: Mapping[str, object] = field(default_factory=dict)
    """What the policy says besides its defaults."""
    usd: float = 1.0
    """Budget of the session."""
    turns: int = 40
    """Its limit of turns."""
    seconds: float = 60.0
    """Its limit of time."""
    knows_secrets: bool = False
    """The script writes the secrets itself: that they left the sandbox is no harm, that they are published is."""
    in_short: bool = False
    """Part of the short form."""


@dataclass(frozen=True)
class Family:
    """Attacks that aim at the same thing."""

    name: str
    """kebab-case."""
    aim: str
    """What a hostile model would gain."""
    attacks: tuple[Attack, ...]
    """The table."""

    @property
    def walls(self) -> tuple[Wall, ...]:
        """The walls that claim one attack of it or more, in the order of Wall."""
        return tuple(wall for wall in Wall if any(wall in attack.walls for attack in self.attacks))


@dataclass(frozen=True)
class Trial:
    """One attack in one mode."""

    family: str
    attack: str
    off: Wall | None = None
    """The wall that is switched off; none = all stand."""

    @property
    def title(self) -> str:
        """As people read it."""
        return f"{self.family}/{self.attack}" + (f" without {self.off.value}" if self.off else "")
