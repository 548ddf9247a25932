"""A program for tests: what the sandbox holds for a user without rights. Prints JSON; run by the system's Python.

Argument: a folder that the user may write to.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cgroups import controllers
from tdev.adapters.sandbox.run import run
from tdev.policy.sandbox import MIB, CellLimits
from tdev.settings import Settings

_PROGRAMS = {
    "memory": "kept = []\nwhile True:\n    kept.append(bytearray(1 << 20))",
    "memory of many": (
        "import os, time\n"
        "for n in range(4):\n"
        "    if os.fork() == 0:\n"
        "        kept = bytearray(os.urandom(1 << 20)) * 50\n"
        "        time.sleep(30)\n"
        "time.sleep(30)\n"
    ),
    "processes": (
        "import os, time\n"
        "made = 0\n"
        "try:\n"
        "    for n in range(200):\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(30)\n"
        "        made += 1\n"
        "except OSError as error:\n"
        "    print(made)\n"
    ),
    "disk space": "import os\nfor n in range(10_000):\n    open(f'f{n}', 'wb').write(os.urandom(1 << 18))\n",
    "nothing": "import os\nprint(os.getuid(), os.path.exists('/proc/sys/kernel/core_pattern'))\n",
}


def main(folder: Path) -> None:
    """Run each program and print how it ended."""
    settings = Settings.from_environment({"HOME": str(folder), "PATH": "/usr/bin:/bin", "TDEV_SANDBOX": "bubblewrap"})
    limits = CellLimits(memory_bytes=128 * MIB, processes=40, disk_bytes=24 * MIB)
    ended = {}
    for name, code in _PROGRAMS.items():
        place = folder / name.replace(" ", "-")
        place.mkdir()
        cell = Cell(
            cwd=place, environment={"PATH": "/usr/bin:/bin", "HOME": "/home/user"}, writable=(place,), limits=limits
        )
        done = run(settings, cell, ("/usr/bin/python3", "-c", code), timeout=60)
        ended[name] = [done.exit_code, done.stopped_by, done.stdout.strip(), done.stderr[-200:]]
    print(json.dumps({"ended": ended, "groups": controllers()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
