"""Prints the action's outputs, one `name=value` line each, from what `tdev … --json` printed and its exit code.

The pull-request body of the run, where there is one, is copied beside the result as tdev-pull-request.md.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

_OUTPUTS = {
    "run-id": "run_id",
    "run-dir": "run_dir",
    "outcome": "outcome",
    "verdict": "verdict",
    "branch": "branch",
    "head-sha": "head_sha",
}


def main(file: Path, code: str) -> None:
    """Print the lines; a result that can't be read leaves every output but `exit-code` empty."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError:
        found = {}
    result = found if isinstance(found, dict) else {}
    for name, field in _OUTPUTS.items():
        value = result.get(field) or ""
        value = value.get("outcome", "") if isinstance(value, dict) else value
        print(f"{name}={' '.join(str(value).split())}")
    print(f"exit-code={code}")
    body = Path(str(result.get("run_dir") or "."), "pull-request.md")
    copy = file.with_name("tdev-pull-request.md")
    copy.write_bytes(body.read_bytes() if result.get("run_dir") and body.is_file() else b"")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
