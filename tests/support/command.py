"""The command as a user types it, small repositories, and what proves that nothing was touched."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdev.settings import Settings

OLD_CALC = '''"""Sums."""

from typing import List, Optional


class Calculator(object):
    """Adds numbers."""

    def total(self, numbers: List[int], start: Optional[int] = None) -> int:
        """Sum of the numbers, from start."""
        return sum(numbers, start or 0)
'''
TEST_CALC = '''"""Tests of calc."""

from calc import Calculator


def test_total() -> None:
    assert Calculator().total([1, 2], 3) == 6


def test_without_start() -> None:
    assert Calculator().total([1, 2]) == 3
'''
OLD_FILES = {"calc.py": OLD_CALC, "test_calc.py": TEST_CALC, "README.md": "# calc\n"}
WITHOUT_SECRETS = "version: 1\ngates:\n  security:\n    secrets: false\n"
"""A policy for tests of other matters: the search for credentials is proven elsewhere, and is the dearest part here."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """Standard output, parsed."""
        parsed: dict[str, Any] = json.loads(self.stdout)
        return parsed


Tdev = Callable[..., Ended]


def command_environment(settings: Settings, **more: str) -> dict[str, str]:
    """What `tdev` gets from the shell in these tests: no model credential, a state folder of the test's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "CLAUDE"))}
    return {**kept, "TDEV_HOME": str(settings.home), "CI": "true", **more}


def git(folder: Path, *words: str) -> str:
    """Run git in a folder as a person would, with an identity of its own."""
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(("git", *identity, *words), cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def fingerprint(folder: Path) -> str:
    """A hash over every file, link and name below a folder, .git included."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        if path.is_symlink():
            digest.update(str(path.readlink()).encode())
        elif path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
