"""The shell script that starts a program in a cell: limits, control groups, then the sandbox's own command.

Comes in: a Cell, its control groups, the command of a sandbox. Goes out: an executable file. A script and no code of
ours, so that anything can start it, and so that nothing of ours is left in the process: its id, its signals and its
exit code are those of the sandbox.

No device of the outside is handed in: standard input, output and error that are one (a terminal, /dev/null) are
replaced by files, because a program of root's could change the device's permissions through them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from tdev.adapters.sandbox.cgroups import Group
from tdev.policy.sandbox import CellLimits

NOT_STARTED = 125
"""Exit code of the script when a limit could not be set."""

_FILE_UNIT = 512
"""Of `ulimit -f` in a POSIX shell, bytes."""


def write_script(
    folder: Path, limits: CellLimits, group: Group, command: str, program: Sequence[str | Path], processes: Path
) -> Path:
    """The executable file in a private folder, which holds an empty file `nothing`. Each process that it starts leaves
    its line of /proc/PID/stat in the folder `processes`. `program` are the first words of what runs inside; the
    script's own arguments follow.
    """
    nothing = quote(str(folder / "nothing"))
    lines = [
        "#!/bin/sh",
        f"trap 'exit {NOT_STARTED}' EXIT",
        "set -e",
        f"[ ! -c /dev/fd/0 ] || exec <{nothing}",
        f"[ ! -c /dev/fd/1 ] || exec >>{quote(str(folder / 'dropped'))}",
        f"[ ! -c /dev/fd/2 ] || exec 2>>{quote(str(folder / 'dropped'))}",
        "read -r line </proc/$$/stat",
        f'echo "$line" >{quote(str(processes))}/$$',
        *(f"echo 0 >{quote(str(door))}" for door in group.doors),
        *_limits(limits, counted_memory="memory" in group.folders),
        "trap - EXIT",
        " ".join([command, *_inner(limits, group), *(quote(str(word)) for word in program), '"$@"']),
    ]
    script = folder / "start"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")
    script.chmod(0o700)
    return script


def _limits(limits: CellLimits, *, counted_memory: bool) -> list[str]:
    """What the kernel holds for each process alone."""
    lines = [
        "ulimit -c 0",
        f"ulimit -n {limits.open_files}",
        f"ulimit -f {max(1, limits.file_bytes // _FILE_UNIT)}",
        f"ulimit -S -t {limits.cpu_seconds}",
        f"ulimit -H -t {limits.cpu_seconds + 5}",
    ]
    return lines if counted_memory else [*lines, f"ulimit -d {limits.memory_bytes // 1024}"]


def _inner(limits: CellLimits, group: Group) -> list[str]:
    """Words that limit processes per user, inside, where only the sandbox's own count. Root has no such limit."""
    if "pids" in group.folders or os.geteuid() == 0:
        return []
    count = limits.processes
    setting = f'ulimit -u {count} 2>/dev/null || ulimit -p {count}; exec "$@"'
    return ["/bin/sh", "-c", quote(setting), "sh"]
