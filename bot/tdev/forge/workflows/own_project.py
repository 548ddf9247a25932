"""T-Developer's own repository as a runner of the forge sees it: the files that this program came with.

Comes in: the name of a repository, and a path. Goes out: whether it is ours, and the text of a file, such as a workflow
or an action's. On GitHub these are fetched at a tag; here they are read from the checkout, or from the package's data.
"""

from __future__ import annotations

from pathlib import Path

from tdev.settings import data_folder

_NAME = "tdev"


def is_own(repository: str) -> bool:
    """Whether `owner/name` is T-Developer's repository, of whichever owner."""
    return repository.rpartition("/")[2].lower() == _NAME


def folder() -> Path:
    """Where our files are."""
    return data_folder()


def text(path: str) -> str | None:
    """A file of ours, by its path below the root; None where there is none."""
    file = (folder() / path).resolve()
    return file.read_text("utf-8") if file.is_relative_to(folder().resolve()) and file.is_file() else None
