"""The recipe `blueprint`: renders the chosen template into the checkout and puts the specification beside it.

First task of every `build`, also when the engine is claude. The template is chosen by the blueprint
stage; copier renders it (tools/copier.py). docs/blueprints.md tells how templates are made.

Ignore files that were there are merged, all else of the template replaces files of the same name:
rendering twice must give the same tree. ruff tidies the result here, because templates can't know
how long a name makes a line.
"""

from __future__ import annotations

from pathlib import Path

from tdev.adapters.files import explained
from tdev.core.artifacts import FILE_OF
from tdev.core.artifacts.spec import BlueprintChoice
from tdev.engines.engine import Job, Work
from tdev.errors import ConfigurationError, Refused, TransientError
from tdev.tools import copier
from tdev.tools.toolbox import Toolbox

_DOCUMENTS = ("SRS.md", "openapi.yaml")
_MERGED = (".gitignore", ".dockerignore")


def perform(job: Job) -> Work:
    """Render the blueprint of the run's spec/blueprint.json; the same run gives the same files, however often.

    Nothing outside the destination is written. Raises Refused when the destination leads out of the checkout,
    ConfigurationError when the run holds no specification, TransientError when a program fails.
    """
    choice = _choice(job)
    destination = _inside(job.checkout, choice.destination)
    kept = {name: _lines(destination / name) for name in _MERGED}
    seconds = min(float(job.policy.limits.tool_seconds), max(job.seconds_left, 1.0))
    copier.render(job.settings, choice.name, destination, choice.answers, seconds)
    _tidy(job, destination, seconds)
    with explained(destination):
        for name in _DOCUMENTS:
            target = destination / "docs" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((job.run_folder / "spec" / name).read_bytes())
        for name, lines in kept.items():
            _merge(destination / name, lines)
    count = copier.rendered_files(destination / "src") + copier.rendered_files(destination / "tests")
    if not count:
        raise TransientError(f"The blueprint {choice.name} rendered no files.", next_step="Run the stage again.")
    return Work(
        summary=f"Rendered the blueprint {choice.name} {choice.version} into {choice.destination}: {choice.reason}."
    )


def _choice(job: Job) -> BlueprintChoice:
    """What the blueprint stage chose."""
    file = job.run_folder / FILE_OF[BlueprintChoice]
    if not file.is_file():
        raise ConfigurationError(
            f"The run has no {FILE_OF[BlueprintChoice]}.", next_step="The recipe `blueprint` belongs to `tdev build`."
        )
    return BlueprintChoice.model_validate_json(file.read_bytes())


def _inside(checkout: Path, destination: str) -> Path:
    """The destination folder; raises Refused when a link on the way leads out of the checkout."""
    root = checkout.resolve()
    folder = (root / destination).resolve()
    if not folder.is_relative_to(root) or ".." in Path(destination).parts:
        raise Refused(
            f"The destination {destination} leads out of the repository.",
            next_step="Remove the symbolic link on the way, then build again.",
        )
    return folder


def _tidy(job: Job, destination: Path, seconds: float) -> None:
    """Sort and trim the imports and wrap long lines, as a person would before a commit; raises TransientError."""
    folders = [name for name in ("src", "tests") if (destination / name).is_dir()]
    toolbox = Toolbox(job.settings)
    for words in (("check", "--select", "I,F401", "--fix", "--quiet"), ("format", "--quiet")):
        done = toolbox.run("ruff", *words, "--no-cache", *folders, cwd=destination, timeout=seconds)
        if not done.ok:
            raise TransientError(f"ruff could not format the rendered code: {done.tail(4)}", next_step="Run it again.")


def _lines(file: Path) -> list[str]:
    """The lines of a file that was there before."""
    return file.read_text("utf-8", "replace").splitlines() if file.is_file() and not file.is_symlink() else []


def _merge(file: Path, older: list[str]) -> None:
    """Keep the lines that were there, and add those of the template that are new."""
    if older:
        added = [line for line in file.read_text("utf-8").splitlines() if line not in older]
        file.write_text("\n".join([*older, *added]) + "\n", "utf-8")
