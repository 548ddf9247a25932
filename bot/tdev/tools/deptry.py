"""deptry: dependencies that nothing imports.

Comes in: a tree, its Python files and the folders with dependency files. Goes out: by folder, how many dependencies
were looked at and which of them nothing imports, and all that is imported. A script of ours (deptry_reader.py) asks
deptry, in the sandbox. Settings of the tree have no say here; the caller heeds those of the base.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tdev.adapters.private_folder import private_folder
from tdev.settings import Settings
from tdev.tools import deptry_reader
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.toolbox import Toolbox
from tdev.tools.walled import run_walled

NAME = "deptry"


class Unimported(BaseModel):
    """A dependency that nothing imports by a name that is known of it."""

    name: str
    """As the file spells it."""
    file: str
    """The file that asks for it, relative to its folder."""


class Asked(BaseModel):
    """What the dependency files of one folder ask for."""

    folder: str
    """POSIX, relative to the tree."""
    examined: int = 0
    """Dependencies that were looked at."""
    unused: tuple[Unimported, ...] = ()
    """Those that nothing imports."""
    refused: str = ""
    """Why the files could not be read."""


class _Answer(BaseModel):
    files: int
    modules: frozenset[str]
    folders: tuple[Asked, ...]


class Imports(BaseModel):
    """What deptry saw in a tree."""

    version: str
    """deptry's."""
    reason: str = ""
    """Why it is no evidence; empty when it is."""
    modules: frozenset[str] = frozenset()
    """Top-level modules that any Python file imports."""
    folders: tuple[Asked, ...] = ()
    """One for each folder that was asked about."""


def imports(
    settings: Settings,
    tree: Path,
    files: Collection[str],
    folders: Collection[str],
    names: Mapping[str, Collection[str]],
    timeout: float,
) -> Imports:
    """What the tree's files import and its folders ask for; `timeout` is in seconds.

    Paths are POSIX and relative to the tree, `names` are modules by normalised package. There is a reason when deptry
    crashed, was stopped, left a folder out, or could read none of the files.
    """
    toolbox = Toolbox(settings)
    version, root = toolbox.version(NAME), tree.resolve()
    asked = {
        "files": sorted(files),
        "folders": sorted(folders),
        "names": {package: sorted(modules) for package, modules in names.items()},
    }
    with private_folder("deptry") as private:
        (private / "asked.json").write_text(json.dumps(asked), "utf-8")
        words, script = (root, private / "asked.json"), Path(deptry_reader.__file__)
        done = run_walled(
            toolbox, NAME, *words, folder=root, timeout=timeout, script=script, readable=(private,)
        )  # fmt: skip
    if not done.ok:
        reason = unreadable(NAME, done, timeout) if done.timed_out or done.truncated else failed(NAME, done)
        return Imports(version=version, reason=reason)
    try:
        answer = _Answer.model_validate_json(done.stdout)
    except ValidationError:
        return Imports(version=version, reason=unreadable(NAME, done, timeout))
    if files and answer.files <= 0:
        return Imports(version=version, reason="deptry could read no Python file")
    if {each.folder for each in answer.folders} != set(folders):
        return Imports(version=version, reason="deptry does not speak of every folder with dependency files")
    return Imports(version=version, modules=answer.modules, folders=answer.folders)
