"""Annotations that one version of a file has and the other has not: where they stand, how they are taken out. Pure.

Used by certain_types.py, which decides; nothing is decided here. Comes in: syntax trees and the
source as bytes. Goes out: nodes, their places, and the edited source.

Edits are made in the text and not by writing the tree anew, because comments and layout belong to
the owner. Places are counted in bytes, as ast counts columns in UTF-8 bytes. autotyping writes `x:
int=1`; the blanks that belong round the equals sign are put in on the way.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef
"""Every kind of function that is written with `def`."""
_ADDED_IMPORTS = frozenset({"typing", "types"})


class Place(NamedTuple):
    """A piece of the source, in bytes."""

    start: int
    """Offset of its first byte."""
    end: int
    """Offset behind its last byte."""


def functions_of(tree: ast.AST, owner: str = "") -> Iterator[tuple[str, Function]]:
    """(class it is a method of, function) of every function, in source order."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield owner, node
            yield from functions_of(node)
        else:
            yield from functions_of(node, node.name if isinstance(node, ast.ClassDef) else owner)


def _arguments(function: Function) -> list[ast.arg]:
    arguments = function.args
    extra = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]


def added_annotations(old: Function, new: Function) -> Iterator[ast.arg | ast.expr]:
    """The parameters and the result that have an annotation only in `new`."""
    for before, after in zip(_arguments(old), _arguments(new), strict=True):
        if before.annotation is None and after.annotation is not None:
            yield after
    if old.returns is None and new.returns is not None:
        yield new.returns


def without_annotations(tree: ast.Module) -> str:
    """The tree without annotations of functions and without imports from typing and types."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            node.returns = None
            for argument in _arguments(node):
                argument.annotation = None
    tree.body = [node for node in tree.body if not (isinstance(node, ast.ImportFrom) and node.module in _ADDED_IMPORTS)]
    return ast.dump(tree)


def places_of(
    nodes: Iterable[ast.arg | ast.expr], source: bytes, offsets: list[int]
) -> Iterator[tuple[ast.arg | ast.expr, Place]]:
    """Where each new annotation stands, with its colon or arrow."""
    for node in nodes:
        annotation = node.annotation if isinstance(node, ast.arg) else node
        if annotation is None or annotation.end_lineno is None or annotation.end_col_offset is None:
            continue
        start = offsets[annotation.lineno - 1] + annotation.col_offset
        mark = source.rindex(b":" if isinstance(node, ast.arg) else b"->", 0, start)
        begin = len(source[:mark].rstrip(b" \t"))
        yield node, Place(begin, offsets[annotation.end_lineno - 1] + annotation.end_col_offset)


def line_offsets(source: bytes) -> list[int]:
    """Offset of each line's first byte, lines as Python counts them."""
    offsets = [0]
    for line in source.replace(b"\f", b" ").splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    return offsets


def edited(source: bytes, doubtful: Iterable[Place], crowded: Iterable[Place]) -> bytes:
    """The source without the doubtful annotations, and with spaces round the equals signs behind the others."""
    edits = [(place, b"") for place in doubtful] + [(place, b" = ") for place in crowded]
    for place, text in sorted(edits, reverse=True):
        source = source[: place.start] + text + source[place.end :]
    return source
