"""What a machine may lack: a developer's test is left out and says why, CI's fails, for CI leaves nothing out."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacks(reason: str) -> NoReturn:
    """Leave the test out; in CI (`CI` is set) fail it."""
    if os.environ.get("CI"):
        pytest.fail(f"CI leaves nothing out: {reason}")
    pytest.skip(reason)
