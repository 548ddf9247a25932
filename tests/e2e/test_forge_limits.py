"""Rate limits, conditional requests, pages of lists and the shape of refusals, over HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from re import findall, sub
from urllib.parse import urlencode

import pytest

from support.forge import API, Forge, running_forge
from tdev.forge.routes import ROUTES
from tdev.settings import Settings

pytestmark = pytest.mark.e2e


@pytest.fixture
def moved() -> list[float]:
    """Seconds the forge's clock is ahead."""
    return [0.0]


@pytest.fixture
def forge(tmp_path: Path, settings: Settings, moved: list[float]) -> Iterator[Forge]:
    with running_forge(tmp_path / "forge", settings, clock=lambda: time.time() + moved[0]) as running:
        yield running


def left(headers: dict[str, str]) -> int:
    return int(headers["x-ratelimit-remaining"])


def test_the_primary_limit_ends_and_starts_again(forge: Forge, moved: list[float]) -> None:
    forge.user("ada")
    token = forge.token("ada")
    forge.admin("PATCH", "limits", {"core": 3})
    seen = [forge.request("GET", "/user", token=token) for _ in range(4)]
    assert [status for status, _, _ in seen] == [200, 200, 200, 403]
    assert [left(headers) for _, _, headers in seen] == [2, 1, 0, 0]
    assert seen[3][1]["message"].startswith("API rate limit exceeded for user ID")
    reset = int(seen[3][2]["x-ratelimit-reset"])
    assert 3500 < reset - time.time() <= 3600
    assert forge.get("/rate_limit", token=token)["resources"]["core"]["remaining"] == 0
    assert forge.get("/user", token=forge.token("bob"))["login"] == "bob"
    moved[0] = 3601
    assert left(forge.request("GET", "/user", token=token)[2]) == 2


def test_nobody_has_a_limit_of_their_own(forge: Forge) -> None:
    forge.repository("ada", "calc")
    forge.admin("PATCH", "limits", {"anonymous": 1})
    forge.get("/repos/ada/calc")
    forge.get("/repos/ada/calc", status=403)
    forge.get("/repos/ada/calc", token=forge.token("ada"))


def test_not_modified_costs_nothing(forge: Forge) -> None:
    forge.repository("ada", "calc")
    token = forge.token("ada")
    _, _, first = forge.request("GET", "/repos/ada/calc", token=token)
    tag = first["etag"]
    for sent in (tag, f'"x", {tag}', tag.removeprefix("W/")):
        status, body, again = forge.request("GET", "/repos/ada/calc", token=token, headers={"If-None-Match": sent})
        assert (status, body, again["etag"]) == (304, None, tag)
        assert left(again) == left(first)
    forge.do("PATCH", "/repos/ada/calc", token=token, json={"description": "new"})
    status, _, changed = forge.request("GET", "/repos/ada/calc", token=token, headers={"If-None-Match": tag})
    assert status == 200 and changed["etag"] != tag
    assert left(changed) == left(first) - 2


def test_secondary_limits_on_points_and_content(forge: Forge, moved: list[float]) -> None:
    forge.repository("ada", "calc")
    token = forge.token("ada")
    forge.admin("PATCH", "limits", {"content": 2})
    for _ in range(2):
        forge.do("PATCH", "/repos/ada/calc", token=token, json={})
    status, document, headers = forge.request("PATCH", "/repos/ada/calc", token=token, json={})
    assert status == 403 and "secondary rate limit" in document["message"]
    assert 1 <= int(headers["retry-after"]) <= 60 and left(headers) > 0
    forge.get("/repos/ada/calc", token=token)
    moved[0] = 61
    forge.do("PATCH", "/repos/ada/calc", token=token, json={})
    forge.admin("PATCH", "limits", {"points": 6})
    forge.get("/repos/ada/calc", token=token)
    assert "secondary" in forge.get("/repos/ada/calc", token=token, status=403)["message"]


def test_secondary_limit_on_requests_at_once(forge: Forge) -> None:
    forge.repository("ada", "calc")
    token = forge.token("ada")
    forge.admin("PATCH", "limits", {"concurrent": 1})
    forge.admin("POST", "faults", {"path": "/user", "delay": 3})
    slow = threading.Thread(target=forge.get, args=("/user",), kwargs={"token": token})
    slow.start()
    deadline = time.monotonic() + 10
    while forge.admin("GET", "faults") and time.monotonic() < deadline:
        time.sleep(0.02)
    status, document, _ = forge.request("GET", "/repos/ada/calc", token=token)
    slow.join()
    assert status == 403 and "secondary" in document["message"]
    forge.get("/repos/ada/calc", token=token)


def test_pages_and_their_links(forge: Forge) -> None:
    for number in range(5):
        forge.repository("ada", f"r{number}", {})
    token = forge.token("ada")
    path, names = "/user/repos?per_page=2&sort=id", []
    while path:
        status, document, headers = forge.request("GET", path, token=token)
        assert status == 200
        names += [each["name"] for each in document]
        links = {name: url for url, name in findall(r'<([^>]+)>; rel="(\w+)"', headers.get("link", ""))}
        path = links.get("next", "").removeprefix(forge.api_url)
    assert names == [f"r{number}" for number in range(5)]
    assert set(links) == {"prev", "first"} and "sort=id" in links["prev"]
    assert forge.get("/user/repos?page=9", token=token) == []
    assert "link" not in forge.request("GET", "/user/repos", token=token)[2]
    for strange in ("per_page=0", "per_page=1000", "per_page=x", "page=-1"):
        forge.get(f"/user/repos?{strange}", token=token)


def test_refusals_speak_as_github_does(forge: Forge) -> None:
    forge.repository("ada", "calc")
    token = forge.token("ada")
    own = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for body, status, words in (
        (b"{", 400, b"Problems parsing JSON"),
        (b"\xff\xfe", 400, b"Problems parsing JSON"),
        (b"[1]", 400, b"Body should be a JSON object"),
        (b"[" * 100_000, 400, b"Problems parsing JSON"),
    ):
        got, text, _ = forge.raw("PATCH", f"{API}/repos/ada/calc", body, own)
        assert (got, words in text) == (status, True), text
    assert forge.raw("GET", f"{API}/user", None, {**own, "User-Agent": ""})[0] == 403
    assert forge.raw("GET", f"{API}/user", None, {**own, "X-GitHub-Api-Version": "1999-01-01"})[0] == 400
    missing = forge.get("/nothing/here", token=token, status=404)
    assert missing == {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
    status, body, headers = forge.raw("HEAD", f"{API}/repos/ada/calc", None, own)
    assert (status, body) == (200, b"") and headers["etag"]
    assert len({forge.request("GET", "/zen")[2]["x-github-request-id"] for _ in range(3)}) == 3
    invalid = forge.do("POST", "/user/repos", token=token, json={}, status=422)
    assert invalid["errors"][0] == {"resource": "Repository", "field": "name", "code": "missing_field"}


ODD: tuple[object, ...] = (
    None, {}, [], "text", 7, {"tree": [{"path": 5}]}, {"title": 5, "body": [], "labels": [[]], "name": {"a": 1}},
    dict.fromkeys(("ref", "sha", "branch", "message", "content", "title", "name", "head", "base", "state"), "\0"),
    {name: {} for name in ("ref", "sha", "branch", "message", "content", "title", "name", "author", "permissions")},
    dict.fromkeys(("sha", "ref", "repository_ids", "position", "line", "reviewers", "labels"), 2**70),
    {name: [None] for name in ("repositories", "labels", "assignees", "reviewers", "parents", "events", "rules")},
    {"ref": "refs/heads/\0x", "sha": "-x", "content": "", "encoding": "x", "message": "m", "tree": "--help"},
    {"output": 5, "actions": [5], "name": "n", "head_sha": "--all", "status": "x", "conclusion": 4},
)  # fmt: skip


@pytest.mark.parametrize("word", ["main", "%00"])
def test_no_request_is_answered_with_a_defect(forge: Forge, word: str) -> None:
    forge.repository("ada", "calc")
    forge.admin("PATCH", "limits", {"core": 100_000, "points": 10**6, "content": 10**6})
    app, key = forge.app("door", {"issues": "write"})
    forge.install(app, "ada")
    tokens = {"app": forge.jwt(app, key)}
    ada = forge.token("ada")
    defects = []
    for method, template, permission, _ in ROUTES:
        path = sub(r"\{\w+\}", word, template.replace("{owner}", "ada").replace("{repo}", "calc"))
        for body in ODD if method != "GET" else ({},):
            query = f"?{urlencode({'ref': word, 'sha': word, 'path': word, 'page': word})}" if method == "GET" else ""
            status, _, _ = forge.request(method, path + query, token=tokens.get(permission, ada), json=body)
            defects += [(method, path, body)] if status >= 500 else []
    assert defects == []
