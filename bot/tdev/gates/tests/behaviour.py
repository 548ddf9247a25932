"""Whether a change has to make something different, as far as the evidence tells.

A fix, a feature, a build and whatever adds public functions or classes must. A tidying need not, so that what tests did
not notice before it is no fault of it. A plan's goals and the symbols of both sides decide; the subject of a commit
counts where it says itself that it is a fix or a feature, and never the other way round.
"""

from __future__ import annotations

import re

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import Patch
from tdev.core.code_paths import is_own_code

RECIPES = "recipes"
"""The engine whose changes are made by rules that keep what the code does."""
DIFFERENT = frozenset({"fix-issue", "security-fix", "build-feature"})
"""Goals of tasks after which something is different."""
_CLAIM = re.compile(
    r"(?i)(?:fix(?:e[sd])?|bugfix|hotfix|feat(?:ure)?|correct(?:s|ed)?|repair(?:s|ed)?)\b(?:\([^)]*\))?!?:?\s+"
    r"(?!(?:the |a |some |more )?(?:typo|lint|style|format|doc|comment|test|flak|warning|type|import|spell|ci\b|build))"
)
"""Beginnings of subjects that say so, but for what leaves the code's behaviour as it is."""


def why_different(evaluation: Evaluation, patch: Patch) -> str:
    """Why the change has to make something different; empty where nothing says so."""
    if evaluation.kind is GoalKind.BUILD or DIFFERENT.intersection(evaluation.goals):
        return "the goal is a fix or a feature"
    if added := _added(evaluation):
        return f"the change adds {', '.join(added[:3])}"
    claim = next((commit.subject for commit in patch.commits if _CLAIM.match(commit.subject.strip())), "")
    return f"its commit is called `{claim[:72]}`" if claim else ""


def _added(evaluation: Evaluation) -> list[str]:
    """Public functions and classes that the base does not have, whatever the file."""
    old = {symbol.name for symbol in evaluation.before.symbols}
    return sorted(
        symbol.name
        for symbol in evaluation.after.symbols
        if symbol.public and symbol.kind != "module" and is_own_code(symbol.path) and symbol.name not in old
    )
