"""Binary files: nobody can review them, and many programs run or unpack them.

Binary means a NUL byte, as git has it, whatever .gitattributes says. Text that stops being UTF-8 counts as well:
editors and compilers would see different letters in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import SUBMODULE, Change
from tdev.core.patch_guard.rule import Bounds, Hit


def binaries(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each binary file that is new or altered, and each text that is no UTF-8 though it was or is new."""
    for file in change.files:
        after, before = file.after, file.before
        if after is None or after.mode == SUBMODULE:
            continue
        if after.binary:
            yield Hit(file.path, 0, f"{file.path} is binary ({after.size:,} bytes)")
        elif after.invalid and (before is None or not before.invalid):
            yield Hit(file.path, 0, f"{file.path} is no valid UTF-8")
