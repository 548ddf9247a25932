"""The engine without a model: each task names a recipe, and the recipe is a program run on the task's files.

Comes in: a Job whose task names a recipe. Goes out: the recipe's Work. It costs nothing and needs
no account, and the code stage also uses it for single tasks of a run whose engine is a model. A
task without a recipe is refused with the list of what there is; nothing is guessed from a task's
words here.
"""

from __future__ import annotations

from tdev.engines.engine import Job, Work
from tdev.engines.recipes.table import RECIPE_FUNCTIONS
from tdev.errors import Refused
from tdev.settings import Settings
from tdev.tools.toolbox import Toolbox

TOOLS = ("ruff", "autotyping", "pip-audit")
"""Programs the recipes are made of."""


class RecipesEngine:
    """Deterministic transformations; the same files give the same change."""

    @property
    def name(self) -> str:
        """As in policy."""
        return "recipes"

    def version(self, settings: Settings) -> str:
        """The pinned programs, e.g. `ruff 0.17.5, autotyping 24.9.0`."""
        toolbox = Toolbox(settings)
        return ", ".join(f"{name} {toolbox.version(name)}" for name in TOOLS)

    def perform(self, job: Job) -> Work:
        """Run the task's recipe; raises Refused for a task that has none or an unknown one, TransientError else."""
        function = RECIPE_FUNCTIONS.get(job.task.recipe)
        if function is None:
            why = f"there is no recipe {job.task.recipe}" if job.task.recipe else "it needs a model"
            raise Refused(
                f"The task “{job.task.title}” can't be done by recipes: {why}.",
                next_step="Set ANTHROPIC_API_KEY and use --engine claude, or ask for one of the recipes: "
                f"{', '.join(sorted(set(RECIPE_FUNCTIONS) - {'blueprint'}))}.",
            )
        job.progress(f"{job.task.recipe}, attempt {job.attempt}")
        return function(job)
