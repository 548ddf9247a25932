"""The policy file as frozen models; every key has a default in policies/default.yml and a line of explanation here.

A new key needs a field with a default and a docstring here, a line in policies/default.yml, and `tdev schema`, which
writes the JSON Schema and the table in docs/policies.md. Defaults stand in both files, and a test compares them.
Read the policy from the base commit, never from the change that it judges.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tdev.core.artifacts.goal import Budget
from tdev.core.artifacts.model import Model
from tdev.policy.agent import Agent
from tdev.policy.exec import Exec
from tdev.policy.glob_syntax import Glob
from tdev.policy.guard import Guard
from tdev.policy.model_choice import ModelChoice
from tdev.policy.quality_gate import QualityGate
from tdev.policy.retries import Retries
from tdev.policy.sandbox import CellLimits
from tdev.policy.security_gate import SecurityGate
from tdev.policy.tests_gate import TestsGate
from tdev.policy.waiver import Waiver

HostName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]
"""A host by its full name, in small letters; no port, no `*`."""


class EngineChoice(StrEnum):
    """Which engine writes the code."""

    AUTO = "auto"
    """Claude Code where a credential exists, else recipes; the run says which and why."""
    CLAUDE = "claude"
    RECIPES = "recipes"


class Scope(Model):
    """Where a change may write."""

    write: tuple[Glob, ...] = ("**",)
    """Globs a change may touch (`**` crosses folders)."""
    protect: tuple[Glob, ...] = (
        ".github/**",
        "**/CODEOWNERS",
        "**/.gitattributes",
        "**/.gitmodules",
        "**/CLAUDE.md",
        "**/AGENTS.md",
        "**/.mcp.json",
        ".*/**",
    )
    """Globs it may never touch, whatever `write` says; only a build may add such files, below its own folder."""


class Limits(Model):
    """How much a run may try, read and write."""

    task_attempts: int = Field(default=3, ge=1, le=10)
    """Tries per task before it counts as failed."""
    gate_retries: int = Field(default=3, ge=0, le=10)
    """How often gate findings go back to a model."""
    test_seconds: int = Field(default=600, ge=1, le=86_400)
    """Wall clock of one test run."""
    tool_seconds: int = Field(default=300, ge=1, le=86_400)
    """Wall clock of one outside program."""
    requirement_bytes: int = Field(default=65536, ge=1)
    """Longest request text, UTF-8."""
    patch_files: int = Field(default=200, ge=1)
    """Most files one change may touch."""
    patch_bytes: int = Field(default=4_000_000, ge=1)
    """Largest diff."""
    tasks: int = Field(default=40, ge=1)
    """Most leaf tasks in one plan."""
    parallel_tasks: int = Field(default=1, ge=1, le=8)
    """How many tasks that don't wait for each other are worked on at the same time."""


class Research(Model):
    """What research calls worth an insight."""

    long_function_lines: int = Field(default=60, ge=1)
    """Functions longer than this."""
    complexity: int = Field(default=10, ge=1)
    """Cyclomatic number above this."""
    todo_per_1000_lines: float = Field(default=5.0, ge=0)
    """More TODO, FIXME or XXX comments per thousand lines of a file than this."""
    insights: int = Field(default=500, ge=1)
    """Most insights kept."""
    exclude: tuple[Glob, ...] = ()
    """Globs research does not look at."""


class Gates(Model):
    """The bars: changed code meets them, the whole is no worse than base."""

    security: SecurityGate = SecurityGate()
    """First gate."""
    tests: TestsGate = TestsGate()
    """Second gate."""
    quality: QualityGate = QualityGate()
    """Third gate."""
    sample: str = Field(default="", max_length=1000)
    """Fourth gate, optional: file of the base with tasks in the form of SWE-bench; empty = not asked."""


class Policy(Model):
    """Everything a repository may decide about T-Developer."""

    version: Literal[1] = 1
    """Version of this format."""
    engine: EngineChoice = EngineChoice.AUTO
    """Which engine writes the code."""
    model: ModelChoice = ModelChoice()
    """Which model the claude engine asks for."""
    scope: Scope = Scope()
    """Where a change may write."""
    agent: Agent = Agent()
    """What the model may use."""
    exec: Exec = Exec()
    """What `tdev exec` may run."""
    guard: Guard = Guard()
    """What the patch guard does about a change: `block`, `review` (a draft, and a review is asked for), `allow`."""
    limits: Limits = Limits()
    """How much a run may try, read and write."""
    sandbox: CellLimits = CellLimits()
    """What a program in the sandbox and its children may use up; a repository may only lower it."""
    budget: Budget = Budget()
    """Money, turns and time of one run."""
    research: Research = Research()
    """What research calls worth an insight."""
    gates: Gates = Gates()
    """The bars of the gates."""
    retries: Retries = Retries()
    """How a failed attempt is followed by the next."""
    registries: tuple[HostName, ...] = ()
    """Hosts that package installs may reach, besides the indexes of the machine."""
    links: tuple[HostName, ...] = ()
    """Hosts that links in a model's comments may lead to, besides GitHub."""
    waivers: tuple[Waiver, ...] = ()
    """Checks that are let through, and why."""

    def waiver(self, check: str, path: str = "") -> Waiver | None:
        """The waiver for a check, or for findings in a file, if the policy has one."""
        return next((waiver for waiver in self.waivers if waiver.covers(check, path)), None)
