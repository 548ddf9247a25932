"""A running forge whose answers and events are held against GitHub's description when the test is over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.forge import Forge, running_forge
from support.github_description import Conformity
from tdev.settings import Settings

EVENTS = ("pull_request", "pull_request_review", "check_run", "check_suite", "status", "push", "issues")


@contextmanager
def judged_forge(root: Path, settings: Settings, files: dict[str, str]) -> Iterator[Forge]:
    """A forge with ada/calc and an App that hears everything; fails on whatever GitHub does not describe."""
    judge = Conformity()
    with running_forge(root, settings) as forge:
        forge.repository("ada", "calc", files)
        app, _ = forge.app("listener", {"contents": "read"}, EVENTS, f"{forge.url}/nowhere", "secret")
        forge.install(app, "ada")
        yield forge
        judge.exchanges = [
            each for each in forge.exchanges if "json" in each.response_headers.get("Content-Type", "json")
        ]
        wrong = [*judge.failures(), *judge.webhook_failures(heard(forge, EVENTS))]
        if wrong:
            pytest.fail("\n".join(wrong), pytrace=False)


def heard(forge: Forge, names: Sequence[str]) -> list[tuple[str, str | None, Any]]:
    """(event, action, payload) of what the listener is told, oldest first."""
    sql = "SELECT d.* FROM hook_deliveries d JOIN apps a ON a.id = d.app_id WHERE a.slug = 'listener' ORDER BY d.id"
    rows = forge.store.all(sql)
    return [(row["event"], row["action"], json.loads(row["payload"])) for row in rows if row["event"] in names]
