"""RULES: one function per kind of insight, from facts to places.

A rule is a pure generator: it yields places and never ranks or limits them, which is fold.py's work.
To add one: the function here, its kind in kinds.py, a line in RULES, a case in tests/unit/core/.
Rules judge only what they can be sure of from the text. Where names may be used dynamically (decorators, `__all__`,
strings that look like names) they stay silent: a wrong insight costs more trust than a missed one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tdev.core.insight.dependencies import old_dependencies
from tdev.core.insight.material import Material, Place
from tdev.core.insight.untested import untested_modules
from tdev.core.scan.old_syntax import WAYS
from tdev.core.scan.symbols import is_public

_LONGEST_TASK = 4.0
_FEWEST_TODOS = 2
_PRIVATE_WORD = re.compile(r"\b_\w+")


def missing_docstrings(material: Material) -> Iterator[Place]:
    """Public modules, classes and functions without a docstring."""
    for facts in material.own:
        for symbol in facts.symbols:
            if not symbol.documented and is_public(facts.path, symbol):
                name = "the module" if symbol.kind == "module" else symbol.name
                yield Place("missing-docstring", facts.path, symbol.line, name, 0.1)


def missing_types(material: Material) -> Iterator[Place]:
    """Functions and methods that are not fully annotated; functions inside functions are left out."""
    for facts in material.own:
        for symbol in facts.functions:
            if not symbol.typed and not symbol.local:
                yield Place("missing-types", facts.path, symbol.line, symbol.name, 0.05)


def complex_functions(material: Material) -> Iterator[Place]:
    """Functions with more branches than the policy likes."""
    limit = material.limits.complexity
    for facts in material.own:
        for symbol in facts.functions:
            if symbol.complexity > limit and not symbol.local:
                hours = min(0.5 + 0.1 * (symbol.complexity - limit), _LONGEST_TASK)
                detail = f"{symbol.name} (complexity {symbol.complexity})"
                yield Place("complex-function", facts.path, symbol.line, detail, hours, symbol.complexity)


def long_functions(material: Material) -> Iterator[Place]:
    """Functions with more lines than the policy likes."""
    limit = material.limits.long_function_lines
    for facts in material.own:
        for symbol in facts.functions:
            length = symbol.end_line - symbol.line + 1
            if length > limit and not symbol.local:
                hours = min(0.5 + (length - limit) / 100, _LONGEST_TASK)
                yield Place("long-function", facts.path, symbol.line, f"{symbol.name} ({length} lines)", hours, length)


def dead_code(material: Material) -> Iterator[Place]:
    """Private functions, classes and methods that no Python file names, and statements after a jump."""
    used = {name for facts in material.files for name in facts.private_used}
    for text in material.manifests.values():
        used.update(_PRIVATE_WORD.findall(text))
    for facts in material.readable:
        for line in facts.unreachable:
            yield Place("dead-code", facts.path, line, "an unreachable statement", 0.1)
    for facts in material.own:
        for place in facts.private:
            if place.detail not in used:
                yield Place("dead-code", facts.path, place.line, f"{place.detail}, which nothing uses", 0.1)


def todo_density(material: Material) -> Iterator[Place]:
    """TODO, FIXME and XXX comments of files that hold many of them for their length."""
    for facts in material.readable:
        many = len(facts.todos) >= _FEWEST_TODOS
        if many and 1000 * len(facts.todos) / facts.lines > material.limits.todo_per_1000_lines:
            for todo in facts.todos:
                yield Place("todo-density", facts.path, todo.line, todo.detail, 0.25)


def old_syntax(material: Material) -> Iterator[Place]:
    """Old ways of writing that every Python the project supports can do without."""
    for facts in material.readable:
        for use in facts.old:
            way = WAYS[use.code]
            if way.since <= material.oldest_python:
                yield Place("old-syntax", facts.path, use.line, way.title, 0.02)


def unused_imports(material: Material) -> Iterator[Place]:
    """Imported names their file never uses; packages' `__init__` and stubs import in order to export."""
    for facts in material.readable:
        if not facts.path.endswith(("__init__.py", ".pyi")):
            for place in facts.unused_imports:
                yield Place("unused-import", facts.path, place.line, place.detail, 0.02)


RULES: tuple[Callable[[Material], Iterator[Place]], ...] = (
    missing_docstrings,
    missing_types,
    complex_functions,
    long_functions,
    dead_code,
    untested_modules,
    todo_density,
    old_dependencies,
    old_syntax,
    unused_imports,
)


def find_places(material: Material) -> list[Place]:
    """Everything that all rules see."""
    return [place for rule in RULES for place in rule(material)]
