"""Every event and action that GitHub documents is answered 2xx by a real `tdev serve`, whatever may be null in it."""

from __future__ import annotations

import copy
import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from support.bot_server import Server
from support.deliveries import headers
from support.github_description import Description, Unavailable, description
from support.keys import app_key
from support.machine import lacks
from tdev.settings import Settings
from tdev.triggers.table import TRIGGERS

pytestmark = pytest.mark.e2e
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there: GitHub is down, so what is stored stays in the inbox."""
INSTALLATION = {"id": 991, "node_id": "I_991"}
Case = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def documented() -> Description:
    """GitHub's description of its webhooks."""
    try:
        return description()
    except Unavailable as error:
        lacks(str(error))


@pytest.fixture(scope="module")
def cases(documented: Description) -> list[Case]:
    """Event, what was done to it, and payload: as documented, with all that may be null, and without installation."""
    return [
        (event, f"{action} {kind}", payload)
        for (event, action), schema in documented.webhook_schemas().items()
        for kind, payload in variants(documented, schema)
    ]


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    """One running bot."""
    running = Server(settings, app_key(), TDEV_GITHUB_API_URL=NOWHERE)
    yield running
    running.stop()


def variants(documented: Description, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A payload in its forms."""
    whole = documented.example(schema)
    small = documented.example(schema, optional=False)
    bare = copy.deepcopy(whole)
    for path in nullable(documented, schema, whole):
        put(bare, path, None)
    for kind, payload in (("whole", whole), ("small", small), ("with nulls", bare)):
        yield kind, {**payload, "installation": INSTALLATION}
        yield f"{kind}, not installed", {name: value for name, value in payload.items() if name != "installation"}


def nullable(documented: Description, schema: dict[str, Any], value: Any, path: tuple[Any, ...] = ()) -> list[Any]:
    """The paths of a value that may be null, none below another one."""
    schema = documented.resolve(schema)
    choices = (each for word in ("allOf", "oneOf", "anyOf") for each in schema.get(word, ()))
    parts = [schema, *map(documented.resolve, choices)]
    if path and any(part.get("nullable") or part.get("type") == "null" for part in parts):
        return [path]
    found: list[Any] = []
    for part in parts:
        if isinstance(value, dict):
            rules = part.get("properties", {})
            found += [
                inner
                for name in value
                if name in rules
                for inner in nullable(documented, rules[name], value[name], (*path, name))
            ]
        if isinstance(value, list) and "items" in part:
            found += [
                inner
                for index, each in enumerate(value)
                for inner in nullable(documented, part["items"], each, (*path, index))
            ]
    return found


def put(payload: Any, path: tuple[Any, ...], value: Any) -> None:
    """Set a value deep inside, where that still exists."""
    for key in path[:-1]:
        payload = payload[key]
        if payload is None:
            return
    payload[path[-1]] = value


def asking(event: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The same payload, sent by a person who asks the bot for something wherever there is room for it."""
    changed: dict[str, Any] = copy.deepcopy(payload)
    for place, values in (
        ("sender", {"type": "User", "login": "mona"}),
        ("label", {"name": "tdev:build"}),
        ("comment", {"body": "/tdev evolve types"}),
        ("repository", {"full_name": "octo-org/rooms", "default_branch": "main", "archived": False}),
        ("workflow_run", {"event": "workflow_dispatch"}),
    ):
        if isinstance(changed.get(place), dict):
            changed[place] |= values
    if event == "issue_comment" and isinstance(changed.get("comment"), dict):
        changed["comment"]["user"] = changed.get("sender")
    return changed


def test_every_documented_event_is_answered_and_what_is_not_for_us_changes_nothing(
    server: Server, cases: list[Case]
) -> None:
    assert len({(event, kind.partition(" ")[0]) for event, kind, _ in cases}) >= 250
    assert set(TRIGGERS) <= {event for event, _, _ in cases}
    answers: dict[tuple[str, str], int] = {}
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        for event, kind, payload in cases:
            for name, sent in ((kind, payload), (f"{kind}, asking", asking(event, payload))):
                body = json.dumps(sent).encode()
                connection.request("POST", "/webhook", body, headers(event, body))
                answer = connection.getresponse()
                answer.read()
                answers[event, name] = answer.status
    assert {case: status for case, status in answers.items() if status not in (200, 202)} == {}
    assert {event for (event, _), status in answers.items() if status == 200} == set(TRIGGERS)
    assert not [case for case, status in answers.items() if status == 200 and "not installed" in case[1]]
    assert server.process.poll() is None
    log = server.log.read_text()
    assert "Traceback" not in log and "defect" not in log
