"""Run by a project's own interpreter: asks the Hypothesis ghostwriter for drafts, reads and writes JSON.

Standard input is a list of `{"module", "functions", "writer", "raises"}`; standard output ends with one line: a list of
`{"code"}` or `{"error"}` in the same order. The ghostwriter formats its drafts with Black, which projects need not
have; here they stay as written and are formatted by ruff later.

drafts.py starts it. Each request is answered by itself, whatever it raises: importing somebody's
module may fail in any way.
"""

from __future__ import annotations

import builtins
import importlib
import json
import sys
import types
from typing import Any


def _without_black() -> None:
    """Let `import black` give a module that formats nothing."""
    black: Any = types.ModuleType("black")
    black.Mode = dict
    black.format_str = lambda code, mode: code
    sys.modules["black"] = black


def _exceptions(module: types.ModuleType, names: list[str]) -> tuple[type[Exception], ...]:
    """The exception classes that a module knows by these names."""
    found = [getattr(module, name, getattr(builtins, name, None)) for name in names]
    return tuple(one for one in found if isinstance(one, type) and issubclass(one, Exception))


def _draft(request: dict[str, Any]) -> str:
    """The ghostwriter's code for one request."""
    from hypothesis.extra import ghostwriter

    module = importlib.import_module(request["module"])
    functions = [getattr(module, name) for name in request["functions"]]
    writer = getattr(ghostwriter, request["writer"])
    return str(writer(*functions, except_=_exceptions(module, request["raises"]), annotate=False))


def main() -> None:
    """Answer every request; one that fails does not stop the others."""
    answers = []
    _without_black()
    for request in json.load(sys.stdin):
        try:
            answers.append({"code": _draft(request)})
        except Exception as error:
            answers.append({"error": f"{type(error).__name__}: {error}"[:300]})
    print()
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
