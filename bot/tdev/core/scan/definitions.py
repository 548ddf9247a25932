"""Functions and classes: what their heads say.

Bodies are not walked here but put on the list for later, with the scope they stand in.
A private name is kept for the rule on dead code only where the file alone decides who may use it: not under a
decorator, and not in a class whose bases could call it. Names and nesting are cut, for files made to blow up facts.
"""

from __future__ import annotations

import ast

from tdev.core.scan.facts import OldSyntax, Place
from tdev.core.scan.scope import Definition, Scope
from tdev.core.scan.sightings import Sightings
from tdev.core.scan.signature import FunctionNode, decorator_names, is_typed, parameters

_BORROWED_DOCSTRING = frozenset({"overload", "override", "setter", "deleter", "getter"})
_NAME_LENGTH = 200
_QUALNAME_LENGTH = 500


def see_function(seen: Sightings, node: FunctionNode, scope: Scope) -> None:
    """The function itself, what stands in its head, and its body for later."""
    arguments = node.args
    names = decorator_names(node.decorator_list)
    in_class = scope.kind == "class"
    documented = bool(ast.get_docstring(node, clean=False)) or not names.isdisjoint(_BORROWED_DOCSTRING)
    definition = _define(seen, node, "function", scope, documented, is_typed(node, in_class, names))
    _note_private(seen, node, scope, scope.kind == "module" or (in_class and scope.plain))
    seen.need(*node.decorator_list, node.returns, *arguments.defaults, *arguments.kw_defaults)
    seen.need(*(argument.annotation for argument in parameters(arguments)))
    owner = scope.owner if scope.kind in ("class", "function") else ""
    seen.later(node.body, Scope(f"{definition.name}.<locals>.", "function", definition, owner))


def see_class(seen: Sightings, node: ast.ClassDef, scope: Scope) -> None:
    """The class itself, what stands in its head, and its body for later."""
    definition = _define(seen, node, "class", scope, bool(ast.get_docstring(node, clean=False)), True)
    _note_private(seen, node, scope, scope.kind == "module")
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id == "object":
            seen.old.append(OldSyntax(base.lineno, "object-base"))
    plain = not node.keywords and all(isinstance(base, ast.Name) and base.id == "object" for base in node.bases)
    seen.need(*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords))
    inner = Scope(f"{definition.name}.", "class", scope.function, node.name, plain)
    seen.later(node.body, inner)


def _define(
    seen: Sightings, node: FunctionNode | ast.ClassDef, kind: str, scope: Scope, documented: bool, typed: bool
) -> Definition:
    """Add a definition to what was seen."""
    definition = Definition(
        kind=kind,
        name=(scope.prefix + node.name[:_NAME_LENGTH])[:_QUALNAME_LENGTH],
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        documented=documented,
        typed=typed,
        local="<locals>" in scope.prefix,
        outer=scope.function,
    )
    seen.definitions.append(definition)
    return definition


def _note_private(seen: Sightings, node: FunctionNode | ast.ClassDef, scope: Scope, judged: bool) -> None:
    """Keep a private name that someone ought to use."""
    name = node.name
    if judged and not node.decorator_list and name.startswith("_") and name.strip("_") and not name.endswith("_"):
        seen.private.append(Place(node.lineno, name))
