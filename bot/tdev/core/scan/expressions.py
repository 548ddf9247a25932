"""Expressions: which names they use, and what is old about them.

These are by far the most frequent nodes, so the table holds only what says something and the walk tests no types.
Strings count as mentions when they consist of names: `__all__`, forward references, getattr and patch targets are
uses that an import checker must not overlook. Prose in strings is not searched, except for private names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from tdev.core.scan import old_syntax
from tdev.core.scan.scope import Scope
from tdev.core.scan.sightings import Sightings

_WORDS = re.compile(r"[^\W\d]\w*")
_NAMES_ONLY = re.compile(r"[\w.\[\], |'\"]+")
_PRIVATE = re.compile(r"\b_\w+")
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_MENTION_LENGTH = 200


def _name(seen: Sightings, node: ast.Name, scope: Scope) -> None:
    """A name that is read, or `__all__` that is written."""
    if node.ctx.__class__ is ast.Load:
        seen.used.add(node.id)
        if node.id in old_syntax.ERROR_ALIASES:
            seen.note_old(node, "error-alias")
    elif node.id == "__all__":
        seen.has_all = True


def _attribute(seen: Sightings, node: ast.Attribute, scope: Scope) -> None:
    """Private attributes count as used."""
    if node.attr.startswith("_"):
        seen.used.add(node.attr)
    seen.nodes.append(node.value)


def _constant(seen: Sightings, node: ast.Constant, scope: Scope) -> None:
    """Names in strings count as mentioned."""
    value = node.value
    if value.__class__ is not str:
        return
    if node.kind == "u":
        seen.note_old(node, "u-prefix")
    if "_" in value:
        seen.mentioned.update(_PRIVATE.findall(value))
    if len(value) <= _MENTION_LENGTH and _NAMES_ONLY.fullmatch(value):
        seen.mentioned.update(_WORDS.findall(value))
        if "." in value and _DOTTED.fullmatch(value):
            seen.dotted.add(value)


def _call(seen: Sightings, node: ast.Call, scope: Scope) -> None:
    """Old calls."""
    seen.note_old(node, old_syntax.of_call(node, scope.owner))
    seen.nodes.append(node.func)
    seen.nodes.extend(node.args)
    seen.nodes.extend([keyword.value for keyword in node.keywords])


def _binary(seen: Sightings, node: ast.BinOp, scope: Scope) -> None:
    """Old formatting."""
    seen.note_old(node, old_syntax.of_operation(node))
    seen.nodes.append(node.left)
    seen.nodes.append(node.right)


def _subscript(seen: Sightings, node: ast.Subscript, scope: Scope) -> None:
    """Old generics."""
    value = node.value
    if isinstance(value, ast.Name):
        if value.id in old_syntax.TYPING_NAMES:
            seen.typing_subscripts.append((value.id, node.lineno))
    elif old_syntax.is_typing_attribute(value):
        seen.typing_attributes.append((value.attr, node.lineno))
    seen.nodes.append(value)
    seen.nodes.append(node.slice)


def _leaf(seen: Sightings, node: ast.AST, scope: Scope) -> None:
    """Nothing hangs below."""


EXPRESSIONS: dict[type, Callable[[Sightings, Any, Scope], None]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Constant: _constant,
    ast.Call: _call,
    ast.BinOp: _binary,
    ast.Subscript: _subscript,
    **dict.fromkeys((ast.Load, ast.Store, ast.Del, ast.Pass, ast.Break, ast.Continue), _leaf),
}
"""Handlers of the kinds of node that say something or are frequent; all others are only walked through."""
