"""publish, locally: the patch as a branch `tdev/auto/<slug>`, and the pull-request body as a file.

The only stage that writes to the user's repository: it adds objects and creates one branch; it never moves, forces or
deletes one.

Comes in: a patch and its verdict. Goes out: publication.json, and the branch unless the verdict or
`--dry-run` says no. Done again after a kill it finds its own branch instead of making a second one.

The branch is made by `git update-ref` with the expectation that there is none, so two processes
can't both succeed. The work tree, the index and HEAD stay as they are.
"""

from __future__ import annotations

from pathlib import Path

from tdev.adapters import workspace
from tdev.adapters.git import Git
from tdev.adapters.run_dir import RunDir
from tdev.core import pull_request
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan
from tdev.core.artifacts.publication import Publication
from tdev.core.artifacts.rebase import Rebase
from tdev.core.artifacts.summary import Summary
from tdev.core.artifacts.verdict import Verdict
from tdev.core.run import branch_name
from tdev.errors import Refused, TransientError
from tdev.stages.evaluate import evaluate
from tdev.stages.gate import gate
from tdev.stages.kept_drafts import kept_drafts
from tdev.stages.rebase import follow, judged, why
from tdev.stages.run_events import spent_on_questions

BODY_FILE = "pull-request.md"


def publish(run: RunDir) -> RunDir:
    """Create the branch, or find the one an earlier try made; writes publication.json and pull-request.md."""
    goal, patch = run.goal, run.read(Patch)
    title = pull_request.title(goal)
    if patch.empty:
        run.write(Publication(title=title, reason="nothing was changed"))
        return run
    conflict = _follow(run, dry_run=goal.dry_run)
    patch, verdict = run.read(Patch), run.read(Verdict)
    write_body(run)
    reason = conflict or _why_not(verdict, dry_run=goal.dry_run)
    if reason:
        run.write(Publication(title=title, body_file=BODY_FILE, reason=reason))
        return run
    branch, found = _branch(run, workspace.repository(run), patch)
    run.write(
        Publication(
            branch=branch,
            head_sha=patch.head_sha,
            found=found,
            title=title,
            body_file=BODY_FILE,
            rebased_from=rebased_from(run),
        )
    )
    run.emit("tdev.branch.found" if found else "tdev.branch.created", branch, branch=branch, sha=patch.head_sha)
    return run


def write_body(run: RunDir) -> str:
    """The text of the pull request, from the run's files; it is kept as pull-request.md."""
    text = pull_request.body(
        run.goal,
        run.read(Plan),
        run.read(Patch),
        run.read(Evaluation),
        run.read(Verdict),
        summary=run.read(Summary) if run.has(Summary) else None,
        questions_usd=spent_on_questions(run),
        drafts=kept_drafts(run, run.read(Verdict)),
    )
    run.write_bytes(BODY_FILE, text.encode("utf-8", "replace") + b"\n")
    return text


def rebased_from(run: RunDir) -> str:
    """The commit the run started from, where its commits were moved to another one; else empty."""
    return run.read(Rebase).from_sha if run.has(Rebase) else ""


def _follow(run: RunDir, *, dry_run: bool) -> str:
    """Put the commits on top of where their branch is now, and judge them again; why not, where they conflict."""
    place = run.goal.repository
    tip = workspace.repository(run).commit_of(f"refs/heads/{place.base_ref}") if place.base_ref else ""
    if tip and not dry_run and run.read(Verdict).outcome.lets_through:
        made = follow(run, Path(place.path), tip)
        if made is not None and made.conflict:
            return why(made, place.base_ref)
    if not judged(run):
        gate(evaluate(run))
    return ""


def _why_not(verdict: Verdict, *, dry_run: bool) -> str:
    if not verdict.outcome.lets_through:
        return f"the gates did not pass: {verdict.reason}"
    return "dry run" if dry_run else ""


def _branch(run: RunDir, git: Git, patch: Patch) -> tuple[str, bool]:
    """Name of the branch, and whether it was there already."""
    tail = run.id.rsplit("-", 1)[-1]
    for name in (branch_name(run.goal.slug), branch_name(f"{run.goal.slug}-{tail}")):
        standing = git.commit_of(f"refs/heads/{name}")
        if not standing:
            _create(run, git, name, patch.head_sha)
            return name, False
        if _same(git, standing, run, patch):
            return name, True
    raise Refused(
        f"The branch {name} exists with other content.", next_step="Rename or delete it, then `tdev run resume`."
    )


def _same(git: Git, standing: str, run: RunDir, patch: Patch) -> bool:
    """True when a branch is this run's work, or the same change of the same base by an earlier run."""
    if standing == patch.head_sha:
        return True
    _import_objects(run, git)
    return (
        git.tree_of(standing) == git.tree_of(patch.head_sha)
        and git.text("merge-base", standing, patch.base_sha) == patch.base_sha
    )


def _create(run: RunDir, git: Git, name: str, sha: str) -> None:
    """Create a branch; it fails when another process has just made it."""
    _import_objects(run, git)
    done = git.run("update-ref", "-m", f"tdev {run.id}", f"refs/heads/{name}", sha, "0" * len(sha), check=False)
    if done.ok:
        return
    message = done.tail(2)
    if "cannot lock ref" in message and "exists" in message:
        raise Refused(
            f"No branch {name} can be made: another branch stands in its way ({message}).",
            next_step="Rename that branch, then `tdev run resume`.",
        )
    raise TransientError(f"The branch {name} could not be made: {message}.", next_step=f"`tdev run resume {run.id}`.")


def _import_objects(run: RunDir, git: Git) -> None:
    """Bring the patch's commits into the repository, without any ref."""
    git.run("bundle", "unbundle", str(run.path / workspace.BUNDLE_FILE))
