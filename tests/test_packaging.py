"""What is tracked, built and installed: complete, portable, in one version, and free of addresses and machine paths."""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import pytest
from uv import find_uv_bin

import tdev
from tdev.tools.sdist import unpack

ROOT = Path(__file__).parents[1]
_WORKFLOWS = tuple(f".github/workflows/{name}" for name in ("build", "deliver", "evolve", "gates", "tdev"))
_DATA = ("policies/", "blueprints/", "examples/", "actions/", *_WORKFLOWS)
_INDEX_HOSTS = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "proxy.go" + "lang.org",
    "index.crates" + ".io",
)
_MACHINE_PATH = re.compile(rb"""(?:^|[\s"'`=(:,\[])(/(?:root|work)/[\w.]+)""", re.MULTILINE)

_LOAD_EVERYTHING = """
from tdev.cli.main import COMMANDS
from tdev.engines.table import ENGINES
assert all([command.load() for command in COMMANDS])
assert all([make() for make in ENGINES.values()])
"""


def git(*words: str) -> str:
    return subprocess.run(("git", *words), cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every tracked file."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    return [ROOT / name for name in git("ls-files", "-z").split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, tracked: list[Path]) -> Path:
    """A folder with the wheel and the source distribution, built from the tracked files alone."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for file in tracked:
        target = source / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)
    done = subprocess.run(
        (find_uv_bin(), "build", "--quiet", "--out-dir", out, source), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return out


def wheel_names(built: Path) -> set[str]:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.e2e
def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(built: Path, tracked: list[Path]) -> None:
    wanted = set()
    for file in tracked:
        name = file.relative_to(ROOT).as_posix()
        if name.startswith("bot/tdev/"):
            wanted.add(name.removeprefix("bot/"))
        elif name.startswith(_DATA):
            wanted.add(f"tdev/_data/{name}")
    held = {name for name in wheel_names(built) if ".dist-info/" not in name}
    assert held == wanted
    assert {"tdev/py.typed", "tdev/_data/policies/default.yml", "tdev/_data/policies/tools.toml"} <= held
    hidden = [name for name in held if "/." in name and name.startswith("tdev/_data/blueprints/")]
    assert hidden, "the blueprint's dot files are part of it"
    prompts = [name for name in held if name.endswith(".md") and "/tdev/prompts/" in f"/{name}"]
    assert prompts, "the prompts are part of it"


@pytest.mark.e2e
def test_the_source_distribution_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    source = unpack(archive, tmp_path / "source")
    out = tmp_path / "again"
    subprocess.run((find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", out, source), check=True)
    assert wheel_names(out) == wheel_names(built)
    assert {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml"} <= {file.name for file in source.iterdir()}


@pytest.mark.e2e
def test_pip_installs_it_and_it_works_away_from_the_checkout(built: Path, tmp_path: Path) -> None:
    """What the wheel asks for comes from uv's cache; pip then agrees that nothing is missing."""
    (wheel,) = built.glob("*.whl")
    place = tmp_path / "environment"
    subprocess.run(
        (find_uv_bin(), "venv", "--quiet", "--no-project", "--seed", "--python", sys.executable, place), check=True
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TDEV_", "PYTHON"))}
    environment |= {"TDEV_HOME": str(tmp_path / "state"), "PYTHONDONTWRITEBYTECODE": ""}
    uv = (find_uv_bin(), "pip", "install", "--quiet", "--python", place, "--constraint", constraints(tmp_path))
    subprocess.run((*uv, *requirements(wheel)), check=True, cwd=tmp_path, env=environment)
    pip = (place / "bin" / "python", "-m", "pip", "--disable-pip-version-check")
    subprocess.run(
        (*pip, "install", "--quiet", "--no-deps", "--no-index", wheel), check=True, cwd=tmp_path, env=environment
    )
    subprocess.run((*pip, "check"), check=True, cwd=tmp_path, env=environment)

    def called(*words: str) -> str:
        command = (place / "bin" / "tdev", *words)
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert called("--version").strip() == f"tdev {tdev.__version__}"
    (tmp_path / "policy.yml").write_text("version: 1\n")
    called("policy", "validate", "policy.yml")
    assert "default.yml" in called("policy", "explain", "gates.tests.changed_coverage")
    assert "semgrep" in called("tools", "list")
    loaded = subprocess.run(
        (place / "bin" / "python", "-c", _LOAD_EVERYTHING), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr
    spent = []
    for _ in range(5):
        started = time.monotonic()
        called("--version")
        spent.append(time.monotonic() - started)
    assert min(spent) <= 0.2


def requirements(wheel: Path) -> list[str]:
    """What the wheel says that it needs, no extras."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    return [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]


def constraints(folder: Path) -> Path:
    """The versions of requirements.lock without its hashes, which pip would then ask of the wheel, too."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    file = folder / "constraints.txt"
    file.write_text("\n".join(re.findall(r"^[a-z0-9].*?(?= \\$)", lock, re.MULTILINE)), "utf-8")
    return file


def test_the_version_stands_in_one_place(tracked: list[Path]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert "version" in project["dynamic"]
    assignment = re.compile(rf"__version__\s*=|version\s*=\s*[\"']{re.escape(tdev.__version__)}[\"']")
    places = [
        file for file in tracked if file.suffix in (".py", ".toml") and assignment.search(file.read_text("utf-8"))
    ]
    assert [file.relative_to(ROOT).as_posix() for file in places] == ["bot/tdev/__init__.py"]


def test_runtime_dependencies_are_in_the_lock_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for wanted in (*project["project"]["dependencies"], *project["dependency-groups"]["dev"]):
        name = re.split(r"[<>=~!\[; ]", wanted)[0].lower()
        assert re.search(rf"^{re.escape(name)}==\S+ .*\\\n    --hash=sha256:", lock, re.MULTILINE), name


def test_line_ends_are_lf_in_the_index_and_on_disk() -> None:
    rows = [line.split("\t")[0].split() for line in git("ls-files", "--eol").splitlines()]
    assert {row[0] for row in rows} <= {"i/lf", "i/none", "i/-text"}
    assert {row[1] for row in rows} <= {"w/lf", "w/none", "w/-text", "w/"}


def test_no_tracked_file_names_a_package_index(tracked: list[Path]) -> None:
    found = []
    for file in tracked:
        data = file.read_bytes().lower()
        found += [f"{file.relative_to(ROOT)}: {host}" for host in _INDEX_HOSTS if host.encode() in data]
    assert found == []


def test_no_tracked_file_names_a_path_of_a_machine(tracked: list[Path]) -> None:
    found = []
    for file in tracked:
        data = file.read_bytes()
        if b"\0" not in data:
            found += [f"{file.relative_to(ROOT)}: {path.decode()}" for path in _MACHINE_PATH.findall(data)]
    assert found == []


def test_make_names_a_python_that_is_too_old() -> None:
    done = subprocess.run(("make", "setup", "PYTHON=/bin/false"), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "PYTHON=/bin/false does not run, or is older than 3.11" in done.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a space in its name and what the set-up reads."""
    folder = tmp_path / "a check out"
    (folder / ".ci").mkdir(parents=True)
    shutil.copy2(ROOT / ".ci" / "set_up.py", folder / ".ci")
    shutil.copy2(ROOT / "requirements.lock", folder)
    return folder


def set_up(checkout: Path, *words: str, **variables: str) -> subprocess.Popen[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), **variables}
    kept = ("PIP_", "UV_", "SSL_", "HTTP", "http", "NO_PROXY", "no_proxy")
    environment |= {name: value for name, value in os.environ.items() if name.startswith(kept)}
    command = (sys._base_executable, ".ci/set_up.py", *words)  # type: ignore[attr-defined]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=checkout, env=environment, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.e2e
def test_a_python_without_venv_and_pip_is_told_what_to_install(checkout: Path) -> None:
    hidden = checkout / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util as util\n"
        "known = util.find_spec\n"
        "util.find_spec = lambda name, package=None: None if name in ('ensurepip', 'pip') else known(name, package)\n"
    )
    started = set_up(checkout, "uv", PYTHONPATH=str(hidden))
    _, said = started.communicate(timeout=60)
    assert started.returncode == 1
    assert "neither venv nor pip" in said and "-venv`" in said


@pytest.mark.e2e
def test_two_set_ups_at_once_fetch_uv_once(checkout: Path) -> None:
    if shutil.which("uv", path="/usr/bin:/bin"):
        pytest.skip("uv is in /usr/bin")
    both = [set_up(checkout, "uv") for _ in range(2)]
    ended = [one.communicate(timeout=300) for one in both]
    assert [one.returncode for one in both] == [0, 0], ended
    assert {out.strip() for out, _ in ended} == {str(checkout / ".uv" / "bin" / "uv")}
    assert sum("getting uv==" in said for _, said in ended) == 1
    assert [entry.name for entry in (checkout / ".uv").iterdir() if entry.name.startswith("new-")] == []
