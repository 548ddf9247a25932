"""An option that writes the snapshots anew: `pytest tests/unit/prompts --write-snapshots`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-snapshots", action="store_true", help="write tests/unit/prompts/snapshots anew")
