"""What a walk has seen so far, and what it has still to look at.

One object per file. The handlers only append; the walk pops blocks and nodes until nothing is left. Order of visits
is therefore not source order, and whoever makes facts of the lists sorts them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tdev.core.scan.facts import ImportFact, OldSyntax, Place, SymbolFact
from tdev.core.scan.scope import Bound, Definition, Scope


class Sightings:
    """Lists that the handlers of statements and expressions add to."""

    def __init__(self) -> None:
        self.definitions: list[Definition] = []
        self.imports: list[ImportFact] = []
        self.bound: list[Bound] = []
        self.used: set[str] = set()
        self.mentioned: set[str] = set()
        self.dotted: set[str] = set()
        self.private: list[Place] = []
        self.unreachable: list[int] = []
        self.old: list[OldSyntax] = []
        self.typing_subscripts: list[tuple[str, int]] = []
        self.typing_attributes: list[tuple[str, int]] = []
        self.has_all = False
        """`__all__` is assigned to."""
        self.blocks: list[tuple[list[ast.stmt], Scope]] = []
        """Statements still to be looked at."""
        self.nodes: list[ast.AST] = []
        """Expressions still to be looked at."""

    def symbols(self) -> Iterator[SymbolFact]:
        """The definitions, with the complexity of nested functions added to the functions around them."""
        for definition in reversed(self.definitions):
            if definition.outer is not None and definition.kind == "function":
                definition.outer.complexity += definition.complexity
        return (definition.fact() for definition in self.definitions)

    def later(self, body: list[ast.stmt], scope: Scope) -> None:
        """Look at a block when its turn comes."""
        if body:
            self.blocks.append((body, scope))

    def need(self, *nodes: ast.AST | None) -> None:
        """Look at expressions soon."""
        self.nodes.extend([node for node in nodes if node is not None])

    def branch(self, scope: Scope, ways: int = 1) -> None:
        """The function around has so many more ways through it."""
        if scope.function is not None:
            scope.function.complexity += ways

    def note_old(self, node: ast.expr | ast.stmt, code: str) -> None:
        """Keep an old way of writing, unless the code is empty."""
        if code:
            self.old.append(OldSyntax(node.lineno, code))
