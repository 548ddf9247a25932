"""Which tests a change adds or alters, told from the two texts of each test file and from the ids that a runner gave.

A test is altered when its own function differs as a syntax tree, marks and parameters included: comments and layout do
not count. One that only moved, from another file or another name, is not new. Ids are pytest's:
`folder/test_file.py::TestClass::test_name[parameters]`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


class BothSides(NamedTuple):
    """A test file at base and head."""

    before: str | None
    """None where it was not there."""
    after: str
    """As it is now."""


def changed_tests(ids: Iterable[str], files: Mapping[str, BothSides], gone: Iterable[str] = ()) -> tuple[str, ...]:
    """The ids of tests that are new or altered, in order.

    `files` are the changed test files by path, relative as in the ids; `gone` are texts of files that were deleted or
    renamed, whose tests may have moved.
    """
    old_bodies = {body for text in (*gone, *(pair.before for pair in files.values())) for body in _tests(text).values()}
    altered = {path: _altered(pair, old_bodies) for path, pair in files.items()}
    return tuple(sorted(each for each in ids if _is_altered(each, files, altered)))


def _altered(pair: BothSides, old_bodies: set[str]) -> dict[str, bool]:
    """Every test of the head by name, and whether it is altered."""
    before = _tests(pair.before)
    return {name: before.get(name) != body and body not in old_bodies for name, body in _tests(pair.after).items()}


def _is_altered(test: str, files: Mapping[str, BothSides], altered: Mapping[str, Mapping[str, bool]]) -> bool:
    """Tests that a new file does not write out itself, such as inherited ones, are new as well."""
    path, _, name = test.partition("::")
    return path in files and altered[path].get(name.partition("[")[0], files[path].before is None)


def _tests(text: str | None) -> dict[str, str]:
    """A dump of each test function by its name in ids; empty for what can't be parsed."""
    try:
        return dict(_functions(ast.parse(text or "").body, ""))
    except _UNREADABLE:
        return {}


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", _dump(node)
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}::")
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from _functions(
                [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)], prefix
            )


def _dump(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """What a test does, whatever its name."""
    parts = [*node.decorator_list, node.args, *node.body]
    return "\n".join(ast.dump(part) for part in parts)
