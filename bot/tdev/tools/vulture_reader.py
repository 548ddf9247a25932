"""Run by vulture's own interpreter, in the sandbox: which code of a tree nothing can reach, or nothing names.

Comes in: the tree's folder, and a file with the paths to look at, one a line. Goes out, on standard output: JSON with
`examined` (files that could be read) and `unused`. Nothing is imported. vulture is asked by its classes and not as a
program, for that takes settings from the tree.

`alone` marks functions and classes of a module itself without decorators and base classes, whose names stand nowhere
else, not even in a text: nothing registers them and nothing looks them up.
`yields` marks unreachable code with a `yield`, which is there to make its function a generator.
"""

from __future__ import annotations

import ast
import importlib
import json
import re
import sys
import tokenize
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

_WORD = re.compile(r"\w+")
_KINDS = ("unreachable_code", "function", "class", "import")


def main() -> None:
    """Look at the files and print what was found."""
    root = Path(sys.argv[1])
    paths = Path(sys.argv[2]).read_text("utf-8").splitlines()
    vulture = importlib.import_module("vulture").Vulture()
    examined = sum(_scanned(vulture, root / path) for path in paths)
    vulture.scavenge([])
    told = [_told(item, root) for item in vulture.get_unused_code() if item.typ in _KINDS]
    alone = {str(one["name"]) for one in told if one["alone"]}
    spoken = _spoken_of(alone, [root / path for path in paths]) if alone else set()
    for one in told:
        one["alone"] = one["alone"] and one["name"] not in spoken
    json.dump({"examined": examined, "unused": told}, sys.stdout)


def _spoken_of(names: set[str], files: list[Path]) -> set[str]:
    """Those names that stand in more than one place, be it inside a text: somebody may look them up."""
    count: Counter[str] = Counter()
    for file in files:
        count.update(word for word in _WORD.findall(file.read_text("utf-8", "replace")) if word in names)
    return {name for name in names if count[name] > 1}


def _scanned(vulture: Any, file: Path) -> bool:
    """Let vulture look at a file; False when it can't be read or parsed."""
    vulture.exit_code = 0
    try:
        with tokenize.open(file) as text:
            vulture.scan(text.read(), filename=file)
    except (SyntaxError, ValueError, RecursionError, OSError):
        return False
    return int(vulture.exit_code) == 0


def _told(item: Any, root: Path) -> dict[str, object]:
    """One item as plain facts."""
    module = _parsed(item.filename) if item.typ != "import" else ast.Module([], [])
    return {
        "kind": item.typ,
        "name": item.name,
        "message": item.message,
        "file": item.filename.relative_to(root).as_posix(),
        "line": item.first_lineno,
        "end_line": item.last_lineno,
        "alone": item.typ in ("function", "class") and _alone(module, item.name),
        "yields": item.typ == "unreachable_code" and _yields(module, item.first_lineno, item.last_lineno),
    }


@lru_cache(maxsize=1)  # items come file by file
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_bytes())


def _alone(module: ast.Module, name: str) -> bool:
    """Whether a module defines the name itself, in a way that nothing else can take notice of."""
    found = [node for node in module.body if getattr(node, "name", "") == name]
    plain = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return bool(found) and all(
        isinstance(node, plain) and not node.decorator_list and not getattr(node, "bases", ()) for node in found
    )


def _yields(module: ast.Module, first: int, last: int) -> bool:
    return any(
        isinstance(node, ast.Yield | ast.YieldFrom) and first <= node.lineno <= last for node in ast.walk(module)
    )


if __name__ == "__main__":
    main()
