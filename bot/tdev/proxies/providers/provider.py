"""Provider: what the model proxy must know about whoever answers for the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from tdev.errors import ConfigurationError
from tdev.proxies.model_request import Json, NotAllowed

PLACEHOLDER = "held-by-the-proxy"
"""What the client in the sandbox has instead of a key."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Call:
    """A request that this provider knows."""

    path: str = ""
    """Where it goes: path and query, as they are sent; empty = `placed` tells."""
    model: str = ""
    """The model that the path names; empty = the body names it."""
    counts: bool = False
    """It only counts tokens, and costs nothing."""


class Provider(Protocol):
    """One provider, with its credential."""

    @property
    def name(self) -> str:
        """For the log and for people."""

    @property
    def credential(self) -> str:
        """Name of the variable that holds what opens it, for messages."""

    @property
    def base_url(self) -> str:
        """Scheme, host, port and path prefix, without a slash at the end; nothing else is ever asked."""

    def client_environment(self, port: int) -> dict[str, str]:
        """What tells Claude Code in the sandbox that its provider is at that loopback port; no secret is in it."""

    def call(self, method: str, target: str) -> Call | None:
        """The call that a request line means; None when it may not pass."""

    def model_id(self, name: str) -> str:
        """What this provider calls a model of the policy, for requests that are not Claude Code's own."""

    def placed(self, call: Call, body: Json, headers: Mapping[str, str]) -> tuple[str, Json]:
        """Path and body as the provider wants them; raises NotAllowed when they can't be had."""

    def signed(self, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """The headers with the credential added; may wait for the network, so it is called in a thread.

        Raises TransientError when a credential could not be had.
        """


PLAIN_CALL = Call()
"""The Messages API's own form, which Bedrock and Vertex are sent in theirs: so that callers of ours speak only one."""
PLAIN_TARGETS = ("/v1/messages", "/v1/messages?beta=true")


def in_path_form(body: Json, headers: Mapping[str, str], version: str) -> Json:
    """A plain request's body for a provider that has the model in the path, and betas in the body."""
    if body.get("stream"):
        raise NotAllowed("a plain request can't be streamed by this provider")
    betas = [beta for beta in headers.get("anthropic-beta", "").split(",") if beta]
    rest = {name: value for name, value in body.items() if name not in ("model", "stream")}
    return {**rest, "anthropic_version": version, **({"anthropic_beta": betas} if betas else {})}


def checked_base_url(url: str, variable: str) -> str:
    """The address without a slash at its end; raises ConfigurationError where the key would travel in the clear."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    plain = parts.scheme == "http" and host in _LOOPBACK
    if not host or not (parts.scheme == "https" or plain) or parts.query or parts.fragment or parts.username:
        raise ConfigurationError(
            f"{variable} is not an address that a key may be sent to.",
            next_step="Give it as https://HOST[:PORT][/PATH]; http:// is for loopback only.",
        )
    return url.rstrip("/")
