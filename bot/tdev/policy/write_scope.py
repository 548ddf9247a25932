"""Which changed files a policy does not let through, and why.

A path is let through when it matches a `write` glob and no `protect` glob. Protected globs hold whatever the case of
the letters, because file systems differ in that. Below a build's own folder protected files may be added, never
modified, moved or deleted. A few paths are outside whatever the policy says: ALWAYS_PROTECTED, git's own folder, and
every path that can't be shown or kept inside the repository.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from tdev.core.artifacts.patch import ChangedFile
from tdev.core.globs import fits
from tdev.policy.model import Scope

ALWAYS_PROTECTED = (".github/tdev.yml", ".github/tdev.yaml")
"""The policy itself: no change may widen what the next one may do."""
LONGEST_PATH = 4096
LONGEST_NAME = 255


def outside_scope(files: Iterable[ChangedFile], scope: Scope, allowed_root: str = "") -> tuple[tuple[str, str], ...]:
    """(path, reason) for each changed path that is outside the scope, in the order given; empty = all are inside.

    A renamed file counts as its old path deleted and its new path added. `allowed_root` is the folder a build makes,
    POSIX, `.` for the whole repository; empty for everything that is no build.
    """
    return tuple(
        (path, reason)
        for file in files
        for path, added in _touched(file)
        if (reason := why_outside(path, scope, allowed_root=allowed_root if added else ""))
    )


def why_outside(path: str, scope: Scope, *, allowed_root: str = "") -> str:
    """Why a path may not be written to, as a part of a sentence; empty when it may.

    With `allowed_root` protected globs do not hold below it: give it only for files that are added by a build.
    """
    reason = _unfit(path)
    if reason:
        return reason
    if _folded(path) in ALWAYS_PROTECTED:
        return "the policy itself is never changed by a run"
    protecting = _protecting(path, scope)
    if protecting and not _below(path, allowed_root):
        return f"it is protected by scope.protect: {protecting}"
    if not any(fits(path, glob) for glob in scope.write):
        return f"it matches nothing in scope.write: {', '.join(scope.write) or 'which is empty'}"
    return ""


def _touched(file: ChangedFile) -> Iterator[tuple[str, bool]]:
    """Every path a changed file stands for, and whether it is new there."""
    if file.status == "R":
        yield file.old_path, False
    yield file.path, file.status in "ARC"


def _protecting(path: str, scope: Scope) -> str:
    """The protecting glob that covers the path, or covers all that would be below it; empty when none does."""
    folded = _folded(path)
    return next((glob for glob in scope.protect if any(fits(folded, each) for each in _with_folder(_folded(glob)))), "")


def _with_folder(glob: str) -> tuple[str, ...]:
    """The glob, and for `folder/**` the folder's own name: a file or a link there would take the folder's place."""
    folder = glob.removesuffix("/**").rstrip("/")
    return (glob, folder) if folder and folder != glob and not {"*", "?"} & set(folder) else (glob,)


def _below(path: str, root: str) -> bool:
    folder = root.rstrip("/")
    return folder == "." or (bool(folder) and path.startswith(f"{folder}/"))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _unfit(path: str) -> str:
    """Why a path is outside whatever the policy says; empty when it isn't."""
    parts = path.split("/")
    if not path:
        return "it has no name"
    if path.startswith(("/", "~")) or path[1:2] == ":" or "\\" in path:
        return "it is not a plain path inside the repository"
    if any(part in ("", ".", "..") for part in parts):
        return "it has empty, . or .. parts"
    if any(unicodedata.category(char).startswith("C") or char == "\ufffd" for char in path):
        return "its name holds characters that can't be shown"
    if any(_is_git(part) for part in parts):
        return "it belongs to git itself"
    if len(path.encode()) > LONGEST_PATH or any(len(part.encode()) > LONGEST_NAME for part in parts):
        return "its name is too long"
    return ""


def _is_git(part: str) -> bool:
    """True for `.git` however a file system may spell it."""
    name = _folded(part).rstrip(". ")
    return name == ".git" or name.startswith(("git~", ".git:"))
