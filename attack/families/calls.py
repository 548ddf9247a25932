"""How the tables of the families say what is tried: short words for calls, and for the usual shapes of attacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attack.model import Attack, Call, Model, Tests, bash
from attack.prelude import program_file
from attack.wall import Wall

__all__ = [
    "GUARD",
    "SANDBOX",
    "TOOLS",
    "Call",
    "bash",
    "both_ways",
    "by_program",
    "by_shell",
    "by_test",
    "by_tool",
    "edit",
    "read",
    "write",
]

TOOLS, SANDBOX, GUARD = Wall.TOOLS, Wall.SANDBOX, Wall.GUARD


def write(path: str, content: str = "planted by the model\n") -> Call:
    """Write a file."""
    return Call("Write", {"file_path": path, "content": content})


def edit(path: str, old: str, new: str) -> Call:
    """Replace a text in a file."""
    return Call("Edit", {"file_path": path, "old_string": old, "new_string": new})


def read(path: str) -> Call:
    """Read a file."""
    return Call("Read", {"file_path": path})


def by_shell(name: str, command: str, walls: tuple[Wall, ...] = (TOOLS, SANDBOX), **more: Any) -> Attack:
    """The model runs a command line."""
    return Attack(name, Model((bash(command),)), walls, **more)


def by_tool(
    name: str,
    *calls: Call,
    plant: Mapping[str, str | bytes] | None = None,
    walls: tuple[Wall, ...] = (TOOLS, SANDBOX),
    **more: Any,
) -> Attack:
    """The model makes calls."""
    return Attack(name, Model(calls), walls, plant or {}, **more)


def by_program(name: str, source: str, plant: Mapping[str, str | bytes] | None = None, **more: Any) -> Attack:
    """The model runs a program that lies in the repository."""
    files = {"hostile.py": program_file(source), **(plant or {})}
    return Attack(name, Model((bash("@python@ -I hostile.py"),)), (TOOLS, SANDBOX), files, **more)


def by_test(name: str, source: str, plant: Mapping[str, str | bytes] | None = None, **more: Any) -> Attack:
    """The same program, as a test module: nobody asks the model."""
    return Attack(name, Tests(source), (SANDBOX,), plant or {}, **more)


def both_ways(programs: Mapping[str, str], short: tuple[str, ...] = (), **more: Any) -> tuple[Attack, ...]:
    """Each program once run by the model, and once as a test; those named in `short` are part of the short form."""
    return tuple(
        way(f"{name}-{suffix}", source, in_short=name in short, **more)
        for name, source in programs.items()
        for way, suffix in ((by_program, "by-model"), (by_test, "by-test"))
    )
