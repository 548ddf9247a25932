"""publication.json: where the result can be seen.

stages/publish.py (locally) or stages/publish_github.py writes it last of all that changes anything. Publishing the
same result twice finds the branch and says so in `found` instead of making a second one. Either `branch` or `reason`
is given, never neither.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from tdev.core.artifacts.model import Model


class Publication(Model):
    """The branch that was made, or the reason why none was."""

    branch: str = ""
    """`tdev/auto/<slug>`; empty when nothing was published."""
    head_sha: str = ""
    """Commit the branch points to."""
    found: bool = False
    """The branch was there already with the same content; nothing was made anew."""
    title: str = ""
    """Title of the pull request."""
    body_file: str = ""
    """Pull-request body, Markdown, relative to the run directory."""
    reason: str = ""
    """Why nothing was published, when nothing was."""
    pull_request: int = Field(default=0, ge=0)
    """Number of the pull request on GitHub; 0 when there is none."""
    pull_request_url: str = ""
    """Its page."""
    rebased_from: str = ""
    """Commit the run started from, where its commits were put on top of a branch that had moved."""
    draft: bool = False
    """It was opened as a draft, since the policy asks for a review."""
    reviewer: str = ""
    """Login that was asked to review it."""
    checks: Mapping[str, str] = Field(default_factory=dict)
    """Name of each check run on `head_sha` -> its conclusion, in GitHub's words."""
