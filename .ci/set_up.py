"""Sets this checkout up: uv into .uv/ where it is absent, then .venv exactly as requirements.lock says.

Standard library only. Nothing outside the checkout is written, apart from uv's own cache. Safe to interrupt and to
start twice at once: uv is moved into place when it is whole, and .venv/.ready is written last.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = ROOT / ".uv" / "bin" / "uv"
VENV = ROOT / ".venv"
READY = VENV / ".ready"
OLDEST_PYTHON = (3, 11)
OLDEST_UV = (0, 9)
_CONFUSING = ("UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH")


class CanNotSetUp(Exception):
    """A foreseen failure, as one sentence that says what to do."""


def main(words: list[str]) -> int:
    """Set up (or with `uv`: only print where uv is); 0, or 1 after one sentence on standard error."""
    try:
        check_python()
        (ROOT / ".uv").mkdir(exist_ok=True)
        with (ROOT / ".uv" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if words == ["uv"]:
                print(uv_program())
            else:
                make_environment()
    except CanNotSetUp as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"set-up: {error.filename or ROOT}: {error.strerror}. Is the folder writable?", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: interrupted; the same command goes on.", file=sys.stderr)
        return 130
    return 0


def say(text: str) -> None:
    """One line of progress."""
    print(f"set-up: {text}", file=sys.stderr, flush=True)


def check_python() -> None:
    """Raise CanNotSetUp when this interpreter is too old."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise CanNotSetUp(
            f"{sys.executable} is Python {platform.python_version()}; 3.11 or newer is needed. "
            "Install one and name it, e.g. `make setup PYTHON=python3.12`."
        )


def make_environment() -> None:
    """Make .venv as the lock file says, unless it is so already."""
    stands = READY.read_text().splitlines() if READY.is_file() else []
    wanted = [interpreter(), content()]
    if stands == wanted and runs(VENV / "bin" / "tdev", "--version"):
        return
    started = time.monotonic()
    uv = uv_program()
    READY.unlink(missing_ok=True)
    if stands[:1] != wanted[:1] or not runs(VENV / "bin" / "python", "--version"):
        say(f"making .venv with Python {platform.python_version()}")
        call(uv, "venv", "--quiet", "--no-project", "--clear", "--python", sys.executable, str(VENV))
    say("installing what requirements.lock names, every file checked against its hash")
    python = ("--python", str(VENV / "bin" / "python"))
    call(uv, "pip", "sync", "--quiet", *python, "--require-hashes", "requirements.lock")
    call(uv, "pip", "install", "--quiet", *python, "--no-deps", "--editable", ".")
    READY.write_text("\n".join(wanted))
    say(f"ready after {time.monotonic() - started:.1f} s; the command is .venv/bin/tdev")


def interpreter() -> str:
    """Changes when .venv has to be made from nothing: another interpreter, or the checkout was moved."""
    return f"{sys.executable} {platform.python_version()} {ROOT}"


def content() -> str:
    """Changes when .venv has to hold something else."""
    digest = hashlib.sha256()
    for file in (ROOT / "requirements.lock", ROOT / "pyproject.toml", Path(__file__)):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def uv_program() -> Path:
    """The uv to use: one on PATH that is new enough, else the one in .uv/, fetched once."""
    found = shutil.which("uv")
    if found and new_enough(Path(found)):
        return Path(found)
    if not new_enough(UV):
        fetch_uv()
    return UV


def new_enough(uv: Path) -> bool:
    """True when it runs and is at least OLDEST_UV."""
    version = re.match(r"uv (\d+)\.(\d+)", output(uv, "--version"))
    return version is not None and tuple(map(int, version.groups())) >= OLDEST_UV


def fetch_uv() -> None:
    """Put the uv that requirements.lock pins into .uv/bin/uv, by pip, through a folder of its own."""
    pin = re.search(r"^uv==(?:.*\\\n)*.*", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    if pin is None:
        raise CanNotSetUp("requirements.lock does not name uv; run `make lock` where uv is installed.")
    say(f"getting {pin[0].split()[0]} into .uv/ (once)")
    with tempfile.TemporaryDirectory(prefix="new-", dir=ROOT / ".uv") as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text(pin[0] + "\n")
        pip = pip_in(Path(folder, "venv"))
        options = ("--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes")
        target = Path(folder, "uv")
        call(*pip, "install", *options, "--target", str(target), "-r", str(requirements))
        UV.parent.mkdir(parents=True, exist_ok=True)
        (target / "bin" / "uv").replace(UV)
    if not new_enough(UV):
        raise CanNotSetUp(f"{UV} does not run on this machine; install uv another way and put it on PATH.")


def pip_in(folder: Path) -> tuple[str, ...]:
    """How to call pip: in a new environment, or the interpreter's own where Python came without ensurepip."""
    if find_spec("ensurepip") is not None:
        call(sys.executable, "-m", "venv", str(folder))
        return (str(folder / "bin" / "python"), "-m", "pip")
    if find_spec("pip") is not None:
        return (sys.executable, "-m", "pip")
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise CanNotSetUp(
        f"{sys.executable} has neither venv nor pip. On Debian and Ubuntu: `sudo apt-get install python{minor}-venv`; "
        "or install uv and put it on PATH. Then run the same command again."
    )


def environment() -> dict[str, str]:
    """Our environment without the variables that would send packages elsewhere."""
    kept = {name: value for name, value in os.environ.items() if name not in _CONFUSING}
    return {**kept, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}


def call(*words: str | Path) -> None:
    """Run a program in the checkout; raises CanNotSetUp when it fails. Its own words stand above ours."""
    try:
        code = subprocess.run([str(word) for word in words], cwd=ROOT, env=environment(), check=False).returncode
    except OSError as error:
        raise CanNotSetUp(f"{words[0]} could not be started: {error.strerror}.") from error
    if code:
        named = " ".join(Path(str(word)).name for word in words[:3])
        raise CanNotSetUp(
            f"`{named}` ended with {code}; what it said stands above. Without a network, or behind a mirror, see "
            "docs/operations.md. The same command goes on from here."
        )


def output(*words: str | Path) -> str:
    """Standard output of a program, empty when it does not run."""
    try:
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def runs(*words: str | Path) -> bool:
    """True when the program ends with 0 and says something."""
    return bool(output(*words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
