"""Import statements: what they name and what they bind.

Two lists come out: what is imported (for tests that touch modules) and which names are bound (for unused imports).
`import x as x` and `from y import x as x` re-export by convention and bind nothing here, and neither do future and
star imports, imports in a class body, or those that are expected to fail.
"""

from __future__ import annotations

import ast

from tdev.core.scan import old_syntax
from tdev.core.scan.facts import ImportFact
from tdev.core.scan.scope import Bound, Scope
from tdev.core.scan.sightings import Sightings


def see_import(seen: Sightings, node: ast.Import, scope: Scope) -> None:
    """Imports of modules."""
    seen.note_old(node, old_syntax.of_import(node))
    for name in node.names:
        seen.imports.append(ImportFact(0, name.name, ""))
        bound = name.asname or name.name.partition(".")[0]
        if name.asname != name.name:
            _bind(seen, bound, name, node, scope)


def see_import_from(seen: Sightings, node: ast.ImportFrom, scope: Scope) -> None:
    """Imports of names."""
    seen.note_old(node, old_syntax.of_import(node))
    module = node.module or ""
    for name in node.names:
        seen.imports.append(ImportFact(node.level, module, name.name))
        if name.name.startswith("_"):
            seen.used.add(name.name)
        if module != "__future__" and name.name != "*" and name.asname != name.name:
            _bind(seen, name.asname or name.name, name, node, scope)


def _bind(seen: Sightings, name: str, alias: ast.alias, node: ast.stmt, scope: Scope) -> None:
    """Keep a bound name, unless the import may fail or makes an attribute of a class."""
    if not scope.guarded and scope.kind != "class":
        seen.bound.append(Bound(name, alias.lineno, node.lineno, node.end_lineno or node.lineno))
