"""The only reader of the environment: where T-Developer keeps its files and which credentials exist."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tdev.errors import ConfigurationError

PROVIDER_SWITCHES = {"bedrock": "CLAUDE_CODE_USE_BEDROCK", "vertex": "CLAUDE_CODE_USE_VERTEX"}
"""Who else than Anthropic may answer for the model, and the variable that says so (`1`), as Claude Code has it."""
_ON = ("1", "true")
PROVIDER_CREDENTIALS: dict[str, tuple[str, ...]] = {
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"),
    "bedrock": ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"),
    "vertex": ("CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS"),
}
"""A non-empty one of its provider makes `engine: auto` choose Claude Code."""
_MORE: dict[str, tuple[str, ...]] = {
    "anthropic": (),
    "bedrock": ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    "vertex": (),
}
PROVIDER_PLACES = (
    *("AWS_REGION", "AWS_DEFAULT_REGION", "ANTHROPIC_BEDROCK_BASE_URL"),
    *("CLOUD_ML_REGION", "ANTHROPIC_VERTEX_PROJECT_ID", "ANTHROPIC_VERTEX_BASE_URL"),
)
"""Where the model's provider is, besides `ANTHROPIC_BASE_URL`; no secrets."""
CREDENTIAL_VARIABLES = tuple(
    name for table in (PROVIDER_CREDENTIALS, _MORE) for names in table.values() for name in names
)
"""All that is secret about reaching a model."""

CHILD_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "TMPDIR")
"""What every outside program may see of our environment; all else is dropped."""

INSTALLER_PREFIXES = ("PIP_", "UV_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
INSTALLER_VARIABLES = (
    *("HOME", "XDG_CACHE_HOME"),
    *("NPM_CONFIG_USERCONFIG", "NPM_CONFIG_REGISTRY", "NPM_CONFIG_CACHE", "NODE_EXTRA_CA_CERTS"),
    *("GOPATH", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOTOOLCHAIN"),
)
"""What only package installers see on top: how this machine reaches its package index, and where downloads are kept."""


@dataclass(frozen=True)
class ActionsJob:
    """What GitHub Actions tells the job that we run in; empty outside of one. The names are those of GitHub's page
    "Variables reference".
    """

    event_file: Path | None = None
    """`GITHUB_EVENT_PATH`: the payload of the event that started the workflow."""
    temp: Path | None = None
    """`RUNNER_TEMP`: a folder of the job's own."""
    repository: str = ""
    """`GITHUB_REPOSITORY`: `owner/name`."""
    server_url: str = "https://github.com"
    """`GITHUB_SERVER_URL`: where pages and git are."""
    run_id: str = ""
    """`GITHUB_RUN_ID`: number of the workflow run."""
    attempt: str = "1"
    """`GITHUB_RUN_ATTEMPT`: how often it was run."""
    token: str = field(default="", repr=False)
    """`GITHUB_TOKEN`: the job's own token, or one made for it, for the steps that are given it."""
    token_app: str = "github-actions"  # noqa: S105 - a name
    """`TDEV_TOKEN_APP`: slug of the App that this token acts as."""
    held_token: str = field(default="", repr=False)
    """`STATE_token`: the token that the step made, when it is to be revoked."""
    state: Path | None = None
    """`GITHUB_STATE`: takes what the same step wants to know at the end of the job."""
    event: str = ""
    """`GITHUB_EVENT_NAME`: what started the workflow."""
    repository_id: str = ""
    """`GITHUB_REPOSITORY_ID`."""
    ref_name: str = ""
    """`GITHUB_REF_NAME`: the branch the workflow runs for."""
    actor: str = ""
    """`GITHUB_ACTOR`: login of who started it."""
    asked: str = ""
    """`TDEV_ASKED`: what a calling workflow asks for, JSON; untrusted text may stand in it."""
    output: Path | None = None
    """`GITHUB_OUTPUT`: takes the step's outputs."""
    summary: Path | None = None
    """`GITHUB_STEP_SUMMARY`: takes Markdown for the page of the workflow run."""

    @property
    def run_url(self) -> str:
        """Page of the workflow run; empty outside of one."""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}" if self.run_id else ""


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
    workflow_files: Path = Path()
    """Folder of our workflow files, as repositories that use us have them."""
    child_environment: Mapping[str, str] = field(default_factory=dict)
    """The variables outside programs may see."""
    installer_environment: Mapping[str, str] = field(default_factory=dict)
    """The variables package installers see on top."""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Model credentials by variable name; never printed, never handed to repository code."""
    model_provider: str = "anthropic"
    """Who answers for the model: `bedrock`, `vertex`, or Anthropic's API and what speaks like it."""
    model_base_url: str = ""
    """`ANTHROPIC_BASE_URL`: another address for the Messages API."""
    provider_places: Mapping[str, str] = field(default_factory=dict)
    """The variables that say where Bedrock or Vertex is."""
    sandbox: str = "auto"
    """`TDEV_SANDBOX`: `auto`, or the name of one of adapters/sandbox; `none` runs repository code without walls."""
    osv_url: str = ""
    """`TDEV_OSV_URL`: another address for the OSV vulnerability service."""
    user_home: Path | None = None
    """`HOME`, read only to ask git which folders its owner trusts."""
    user: str = ""
    """Login of whoever runs us."""
    ci: bool = False
    """`CI` is set: plain lines instead of live progress."""
    webhook_secret: str = field(default="", repr=False)
    """`TDEV_WEBHOOK_SECRET`: what GitHub signs deliveries with; `tdev serve` refuses to start without it."""
    app_id: str = ""
    """`TDEV_APP_ID`: client id or number of the GitHub App that the bot acts as."""
    app_private_key: str = field(default="", repr=False)
    """`TDEV_APP_PRIVATE_KEY`: the App's private key, PEM."""
    app_private_key_file: Path | None = None
    """`TDEV_APP_PRIVATE_KEY_FILE`: a file that holds it, where the variable itself is not set."""
    github_api_url: str = "https://api.github.com"
    """`TDEV_GITHUB_API_URL`, else `GITHUB_API_URL`: base address of GitHub's REST API."""
    workflow: str = "tdev.yml"
    """`TDEV_WORKFLOW`: file below .github/workflows/ of each repository that the bot dispatches."""
    poll_seconds: float = 10.0
    """`TDEV_POLL_SECONDS`: how often unfinished runs are asked about, besides the events that report them; seconds."""
    runs_per_hour: int = 20
    """`TDEV_RUNS_PER_HOUR`: how many runs the bot begins for one repository within an hour."""
    actions: ActionsJob = ActionsJob()
    """The job of GitHub Actions that we run in."""

    @property
    def credential(self) -> str:
        """Name of the variable that holds the credential for the model's provider; empty when none is set."""
        return next((name for name in PROVIDER_CREDENTIALS[self.model_provider] if self.credentials.get(name)), "")

    @property
    def model_environment(self) -> Mapping[str, str]:
        """What tells another process of ours where the model's provider is; credentials are not in it."""
        switch = PROVIDER_SWITCHES.get(self.model_provider, "")
        base = {"ANTHROPIC_BASE_URL": self.model_base_url, switch: "1" if switch else ""}
        return {name: value for name, value in {**base, **self.provider_places}.items() if value}

    @property
    def own_environment(self) -> Mapping[str, str]:
        """What a `tdev` program that we start sees: these places, how to reach a package index, and no credential."""
        places = {
            "TDEV_HOME": str(self.home),
            "TDEV_POLICIES": str(self.policies),
            "TDEV_BLUEPRINTS": str(self.blueprints),
            "TDEV_OSV_URL": self.osv_url,
            "TDEV_SANDBOX": self.sandbox,
        }
        return {**self.child_environment, **self.installer_environment, **places}

    @property
    def inbox(self) -> Path:
        """The bot's SQLite file: deliveries and runs."""
        return self.home / "bot.sqlite"

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
        data = data_folder()
        key_file = env.get("TDEV_APP_PRIVATE_KEY_FILE")
        provider = next((name for name, switch in PROVIDER_SWITCHES.items() if env.get(switch) in _ON), "anthropic")
        return cls(
            home=Path(env.get("TDEV_HOME") or state / "tdev").expanduser().absolute(),
            policies=Path(env.get("TDEV_POLICIES") or data / "policies"),
            blueprints=Path(env.get("TDEV_BLUEPRINTS") or data / "blueprints"),
            examples=data / "examples",
            workflow_files=data / ".github" / "workflows",
            child_environment={name: env[name] for name in CHILD_VARIABLES if name in env},
            installer_environment={
                name: env[name] for name in env if name.startswith(INSTALLER_PREFIXES) or name in INSTALLER_VARIABLES
            },
            credentials={
                name: env[name] for name in (*PROVIDER_CREDENTIALS[provider], *_MORE[provider]) if env.get(name)
            },
            model_provider=provider,
            model_base_url=env.get("ANTHROPIC_BASE_URL", ""),
            provider_places={name: env[name] for name in PROVIDER_PLACES if env.get(name)},
            sandbox=env.get("TDEV_SANDBOX") or "auto",
            osv_url=env.get("TDEV_OSV_URL", ""),
            user_home=user,
            user=env.get("USER") or env.get("LOGNAME") or "",
            ci=bool(env.get("CI")),
            webhook_secret=env.get("TDEV_WEBHOOK_SECRET", ""),
            app_id=env.get("TDEV_APP_ID", ""),
            app_private_key=env.get("TDEV_APP_PRIVATE_KEY", "").replace("\\n", "\n"),
            app_private_key_file=Path(key_file) if key_file else None,
            github_api_url=env.get("TDEV_GITHUB_API_URL") or env.get("GITHUB_API_URL") or "https://api.github.com",
            workflow=env.get("TDEV_WORKFLOW") or "tdev.yml",
            poll_seconds=_number(env, "TDEV_POLL_SECONDS", 10.0),
            runs_per_hour=int(_number(env, "TDEV_RUNS_PER_HOUR", 20)),
            actions=_actions_job(env),
        )


def _actions_job(env: Mapping[str, str]) -> ActionsJob:
    """The job of GitHub Actions that the environment is of."""

    def place(name: str) -> Path | None:
        return Path(env[name]) if env.get(name) else None

    return ActionsJob(
        event_file=place("GITHUB_EVENT_PATH"),
        temp=place("RUNNER_TEMP"),
        repository=env.get("GITHUB_REPOSITORY", ""),
        server_url=(env.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/"),
        run_id=env.get("GITHUB_RUN_ID", ""),
        attempt=env.get("GITHUB_RUN_ATTEMPT") or "1",
        token=env.get("GITHUB_TOKEN", ""),
        token_app=env.get("TDEV_TOKEN_APP") or "github-actions",
        held_token=env.get("STATE_token", ""),
        state=place("GITHUB_STATE"),
        event=env.get("GITHUB_EVENT_NAME", ""),
        repository_id=env.get("GITHUB_REPOSITORY_ID", ""),
        ref_name=env.get("GITHUB_REF_NAME", ""),
        actor=env.get("GITHUB_ACTOR", ""),
        asked=env.get("TDEV_ASKED", ""),
        output=place("GITHUB_OUTPUT"),
        summary=place("GITHUB_STEP_SUMMARY"),
    )


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    """A variable as a positive number; raises ConfigurationError when it is none."""
    text = env.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ConfigurationError(f"{name}={text!r} is not a positive number.", next_step=f"Try {name}={default:g}.")
    return value


def data_folder() -> Path:
    """The folder that holds policies/ and blueprints/: the package's own in a wheel, the checkout's in development."""
    packaged = Path(__file__).parent / "_data"
    return packaged if packaged.is_dir() else Path(__file__).parents[2]
