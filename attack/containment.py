"""What trials without the sandbox run in: a bubblewrap around the whole attack program, with nothing of value inside.

The system and this project are there to be read; everything else is empty and in memory; there is no network but a
loopback of its own, no process but its own, and no capability. Without it a single missing wall would let an attack
at the machine itself. It is made from bubblewrap's own options and shares no code with the sandbox that is attacked.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tdev.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[1]
MARK = Path("/.attack-containment")
MARK_VARIABLE = "ATTACK_CONTAINMENT"
_TMPFS_BYTES = 512 * 1024 * 1024
_SYSTEM_FILES = ("/etc/ssl", "/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime")
_MERGED = ("/bin", "/sbin", "/lib", "/lib64")


def contained(words: Sequence[str], environment: Mapping[str, str], mark: Path) -> list[str]:
    """The command that runs `words` contained; `mark` is a file with the word that the process inside compares.

    Raises ConfigurationError without bubblewrap.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise ConfigurationError("bubblewrap is not installed.", next_step="Install it; attacks need it to be held in.")
    options = [
        "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv",
        "--uid", "1000", "--gid", "1000", "--hostname", "attacked",
        "--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev",
        "--size", str(_TMPFS_BYTES), "--tmpfs", "/tmp",
        "--ro-bind", str(mark), str(MARK),
    ]  # fmt: skip
    for name in _MERGED:
        place = Path(name)
        options += ["--symlink", f"usr{name}", name] if place.is_symlink() else ["--ro-bind-try", name, name]
    for name in (*_SYSTEM_FILES, str(ROOT), sys.prefix, sys.base_prefix):
        options += ["--ro-bind-try", name, name]
    for name, value in {**environment, MARK_VARIABLE: mark.read_text("ascii")}.items():
        options += ["--setenv", name, value]
    return [program, *options, "--chdir", "/tmp", "--", *words]


def is_contained() -> bool:
    """True when this process is inside: the mark is there, the root is in memory, and process 1 is bubblewrap."""
    try:
        mark = MARK.read_text("ascii")
        first = Path("/proc/1/comm").read_text("ascii").strip()
        rows = [row.split() for row in Path("/proc/self/mountinfo").read_text("utf-8").splitlines()]
    except OSError:
        return False
    kinds = [row[row.index("-") + 1] for row in rows if row[4] == "/"]
    return bool(mark) and mark == os.environ.get(MARK_VARIABLE) and first == "bwrap" and kinds == ["tmpfs"]
