"""copier: render a blueprint into a folder.

Called by the recipe `blueprint` alone. The format of templates is copier's own and documented
there; ours are in blueprints/. The source must be an absolute path or an address.

Updating a rendered service later is not done here: it would need copier's answers file in the
repository, and conflicts would have to be solved by a person.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tdev.adapters.private_folder import private_folder
from tdev.errors import ConfigurationError, Refused, TransientError
from tdev.settings import Settings
from tdev.tools.toolbox import Toolbox

_SCRATCH = ".tdev-render"


def render(
    settings: Settings, blueprint: str, destination: Path, answers: Mapping[str, object], timeout: float
) -> None:
    """Render blueprints/NAME into `destination`; what is there under other names stays.

    The template may run nothing (no tasks, no extensions): copier refuses those without --trust, which is never given.
    Raises ConfigurationError when there is no such blueprint, TransientError when copier fails or takes too long.
    """
    source = (settings.blueprints / blueprint).absolute()
    if not (source / "copier.yml").is_file():
        raise ConfigurationError(f"There is no blueprint {source}.", next_step="Set TDEV_BLUEPRINTS, or install again.")
    with private_folder("copier") as scratch:
        data = scratch / "answers.json"
        data.write_text(json.dumps(answers), "utf-8")
        words = ("copy", "--quiet", "--defaults", "--overwrite", "--data-file", data, source, destination)
        done = Toolbox(settings).run("copier", *words, cwd=scratch, timeout=timeout)
    if not done.ok:
        what = f"did not end within {timeout:g} s" if done.timed_out else f"failed: {done.tail(4)}"
        raise TransientError(f"Rendering the blueprint {blueprint} {what}.", next_step="Run the stage again.")


def rendered_files(destination: Path) -> int:
    """How many files stand below a folder; raises Refused when it is a link that leads elsewhere."""
    if destination.is_symlink():
        raise Refused(f"{destination} is a symbolic link.", next_step="Remove it, or build in another repository.")
    return sum(1 for file in destination.rglob("*") if file.is_file()) if destination.is_dir() else 0
