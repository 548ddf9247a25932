"""A waiver: one check, or the findings of one rule, let through for a time, by one person with a second one's consent.

Comes in: an entry of `waivers` in the policy, or of .github/tdev-waivers.yml. What waives findings (`TOOL:RULE`) must
say who answers for it, who else approved it, and until when it holds; what a machine or a young repository lacks
(`no-tests` and the like) may stay short. Whether one still holds on a day is asked by gates/waivers.py.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field, model_validator

from tdev.core.artifacts.model import Model
from tdev.core.globs import matches
from tdev.policy.glob_syntax import Glob


class Waiver(Model):
    """A check that is let through although it would not pass, and why."""

    check: str
    """Name of the check: `no-tests`, `base-tests`, `dependencies-unreachable`, or `TOOL:RULE` for a rule's findings."""
    reason: str = Field(min_length=10)
    """Shown in the verdict and in the pull request."""
    owner: str = ""
    """Login of who answers for it; needed for `TOOL:RULE`."""
    approved_by: str = ""
    """Login of a second person who agreed; needed for `TOOL:RULE`, and never the owner."""
    expires: date | None = None
    """Last day on which it holds, at most a year ahead; needed for `TOOL:RULE`."""
    paths: tuple[Glob, ...] = ()
    """Only findings in files that match one of these globs; empty = in all."""

    @model_validator(mode="after")
    def _answered_for(self) -> Waiver:
        """Findings are only waived by two people and for a time."""
        if ":" in self.check:
            lacking = [name for name in ("owner", "approved_by", "expires") if not getattr(self, name)]
            if lacking:
                raise ValueError(f"waives findings, so it must say {', '.join(lacking)} as well")
        if self.approved_by and _login(self.owner) == _login(self.approved_by):
            raise ValueError("must be approved by another person than its owner")
        return self

    def covers(self, check: str, path: str = "") -> bool:
        """Whether it is about this check, and about findings in this file."""
        return self.check == check and (not self.paths or matches(path, self.paths))


def _login(name: str) -> str:
    """A login as GitHub compares it."""
    return name.strip().removeprefix("@").casefold()
