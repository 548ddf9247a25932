"""Which files count as the project's own code when coverage and maintainability are measured.

One rule for insights, coverage, maintainability and the property tests that a recipe drafts, so the figures speak
of the same files. It looks at names only and not at what a project's settings exclude: a change may not choose what
it is measured by.
"""

from __future__ import annotations

from tdev.core.scan.paths import is_test_path

_NOT_CODE = frozenset({"setup.py", "noxfile.py", "conftest.py", "docs/conf.py", "doc/conf.py", "docs/source/conf.py"})
_NOT_CODE_FOLDERS = frozenset({"build", "dist", "env", "venv", "node_modules", "site-packages", "__pycache__"})


def is_own_code(path: str) -> bool:
    """True for a Python file that is part of the product: no test, no build script, no generated or foreign folder."""
    first = path.split("/", 1)[0]
    hidden = any(part.startswith(".") for part in path.split("/"))
    foreign = first in _NOT_CODE_FOLDERS or "site-packages" in path.split("/")
    return path.endswith(".py") and path not in _NOT_CODE and not hidden and not foreign and not is_test_path(path)
