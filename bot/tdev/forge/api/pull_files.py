"""What is in a pull request: its files, its commits, and who is asked to review it.

Follows "List pull requests files", "List commits on a pull request" and "REST API endpoints for review
requests". Goes out: `diff-entry` and `commit` documents, and the events pull_request.review_requested
and .review_request_removed. Teams are left out.
"""

from __future__ import annotations

from tdev.forge.answers import Answer, ApiError
from tdev.forge.api.accounts import user_document
from tdev.forge.api.commits import commit_document
from tdev.forge.api.diffs import entries, entry_document
from tdev.forge.api.pulls import pull_of, simple_pull, tell
from tdev.forge.call import ROLES, Call, Handler, role_of
from tdev.forge.git.commits import read_commits
from tdev.forge.git.diff import merge_base
from tdev.forge.pulls.rows import pull_by_issue, requested_reviewer_ids
from tdev.forge.store import Row, user_by_id, user_by_login

_MOST_FILES, _MOST_COMMITS = 3000, 250


async def list_files(call: Call) -> Answer:
    """The files of a pull request, at most 3,000."""
    pull = pull_of(call)
    start = merge_base(call.git, pull["base_sha"], pull["head_sha"])
    found = entries(call.git, start, pull["head_sha"]) if start else []
    return call.page(
        found[:_MOST_FILES], lambda entry: entry_document(call.store, call.repository, pull["head_sha"], entry)
    )


async def list_commits(call: Call) -> Answer:
    """The commits of a pull request, oldest first, at most 250."""
    pull = pull_of(call)
    facts = read_commits(call.git, "--reverse", "--topo-order", f"{pull['base_sha']}..{pull['head_sha']}")
    return call.page(facts[:_MOST_COMMITS], lambda row: commit_document(call.store, call.repository, row))


async def list_requested(call: Call) -> Answer:
    """Who is asked to review."""
    numbers = requested_reviewer_ids(call.store, pull_of(call)["id"])
    users = [user_document(call.store, user_by_id(call.store, number)) for number in numbers]
    return Answer({"users": users, "teams": []})


def _named(call: Call, pull: Row) -> list[Row]:
    """The accounts of `reviewers`; 422 for the author and for who has no role in the repository."""
    if call.names("team_reviewers", resource="PullRequest"):
        raise ApiError(422, "Could not resolve to a node with the global id of a team.")
    users = []
    for login in call.names("reviewers", resource="PullRequest"):
        user = user_by_login(call.store, login)
        if user is not None and user["id"] == pull["user_id"]:
            raise ApiError(422, "Review cannot be requested from pull request author.")
        if user is None or ROLES.index(role_of(call.store, call.repository, user["id"])) < ROLES.index("read"):
            raise ApiError(422, "Reviews may only be requested from collaborators. "
                                f"One or more of the users or teams you specified is not a collaborator of the "
                                f"{call.path['owner']}/{call.path['repo']} repository.")  # fmt: skip
        users.append(user)
    return users


async def request_reviewers(call: Call) -> Answer:
    """Ask for reviews."""
    pull = pull_of(call)
    with call.store.transaction():
        for user in _named(call, pull):
            if user["id"] in requested_reviewer_ids(call.store, pull["id"]):
                continue
            call.store.run("INSERT INTO requested_reviewers VALUES (?, ?)", pull["id"], user["id"])
            tell(call, pull["id"], "review_requested", {"requested_reviewer": user_document(call.store, user)})
    return Answer(simple_pull(call.store, pull_by_issue(call.store, pull["id"])), 201)


async def remove_requested(call: Call) -> Answer:
    """Take requests for reviews back."""
    pull = pull_of(call)
    with call.store.transaction():
        for user in _named(call, pull):
            if user["id"] not in requested_reviewer_ids(call.store, pull["id"]):
                continue
            sql = "DELETE FROM requested_reviewers WHERE issue_id = ? AND user_id = ?"
            call.store.run(sql, pull["id"], user["id"])
            tell(call, pull["id"], "review_request_removed", {"requested_reviewer": user_document(call.store, user)})
    return Answer(simple_pull(call.store, pull_by_issue(call.store, pull["id"])))


_PULL = "/repos/{owner}/{repo}/pulls/{pull_number}"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", f"{_PULL}/files", "pull_requests:read", list_files),
    ("GET", f"{_PULL}/commits", "pull_requests:read", list_commits),
    ("GET", f"{_PULL}/requested_reviewers", "pull_requests:read", list_requested),
    ("POST", f"{_PULL}/requested_reviewers", "pull_requests:write", request_reviewers),
    ("DELETE", f"{_PULL}/requested_reviewers", "pull_requests:write", remove_requested),
)
"""Every row."""
