"""Files of a repository: read, written and deleted one at a time, each change a commit.

Follows "REST API endpoints for repository contents". Files above 1 MB have no content in their document,
and are read with the raw media type. A change names the blob it replaces (`sha`): 422 without, 409 when
it is another by now. Branch protection and rulesets hold as for a push. Signing and HTML are left out.
"""

from __future__ import annotations

import base64
import binascii
import re
from http import HTTPStatus
from urllib.parse import quote

from tdev.errors import Refused
from tdev.forge.answers import Answer, ApiError, not_found
from tdev.forge.api.git_objects import clean_path, git_commit_document, lined, person_in
from tdev.forge.api.repositories import api_url, html_url
from tdev.forge.call import Call, Handler
from tdev.forge.git.backend import NO_COMMIT
from tdev.forge.git.commits import (
    EMPTY_TREE,
    Person,
    commit_named,
    listing_of,
    read_blob,
    read_commit,
    tree_with,
    write_commit,
)
from tdev.forge.git.ref_changes import change_ref
from tdev.forge.store import Json

_BIG = 1024 * 1024
_README = re.compile(r"readme(\.(md|rst|txt|markdown))?", re.IGNORECASE)


def _at(call: Call) -> tuple[str, str]:
    """The reference that is asked for and its commit."""
    ref = call.query.get("ref") or call.repository["default_branch"]
    sha = commit_named(call.git, ref)
    if not sha:
        if call.query.get("ref"):
            raise ApiError(HTTPStatus.NOT_FOUND, f"No commit found for the ref {ref}")
        raise ApiError(HTTPStatus.NOT_FOUND, "This repository is empty.")
    return ref, sha


def _entries(call: Call, sha: str, folder: str) -> list[tuple[str, str, str, int, str]]:
    """(mode, kind, id, size, path) of what a folder holds; empty where there is no such folder."""
    tree = f"{sha}:{folder}" if folder else sha
    done = call.git.run("ls-tree", "-z", "--long", "--full-tree", tree, check=False)
    rows = [entry.split("\t", 1) for entry in done.stdout.split("\0") if entry] if done.ok else []
    found = []
    for meta, name in rows:
        mode, kind, blob, size = meta.split()
        path = f"{folder}/{name}" if folder else name
        found.append((mode, kind, blob, int(size) if size.isdecimal() else 0, path))
    return found


def _item(call: Call, ref: str, entry: tuple[str, str, str, int, str]) -> Json:
    """An entry as a folder lists it."""
    mode, kind, sha, size, path = entry
    word = {"tree": "dir", "commit": "submodule"}.get(kind, "symlink" if mode == "120000" else "file")
    url, page, there = api_url(call.store, call.repository), html_url(call.store, call.repository), quote(path)
    own = f"{url}/contents/{there}?ref={quote(ref, safe='')}"
    git_url = f"{url}/git/{'trees' if kind == 'tree' else 'blobs'}/{sha}"
    html = f"{page}/{'tree' if kind == 'tree' else 'blob'}/{quote(ref)}/{there}"
    download = None if kind != "blob" else f"{page}/raw/{quote(ref)}/{there}"
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": size,
        "url": own,
        "html_url": html,
        "git_url": None if kind == "commit" else git_url,
        "download_url": download,
        "type": word,
        "_links": {"self": own, "git": None if kind == "commit" else git_url, "html": html},
    }


def _file(call: Call, ref: str, entry: tuple[str, str, str, int, str]) -> Json:
    """A file, link or submodule with what it holds."""
    item, size = _item(call, ref, entry), entry[3]
    if item["type"] == "symlink":
        return {**item, "target": read_blob(call.git, entry[2]).decode("utf-8", "replace")}
    if item["type"] == "submodule":
        return {**item, "submodule_git_url": None}
    if size > _BIG:
        return {**item, "content": "", "encoding": "none"}
    return {**item, "content": lined(read_blob(call.git, entry[2])), "encoding": "base64"}


async def get_content(call: Call) -> Answer:
    """A file, or the list of a folder."""
    return _content(call, clean_path(call.path.get("path", ""), empty=True))


def _content(call: Call, path: str) -> Answer:
    """What is at a path, in the form the client accepts."""
    ref, sha = _at(call)
    found = [entry for entry in _entries(call, sha, path.rpartition("/")[0]) if entry[4] == path]
    if path and not found:
        raise not_found()
    if not path or found[0][1] == "tree":
        items = [_item(call, ref, entry) for entry in _entries(call, sha, path)]
        if "vnd.github.object" not in call.accept:
            return Answer(items)
        root = _item(call, ref, found[0] if found else ("040000", "tree", call.git.tree_of(sha), 0, ""))
        return Answer({**root, "entries": items})
    if "raw" in call.accept and found[0][1] == "blob":
        return Answer(read_blob(call.git, found[0][2]), media_type="application/vnd.github.raw; charset=utf-8")
    return Answer(_file(call, ref, found[0]))


async def get_readme(call: Call) -> Answer:
    """The README of the top folder."""
    _, sha = _at(call)
    names = [entry[4] for entry in _entries(call, sha, "") if entry[1] == "blob" and _README.fullmatch(entry[4])]
    if not names:
        raise not_found()
    return _content(call, min(names, key=lambda name: (not name.lower().endswith(".md"), name)))


async def put_file(call: Call) -> Answer:
    """Write a file: 201 when it is new, 200 when it replaces the blob that `sha` names."""
    try:
        content = base64.b64decode("".join(call.text("content", resource="Content").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "content is not valid Base64") from error
    path = clean_path(call.path["path"])
    branch, head = _branch(call)
    old = _blob_at(call, head, path)
    given = call.text("sha", resource="Content", default="")
    if old and not given:
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if given and given != old:
        raise ApiError(HTTPStatus.CONFLICT, f"{path} does not match {given}")
    made = _commit(call, branch, head, path, content)
    entry = next(each for each in _entries(call, made, path.rpartition("/")[0]) if each[4] == path)
    document = {
        "content": _item(call, branch, entry),
        "commit": git_commit_document(call.store, call.repository, read_commit(call.git, made)),
    }
    return Answer(document, HTTPStatus.OK if old else HTTPStatus.CREATED)


async def delete_file(call: Call) -> Answer:
    """Delete the file whose blob `sha` names."""
    path = clean_path(call.path["path"])
    branch, head = _branch(call)
    given = call.text("sha", resource="Content")
    old = _blob_at(call, head, path)
    if not old:
        raise not_found()
    if given != old:
        raise ApiError(HTTPStatus.CONFLICT, f"{path} does not match {given}")
    made = _commit(call, branch, head, path, None)
    commit = git_commit_document(call.store, call.repository, read_commit(call.git, made))
    return Answer({"content": None, "commit": commit})


def _branch(call: Call) -> tuple[str, str]:
    """The branch to write to and its commit, NO_COMMIT in an empty repository."""
    default = str(call.repository["default_branch"])
    name = call.text("branch", resource="Content", default=default).removeprefix("refs/heads/")
    head = call.git.commit_of(f"refs/heads/{name}")
    if not head and (name != default or call.git.text("for-each-ref", "--count=1", "refs/heads")):
        raise ApiError(HTTPStatus.NOT_FOUND, f"Branch {name} not found")
    return name, head or NO_COMMIT


def _blob_at(call: Call, head: str, path: str) -> str:
    """Id of the file at a path; empty for none."""
    return "" if head == NO_COMMIT else listing_of(call.git, head).get(path, "").rpartition(" ")[2]


def _commit(call: Call, branch: str, head: str, path: str, content: bytes | None) -> str:
    """Commit one file to a branch; the commit's id."""
    who = Person.of(call.user, call.store.clock())
    committer = person_in(call, "committer", who)
    author = person_in(call, "author", committer)
    text = call.text("message", resource="Content")
    if not text.strip():
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, 'Invalid request.\n\n"message" wasn\'t supplied.')
    git = call.git
    try:
        tree = tree_with(git, EMPTY_TREE if head == NO_COMMIT else f"{head}^{{tree}}", {path: content})
    except Refused as error:
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, error.message) from error
    sha = write_commit(git, tree, () if head == NO_COMMIT else (head,), text, author, committer)
    change_ref(call, f"refs/heads/{branch}", head, sha, status=HTTPStatus.CONFLICT)
    return sha


_PATH = "/repos/{owner}/{repo}/contents/{path}"
ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _PATH, "contents:read", get_content),
    ("PUT", _PATH, "contents:write", put_file),
    ("DELETE", _PATH, "contents:write", delete_file),
    ("GET", "/repos/{owner}/{repo}/readme", "contents:read", get_readme),
)
"""Rows for forge/routes.py."""
