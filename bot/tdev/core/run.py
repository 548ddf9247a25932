"""Run ids, goal ids, trace ids, slugs and branch names.

Ids sort by time and stay within letters, digits and dashes, as they become folder and branch names.
The trace id is W3C's, https://www.w3.org/TR/trace-context/#trace-id.
The same request of the same repository has the same goal id and slug, and so the same branch: asking twice
gives one pull request, not two.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import UTC, datetime

BRANCH_PREFIX = "tdev/auto/"
_RUN_ID = re.compile(r"^\d{8}-\d{6}-\d{6}-[a-z0-9]{6}$")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


def new_run_id(now: datetime | None = None) -> str:
    """An id that sorts by time: UTC date, time, microseconds, and six random characters."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    return f"{moment:%Y%m%d-%H%M%S-%f}-{tail}"


def run_id_of_workflow(repository_id: int, workflow_run_id: int) -> str:
    """The id of the run that a workflow run makes by itself, when no bot gave one; the same in each of its jobs."""
    digits = f"{workflow_run_id:020d}"
    number = int.from_bytes(hashlib.sha256(f"{repository_id}\n{workflow_run_id}".encode()).digest()[:8])
    tail = "".join(_ALPHABET[number // len(_ALPHABET) ** place % len(_ALPHABET)] for place in range(6))
    return f"{digits[:8]}-{digits[8:14]}-{digits[14:]}-{tail}"


def is_run_id(text: str) -> bool:
    """True when the text has the form of a run id (and so can't leave the runs folder)."""
    return bool(_RUN_ID.match(text))


def new_trace_id() -> str:
    """A W3C trace id: 32 hex digits, not all zero."""
    return secrets.token_hex(16)


def goal_id(kind: str, text: str, repository: str) -> str:
    """The same id for the same request of the same repository."""
    folded = " ".join(text.split())
    return "g-" + hashlib.sha256(f"{kind}\n{folded}\n{repository}".encode()).hexdigest()[:16]


def slug(text: str, *, limit: int = 48) -> str:
    """The text as lower-case ASCII words joined by `-`; a short hash where nothing readable is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_text.lower())
    made = ""
    for word in words:
        longer = f"{made}-{word}" if made else word[:limit]
        if len(longer) > limit:
            break
        made = longer
    return made or "goal-" + hashlib.sha256(text.encode()).hexdigest()[:8]


def branch_name(goal_slug: str) -> str:
    """The one kind of branch T-Developer ever writes."""
    return BRANCH_PREFIX + goal_slug


def utc_now() -> str:
    """Now, UTC, ISO 8601 with microseconds and `Z`."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
