"""Access tokens from a Google credentials file, by google-auth; its own HTTP packages are not needed."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tdev.errors import ConfigurationError, TransientError
from tdev.proxies.outward import machine_proxy, trusted
from tdev.settings import Settings

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_SECONDS = 30.0
_LONGEST_ANSWER = 1024 * 1024


@dataclass(frozen=True)
class _Answer:
    """What google-auth expects of an answer."""

    status: int
    headers: Mapping[str, str]
    data: bytes


def token_from_file(settings: Settings, file: Path) -> Callable[[], str]:
    """Gives a token that holds, and fetches a new one when it does not (it raises TransientError when that fails).

    Raises ConfigurationError when google-auth is not installed, or the file is no credential.
    """
    try:
        import google.auth
        from google.auth import exceptions
    except ImportError as error:
        raise ConfigurationError(
            "Vertex with a credentials file needs google-auth.", next_step="Install tdev[vertex]."
        ) from error
    try:
        with warnings.catch_warnings():  # of files from strangers; this one is named by our own environment
            warnings.simplefilter("ignore", DeprecationWarning)
            credentials, _ = google.auth.load_credentials_from_file(str(file), scopes=[_SCOPE])  # type: ignore[no-untyped-call]
    except exceptions.GoogleAuthError as error:
        raise ConfigurationError(
            "GOOGLE_APPLICATION_CREDENTIALS names no file of credentials.", next_step="Correct the variable."
        ) from error
    lock = threading.Lock()
    ask = _asker(settings)

    def token() -> str:
        with lock:
            try:
                if not credentials.valid:
                    credentials.refresh(ask)
            except exceptions.GoogleAuthError as error:
                raise TransientError(f"Google gave no access token ({type(error).__name__}).") from error
            return str(credentials.token)

    return token


def _asker(settings: Settings) -> Callable[..., _Answer]:
    """google-auth's way out: through the machine's own proxy where it has one, and to no redirect."""
    from google.auth import exceptions

    tls = trusted(settings)

    def ask(
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> _Answer:
        proxy = machine_proxy(settings, url)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({"https": proxy, "http": proxy} if proxy else {}),
            urllib.request.HTTPSHandler(context=tls),
            _NoRedirect(),
        )
        request = urllib.request.Request(url, data=body, headers=dict(headers or {}), method=method)  # noqa: S310
        try:
            with opener.open(request, timeout=timeout or _SECONDS) as answer:
                return _Answer(answer.status, dict(answer.headers), answer.read(_LONGEST_ANSWER))
        except urllib.error.HTTPError as error:
            return _Answer(error.code, dict(error.headers), error.read(_LONGEST_ANSWER))
        except OSError as error:
            raise exceptions.TransportError(str(error)) from error  # type: ignore[no-untyped-call]

    return ask


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows none."""

    def redirect_request(self, *_: object) -> None:
        """No new request."""
