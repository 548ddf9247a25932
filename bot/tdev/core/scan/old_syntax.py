"""Ways of writing that newer Python replaces, and how each is recognised in a syntax tree.

Each way has the first Python that can do without it; core/insight/rules.py compares that with what the project
supports, so facts stay the same for every project. The recipe `modernise` mends what is found here.
Only forms that are certain from one file count: `List[int]` is old only if `List` comes from `typing` (scanner.py).
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple, TypeGuard


class Way(NamedTuple):
    """One old way of writing."""

    title: str
    """What is seen, and what replaces it."""
    since: tuple[int, int]
    """First Python version that can do without; files of projects that support an older one are not judged by it."""


WAYS: dict[str, Way] = {
    "typing-generic": Way("typing.List and its kind; list[...] does", (3, 9)),
    "typing-union": Way("Optional and Union; X | Y does", (3, 10)),
    "object-base": Way("class X(object); class X does", (3, 0)),
    "super-arguments": Way("super(X, self); super() does", (3, 0)),
    "percent-format": Way("% formatting; an f-string does", (3, 6)),
    "format-call": Way("'...'.format(); an f-string does", (3, 6)),
    "coding-comment": Way("# -*- coding: utf-8 -*-; it is the default", (3, 0)),
    "six": Way("the package six; Python 3 alone does", (3, 0)),
    "future-import": Way("from __future__ import of something long standard", (3, 0)),
    "u-prefix": Way("u'...'; '...' does", (3, 0)),
    "error-alias": Way("IOError and EnvironmentError; OSError does", (3, 3)),
}

GENERICS = frozenset({"List", "Dict", "Set", "FrozenSet", "Tuple", "Type", "DefaultDict", "Deque"})
UNIONS = frozenset({"Optional", "Union"})
TYPING_NAMES = GENERICS | UNIONS
ERROR_ALIASES = frozenset({"IOError", "EnvironmentError"})
STANDARD_FUTURES = frozenset(
    {
        "nested_scopes",
        "generators",
        "division",
        "absolute_import",
        "with_statement",
        "print_function",
        "unicode_literals",
        "generator_stop",
    }
)
_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*utf-?8\b", re.IGNORECASE)


def coding_comment_line(text: str) -> int:
    """1-based line of a needless declaration of UTF-8; 0 where there is none."""
    head = text[:400].split("\n", 2)[:2]
    return next((number for number, line in enumerate(head, 1) if _CODING.match(line)), 0)


def of_call(node: ast.Call, owner: str) -> str:
    """The old way a call is, if it is one; `owner` is the class whose method it stands in."""
    function = node.func
    if isinstance(function, ast.Name):
        old_super = function.id == "super" and len(node.args) == 2 and not node.keywords
        first = node.args[0] if old_super else None
        return "super-arguments" if isinstance(first, ast.Name) and owner and first.id == owner else ""
    if isinstance(function, ast.Attribute) and function.attr == "format":
        literal = isinstance(function.value, ast.Constant) and isinstance(function.value.value, str)
        return "format-call" if literal else ""
    return ""


def of_operation(node: ast.BinOp) -> str:
    """`percent-format` for text on the left of `%`."""
    left = node.left
    text = isinstance(node.op, ast.Mod) and isinstance(left, ast.Constant) and isinstance(left.value, str)
    return "percent-format" if text else ""


def of_import(node: ast.Import | ast.ImportFrom) -> str:
    """The old way an import is, if it is one."""
    if isinstance(node, ast.Import):
        return "six" if any(name.name.partition(".")[0] == "six" for name in node.names) else ""
    if node.level == 0 and (node.module or "").partition(".")[0] == "six":
        return "six"
    future = node.module == "__future__" and node.level == 0
    return "future-import" if future and any(name.name in STANDARD_FUTURES for name in node.names) else ""


def typing_way(name: str) -> str:
    """The old way that a name from `typing` stands for."""
    return "typing-union" if name in UNIONS else "typing-generic"


def is_typing_attribute(node: ast.expr) -> TypeGuard[ast.Attribute]:
    """True for `typing.List` and its kind."""
    if not isinstance(node, ast.Attribute) or node.attr not in TYPING_NAMES:
        return False
    return isinstance(node.value, ast.Name) and node.value.id == "typing"
