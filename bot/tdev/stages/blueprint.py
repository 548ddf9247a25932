"""blueprint: which template the specification is rendered with, and where in the repository.

Comes in: the specification and the names of the base commit's files. Goes out: spec/blueprint.json,
which the recipe of the same name renders during the code stage; nothing is rendered here. How a
template is made is described in docs/blueprints.md.

Places that are compared are compared without regard to case, since a repository may be checked out
on a disk that knows none.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tdev.adapters.git import Git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.spec import BlueprintChoice, Spec
from tdev.core.crud_answers import answers_for
from tdev.errors import Refused


class Blueprint(NamedTuple):
    """One template."""

    name: str
    """Folder under blueprints/."""
    version: str
    """Raised when the template changes what it makes."""
    purpose: str
    """What it is for, for people."""


BLUEPRINTS: tuple[Blueprint, ...] = (
    Blueprint("crud-api", "2", "an HTTP service that keeps records: FastAPI, SQLAlchemy, SQLite by default"),
)

_SETTINGS = ".github/"
_WORKFLOWS = ".github/workflows/"
_READMES = ("README.md", "README.rst", "README.txt", "README")
_HARMLESS = frozenset(
    {*_READMES, "LICENSE", "LICENSE.md", "LICENSE.txt", ".gitignore", ".gitattributes", ".editorconfig"}
)


def blueprint(run: RunDir) -> RunDir:
    """Write spec/blueprint.json: the template, its destination and its answers.

    The destination is the repository's root when that holds nothing but a README, a licence and settings of git or
    GitHub, else services/<slug>. A workflow comes with it only to the root of a repository that has none. Raises
    Refused when that folder exists already.
    """
    made = run.read(Spec)
    chosen = BLUEPRINTS[0]
    repository = run.goal.repository
    files = Git(Path(repository.path), run.settings.child_environment).files(repository.base_sha)
    destination, reason = _destination(files, made.slug)
    taken = destination == "." and any(name in files for name in _READMES)
    own_workflow = destination == "." and not any(name.startswith(_WORKFLOWS) for name in files)
    answers = answers_for(made, readme="docs/service.md" if taken else "README.md", workflow=own_workflow)
    run.write(
        BlueprintChoice(
            name=chosen.name,
            version=chosen.version,
            destination=destination,
            reason=f"{chosen.purpose}; {reason}",
            answers=answers,
        )
    )
    run.emit(
        "tdev.blueprint.chosen", f"{chosen.name} into {destination}", blueprint=chosen.name, destination=destination
    )
    return run


def fits(files: tuple[str, ...], folder: str) -> bool:
    """True when a build may make its service there: nothing is in the folder, at the root nothing but settings."""
    if folder == ".":
        return all(name in _HARMLESS or name.startswith(_SETTINGS) for name in files)
    start = f"{folder.casefold().rstrip('/')}/"
    return bool(folder) and not any(f"{name.casefold()}/".startswith(start) for name in files)


def _destination(files: tuple[str, ...], slug: str) -> tuple[str, str]:
    """Where the service goes, and why there."""
    if fits(files, "."):
        return ".", "the repository has no code yet"
    folder = f"services/{slug}"
    folded = folder.casefold()
    if any(name.casefold() == folded or name.casefold().startswith(f"{folded}/") for name in files):
        raise Refused(
            f"The repository has a folder {folder} already.",
            next_step="Give the service another title in the requirement, or `tdev evolve` what is there.",
        )
    if any(name.casefold() == "services" for name in files):
        raise Refused("The repository has a file called services.", next_step="Rename it, then build again.")
    return folder, "the repository has code of its own"
