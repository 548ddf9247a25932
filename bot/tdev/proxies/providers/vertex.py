"""Google's Vertex AI: project, region and model in the path, a short-lived access token."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tdev.errors import ConfigurationError
from tdev.policy.model_choice import full_name
from tdev.proxies.model_request import Json, NotAllowed
from tdev.proxies.providers.google_token import token_from_file
from tdev.proxies.providers.provider import PLAIN_CALL, PLAIN_TARGETS, Call, checked_base_url, in_path_form
from tdev.settings import Settings

_VERSION = "vertex-2023-10-16"
_IDS = {"haiku": "claude-haiku-4-5@20251001", "sonnet": "claude-sonnet-4-5@20250929"}
"""What Claude Code takes an alias for on Vertex; the others are called as Anthropic calls them."""
_WORD = re.compile(r"[a-z][a-z0-9:.-]{0,62}")
_MODEL = r"(?P<model>[a-z0-9.-]+(?:@[a-z0-9]+)?)"
_HOSTS = {
    "global": "aiplatform.googleapis.com",
    "us": "aiplatform.us.rep.googleapis.com",
    "eu": "aiplatform.eu.rep.googleapis.com",
}


@dataclass(frozen=True)
class Vertex:
    """Vertex in one project and region."""

    project: str
    region: str
    base_url: str
    """With the API's version, /v1."""
    credential: str
    """Name of the variable that it is from."""
    token: Callable[[], str] = field(repr=False)
    """An access token that holds for the next minutes; raises TransientError."""
    name: str = "vertex"

    @property
    def _folder(self) -> str:
        return f"/projects/{self.project}/locations/{self.region}/publishers/anthropic/models/"

    def client_environment(self, port: int) -> dict[str, str]:
        """Claude Code's settings for Vertex behind somebody who has the token."""
        return {
            "CLAUDE_CODE_USE_VERTEX": "1",
            "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1",
            "ANTHROPIC_VERTEX_BASE_URL": f"http://127.0.0.1:{port}",
            "ANTHROPIC_VERTEX_PROJECT_ID": self.project,
            "CLOUD_ML_REGION": self.region,
        }

    def call(self, method: str, target: str) -> Call | None:
        """Asking a model of this project and region, streamed or not; counting tokens."""
        if method != "POST":
            return None
        if target in PLAIN_TARGETS:
            return PLAIN_CALL
        if target == f"{self._folder}count-tokens:rawPredict":
            return Call(target, counts=True)
        found = re.fullmatch(re.escape(self._folder) + _MODEL + ":(?:streamRawPredict|rawPredict)", target)
        return Call(target, found["model"]) if found else None

    def model_id(self, name: str) -> str:
        """An alias's model; any other name is one already."""
        return _IDS.get(name) or full_name(name)

    def placed(self, call: Call, body: Json, headers: Mapping[str, str]) -> tuple[str, Json]:
        """A plain request's model goes into the path."""
        if call.path:
            return call.path, body
        if not re.fullmatch(_MODEL, body["model"]):
            raise NotAllowed("the model's name can't stand in a path")
        return f"{self._folder}{body['model']}:rawPredict", in_path_form(body, {}, _VERSION)

    def signed(self, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """With the access token."""
        return {**headers, "authorization": f"Bearer {self.token()}"}


def vertex(settings: Settings) -> Vertex:
    """Vertex as the settings have it; raises ConfigurationError when something is missing."""
    places, held, credential = settings.provider_places, settings.credentials, settings.credential
    region, project = places.get("CLOUD_ML_REGION", "global"), places.get("ANTHROPIC_VERTEX_PROJECT_ID", "")
    if not _WORD.fullmatch(region) or not _WORD.fullmatch(project):
        raise ConfigurationError(
            "Vertex needs a project and a region.", next_step="Set ANTHROPIC_VERTEX_PROJECT_ID and CLOUD_ML_REGION."
        )
    usual = f"https://{_HOSTS.get(region) or f'{region}-aiplatform.googleapis.com'}/v1"
    url = checked_base_url(places.get("ANTHROPIC_VERTEX_BASE_URL") or usual, "ANTHROPIC_VERTEX_BASE_URL")
    if not credential:
        raise ConfigurationError(
            "Vertex needs a credential and none is set.",
            next_step="Set GOOGLE_APPLICATION_CREDENTIALS to a file, or CLOUDSDK_AUTH_ACCESS_TOKEN to a token.",
        )
    if credential == "CLOUDSDK_AUTH_ACCESS_TOKEN":
        given = held[credential]
        return Vertex(project, region, url, credential, lambda: given)
    return Vertex(project, region, url, credential, token_from_file(settings, Path(held[credential])))
