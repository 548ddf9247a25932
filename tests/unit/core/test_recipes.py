from __future__ import annotations

import pytest

from tdev.core.recipes import RECIPES, nearest_recipe, recipes_named_in, why_not


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("modernise", ("modernise",)),
        ("Modernize", ("modernise",)),
        ("modernise the syntax", ("modernise",)),
        ("Please modernise the code of this project.", ("modernise",)),
        ("upgrade the old syntax", ("modernise",)),
        ("add type hints", ("types",)),
        ("add missing type annotations", ("types",)),
        ("types", ("types",)),
        ("sort the imports", ("imports",)),
        ("remove unused imports", ("imports",)),
        ("clean up imports", ("imports",)),
        ("raise vulnerable dependencies", ("dependencies",)),
        ("fix the vulnerable pins", ("dependencies",)),
        ("dependencies", ("dependencies",)),
        ("write property-based tests", ("tests",)),
        ("add tests for untested modules", ("tests",)),
        ("run the tests recipe", ("tests",)),
        ("run modernise", ("modernise",)),
        ("modernise imports", ("modernise", "imports")),
        ("sort the imports, add type hints and modernise the syntax", ("modernise", "imports", "types")),
        ("modernise, imports, types, tests and dependencies", tuple(fact.name for fact in RECIPES)),
    ],
)
def test_a_request_that_recipes_can_do(text: str, names: tuple[str, ...]) -> None:
    assert recipes_named_in(text) == names


@pytest.mark.parametrize("fact", RECIPES, ids=lambda fact: fact.name)
def test_a_recipe_is_known_by_its_title(fact) -> None:
    assert recipes_named_in(fact.title) == (fact.name,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the code",
        "add docstrings",
        "fix bug 12",
        "modernise and rewrite the parser",
        "don't modernise",
        "modernise without touching imports",
        "update the dependencies",
        "upgrade all packages",
        "run the tests",
        "fix the tests",
        "delete the tests",
        "write unit tests for the parser",
        "import the customers from CSV",
        "modernise src/app.py",
        "modernise to Python 3.12",
        "add a syntax for comments",
        "remove types",
        "현대화",
    ],
)
def test_a_request_that_recipes_can_not_do(text: str) -> None:
    assert recipes_named_in(text) == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("modernise and rewrite the parser", "modernise"),
        ("moderise", "modernise"),
        ("fix the tests", "tests"),
        ("update the dependencies", "dependencies"),
        ("typs", "types"),
        ("make me a sandwich", ""),
        ("", ""),
    ],
)
def test_the_nearest_recipe(text: str, name: str) -> None:
    assert nearest_recipe(text) == name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("add docstrings", "writing prose"),
        ("fix bug 12", "finding and mending a fault"),
        ("modernise and rewrite the parser", "The nearest recipe is `modernise`"),
        ("make it faster", "making code faster"),
        ("hello", "more than the recipes do"),
    ],
)
def test_why_no_recipe_can_do_it(text: str, said: str) -> None:
    assert said in why_not(text)
    assert "needs a model" in why_not(text)
