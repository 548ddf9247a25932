"""What a policy and a goal say of a change, as the patch guard takes it."""

from __future__ import annotations

from collections.abc import Iterable

from tdev.core.artifacts.goal import Goal
from tdev.core.artifacts.patch import ChangedFile
from tdev.core.patch_guard import Bounds, Change
from tdev.core.recipes import recipes_named_in
from tdev.core.version_request import only_versions
from tdev.policy.model import Policy
from tdev.policy.write_scope import outside_scope

_DEPENDENCIES = "dependencies"


def patch_bounds(
    policy: Policy, change: Change, goal: Goal, own_folder: str, own_secrets: Iterable[str] = ()
) -> Bounds:
    """The bounds of a change. `own_folder` is the folder a build makes; empty for everything that is no build."""
    return Bounds(
        treatments=policy.guard.treatments(),
        outside=outside_scope(listed(change), policy.scope, own_folder),
        own_folder=own_folder,
        dependencies=about_dependencies(goal),
        patch_files=policy.limits.patch_files,
        patch_bytes=policy.limits.patch_bytes,
        file_bytes=policy.guard.file_bytes,
        own_secrets=tuple(own_secrets),
    )


def about_dependencies(goal: Goal) -> bool:
    """True when the words of the request ask for other versions of dependencies, and for nothing else."""
    return recipes_named_in(goal.text) == (_DEPENDENCIES,) or only_versions(goal.text)


def listed(change: Change) -> tuple[ChangedFile, ...]:
    """The change's files as patch.json lists them."""
    return tuple(
        ChangedFile(
            path=file.path,
            status=file.status,
            added=len(file.added),
            removed=len(file.removed),
            binary=file.after is not None and file.after.binary,
            old_path=file.old_path,
        )
        for file in change.files
    )
