"""Which prompt a task gets: by the recipe it could not be done with, by what research saw, by the words of the request.

The choice is the same for the same task and never fails: GENERAL fits whatever nothing else does. It decides about
guidance only; what a task may touch is the policy's. A request's words are untrusted, and the worst they can do here
is to choose another of our own texts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from tdev.core.artifacts.goal import Goal, GoalKind
from tdev.core.artifacts.plan import Task

GENERAL = "fix-issue"
"""For an evolve task that no row claims."""
BUILD = "build-feature"
"""For a task of a build that no row claims."""
_READ_CHARACTERS = 4000
_TITLE_WEIGHT = 3


class Choice(NamedTuple):
    """One row: when a prompt is chosen."""

    name: str
    """The prompt."""
    kinds: tuple[str, ...] = ()
    """Kinds of insight it answers."""
    recipes: tuple[str, ...] = ()
    """Recipes that do the same without a model."""
    words: tuple[str, ...] = ()
    """Beginnings of words by which a request means it; `a+b` = both in this order, next to each other."""


def _row(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CHOICES: tuple[Choice, ...] = (
    Choice(
        "security-fix",
        words=_row(
            "vulnerab secur cve cwe sql+injection command+injection shell+injection xss csrf ssrf path+travers "
            "directory+travers insecure exploit"
        ),
    ),
    Choice(
        "dependency-upgrade",
        _row("old-dependency vulnerable-dependency"),
        _row("dependencies"),
        _row("dependenc outdated bump pinned pins requirements upgrade+to raise+pin lock+file"),
    ),
    Choice("migration", words=_row("migrat port+to switch+from move+from move+to replace+with drop+support")),
    Choice("api-docs", words=_row("openapi swagger readme api+doc document+api reference+page changelog")),
    Choice("docstrings", _row("missing-docstring"), words=_row("docstring document docs")),
    Choice("types", _row("missing-types"), _row("types"), _row("annotat typing mypy pyright type+hint types")),
    Choice("coverage-gap", _row("untested-module"), words=_row("coverage untested uncovered")),
    Choice("tests", recipes=_row("tests"), words=_row("test pytest")),
    Choice(
        "refactor-complexity",
        _row("complex-function long-function"),
        words=_row(
            "complex simplif refactor split+function split+class split+module restructur untangle long+function"
        ),
    ),
    Choice(
        "performance",
        words=_row("slow fast perform speed latenc memory quadratic optimis optimiz benchmark"),
    ),
    Choice(
        "cleanup",
        _row("dead-code unused-import old-syntax todo-density"),
        _row("imports modernise"),
        _row("dead unused cleanup clean+up modernis moderniz todo fixme tidy"),
    ),
    Choice(
        "fix-issue",
        words=_row("bug fix crash error exception traceback fail broken wrong incorrect regress fault repair flaky"),
    ),
    Choice(
        "build-feature",
        recipes=_row("blueprint"),
        words=_row("add feature implement support allow new endpoint option flag introduce command"),
    ),
)
"""Every goal, the more particular before the more general: the first of those that fit equally well is taken."""


def goal_of(goal: Goal, task: Task, kinds: Collection[str] = ()) -> str:
    """Name of the prompt for a task; `kinds` are the kinds of the insights that the task answers.

    A recipe decides; then the kind that the plan gave the task, where there is such a prompt; then that it is a build;
    then, where a person asked for something, the words; then what research saw.
    """
    by_recipe = next((choice.name for choice in CHOICES if task.recipe in choice.recipes), "")
    if by_recipe:
        return by_recipe
    if task.goal in {choice.name for choice in CHOICES}:
        return task.goal
    if goal.kind is GoalKind.BUILD:
        return BUILD
    by_words = _by_words(task.title, goal.text) if goal.text.strip() else ""
    by_kinds = next((choice.name for choice in CHOICES if any(kind in kinds for kind in choice.kinds)), "")
    return by_words or by_kinds or GENERAL


def _by_words(title: str, text: str) -> str:
    """The goal that most words call for; those of the title count more. Empty when none does."""
    head, body = list(_words(title)), list(_words(text[:_READ_CHARACTERS]))
    scores = [_TITLE_WEIGHT * _score(choice, head) + _score(choice, body) for choice in CHOICES]
    best = max(scores)
    return CHOICES[scores.index(best)].name if best else ""


def _score(choice: Choice, words: list[str]) -> int:
    return sum(_said(word.split("+"), words) for word in choice.words)


def _said(parts: list[str], words: list[str]) -> bool:
    """True when words that begin so follow each other, with at most one between."""
    if len(parts) == 1:
        return any(word.startswith(parts[0]) for word in words)
    first, second = parts
    return any(
        word.startswith(first) and any(later.startswith(second) for later in words[place + 1 : place + 3])
        for place, word in enumerate(words)
    )


def _words(text: str) -> Iterator[str]:
    return (found.group() for found in re.finditer(r"[a-z]+", text.lower()))
