"""Mutants: small changes to the lines of a change, each of which some test ought to notice.

Here is what can be told from texts: which lines are worth one, in which function each stands, and a text that says when
one of its functions is run. Lines count from 1. mutmut makes the mutants (tools/mutmut.py), the sandbox runs them
(tools/mutant_runs.py), gates/tests/mutation.py judges. Pure.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from tdev.core.weakened_tests.expressions import dotted

_TALK = ("log", "logger", "logging", "print", "warnings", "_log", "_logger", "LOG", "LOGGER")
_PROBE = "getattr(__import__('builtins'), 'tdev_reached', str)"
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Span(NamedTuple):
    """A function or method that stands in no other function."""

    name: str
    """With its class: `Cart.total`."""
    first: int
    """Line of its `def`."""
    last: int
    """Its last line."""


class Mutant(NamedTuple):
    """A change to one file."""

    path: str
    """POSIX."""
    function: Span
    """Where it is."""
    first: int
    """First line that is replaced."""
    last: int
    """Last line that is replaced; `first - 1` when lines are only added."""
    lines: tuple[str, ...]
    """What stands there instead, with line ends."""

    def applied(self, text: str) -> str:
        """The file's text with the mutant in it."""
        old = _lines(text)
        return "".join([*old[: self.first - 1], *self.lines, *old[self.last :]])

    def told(self, text: str) -> str:
        """The change for people: `return 2 * x -> return 3 * x`."""
        old = _lines(text)[self.first - 1 : max(self.last, self.first)]
        return f"{_shortened(old)} -> {_shortened(self.lines)}"


def functions_of(text: str) -> tuple[Span, ...]:
    """Functions and methods that can be mutated, from top to bottom; none where the text can't be parsed."""
    return tuple(Span(name, node.lineno, node.end_lineno or node.lineno) for name, node in _functions(_body(text), ""))


def function_at(functions: Sequence[Span], line: int) -> Span | None:
    """The function that a line belongs to."""
    return next((each for each in functions if each.first <= line <= each.last), None)


def lines_worth_it(text: str, changed: Collection[int], missing: Collection[int]) -> frozenset[int]:
    """The changed lines inside functions that tests run and that do something.

    Left out are lines that no test runs (`missing`), docstrings, what is said to people (raise, log, print), and type
    annotations of names.
    """
    inside = {line for each in functions_of(text) for line in range(each.first, each.last + 1)}
    idle = {
        line
        for statement in _statements(text)
        if statement.lineno in missing or _only_talks(statement)
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    }
    return frozenset(inside & set(changed) - idle)


def probed(text: str, functions: Collection[Span], path: str) -> str:
    """The text, in which each of these functions says that it is run: `path:line` to `builtins.tdev_reached`.

    Where there is no such thing, as in a process that a test starts, it says nothing.
    """
    lines = _lines(text)
    wanted = {each.first for each in functions}
    nodes = [node for _, node in _functions(_body(text), "") if node.lineno in wanted]
    for node in sorted(nodes, key=lambda each: -each.lineno):
        _insert(lines, _first_statement(node), f"{_PROBE}({key_of(path, node.lineno)!r})")
    return "".join(lines)


def key_of(path: str, line: int) -> str:
    """What a function says when it is run."""
    return f"{path}:{line}"


def _insert(lines: list[str], statement: ast.stmt, call: str) -> None:
    number = statement.lineno - 1
    # columns of the syntax tree count bytes
    raw, column = lines[number].encode("utf-8", "surrogatepass"), statement.col_offset
    before, after = raw[:column].decode("utf-8", "replace"), raw[column:].decode("utf-8", "replace")
    if hasattr(statement, "body") or isinstance(statement, ast.Match):
        place = min((each.lineno for each in getattr(statement, "decorator_list", [])), default=statement.lineno) - 1
        lines.insert(place, f"{before}{call}\n")
    else:
        lines[number] = f"{before}{call}; {after}"


def _first_statement(node: _Function) -> ast.stmt:
    """The first that is no docstring, where there is one."""
    body = node.body
    return body[1] if len(body) > 1 and _is_text(body[0]) else body[0]


def _functions(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[str, _Function]]:
    """Functions at the top and methods of classes there, by name."""
    for node in body:
        if isinstance(node, _Function):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef) and not prefix:
            yield from _functions(node.body, f"{node.name}.")


def _body(text: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except _UNREADABLE:
        return []


def _statements(text: str) -> Iterator[ast.stmt]:
    return (node for top in _body(text) for node in ast.walk(top) if isinstance(node, ast.stmt))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _only_talks(node: ast.stmt) -> bool:
    """True for what is there for people alone."""
    if isinstance(node, ast.Raise) or _is_text(node):
        return True
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and dotted(call.func).partition(".")[0] in _TALK


def _lines(text: str) -> list[str]:
    """Lines as Python counts them, with their ends."""
    return list(io.StringIO(text, newline=""))


def _shortened(lines: Sequence[str]) -> str:
    text = " ".join(" ".join(lines).split())
    return text if len(text) <= 120 else f"{text[:119]}…"
