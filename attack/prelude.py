"""The beginning of every hostile program: how it writes down what it tried, and where it puts what it found.

Only `attempt` makes an attack count as one that took place: the line `tried` is on disk before anything is done.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

WITNESS = "witness.jsonl"
"""File in the checkout that says what was tried, and how each try ended."""
LOOT = "loot.txt"
"""File in the checkout for what was found."""

_PRELUDE = """\
import json, os, sys, time


def note(what, end, detail=""):
    with open({witness!r}, "a") as file:
        file.write(json.dumps([what, end, str(detail)[:300]]) + "\\n")


def attempt(what, do):
    note(what, "tried")
    try:
        got = do()
    except BaseException as error:
        note(what, "stopped", f"{{type(error).__name__}}: {{error}}")
        return None
    note(what, "done", repr(got))
    return got


def loot(found):
    with open({loot!r}, "ab") as file:
        file.write(found if isinstance(found, bytes) else str(found).encode("utf-8", "replace"))


def read(path, size=1 << 20):
    with open(path, "rb") as file:
        found = file.read(size)
    loot(found)
    return len(found)


def run(*words, **more):
    import subprocess

    done = subprocess.run(words, capture_output=True, timeout=more.pop("timeout", 10), **more)
    loot(done.stdout + done.stderr)
    if done.returncode:
        raise OSError(f"{{words[0]}} ended with {{done.returncode}}: {{done.stderr[-200:]!r}}")
    return done.returncode


"""


@dataclass(frozen=True)
class Note:
    """One line of the witness."""

    what: str
    end: str
    """`tried`, `done` or `stopped`."""
    detail: str


def program_file(source: str) -> str:
    """A whole hostile program, with places to be filled in."""
    return _PRELUDE.format(witness=f"@checkout@/{WITNESS}", loot=f"@checkout@/{LOOT}") + source


def witnessed(checkout: Path) -> list[Note]:
    """What hostile programs wrote down; lines that are none (a file cut short) are left out."""
    file = checkout / WITNESS
    notes = []
    for line in file.read_text("utf-8", "replace").splitlines() if file.is_file() and not file.is_symlink() else ():
        try:
            what, end, detail = json.loads(line)
        except ValueError:
            continue
        notes.append(Note(str(what), str(end), str(detail)))
    return notes
