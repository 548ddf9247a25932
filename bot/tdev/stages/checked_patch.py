"""A run directory from another job, held against the repository: is it the run that was asked for, and is the patch
what was judged?

Comes in: a run directory that a job made which also ran a repository's code and a model, so nothing of it is taken on
trust; what was asked, as this job's own event says; and a bare clone made here. Goes out: the patch's commits in that
clone, or Refused. The bundle must hold exactly the commits, files and difference that the gates saw, made by us on top
of the recorded base; policy and verdict are made anew from the base's own policy file. Nothing is executed or checked
out.
"""

from __future__ import annotations

import re

from tdev.adapters import policy_file, workspace
from tdev.adapters.git import BOT_EMAIL, Git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.core.job import Asked, Home
from tdev.core.run import branch_name
from tdev.core.untrusted_text import take_in
from tdev.errors import Refused
from tdev.evidence.guard_patch import guard_patch
from tdev.gates.table import decide
from tdev.policy.model import Policy
from tdev.policy.write_scope import why_outside
from tdev.stages.blueprint import fits
from tdev.stages.project import built_folder
from tdev.stages.rebase import judged

WORKFLOWS = ".github/workflows/"
_PATCH_REF = "refs/tdev/patch"
_INDEX_LINE = re.compile(rb"^(index [0-9a-f]{7})[0-9a-f]*\.\.([0-9a-f]{7})[0-9a-f]*", re.MULTILINE)


def check_run(run: RunDir, asked: Asked) -> None:
    """Raise Refused when the run directory is damaged or not that of the run this job was started for."""
    check_whole(run, asked.repository)
    goal = run.goal
    wanted = {
        "run id": (goal.run_id, asked.run_id),
        "kind": (goal.kind, asked.kind),
        "branch": (goal.repository.base_ref, asked.from_branch),
        "issue": (goal.number, asked.number),
        "plan_only": (goal.plan_only, asked.plan_only),
    }
    for name, (found, expected) in wanted.items():
        if found != expected:
            raise Refused(f"The run directory is of another run: its {name} is {found}, not {expected}.")
    if goal.text != take_in(asked.goal, run.policy.limits.requirement_bytes).text.strip():
        raise Refused("The run directory is of another run: its request is another one.")


def check_whole(run: RunDir, home: Home) -> None:
    """Raise Refused when a file was changed since it was sealed, or another repository is meant."""
    broken = run.verify()
    if broken:
        raise Refused(f"The run directory was changed: {broken}.")
    if run.goal.repository.full_name not in ("", home.full_name):
        raise Refused(f"The run directory is about {run.goal.repository.full_name}, not {home.full_name}.")


def check_patch(run: RunDir, git: Git, base_ref: str) -> None:
    """Bring the patch into the clone, which has the base branch; raise Refused when it is not what was judged."""
    check_bundle(run, git, base_ref)
    _check_judged(run, git)


def check_bundle(run: RunDir, git: Git, base_ref: str) -> None:
    """Bring the patch into the clone, which has the base branch; raise Refused when it is not what patch.json says.

    Nothing that was measured or decided is looked at.
    """
    patch = run.read(Patch)
    git.run(
        "-c", "fetch.fsckObjects=true", "fetch", "--quiet", "--no-tags", str(run.path / workspace.BUNDLE_FILE),
        f"+refs/heads/{branch_name(run.goal.slug)}:{_PATCH_REF}",
    )  # fmt: skip
    if git.commit_of(_PATCH_REF) != patch.head_sha:
        raise Refused(f"{workspace.BUNDLE_FILE} does not end with commit {patch.head_sha[:12]}.")
    if patch.base_sha != run.goal.repository.base_sha:
        raise Refused("The patch is made for another commit than the run.")
    if not contains(git, f"refs/heads/{base_ref}", patch.base_sha):
        raise Refused(f"Commit {patch.base_sha[:12]} is no longer on {base_ref}.", next_step="Start the run again.")
    if not contains(git, patch.head_sha, patch.base_sha):
        raise Refused("The patch does not stand on its base.")
    _check_commits(git, patch)
    _check_content(run, git, patch)


def contains(git: Git, ref: str, sha: str) -> bool:
    """True when the commit is the ref's or one of its ancestors."""
    return git.run("merge-base", "--is-ancestor", sha, ref, check=False).exit_code == 0


def strangers(git: Git, base: str, tip: str) -> tuple[str, ...]:
    """The commits after `base` up to `tip` that somebody else committed: short id and name."""
    rows = git.text("log", "--format=%h%x00%cn%x00%ce", f"{base}..{tip}").splitlines()
    fields = [row.split("\0") for row in rows if row]
    return tuple(f"{sha} by {name}" for sha, name, email in fields if email != BOT_EMAIL)


def _check_commits(git: Git, patch: Patch) -> None:
    listed = [commit.sha for commit in patch.commits]
    found = git.text("rev-list", "--reverse", f"{patch.base_sha}..{patch.head_sha}").splitlines()
    if found != listed:
        raise Refused("The bundle holds other commits than patch.json.")
    if git.text("rev-list", "--merges", f"{patch.base_sha}..{patch.head_sha}"):
        raise Refused("The patch holds a merge.")
    if others := strangers(git, patch.base_sha, patch.head_sha):
        raise Refused(f"The patch holds commits that T-Developer did not make: {', '.join(others[:3])}.")


def _check_content(run: RunDir, git: Git, patch: Patch) -> None:
    """The difference, the list of files, and the policy they are judged by."""
    diff = git.diff(patch.base_sha, patch.head_sha).encode("utf-8", "surrogateescape")
    if _comparable(diff) != _comparable((run.path / "patch.diff").read_bytes()):
        raise Refused("patch.diff is not the difference that the bundle makes.")
    if git.changed_files(patch.base_sha, patch.head_sha) != patch.files:
        raise Refused("patch.json lists other files than the bundle changes.")
    policy = policy_file.load_for(run.settings, git, patch.base_sha)
    if policy != run.policy:
        raise Refused("policy.json is not the policy of the base commit.")


def _check_judged(run: RunDir, git: Git) -> None:
    """Where the files are, and what the guard and the gates say of them."""
    patch, policy = run.read(Patch), run.policy
    if not judged(run):
        raise Refused("evaluation.json is about other commits than the patch.")
    evaluation = run.read(Evaluation)
    workflows = ((each, why_outside(each, policy.scope)) for each in _paths(patch) if each.startswith(WORKFLOWS))
    outside = next((row for row in workflows if row[1]), None)
    if outside:
        raise Refused(f"The patch may not touch {outside[0]}: {outside[1]}.")
    _check_guard(run, git, patch, evaluation, policy)
    if decide(evaluation, policy, patch) != run.read(Verdict):
        raise Refused("verdict.json is not what the gates say of evaluation.json.")


def _check_guard(run: RunDir, git: Git, patch: Patch, evaluation: Evaluation, policy: Policy) -> None:
    """Ask the patch guard anew, of this clone; what it says must be what the gates were told."""
    own_folder = built_folder(run)
    if own_folder != evaluation.built_folder or (own_folder and not fits(git.files(patch.base_sha), own_folder)):
        raise Refused(f"A build can't make its service in {own_folder or evaluation.built_folder}.")
    verdict = guard_patch(git, patch.base_sha, patch.head_sha, policy, run.goal, own_folder)
    if not verdict.outcome.lets_through:
        raise Refused(f"The patch guard stops the patch: {verdict.reason}.")
    if verdict != evaluation.guard:
        raise Refused("The patch guard says something else of the patch than evaluation.json.")


def _paths(patch: Patch) -> tuple[str, ...]:
    return tuple(path for file in patch.files for path in (file.path, file.old_path) if path)


def _comparable(diff: bytes) -> bytes:
    """The diff with the ids of blobs cut to seven digits: how many git shows depends on the clone."""
    return _INDEX_LINE.sub(rb"\1..\2", diff)
