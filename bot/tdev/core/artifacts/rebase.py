"""rebase.json: the branch moved while the run worked, and the commits were put on top of where it is now.

stages/rebase.py writes it, in the job that judges, or locally before a branch is made. Without it the patch stands on
the commit the run started from. `conflict` is the end of a run: nothing is judged or published then, and no model is
asked again.
"""

from __future__ import annotations

from pydantic import Field

from tdev.core.artifacts.model import Model

_SHA = r"^[0-9a-f]{40,64}$"


class Rebase(Model):
    """From which commit to which the patch was moved, and how that went."""

    from_sha: str = Field(pattern=_SHA)
    """Commit the run started from."""
    to_sha: str = Field(pattern=_SHA)
    """Commit the branch was at then."""
    old_head_sha: str = Field(pattern=_SHA)
    """Last commit of the patch before."""
    dropped: int = Field(default=0, ge=0)
    """Commits that the branch holds already, and which were left out."""
    conflict: str = ""
    """Why it could not be done, as a part of a sentence; empty when it was."""
    files: tuple[str, ...] = ()
    """POSIX paths that both sides changed, where they conflict."""
