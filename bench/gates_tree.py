"""A synthetic package of about 10,000 lines with 300 tests, a change of it, and one more changed file.

Comes in: an empty folder. Goes out: a repository of three commits, whose tests pass and whose types and style are
checked by the project's own settings, as in a package that people keep well.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.synthetic import write_tree
from tdev.adapters.git import Git

LINES = 9_000
TESTS = 300
_PER_FILE = 10
_SETTINGS = """\
[project]
name = "synthetic"
version = "1.0"

[tool.pytest.ini_options]
pythonpath = ["src"]

[tool.mypy]
mypy_path = "src"

[tool.ruff]
line-length = 120
"""


def write_repository(folder: Path, git: Git) -> tuple[str, str, str]:
    """Fill the folder and commit: the ids of base, change, and the change with one more file."""
    write_tree(folder, LINES)
    shutil.rmtree(folder / "tests")
    (folder / "requirements.txt").unlink()
    (folder / "pyproject.toml").write_text(_SETTINGS)
    modules = sorted(file for file in folder.glob("src/*/*.py") if file.name != "__init__.py")
    (folder / "tests").mkdir()
    for number in range(TESTS // _PER_FILE):
        own = folder / "src" / "own" / f"part{number}.py"
        own.parent.mkdir(exist_ok=True)
        own.write_text(_part(number, 1))
        (folder / "tests" / f"test_part{number}.py").write_text(_tests(number, 1, modules[number % len(modules)]))
    (folder / "src" / "own" / "__init__.py").write_text('"""Sums."""\n')
    git.run("init", "--quiet")
    base = git.commit_all("start")
    for number in range(3):
        (folder / "src" / "own" / f"part{number}.py").write_text(_part(number, 2))
        test = folder / "tests" / f"test_part{number}.py"
        test.write_text(_tests(number, 2, modules[number % len(modules)]))
    change = git.commit_all("change")
    (folder / "src" / "own" / "part3.py").write_text(_part(3, 2))
    (folder / "tests" / "test_part3.py").write_text(_tests(3, 2, modules[3 % len(modules)]))
    return base, change, git.commit_all("one more file")


def _part(number: int, version: int) -> str:
    """A module of ten functions; the second version alters what five of them do."""
    rows = [f'"""Part {number}."""']
    for index in range(_PER_FILE):
        factor = version if index < _PER_FILE // 2 else 1
        rows.append(
            f"\n\ndef sum{index}(first: int, second: int) -> int:\n"
            f'    """First and second, weighed."""\n'
            f"    if first > {index}:\n        return first * {factor} + second\n"
            f"    return second * {index + 1} - first"
        )
    return "\n".join(rows) + "\n"


def _tests(number: int, version: int, other: Path) -> str:
    """Ten tests of that module, which import one of the large modules as well."""
    rows = [f"import {other.parent.name}.{other.stem} as other", f"from own import part{number}"]
    for index in range(_PER_FILE):
        factor = version if index < _PER_FILE // 2 else 1
        rows.append(
            f"\n\ndef test_sum{index}() -> None:\n"
            f"    assert part{number}.sum{index}({index + 1}, 5) == {(index + 1) * factor + 5}\n"
            f"    assert part{number}.sum{index}({index}, 5) == {5 * (index + 1) - index}\n"
            f"    assert other.LIMIT > 0"
        )
    return "\n".join(rows) + "\n"
