"""Merging a pull request, and bringing its branch up to date.

Follows "Merge a pull request" and "Update a pull request branch". What the rules of the base branch ask
for really blocks: 405 with what is missing. A `sha` that is not the head is 409. The commits are made with
git's plumbing; the push events, other pull requests and workflows follow as from any push. Merge queues
and asynchronous merges are left out.
"""

from __future__ import annotations

from contextlib import suppress

from tdev.errors import Refused
from tdev.forge.access.permissions import holds
from tdev.forge.answers import Answer, ApiError, forbidden, invalid, not_found
from tdev.forge.api.pulls import pull_of
from tdev.forge.api.repositories import api_url
from tdev.forge.call import Call, Handler
from tdev.forge.git import diff
from tdev.forge.git.backend import NO_COMMIT, RefUpdate
from tdev.forge.git.branch_rules import BRANCHES, rules_on
from tdev.forge.git.commits import CommitFacts, Person, move_ref, read_commits, write_commit
from tdev.forge.git.pushed import mark_merged, received
from tdev.forge.git.ref_changes import change_ref
from tdev.forge.pulls.mergeability import CONFLICT, DRAFT, allowed_methods, base_tip, obstacles
from tdev.forge.store import Row, user_by_id

_NOT_ALLOWED, _CONFLICT, _UNPROCESSABLE = 405, 409, 422
_METHODS = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}
_MOVED = "Base branch was modified. Review and try the merge again."


async def is_merged(call: Call) -> Answer:
    """204 when the pull request is merged, 404 when not."""
    if not pull_of(call)["merged_at"]:
        raise not_found()
    return Answer(status=204)


async def merge(call: Call) -> Answer:
    """Merge a pull request with `merge`, `squash` or `rebase`."""
    pull = pull_of(call)
    method = call.text("merge_method", resource="PullRequest", default="merge")
    if method not in _METHODS:
        raise invalid("PullRequest", "merge_method")
    title = call.text("commit_title", resource="PullRequest", default="")
    message = call.text("commit_message", resource="PullRequest", default="\0")
    wanted = call.text("sha", resource="PullRequest", default="") or pull["head_sha"]
    tip = _check(call, pull, method)
    if wanted != pull["head_sha"]:
        raise ApiError(_CONFLICT, "Head branch was modified. Review and try the merge again.")
    text = (title, None if message == "\0" else message)
    sha = {"merge": _merge_commit, "squash": _squash_commit, "rebase": _rebased}[method](call, pull, tip, text)
    _land(call, pull, tip, sha)
    return Answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def _check(call: Call, pull: Row, method: str) -> str:
    """The base branch's commit; 405 when something stands in the way."""
    tip = base_tip(call.git, pull)
    if pull["state"] != "open" or not tip:
        raise ApiError(_NOT_ALLOWED, CONFLICT)
    if pull["draft"]:
        raise ApiError(_NOT_ALLOWED, DRAFT)
    rules = rules_on(call.store, call.repository, f"{BRANCHES}{pull['base_ref']}", call.actor, merging=True)
    if method not in allowed_methods(call.repository, rules):
        raise ApiError(_NOT_ALLOWED, f"{_METHODS[method]} are not allowed on this repository.")
    if not diff.merged_tree(call.git, tip, pull["head_sha"]):
        raise ApiError(_NOT_ALLOWED, CONFLICT)
    if found := obstacles(call.store, call.repository, pull, call.actor):
        by_ruleset = any(rule.ruleset_id for rule in rules)
        lines = ("Repository rule violations found", *found) if by_ruleset else found
        raise ApiError(_NOT_ALLOWED, "\n\n".join(lines))
    return tip


def _land(call: Call, pull: Row, tip: str, sha: str) -> None:
    """Move the base branch and let everything follow from it."""
    store, repository, ref = call.store, call.repository, f"{BRANCHES}{pull['base_ref']}"
    _check_workflows(call, tip, sha)
    try:
        move_ref(call.git, ref, sha, tip)
    except Refused as error:
        raise ApiError(_NOT_ALLOWED, _MOVED) from error
    with store.transaction():
        store.run("UPDATE pulls SET base_sha = ? WHERE issue_id = ?", tip, pull["id"])
        mark_merged(store, repository, pull, call.user, sha)
        received(store, repository, [RefUpdate(ref, tip, sha)], call.user)
    if repository["delete_branch_on_merge"]:
        _delete_head(call, pull)


def _check_workflows(call: Call, tip: str, sha: str) -> None:
    """403 when an App that may not write workflows would change one by merging."""
    bound = call.actor.app_id and not holds(call.actor, "workflows:write")
    if bound and call.git.text("diff", "--name-only", tip, sha, "--", ".github/workflows"):
        raise forbidden()


def _delete_head(call: Call, pull: Row) -> None:
    """Delete the merged branch, unless rules keep it or it has moved on."""
    ref = f"{BRANCHES}{pull['head_ref']}"
    default = pull["head_ref"] == call.repository["default_branch"]
    if default or call.git.commit_of(ref) != pull["head_sha"]:
        return
    with call.store.transaction(), suppress(ApiError):
        change_ref(call, ref, pull["head_sha"], NO_COMMIT)


def _person(call: Call) -> Person:
    """Who merges, now."""
    return Person.of(call.user, call.store.clock())


def _text(given: tuple[str, str | None], title: str, body: str) -> str:
    """A commit message: what the caller gave, else GitHub's."""
    words = given[1] if given[1] is not None else body
    return f"{given[0] or title}\n\n{words}".rstrip()


def _merge_commit(call: Call, pull: Row, tip: str, given: tuple[str, str | None]) -> str:
    """A commit with both branches as parents."""
    login = user_by_id(call.store, call.repository["owner_id"])["login"]
    title = f"Merge pull request #{pull['number']} from {login}/{pull['head_ref']}"
    tree = diff.merged_tree(call.git, tip, pull["head_sha"])
    return write_commit(call.git, tree, (tip, pull["head_sha"]), _text(given, title, pull["title"]), _person(call))


def _commits(call: Call, pull: Row, tip: str) -> list[CommitFacts]:
    """The pull request's own commits without merges, oldest first."""
    return read_commits(call.git, "--no-merges", "--reverse", "--topo-order", f"{tip}..{pull['head_sha']}")


def _squash_commit(call: Call, pull: Row, tip: str, given: tuple[str, str | None]) -> str:
    """One commit with the whole change, by the author of the pull request."""
    commits = _commits(call, pull, tip)
    title, body = pull["title"], "\n\n".join(f"* {facts.message}" for facts in commits)
    if len(commits) == 1:
        title, _, body = commits[0].message.partition("\n")
    author = Person.of(user_by_id(call.store, pull["user_id"]), call.store.clock())
    names = {f"{each.author.name} <{each.author.email}>": each.author.email for each in commits}
    others = [line for line, email in names.items() if email != author.email]
    trailers = "".join(f"\n\nCo-authored-by: {line}" if at == 0 else f"\nCo-authored-by: {line}"
                       for at, line in enumerate(others))  # fmt: skip
    tree = diff.merged_tree(call.git, tip, pull["head_sha"])
    text = _text(given, f"{title} (#{pull['number']})", f"{body.strip()}{trailers}")
    return write_commit(call.git, tree, (tip,), text, author, _person(call))


def _rebased(call: Call, pull: Row, tip: str, given: tuple[str, str | None]) -> str:
    """The commits one after the other on top of the base branch; 405 when one conflicts."""
    git, onto = call.git, tip
    for facts in _commits(call, pull, tip):
        tree = _picked(call, facts, onto)
        if tree == git.tree_of(onto):
            continue
        onto = write_commit(git, tree, (onto,), facts.message, facts.author, _person(call))
    if onto == tip:
        raise ApiError(_NOT_ALLOWED, "This branch can't be rebased")
    return onto


def _picked(call: Call, facts: CommitFacts, onto: str) -> str:
    """The tree of `onto` with one commit's change.

    git merge-tree takes its merge base from history, so three commits are made that have just this history.
    """
    git, who = call.git, Person("forge", "forge@localhost", 0)
    before = git.tree_of(facts.parents[0]) if facts.parents else git.run("mktree", stdin=b"").stdout.strip()
    start = write_commit(git, before, (), "before", who)
    ours = write_commit(git, git.tree_of(onto), (start,), "ours", who)
    theirs = write_commit(git, facts.tree, (start,), "theirs", who)
    tree = diff.merged_tree(git, ours, theirs)
    if not tree:
        raise ApiError(_NOT_ALLOWED, "This branch can't be rebased")
    return tree


async def update_branch(call: Call) -> Answer:
    """Merge the base branch into the head branch."""
    pull = pull_of(call)
    expected = call.text("expected_head_sha", resource="PullRequest", default="") or pull["head_sha"]
    git, tip = call.git, base_tip(call.git, pull)
    if pull["state"] != "open" or not tip:
        raise ApiError(_UNPROCESSABLE, "The pull request is not open.")
    if expected != pull["head_sha"]:
        raise ApiError(_UNPROCESSABLE, "expected_head_sha does not match the current head of the pull request.")
    if diff.is_ancestor(git, tip, pull["head_sha"]):
        raise ApiError(_UNPROCESSABLE, "There are no new commits on the base branch.")
    tree = diff.merged_tree(git, pull["head_sha"], tip)
    if not tree:
        raise ApiError(_UNPROCESSABLE, "merge conflict between base and head")
    title = f"Merge branch '{pull['base_ref']}' into {pull['head_ref']}"
    sha = write_commit(git, tree, (pull["head_sha"], tip), title, _person(call))
    with call.store.transaction():
        change_ref(call, f"{BRANCHES}{pull['head_ref']}", pull["head_sha"], sha)
    url = f"{api_url(call.store, call.repository)}/pulls/{pull['number']}"
    return Answer({"message": "Updating pull request branch.", "url": url}, 202)


_PULL = "/repos/{owner}/{repo}/pulls/{pull_number}"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", f"{_PULL}/merge", "pull_requests:read|contents:read", is_merged),
    ("PUT", f"{_PULL}/merge", "contents:write", merge),
    ("PUT", f"{_PULL}/update-branch", "pull_requests:write", update_branch),
)
"""Every row."""
