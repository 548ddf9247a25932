"""RECIPE_FUNCTIONS: the recipes by name; what each is for is in core/recipes.py.

The engine looks recipes up here. `blueprint` is a recipe as well, but not one that can be asked
for: the plan of a build has it as its first task. A recipe that is missing in core/recipes.py would
never be planned, and one that is missing here would be refused.
"""

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
