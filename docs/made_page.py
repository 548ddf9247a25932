"""A page that is made from the code: written, or with --check held against what stands there."""

from __future__ import annotations

import sys
from pathlib import Path


def write_or_check(file: Path, text: str, words: list[str], said: str) -> int:
    """0; or 1 when it is to be checked and is out of date."""
    if words == ["--check"]:
        current = file.read_text("utf-8") if file.is_file() else ""
        if current != text:
            print(f"{file.name} is out of date: run `make docs`.", file=sys.stderr)
        return int(current != text)
    file.write_text(text, "utf-8")
    print(f"docs/{file.name}: {said}")
    return 0
