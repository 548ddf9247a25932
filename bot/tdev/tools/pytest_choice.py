"""A pytest plugin that runs chosen tests alone, in an order that a seed decides.

Like tools/pytest_recorder.py it is copied into the project's environment and imports nothing of T-Developer. Comes in:
`TDEV_TEST_CHOICE`, the path of a JSON file with `ids` (test ids) and `seed` (0 = the order of collection). It
comes last, so that no plug-in of the project reorders after it.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: Any, items: Any) -> None:
    """Leave out what was not chosen, and shuffle the rest."""
    choice = json.loads(Path(os.environ["TDEV_TEST_CHOICE"]).read_text("utf-8"))
    ids, seed = set(choice["ids"]), choice["seed"]
    chosen = [item for item in items if item.nodeid in ids]
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in ids])
    if seed:
        random.Random(seed).shuffle(chosen)
    items[:] = chosen
