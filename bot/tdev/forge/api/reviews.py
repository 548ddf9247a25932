"""Reviews: writing, submitting and dismissing them.

Follows "REST API endpoints for pull request reviews". Goes out: `pull-request-review` documents and the
events pull_request_review.submitted and .dismissed. Nobody approves their own pull request. Comments on
lines of the diff are left out: a review that brings some is refused.
"""

from __future__ import annotations

from tdev.forge.answers import Answer, ApiError, forbidden, not_found
from tdev.forge.api.accounts import association, user_or_none
from tdev.forge.api.conversations import check_text, has_role
from tdev.forge.api.pulls import pull_of, simple_pull
from tdev.forge.api.repositories import api_url, html_url
from tdev.forge.call import Call, Handler
from tdev.forge.events import emit
from tdev.forge.git.branch_rules import BRANCHES, rules_on
from tdev.forge.pulls.rows import pull_by_issue
from tdev.forge.store import Json, Row, Store, repository_by_id

_EVENTS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
_UNPROCESSABLE = 422


def review_document(store: Store, review: Row) -> Json:
    """A review (`pull-request-review`)."""
    pull = pull_by_issue(store, review["issue_id"])
    repository = repository_by_id(store, pull["repository_id"])
    url = f"{api_url(store, repository)}/pulls/{pull['number']}"
    page = f"{html_url(store, repository)}/pull/{pull['number']}#pullrequestreview-{review['id']}"
    return {
        "id": review["id"],
        "node_id": f"PRR_forge{review['id']}",
        "user": user_or_none(store, review["user_id"]),
        "body": review["body"],
        "state": review["state"],
        "html_url": page,
        "pull_request_url": url,
        "author_association": association(store, repository, review["user_id"]),
        "_links": {"html": {"href": page}, "pull_request": {"href": url}},
        "commit_id": review["commit_id"],
        **({"submitted_at": review["submitted_at"]} if review["submitted_at"] else {}),
    }


def _by_id(store: Store, review_id: int) -> Row:
    """The review with an id that is known to exist."""
    row = store.one("SELECT * FROM reviews WHERE id = ?", review_id)
    if row is None:
        raise KeyError(review_id)
    return row


def _review(call: Call) -> Row:
    """The review of the path; one that is not submitted is seen by its author alone."""
    sql = "SELECT * FROM reviews WHERE id = ? AND issue_id = ?"
    row = call.store.one(sql, call.number("review_id"), pull_of(call)["id"])
    if row is None or (row["state"] == "PENDING" and row["user_id"] != call.actor.user_id):
        raise not_found()
    return row


def _own(call: Call) -> Row:
    """The caller's review of the path; 403 for somebody else's."""
    row = _review(call)
    if row["user_id"] != call.actor.user_id:
        raise forbidden("Can not update a review of somebody else.")
    return row


def _tell(store: Store, repository: Row, review_id: int, action: str, sender_id: int) -> None:
    """Queue `pull_request_review.<action>`."""
    row = _by_id(store, review_id)
    document = review_document(store, row)
    document |= {"state": row["state"].lower(), "submitted_at": row["submitted_at"]}
    payload = {"review": document, "pull_request": simple_pull(store, pull_by_issue(store, row["issue_id"]))}
    emit(store, repository, "pull_request_review", action, payload, sender_id=sender_id)


def _checked_state(call: Call, pull: Row, event: str, body: str) -> str:
    """The state an event gives a review; 422 where it must not be."""
    if event not in _EVENTS:
        raise ApiError(_UNPROCESSABLE, "Unprocessable Entity", errors=["Variable $event of type PullRequestReviewEvent was provided invalid value"])  # fmt: skip  # noqa: E501
    if event != "COMMENT" and pull["user_id"] == call.actor.user_id:
        word = "approve" if event == "APPROVE" else "request changes on"
        raise ApiError(_UNPROCESSABLE, "Unprocessable Entity", errors=[f"Can not {word} your own pull request"])
    if event != "APPROVE" and not body.strip():
        raise ApiError(_UNPROCESSABLE, "Unprocessable Entity", errors=["Body can't be blank"])
    return _EVENTS[event]


def _submit(call: Call, pull: Row, review_id: int, state: str) -> None:
    """Make a review count, and take the request for it back."""
    call.store.update("reviews", review_id, state=state, submitted_at=call.store.now())
    sql = "DELETE FROM requested_reviewers WHERE issue_id = ? AND user_id = ?"
    call.store.run(sql, pull["id"], call.actor.user_id)
    call.store.update("issues", pull["id"], updated_at=call.store.now())
    _tell(call.store, call.repository, review_id, "submitted", call.actor.user_id)


async def list_reviews(call: Call) -> Answer:
    """The reviews of a pull request, oldest first."""
    sql = "SELECT * FROM reviews WHERE issue_id = ? AND (state <> 'PENDING' OR user_id = ?) ORDER BY id"
    rows = call.store.all(sql, pull_of(call)["id"], call.actor.user_id)
    return call.page(rows, lambda row: review_document(call.store, row))


async def get_review(call: Call) -> Answer:
    """A review."""
    return Answer(review_document(call.store, _review(call)))


async def create_review(call: Call) -> Answer:
    """Write a review; without an `event` it waits to be submitted."""
    pull = pull_of(call)
    if call.document.get("comments"):
        raise ApiError(_UNPROCESSABLE, "Unprocessable Entity", errors=["Comments on lines are not supported here"])
    event = call.text("event", resource="PullRequestReview", default="")
    body = check_text("PullRequestReview", "body", call.text("body", resource="PullRequestReview", default=""))
    commit = call.text("commit_id", resource="PullRequestReview", default="") or pull["head_sha"]
    if call.git.commit_of(commit) != commit:
        raise ApiError(_UNPROCESSABLE, "Unprocessable Entity", errors=["Commit is not part of the pull request"])
    state = _checked_state(call, pull, event, body) if event else "PENDING"
    waiting = "SELECT 1 FROM reviews WHERE issue_id = ? AND user_id = ? AND state = 'PENDING'"
    if not event and call.store.value(waiting, pull["id"], call.user["id"]):
        words = "User can only have one pending review per pull request"
        raise ApiError(_UNPROCESSABLE, "Unprocessable Entity", errors=[words])
    with call.store.transaction():
        number = call.store.insert(
            "reviews", issue_id=pull["id"], user_id=call.user["id"], body=body, state="PENDING", commit_id=commit
        )
        if event:
            _submit(call, pull, number, state)
    return Answer(review_document(call.store, _by_id(call.store, number)))


async def update_review(call: Call) -> Answer:
    """Change the text of one's own review."""
    review = _own(call)
    body = check_text("PullRequestReview", "body", call.text("body", resource="PullRequestReview"))
    call.store.update("reviews", review["id"], body=body)
    return Answer(review_document(call.store, _by_id(call.store, review["id"])))


async def submit_review(call: Call) -> Answer:
    """Submit a review that waits."""
    pull, review = pull_of(call), _own(call)
    if review["state"] != "PENDING":
        raise ApiError(_UNPROCESSABLE, "Unprocessable Entity", errors=["Review has already been submitted"])
    body = call.text("body", resource="PullRequestReview", default=review["body"])
    state = _checked_state(call, pull, call.text("event", resource="PullRequestReview"), body)
    with call.store.transaction():
        call.store.update("reviews", review["id"], body=body)
        _submit(call, pull, review["id"], state)
    return Answer(review_document(call.store, _by_id(call.store, review["id"])))


async def delete_review(call: Call) -> Answer:
    """Delete a review that was not submitted."""
    review = _own(call)
    if review["state"] != "PENDING":
        raise ApiError(
            _UNPROCESSABLE, "Unprocessable Entity", errors=["Can not delete a non-pending pull request review"]
        )
    document = review_document(call.store, review)
    call.store.run("DELETE FROM reviews WHERE id = ?", review["id"])
    return Answer(document)


async def dismiss_review(call: Call) -> Answer:
    """Take an approval or a request for changes out of the count."""
    review = _review(call)
    message = call.text("message", resource="PullRequestReview")
    if not has_role(call, "write"):
        raise forbidden("Must have push access to repository")
    if review["state"] not in ("APPROVED", "CHANGES_REQUESTED"):
        raise ApiError(
            _UNPROCESSABLE, "Unprocessable Entity", errors=["Can not dismiss a commented pull request review"]
        )
    if not message.strip():
        raise ApiError(_UNPROCESSABLE, "Unprocessable Entity", errors=["Message can't be blank"])
    with call.store.transaction():
        _dismiss(call.store, call.repository, review, call.actor.user_id)
    return Answer(review_document(call.store, _by_id(call.store, review["id"])))


def _dismiss(store: Store, repository: Row, review: Row, sender_id: int) -> None:
    """Dismiss and tell."""
    store.update("reviews", review["id"], state="DISMISSED")
    _tell(store, repository, review["id"], "dismissed", sender_id)


def dismiss_stale(store: Store, repository: Row, pull: Row, sender: Row) -> None:
    """Dismiss the approvals of earlier commits where the base branch's rules ask for it."""
    rules = rules_on(store, repository, f"{BRANCHES}{pull['base_ref']}")
    if not any(rule.kind == "pull_request" and rule.parameters.get("dismiss_stale_reviews_on_push") for rule in rules):
        return
    sql = "SELECT * FROM reviews WHERE issue_id = ? AND state = 'APPROVED' AND commit_id <> ? ORDER BY id"
    for review in store.all(sql, pull["id"], pull["head_sha"]):
        _dismiss(store, repository, review, sender["id"])


_REVIEWS = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"
_READ, _OPEN = "pull_requests:read", "pull_requests:open"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _REVIEWS, _READ, list_reviews),
    ("POST", _REVIEWS, _OPEN, create_review),
    ("GET", f"{_REVIEWS}/{{review_id}}", _READ, get_review),
    ("PUT", f"{_REVIEWS}/{{review_id}}", _OPEN, update_review),
    ("DELETE", f"{_REVIEWS}/{{review_id}}", _OPEN, delete_review),
    ("POST", f"{_REVIEWS}/{{review_id}}/events", _OPEN, submit_review),
    ("PUT", f"{_REVIEWS}/{{review_id}}/dismissals", _OPEN, dismiss_review),
)
"""Every row."""
