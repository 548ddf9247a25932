"""The page of endpoints agrees with the table of routes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tdev.forge.routes import ROUTES

ROOT = Path(__file__).parents[3]


def test_the_page_of_endpoints_is_current() -> None:
    done = subprocess.run(
        (sys.executable, "docs/make_endpoints.py", "--check"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_route_stands_once_in_the_table_and_says_what_it_does() -> None:
    keys = [(method, template) for method, template, _, _ in ROUTES]
    assert len(keys) == len(set(keys))
    assert [handler.__name__ for *_, handler in ROUTES if not (handler.__doc__ or "").strip()] == []
