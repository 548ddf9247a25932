"""Signing in through an App, and making an App from a manifest: real redirects, single use, PKCE."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from re import findall
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from support.forge import Forge, running_forge
from tdev.forge.store import Row
from tdev.settings import Settings

pytestmark = pytest.mark.e2e

BACK = "http://127.0.0.1:4000/callback"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with running_forge(tmp_path / "forge", settings) as running:
        yield running


@pytest.fixture
def app(forge: Forge) -> Row:
    forge.repository("ada", "calc")
    return forge.app("door", {"issues": "write", "contents": "read"}, callback_urls=[BACK])[0]


def post(forge: Forge, path: str, values: dict[str, str], **more: str) -> tuple[int, bytes, dict[str, str]]:
    return forge.raw("POST", path, urlencode(values).encode(), {**FORM, **more})


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a form."""
    return {name: unescape(value) for name, value in findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}


def authorized(forge: Forge, app: Row, login: str = "ada", answer: str = "yes", **more: str) -> dict[str, str]:
    """Go through the page as a browser would; what comes back to the App."""
    asked = urlencode({"client_id": app["client_id"], "state": "a&b=ü", **more})
    status, page, headers = forge.raw("GET", f"/login/oauth/authorize?{asked}")
    assert status == 200 and f'<option value="{login}">' in page.decode()
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"
    sent = {**fields(page.decode()), "login": login, "answer": answer}
    assert post(forge, "/login/oauth/authorize", sent, Origin="http://evil.example")[0] == 403
    status, _, headers = post(forge, "/login/oauth/authorize", sent)
    assert status == 302
    return {name: words[0] for name, words in parse_qs(urlsplit(headers["location"]).query).items()}


def exchanged(forge: Forge, app: Row, code: str, **more: str) -> dict[str, Any]:
    """Change a code for a token, asking for JSON."""
    secret = forge.client_secrets[app["slug"]]
    given = {"client_id": app["client_id"], "client_secret": secret, "code": code, **more}
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    status, body, _ = forge.raw("POST", "/login/oauth/access_token", json.dumps(given).encode(), headers)
    assert status == 200
    return dict(json.loads(body))


def test_a_person_signs_in_and_the_token_may_do_what_both_may(forge: Forge, app: Row) -> None:
    back = authorized(forge, app)
    assert back["state"] == "a&b=ü"
    done = exchanged(forge, app, back["code"])
    assert done["token_type"] == "bearer" and done["access_token"].startswith("ghu_")
    token = done["access_token"]
    assert forge.get("/user", token=token)["login"] == "ada"
    forge.do("POST", "/repos/ada/calc/issues", token=token, json={"title": "Before"}, status=403)
    forge.install(app, "ada")
    forge.do("POST", "/repos/ada/calc/issues", token=token, json={"title": "After"}, status=201)
    [installation] = forge.get("/user/installations", token=token)["installations"]
    reached = forge.get(f"/user/installations/{installation['id']}/repositories", token=token)
    assert [each["full_name"] for each in reached["repositories"]] == ["ada/calc"]
    forge.get("/user/installations", token=forge.token("ada"), status=403)
    body = {"message": "x", "content": "eA=="}
    refused = forge.do("PUT", "/repos/ada/calc/contents/x", token=token, json=body, status=403)
    assert refused["message"] == "Resource not accessible by integration"
    stranger = exchanged(forge, app, authorized(forge, app, forge.user("bob")["login"])["code"])["access_token"]
    forge.do("PATCH", "/repos/ada/calc", token=stranger, json={"description": "x"}, status=403)


def test_a_code_works_once_and_for_its_app(forge: Forge, app: Row) -> None:
    other = forge.app("other", {}, callback_urls=[BACK])[0]
    code = authorized(forge, app)["code"]
    assert exchanged(forge, other, code)["error"] == "bad_verification_code"
    assert "access_token" in exchanged(forge, app, code)
    assert exchanged(forge, app, code)["error"] == "bad_verification_code"
    code = authorized(forge, app)["code"]
    assert exchanged(forge, app, code, client_secret="wrong")["error"] == "incorrect_client_credentials"
    assert exchanged(forge, app, code, redirect_uri="http://127.0.0.1:1/x")["error"] == "redirect_uri_mismatch"


def test_the_form_encoded_answer(forge: Forge, app: Row) -> None:
    given = {
        "client_id": app["client_id"],
        "client_secret": forge.client_secrets["door"],
        "code": authorized(forge, app)["code"],
    }
    status, body, headers = post(forge, "/login/oauth/access_token", given)
    assert status == 200 and headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert parse_qs(body.decode())["access_token"][0].startswith("ghu_")


def test_pkce_is_kept_to(forge: Forge, app: Row) -> None:
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    begun = {"code_challenge": challenge, "code_challenge_method": "S256"}
    for wrong in ({}, {"code_verifier": "w" * 50}):
        code = authorized(forge, app, **begun)["code"]
        assert exchanged(forge, app, code, **wrong)["error"] == "bad_verification_code"
    assert "access_token" in exchanged(forge, app, authorized(forge, app, **begun)["code"], code_verifier=verifier)
    plain = urlencode({"client_id": app["client_id"], "code_challenge": "x", "code_challenge_method": "plain"})
    assert forge.raw("GET", f"/login/oauth/authorize?{plain}")[0] == 400


def test_refusing_and_strange_addresses(forge: Forge, app: Row) -> None:
    assert authorized(forge, app, answer="no")["error"] == "access_denied"
    assert "code" in authorized(forge, app, redirect_uri="http://127.0.0.1:9999/callback")
    for strange in ("http://evil.example/callback", "http://127.0.0.1:4000/other", "javascript:alert(1)"):
        asked = urlencode({"client_id": app["client_id"], "redirect_uri": strange})
        assert forge.raw("GET", f"/login/oauth/authorize?{asked}")[0] == 400
    assert forge.raw("GET", "/login/oauth/authorize?client_id=none")[0] == 404


def test_an_app_from_a_manifest(forge: Forge) -> None:
    forge.user("ada")
    manifest = {
        "name": "My Door", "url": "https://door.example", "redirect_url": "http://127.0.0.1:4000/made",
        "hook_attributes": {"url": "http://127.0.0.1:4000/webhook"}, "default_events": ["issues"],
        "default_permissions": {"issues": "write"}, "callback_urls": [BACK],
    }  # fmt: skip
    status, page, _ = post(forge, "/settings/apps/new?state=s1", {"manifest": json.dumps(manifest)})
    assert status == 200 and "issues: write" in page.decode()
    status, _, headers = post(forge, "/settings/apps/manifest", {**fields(page.decode()), "login": "ada"})
    back = parse_qs(urlsplit(headers["location"]).query)
    assert status == 302 and back["state"] == ["s1"]
    made = forge.do("POST", f"/app-manifests/{back['code'][0]}/conversions", status=201)
    assert (made["slug"], made["owner"]["login"], made["events"]) == ("my-door", "ada", ["issues"])
    row = forge.store.one("SELECT * FROM apps WHERE id = ?", made["id"])
    assert row is not None and made["webhook_secret"]
    assert forge.get("/app", token=forge.jwt(row, made["pem"]))["id"] == made["id"]
    forge.do("POST", f"/app-manifests/{back['code'][0]}/conversions", status=404)
