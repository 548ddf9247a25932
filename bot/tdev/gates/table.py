"""GATES: what a change has to get through, in order, and the verdict over all of them.

Order is cheapest harm first: what may not be written at all, then what breaks, then what is ugly. A gate that stops
the change spares the later ones; they are listed as skipped, with the reason, so the verdict always names all three.
To add a gate: a module with one judging function, a line in GATES, a page in docs/.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.quality import judge_quality
from tdev.gates.security import judge_security
from tdev.gates.tests import judge_tests
from tdev.policy.model import Policy

NAME = "gates"


class Gate(NamedTuple):
    """One gate."""

    name: str
    """As in the verdict."""
    function: Callable[[Evaluation, Policy, Patch], Verdict]
    """Evidence, policy and patch in, a verdict with its reasons out; pure."""


GATES: tuple[Gate, ...] = (
    Gate("security", judge_security),
    Gate("tests", judge_tests),
    Gate("quality", judge_quality),
)


def decide(evaluation: Evaluation, policy: Policy, patch: Patch, gates: Sequence[Gate] = GATES) -> Verdict:
    """The overall verdict; after the first gate that does not let the change through no further one is asked."""
    verdicts: list[Verdict] = []
    stopped_by = ""
    for gate in gates:
        if stopped_by:
            reason = f"not asked: {stopped_by} did not pass"
            verdicts.append(Verdict(name=gate.name, outcome=Outcome.SKIPPED, reason=reason))
            continue
        verdict = gate.function(evaluation, policy, patch)
        verdicts.append(verdict)
        if not verdict.outcome.lets_through:
            stopped_by = gate.name
    return Verdict.of(NAME, tuple(verdicts))
