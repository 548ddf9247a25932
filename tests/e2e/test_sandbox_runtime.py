"""The sandbox of @anthropic-ai/sandbox-runtime, where its program is installed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from support.machine import lacks
from support.sandboxed import ENVIRONMENT
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.probe import broken_walls
from tdev.adapters.sandbox.run import run
from tdev.adapters.sandbox.runtime import SandboxRuntime
from tdev.settings import Settings

pytestmark = pytest.mark.e2e


def test_its_walls_hold_and_the_cell_is_kept(settings: Settings, tmp_path: Path) -> None:
    if why := SandboxRuntime().missing():
        lacks(f"{why}: npm ci --prefix tools")
    settings = replace(settings, sandbox="sandbox-runtime")
    assert broken_walls(settings) == ""
    git = tmp_path / "checkout" / ".git"
    (git / "hooks").mkdir(parents=True)
    (git / "config").touch()
    cell = Cell(cwd=git.parent, environment={**ENVIRONMENT, "MARK": "a b'c"}, writable=(git.parent,), read_only=(git,))
    script = 'echo "$MARK" > made && ! touch .git/x && touch "$HOME/x" "$TMPDIR/y" && env | grep -ci proxy; exit 4'
    done = run(settings, cell, ("/bin/sh", "-c", script), timeout=60)
    assert done.exit_code == 4 and done.stdout.strip() == "0", done
    assert (git.parent / "made").read_text() == "a b'c\n"
