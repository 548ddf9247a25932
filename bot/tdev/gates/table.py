"""GATES: what a change has to get through, in order, and the verdict over all of them.

Order is worst harm first: what may not be written at all, then what breaks, then what is ugly. All checks look at the
same evidence and none waits for another, so the verdict always says all that stands against a change.
To add a check: a file with one judging function beside its like, a line here, a page in docs/gates/.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.quality.api import api
from tdev.gates.quality.architecture import architecture
from tdev.gates.quality.changed import python_files
from tdev.gates.quality.complexity import complexity
from tdev.gates.quality.dead_code import dead_code
from tdev.gates.quality.docstrings import docstrings
from tdev.gates.quality.duplication import duplication
from tdev.gates.quality.focus import focus
from tdev.gates.quality.lint import lint
from tdev.gates.quality.maintainability import maintainability
from tdev.gates.quality.parses import parses
from tdev.gates.quality.types import types
from tdev.gates.quality.unused_dependencies import touches_dependencies, unused_dependencies
from tdev.gates.quality.whole import whole
from tdev.gates.sample.resolved import sample_resolved
from tdev.gates.security.dependencies import dependencies
from tdev.gates.security.guard import guard
from tdev.gates.security.licences import licences
from tdev.gates.security.new_dependencies import new_dependencies
from tdev.gates.security.scope import scope
from tdev.gates.security.secrets import secrets
from tdev.gates.security.static_analysis import static_analysis
from tdev.gates.security.workflows import touches_workflows, workflows
from tdev.gates.tests import generated, mutation, proof, stable
from tdev.gates.tests.changed_coverage import changed_coverage
from tdev.gates.tests.contract import contract
from tdev.gates.tests.coverage import coverage
from tdev.gates.tests.kept import tests_kept
from tdev.gates.tests.mutation import changed_mutants
from tdev.gates.tests.new_failures import no_new_failures
from tdev.gates.tests.proof import tests_prove_change
from tdev.gates.tests.ran import tests_ran
from tdev.gates.tests.stable import tests_stable
from tdev.gates.tests.strict import tests_as_strict
from tdev.gates.waivers import in_force, told
from tdev.policy.model import Policy

NAME = "gates"

Judge = Callable[[Evaluation, Policy, Patch], Verdict]
"""Evidence, policy and patch in, a verdict with its reasons out; pure."""


def _always(evaluation: Evaluation) -> bool:
    return True


def _python(evaluation: Evaluation) -> bool:
    return bool(python_files(evaluation))


def _service(evaluation: Evaluation) -> bool:
    return evaluation.kind is GoalKind.BUILD or evaluation.contract is not None


def _wanted(policy: Policy) -> bool:
    return True


class Check(NamedTuple):
    """One check of a gate."""

    judge: Judge
    """Asked for its verdict."""
    when: Callable[[Evaluation], bool] = _always
    """Whether it concerns the change at all; where not, the verdict does not speak of it."""


class Gate(NamedTuple):
    """One gate."""

    name: str
    """As in the verdict."""
    checks: tuple[Check, ...]
    """In the order they are told."""
    idle: str = "nothing that it is about changed"
    """Why it is skipped where no check concerns the change."""
    wanted: Callable[[Policy], bool] = _wanted
    """Whether the policy asks for it; where not, the verdict does not speak of it."""

    def judge(self, evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
        """The verdict over the checks that concern the change."""
        asked = tuple(check for check in self.checks if check.when(evaluation))
        rules, lapsed = in_force(policy, evaluation.judged_on)
        if self.checks and not asked:
            return Verdict(name=self.name, outcome=Outcome.SKIPPED, reason=self.idle)
        return Verdict.of(self.name, tuple(told(check.judge(evaluation, rules, patch), lapsed) for check in asked))


SECURITY = Gate(
    "security",
    (
        Check(scope),
        Check(guard),
        Check(static_analysis),
        Check(workflows, when=touches_workflows),
        Check(secrets),
        Check(dependencies),
        Check(new_dependencies),
        Check(licences),
    ),
)
TESTS = Gate(
    "tests",
    (
        Check(tests_ran),
        Check(tests_kept),
        Check(no_new_failures),
        Check(changed_coverage),
        Check(coverage),
        Check(tests_prove_change, when=proof.concerns),
        Check(tests_stable, when=stable.concerns),
        Check(changed_mutants, when=mutation.concerns),
        Check(generated.generated_tests, when=generated.asked),
        Check(tests_as_strict),
        Check(contract, when=_service),
    ),
)
QUALITY = Gate(
    "quality",
    (
        Check(parses, when=_python),
        Check(docstrings, when=_python),
        Check(maintainability, when=_python),
        Check(complexity, when=_python),
        Check(whole, when=_python),
        Check(types, when=_python),
        Check(lint, when=_python),
        Check(api, when=_python),
        Check(dead_code, when=_python),
        Check(duplication, when=_python),
        Check(architecture, when=_python),
        Check(unused_dependencies, when=touches_dependencies),
        Check(focus, when=_python),
    ),
    idle="no Python file and no dependency file changed",
)
SAMPLE = Gate("sample", (Check(sample_resolved),), wanted=lambda policy: bool(policy.gates.sample))
GATES: tuple[Gate, ...] = (SECURITY, TESTS, QUALITY, SAMPLE)


def decide(evaluation: Evaluation, policy: Policy, patch: Patch, gates: Sequence[Gate] = GATES) -> Verdict:
    """The overall verdict: every gate is asked, as the evidence is there already and an author wants to hear it all."""
    return Verdict.of(NAME, tuple(gate.judge(evaluation, policy, patch) for gate in gates if gate.wanted(policy)))
