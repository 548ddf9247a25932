"""Use up the machine: processes, memory, disk, files, output, processor time."""

from __future__ import annotations

from attack.families.calls import by_program, by_test
from attack.model import Aftermath, Attack, Family

_SECONDS = 12.0
_MARK = """
import subprocess

WORDS = [sys.executable, "-I", "-S", "-c"]


def child(source):
    return subprocess.Popen([*WORDS, source, "@marker@"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

"""

_PROGRAMS = {
    "fork-bomb": _MARK
    + """
def bomb():
    source = "import os, time\\nfor _ in range(12):\\n    try:\\n        os.fork()\\n"
    source += "    except OSError:\\n        pass\\ntime.sleep(60)"
    for _ in range(40):
        child(source)
    time.sleep(3)

attempt("fork", bomb)
""",
    "threads": """
import threading

def many():
    for _ in range(40000):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()

attempt("threads", many)
""",
    "memory": """
def eat():
    held = []
    while True:
        held.append(b"\\1" * (16 << 20))

attempt("memory", eat)
""",
    "memory-shared-out": _MARK
    + """
def eat():
    for _ in range(20):
        child("held = []\\nwhile True:\\n    held.append(b'x' * (8 << 20))")
    time.sleep(6)

attempt("memory of many", eat)
""",
    "shared-memory": """
def fill(folder):
    number = 0
    while True:
        with open(os.path.join(folder, f"fill-{number}"), "wb") as file:
            file.write(b"\\1" * (64 << 20))
        number += 1

for folder in ("/dev/shm", "/tmp", os.path.expanduser("~"), "/dev", "/run"):
    attempt(folder, lambda: fill(folder))
""",
    "disk": """
def fill():
    for number in range(400):
        with open(f"fill-{number}", "wb") as file:
            file.write(b"\\1" * (32 << 20))

attempt("disk", fill)
""",
    "one-large-file": """
def grow():
    with open("large", "wb") as file:
        while True:
            file.write(b"\\1" * (32 << 20))

attempt("large file", grow)
""",
    "inodes": """
def many():
    os.mkdir("many")
    for number in range(2_000_000):
        os.close(os.open(f"many/{number}", os.O_CREAT | os.O_WRONLY))

attempt("inodes", many)
""",
    "deep-folders": """
def deep():
    for _ in range(300_000):
        os.mkdir("d")
        os.chdir("d")

attempt("deep folders", deep)
""",
    "output": """
def say():
    line = "x" * 65536
    end = time.monotonic() + 60
    while time.monotonic() < end:
        os.write(1, line.encode())
        os.write(2, line.encode())

attempt("output", say)
""",
    "open-files": """
def hold():
    held = []
    while True:
        held.append(os.open("/dev/null", os.O_RDONLY))

attempt("open files", hold)
""",
    "processor": _MARK
    + """
def spin():
    for _ in range(16):
        child("while True:\\n    pass")
    time.sleep(60)

attempt("processor", spin)
""",
    "sleep-for-ever": 'attempt("sleep", lambda: time.sleep(600))',
}
_SHORT = ("fork-bomb", "memory")
_POLICY = {
    "sandbox": {
        "memory_bytes": 2 << 30,
        "processes": 256,
        "file_bytes": 256 << 20,
        "disk_bytes": 512 << 20,
        "disk_files": 10_000,
        "temporary_bytes": 256 << 20,
    }
}
"""Less than usual, so that what a flood leaves is soon looked through, and that it is the policy which is held to."""
_MOST_PROCESSES = 450
_MOST_MEMORY = 4 << 30
_MOST_DISK = 3 << 30
"""What the policy gives, what is written between two looks, and what the rest of the machine does meanwhile."""
_GRACE = 12.0


def _machine_suffered(aftermath: Aftermath) -> str:
    """More was taken of the machine than a cell may use up, or it did not end in time."""
    most = aftermath.most
    if most.processes > _MOST_PROCESSES:
        return f"{most.processes} processes at once"
    if most.memory_bytes > _MOST_MEMORY:
        return f"{most.memory_bytes >> 20} MiB of memory at once"
    if most.disk_bytes > _MOST_DISK:
        return f"{most.disk_bytes >> 20} MiB of disk"
    if aftermath.seconds > _SECONDS + _GRACE:
        return f"it ended {aftermath.seconds - _SECONDS:.0f} s late"
    return ""


def _attacks() -> tuple[Attack, ...]:
    return tuple(
        way(
            f"{name}-{suffix}",
            source,
            harm=_machine_suffered,
            policy=_POLICY,
            seconds=_SECONDS,
            in_short=name in _SHORT,
        )
        for name, source in _PROGRAMS.items()
        for way, suffix in ((by_program, "by-model"), (by_test, "by-test"))
    )


FAMILY = Family("floods", "use up the machine", _attacks())
