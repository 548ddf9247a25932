"""The variables that a repository's programs see in the sandbox: where programs are, an empty HOME, language, time."""

from __future__ import annotations

from pathlib import Path

from tdev.policy.tool_rules import SEARCH_PATH
from tdev.settings import Settings

INSIDE_HOME = "/tmp/home"  # noqa: S108
"""A folder that is empty and goes with the sandbox."""
_SEEN = ("LANG", "LC_ALL", "TZ")


def inside_environment(settings: Settings, python: Path | None = None) -> dict[str, str]:
    """The whole environment; `python`'s folder comes first on PATH."""
    folders = [str(python.parent)] if python else []
    seen = {name: value for name, value in settings.child_environment.items() if name in _SEEN}
    return {**seen, "PATH": ":".join([*folders, *SEARCH_PATH]), "HOME": INSIDE_HOME, "PYTHONDONTWRITEBYTECODE": "1"}
