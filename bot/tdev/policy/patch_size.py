"""Whether a change is larger than the policy allows.

stages/code.py asks before it keeps what an engine did. The limits bound what a person can review and what the
later stages must hold in memory; they say nothing about quality.
"""

from __future__ import annotations

from collections.abc import Sequence

from tdev.core.artifacts.patch import ChangedFile
from tdev.policy.model import Limits


def too_large(files: Sequence[ChangedFile], diff_bytes: int, limits: Limits) -> str:
    """Why a change is too large, as a part of a sentence with the figures; empty when it isn't.

    `diff_bytes` is the length of the unified diff, UTF-8.
    """
    if len(files) > limits.patch_files:
        return f"it touches {len(files)} files; limits.patch_files is {limits.patch_files}"
    if diff_bytes > limits.patch_bytes:
        return f"its diff is {diff_bytes:,} bytes long; limits.patch_bytes is {limits.patch_bytes:,}"
    return ""
