"""The recipes by name: what each is for, and which insights it answers. How they work is in engines/recipes/."""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple


class RecipeFact(NamedTuple):
    """What people and the planner need to know of a recipe."""

    name: str
    """As in `tdev evolve NAME`."""
    title: str
    """Imperative; the subject of its commits."""
    insights: frozenset[str]
    """Kinds of insight it answers."""
    risk: int
    """1 = cosmetic, 5 = may break users."""


RECIPES: tuple[RecipeFact, ...] = (
    RecipeFact("modernise", "Modernise the syntax", frozenset({"old-syntax"}), 2),
    RecipeFact("imports", "Sort imports and remove unused ones", frozenset({"unused-import"}), 1),
    RecipeFact("types", "Add type annotations that are certain", frozenset({"missing-types"}), 2),
    RecipeFact("tests", "Draft property tests that pass and raise coverage", frozenset({"untested-module"}), 1),
    RecipeFact("dependencies", "Raise pins with known vulnerabilities", frozenset({"vulnerable-dependency"}), 3),
)

_BY_NAME = {recipe.name: recipe for recipe in RECIPES}
_FILLER = {"and", "the", "then", "please", "run", "recipe", "recipes", "with", "code", "apply", "all"}
_SPELLINGS = {
    "modernize": "modernise",
    "typing": "types",
    "import": "imports",
    "test": "tests",
    "dependency": "dependencies",
}


def recipe(name: str) -> RecipeFact:
    """The recipe of that name; raises KeyError."""
    return _BY_NAME[name]


def recipes_named_in(text: str) -> tuple[str, ...]:
    """The recipes a request consists of, in table order; empty when it says anything a recipe can't do."""
    words = [_SPELLINGS.get(word, word) for word in re.findall(r"[a-z]+", text.lower())]
    asked = {word for word in words if word in _BY_NAME}
    other = [word for word in words if word not in _BY_NAME and word not in _FILLER]
    return () if other else tuple(fact.name for fact in RECIPES if fact.name in asked)


def nearest_recipe(text: str) -> str:
    """The recipe whose name is spelled most like the request, or an empty string."""
    found = difflib.get_close_matches(text.strip().lower(), list(_BY_NAME), n=1, cutoff=0.6)
    return found[0] if found else ""
