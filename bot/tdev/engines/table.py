"""ENGINES: the engines by name, and which one a run takes.

Called when a run starts (to choose) and by the code stage (to make one). Engines are imported only
when they are made, so a machine without the model's package can still use the recipes.

With `auto` a credential decides, and the reason is kept in goal.json: nobody should have to guess
why money was or was not spent.
"""

from __future__ import annotations

from collections.abc import Callable

from tdev.engines.engine import Engine
from tdev.errors import ConfigurationError
from tdev.policy.model import EngineChoice
from tdev.settings import PROVIDER_CREDENTIALS, Settings


def _claude() -> Engine:
    from tdev.engines.claude.engine import ClaudeEngine

    return ClaudeEngine()


def _recipes() -> Engine:
    from tdev.engines.recipes.engine import RecipesEngine

    return RecipesEngine()


ENGINES: dict[str, Callable[[], Engine]] = {"claude": _claude, "recipes": _recipes}


def choose(choice: EngineChoice, settings: Settings) -> tuple[str, str]:
    """Name of the engine to take, and why; raises ConfigurationError for `claude` without a credential."""
    present = settings.credential
    if choice is EngineChoice.RECIPES:
        return "recipes", "asked for"
    if choice is EngineChoice.CLAUDE:
        if not present:
            names = ", ".join(PROVIDER_CREDENTIALS[settings.model_provider])
            raise ConfigurationError(
                "The engine claude needs a credential and none is set.",
                next_step=f"Set one of {names}, or use --engine recipes.",
            )
        return "claude", "asked for"
    if present:
        return "claude", f"{present} is set"
    return "recipes", "no model credential is set; recipes need none"
