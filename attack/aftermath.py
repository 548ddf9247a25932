"""What an attack left: everything a probe may look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from attack.gauge import Most
from attack.prelude import LOOT, Note, witnessed
from attack.scene import Scene
from attack.upstream import Upstream
from tdev.core.artifacts.evaluation import TestRun
from tdev.engines.engine import Work
from tdev.errors import TdevError
from tests.messages_api import Request


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
