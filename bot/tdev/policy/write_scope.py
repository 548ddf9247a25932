"""Which changed files a policy does not let through, and why.

A path is let through when it matches a `write` glob and no `protect` glob. Protected globs hold whatever the case of
the letters, because file systems differ in that. Below a build's own folder protected files may be added, never
modified, moved or deleted. A few paths are outside whatever the policy says: ALWAYS_PROTECTED, git's own folder, and
every path that can't be shown or kept inside the repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdev.core.artifacts.patch import ChangedFile
from tdev.core.globs import fits
from tdev.policy.model import Scope
from tdev.policy.path_spelling import folded, why_unfit

ALWAYS_PROTECTED = (".github/tdev.yml", ".github/tdev.yaml", ".github/tdev-waivers.yml")
"""The policy itself: no change may widen what the next one may do."""


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
    reason = why_unfit(path)
    if reason:
        return reason
    if folded(path) in ALWAYS_PROTECTED:
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
    spelled = folded(path)
    return next((glob for glob in scope.protect if any(fits(spelled, each) for each in _with_folder(folded(glob)))), "")


def _with_folder(glob: str) -> tuple[str, ...]:
    """The glob, and for `folder/**` the folder's own name: a file or a link there would take the folder's place."""
    folder = glob.removesuffix("/**").rstrip("/")
    return (glob, folder) if folder and folder != glob and not {"*", "?"} & set(folder) else (glob,)


def _below(path: str, root: str) -> bool:
    folder = root.rstrip("/")
    return folder == "." or (bool(folder) and path.startswith(f"{folder}/"))
