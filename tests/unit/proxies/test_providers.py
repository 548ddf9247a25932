"""Who answers for the model: chosen by the settings, told to Claude Code, signed for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tdev.engines.table import choose
from tdev.errors import ConfigurationError, TransientError
from tdev.policy.model import EngineChoice
from tdev.proxies.model_request import NotAllowed
from tdev.proxies.providers.provider import Call, Provider
from tdev.proxies.providers.table import provider_of
from tdev.settings import Settings

BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-central-1", "AWS_BEARER_TOKEN_BEDROCK": "bearer"}
VERTEX = {
    "CLAUDE_CODE_USE_VERTEX": "1",
    "ANTHROPIC_VERTEX_PROJECT_ID": "the-project",
    "CLOUD_ML_REGION": "europe-west1",
    "CLOUDSDK_AUTH_ACCESS_TOKEN": "token",
}
FOLDER = "/projects/the-project/locations/europe-west1/publishers/anthropic/models/"


def provider(**variables: str) -> Provider:
    return provider_of(Settings.from_environment({"HOME": "/nowhere", **variables}))


def headers(of: Provider, **given: str) -> dict[str, str]:
    return of.signed(f"{of.base_url}/x", {"content-type": "application/json", **given}, b"{}")


def test_anthropic_with_each_credential() -> None:
    assert headers(provider(ANTHROPIC_API_KEY="k"))["x-api-key"] == "k"
    assert headers(provider(ANTHROPIC_AUTH_TOKEN="t"))["authorization"] == "Bearer t"
    signed = headers(provider(CLAUDE_CODE_OAUTH_TOKEN="o"), **{"anthropic-beta": "a,b"})
    assert (signed["authorization"], signed["anthropic-beta"]) == ("Bearer o", "a,b,oauth-2025-04-20")
    assert "x-api-key" not in signed


def test_a_gateway_with_a_path() -> None:
    gateway = provider(ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL="https://gateway.example/anthropic/")
    assert gateway.base_url == "https://gateway.example/anthropic"
    assert gateway.call("POST", "/v1/messages?beta=true") == Call("/v1/messages?beta=true")
    assert provider(ANTHROPIC_API_KEY="k").base_url == "https://api.anthropic.com"


@pytest.mark.parametrize(
    "variables", [{"ANTHROPIC_API_KEY": "k"}, BEDROCK, VERTEX], ids=["anthropic", "bedrock", "vertex"]
)
def test_claude_code_is_told_everything_but_the_secret(variables: dict[str, str]) -> None:
    told = provider(**variables).client_environment(8100)
    assert "http://127.0.0.1:8100" in told.values()
    assert not {"bearer", "token", "k"} & set(told.values())
    secrets = Settings.from_environment(variables).credentials.values()
    assert not any(secret in repr(provider(**variables)) for secret in secrets if len(secret) > 1)


def test_bedrock_lets_only_invocations_pass() -> None:
    bedrock = provider(**BEDROCK)
    assert bedrock.base_url == "https://bedrock-runtime.eu-central-1.amazonaws.com"
    model = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
    for way in ("invoke", "invoke-with-response-stream"):
        assert bedrock.call("POST", f"/model/{model}/{way}") == Call(f"/model/{model}/{way}", model)
    arn = "arn:aws:bedrock:eu-central-1:1:application-inference-profile%2Fabc"
    assert bedrock.call("POST", f"/model/{arn}/invoke") == Call(f"/model/{arn}/invoke", arn.replace("%2F", "/"))
    for target in (
        "/model/../x/invoke",
        "/model/a/b/invoke",
        "/model/a/converse",
        "/model/a/invoke?x=1",
        "/inference-profiles",
    ):
        assert bedrock.call("POST", target) is None
    assert bedrock.call("GET", f"/model/{model}/invoke") is None


def test_vertex_lets_only_its_own_project_pass() -> None:
    vertex = provider(**VERTEX)
    assert vertex.base_url == "https://europe-west1-aiplatform.googleapis.com/v1"
    model = "claude-sonnet-4-5@20250929"
    assert vertex.call("POST", f"{FOLDER}{model}:streamRawPredict") == Call(f"{FOLDER}{model}:streamRawPredict", model)
    assert vertex.call("POST", f"{FOLDER}count-tokens:rawPredict") == Call(
        f"{FOLDER}count-tokens:rawPredict", counts=True
    )
    other = FOLDER.replace("the-project", "other-project")
    for target in (
        f"{other}{model}:rawPredict",
        f"{FOLDER}{model}:predict",
        f"{FOLDER}../x:rawPredict",
        f"/v1{FOLDER}",
    ):
        assert vertex.call("POST", target) is None
    for region, host in (("global", "aiplatform.googleapis.com"), ("eu", "aiplatform.eu.rep.googleapis.com")):
        assert provider(**VERTEX | {"CLOUD_ML_REGION": region}).base_url == f"https://{host}/v1"


def test_plain_requests_are_put_into_the_providers_form() -> None:
    body: dict[str, Any] = {"model": "x", "messages": [], "stream": False}
    for of, path in ((provider(**BEDROCK), "/model/x/invoke"), (provider(**VERTEX), f"{FOLDER}x:rawPredict")):
        call = of.call("POST", "/v1/messages")
        assert call is not None and not call.path
        placed, sent = of.placed(call, body, {"anthropic-beta": "b"})
        assert placed == path
        assert sent.keys() >= {"anthropic_version", "messages"} and not sent.keys() & {"model", "stream"}
        with pytest.raises(NotAllowed):
            of.placed(call, {**body, "stream": True}, {})
    call = provider(**VERTEX).call("POST", "/v1/messages")
    assert call is not None
    with pytest.raises(NotAllowed):
        provider(**VERTEX).placed(call, {**body, "model": "../../x"}, {})


def test_aliases_have_each_providers_name() -> None:
    assert provider(ANTHROPIC_API_KEY="k").model_id("sonnet") == "claude-sonnet-5-5"
    assert provider(**BEDROCK).model_id("sonnet") == "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert provider(**BEDROCK | {"AWS_REGION": "sa-east-1"}).model_id("opus") == "global.anthropic.claude-opus-5-5"
    assert provider(**VERTEX).model_id("haiku") == "claude-haiku-4-5@20251001"
    assert provider(**VERTEX).model_id("opus") == "claude-opus-5-5"
    assert provider(**BEDROCK).model_id("my.own-model") == "my.own-model"


def test_bedrock_signs_with_keys_or_a_bearer_token() -> None:
    assert headers(provider(**BEDROCK))["authorization"] == "Bearer bearer"
    keys = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "session"}
    variables = {name: value for name, value in BEDROCK.items() if name != "AWS_BEARER_TOKEN_BEDROCK"}
    signed = headers(provider(**variables, **keys), **{"x-api-key": "stolen", "anthropic-beta": "b"})
    assert signed["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    assert "/eu-central-1/bedrock/aws4_request" in signed["Authorization"]
    assert signed["X-Amz-Security-Token"] == "session"
    assert not {"x-api-key", "anthropic-beta"} & signed.keys()


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({}, "ANTHROPIC_API_KEY"),
        (
            {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_API_KEY": "k", "AWS_REGION": "us-east-1"},
            "AWS_BEARER_TOKEN_BEDROCK",
        ),
        ({**BEDROCK, "AWS_REGION": ""}, "AWS_REGION"),
        ({**BEDROCK, "AWS_REGION": "evil.example/"}, "AWS_REGION"),
        ({**BEDROCK, "ANTHROPIC_BEDROCK_BASE_URL": "http://x"}, "ANTHROPIC_BEDROCK_BASE_URL"),
        ({**VERTEX, "CLOUDSDK_AUTH_ACCESS_TOKEN": ""}, "GOOGLE_APPLICATION_CREDENTIALS"),
        ({**VERTEX, "ANTHROPIC_VERTEX_PROJECT_ID": "../x"}, "ANTHROPIC_VERTEX_PROJECT_ID"),
        ({**VERTEX, "CLOUD_ML_REGION": "evil.example/"}, "CLOUD_ML_REGION"),
    ],
)
def test_what_is_missing_is_named(variables: dict[str, str], missing: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        provider(**variables)
    assert missing in str(caught.value)


@pytest.mark.parametrize(
    ("variables", "engine", "reason"),
    [
        ({"ANTHROPIC_API_KEY": "k"}, "claude", "ANTHROPIC_API_KEY is set"),
        (BEDROCK, "claude", "AWS_BEARER_TOKEN_BEDROCK is set"),
        (VERTEX, "claude", "CLOUDSDK_AUTH_ACCESS_TOKEN is set"),
        ({"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}, "recipes", "no model credential"),
        ({"CLAUDE_CODE_USE_BEDROCK": "0", "ANTHROPIC_API_KEY": "k"}, "claude", "ANTHROPIC_API_KEY is set"),
    ],
)
def test_a_credential_of_the_provider_chooses_the_engine(variables: dict[str, str], engine: str, reason: str) -> None:
    chosen, why = choose(EngineChoice.AUTO, Settings.from_environment({"HOME": "/nowhere", **variables}))
    assert chosen == engine and why.startswith(reason)


def test_another_providers_secrets_are_not_taken_along() -> None:
    settings = Settings.from_environment({"ANTHROPIC_API_KEY": "k", "AWS_SECRET_ACCESS_KEY": "s", "HOME": "/nowhere"})
    assert dict(settings.credentials) == {"ANTHROPIC_API_KEY": "k"}
    assert dict(Settings.from_environment(BEDROCK).model_environment) == {
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "AWS_REGION": "eu-central-1",
    }


@pytest.fixture
def google(tmp_path: Path) -> Iterator[tuple[Path, list[bytes]]]:
    """A service account's file, and what its token server on loopback was asked; the third request is refused."""
    asked: list[bytes] = []

    class Tokens(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["content-length"])))
            refused = len(asked) > 2
            answer = {"error": "invalid_grant"} if refused else {"access_token": f"t{len(asked)}", "expires_in": 1}
            self.send_response(400 if refused else 200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "private_key_id": "1",
        "private_key": key.decode(),
        "client_email": "tdev@the-project.iam.gserviceaccount.com",
        "token_uri": f"http://127.0.0.1:{server.server_address[1]}/token",
    }
    file = tmp_path / "account.json"
    file.write_text(json.dumps(account))
    yield file, asked
    server.shutdown()
    server.server_close()


def test_vertex_fetches_a_token_by_its_file_and_a_new_one_when_it_has_ended(google: tuple[Path, list[bytes]]) -> None:
    file, asked = google
    variables = {name: value for name, value in VERTEX.items() if name != "CLOUDSDK_AUTH_ACCESS_TOKEN"}
    vertex = provider(**variables, GOOGLE_APPLICATION_CREDENTIALS=str(file))
    assert [headers(vertex)["authorization"] for _ in range(2)] == ["Bearer t1", "Bearer t2"]
    assert b"assertion=" in asked[0]
    with pytest.raises(TransientError, match="no access token"):
        headers(vertex)


def test_a_file_that_is_no_credential_is_refused(tmp_path: Path) -> None:
    variables = {name: value for name, value in VERTEX.items() if name != "CLOUDSDK_AUTH_ACCESS_TOKEN"}
    (tmp_path / "x.json").write_text("{}")
    for file in ("x.json", "missing.json"):
        with pytest.raises(ConfigurationError, match="GOOGLE_APPLICATION_CREDENTIALS"):
            provider(**variables, GOOGLE_APPLICATION_CREDENTIALS=str(tmp_path / file))
