"""The section `guard:` of the policy: what becomes of a change that a rule of the patch guard objects to.

One field per rule of core/patch_guard/table.py, by the same name; a test compares the two and their defaults.
"""

from __future__ import annotations

from pydantic import Field

from tdev.core.artifacts.model import Model
from tdev.core.patch_guard.rule import Treatment
from tdev.core.patch_guard.table import RULES

_BLOCK, _REVIEW = Treatment.BLOCK, Treatment.REVIEW


class Guard(Model):
    """What the patch guard does about a change: `block`, `review` (a draft, and a review is asked for), `allow`."""

    scope: Treatment = _BLOCK
    """Paths outside the write scope."""
    workflows: Treatment = _BLOCK
    """Workflows and other settings of continuous integration."""
    owners: Treatment = _BLOCK
    """CODEOWNERS, and settings of the repository's bots."""
    agents: Treatment = _BLOCK
    """Instructions, tools and servers of coding agents."""
    hooks: Treatment = _BLOCK
    """Hooks, editors' tasks, and other files that programs obey by themselves."""
    git_files: Treatment = _BLOCK
    """What git itself obeys: .gitmodules and the like, attributes that name a program or hide a file."""
    dot_folders: Treatment = _BLOCK
    """Folders at the top whose name begins with a dot."""
    symlinks: Treatment = _BLOCK
    """Symbolic links that are new or lead elsewhere."""
    submodules: Treatment = _BLOCK
    """Submodules."""
    secrets: Treatment = _BLOCK
    """Credentials in lines, names, commit messages and the branch's name."""
    hidden: Treatment = _BLOCK
    """Characters that can't be seen or turn the order of reading."""
    homoglyphs: Treatment = _BLOCK
    """Words that mix letters which look alike."""
    names: Treatment = _BLOCK
    """File names that are not one and the same file everywhere."""
    binaries: Treatment = _BLOCK
    """Binary files, and text that is no UTF-8."""
    generated: Treatment = _BLOCK
    """Files that a program made, very long lines, encoded blocks."""
    size: Treatment = _BLOCK
    """More or larger files than the limits."""
    tests: Treatment = _BLOCK
    """Tests that are gone, skipped or weaker, and settings that leave tests out."""
    licences: Treatment = _BLOCK
    """Licences and notices that are altered or gone."""
    dependencies: Treatment = _REVIEW
    """Manifests and lock files, where the goal is not about dependencies."""
    entry_points: Treatment = _REVIEW
    """Files that run at an installation, a build or a test."""
    executables: Treatment = _REVIEW
    """New executable files."""
    modes: Treatment = _REVIEW
    """Changed file modes."""
    suppressions: Treatment = _REVIEW
    """Comments that tell a checker to look away."""
    file_bytes: int = Field(default=1_000_000, ge=1)
    """Largest file that a change may add or let grow."""

    def treatments(self) -> dict[str, Treatment]:
        """What becomes of a hit, by name of the rule."""
        return {rule.name: getattr(self, rule.name) for rule in RULES}
