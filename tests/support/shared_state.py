"""What tests share: pinned programs and what they compile once; runs, work and evidence are each test's own."""

from __future__ import annotations

from pathlib import Path

_SHARED = ("tools", "cache/kingfisher", "cache/environments")


def share(state: Path, home: Path) -> None:
    """Let a state folder use the programs of another, its kept environments and its compiled rules."""
    for name in _SHARED:
        (state / name).mkdir(parents=True, exist_ok=True)
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).symlink_to(state / name)
