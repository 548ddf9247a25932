"""The cells in which an environment is filled: fetching runs no code of a package, building does.

Comes in: words for `uv pip install`. Goes out: how it ended. The only way out of any of these cells is the registry
proxy, and building what is at hand has none.

| cell | runs | uv's cache | network | may change |
|---|---|---|---|---|
| fetch | uv alone (`--no-build`) | the user's own | registry proxy | the environment |
| compile | the interpreter's own compiler | none | none | the environment |
| build_alone | the project's build | empty, thrown away | none | the environment, the checkout |
| build | any build | empty, thrown away | registry proxy | the environment, the checkout |

Files are copied out of the cache and never linked: whoever changes a link's file changes the cache. Builds get a fixed
version through the variables of the usual back ends, since a clone has no tags to read one from.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from uv import find_uv_bin

from tdev.adapters import process
from tdev.adapters.files import explained
from tdev.adapters.private_folder import private_folder
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cells import checkout_around, interpreter_folders, repository_cell
from tdev.adapters.sandbox.run import run
from tdev.adapters.service import free_port
from tdev.policy.sandbox import USUAL_LIMITS, CellLimits
from tdev.proxies.registry import registry_proxy
from tdev.settings import Settings

_HOME = "/home/user"
_PRETEND_VERSION = "0.0.0"
_VERSION_VARIABLES = (
    "SETUPTOOLS_SCM_PRETEND_VERSION",
    "HATCH_VCS_PRETEND_VERSION",
    "PDM_BUILD_SCM_VERSION",
    "PBR_VERSION",
    "POETRY_DYNAMIC_VERSIONING_BYPASS",
)
_FOR_UV = ("UV_INDEX_", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS", "UV_HTTP_TIMEOUT", "UV_INSECURE_HOST", "UV_EXCLUDE_NEWER")
"""Variables of ours that tell uv how to reach an index; the rest tells of this machine."""


@dataclass(frozen=True)
class InstallCells:
    """Where the environment of one project is filled."""

    settings: Settings
    """Which sandbox and indexes there are."""
    project: Path
    """Its folder."""
    environment: Path
    """The virtual environment."""
    timeout: float
    """Seconds for each run of uv."""
    registries: tuple[str, ...] = ()
    """Hosts that policy allows besides the machine's own indexes."""
    limits: CellLimits = USUAL_LIMITS
    """What each run of uv may use up."""

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.environment / "bin" / "python"

    def fetch(self, *words: str | Path, writable: Path | None = None) -> process.Completed:
        """`uv pip install` of wheels into the environment, or into another folder that is named as `writable`."""
        cache = _shared_cache(self.settings)
        target = writable or self.environment
        with self._registry(passwords=True) as (variables, ports), explained(cache):
            cache.mkdir(parents=True, exist_ok=True)
            cell = Cell(
                cwd=target if writable else self.project,
                environment={**self._variables(cache), **self._index_variables(), **variables},
                writable=(cache, target),
                read_only=(*self._shown(), checkout_around(self.settings, self.project)),
                ports_to=ports,
                limits=self.limits,
            )
            return self._uv(cell, "--no-build", *words)

    def build_alone(self, tools: Path, *words: str | Path) -> process.Completed:
        """`uv pip install` with builds that find their tools in a folder, and no network."""
        with self._private_cache() as cache:
            variables = {**self._variables(cache), "UV_OFFLINE": "1", "PYTHONPATH": str(tools)}
            return self._uv(self._building(cache, variables, {}, tools), *words)

    def build(self, *words: str | Path) -> process.Completed:
        """`uv pip install` with builds that may fetch their tools."""
        with self._private_cache() as cache, self._registry() as (variables, ports):
            return self._uv(self._building(cache, {**self._variables(cache), **variables}, ports), *words)

    def compile(self, python: Path, folder: Path, names: Sequence[str] = ()) -> process.Completed:
        """Compile a folder's modules, or those of some packages in it. Nothing is imported; there is no network.

        Byte code carries the hash of its source, so it holds wherever the same source is.
        """
        cell = Cell(
            cwd=folder,
            environment=self._variables(None),
            writable=(folder,),
            read_only=interpreter_folders(python),
            limits=self.limits,
        )
        words = ("-I", "-S", "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "checked-hash")
        paths = [path for name in names if (path := folder / name).is_dir()] if names else [folder]
        return run(self.settings, cell, (python.resolve(), *words, *paths), timeout=self.timeout)

    def _building(self, cache: Path, variables: Mapping[str, str], ports: Mapping[int, Path], *read_only: Path) -> Cell:
        return repository_cell(
            self.settings,
            checkout_around(self.settings, self.project),
            cwd=self.project,
            environment=variables,
            writable=(self.environment, cache),
            read_only=(*self._shown(), *read_only),
            ports_to=ports,
            limits=self.limits,
        )

    def _uv(self, cell: Cell, *words: str | Path) -> process.Completed:
        command = (find_uv_bin(), "pip", "install", "--no-progress", "--color", "never", *words)
        return run(self.settings, cell, command, timeout=self.timeout)

    def _shown(self) -> tuple[Path, ...]:
        """uv, interpreters, our pins, and folders of packages that the machine's own settings name."""
        named = self.settings.installer_environment.get("UV_FIND_LINKS", "").replace(",", " ").split()
        folders = (Path(word) for word in named if word.startswith("/"))
        pins = self.settings.policies / "test-environment.txt"
        shown = (Path(find_uv_bin()), pins, *interpreter_folders(self.python), *folders)
        return tuple(path.absolute() for path in shown if path.exists())

    @contextlib.contextmanager
    def _registry(self, *, passwords: bool = False) -> Iterator[tuple[dict[str, str], dict[int, Path]]]:
        """Variables that lead to a registry proxy, and the port that does."""
        with private_folder("registry") as scratch:
            socket, port = scratch / "proxy", free_port()
            with registry_proxy(self.settings, socket, self.registries) as proxy:
                yield proxy.environment(port, passwords=passwords), {port: socket}

    @contextlib.contextmanager
    def _private_cache(self) -> Iterator[Path]:
        """An empty cache that nothing else ever reads."""
        with TemporaryDirectory(prefix="cache-", dir=self.environment.parent, ignore_cleanup_errors=True) as folder:
            yield Path(folder).resolve()

    def _variables(self, cache: Path | None) -> dict[str, str]:
        """What every cell's program sees; no credential."""
        given = {name: value for name, value in self.settings.child_environment.items() if name != "TMPDIR"}
        version = _released_version(self.project) or _PRETEND_VERSION
        told = {"HOME": _HOME, "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"}
        where = {"UV_CACHE_DIR": str(cache)} if cache else {}
        return {**given, **dict.fromkeys(_VERSION_VARIABLES, version), **told, **where}

    def _index_variables(self) -> dict[str, str]:
        """How uv reaches the machine's indexes, their passwords included; only where no code of a package runs."""
        given = self.settings.installer_environment
        return {name: value for name, value in given.items() if name.startswith(_FOR_UV)}


def _shared_cache(settings: Settings) -> Path:
    """The user's cache of uv, as uv finds it: https://docs.astral.sh/uv/concepts/cache/."""
    given = settings.installer_environment
    if given.get("UV_CACHE_DIR"):
        return Path(given["UV_CACHE_DIR"]).absolute()
    home = Path(given.get("HOME") or settings.user_home or "/nowhere")
    return Path(given.get("XDG_CACHE_HOME") or home / ".cache").absolute() / "uv"


def _released_version(project: Path) -> str:
    """The version an unpacked sdist says it has, or an empty string."""
    file = project / "PKG-INFO"
    if not file.is_file():
        return ""
    lines = file.read_text("utf-8", "replace").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("Version:")), "")
