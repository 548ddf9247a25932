"""Symbols as the quality gate wants them.

Public is a matter of names alone: underscores, tests and functions inside functions. `__all__` is not asked.
The records go into measurements and are compared between base and head by path and qualified name.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Symbol
from tdev.core.scan.facts import FileFacts, SymbolFact
from tdev.core.scan.paths import is_test_path

_PUBLIC_MODULES = frozenset({"__init__", "__main__"})


def is_public(path: str, symbol: SymbolFact) -> bool:
    """True for what users may see: no part of the name begins with `_`, not inside a function, not in a test."""
    if symbol.local or is_test_path(path):
        return False
    if symbol.kind == "module":
        stem = path.rpartition("/")[2].partition(".")[0]
        return stem in _PUBLIC_MODULES or not stem.startswith("_")
    return not any(part.startswith("_") for part in symbol.name.split("."))


def symbols_of(facts: FileFacts) -> tuple[Symbol, ...]:
    """The file's module, classes and functions, in line order."""
    return tuple(
        Symbol(
            path=facts.path,
            name=symbol.name,
            kind=symbol.kind,
            line=symbol.line,
            end_line=symbol.end_line,
            public=is_public(facts.path, symbol),
            documented=symbol.documented,
            typed=symbol.typed,
            complexity=symbol.complexity,
        )
        for symbol in facts.symbols
    )
