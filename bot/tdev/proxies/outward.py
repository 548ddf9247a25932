"""How our own process reaches the outside: certificates, and the machine's own proxy where it has one."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from tdev.errors import ConfigurationError
from tdev.settings import Settings


def trusted(settings: Settings) -> ssl.SSLContext:
    """The certificates that the machine trusts; raises ConfigurationError when SSL_CERT_FILE can't be read."""
    file = settings.child_environment.get("SSL_CERT_FILE")
    folder = settings.child_environment.get("SSL_CERT_DIR")
    try:
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    except OSError as error:
        raise ConfigurationError(
            "The certificates that SSL_CERT_FILE names can't be read.", next_step="Correct the variable, or remove it."
        ) from error


def machine_proxy(settings: Settings, url: str) -> str | None:
    """The HTTP proxy through which this machine reaches the address; None = none is needed.

    `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read as curl reads them; loopback is never reached through a proxy.
    """
    parts = urlsplit(url)
    host, environment = parts.hostname or "", settings.installer_environment
    if is_loopback(host) or _excepted(host, _either(environment, "no_proxy")):
        return None
    return _either(environment, f"{parts.scheme}_proxy") or None


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _either(environment: Mapping[str, str], name: str) -> str:
    """A variable in small letters, else in capitals."""
    return environment.get(name) or environment.get(name.upper(), "")


def _excepted(host: str, exceptions: str) -> bool:
    """Whether NO_PROXY names the host or a domain above it."""
    for word in (word.strip().lstrip("*").lstrip(".") for word in exceptions.split(",")):
        if exceptions.strip() == "*" or (word and (host == word or host.endswith(f".{word}"))):
            return True
    return False
