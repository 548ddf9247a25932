"""GATES: what a change has to get through, in order, and the verdict over all of them.

Order is worst harm first: what may not be written at all, then what breaks, then what is ugly. Each gate looks at the
same evidence and none waits for another, so the verdict always says all that stands against a change.
To add a gate: a module with one judging function, a line in GATES, a page in docs/.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
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
    """The overall verdict: every gate is asked, as the evidence is there already and an author wants to hear it all."""
    verdicts = tuple(gate.function(evaluation, policy, patch) for gate in gates)
    return Verdict.of(NAME, verdicts)
