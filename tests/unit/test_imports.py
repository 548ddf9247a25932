"""Starting is quick because little is imported."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = ("aiohttp", "mcp", "anthropic", "claude_agent_sdk", "dbos", "rich", "pydantic", "yaml", "sqlite3", "httpx")
PROGRAM = """
import sys
words = sys.argv[1:]
import tdev
if words:
    from tdev.cli.main import main
    try:
        main(words)
    except SystemExit as ended:
        assert not ended.code, ended.code
print(",".join(sorted(name for name in sys.modules if name.partition(".")[0] in {heavy})), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [(), ("--help",), ("--version",)], ids=["import", "help", "version"])
def test_starting_imports_nothing_heavy(words: tuple[str, ...]) -> None:
    program = PROGRAM.replace("{heavy}", repr(set(HEAVY)))
    # coverage of subprocesses, switched on by variables, would import modules of its own
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = (sys.executable, "-c", program, *words)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == ""
    assert not words or done.stdout


def test_gates_import_nothing_that_tests_alone_need() -> None:
    """Plug-ins for a project's tests import pytest, which no user of ours has to have."""
    program = (
        "import sys, tdev.cli.gate; "
        "print([name for name in ('pytest', 'hypothesis', 'coverage', 'tdev.forge') if name in sys.modules])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, timeout=60, env=environment)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
