"""The kinds of insight: how much each matters and how it is put into words.

Severities are judgements: an untested module outranks a missing docstring, because changing a module safely is what
all else depends on. They are repeated in docs/research.md for users. Titles are imperative, as a task's are.
A kind's hours and places come from its rule in rules.py; its recipe, if any, from core/recipes.py.
"""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of insight."""

    severity: float
    """How much it matters, 0..1: the ceiling of its priority."""
    one: str
    """Title of a single place; `{detail}` and `{path}` are filled in."""
    many: str
    """Title of several; `{count}` and `{path}` are filled in."""


KINDS: dict[str, Kind] = {
    "untested-module": Kind(0.80, "Test {path}: no test names it", "Test {count} modules in {path} that no test names"),
    "complex-function": Kind(0.75, "Simplify {detail} in {path}", "Simplify {count} complex functions in {path}"),
    "old-dependency": Kind(0.60, "Review {path}: {detail}", "Review {count} dependencies in {path}"),
    "long-function": Kind(0.55, "Split {detail} in {path}", "Split {count} long functions in {path}"),
    "dead-code": Kind(0.45, "Remove dead code in {path}: {detail}", "Remove {count} pieces of dead code in {path}"),
    "missing-types": Kind(0.40, "Annotate {detail} in {path}", "Annotate {count} functions in {path}"),
    "old-syntax": Kind(0.40, "Modernise {path}: {detail}", "Modernise {count} places in {path}"),
    "missing-docstring": Kind(0.35, "Document {detail} in {path}", "Document {count} public symbols in {path}"),
    "unused-import": Kind(
        0.30, "Remove the unused import {detail} in {path}", "Remove {count} unused imports in {path}"
    ),
    "todo-density": Kind(0.25, "Settle {detail} in {path}", "Settle {count} TODO comments in {path}"),
}
