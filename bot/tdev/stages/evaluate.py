"""evaluate: the head commit, measured in a clean checkout made from the base and the bundle alone, beside the base.

Comes in: the patch and, if there is one, the baseline. Goes out: evaluation.json, on which the
gates decide, and the same for people in evaluation.md. What is measured and how is in
docs/evaluation.md.

Nothing the code stage measured is taken over: it worked in a folder an engine could write to.
Programs that fail are reports with `ok=False` and stay in the evaluation, where a gate makes them
an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tdev.adapters import workspace
from tdev.adapters.git import Git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import Evaluation, Measurement
from tdev.core.artifacts.finding import ToolReport
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import Patch
from tdev.core.changed_lines import changed_lines
from tdev.core.evaluation_markdown import evaluation_markdown
from tdev.core.score import score, score_parts
from tdev.stages.guard_patch import guard_patch
from tdev.stages.measure import ENVIRONMENT_FOLDER, Report, measure, reported
from tdev.stages.project import built_folder
from tdev.tools import contract, dependencies, secrets
from tdev.tools.toolbox import Toolbox

MARKDOWN_FILE = "evaluation.md"
CONTRACT_FILE = "spec/openapi.yaml"
CONTRACT_ENVIRONMENT_FOLDER = "contract-environment"
"""Where in the scratch folder the built service's environment is: the tests may still run in theirs."""


def evaluate(run: RunDir) -> RunDir:
    """Measure base and head, and what the change touches; writes evaluation.json and evaluation.md."""
    patch = run.read(Patch)
    before = _before(run)
    checkout = workspace.head_checkout(run, "after")
    git = Git(checkout, run.settings.child_environment)
    contracts: list[ToolReport] = []
    after = measure(
        run,
        checkout,
        patch.head_sha,
        run.work / ENVIRONMENT_FOLDER,
        _security(run, git, patch),
        then=lambda: contracts.extend(_contract(run, checkout)),
    )
    evaluation = Evaluation(
        kind=run.goal.kind,
        built_folder=built_folder(run),
        before=before,
        after=after,
        changed_lines=changed_lines(_diff(git, patch)),
        paths=_paths(git, patch),
        guard=guard_patch(git, patch.base_sha, patch.head_sha, run.policy, run.goal, built_folder(run)),
        contract=next(iter(contracts), None),
        score=score(after.metrics),
        score_parts=score_parts(after.metrics),
    )
    run.write(evaluation)
    run.write_bytes(MARKDOWN_FILE, evaluation_markdown(evaluation).encode("utf-8", "replace"))
    return run


def _diff(git: Git, patch: Patch) -> str:
    """The change without context lines, with fixed prefixes, whatever .gitattributes calls binary."""
    options = ("--text", "--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")
    return git.run("diff", "-U0", "-M", *options, patch.base_sha, patch.head_sha).stdout


def _before(run: RunDir) -> Measurement:
    """The base's measurement: baseline.json where it is about that commit, else measured now."""
    sha = run.goal.repository.base_sha
    if run.has(Measurement) and (kept := run.read(Measurement)).sha == sha:
        return kept
    checkout = workspace.base_checkout(run, "before")
    return measure(run, checkout, sha, run.work / ENVIRONMENT_FOLDER)


def _paths(git: Git, patch: Patch) -> tuple[str, ...]:
    """Every path the patch touches; of a rename both."""
    raw = git.run("diff", "--name-only", "--no-renames", "-z", patch.base_sha, patch.head_sha).stdout
    return tuple(path for path in raw.split("\0") if path)


def _contract(run: RunDir, checkout: Path) -> Iterator[ToolReport]:
    """The built service against its specification, in an environment of its own; nothing where there is none."""
    if run.goal.kind is GoalKind.BUILD and (run.path / CONTRACT_FILE).is_file():
        folder = run.work / CONTRACT_ENVIRONMENT_FOLDER
        with run.timed("tdev.tool", "contract tests", tool="contract"):
            yield reported("contract", partial(contract.run_contract, run, checkout, folder))()


def _security(run: RunDir, git: Git, patch: Patch) -> dict[str, Report]:
    """The programs that look at what the change brings, as far as the policy asks them."""
    policy, toolbox = run.policy, Toolbox(run.settings)
    timeout = policy.limits.tool_seconds
    wanted: dict[str, Report] = {}
    if policy.gates.security.secrets:
        wanted["secrets"] = partial(secrets.scan, toolbox, git, patch.base_sha, patch.head_sha, timeout)
    if policy.gates.security.dependencies:
        wanted["dependencies"] = partial(
            dependencies.audit, toolbox, git, patch.base_sha, patch.head_sha, timeout=timeout
        )
    return wanted
