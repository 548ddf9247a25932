"""Facts about one Python file: small, plain, and the same for the same content whatever its path.

Facts are kept in a cache by content, so no fact may depend on the path, the project or the day: what does, such as
whether a symbol is public or a syntax is old enough, is decided by who reads them.
The JSON form has no keys, for size; encoder and decoder must agree on the order. Older entries are no concern, since
the cache takes its version from the source of this folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple


class SymbolFact(NamedTuple):
    """One module, class, function or method."""

    kind: str
    """`module`, `class` or `function`."""
    name: str
    """Qualified name inside the file, as Python's `__qualname__`; `<module>` for the file itself."""
    line: int
    """1-based line of its `def` or `class`; 1 for the file."""
    end_line: int
    """1-based last line."""
    documented: bool
    """Has a docstring, or is an overload, an override or a property's setter, which take another's."""
    typed: bool
    """Every parameter (but `self` and `cls`) and the result are annotated; true for classes and modules."""
    complexity: int
    """McCabe's cyclomatic number of a function, nested functions included; 1 for classes and modules."""
    local: bool
    """Defined inside a function."""


class ImportFact(NamedTuple):
    """One imported thing."""

    level: int
    """Leading dots; 0 = absolute."""
    module: str
    """Dotted module, without the dots in front; empty for `from . import name`."""
    name: str
    """Name taken from the module; empty for `import module`."""


class Place(NamedTuple):
    """A line and what is seen there."""

    line: int
    """1-based."""
    detail: str
    """Name or text."""


class OldSyntax(NamedTuple):
    """One use of a way of writing that newer Python replaces."""

    line: int
    """1-based."""
    code: str
    """Key of core.scan.old_syntax.WAYS."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Everything research and measuring need to know of one Python file."""

    path: str
    """POSIX path; the one fact that does not come from the content."""
    lines: int = 0
    """Number of lines; an unfinished last line counts."""
    error: str = ""
    """Why it could not be read or parsed; all that follows is empty then."""
    error_line: int = 0
    """1-based line of that; 0 = unknown."""
    symbols: tuple[SymbolFact, ...] = ()
    """The module (unless the file holds no statement), its classes and functions, in line order."""
    imports: tuple[ImportFact, ...] = ()
    """Everything it imports, each once."""
    unused_imports: tuple[Place, ...] = ()
    """Imported names that the file never uses."""
    private: tuple[Place, ...] = ()
    """Private functions, classes and methods that someone ought to use, by their bare name."""
    private_used: frozenset[str] = frozenset()
    """Private names it uses, imports or names in a string."""
    unreachable: tuple[int, ...] = ()
    """Lines of statements that can't be reached."""
    todos: tuple[Place, ...] = ()
    """TODO, FIXME and XXX comments."""
    old: tuple[OldSyntax, ...] = ()
    """Old ways of writing."""
    dotted: frozenset[str] = frozenset()
    """Dotted names found in its strings, e.g. what a test patches."""

    @property
    def functions(self) -> tuple[SymbolFact, ...]:
        """Functions and methods, nested ones included."""
        return tuple(symbol for symbol in self.symbols if symbol.kind == "function")


def encode_facts(facts: FileFacts) -> str:
    """The facts without the path, as compact JSON."""
    row = (
        facts.lines,
        facts.error,
        facts.error_line,
        facts.symbols,
        facts.imports,
        facts.unused_imports,
        facts.private,
        sorted(facts.private_used),
        facts.unreachable,
        facts.todos,
        facts.old,
        sorted(facts.dotted),
    )
    return json.dumps(row, ensure_ascii=True, separators=(",", ":"))


def decode_facts(path: str, text: str) -> FileFacts:
    """The facts of `encode_facts` under a path; raises ValueError or TypeError when the text is damaged."""
    row = json.loads(text)
    lines, error, error_line, symbols, imports, unused, private, used, unreachable, todos, old, dotted = row
    return FileFacts(
        path,
        lines,
        error,
        error_line,
        tuple([SymbolFact(*item) for item in symbols]),
        tuple([ImportFact(*item) for item in imports]),
        tuple([Place(*item) for item in unused]),
        tuple([Place(*item) for item in private]),
        frozenset(used),
        tuple(unreachable),
        tuple([Place(*item) for item in todos]),
        tuple([OldSyntax(*item) for item in old]),
        frozenset(dotted),
    )
