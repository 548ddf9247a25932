"""Commits of a repository: the list, one, and what lies between two.

Follows "REST API endpoints for commits". Goes out: GitHub's `commit` documents; with the media types diff,
patch and sha the text of these. Comparing takes BASE...HEAD within one repository. Comments on commits,
and pull requests of a commit, are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote

from tdev.adapters.git import Git
from tdev.forge.answers import Answer, ApiError, not_found
from tdev.forge.api.accounts import user_document
from tdev.forge.api.diffs import MOST, entries, entry_document
from tdev.forge.api.repositories import api_url, html_url
from tdev.forge.call import Call, Handler
from tdev.forge.git.commits import EMPTY_TREE, CommitFacts, Person, commit_named, read_commit, read_commits
from tdev.forge.store import Json, Row, Store

UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
_MOST_COMPARED = 250


def person_document(person: Person) -> Json:
    """Name, address and time."""
    return {"name": person.name, "email": person.email, "date": person.when()}


def account_of(store: Store, person: Person) -> Json | None:
    """The account whose address a commit names; None for a stranger."""
    user = store.one("SELECT * FROM users WHERE email = ?", person.email)
    return user_document(store, user) if user else None


def parents_document(store: Store, repository: Row, parents: Sequence[str], kind: str = "commits") -> list[Json]:
    """The parents of a commit."""
    url, page = api_url(store, repository), html_url(store, repository)
    return [{"sha": sha, "url": f"{url}/{kind}/{sha}", "html_url": f"{page}/commit/{sha}"} for sha in parents]


def commit_document(store: Store, repository: Row, facts: CommitFacts) -> Json:
    """A commit as lists show it."""
    url = api_url(store, repository)
    return {
        "sha": facts.sha,
        "node_id": f"C_forge{facts.sha}",
        "commit": {
            "author": person_document(facts.author),
            "committer": person_document(facts.committer),
            "message": facts.message,
            "tree": {"sha": facts.tree, "url": f"{url}/git/trees/{facts.tree}"},
            "url": f"{url}/git/commits/{facts.sha}",
            "comment_count": 0,
            "verification": UNSIGNED,
        },
        "url": f"{url}/commits/{facts.sha}",
        "html_url": f"{html_url(store, repository)}/commit/{facts.sha}",
        "comments_url": f"{url}/commits/{facts.sha}/comments",
        "author": account_of(store, facts.author),
        "committer": account_of(store, facts.committer),
        "parents": parents_document(store, repository, facts.parents),
    }


def full_commit(store: Store, repository: Row, facts: CommitFacts) -> Json:
    """A commit with its files and counts."""
    git = store.git(repository)
    changed = entries(git, facts.parents[0] if facts.parents else EMPTY_TREE, facts.sha)
    added, removed = sum(each.added for each in changed), sum(each.removed for each in changed)
    return {
        **commit_document(store, repository, facts),
        "stats": {"total": added + removed, "additions": added, "deletions": removed},
        "files": [entry_document(store, repository, facts.sha, each) for each in changed[:MOST]],
    }


async def list_commits(call: Call) -> Answer:
    """The commits that lead to a branch or commit, newest first; of a path, an author or a time if asked."""
    git, query = call.git, call.query
    start = query.get("sha") or call.repository["default_branch"]
    sha = commit_named(git, start)
    if not sha:
        if not git.text("for-each-ref", "--count=1", "refs/heads"):
            raise ApiError(HTTPStatus.CONFLICT, "Git Repository is empty.")
        raise not_found()
    words = [f"--{name}={query[name]}" for name in ("since", "until") if query.get(name)]
    paths = [f":(top,literal){query['path'].strip('/')}"] if query.get("path") else []
    rows = read_commits(git, *words, sha, "--", *paths)
    for name in ("author", "committer"):
        if query.get(name):
            rows = [row for row in rows if _is(call.store, getattr(row, name), query[name])]
    return call.page(rows, lambda row: commit_document(call.store, call.repository, row))


def _is(store: Store, person: Person, word: str) -> bool:
    """A login or an address names the person."""
    account = store.value("SELECT login FROM users WHERE email = ?", person.email)
    return word.lower() in (person.email.lower(), str(account).lower())


async def get_commit(call: Call) -> Answer:
    """One commit, with its files; as diff, patch or bare id if asked."""
    sha = commit_named(call.git, call.path["ref"])
    if not sha:
        message = f"No commit found for SHA: {call.path['ref']}"
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    facts = read_commit(call.git, sha)
    if ".sha" in call.accept:
        return Answer(sha, media_type="application/vnd.github.sha; charset=utf-8")
    text = as_text(call, facts.parents[0] if facts.parents else EMPTY_TREE, sha, f"-1 {sha}")
    return text or Answer(full_commit(call.store, call.repository, facts))


def as_text(call: Call, base: str, head: str, commits: str) -> Answer | None:
    """A difference as text where the client accepts only that: `diff`, or `patch` of the commits named."""
    if ".diff" in call.accept:
        return Answer(call.git.diff(base, head), media_type="application/vnd.github.diff; charset=utf-8")
    if ".patch" in call.accept:
        words = ("format-patch", "--stdout", "--root", "--no-signature", *commits.split())
        return Answer(call.git.run(*words).stdout, media_type="application/vnd.github.patch; charset=utf-8")
    return None


def _side(call: Call, word: str) -> str:
    """The commit of one side of a comparison; `owner:` in front may name this repository's owner only."""
    owner, colon, ref = word.partition(":")
    login = call.path["owner"] if colon else ""
    if colon and owner.lower() != login.lower():
        raise not_found()
    sha = commit_named(call.git, ref if colon else word)
    if not sha:
        raise not_found()
    return sha


async def compare(call: Call) -> Answer:
    """What HEAD has that BASE has not: commits, oldest first, and files since where they parted."""
    left, dots, right = call.path["basehead"].partition("...")
    if not dots:
        raise not_found()
    git, base, head = call.git, _side(call, left), _side(call, right)
    common = git.run("merge-base", base, head, check=False).stdout.strip()
    if not common:
        raise ApiError(HTTPStatus.NOT_FOUND, f"No common ancestor between {left} and {right}.")
    text = as_text(call, common, head, f"{common}..{head}")
    return text or Answer(_comparison(call, git, base, common, head))


def _comparison(call: Call, git: Git, base: str, common: str, head: str) -> Json:
    """The document of a comparison."""
    store, repository = call.store, call.repository
    ahead = read_commits(git, "--reverse", f"{base}..{head}", "--")
    behind = int(git.text("rev-list", "--count", f"{head}..{base}"))
    word = ("diverged" if behind else "ahead") if ahead else ("behind" if behind else "identical")
    page = f"{html_url(store, repository)}/compare"
    named = quote(call.path["basehead"], safe="./:")
    return {
        "url": f"{api_url(store, repository)}/compare/{named}",
        "html_url": f"{page}/{named}",
        "permalink_url": f"{page}/{base}...{head}",
        "diff_url": f"{page}/{named}.diff",
        "patch_url": f"{page}/{named}.patch",
        "base_commit": commit_document(store, repository, read_commit(git, base)),
        "merge_base_commit": commit_document(store, repository, read_commit(git, common)),
        "status": word,
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
        "commits": [commit_document(store, repository, facts) for facts in ahead[:_MOST_COMPARED]],
        "files": [entry_document(store, repository, head, each) for each in entries(git, common, head)[:MOST]],
    }


_COMMITS = "/repos/{owner}/{repo}/commits"
ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _COMMITS, "contents:read", list_commits),
    ("GET", f"{_COMMITS}/{{ref}}", "contents:read", get_commit),
    ("GET", "/repos/{owner}/{repo}/compare/{basehead}", "contents:read", compare),
)
"""Rows for forge/routes.py."""
