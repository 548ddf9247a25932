"""Comments that the model wants left on its issue or pull request: a file of the run directory, one JSON value a line.

The MCP server `github` adds lines, in the job that has no right to post; the publish stage reads them, in another
job, as data from a stranger: the caps are checked again, and what is posted is made anew and acts on nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pydantic import Field, ValidationError

from tdev.core.artifacts.model import Model
from tdev.core.outbound_markdown import rewritten

OUTBOX_FILE = "outbox.jsonl"
"""Its name in the run directory."""
MOST_COMMENTS = 5
"""Comments of one run."""
LONGEST_COMMENT = 4000
"""Characters of one comment."""
MOST_BYTES = MOST_COMMENTS * (8 * LONGEST_COMMENT + 64)
"""No honest file is larger: a character takes at most so many bytes as JSON."""


class QueuedComment(Model):
    """One comment that waits to be posted."""

    text: str = Field(min_length=1, max_length=LONGEST_COMMENT)
    """What the model wants to say: untrusted."""


def line_of(text: str) -> bytes:
    """The line to add for a comment; raises ValueError when it is empty or too long."""
    return QueuedComment(text=text.strip()).model_dump_json().encode() + b"\n"


def queued(data: bytes, origins: Collection[str] = ()) -> tuple[str, ...]:
    """The comments in an outbox, ready to be posted, at most MOST_COMMENTS; what is no comment is left out.

    Links stay where they lead to one of the origins, like `https://github.com`.
    """
    postings = _postings(data[:MOST_BYTES], origins)
    return tuple(posting for _, posting in zip(range(MOST_COMMENTS), postings, strict=False))


def _postings(data: bytes, origins: Collection[str]) -> Iterator[str]:
    for line in data.splitlines():
        try:
            comment = QueuedComment.model_validate_json(line)
        except ValidationError:
            continue
        said = rewritten(comment.text, 4 * LONGEST_COMMENT, origins)
        lines = (f"> {line}".rstrip() for line in said.split("\n"))
        yield "\n".join(("The model that works on this says:", "", *lines))
