"""Anthropic's own API, or a gateway that speaks like it (`ANTHROPIC_BASE_URL`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tdev.policy.model_choice import full_name
from tdev.proxies.model_request import Json
from tdev.proxies.providers.provider import PLACEHOLDER, Call

DEFAULT_URL = "https://api.anthropic.com"

_CALLS = {
    ("POST", f"/v1/messages{path}{query}"): Call(f"/v1/messages{path}{query}", counts=bool(path))
    for path in ("", "/count_tokens")
    for query in ("", "?beta=true")
}
"""The whole list of what may be asked, letter by letter: nothing is left to be decoded or made shorter."""
_OAUTH_BETA = "oauth-2025-04-20"
"""What the API wants to be told when the bearer token is that of a person's subscription."""


@dataclass(frozen=True)
class Anthropic:
    """The Messages API with one credential."""

    credential: str
    """Name of the variable that it is from."""
    secret: str = field(repr=False)
    base_url: str = DEFAULT_URL
    name: str = "anthropic"

    def client_environment(self, port: int) -> dict[str, str]:
        """Claude Code's address and a key that opens nothing."""
        return {"ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}", "ANTHROPIC_API_KEY": PLACEHOLDER}

    def call(self, method: str, target: str) -> Call | None:
        """Messages, or counting their tokens."""
        return _CALLS.get((method, target))

    def model_id(self, name: str) -> str:
        """The newest of an alias's family; any other name is one already."""
        return full_name(name)

    def placed(self, call: Call, body: Json, headers: Mapping[str, str]) -> tuple[str, Json]:
        """As they are."""
        return call.path, body

    def signed(self, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """The key in `x-api-key`, a token in `authorization`."""
        if self.credential == "ANTHROPIC_API_KEY":
            return {**headers, "x-api-key": self.secret}
        sent = {**headers, "authorization": f"Bearer {self.secret}"}
        if self.credential == "CLAUDE_CODE_OAUTH_TOKEN":
            betas = [beta for beta in headers.get("anthropic-beta", "").split(",") if beta]
            sent["anthropic-beta"] = ",".join(dict.fromkeys([*betas, _OAUTH_BETA]))
        return sent
