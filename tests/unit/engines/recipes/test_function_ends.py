from __future__ import annotations

import ast
import textwrap

import pytest

from tdev.engines.recipes.function_ends import falls_through


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("return 1", False),
        ("raise E", False),
        ("x = 1", True),
        ("if a:\n    return 1", True),
        ("if a:\n    return 1\nelse:\n    raise E", False),
        ("while True:\n    pass", False),
        ("while True:\n    break", True),
        ("while a:\n    return 1", True),
        ("for a in b:\n    return 1", True),
        ("with a:\n    return 1", True),
        ("try:\n    return 1\nexcept E:\n    pass", True),
        ("try:\n    return 1\nexcept E:\n    return 2", False),
        ("try:\n    a\nfinally:\n    return 2", False),
        ("match a:\n    case 1:\n        return 1", True),
        ("match a:\n    case 1:\n        return 1\n    case _:\n        return 2", False),
    ],
)
def test_whether_control_reaches_the_end(body: str, answer: bool) -> None:
    function = ast.parse("def f():\n" + textwrap.indent(body, "    ")).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert falls_through(function.body) is answer
