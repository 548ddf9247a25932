"""How a case of the demo went, for people and for `--json`.

Comes in: what the forge's pages said and the run directory that came back from the workflow. Goes
out: CaseResult, whose `ok` is the only place that decides whether a case passed: a good change must
have green checks and be mergeable, a bad one must have been refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import Field

from tdev.core.artifacts.model import Model
from tdev.stages.outcome import RunResult
from tdev.tools.service_probe import Answer

_PASSES = ("success", "neutral", "skipped")
_RED = ("tdev/security", "tdev/tests")
"""The checks that a planted secret and deleted tests must turn red."""
_MERGEABLE = ("clean", "has_hooks", "unstable")
"""Of GitHub's states; `unstable` is a check that is not required and has not ended."""


class PullRequest(Model):
    """A pull request, as its page shows it."""

    number: int = 0
    """Its number; 0 = there is none."""
    url: str = ""
    """Its page."""
    branch: str = ""
    """The branch it comes from."""
    head_sha: str = ""
    """The commit that was judged."""
    mergeable: bool = False
    """It could be merged once it had been judged: no conflict, and nothing required is missing."""
    merged: bool = False
    """It was merged afterwards."""
    checks: Mapping[str, str] = Field(default_factory=dict)
    """Conclusion by check."""
    seconds: float = 0.0
    """From the label or the comment to here."""

    @classmethod
    def of(cls, document: Mapping[str, Any], checks: Mapping[str, str], seconds: float = 0.0) -> PullRequest:
        """From GitHub's document, once it says whether it can be merged."""
        return cls(
            number=document["number"],
            url=document["html_url"],
            branch=document["head"]["ref"],
            head_sha=document["head"]["sha"],
            mergeable=bool(document["mergeable"]) and document["mergeable_state"] in _MERGEABLE,
            merged=bool(document["merged"]),
            checks=dict(checks),
            seconds=round(seconds, 2),
        )

    @property
    def green(self) -> bool:
        """There are checks, and all of them passed."""
        return bool(self.checks) and all(end in _PASSES for end in self.checks.values())


class Wanted(Enum):
    """What a case must come to."""

    ANSWERS = "a pull request that can be merged, whose service answers as its contract says"
    MERGE = "a pull request that is merged"
    REFUSAL = "a pull request whose checks for security and tests are red and that can't be merged"


@dataclass(frozen=True)
class CaseResult:
    """How one case went."""

    name: str
    """Case."""
    repository: Path
    """The work tree that was pushed."""
    wanted: Wanted
    """What it must come to."""
    result: RunResult
    """The run."""
    pull: PullRequest
    """What it made."""
    requests: tuple[Answer, ...] = ()
    """What the running service answered."""
    notes: tuple[str, ...] = ()
    """What a reader should know, e.g. waived checks."""
    links: tuple[str, ...] = ()
    """Pages to look at."""
    refused: bool = False
    """GitHub refused to merge it when somebody tried."""

    @property
    def ok(self) -> bool:
        """It came to what was wanted; nothing asked, or nothing checked, is never enough."""
        if self.wanted is Wanted.REFUSAL:
            red = {name for name, end in self.pull.checks.items() if end == "failure"}
            return red >= set(_RED) and self.refused and not self.pull.mergeable and not self.pull.merged
        good = bool(self.pull.branch) and self.pull.green and self.pull.mergeable
        if self.wanted is Wanted.MERGE:
            return good and self.pull.merged
        return good and bool(self.requests) and all(answer.ok for answer in self.requests)

    def row(self) -> dict[str, Any]:
        """For machines."""
        result, pull = self.result, self.pull
        return {
            "name": self.name,
            "run_id": result.run_id,
            "branch": pull.branch,
            "verdict": result.verdict,
            "ok": self.ok,
            "seconds": dict(result.seconds),
            "metrics": {name: metrics.model_dump() for name, metrics in result.metrics.items()},
            "score": result.score,
            "cost_usd": result.cost_usd,
            "gates": dict(result.gates),
            "requests": [list(request) for request in self.requests],
            "repository": str(self.repository),
            "run_dir": result.run_dir,
            "pull_request": {
                "url": pull.url,
                "branch": pull.branch,
                "head_sha": pull.head_sha,
                "mergeable": pull.mergeable,
                "merged": pull.merged,
                "seconds": pull.seconds,
            },
            "checks": dict(pull.checks),
        }
