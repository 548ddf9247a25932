"""One module of a project as the drafting of tests sees it: its functions, classes, imports and variables. Pure.

Used by pure_functions and candidates. Comes in: a dotted name and source that
parses. Goes out: Module. Names of relative imports are resolved to dotted names of the project, so
that what a function calls can be followed from file to file.

core/scan is not used for this: it keeps facts small enough to cache, and here whole syntax trees
are needed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One module of the project."""

    name: str
    """Dotted."""
    package: bool
    """It is an `__init__.py`."""
    tree: ast.Module
    """Its syntax tree."""
    functions: Mapping[str, Function] = field(default_factory=dict)
    """Top-level functions."""
    classes: Mapping[str, ast.ClassDef] = field(default_factory=dict)
    """Top-level classes."""
    imported: Mapping[str, str] = field(default_factory=dict)
    """Dotted origin by local name, whole file."""
    variables: frozenset[str] = frozenset()
    """Names assigned at top level."""


def read_module(name: str, package: bool, source: bytes) -> Module:
    """A module's facts; the source must parse."""
    tree = ast.parse(source)
    return Module(
        name=name,
        package=package,
        tree=tree,
        functions={node.name: node for node in tree.body if isinstance(node, Function)},
        classes={node.name: node for node in tree.body if isinstance(node, ast.ClassDef)},
        imported=dict(_imports(tree, name, package)),
        variables=frozenset(
            leaf.id
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for leaf in ast.walk(node)
            if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store)
        ),
    )


def _imports(tree: ast.Module, name: str, package: bool) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom):
            parts = name.split(".")
            keep = len(parts) - node.level + (1 if package else 0)
            base = ".".join([*parts[: max(keep, 0)], *([node.module] if node.module else [])])
            origin = base if node.level else node.module or ""
            for alias in node.names:
                yield alias.asname or alias.name, f"{origin}.{alias.name}"
