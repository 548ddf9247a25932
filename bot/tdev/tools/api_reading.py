"""What of a changed interface can do harm, beyond griffe's own comparison; pure, and used by griffe_reader.py alone.

Runs in griffe's environment, so it imports nothing of ours. Annotations and defaults are compared as Python source:
other spellings of the same (`Optional[X]` and `X | None`, `1_000` and `1000`) are no change, a narrower result is none
for callers. `known` tells the names of a class's bases, all the way up, for classes of the package.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable

Known = Callable[[str], "set[str] | None"]
"""Names of all bases of a class, by its own last name; None for a name that is not seen."""
ANYTHING = "*"
"""In place of bases: the package has the name, but as no class, so it may stand for any type."""

_WIDE = frozenset(
    {"Any", "object", "Iterable", "Iterator", "Sequence", "Collection", "Mapping", "Container", "Reversible", "Set"}
)
_EMPTY = ("[]", "{}", "list()", "dict()", "set()")


def narrower(old: str, new: str, known: Known) -> bool:
    """Whether a caller who expects the old annotation can live with the new one."""
    try:
        was, now = _members(ast.parse(old, mode="eval").body), _members(ast.parse(new, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return True
    nothing = all(_is_none(member) for member in was)
    return nothing or all(any(_fits(one, wanted, known) for wanted in was) for one in now)


def same_default(old: str, new: str) -> bool:
    """Whether two defaults are the same, or are not both plain values; an empty list may become None."""
    try:
        was, now = ast.parse(old, mode="eval").body, ast.parse(new, mode="eval").body
        values = ast.literal_eval(was), ast.literal_eval(now)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return True
    return ast.dump(was) == ast.dump(now) or values[0] == values[1] or (old in _EMPTY and new == "None")


def lost_bases(old: Iterable[str], new: Iterable[str], known: Known) -> set[str]:
    """Bases, by name, that a class no longer has in any way; none where a new base is not seen."""
    names = [name.rpartition(".")[2] for name in new]
    above = [(name, _above(name, known)) for name in names]
    if any(bases is None for _, bases in above):
        return set()
    have = {name for name, bases in above for name in (name, *(bases or ()))}
    return {name.rpartition(".")[2] for name in old} - have - {"object"}


def _above(name: str, known: Known) -> set[str] | None:
    """Names of all classes above one; None where it is not seen."""
    found = getattr(builtins, name, None)
    return {one.__name__ for one in found.__mro__} if isinstance(found, type) else known(name)


def _members(node: ast.expr) -> list[ast.expr]:
    """The members of a union; the annotation alone where it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _members(ast.parse(node.value, mode="eval").body)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _members(node.left) + _members(node.right)
    if isinstance(node, ast.Subscript) and _name(node.value) in ("Optional", "Union"):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        none: list[ast.expr] = [ast.Constant(None)] if _name(node.value) == "Optional" else []
        return [member for one in inner for member in _members(one)] + none
    return [node]


def _fits(new: ast.expr, old: ast.expr, known: Known) -> bool:
    """Whether one member of a union is the other, or a kind of it."""
    wanted, given = _name(old), _name(new)
    if _is_none(old) or _is_none(new):
        return (_is_none(old) and _is_none(new)) or wanted in ("Any", "object")
    if wanted in _WIDE or given == "Any":
        return True
    if wanted.lower() != given.lower():
        above = _above(given, known) or set()
        return wanted in above or ANYTHING in above
    if isinstance(old, ast.Subscript) and isinstance(new, ast.Subscript):
        return narrower(ast.unparse(old.slice), ast.unparse(new.slice), known) or _plain(old) == _plain(new)
    return True


def _plain(node: ast.expr) -> str:
    return ast.unparse(node).replace("typing.", "").lower()


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _name(node: ast.expr) -> str:
    """Last name of an annotation, without what is in brackets."""
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ast.unparse(node)
