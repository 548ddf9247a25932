"""What a path alone says about a file.

Test files are recognised by pytest's and unittest's usual names and folders, not by the project's configuration:
the rule must be the same at base and head, whatever a change does to that configuration.
"""

from __future__ import annotations

_TEST_FOLDERS = frozenset({"test", "tests", "testing"})


def is_python_path(path: str) -> bool:
    """True for Python source and stub files."""
    return path.endswith((".py", ".pyi", ".pyw"))


def is_test_path(path: str) -> bool:
    """True for files that hold or serve tests: in a test folder, `test_*.py`, `*_test.py`, `conftest.py`."""
    *folders, name = path.split("/")
    stem = name.rpartition(".")[0]
    if stem == "conftest" or stem.startswith("test_") or stem.endswith("_test") or stem == "tests":
        return True
    return not _TEST_FOLDERS.isdisjoint(folders)
