"""A process that does the code stage of a run and may be killed: `killed_code_run.py HOME RUN`."""

from __future__ import annotations

import sys
from pathlib import Path

from support.code_runs import scripted, writes
from tdev.adapters import run_dir
from tdev.settings import Settings
from tdev.stages.code import code


def main() -> None:
    """Do the stage with an engine that adds a module and its test for each task."""
    settings = Settings.from_environment()
    assert settings.home == Path(sys.argv[1])
    steps = {}
    for name in ("t1", "t2", "t3"):
        test = f"import {name}\n\n\ndef test_it():\n    assert {name}.VALUE\n"
        steps[name.upper()] = [writes({f"{name}.py": f"VALUE = '{name}'\n", f"test_{name}.py": test})]
    scripted(steps)
    code(run_dir.open_run(settings, sys.argv[2]))


if __name__ == "__main__":
    main()
