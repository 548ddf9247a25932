"""The one pass over a syntax tree. It keeps lists of work instead of recursing, so no nesting can overflow it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from tdev.core.scan import old_syntax
from tdev.core.scan.facts import ImportFact, OldSyntax, Place, SymbolFact

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_BORROWED_DOCSTRING = frozenset({"overload", "override", "setter", "deleter", "getter"})
_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_WORDS = re.compile(r"[^\W\d]\w*")
_NAMES_ONLY = re.compile(r"[\w.\[\], |'\"]+")
_PRIVATE = re.compile(r"\b_\w+")
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_MENTION_LENGTH = 200
_NAME_LENGTH = 200
_QUALNAME_LENGTH = 500


class Bound(NamedTuple):
    """A name that an import binds."""

    name: str
    line: int
    """1-based line of the name."""
    statement_line: int
    """1-based first line of the import."""
    statement_end: int
    """1-based last line of the import."""


@dataclass(slots=True)
class Definition:
    """A class or function while its complexity is being counted."""

    kind: str
    name: str
    line: int
    end_line: int
    documented: bool
    typed: bool
    local: bool
    outer: Definition | None
    """The nearest function around it."""
    complexity: int = 1


@dataclass(slots=True, frozen=True)
class Scope:
    """Where a block of statements stands."""

    prefix: str
    """What goes before the names defined here."""
    kind: str
    """`module`, `class` or `function`."""
    function: Definition | None
    """The function whose complexity a branch here adds to."""
    owner: str
    """The class whose methods are defined or running here."""
    plain: bool = False
    """That class has no base class that could call its private methods."""
    guarded: bool = False
    """An import here may fail and that is foreseen."""


class Walk:
    """Collects facts; `module` starts it, the attributes are its result."""

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
        self._blocks: list[tuple[list[ast.stmt], Scope]] = []
        self._nodes: list[ast.AST] = []

    def module(self, tree: ast.Module, lines: int) -> None:
        """Walk a whole file."""
        if tree.body:
            documented = bool(ast.get_docstring(tree, clean=False))
            self.definitions.append(Definition("module", "<module>", 1, lines, documented, True, False, None))
        self._blocks.append((tree.body, Scope("", "module", None, "")))
        while self._blocks:
            body, scope = self._blocks.pop()
            self._block(body, scope)

    def symbols(self) -> Iterator[SymbolFact]:
        """The definitions, with the complexity of nested functions added to the functions around them."""
        for definition in reversed(self.definitions):
            if definition.outer is not None and definition.kind == "function":
                definition.outer.complexity += definition.complexity
        for one in self.definitions:
            complexity = one.complexity if one.kind == "function" else 1
            yield SymbolFact(
                one.kind, one.name, one.line, one.end_line, one.documented, one.typed, complexity, one.local
            )

    def _block(self, body: list[ast.stmt], scope: Scope) -> None:
        """One run of statements."""
        handlers = _STATEMENTS
        ended = noted = False
        for index, statement in enumerate(body):
            if ended and not noted:
                self._note_unreachable(body[index:])
                noted = True
            handler = handlers.get(statement.__class__)
            if handler is None:
                self._nodes.append(statement)
                ended = isinstance(statement, _JUMPS)
            else:
                handler(self, statement, scope)
            if self._nodes:
                self._expressions(scope)

    def _note_unreachable(self, rest: list[ast.stmt]) -> None:
        """Statements after a jump, unless a `yield` among them is there to make the function a generator."""
        for statement in rest:
            for node in ast.walk(statement):
                if isinstance(node, ast.Yield | ast.YieldFrom):
                    return
        self.unreachable.append(rest[0].lineno)

    def _expressions(self, scope: Scope) -> None:
        """Everything on the list of nodes, and what hangs below."""
        nodes = self._nodes
        handlers = _EXPRESSIONS
        while nodes:
            node = nodes.pop()
            kind = node.__class__
            handler = handlers.get(kind)
            if handler is not None:
                handler(self, node, scope)
                continue
            for field in kind._fields:
                value = getattr(node, field, None)
                if value.__class__ is list:
                    nodes.extend([item for item in value if isinstance(item, ast.AST)])
                elif isinstance(value, ast.AST):
                    nodes.append(value)

    def _later(self, body: list[ast.stmt], scope: Scope) -> None:
        if body:
            self._blocks.append((body, scope))

    def _branch(self, scope: Scope, ways: int = 1) -> None:
        if scope.function is not None:
            scope.function.complexity += ways

    def _need(self, *nodes: ast.AST | None) -> None:
        self._nodes.extend([node for node in nodes if node is not None])

    def _function(self, node: _Function, scope: Scope) -> None:
        arguments = node.args
        names = _decorator_names(node.decorator_list)
        in_class = scope.kind == "class"
        documented = bool(ast.get_docstring(node, clean=False)) or not names.isdisjoint(_BORROWED_DOCSTRING)
        definition = self._define(node, "function", scope, documented, _typed(node, in_class, names))
        self._note_private(node, scope, scope.kind == "module" or (in_class and scope.plain))
        self._need(*node.decorator_list, node.returns, *arguments.defaults, *arguments.kw_defaults)
        self._need(*(argument.annotation for argument in _parameters(arguments)))
        owner = scope.owner if scope.kind in ("class", "function") else ""
        self._later(node.body, Scope(f"{definition.name}.<locals>.", "function", definition, owner))

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        definition = self._define(node, "class", scope, bool(ast.get_docstring(node, clean=False)), True)
        self._note_private(node, scope, scope.kind == "module")
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id == "object":
                self.old.append(OldSyntax(base.lineno, "object-base"))
        plain = not node.keywords and all(isinstance(base, ast.Name) and base.id == "object" for base in node.bases)
        self._need(*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords))
        inner = Scope(f"{definition.name}.", "class", scope.function, node.name, plain)
        self._later(node.body, inner)

    def _define(
        self, node: _Function | ast.ClassDef, kind: str, scope: Scope, documented: bool, typed: bool
    ) -> Definition:
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
        self.definitions.append(definition)
        return definition

    def _note_private(self, node: _Function | ast.ClassDef, scope: Scope, judged: bool) -> None:
        name = node.name
        if judged and not node.decorator_list and name.startswith("_") and name.strip("_") and not name.endswith("_"):
            self.private.append(Place(node.lineno, name))

    def _if(self, node: ast.If, scope: Scope) -> None:
        self._branch(scope)
        self._need(node.test)
        self._later(node.body, scope)
        self._later(node.orelse, scope)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope) -> None:
        self._branch(scope)
        self._need(*((node.test,) if isinstance(node, ast.While) else (node.target, node.iter)))
        self._later(node.body, scope)
        self._later(node.orelse, scope)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        self._need(*node.items)
        self._later(node.body, scope)

    def _try(self, node: ast.Try, scope: Scope) -> None:
        self._branch(scope, len(node.handlers) + bool(node.orelse))
        guarded = any(_catches_import_error(handler.type) for handler in node.handlers)
        inner = _guard(scope) if guarded else scope
        self._later(node.body, inner)
        for handler in node.handlers:
            self._need(handler.type)
            self._later(handler.body, inner)
        self._later(node.orelse, inner)
        self._later(node.finalbody, scope)

    def _match(self, node: ast.Match, scope: Scope) -> None:
        last = node.cases[-1]
        self._branch(scope, len(node.cases) - (last.guard is None and _irrefutable(last.pattern)))
        self._need(node.subject)
        for case in node.cases:
            self._need(case.pattern, case.guard)
            self._later(case.body, scope)

    def _import(self, node: ast.Import, scope: Scope) -> None:
        self._note_old(node, old_syntax.of_import(node))
        for name in node.names:
            self.imports.append(ImportFact(0, name.name, ""))
            bound = name.asname or name.name.partition(".")[0]
            if name.asname != name.name:
                self._bind(bound, name, node, scope)

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        self._note_old(node, old_syntax.of_import(node))
        module = node.module or ""
        for name in node.names:
            self.imports.append(ImportFact(node.level, module, name.name))
            if name.name.startswith("_"):
                self.used.add(name.name)
            if module != "__future__" and name.name != "*" and name.asname != name.name:
                self._bind(name.asname or name.name, name, node, scope)

    def _bind(self, name: str, alias: ast.alias, node: ast.stmt, scope: Scope) -> None:
        if not scope.guarded and scope.kind != "class":
            self.bound.append(Bound(name, alias.lineno, node.lineno, node.end_lineno or node.lineno))

    def _note_old(self, node: ast.expr | ast.stmt, code: str) -> None:
        if code:
            self.old.append(OldSyntax(node.lineno, code))

    def _name(self, node: ast.Name, scope: Scope) -> None:
        if node.ctx.__class__ is ast.Load:
            self.used.add(node.id)
            if node.id in old_syntax.ERROR_ALIASES:
                self._note_old(node, "error-alias")
        elif node.id == "__all__":
            self.has_all = True

    def _attribute(self, node: ast.Attribute, scope: Scope) -> None:
        if node.attr.startswith("_"):
            self.used.add(node.attr)
        self._nodes.append(node.value)

    def _constant(self, node: ast.Constant, scope: Scope) -> None:
        value = node.value
        if value.__class__ is not str:
            return
        if node.kind == "u":
            self._note_old(node, "u-prefix")
        if "_" in value:
            self.mentioned.update(_PRIVATE.findall(value))
        if len(value) <= _MENTION_LENGTH and _NAMES_ONLY.fullmatch(value):
            self.mentioned.update(_WORDS.findall(value))
            if "." in value and _DOTTED.fullmatch(value):
                self.dotted.add(value)

    def _call(self, node: ast.Call, scope: Scope) -> None:
        self._note_old(node, old_syntax.of_call(node, scope.owner))
        self._nodes.append(node.func)
        self._nodes.extend(node.args)
        self._nodes.extend([keyword.value for keyword in node.keywords])

    def _binary(self, node: ast.BinOp, scope: Scope) -> None:
        self._note_old(node, old_syntax.of_operation(node))
        self._nodes.append(node.left)
        self._nodes.append(node.right)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> None:
        value = node.value
        if isinstance(value, ast.Name):
            if value.id in old_syntax.TYPING_NAMES:
                self.typing_subscripts.append((value.id, node.lineno))
        elif old_syntax.is_typing_attribute(value):
            self.typing_attributes.append((value.attr, node.lineno))
        self._nodes.append(value)
        self._nodes.append(node.slice)

    def _leaf(self, node: ast.AST, scope: Scope) -> None:
        """Nothing hangs below."""


_Handler = Callable[[Walk, Any, Scope], None]
_STATEMENTS: dict[type, _Handler] = {
    ast.FunctionDef: Walk._function,
    ast.AsyncFunctionDef: Walk._function,
    ast.ClassDef: Walk._class,
    ast.If: Walk._if,
    ast.For: Walk._loop,
    ast.AsyncFor: Walk._loop,
    ast.While: Walk._loop,
    ast.With: Walk._with,
    ast.AsyncWith: Walk._with,
    ast.Try: Walk._try,
    ast.TryStar: Walk._try,
    ast.Match: Walk._match,
    ast.Import: Walk._import,
    ast.ImportFrom: Walk._import_from,
}
_EXPRESSIONS: dict[type, _Handler] = {
    ast.Name: Walk._name,
    ast.Attribute: Walk._attribute,
    ast.Constant: Walk._constant,
    ast.Call: Walk._call,
    ast.BinOp: Walk._binary,
    ast.Subscript: Walk._subscript,
    **dict.fromkeys((ast.Load, ast.Store, ast.Del, ast.Pass, ast.Break, ast.Continue), Walk._leaf),
}


def _decorator_names(decorators: Iterable[ast.expr]) -> frozenset[str]:
    """The last word of each decorator."""
    names = set()
    for decorator in decorators:
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Name):
            names.add(node.id)
    return frozenset(names)


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter, in order."""
    extra = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]


def _typed(node: _Function, in_class: bool, decorators: frozenset[str]) -> bool:
    """Every parameter but `self` or `cls`, and the result unless it is `__init__`, is annotated."""
    parameters = _parameters(node.args)
    has_self = in_class and "staticmethod" not in decorators and (node.args.posonlyargs or node.args.args)
    judged = parameters[1:] if has_self else parameters
    result = node.returns is not None or (in_class and node.name == "__init__")
    return result and all(parameter.annotation is not None for parameter in judged)


def _catches_import_error(caught: ast.expr | None) -> bool:
    """True for a handler of ImportError, or of everything."""
    if caught is None:
        return True
    options = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(option, ast.Name) and option.id in _IMPORT_ERRORS for option in options)


def _irrefutable(pattern: ast.pattern) -> bool:
    """True for a pattern that takes anything."""
    if isinstance(pattern, ast.MatchOr):
        return any(_irrefutable(one) for one in pattern.patterns)
    return isinstance(pattern, ast.MatchAs) and (pattern.pattern is None or _irrefutable(pattern.pattern))


def _guard(scope: Scope) -> Scope:
    """The same scope, where a failed import is foreseen."""
    return Scope(scope.prefix, scope.kind, scope.function, scope.owner, scope.plain, True)
