"""The branch moved while a run worked: its commits are put on top of where the branch is now, or the conflict is told.

Comes in: a run with a patch, and a repository that has the base commit. Goes out: the same run about the new base:
goal.json, policy.json, patch.json, patch.bundle and patch.diff, and rebase.json, which says what was done. What was
measured and decided is about the old commits then, `judged` says so, and must be made anew.

git merges three-way and knows renames. It is done in a clone of its own, with hooks and drivers off (adapters/git.py);
each commit keeps its words, author and date, so that doing it again gives the same commits. No model is asked.
"""

from __future__ import annotations

from pathlib import Path

from tdev.adapters import policy_file, workspace
from tdev.adapters.git import Git
from tdev.adapters.run_dir import POLICY_FILE, RunDir
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.rebase import Rebase
from tdev.core.run import branch_name
from tdev.errors import TransientError

_MOST_FILES = 50


def follow(run: RunDir, repository: Path, tip: str) -> Rebase | None:
    """Put the patch on top of `tip`, a commit of `repository`; None when it stands there already.

    After a conflict, and where history was rewritten, nothing but rebase.json is written.
    """
    base, patch = run.goal.repository.base_sha, run.read(Patch)
    if tip == base:
        return None
    run.work.mkdir(parents=True, exist_ok=True)
    git = workspace.clean_clone(repository, run.work / "rebase", tip, run.settings.child_environment)
    if git.run("merge-base", "--is-ancestor", base, tip, check=False).exit_code != 0:
        made = Rebase(
            from_sha=base,
            to_sha=tip,
            old_head_sha=patch.head_sha,
            conflict=f"commit {base[:12]}, on which the run stands, is no longer on it",
        )
        run.write(made)
        return made
    branch = branch_name(run.goal.slug)
    bundle = str(run.path / workspace.BUNDLE_FILE)
    git.run("fetch", "--quiet", "--no-tags", bundle, f"+refs/heads/{branch}:refs/heads/{branch}")
    if git.commit_of(f"refs/heads/{branch}") != patch.head_sha:
        raise TransientError(f"{workspace.BUNDLE_FILE} does not hold commit {patch.head_sha[:12]}.")
    made = _rebased(git, base, tip, patch, branch)
    if not made.conflict:
        _move(run, git, repository, patch, tip)
    run.write(made)
    return made


def judged(run: RunDir) -> bool:
    """True when what was measured is about the commits that the patch is made of."""
    if not run.has(Evaluation):
        return False
    evaluation, patch = run.read(Evaluation), run.read(Patch)
    return (evaluation.before.sha, evaluation.after.sha) == (patch.base_sha, patch.head_sha)


def why(rebase: Rebase, branch: str) -> str:
    """What is said of a conflict, as a sentence without its full stop."""
    files = f": {', '.join(rebase.files[:10])}" if rebase.files else ""
    return f"{branch} has moved to {rebase.to_sha[:10]}, and {rebase.conflict}{files}"


def _rebased(git: Git, base: str, tip: str, patch: Patch, branch: str) -> Rebase:
    """The commits from `base` on top of `tip`, on the branch in the clone; or how they conflict."""
    made = Rebase(from_sha=base, to_sha=tip, old_head_sha=patch.head_sha)
    done = git.run(
        "-c", "rebase.autoSquash=false", "-c", "rebase.updateRefs=false", "-c", "merge.renames=true",
        "rebase", "--quiet", "--merge", "--empty=drop", "--no-verify", "--committer-date-is-author-date",
        "--onto", tip, base, branch,
        check=False,
    )  # fmt: skip
    if done.ok:
        left = len(git.text("rev-list", f"{tip}..refs/heads/{branch}").splitlines())
        if not left:
            return made.model_copy(update={"conflict": "it holds the same change already"})
        return made.model_copy(update={"dropped": len(patch.commits) - left})
    raw = git.run("diff", "--name-only", "--diff-filter=U", "-z", check=False).stdout
    files = tuple(sorted(path for path in raw.split("\0") if path))
    if not files:
        raise TransientError(f"git rebase failed: {done.tail(4) or 'no message'}.")
    git.run("rebase", "--abort", check=False)
    return made.model_copy(
        update={"conflict": "the change conflicts with what was changed there", "files": files[:_MOST_FILES]}
    )


def _move(run: RunDir, git: Git, repository: Path, patch: Patch, tip: str) -> None:
    """Make the run one about the new base."""
    goal = run.goal
    head = git.commit_of(f"refs/heads/{branch_name(goal.slug)}")
    place = goal.repository.model_copy(update={"base_sha": tip, "path": str(repository)})
    policy = policy_file.load_for(run.settings, git, tip)
    run.write(goal.model_copy(update={"repository": place}))
    run.write_bytes(POLICY_FILE, policy.model_dump_json(indent=2).encode() + b"\n")
    workspace.write_bundle(run, git)
    run.write(
        patch.model_copy(
            update={
                "base_sha": tip,
                "head_sha": head,
                "commits": git.commits(tip, head),
                "files": git.changed_files(tip, head),
            }
        )
    )
