"""Two diffs of the same change are the same, however many digits of a blob's id git shows."""

from __future__ import annotations

from tdev.stages.checked_patch import _comparable

SHORT = b"""diff --git a/a.py b/a.py
index 1234567..89abcde 100644
--- a/a.py
+++ b/a.py
@@ -1 +1 @@
-index 1234567..89abcde
+x
"""


def test_ids_of_blobs_are_compared_by_seven_digits() -> None:
    long = SHORT.replace(b"index 1234567..89abcde 1", b"index 1234567aa..89abcdeff 1", 1)
    assert _comparable(SHORT) == _comparable(long)


def test_another_blob_or_line_is_another_diff() -> None:
    assert _comparable(SHORT) != _comparable(SHORT.replace(b"89abcde 1", b"89abcdf 1", 1))
    assert _comparable(SHORT) != _comparable(SHORT.replace(b"+x", b"+y"))
    assert _comparable(SHORT) != _comparable(SHORT.replace(b"-index 1234567..89abcde", b"-index 1234567a..89abcdef"))
