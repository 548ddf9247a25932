"""verdict.json: pass or fail, as a tree of reasons.

A gate never answers with a bare yes or no: each decision has a reason with figures, and rests on children.
The order of outcomes is the rule of failing closed: an ERROR (no evidence) is worse than a FAIL, and a verdict over
no checks at all is an ERROR. SKIPPED lets a change through, so a check may only say it where there was nothing to see.
Findings block, remarks are only shown.
"""

from __future__ import annotations

from enum import StrEnum

from tdev.core.artifacts.finding import Finding
from tdev.core.artifacts.model import Model


class Outcome(StrEnum):
    """What a gate or one of its checks decided. Only the first four let a change through."""

    PASS = "pass"  # noqa: S105
    WAIVED = "waived"
    """It would not have passed; policy lets it, with a reason that is shown."""
    REVIEW = "review"
    """It may go on once a person has looked at it: its pull request is a draft, and a review is asked for."""
    SKIPPED = "skipped"
    """There was nothing for it to look at, and that is shown."""
    FAIL = "fail"
    """The evidence is against the change."""
    ERROR = "error"
    """There is no evidence: a tool is missing, crashed, timed out or said nothing."""

    @property
    def lets_through(self) -> bool:
        """True when a change may go on."""
        return self in (Outcome.PASS, Outcome.WAIVED, Outcome.REVIEW, Outcome.SKIPPED)


_ORDER = (Outcome.SKIPPED, Outcome.PASS, Outcome.WAIVED, Outcome.REVIEW, Outcome.FAIL, Outcome.ERROR)


class Verdict(Model):
    """One decision with its reasons."""

    name: str
    """Gate or check, e.g. `security`, `secrets`."""
    outcome: Outcome
    """What was decided."""
    reason: str
    """One sentence with the figures that decided it."""
    children: tuple[Verdict, ...] = ()
    """The decisions it rests on."""
    findings: tuple[Finding, ...] = ()
    """The findings that block."""
    remarks: tuple[Finding, ...] = ()
    """Findings that do not block: old ones, notes, those away from changed lines."""

    @property
    def to_review(self) -> tuple[Finding, ...]:
        """What a person is asked to look at, of this decision and all it rests on."""
        own = self.remarks if self.outcome is Outcome.REVIEW else ()
        below = (finding for child in self.children for finding in child.to_review)
        return tuple(dict.fromkeys((*own, *below)))

    @classmethod
    def of(cls, name: str, children: tuple[Verdict, ...]) -> Verdict:
        """The verdict over several: the worst of them decides; none at all is an error."""
        if not children:
            return cls(name=name, outcome=Outcome.ERROR, reason="nothing was checked")
        worst = max((child.outcome for child in children), key=_ORDER.index)
        deciding = [f"{child.name}: {child.reason}" for child in children if child.outcome is worst]
        if worst.lets_through:
            reason = f"{len(children)} checks let it through"
            if worst is Outcome.WAIVED:
                reason += "; waived: " + "; ".join(deciding)
            if worst is Outcome.REVIEW:
                reason += "; to be reviewed: " + "; ".join(deciding)
        else:
            reason = "; ".join(deciding)
        return cls(name=name, outcome=worst, reason=reason, children=children)
