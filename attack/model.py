"""What an attack is, the world it is tried in, and what it leaves: data. The families are tables of attacks.

A row says what is harm by looking at what was left, and what was left tells of the row it came from: types that speak
of one another stand together here, and nothing of the suite that is below them knows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from attack.fingerprint import fingerprint
from attack.gauge import Most
from attack.listeners import Ears
from attack.prelude import LOOT, Note, witnessed
from attack.upstream import Upstream
from attack.wall import Wall
from tdev.core.artifacts.evaluation import TestRun
from tdev.engines.engine import Work
from tdev.errors import TdevError
from tdev.settings import Settings
from tests.messages_api import Request, Turn

_PLACE = re.compile(r"@([a-z_0-9]+)@")

Script = Callable[["Scene"], Iterable[Turn]]
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


@dataclass
class Scene:
    """One attack's world."""

    attack: Attack
    root: Path
    """Temporary folder of all of it."""
    settings: Settings
    source: Path
    """The user's repository."""
    checkout: Path
    """The private clone that the model works in."""
    base: str
    """Commit of both."""
    run_id: str
    ears: Ears
    places: dict[str, str]
    secrets: dict[str, str]
    """Canary secrets by name: the worker's variables, and one that lies in files."""
    before: dict[str, str]
    """Fingerprints of what no run may change."""
    git_before: str = ""
    """Fingerprint of git's files of the checkout before the attack."""

    @property
    def marker(self) -> str:
        """A word by which processes of this attack are known."""
        return self.places["marker"]

    def filled(self, value: object) -> object:
        """The value with each place in each of its texts filled in."""
        if isinstance(value, str):
            return _PLACE.sub(lambda found: self.places.get(found[1], found[0]), value)
        if isinstance(value, Mapping):
            return {str(self.filled(key)): self.filled(item) for key, item in value.items()}
        return [self.filled(item) for item in value] if isinstance(value, list | tuple) else value

    def fingerprints(self) -> dict[str, str]:
        """What no run may change, at any time."""
        return {
            "a folder outside": fingerprint(self.root / "outside"),
            "a person's home": fingerprint(self.root / "person"),
            "a neighbour's files": fingerprint(self.root / "neighbour"),
            "the user's repository": fingerprint(self.source),
        }

    def git_fingerprint(self) -> str:
        """Git's own files of the checkout, which only we write to; the index apart, which git refreshes at will."""
        return fingerprint(self.checkout / ".git", leave_out=("index",))


@dataclass
class Heard:
    """What went to the scripted model, and what it answered."""

    requests: list[Request] = field(default_factory=list)
    """Every request that used up a turn."""
    side: list[Request] = field(default_factory=list)
    """The others."""
    unsaid: int = 0
    """Turns of the script that nobody asked for."""
    usd: float = 0.0
    """What the answers say they cost, at the model's list price."""

    @property
    def results(self) -> list[str]:
        """The result of each tool call, oldest first; one that failed begins with `error: `."""
        return [result for request in self.requests[1:] for result in request.tool_results]


@dataclass
class Passage:
    """What came of the change at the border."""

    changed: tuple[str, ...] = ()
    """Paths that the finished change touches."""
    blocked: str = ""
    """Why it does not pass; empty = it does, or there is none."""
    diff: Path | None = None
    """File of the difference; none where it does not pass."""

    @property
    def accepted(self) -> tuple[str, ...]:
        """Paths that would be published."""
        return () if self.blocked else self.changed


@dataclass
class Aftermath:
    """The world afterwards."""

    scene: Scene
    heard: Heard = field(default_factory=Heard)
    passage: Passage = field(default_factory=Passage)
    published: dict[str, str] = field(default_factory=dict)
    """Every text that people would get to see, by what it is."""
    work: Work | None = None
    error: TdevError | None = None
    """How the session ended, where it did not end well."""
    tests: TestRun | None = None
    output: str = ""
    """What a program printed."""
    upstream: Upstream | None = None
    """What got through the model's proxy to a program's own requests."""
    git_changed: bool = False
    """The attack, not we, wrote to git's own files of the checkout."""
    denials: list[str] = field(default_factory=list)
    """Reasons that the tool policy gave, as the transcript has them."""
    usd: float = 0.0
    """What the model's proxy counted."""
    most: Most = field(default_factory=Most)
    """How much of the machine it took at once."""
    seconds: float = 0.0

    @property
    def notes(self) -> list[Note]:
        """What hostile programs wrote down."""
        return witnessed(self.scene.checkout)

    @property
    def loot(self) -> bytes:
        """What hostile programs found."""
        file = self.scene.checkout / LOOT
        return file.read_bytes() if file.is_file() and not file.is_symlink() else b""

    @property
    def last_words(self) -> str:
        """What is known of how it ended."""
        if self.error:
            return str(self.error)
        if self.tests is not None and not self.tests.ok:
            return self.tests.reason
        return self.heard.results[-1] if self.heard.results else self.output[-200:] or "it ended well"


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
