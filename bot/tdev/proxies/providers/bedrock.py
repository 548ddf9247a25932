"""Amazon Bedrock: the model in the path, requests signed (SigV4) or with a bearer token, answers in frames."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from urllib.parse import quote, unquote

from tdev.errors import ConfigurationError
from tdev.proxies.model_request import Json
from tdev.proxies.providers.provider import (
    PLAIN_CALL,
    PLAIN_TARGETS,
    Call,
    checked_base_url,
    in_path_form,
)
from tdev.settings import Settings

_VERSION = "bedrock-2023-05-31"
_TARGET = re.compile(r"/model/(?P<model>(?:[A-Za-z0-9._:-]|%2F|%3A)+)/invoke(?:-with-response-stream)?")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_IDS = {
    "haiku": "anthropic.claude-haiku-4-5-20251001-v1:0",
    "sonnet": "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "opus": "anthropic.claude-opus-5-5",
    "fable": "anthropic.claude-fable-5-2",
}
"""What Claude Code takes an alias for on Bedrock, without the part of the world that stands before it."""
_WORLD = {"us": "us", "eu": "eu", "ap": "apac"}


@dataclass(frozen=True)
class Bedrock:
    """Bedrock's runtime in one region, with one credential."""

    region: str
    base_url: str
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    bearer: str = field(default="", repr=False)
    """Instead of the keys."""
    name: str = "bedrock"

    @property
    def credential(self) -> str:
        """Which of the two kinds of credential it has."""
        return "AWS_BEARER_TOKEN_BEDROCK" if self.bearer else "AWS_ACCESS_KEY_ID"

    def client_environment(self, port: int) -> dict[str, str]:
        """Claude Code's settings for Bedrock behind somebody who signs."""
        return {
            "CLAUDE_CODE_USE_BEDROCK": "1",
            "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1",
            "ANTHROPIC_BEDROCK_BASE_URL": f"http://127.0.0.1:{port}",
            "AWS_REGION": self.region,
        }

    def call(self, method: str, target: str) -> Call | None:
        """Invoking a model, streamed or not."""
        if method != "POST":
            return None
        if target in PLAIN_TARGETS:
            return PLAIN_CALL
        found = _TARGET.fullmatch(target)
        return Call(target, unquote(found["model"])) if found else None

    def model_id(self, name: str) -> str:
        """An alias's model in this part of the world; any other name is one already."""
        return f"{_WORLD.get(self.region[:2], 'global')}.{_IDS[name]}" if name in _IDS else name

    def placed(self, call: Call, body: Json, headers: Mapping[str, str]) -> tuple[str, Json]:
        """A plain request's model goes into the path."""
        if call.path:
            return call.path, body
        return f"/model/{quote(body['model'], safe=':')}/invoke", in_path_form(body, headers, _VERSION)

    def signed(self, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """With a signature over address, body and time; raises ConfigurationError when botocore is not installed."""
        kept = {name: value for name, value in headers.items() if name in ("content-type", "accept", "accept-encoding")}
        if self.bearer:
            return {**kept, "authorization": f"Bearer {self.bearer}"}
        signing = _botocore()
        request = signing.AWSRequest(method="POST", url=url, data=body, headers=dict(kept))
        key = signing.Credentials(self.access_key, self.secret_key, self.session_token or None)
        signing.SigV4Auth(key, "bedrock", self.region).add_auth(request)
        return dict(request.headers.items())


def bedrock(settings: Settings) -> Bedrock:
    """Bedrock as the settings have it; raises ConfigurationError when something is missing."""
    places, held = settings.provider_places, settings.credentials
    region = places.get("AWS_REGION") or places.get("AWS_DEFAULT_REGION", "")
    if not _REGION.fullmatch(region):
        raise ConfigurationError("Bedrock needs a region.", next_step="Set AWS_REGION, for example to us-east-1.")
    usual = f"https://bedrock-runtime.{region}.amazonaws.com"
    url = checked_base_url(places.get("ANTHROPIC_BEDROCK_BASE_URL") or usual, "ANTHROPIC_BEDROCK_BASE_URL")
    bearer = held.get("AWS_BEARER_TOKEN_BEDROCK", "")
    key, secret = held.get("AWS_ACCESS_KEY_ID", ""), held.get("AWS_SECRET_ACCESS_KEY", "")
    if not bearer and not (key and secret):
        raise ConfigurationError(
            "Bedrock needs a credential and none is set.",
            next_step="Set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
    if not bearer:
        _botocore()
    return Bedrock(region, url, key, secret, held.get("AWS_SESSION_TOKEN", ""), bearer)


def _botocore() -> SimpleNamespace:
    """What signs; raises ConfigurationError when it is not installed."""
    try:
        from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
        from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
        from botocore.credentials import Credentials  # type: ignore[import-untyped]
    except ImportError as error:
        raise ConfigurationError(
            "Signing requests to Bedrock needs botocore.", next_step="Install tdev[bedrock]."
        ) from error
    return SimpleNamespace(SigV4Auth=SigV4Auth, AWSRequest=AWSRequest, Credentials=Credentials)
