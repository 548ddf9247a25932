"""Requests about code: files, git objects, branches, pull requests, reviews, merging, checks.

The other half of tests/support/forge_drive.py, with the same contract.
"""

from __future__ import annotations

import base64
from typing import Any

from support.forge_world import World


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def drive_contents(world: World) -> None:
    """Files, one at a time."""
    for path in ("/contents", "/contents/", "/contents/calc.py", "/contents/calc.py?ref=main", "/readme"):
        world.ask("GET", path)
    world.ask("GET", "/contents/none.py", 404)
    document = {"message": "Add notes", "content": _base64("notes\n"), "branch": "main"}
    made = world.ask("PUT", "/contents/docs/notes.md", 201, json=document)
    world.ask("PUT", "/contents/docs/notes.md", 422, json=document)
    world.ask("PUT", "/contents/docs/notes.md", 409, json={**document, "sha": "1" * 40})
    world.ask("PUT", "/contents/docs/notes.md", 403, json=document, token=world.bob)
    sha = made["content"]["sha"]
    world.ask("GET", "/contents/docs")
    made = world.ask("PUT", "/contents/docs/notes.md", json={**document, "content": _base64("more\n"), "sha": sha})
    gone = {"message": "Remove notes", "sha": made["content"]["sha"]}
    world.ask("DELETE", "/contents/docs/notes.md", json=gone)
    world.ask("DELETE", "/contents/docs/notes.md", 404, json=gone)


def drive_git(world: World) -> None:
    """References, commits, trees, blobs; branches, tags, the list of commits, comparing."""
    head = world.ask("GET", "/git/ref/heads/main")["object"]["sha"]
    world.ask("GET", "/git/ref/heads/none", 404)
    world.ask("GET", "/git/matching-refs/heads/m")
    commit = world.ask("GET", f"/git/commits/{head}")
    world.ask("GET", f"/git/commits/{'1' * 40}", 404)
    blob = world.ask("POST", "/git/blobs", 201, json={"content": "x = 1\n", "encoding": "utf-8"})
    world.ask("GET", f"/git/blobs/{blob['sha']}")
    world.ask("GET", f"/git/blobs/{'1' * 40}", 404)
    entries = [
        {"path": "x.py", "mode": "100644", "type": "blob", "sha": blob["sha"]},
        {"path": "y.py", "mode": "100644", "type": "blob", "content": "y = 2\n"},
    ]
    tree = world.ask("POST", "/git/trees", 201, json={"base_tree": commit["tree"]["sha"], "tree": entries})
    world.ask("POST", "/git/trees", 422, json={"tree": []})
    world.ask("GET", f"/git/trees/{tree['sha']}?recursive=1")
    world.ask("GET", f"/git/trees/{'1' * 40}", 404)
    made = world.ask("POST", "/git/commits", 201, json={"message": "Add x, y", "tree": tree["sha"], "parents": [head]})
    world.ask("POST", "/git/commits", 422, json={"message": "x"})
    for name in ("feature", "tdev/auto/one", "spare", "closing"):
        world.ask("POST", "/git/refs", 201, json={"ref": f"refs/heads/{name}", "sha": head})
    world.ask("POST", "/git/refs", 201, json={"ref": "refs/tags/v1", "sha": head})
    world.ask("POST", "/git/refs", 422, json={"ref": "refs/heads/feature", "sha": head})
    for name in ("feature", "tdev/auto/one", "closing"):
        world.ask("PATCH", f"/git/refs/heads/{name}", json={"sha": made["sha"], "force": False})
    world.ask("DELETE", "/git/refs/heads/spare", 204)
    world.found["head"] = made["sha"]
    world.ask("GET", "/branches?per_page=2")
    world.ask("GET", "/branches/tdev/auto/one")
    world.ask("GET", "/branches/none", 404)
    world.ask("GET", "/tags")
    world.ask("GET", "/commits?sha=feature&path=x.py&author=ada&since=2020-01-01T00:00:00Z")
    world.ask("GET", f"/commits/{made['sha']}")
    world.ask("GET", "/commits/none", 422)
    world.ask("GET", "/compare/main...feature")
    world.ask("GET", "/compare/main...none", 404)


def _open(world: World, head: str, **more: Any) -> str:
    """Open a pull request; its path."""
    document = {"title": f"Merge {head}", "head": head, "base": "main", "body": "Adds x and y.", **more}
    return f"/pulls/{world.ask('POST', '/pulls', 201, json=document, token=world.bot)['number']}"


def drive_pulls(world: World) -> None:
    """Pull requests, their files, commits, reviewers and labels."""
    one = _open(world, "feature")
    world.found["pull"] = one
    world.ask("POST", "/pulls", 422, json={"title": "Again", "head": "feature", "base": "main"})
    world.ask("POST", "/pulls", 422, json={"title": "None", "head": "none", "base": "main"})
    world.ask("GET", "/pulls?state=all&head=ada:feature&base=main&sort=updated&direction=desc")
    world.ask("GET", one)
    world.ask("GET", "/pulls/9999", 404)
    world.ask("PATCH", one, json={"title": "Merge the feature", "body": "Adds x."})
    world.ask("PATCH", one, json={"state": "closed"})
    world.ask("PATCH", one, json={"state": "open"})
    world.ask("GET", f"{one}/files")
    world.ask("GET", f"{one}/commits")
    world.ask("GET", f"/commits/{world.found['head']}/pulls")
    issue = one.replace("pulls", "issues")
    world.ask("POST", f"{issue}/labels", json={"labels": ["tdev"]})
    world.ask("DELETE", f"{issue}/labels/tdev")
    world.ask("POST", f"{issue}/assignees", 201, json={"assignees": ["ada"]})
    world.ask("POST", f"{issue}/comments", 201, json={"body": "Ready"}, token=world.bot)
    world.ask("PUT", f"{issue}/lock", 204)
    world.ask("DELETE", f"{issue}/lock", 204)
    world.ask("GET", issue)
    world.ask("GET", "/issues?state=all")
    world.forge.collaborator("ada", "calc", "rex")
    world.ask("POST", f"{one}/requested_reviewers", 201, json={"reviewers": ["rex"]})
    world.ask("GET", f"{one}/requested_reviewers")
    world.ask("GET", one)
    world.ask("DELETE", f"{one}/requested_reviewers", json={"reviewers": ["rex"]})


def drive_reviews(world: World) -> None:
    """Reviews: pending, submitted, dismissed, deleted."""
    one, rex = world.found["pull"], world.forge.token("rex")
    made = world.ask("POST", f"{one}/reviews", json={"body": "Hm"}, token=rex)
    world.ask("DELETE", f"{one}/reviews/{made['id']}", token=rex)
    made = world.ask("POST", f"{one}/reviews", json={"body": "Good"}, token=rex)
    world.ask("PUT", f"{one}/reviews/{made['id']}", json={"body": "Very good"}, token=rex)
    world.ask("POST", f"{one}/reviews/{made['id']}/events", json={"event": "APPROVE"}, token=rex)
    world.ask("GET", f"{one}/reviews")
    world.ask("GET", f"{one}/reviews/{made['id']}")
    world.ask("GET", f"{one}/reviews/9999", 404)
    world.ask("PUT", f"{one}/reviews/{made['id']}/dismissals", json={"message": "Look again"})
    world.ask("POST", f"{one}/reviews", json={"body": "No", "event": "REQUEST_CHANGES"}, token=rex)
    world.ask("POST", f"{one}/reviews", json={"body": "Yes", "event": "APPROVE"}, token=rex)


def drive_checks(world: World) -> None:
    """Check runs and suites."""
    sha = world.found["head"]
    output = {
        "title": "Two findings",
        "summary": "See below",
        "text": "All of it",
        "annotations": [
            {
                "path": "x.py", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "x?",
                "title": "Name", "raw_details": "x", "start_column": 1, "end_column": 2,
            }
        ],
    }  # fmt: skip
    document = {"name": "tdev/tests", "head_sha": sha, "status": "in_progress", "external_id": "r-1"}
    made = world.ask("POST", "/check-runs", 201, json=document, token=world.bot)
    one = f"/check-runs/{made['id']}"
    world.ask("POST", "/check-runs", 422, json={"name": "x", "head_sha": "1" * 40}, token=world.bot)
    world.ask("POST", "/check-runs", 403, json=document)
    done = {"status": "completed", "conclusion": "neutral", "output": output, "details_url": "https://example.com/x"}
    world.ask("PATCH", one, json=done, token=world.bot)
    world.ask("GET", one)
    world.ask("GET", "/check-runs/9999", 404)
    world.ask("GET", f"{one}/annotations")
    world.ask("GET", f"/commits/{sha}/check-runs?check_name=tdev/tests&status=completed&filter=latest")
    suite = made["check_suite"]["id"]
    world.ask("GET", f"/check-suites/{suite}")
    world.ask("GET", f"/check-suites/{suite}/check-runs")
    world.ask("GET", "/check-suites/9999", 404)
    world.ask("GET", f"/commits/{sha}/check-suites")


def drive_merging(world: World) -> None:
    """Updating a branch, merging in each way."""
    one = world.found["pull"]
    world.ask("GET", f"{one}/merge", 404)
    head = world.ask("GET", one)["head"]["sha"]
    world.ask("PUT", f"{one}/merge", 409, json={"sha": "1" * 40})
    world.ask("PUT", f"{one}/merge", 403, json={}, token=world.bob)
    document = {"message": "Move on", "content": _base64("news\n"), "branch": "main"}
    world.ask("PUT", "/contents/NEWS.md", 201, json=document)
    world.ask("PUT", f"{one}/update-branch", 202, json={"expected_head_sha": head})
    world.ask("PUT", f"{one}/merge", json={"merge_method": "squash", "commit_title": "Feature", "commit_message": "x"})
    world.ask("GET", f"{one}/merge", 204)
    world.ask("GET", one)
    world.ask("PUT", f"{one}/merge", 405, json={})
    other = _open(world, "closing", draft=True)
    world.ask("GET", other)
    world.ask("DELETE", "/git/refs/heads/closing", 204)
    world.ask("GET", other)
