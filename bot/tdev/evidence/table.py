"""PROBES: every look that is taken beside the tests, at each commit or at the change; one row each.

To add one: a program's wrapper in tools/ that returns a ToolReport (never an empty one in place of a failure), a row
here, and a check in gates/ that judges the report.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.finding import ToolReport
from tdev.core.artifacts.goal import GoalKind
from tdev.evidence import generated, mutation, proof, reruns
from tdev.evidence.by_file import static_analysis
from tdev.evidence.probe import Probe
from tdev.evidence.quality.api import api
from tdev.evidence.quality.architecture import architecture
from tdev.evidence.quality.dead_code import dead_code
from tdev.evidence.quality.duplicates import duplicates
from tdev.evidence.quality.focus import focus
from tdev.evidence.quality.lint import lint
from tdev.evidence.quality.types import types
from tdev.evidence.quality.unused_dependencies import unused_dependencies
from tdev.evidence.sample import sample
from tdev.evidence.subject import TESTS, Change, Commit
from tdev.evidence.workflows import workflows
from tdev.policy.quality_gate import Answer
from tdev.tools import contract, dependencies, packages, secrets
from tdev.tools.toolbox import Toolbox

CONTRACT_FILE = "spec/openapi.yaml"
CONTRACT = "contract"


def _secrets(change: Change) -> ToolReport:
    run, patch = change.run, change.patch
    toolbox, seconds = Toolbox(run.settings), run.policy.limits.tool_seconds
    return secrets.scan(toolbox, change.after.git, patch.base_sha, patch.head_sha, seconds)


def _dependencies(change: Change) -> ToolReport:
    run, patch = change.run, change.patch
    toolbox, seconds = Toolbox(run.settings), run.policy.limits.tool_seconds
    return dependencies.audit(toolbox, change.after.git, patch.base_sha, patch.head_sha, timeout=seconds)


def _packages(change: Change) -> ToolReport:
    run, patch = change.run, change.patch
    rules, seconds, now = run.policy.gates.security, run.policy.limits.tool_seconds, datetime.now(UTC)
    return packages.look(run.settings, change.after.git, patch.base_sha, patch.head_sha, rules, now, seconds)


def _contract(change: Change) -> ToolReport:
    return contract.run_contract(change.run, change.after.checkout, change.run.work / "contract-environment")


def _specified(run: RunDir) -> bool:
    """It is a build, and what its service must answer is written down."""
    return run.goal.kind is GoalKind.BUILD and (run.path / CONTRACT_FILE).is_file()


OF_COMMITS: tuple[Probe[Commit], ...] = (
    Probe("semgrep", "security", static_analysis, lambda run: run.policy.gates.security.semgrep, False, seconds=6),
    Probe("mypy", "quality", types, lambda run: run.policy.gates.quality.types, kept=False, seconds=8),
    Probe("ruff", "quality", lint, lambda run: run.policy.gates.quality.lint, kept=False),
    Probe("import-linter", "quality", architecture, lambda run: run.policy.gates.quality.architecture, kept=False),
    Probe("vulture", "quality", dead_code, lambda run: run.policy.gates.quality.dead_code, kept=False, seconds=3),
)
"""Asked about base and head. semgrep keeps its answers itself, the others keep them with the settings that held."""

OF_CHANGES: tuple[Probe[Change], ...] = (
    Probe("secrets", "security", _secrets, lambda run: run.policy.gates.security.secrets, seconds=3),
    Probe(
        "dependencies",
        "security",
        _dependencies,
        lambda run: run.policy.gates.security.dependencies,
        kept=False,
        seconds=3,
    ),
    Probe("zizmor", "security", workflows, lambda run: run.policy.gates.security.workflows),
    Probe(
        "packages",
        "security",
        _packages,
        lambda run: run.policy.gates.security.new_dependencies.check,
        kept=False,
        seconds=3,
    ),
    Probe(CONTRACT, "tests", _contract, _specified, kept=False, seconds=20),
    Probe("proof", "tests", proof.proof, proof.wanted, needs=(TESTS,), seconds=5),
    Probe("focus", "quality", focus, lambda run: run.policy.gates.quality.focus is not Answer.OFF, kept=False),
    Probe("duplicates", "quality", duplicates, lambda run: run.policy.gates.quality.duplicate_lines > 0),
    Probe(
        "deptry",
        "quality",
        unused_dependencies,
        lambda run: run.policy.gates.quality.unused_dependencies is not Answer.OFF,
        kept=False,
        seconds=2,
    ),
    Probe("griffe", "quality", api, lambda run: run.policy.gates.quality.api is not Answer.OFF, seconds=2),
    Probe("reruns", "tests", reruns.reruns, reruns.wanted, False, (TESTS,), 8),
    Probe("sample", "sample", sample, lambda run: bool(run.policy.gates.sample), kept=False, seconds=30),
    Probe("mutmut", "tests", mutation.mutation, mutation.wanted, needs=(TESTS,), seconds=20),
    Probe("generated-tests", "tests", generated.generated, generated.wanted, False, (TESTS,), 40, ("mutmut",)),
)
"""Asked about the step from base to head. What asks a service is not kept: its answers change."""
