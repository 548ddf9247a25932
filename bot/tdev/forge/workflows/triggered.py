"""Workflows that a push, a pull request or an issue starts.

Follows "Events that trigger workflows" and "Triggering a workflow". Comes in: an event that has just been emitted.
Goes out: runs of the workflow files that ask for it, read at the commit the run is for. A pull request's run is for
refs/pull/<number>/merge, made here; one with conflicts starts none. What happens on an issue is for the default branch.
What a job's own token does starts none either, nor does a commit that says [skip ci] in one of GitHub's forms.

Other events, `schedule` among them, and forks are left out.
"""

from __future__ import annotations

import re

from tdev.forge.git.backend import NO_COMMIT
from tdev.forge.git.diff import merge_base, merged_tree
from tdev.forge.store import Json, Row, Store
from tdev.forge.workflows import runs
from tdev.forge.workflows.job_states import read_file
from tdev.forge.workflows.triggers import PULL_ACTIONS, SPOKEN, Happened, starts

EVENTS = ("push", "pull_request", *SPOKEN)
_SKIP = re.compile(r"\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|^skip-checks:\s*true\s*$", re.M)


def triggered(store: Store, repository: Row, event: str, action: str, payload: Json, sender: Row) -> None:
    """Start the runs an event asks for; what a job's own token does starts none."""
    if event not in EVENTS or runs.is_actions(store, sender["id"]):
        return
    if event == "push":
        _pushed(store, repository, payload, sender)
    elif event in SPOKEN:
        _spoken(store, repository, event, action, payload, sender)
    else:
        _pull_changed(store, repository, action, payload, sender)


def _pushed(store: Store, repository: Row, payload: Json, sender: Row) -> None:
    """The runs of a push to a branch or tag."""
    ref, sha = str(payload["ref"]), str(payload["after"])
    git = store.git(repository)
    commit = git.commit_of(sha) if sha != NO_COMMIT else ""
    if not commit or not runs.workflow_paths(store, repository, commit):
        return
    message = git.text("log", "-1", "--format=%B", commit)
    if _SKIP.search(message):
        return
    before = str(payload["before"])
    if before == NO_COMMIT or not git.commit_of(before):
        default = git.commit_of(f"refs/heads/{repository['default_branch']}")
        before = merge_base(git, default, commit) if default and default != commit else ""
    happened = Happened("push", "", ref, _paths(store, repository, before, commit))
    _start(
        store, repository, happened, payload, sender, sha=commit, head_sha=commit, ref=ref,
        head_branch=ref.split("/", 2)[2], title=message.partition("\n")[0],
    )  # fmt: skip


def _spoken(store: Store, repository: Row, event: str, action: str, payload: Json, sender: Row) -> None:
    """The runs of what happened on an issue, for the last commit of the default branch."""
    branch = repository["default_branch"]
    commit = store.git(repository).commit_of(f"refs/heads/{branch}")
    if commit:
        _start(
            store, repository, Happened(event, action, f"refs/heads/{branch}"), payload, sender, sha=commit,
            head_sha=commit, ref=f"refs/heads/{branch}", head_branch=branch, title=str(payload["issue"]["title"]),
        )  # fmt: skip


def _pull_changed(store: Store, repository: Row, action: str, payload: Json, sender: Row) -> None:
    """The runs of a change of a pull request."""
    pull = payload["pull_request"]
    git = store.git(repository)
    head, base = git.commit_of(pull["head"]["sha"]), git.commit_of(f"refs/heads/{pull['base']['ref']}")
    if pull["state"] != "open" or not head or not base:
        return
    commit = merge_commit(store, repository, int(pull["number"]), base, head, renew=action in PULL_ACTIONS)
    if not commit or _SKIP.search(git.text("log", "-1", "--format=%B", head)):
        return
    ref = f"refs/heads/{pull['base']['ref']}"
    happened = Happened("pull_request", action, ref, _paths(store, repository, merge_base(git, base, head), head))
    _start(
        store, repository, happened, payload, sender, sha=commit, head_sha=head,
        ref=f"refs/pull/{pull['number']}/merge", head_branch=str(pull["head"]["ref"]), title=str(pull["title"]),
    )  # fmt: skip


def merge_commit(store: Store, repository: Row, number: int, base: str, head: str, *, renew: bool) -> str:
    """The commit that merging would make, at refs/pull/<number>/merge; empty, and no reference, on conflicts."""
    git, ref = store.git(repository), f"refs/pull/{number}/merge"
    if not renew and (known := git.commit_of(ref)):
        return known
    tree = merged_tree(git, base, head)
    if not tree:
        git.run("update-ref", "-d", ref, check=False)
        return ""
    commit = git.text("commit-tree", tree, "-p", base, "-p", head, "-m", f"Merge {head} into {base}")
    git.run("update-ref", ref, commit)
    return commit


def _paths(store: Store, repository: Row, before: str, after: str) -> tuple[str, ...]:
    """The files that differ between two commits; all of the second where there is no first."""
    git = store.git(repository)
    if not before:
        return tuple(git.files(after))
    out = git.run("diff", "--name-only", "--no-renames", "-z", before, after).stdout
    return tuple(path for path in out.split("\0") if path)


def _start(
    store: Store, repository: Row, happened: Happened, payload: Json, sender: Row, *, sha: str, head_sha: str, ref: str,
    head_branch: str, title: str,
) -> None:  # fmt: skip
    """Start the workflows that fit, as they stand at the commit."""
    for path in runs.workflow_paths(store, repository, sha):
        file = read_file(store, repository, sha, path)
        if file is None or not starts(file.triggers, happened):
            continue
        workflow = runs.known(store, repository, path, file.name or path)
        if workflow["state"] == "active":
            runs.start(
                store, repository, workflow, file, event=happened.event, ref=ref, sha=sha, head_branch=head_branch,
                head_sha=head_sha, actor=sender, payload=payload, title=title,
            )  # fmt: skip
