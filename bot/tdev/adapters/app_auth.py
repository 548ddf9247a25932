"""Who the bot is to GitHub: a signed JWT as the App, and short-lived tokens as one of its installations.

In go the App's id and private key; out come headers' worth of tokens. After
https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app: the JWT is RS256, dated back by a
minute against clocks that differ, and lives less than ten minutes. An installation token is asked for one repository
and the permissions of the task alone, and is kept in memory until five minutes before it expires.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tdev.errors import ConfigurationError, TransientError

_BACKDATED_SECONDS = 60
_JWT_SECONDS = 540
_RENEWED_BEFORE_SECONDS = 300

Permissions = Mapping[str, str]
"""GitHub's names, e.g. {"issues": "write"}."""


def read_key(pem: str, file: Path | None) -> RSAPrivateKey:
    """The App's private key from its text, else from a file; raises ConfigurationError when neither holds one."""
    next_step = "Set TDEV_APP_PRIVATE_KEY or TDEV_APP_PRIVATE_KEY_FILE to the PEM that GitHub gave for the App."
    if not pem and file is None:
        raise ConfigurationError("The App's private key is not set.", next_step=next_step)
    try:
        data = pem.encode() if pem or file is None else file.read_bytes()
        key = load_pem_private_key(data, password=None)
    except OSError as error:
        raise ConfigurationError(f"{file} can't be read: {error.strerror}.", next_step=next_step) from error
    except (ValueError, TypeError) as error:
        raise ConfigurationError("The App's private key is no unencrypted PEM key.", next_step=next_step) from error
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationError("The App's private key is no RSA key.", next_step=next_step)
    return key


def app_jwt(app_id: str, key: RSAPrivateKey, now: float) -> str:
    """A JWT with which the App speaks for itself for the next nine minutes."""
    issued = int(now) - _BACKDATED_SECONDS
    return jwt.encode({"iat": issued, "exp": issued + _BACKDATED_SECONDS + _JWT_SECONDS, "iss": app_id}, key, "RS256")


@dataclass(frozen=True)
class Token:
    """An installation token."""

    value: str = field(repr=False)
    """The secret itself."""
    expires_at: float
    """Seconds since the epoch."""


@dataclass
class Tokens:
    """The tokens that are still good, by installation, repository and permissions. Nothing of it is stored."""

    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
    kept: dict[tuple[object, ...], Token] = field(default_factory=dict, repr=False)
    """Token by what it is for."""

    def get(self, installation_id: int, repository_id: int, permissions: Permissions) -> Token | None:
        """A token that lives for five more minutes at least; None when one must be asked for."""
        token = self.kept.get(_kind(installation_id, repository_id, permissions))
        return token if token and token.expires_at - _RENEWED_BEFORE_SECONDS > self.clock() else None

    def put(self, installation_id: int, repository_id: int, permissions: Permissions, token: Token) -> None:
        """Keep a token; those that have expired are dropped."""
        self.kept = {kind: kept for kind, kept in self.kept.items() if kept.expires_at > self.clock()}
        self.kept[_kind(installation_id, repository_id, permissions)] = token

    def forget(self, value: str) -> None:
        """Drop a token that GitHub no longer takes."""
        self.kept = {kind: kept for kind, kept in self.kept.items() if kept.value != value}


def token_of(answer: object) -> Token:
    """The token in GitHub's answer; raises TransientError when there is none in it."""
    if isinstance(answer, dict) and isinstance(answer.get("token"), str) and isinstance(answer.get("expires_at"), str):
        return Token(answer["token"], datetime.fromisoformat(answer["expires_at"].replace("Z", "+00:00")).timestamp())
    raise TransientError("GitHub answered the request for a token with something else.")


def _kind(installation_id: int, repository_id: int, permissions: Permissions) -> tuple[object, ...]:
    return installation_id, repository_id, tuple(sorted(permissions.items()))
