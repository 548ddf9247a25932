"""`scan_file`: bytes in, facts out, whatever the bytes are.

Called for each file by adapters/source_scan.py, directly or in a process of its own. A syntax error is a fact like
any other and becomes `error`: the quality gate blocks a changed file that has one.
The grammar is that of the interpreter at work, so a file in newer syntax than it knows counts as unreadable.
"""

from __future__ import annotations

import ast
import warnings

from tdev.core.scan.facts import FileFacts, ImportFact, OldSyntax, Place
from tdev.core.scan.old_syntax import coding_comment_line, typing_way
from tdev.core.scan.sightings import Sightings
from tdev.core.scan.text import Undecodable, count_lines, decode, has_endless_import, todo_comments
from tdev.core.scan.walk import walk

_NAMESPACES = frozenset({"dir", "globals", "locals", "vars"})
"""With `__all__`, these may export anything."""


def scan_file(path: str, source: bytes) -> FileFacts:
    """The facts about one Python file; what can't be decoded or parsed gives `error`, never an exception.

    Files are parsed by the grammar of the Python that runs this.
    """
    try:
        text = decode(source)
    except Undecodable as error:
        return FileFacts(path, lines=source.count(b"\n"), error=str(error))
    lines = count_lines(text)
    if has_endless_import(text):
        return FileFacts(path, lines=lines, error="imports a module whose name is absurdly long")
    try:
        tree = _parse(text)
    except SyntaxError as error:
        return FileFacts(path, lines=lines, error=f"syntax: {error.msg}", error_line=_line_of(error, lines))
    except (RecursionError, MemoryError):
        return FileFacts(path, lines=lines, error="is nested too deeply to be parsed")
    except ValueError as error:
        return FileFacts(path, lines=lines, error=f"can't be parsed: {error}")
    return _facts(path, text, lines, walk(tree, lines))


def _parse(text: str) -> ast.Module:
    """The syntax tree, without the compiler's warnings about other people's code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _line_of(error: SyntaxError, lines: int) -> int:
    """The line a syntax error names, inside the file."""
    return min(max(error.lineno or 0, 0), max(lines, 1))


def _facts(path: str, text: str, lines: int, seen: Sightings) -> FileFacts:
    """The facts that a finished walk gives."""
    old = [*seen.old, *_typing_uses(seen)]
    coding = coding_comment_line(text)
    if coding:
        old.append(OldSyntax(coding, "coding-comment"))
    return FileFacts(
        path=path,
        lines=lines,
        symbols=tuple(sorted(seen.symbols(), key=lambda symbol: (symbol.line, symbol.kind != "module"))),
        imports=tuple(dict.fromkeys(seen.imports)),
        unused_imports=_unused_imports(text, seen),
        private=tuple(sorted(seen.private)),
        private_used=frozenset(name for name in seen.used | seen.mentioned if _is_private(name)),
        unreachable=tuple(sorted(seen.unreachable)),
        todos=todo_comments(text),
        old=tuple(sorted(set(old))),
        dotted=frozenset(seen.dotted),
    )


def _is_private(name: str) -> bool:
    """One leading underscore at least, and no dunder."""
    return name.startswith("_") and not name.endswith("__")


def _typing_uses(seen: Sightings) -> list[OldSyntax]:
    """Subscripts of names that really come from `typing`."""
    known = {fact.name for fact in seen.imports if fact == ImportFact(0, "typing", fact.name)}
    return [OldSyntax(line, typing_way(name)) for name, line in seen.typing_subscripts if name in known] + [
        OldSyntax(line, typing_way(name)) for name, line in seen.typing_attributes
    ]


def _unused_imports(text: str, seen: Sightings) -> tuple[Place, ...]:
    """Bound imports that nothing in the file uses or names, those with a `noqa` left out."""
    idle = [bound for bound in seen.bound if bound.name not in seen.used and bound.name not in seen.mentioned]
    if not idle or (seen.has_all and not seen.used.isdisjoint(_NAMESPACES)):
        return ()
    rows = text.split("\n")
    return tuple(
        Place(bound.line, bound.name)
        for bound in sorted(idle, key=lambda bound: bound.line)
        if not any("noqa" in rows[line - 1] for line in (bound.line, bound.statement_line, bound.statement_end))
    )
