"""A clock that jumps decides nothing: every limit around a session is counted by the clock that only goes forward."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tdev

ROOT = Path(tdev.__file__).parent
WALL = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "time.localtime"}
ROOMS = ("engines", "proxies", "adapters/sandbox", "adapters/process.py", "adapters/service.py", "mcp")
STAMPS = {"proxies/call_log.py", "adapters/sandbox/watch.py"}
"""The log says when a request was, and nothing follows from it. The watch compares with the stamps of files."""


def files() -> list[Path]:
    found = [
        each for room in ROOMS for each in ([ROOT / room] if room.endswith(".py") else (ROOT / room).rglob("*.py"))
    ]
    assert len(found) > 40
    return found


@pytest.mark.parametrize("file", files(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_wall_clock_is_read(file: Path) -> None:
    tree = ast.parse(file.read_text())
    read = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported = {f"{node.module}.{name.name}" for node in froms for name in node.names}
    if file.relative_to(ROOT).as_posix() not in STAMPS:
        assert not (read | imported) & WALL
