"""RECIPE_FUNCTIONS: the recipes by name; what each is for is in core/recipes.py."""

from __future__ import annotations

from collections.abc import Callable

from tdev.engines.engine import Job, Work
from tdev.engines.recipes import blueprint, dependencies, imports, modernise, tests, types

RECIPE_FUNCTIONS: dict[str, Callable[[Job], Work]] = {
    "blueprint": blueprint.perform,
    "modernise": modernise.perform,
    "imports": imports.perform,
    "types": types.perform,
    "tests": tests.perform,
    "dependencies": dependencies.perform,
}
