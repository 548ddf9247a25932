"""Whether a change has to make something different, as far as the evidence tells.

A fix, a feature, a build and whatever adds public functions or classes must. A tidying need not, so that what tests did
not notice before it is no fault of it. A plan's goals and the symbols of both sides decide, never a commit's own words.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.goal import GoalKind
from tdev.core.code_paths import is_own_code

RECIPES = "recipes"
"""The engine whose changes are made by rules that keep what the code does."""
DIFFERENT = frozenset({"fix-issue", "security-fix", "build-feature"})
"""Goals of tasks after which something is different."""


def why_different(evaluation: Evaluation) -> str:
    """Why the change has to make something different; empty where nothing says so."""
    if evaluation.kind is GoalKind.BUILD or DIFFERENT.intersection(evaluation.goals):
        return "the goal is a fix or a feature"
    added = _added(evaluation)
    return f"the change adds {', '.join(added[:3])}" if added else ""


def _added(evaluation: Evaluation) -> list[str]:
    """Public functions and classes that the base does not have, whatever the file."""
    old = {symbol.name for symbol in evaluation.before.symbols}
    return sorted(
        symbol.name
        for symbol in evaluation.after.symbols
        if symbol.public and symbol.kind != "module" and is_own_code(symbol.path) and symbol.name not in old
    )
