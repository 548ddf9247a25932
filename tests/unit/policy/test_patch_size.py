"""The size of a change."""

from __future__ import annotations

from tdev.core.artifacts.patch import ChangedFile
from tdev.policy.model import Limits
from tdev.policy.patch_size import too_large


def test_a_change_may_be_as_large_as_the_limits_say_and_no_larger() -> None:
    limits = Limits(patch_files=1, patch_bytes=1000)
    file = ChangedFile(path="a", status="A", added=1, removed=0)
    assert too_large((file,), 1000, limits) == ""
    assert "2 files" in too_large((file, file), 10, limits)
    assert "1,001 bytes" in too_large((file,), 1001, limits)
