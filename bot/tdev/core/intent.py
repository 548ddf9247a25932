"""What an event asks the bot to do: the one thing that a trigger makes and a flow takes.

A trigger reads a webhook payload and returns a Request (a person wants something) or a RunReport (a workflow run went
on), or None. All text comes from the payload and is cleaned here once, since what stood in it is what the person
signed for; an issue that is edited later changes nothing. Intents are stored as JSON in the inbox before GitHub gets
its answer, so they are small and hold no client, clock or token.
`key` is the same for the same act of the same person, however often and under whichever delivery id it arrives.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import Field

from tdev.core.artifacts.model import Model
from tdev.core.command import Name

MOST_TEXT = 60_000
"""UTF-8 bytes of a request that fit into the inputs of a workflow dispatch (65,535 characters for all of them)."""

FullName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,99}/[A-Za-z0-9._-]{1,100}$")]
"""`owner/name` of a repository."""
Id = Annotated[int, Field(ge=1, lt=2**63)]
"""A number that GitHub gave to something; fits SQLite's integers."""
Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?$")]
"""Login of an account."""


class Place(Model):
    """The repository an event is about, as its payload names it."""

    installation_id: Id
    """Installation of our App that sees the repository."""
    repository: FullName
    """`owner/name`."""
    repository_id: Id
    """Stays when the repository is renamed."""
    default_branch: str = Field(min_length=1, max_length=255)
    """The branch whose workflow file is run."""


class Request(Model):
    """A person asked for something, by label or by comment."""

    type: Literal["request"] = "request"
    """Tells the two kinds of intent apart."""
    key: str
    """The same for the same act; see `act`."""
    place: Place
    """Where."""
    number: Id
    """Issue or pull request."""
    is_pull_request: bool = False
    """The number is a pull request's."""
    name: Name
    """What is asked for."""
    text: str = ""
    """Goal, requirement or answers: cleaned, still untrusted."""
    issue_text: str = ""
    """Title and body of the issue, likewise; what `retry` and `plan` may need."""
    removed: str = ""
    """What was taken out of text and issue because people can't see it, as a sentence; empty = nothing."""
    labelled_build: bool = False
    """The issue carries `tdev:build`, so a plan or a retry means a build."""
    actor: Login
    """Who asked."""
    comment_id: int = Field(default=0, ge=0, lt=2**63)
    """The comment that asked; 0 for a label."""
    unknown: str = ""
    """A word that is no command."""
    nearest: Name | None = None
    """The command it is most like."""


class RunReport(Model):
    """A workflow run was requested, went on, or ended."""

    type: Literal["run"] = "run"
    """Tells the two kinds of intent apart."""
    key: str
    """The same for the same report."""
    place: Place
    """Where."""
    workflow_run_id: Id
    """GitHub's id of the run."""
    status: str = Field(pattern=r"^[a-z_]{1,40}$")
    """`queued`, `in_progress`, `completed`, …"""


Intent = Annotated[Request | RunReport, Field(discriminator="type")]
"""What a trigger returns."""


def act(*parts: object) -> str:
    """The key of an act: 32 hex digits that are the same for the same parts."""
    return hashlib.sha256("\n".join(str(part) for part in parts).encode("utf-8", "replace")).hexdigest()[:32]
