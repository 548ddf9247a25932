"""Which standing a command of `tdev exec` has: allowed, risky or blocked, with the reasons.

The words are judged by the same rules as the model's command lines (policy/command_rules.py). There is no shell here:
they come one by one from the operating system.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tdev.core.shell.script import Command, Word
from tdev.policy.blocked_programs import why_blocked
from tdev.policy.command_rules import judge_program, paths_in
from tdev.policy.decision import Decision, deny
from tdev.policy.exec import Exec
from tdev.policy.tool_paths import judge_path, readings
from tdev.policy.tool_rules import Located, Place, ToolRules


class Standing(StrEnum):
    """What may be done with a command."""

    ALLOWED = "allowed"
    RISKY = "risky"
    """A person must approve it."""
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Judged:
    """A command's standing, with the reasons."""

    standing: Standing
    """What may be done with it."""
    decision: Decision
    """Whether the rows of policy fit it."""


def as_command(argv: tuple[str, ...]) -> Command:
    """The words as a command; they come from the operating system, not from a shell."""
    return Command(Word(argv[0]), tuple(Word(word) for word in argv[1:]))


def paths_of(argv: tuple[str, ...]) -> frozenset[str]:
    """Every path among the words that must be looked at before they can be judged."""
    return frozenset(reading for name in paths_in(as_command(argv)) for reading in readings(name))


def judge_exec(
    argv: tuple[str, ...],
    section: Exec,
    rules: ToolRules,
    programs: dict[str, Located],
    places: dict[str, Place],
) -> Judged:
    """What may be done with a command."""
    name = argv[0].rpartition("/")[2]
    reason = why_blocked(name) or ("policy blocks it" if name in section.blocked else "")
    if reason or not name:
        return Judged(Standing.BLOCKED, deny(f"program {argv[0]!r}", f"{name!r} is never run: {reason or 'no name'}."))

    def path(each: str, writes: bool) -> Decision:
        return judge_path(each, places, rules, writes=writes)

    decision = judge_program(as_command(argv), section.programs, (), programs, places, path)
    return Judged(Standing.ALLOWED if decision.allowed else Standing.RISKY, decision)
