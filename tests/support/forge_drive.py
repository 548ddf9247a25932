"""Requests that ask everything of the forge's REST API at least once, noun by noun.

Comes in: a running forge. Goes out: nothing but the exchanges that its observer has seen. Each function drives one
noun and asserts the statuses; what the answers hold is judged afterwards against GitHub's description.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

from support import forge_drive_code as code
from support import forge_drive_runs as runs
from support.forge_world import World
from tdev.forge.store import add_user_token


def drive_server(world: World) -> None:
    """Meta data, accounts, rate limits."""
    for path in ("//", "//meta", "//zen", "//versions", "//rate_limit", "//user", "//users/ada", "//user/repos"):
        world.ask("GET", path)
    world.ask("GET", "//users/nobody-of-that-name", 404)
    world.ask("GET", "//user", 403, token=world.bot)
    world.ask("GET", "//nowhere", 404)


def drive_apps(world: World) -> None:
    """The App, its installations, its webhook."""
    token, one = world.jwt(), f"//app/installations/{world.installation['id']}"
    for path in (
        "//app",
        "//app/installations",
        one,
        "//app/hook/config",
        "//app/hook/deliveries",
        "//users/ada/installation",
    ):
        world.ask("GET", path, token=token)
    world.ask("GET", "/installation", token=token)
    world.ask("GET", "//apps/checker")
    world.ask("GET", "//apps/none-such", 404)
    world.ask("GET", "//app/installations/99999", 404, token=token)
    world.ask("GET", "//app", 401)
    made = world.ask("POST", f"{one}/access_tokens", 201, token=token, json={"repositories": ["calc"]})
    world.ask("POST", f"{one}/access_tokens", 422, token=token, json={"repositories": ["none"]})
    world.ask("GET", "//installation/repositories", token=made["token"])
    world.ask("DELETE", "//installation/token", 204, token=made["token"])
    world.ask("PATCH", "//app/hook/config", token=token, json={"url": world.app["webhook_url"]})
    world.ask("PUT", f"{one}/suspended", 204, token=token)
    world.ask("DELETE", f"{one}/suspended", 204, token=token)
    world.forge.user("octo", kind="Organization")
    manifest = {"name": "From a manifest", "url": "https://example.com", "redirect_url": "https://example.com/back"}
    world.ask("POST", f"//app-manifests/{_manifest_code(world, manifest)}/conversions", 201)
    world.ask("POST", "//app-manifests/none/conversions", 404)
    person = add_user_token(world.forge.store, world.forge.user("ada")["id"], world.app["id"])
    world.ask("GET", "//user/installations", token=person)
    world.ask("GET", f"//user/installations/{world.installation['id']}/repositories", token=person)
    world.ask("GET", "//user/installations", 403)
    other = world.forge.install(world.app, "octo")
    world.ask("GET", "//orgs/octo/installation", token=token)
    world.ask("DELETE", f"//app/installations/{other['id']}", 204, token=token)


def _manifest_code(world: World, manifest: dict[str, str]) -> str:
    """The code that the page of a manifest sends back."""
    form = urlencode({"manifest": json.dumps(manifest), "login": "ada", "state": "s"}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": world.forge.url}
    status, page, sent = world.forge.raw("POST", "/settings/apps/manifest", form, headers)
    assert status in (302, 303), (status, page)
    return parse_qs(urlsplit(sent["location"]).query)["code"][0]


def drive_deliveries(world: World) -> None:
    """The history of deliveries; something must have been delivered already."""
    token = world.jwt()
    items = world.ask("GET", "//app/hook/deliveries?per_page=100", token=token)
    for item in items[:40]:
        world.ask("GET", f"//app/hook/deliveries/{item['id']}", token=token)
    world.ask("POST", f"//app/hook/deliveries/{items[0]['id']}/attempts", 202, token=token)
    world.ask("GET", "//app/hook/deliveries/999999", 404, token=token)


def drive_repositories(world: World) -> None:
    """Repositories and collaborators."""
    world.ask("GET", "")
    world.ask("GET", "//repos/ada/none", 404)
    world.ask("PATCH", "", json={"description": "A calculator", "delete_branch_on_merge": False})
    world.ask("POST", "//user/repos", 201, json={"name": "second", "auto_init": True, "description": "x"})
    world.ask("POST", "//user/repos", 422, json={"name": "second"})
    world.forge.user("cyd")
    world.ask("PUT", "/collaborators/cyd", 204, json={"permission": "push"})
    world.ask("GET", "/collaborators/cyd", 204)
    world.ask("GET", "/collaborators/nobody-such", 404)
    world.ask("GET", "/collaborators")
    world.ask("GET", "/collaborators/cyd/permission")
    world.ask("DELETE", "/collaborators/cyd", 204)


def drive_labels(world: World) -> None:
    """Labels of the repository."""
    world.ask("POST", "/labels", 201, json={"name": "tdev:build", "color": "0e8a16", "description": "Build it"})
    world.ask("POST", "/labels", 422, json={"name": "tdev:build", "color": "0e8a16"})
    world.ask("GET", "/labels")
    world.ask("GET", "/labels/tdev:build")
    world.ask("GET", "/labels/none", 404)
    world.ask("PATCH", "/labels/tdev:build", json={"new_name": "tdev:evolve", "color": "ffffff", "description": ""})
    world.ask("POST", "/labels", 201, json={"name": "a/b"})
    world.ask("DELETE", "/labels/a%2Fb", 204)


def drive_issues(world: World) -> None:
    """Issues, their labels, assignees and locks."""
    made = world.ask(
        "POST", "/issues", 201, json={"title": "Wrong sum", "body": "1+1=3", "labels": ["bug"], "assignees": ["ada"]}
    )
    world.found["issue"] = made["number"]
    one = f"/issues/{made['number']}"
    world.ask("POST", "/issues", 422, json={"body": "x"})
    world.ask("POST", "/issues", 422, json={"title": "x", "body": "y" * 65_537})
    world.ask("POST", "/issues", 201, json={"title": "By the App", "labels": [{"name": "x"}]}, token=world.bot)
    read = world.ask("POST", "/issues", 201, json={"title": "By a reader", "labels": ["bug"]}, token=world.bob)
    assert read["labels"] == [], "labels of a reader are dropped"
    world.ask("GET", "/issues?state=all&labels=bug&sort=updated&direction=asc&assignee=*&per_page=5")
    world.ask("GET", "/issues?state=nonsense", 422)
    world.ask("GET", one)
    world.ask("GET", "/issues/9999", 404)
    world.ask("PATCH", one, json={"title": "Wrong sums", "body": "2+2=5", "labels": ["bug", "help"], "assignees": []})
    world.ask("PATCH", one, 403, json={"state": "closed"}, token=world.bob)
    world.ask("PATCH", one, json={"state": "closed", "state_reason": "not_planned"})
    world.ask("PATCH", one, json={"state": "open"})
    world.ask("PATCH", one, 422, json={"state": "ajar"})
    world.ask("GET", f"{one}/labels")
    world.ask("POST", f"{one}/labels", json={"labels": ["tdev:build"]})
    world.ask("POST", f"{one}/labels", 403, json={"labels": ["tdev:build"]}, token=world.bob)
    world.ask("DELETE", f"{one}/labels/tdev:build")
    world.ask("DELETE", f"{one}/labels/none", 404)
    world.ask("PUT", f"{one}/labels", json={"labels": ["one", "two"]})
    world.ask("DELETE", f"{one}/labels", 204)
    world.ask("GET", "/assignees")
    world.ask("GET", "/assignees/ada", 204)
    world.ask("GET", "/assignees/bob", 404)
    world.ask("GET", f"{one}/assignees/ada", 204)
    world.ask("POST", f"{one}/assignees", 201, json={"assignees": ["ada"]})
    world.ask("DELETE", f"{one}/assignees", json={"assignees": ["ada"]})
    world.ask("PUT", f"{one}/lock", 204, json={"lock_reason": "resolved"})
    world.ask("POST", f"{one}/comments", 403, json={"body": "late"}, token=world.bob)
    world.ask("GET", one)
    world.ask("DELETE", f"{one}/lock", 204)


def drive_comments(world: World) -> None:
    """Comments and reactions."""
    issue = f"/issues/{world.found['issue']}"
    world.ask("POST", f"{issue}/comments", 201, json={"body": "/tdev evolve"}, token=world.bob)
    made = world.ask("POST", f"{issue}/comments", 201, json={"body": "At work"}, token=world.bot)
    one = f"/issues/comments/{made['id']}"
    world.ask("POST", f"{issue}/comments", 422, json={"body": ""})
    world.ask("POST", "/issues/9999/comments", 404, json={"body": "x"})
    world.ask("GET", f"{issue}/comments?since=2020-01-01T00:00:00Z")
    world.ask("GET", "/issues/comments?sort=updated&direction=desc")
    world.ask("GET", one)
    world.ask("GET", "/issues/comments/9999", 404)
    world.ask("PATCH", one, json={"body": "Done"}, token=world.bot)
    world.ask("PATCH", one, 403, json={"body": "Mine"}, token=world.bob)
    for place in (issue, one):
        made = world.ask("POST", f"{place}/reactions", 201, json={"content": "eyes"}, token=world.bot)
        world.ask("POST", f"{place}/reactions", 200, json={"content": "eyes"}, token=world.bot)
        world.ask("POST", f"{place}/reactions", 422, json={"content": "cry"}, token=world.bot)
        world.ask("GET", f"{place}/reactions?content=eyes")
        world.ask("DELETE", f"{place}/reactions/{made['id']}", 204, token=world.bot)
        world.ask("DELETE", f"{place}/reactions/{made['id']}", 404, token=world.bot)
    world.ask("DELETE", one, 204, token=world.bot)


def drive_history(world: World) -> None:
    """What happened to issues."""
    events = world.ask("GET", "/issues/events?per_page=100")
    world.ask("GET", f"/issues/events/{events[0]['id']}")
    world.ask("GET", "/issues/events/99999", 404)
    world.ask("GET", f"/issues/{world.found['issue']}/events?per_page=100")


DRIVES: tuple[Callable[[World], None], ...] = (
    drive_server,
    drive_apps,
    drive_repositories,
    drive_labels,
    drive_issues,
    drive_comments,
    code.drive_contents,
    code.drive_git,
    code.drive_pulls,
    code.drive_reviews,
    code.drive_checks,
    code.drive_merging,
    *runs.DRIVES,
    drive_deliveries,
    drive_history,
)
"""In this order: later ones use what earlier ones have made."""
