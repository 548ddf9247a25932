"""The recipes by name: what each is for, and which insights it answers. How they work is in engines/recipes/.

The planner and stages/start.py need to know recipes without loading them, so facts and code are apart; a recipe has
an entry here and one of the same name in engines/recipes/table.py.
Requests in words are matched strictly: every word must belong to a recipe or be a filler. Doing half of what was asked
and calling it done would be worse than saying that a model is needed, which `why_not` does.
"""

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


class _Words(NamedTuple):
    """How people ask for a recipe."""

    keys: frozenset[str]
    """Words that call for it."""
    before: frozenset[str]
    """Words that may stand in front of a key."""
    after: frozenset[str] = frozenset()
    """Words that may follow one."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ADDING = _words("add insert write draft generate create missing more")
_RAISING = _words("raise bump upgrade update fix mend patch")
_SECURITY = _words("vulnerable insecure known vulnerability vulnerabilities security")
_SPOKEN: dict[str, _Words] = {
    "modernise": _Words(
        _words("modernise modernize modernising modernizing pyupgrade syntax idioms"),
        _words("update upgrade refresh old outdated python"),
        _words("python source style"),
    ),
    "imports": _Words(
        _words("imports import isort"),
        _words("sort order organise organize tidy clean cleanup up remove drop delete unused unneeded"),
        _words("alphabetically remove drop unused ones"),
    ),
    "types": _Words(
        _words("types hints annotations typing annotate typehints"),
        _ADDING | _words("type complete infer certain obvious static return"),
        _words("that are certain obvious functions"),
    ),
    "tests": _Words(
        _words("tests test"),
        _ADDING | _words("property based hypothesis ghostwrite"),
        _words("for untested modules functions that pass raise coverage"),
    ),
    "dependencies": _Words(
        _words("dependencies dependency pins requirements packages"), _RAISING | _SECURITY, _SECURITY
    ),
}
_OWNER = {key: name for name, words in _SPOKEN.items() for key in words.keys}
_FILLER = _words(
    "a all also an and apply code everywhere in its my of our please project recipe recipes repository run the "
    "their then these this to use with"
)
_NEEDS_A_MODEL = (
    (_words("docstring docstrings document documentation docs comment comments readme"), "writing prose"),
    (_words("bug bugs fix repair mend crash error errors issue debug"), "finding and mending a fault"),
    (_words("rewrite refactor restructure split extract simplify redesign rename move port migrate"), "redesigning"),
    (_words("optimise optimize faster speed performance slow memory"), "making code faster"),
    (_words("feature features implement support endpoint build add make new write"), "writing something new"),
    (_words("remove delete drop"), "deciding what may go"),
)


def recipe(name: str) -> RecipeFact:
    """The recipe of that name; raises KeyError."""
    return _BY_NAME[name]


def recipes_named_in(text: str) -> tuple[str, ...]:
    """The recipes a request consists of, in table order; empty when it says anything a recipe can't do.

    Every word counts: `add type hints and sort the imports` is two recipes, `modernise and rewrite the parser` none.
    """
    words = _tokens(text)
    asked = _asked([word for word in words if word not in _FILLER])
    if "dependencies" in asked and not _means_vulnerable(words):
        return ()
    if "tests" in asked and "run" in words and _words("recipe recipes").isdisjoint(words):
        return ()
    return tuple(fact.name for fact in RECIPES if fact.name in asked)


def nearest_recipe(text: str) -> str:
    """The recipe that a request is most like, by the words used for it, else by spelling; empty when none is."""
    words = _tokens(text)
    scores = {name: _likeness(words, spoken) for name, spoken in _SPOKEN.items()}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= _KEY_SCORE:
        return best
    found = (difflib.get_close_matches(word, list(_OWNER), n=1, cutoff=0.75) for word in words if len(word) > 3)
    return next((_OWNER[match[0]] for match in found if match), "")


def why_not(text: str) -> str:
    """One sentence that says why no recipe can do a request, and which comes nearest."""
    words = set(_tokens(text))
    kind = next((what for signs, what in _NEEDS_A_MODEL if not signs.isdisjoint(words)), "more than the recipes do")
    nearest = nearest_recipe(text)
    hint = f" The nearest recipe is `{nearest}` ({_BY_NAME[nearest].title.lower()})." if nearest else ""
    return f"That asks for {kind}, which needs a model.{hint}"


_KEY_SCORE = 3


def _tokens(text: str) -> list[str]:
    """The words of a request in lower case; marks of punctuation are none, anything else is."""
    return re.findall(r"[\w'’]+", text.lower())


def _asked(words: list[str]) -> frozenset[str]:
    """The recipes that a row of words calls for; empty when one word is left over."""
    asked: list[str] = []
    pending: list[str] = []
    for word in words:
        if word not in _OWNER:
            pending.append(word)
        elif _fits(pending, asked[-1] if asked else "", _OWNER[word]):
            asked.append(_OWNER[word])
            pending = []
        else:
            return frozenset()
    return frozenset(asked) if asked and _SPOKEN[asked[-1]].after.issuperset(pending) else frozenset()


def _fits(between: list[str], last: str, following: str) -> bool:
    """True when words between two keys belong to the first one's end and the second one's beginning."""
    after = _SPOKEN[last].after if last else frozenset()
    before = _SPOKEN[following].before
    return any(after.issuperset(between[:cut]) and before.issuperset(between[cut:]) for cut in range(len(between) + 1))


def _means_vulnerable(words: list[str]) -> bool:
    """True for `dependencies` alone and for whatever speaks of vulnerable ones: others are not raised."""
    said = set(words)
    generic = said & (_RAISING | _words("pins requirements packages"))
    return not generic or not _SECURITY.isdisjoint(said)


def _likeness(words: list[str], spoken: _Words) -> int:
    """How much a request sounds like a recipe."""
    return _KEY_SCORE * sum(word in spoken.keys for word in words) + sum(word in spoken.before for word in words)
