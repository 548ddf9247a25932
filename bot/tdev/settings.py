"""The only reader of the environment: where T-Developer keeps its files and which credentials exist."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CREDENTIAL_VARIABLES = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN")
"""A non-empty one of these makes `engine: auto` choose Claude Code."""

CHILD_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "TMPDIR")
"""What every outside program may see of our environment; all else is dropped."""

INSTALLER_PREFIXES = ("PIP_", "UV_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
INSTALLER_VARIABLES = ("HOME", "XDG_CACHE_HOME")
"""What only package installers see on top: how this machine reaches its package index, and where downloads are kept."""


@dataclass(frozen=True)
class Settings:
    """Everything the process takes from its surroundings, read once at the edge."""

    home: Path
    """State folder (runs/, work/, cache/, tools/): `TDEV_HOME`, else `tdev` in `XDG_STATE_HOME` or ~/.local/state."""
    policies: Path
    """Folder of default.yml and tools.toml."""
    blueprints: Path
    """Folder of the copier templates."""
    examples: Path = Path()
    """Folder of the requirements that the demo builds."""
    child_environment: Mapping[str, str] = field(default_factory=dict)
    """The variables outside programs may see."""
    installer_environment: Mapping[str, str] = field(default_factory=dict)
    """The variables package installers see on top."""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Model credentials by variable name; never printed, never handed to repository code."""
    model_base_url: str = ""
    """`ANTHROPIC_BASE_URL`: another address for the Messages API."""
    osv_url: str = ""
    """`TDEV_OSV_URL`: another address for the OSV vulnerability service."""
    user_home: Path | None = None
    """`HOME`, read only to ask git which folders its owner trusts."""
    user: str = ""
    """Login of whoever runs us."""
    ci: bool = False
    """`CI` is set: plain lines instead of live progress."""

    @property
    def runs(self) -> Path:
        """Folder with one run directory per run."""
        return self.home / "runs"

    @property
    def work(self) -> Path:
        """Folder with one scratch folder per run: checkouts and environments, removed when the run has ended."""
        return self.home / "work"

    @property
    def cache(self) -> Path:
        """Folder of content-addressed caches; safe to delete."""
        return self.home / "cache"

    @property
    def tool_environments(self) -> Path:
        """Folder with one environment per pinned outside program."""
        return self.home / "tools"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the process environment (or the mapping given)."""
        env = os.environ if environment is None else environment
        user = Path(env.get("HOME") or Path.home())
        state = Path(env.get("XDG_STATE_HOME") or user / ".local" / "state")
        data = _data_folder()
        return cls(
            home=Path(env.get("TDEV_HOME") or state / "tdev").expanduser().absolute(),
            policies=Path(env.get("TDEV_POLICIES") or data / "policies"),
            blueprints=Path(env.get("TDEV_BLUEPRINTS") or data / "blueprints"),
            examples=data / "examples",
            child_environment={name: env[name] for name in CHILD_VARIABLES if name in env},
            installer_environment={
                name: env[name] for name in env if name.startswith(INSTALLER_PREFIXES) or name in INSTALLER_VARIABLES
            },
            credentials={name: env[name] for name in CREDENTIAL_VARIABLES if env.get(name)},
            model_base_url=env.get("ANTHROPIC_BASE_URL", ""),
            osv_url=env.get("TDEV_OSV_URL", ""),
            user_home=user,
            user=env.get("USER") or env.get("LOGNAME") or "",
            ci=bool(env.get("CI")),
        )


def _data_folder() -> Path:
    """The folder that holds policies/ and blueprints/: the package's own in a wheel, the checkout's in development."""
    packaged = Path(__file__).parent / "_data"
    return packaged if packaged.is_dir() else Path(__file__).parents[2]
