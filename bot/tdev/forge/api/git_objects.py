"""Git's own objects over HTTP: references, commits, trees, blobs.

Follows "REST API endpoints for Git database". A commit is made of blobs, a tree and parents, and a reference
is moved to it; moving one goes by the same rules as a push. Annotated tags as objects are left out.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from tdev.errors import Refused
from tdev.forge.answers import Answer, ApiError, invalid, not_found
from tdev.forge.api.commits import UNSIGNED, parents_document, person_document
from tdev.forge.api.repositories import api_url, html_url
from tdev.forge.call import Call, Handler
from tdev.forge.git.backend import NO_COMMIT
from tdev.forge.git.commits import (
    OBJECT_ID,
    CommitFacts,
    Person,
    commit_named,
    kind_of,
    listing_of,
    read_blob,
    read_commit,
    write_blob,
    write_commit,
    write_tree,
)
from tdev.forge.git.ref_changes import change_ref, is_forward
from tdev.forge.store import Json, Row, Store

_MODES = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}
_MOST = 100_000


def _unprocessable(message: str) -> ApiError:
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, message)


def lined(content: bytes) -> str:
    """Base64 in lines of sixty letters, as GitHub writes it."""
    text = base64.b64encode(content).decode()
    return "".join(f"{text[at : at + 60]}\n" for at in range(0, len(text), 60))


def clean_path(path: str, *, empty: bool = False) -> str:
    """A path as git may hold it; ApiError 422 for one that leaves the repository or enters .git."""
    parts = path.strip("/").split("/") if path.strip("/") else []
    if any(part in ("", ".", "..") or part.lower() == ".git" or "\0" in part for part in parts):
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "path contains a malformed path component")
    if not parts and not empty:
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "path can't be empty")
    return "/".join(parts)


def person_in(call: Call, name: str, default: Person) -> Person:
    """The author or committer the body names; 422 without name and address."""
    given = call.document.get(name)
    if given is None:
        return default
    words = [given.get(key) if isinstance(given, dict) else None for key in ("name", "email")]
    if not all(isinstance(word, str) and word for word in words):
        raise invalid("Commit", name, "invalid", f"{name} needs name and email.")
    date = given.get("date")
    if date is None:
        return Person(str(words[0]), str(words[1]), default.seconds)
    try:
        seconds = datetime.fromisoformat(date).timestamp()
    except (TypeError, ValueError) as error:
        raise invalid("Commit", f"{name}.date", "invalid", "The date is not of ISO 8601.") from error
    if seconds < 0:
        raise invalid("Commit", f"{name}.date", "invalid", "The date is before 1970.")
    return Person(str(words[0]), str(words[1]), int(seconds))


def git_commit_document(store: Store, repository: Row, facts: CommitFacts) -> Json:
    """A commit as the Git database shows it."""
    url = api_url(store, repository)
    return {
        "sha": facts.sha,
        "node_id": f"C_forge{facts.sha}",
        "url": f"{url}/git/commits/{facts.sha}",
        "html_url": f"{html_url(store, repository)}/commit/{facts.sha}",
        "author": person_document(facts.author),
        "committer": person_document(facts.committer),
        "tree": {"sha": facts.tree, "url": f"{url}/git/trees/{facts.tree}"},
        "message": facts.message,
        "parents": parents_document(store, repository, facts.parents, "git/commits"),
        "verification": UNSIGNED,
    }


def _ref_document(call: Call, ref: str, sha: str, kind: str) -> Json:
    """A reference."""
    url = api_url(call.store, call.repository)
    return {
        "ref": ref,
        "node_id": f"REF_forge{call.repository['id']}:{ref}",
        "url": f"{url}/git/{quote(ref)}",
        "object": {"sha": sha, "type": kind, "url": f"{url}/git/{kind}s/{sha}"},
    }


def _refs(call: Call, prefix: str) -> list[tuple[str, str, str]]:
    """(name, id, kind) of every reference whose name starts so."""
    out = call.git.text("for-each-ref", "--format=%(refname)%00%(objectname)%00%(objecttype)", "refs")
    rows = [tuple(line.split("\0")) for line in out.splitlines()]
    return [(name, sha, kind) for name, sha, kind in rows if name.startswith(prefix)]


def _one_ref(call: Call, ref: str) -> tuple[str, str, str] | None:
    """The reference of this name."""
    return next((row for row in _refs(call, ref) if row[0] == ref), None)


async def get_ref(call: Call) -> Answer:
    """One reference, `heads/main`."""
    found = _one_ref(call, f"refs/{call.path['ref']}")
    if found is None:
        raise not_found()
    return Answer(_ref_document(call, *found))


async def list_matching_refs(call: Call) -> Answer:
    """The references that start so."""
    return call.page(_refs(call, f"refs/{call.path['ref']}"), lambda row: _ref_document(call, *row))


def _target(call: Call) -> str:
    """The object the body names."""
    sha = call.text("sha", resource="Reference")
    kind = kind_of(call.git, sha)
    if not kind:
        raise _unprocessable("Object does not exist")
    return sha


async def create_ref(call: Call) -> Answer:
    """Make a branch, a tag or another reference."""
    ref = call.text("ref", resource="Reference")
    well_formed = ref.startswith("refs/") and ref.count("/") >= 2 and "\0" not in ref
    if not well_formed or not call.git.run("check-ref-format", ref, check=False).ok:
        raise _unprocessable("Reference name must start with 'refs' and have at least two slashes.")
    if ref.startswith("refs/pull/"):
        raise _unprocessable("Reference name can't be in refs/pull.")
    sha = _target(call)
    if _one_ref(call, ref):
        raise _unprocessable("Reference already exists")
    kind = kind_of(call.git, sha)
    if ref.startswith("refs/heads/") and kind != "commit":
        raise _unprocessable("Object is not a commit")
    change_ref(call, ref, NO_COMMIT, sha)
    return Answer(_ref_document(call, ref, sha, kind), HTTPStatus.CREATED)


async def update_ref(call: Call) -> Answer:
    """Move a reference; backwards or sideways only with `force`."""
    ref = f"refs/{call.path['ref']}"
    found = _one_ref(call, ref)
    if found is None or ref.startswith("refs/pull/"):
        raise _unprocessable("Reference does not exist")
    sha = _target(call)
    force = call.flag("force", resource="Reference")
    if ref.startswith("refs/heads/") and kind_of(call.git, sha) != "commit":
        raise _unprocessable("Object is not a commit")
    if not force and not is_forward(call, found[1], sha):
        raise _unprocessable("Update is not a fast forward")
    if sha != found[1]:
        change_ref(call, ref, found[1], sha)
    return Answer(_ref_document(call, ref, sha, kind_of(call.git, sha)))


async def delete_ref(call: Call) -> Answer:
    """Delete a reference; the default branch stays."""
    ref = f"refs/{call.path['ref']}"
    found = _one_ref(call, ref)
    if found is None or ref.startswith("refs/pull/"):
        raise _unprocessable("Reference does not exist")
    if ref == f"refs/heads/{call.repository['default_branch']}":
        raise _unprocessable("Cannot delete the default branch")
    change_ref(call, ref, found[1], NO_COMMIT)
    return Answer(status=HTTPStatus.NO_CONTENT)


def _object(call: Call, name: str, kind: str) -> str:
    """The object id of the path, of that kind."""
    sha = call.path[name]
    if kind_of(call.git, sha) != kind:
        raise not_found()
    return sha


async def get_commit(call: Call) -> Answer:
    """One commit."""
    sha = _object(call, "commit_sha", "commit")
    return Answer(git_commit_document(call.store, call.repository, read_commit(call.git, sha)))


async def create_commit(call: Call) -> Answer:
    """Write a commit; no reference moves."""
    message, tree = call.text("message", resource="Commit"), call.text("tree", resource="Commit")
    if kind_of(call.git, tree) != "tree":
        raise _unprocessable("Tree SHA does not exist")
    parents = call.names("parents", resource="Commit")
    if any(kind_of(call.git, parent) != "commit" for parent in parents):
        raise _unprocessable("Parent SHA does not exist or is not a commit object")
    author = person_in(call, "author", Person.of(call.user, call.store.clock()))
    committer = person_in(call, "committer", author)
    sha = write_commit(call.git, tree, parents, message, author, committer)
    document = git_commit_document(call.store, call.repository, read_commit(call.git, sha))
    return Answer(document, HTTPStatus.CREATED)


def _tree_document(call: Call, sha: str, *, recursive: bool) -> Json:
    """A tree, with everything below when `recursive`."""
    words = ("-r", "-t") if recursive else ()
    out = call.git.run("ls-tree", "-z", "--long", *words, sha).stdout
    url = f"{api_url(call.store, call.repository)}/git"
    items = []
    for meta, path in (entry.split("\t", 1) for entry in out.split("\0") if entry):
        mode, kind, own, size = meta.split()
        item: Json = {"path": path, "mode": mode, "type": kind, "sha": own}
        if kind == "blob":
            item["size"] = int(size)
        if kind != "commit":
            item["url"] = f"{url}/{kind}s/{own}"
        items.append(item)
    return {"sha": sha, "url": f"{url}/trees/{sha}", "tree": items[:_MOST], "truncated": len(items) > _MOST}


async def get_tree(call: Call) -> Answer:
    """A tree by its id, or the tree of a commit or branch."""
    word = call.path["tree_sha"]
    sha = word if kind_of(call.git, word) == "tree" else commit_named(call.git, word)
    if not sha:
        raise not_found()
    tree = call.git.tree_of(sha) if sha != word or kind_of(call.git, word) == "commit" else sha
    return Answer(_tree_document(call, tree, recursive=bool(call.query.get("recursive"))))


async def create_tree(call: Call) -> Answer:
    """Write a tree from entries, on top of `base_tree` when there is one; `sha` null removes a path."""
    given = call.document.get("tree")
    if not isinstance(given, list) or not given or not all(isinstance(entry, dict) for entry in given):
        raise _unprocessable("Invalid tree info")
    base = call.text("base_tree", resource="Tree", default="")
    if base and kind_of(call.git, base) not in ("tree", "commit"):
        raise _unprocessable("base_tree is not a valid tree oid")
    listing = listing_of(call.git, base) if base else {}
    for entry in given:
        _apply(call, listing, entry)
    try:
        sha = write_tree(call.git, listing)
    except Refused as error:
        raise _unprocessable(error.message) from error
    return Answer(_tree_document(call, sha, recursive=False), HTTPStatus.CREATED)


def _apply(call: Call, listing: dict[str, str], entry: dict[str, Any]) -> None:
    """Put one entry of a new tree into the flat listing."""
    if not isinstance(entry.get("path"), str):
        raise _unprocessable("tree.path is missing")
    path, mode = clean_path(entry["path"]), entry.get("mode")
    if mode not in _MODES or entry.get("type", _MODES[mode]) != _MODES[mode]:
        raise _unprocessable("tree.mode or tree.type is not valid")
    for old in [each for each in listing if each == path or each.startswith(f"{path}/")]:
        del listing[old]
    if "content" in entry:
        if _MODES[mode] != "blob" or not isinstance(entry["content"], str):
            raise _unprocessable("tree.content is not valid")
        listing[path] = f"{mode} blob {write_blob(call.git, entry['content'].encode())}"
        return
    sha = entry.get("sha")
    if sha is None:
        return
    if mode == "160000" and isinstance(sha, str) and OBJECT_ID.fullmatch(sha):
        listing[path] = f"{mode} commit {sha}"
        return
    if not isinstance(sha, str) or kind_of(call.git, sha) != _MODES[mode]:
        raise _unprocessable(f"tree.sha {sha} is not a valid {_MODES[mode]}")
    if mode == "040000":
        listing |= {f"{path}/{inner}": meta for inner, meta in listing_of(call.git, sha).items()}
    else:
        listing[path] = f"{mode} blob {sha}"


async def get_blob(call: Call) -> Answer:
    """A blob, in base64; raw if asked."""
    sha = _object(call, "file_sha", "blob")
    content = read_blob(call.git, sha)
    if "raw" in call.accept:
        return Answer(content, media_type="application/vnd.github.raw; charset=utf-8")
    return Answer(
        {
            "sha": sha,
            "node_id": f"B_forge{sha}",
            "url": f"{api_url(call.store, call.repository)}/git/blobs/{sha}",
            "size": len(content),
            "content": lined(content),
            "encoding": "base64",
        }
    )


async def create_blob(call: Call) -> Answer:
    """Keep a file's content."""
    text = call.text("content", resource="Blob")
    encoding = call.text("encoding", resource="Blob", default="utf-8")
    if encoding not in ("utf-8", "base64"):
        raise _unprocessable("encoding must be utf-8 or base64")
    try:
        content = base64.b64decode("".join(text.split()), validate=True) if encoding == "base64" else text.encode()
    except (binascii.Error, ValueError) as error:
        raise _unprocessable("content is not valid Base64") from error
    sha = write_blob(call.git, content)
    url = f"{api_url(call.store, call.repository)}/git/blobs/{sha}"
    return Answer({"sha": sha, "url": url}, HTTPStatus.CREATED)


_GIT = "/repos/{owner}/{repo}/git"
ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", f"{_GIT}/ref/{{ref}}", "contents:read", get_ref),
    ("GET", f"{_GIT}/matching-refs/{{ref}}", "contents:read", list_matching_refs),
    ("POST", f"{_GIT}/refs", "contents:write", create_ref),
    ("PATCH", f"{_GIT}/refs/{{ref}}", "contents:write", update_ref),
    ("DELETE", f"{_GIT}/refs/{{ref}}", "contents:write", delete_ref),
    ("GET", f"{_GIT}/commits/{{commit_sha}}", "contents:read", get_commit),
    ("POST", f"{_GIT}/commits", "contents:write", create_commit),
    ("GET", f"{_GIT}/trees/{{tree_sha}}", "contents:read", get_tree),
    ("POST", f"{_GIT}/trees", "contents:write", create_tree),
    ("GET", f"{_GIT}/blobs/{{file_sha}}", "contents:read", get_blob),
    ("POST", f"{_GIT}/blobs", "contents:write", create_blob),
)
"""Rows for forge/routes.py."""
