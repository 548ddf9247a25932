"""Apps, installations and their tokens, over HTTP: what is granted is enforced, what is wrong is refused."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from support.command import git
from support.forge import Forge, running_forge
from support.receiver import receiving
from tdev.forge import store as stores
from tdev.forge.store import Row
from tdev.settings import Settings

pytestmark = pytest.mark.e2e


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with running_forge(tmp_path / "forge", settings) as running:
        yield running


def test_app_sees_itself_and_its_installations(forge: Forge) -> None:
    forge.repository("ada", "calc")
    app, key = forge.app("checker", {"issues": "write"}, ["issues"])
    installation = forge.install(app, "ada", ["calc"])
    token = forge.jwt(app, key)
    mine = forge.get("/app", token=token)
    assert (mine["slug"], mine["installations_count"]) == ("checker", 1)
    assert [each["id"] for each in forge.get("/app/installations", token=token)] == [installation["id"]]
    assert forge.get("/repos/ada/calc/installation", token=token)["id"] == installation["id"]
    assert forge.get("/users/ada/installation", token=token)["id"] == installation["id"]
    assert forge.get("/apps/checker")["id"] == app["id"]
    assert forge.get("/app", token=forge.jwt(app, key, iss=str(app["id"])))["id"] == app["id"]
    reached = forge.get("/installation/repositories", token=forge.installation_token(app, key, installation))
    assert [each["full_name"] for each in reached["repositories"]] == ["ada/calc"]


@pytest.fixture
def door(forge: Forge) -> tuple[Row, str, Row]:
    """An App that may write issues in ada/calc and not in ada/other."""
    forge.repository("ada", "calc", private=True)
    forge.repository("ada", "other", private=True)
    app, key = forge.app("door", {"issues": "write", "contents": "read"})
    return app, key, forge.install(app, "ada", ["calc"])


def test_jwt_is_really_checked(forge: Forge, door: tuple[Row, str, Row]) -> None:
    app, key, _ = door
    _, other_key = forge.app("other", {})
    now = int(time.time())
    wrong = {
        "of another key": forge.jwt(app, other_key),
        "ends in the past": forge.jwt(app, key, iat=now - 500, exp=now - 1),
        "holds too long": forge.jwt(app, key, exp=now + 3600),
        "issued in the future": forge.jwt(app, key, iat=now + 300, exp=now + 500),
        "of nobody": forge.jwt(app, key, iss="Iv23nobody"),
        "of another algorithm": jwt.encode({"iss": app["client_id"], "iat": now, "exp": now + 60}, "s" * 32, "HS256"),
        "unsigned": jwt.encode({"iss": app["client_id"], "iat": now, "exp": now + 60}, "", "none"),
        "without an end": jwt.encode({"iss": app["client_id"], "iat": now}, key, "RS256"),
        "without a beginning": jwt.encode({"iss": app["client_id"], "exp": now + 60}, key, "RS256"),
        "no token": "a.b.c",
    }
    for name, token in wrong.items():
        status, document, _ = forge.request("GET", "/app", token=token)
        assert status == 401, (name, document)
    assert "too far in the future" in forge.get("/app", token=wrong["holds too long"], status=401)["message"]


def test_each_credential_opens_only_its_own_doors(forge: Forge, door: tuple[Row, str, Row]) -> None:
    app, key, installation = door
    token = forge.installation_token(app, key, installation)
    forge.get("/app", status=401)
    forge.get("/app", token=token, status=401)
    forge.get("/app", token=forge.token("ada"), status=401)
    forge.get("/repos/ada/calc", token=forge.jwt(app, key), status=403)
    assert forge.get("/user", token=token, status=403)["message"] == "Resource not accessible by integration"
    forge.get("/user", status=401)
    assert forge.get("/user", token="ghp_" + "0" * 36, status=401)["message"] == "Bad credentials"
    stranger, stranger_key = forge.app("stranger", {})
    path = f"/app/installations/{installation['id']}"
    forge.get(path, token=forge.jwt(stranger, stranger_key), status=404)
    forge.do("POST", f"{path}/access_tokens", token=forge.jwt(stranger, stranger_key), status=404)
    forge.get("/repos/ada/calc/installation", token=forge.jwt(stranger, stranger_key), status=404)


def test_permissions_are_enforced(forge: Forge, door: tuple[Row, str, Row]) -> None:
    app, key, installation = door
    token = forge.installation_token(app, key, installation)
    made = forge.do("POST", "/repos/ada/calc/issues", token=token, json={"title": "One"}, status=201)
    assert made["user"]["login"] == "door[bot]"
    assert forge.get("/repos/ada/calc/contents/README.md", token=token)["name"] == "README.md"
    status, refused, headers = forge.request(
        "PUT", "/repos/ada/calc/contents/x", token=token, json={"message": "x", "content": "eA=="}
    )
    assert (status, refused["message"]) == (403, "Resource not accessible by integration")
    assert headers["x-accepted-github-permissions"] == "contents=write"
    forge.get("/repos/ada/other", token=token, status=404)
    forge.do("POST", "/repos/ada/other/issues", token=token, json={"title": "No"}, status=404)
    forge.repository("ada", "open")
    assert forge.get("/repos/ada/open", token=token)["name"] == "open"
    forge.do("POST", "/repos/ada/open/issues", token=token, json={"title": "No"}, status=403)


def test_tokens_are_narrowed_and_never_widened(forge: Forge, door: tuple[Row, str, Row]) -> None:
    app, key, installation = door
    path, signed = f"/app/installations/{installation['id']}/access_tokens", forge.jwt(app, key)
    given = {"repositories": ["calc"], "permissions": {"issues": "read"}}
    made = forge.do("POST", path, token=signed, json=given, status=201)
    assert made["permissions"] == {"metadata": "read", "issues": "read"}
    assert [each["name"] for each in made["repositories"]] == ["calc"]
    forge.get("/repos/ada/calc/issues", token=made["token"])
    forge.do("POST", "/repos/ada/calc/issues", token=made["token"], json={"title": "No"}, status=403)
    forge.get("/repos/ada/calc/contents/README.md", token=made["token"], status=403)
    wrong: list[dict[str, object]] = [
        {"permissions": {"issues": "admin"}},
        {"permissions": {"checks": "read"}},
        {"permissions": {"issues": "all"}},
        {"permissions": ["issues"]},
        {"repositories": ["other"]},
        {"repository_ids": [987_654]},
        {"repositories": "calc"},
    ]
    for body in wrong:
        forge.do("POST", path, token=signed, json=body, status=422)
    by_id = {"repository_ids": [stores.repository_by_name(forge.store, "ada", "calc")["id"]]}  # type: ignore[index]
    forge.do("POST", path, token=signed, json=by_id, status=201)


def test_revoked_suspended_and_removed(forge: Forge, door: tuple[Row, str, Row]) -> None:
    app, key, installation = door
    signed, path = forge.jwt(app, key), f"/app/installations/{installation['id']}"
    token = forge.installation_token(app, key, installation)
    forge.do("DELETE", "/installation/token", token=token, status=204)
    forge.get("/repos/ada/calc", token=token, status=401)
    token = forge.installation_token(app, key, installation)
    forge.do("PUT", f"{path}/suspended", token=signed, status=204)
    assert "suspended" in forge.get("/repos/ada/calc", token=token, status=403)["message"]
    forge.do("POST", f"{path}/access_tokens", token=signed, status=403)
    forge.do("DELETE", f"{path}/suspended", token=signed, status=204)
    forge.get("/repos/ada/calc", token=token)
    forge.do("DELETE", path, token=signed, status=204)
    forge.get("/repos/ada/calc", token=token, status=401)
    forge.get(path, token=signed, status=404)


def test_a_token_ends_after_an_hour(tmp_path: Path, settings: Settings) -> None:
    moved = [0.0]
    with running_forge(tmp_path / "forge", settings, clock=lambda: time.time() + moved[0]) as forge:
        forge.repository("ada", "calc")
        app, key = forge.app("door", {"issues": "read"})
        token = forge.installation_token(app, key, forge.install(app, "ada"))
        moved[0] = 3590
        forge.get("/repos/ada/calc/issues", token=token)
        moved[0] = 3602
        assert forge.get("/repos/ada/calc/issues", token=token, status=401)["message"] == "Bad credentials"


def test_the_app_hears_of_its_installation(forge: Forge) -> None:
    forge.repository("ada", "calc")
    with receiving() as receiver:
        app, key = forge.app("hearer", {}, [], receiver.url, receiver.secret)
        installation = forge.install(app, "ada")
        assert receiver.named("ping").payload["hook"]["app_id"] == app["id"]
        created = receiver.named("installation", "created").payload
        assert created["installation"]["id"] == installation["id"]
        assert [each["full_name"] for each in created["repositories"]] == ["ada/calc"]
        signed = forge.jwt(app, key)
        path = f"/app/installations/{installation['id']}"
        forge.do("PUT", f"{path}/suspended", token=signed, status=204)
        receiver.named("installation", "suspend")
        forge.do("DELETE", path, token=signed, status=204)
        receiver.named("installation", "deleted")


def test_set_up_needs_the_administrator(forge: Forge) -> None:
    for token in ("", "wrong", forge.token("ada")):
        status, _, _ = forge.request("POST", "/_forge/users", token=token, json={"login": "eve"})
        assert status == 401
    status, document, _ = forge.request("POST", "/_forge/users", token=forge.admin_token, json={"login": "ada"})
    assert status == 422 and "taken" in document["message"]
    assert forge.request("POST", "/_forge/apps", token=forge.admin_token, json={"slug": "x"})[0] == 422


def test_secrets_are_set_and_never_shown(forge: Forge) -> None:
    forge.repository("ada", "calc")
    forge.do("PUT", "/repos/ada/calc/environments/live", token=forge.token("ada"), json={})
    forge.secret("ada", "calc", "PLAIN", "hidden words")
    forge.secret("ada", "calc", "DEEP", "hidden words", environment="live")
    for path, name in (("actions/secrets", "PLAIN"), ("environments/live/secrets", "DEEP")):
        status, document, _ = forge.request("GET", f"/repos/ada/calc/{path}", token=forge.token("ada"))
        assert status == 200 and [each["name"] for each in document["secrets"]] == [name]
        assert "hidden" not in str(document)
    path = "/_forge/repositories/ada/calc/secrets"
    for name, body, status in (
        ("GITHUB_X", {"value": "x"}, 422),
        ("X", {}, 422),
        ("X", {"value": "x", "environment": "none"}, 404),
    ):
        assert forge.request("PUT", f"{path}/{name}", token=forge.admin_token, json=body)[0] == status


def test_an_app_pushes_workflow_files_only_with_the_permission(forge: Forge, tmp_path: Path) -> None:
    forge.repository("ada", "calc")
    outcomes = {}
    for slug, permissions in (("plain", {"contents": "write"}), ("full", {"contents": "write", "workflows": "write"})):
        app, key = forge.app(slug, permissions)
        token = forge.installation_token(app, key, forge.install(app, "ada"))
        url = f"{forge.url.replace('://', f'://x-access-token:{token}@')}/ada/calc.git"
        git(tmp_path, "clone", "--quiet", url, slug)
        work = tmp_path / slug
        (work / ".github" / "workflows").mkdir(parents=True)
        (work / ".github" / "workflows" / "ci.yml").write_text("on: push\n")
        (work / "code.py").write_text("x = 1\n")
        git(work, "add", "code.py")
        git(work, "commit", "--quiet", "-m", "code")
        git(work, "push", "--quiet", "origin", f"HEAD:refs/heads/{slug}")
        git(work, "add", "--all")
        git(work, "commit", "--quiet", "-m", "workflow")
        words = ("git", "push", "--quiet", "origin", f"HEAD:refs/heads/{slug}")
        outcomes[slug] = subprocess.run(words, cwd=work, capture_output=True, text=True, timeout=60)
    assert outcomes["full"].returncode == 0, outcomes["full"].stderr
    assert outcomes["plain"].returncode != 0
    assert "without `workflows` permission" in outcomes["plain"].stderr
