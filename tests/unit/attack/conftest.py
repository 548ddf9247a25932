"""The canaries that a worker's environment has."""

from __future__ import annotations

import pytest

from unit.attack.scenes import KEY


@pytest.fixture(autouse=True)
def canaries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("GITHUB_TOKEN", "canary-token-0123456789abcdefghijklmnop")
