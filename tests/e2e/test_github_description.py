"""The judge of conformity itself: it sees what is wrong, and its examples are valid."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.github_description import Conformity, Description, Unavailable, description
from support.github_models import NOT_DESCRIBED, Models
from support.machine import lacks

pytestmark = pytest.mark.e2e
LABEL = {
    "id": 1, "node_id": "L", "url": "https://example.com/labels/bug", "name": "bug", "color": "ffffff",
    "default": False, "description": None, "archived_at": None, "archived_by": None,
}  # fmt: skip
_LABELS = "/repos/{owner}/{repo}/labels"


@dataclass(frozen=True)
class Said:
    """An exchange as the forge tells of it."""

    method: str = "POST"
    template: str = _LABELS
    status: int = 201
    response_body: Any = field(default_factory=lambda: dict(LABEL))
    request_body: Any = field(default_factory=lambda: {"name": "bug"})
    query: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def github(shared_state: Path) -> Description:
    try:
        return description(shared_state)
    except Unavailable as error:
        lacks(str(error))


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (Said(), None),
        (Said(response_body={**LABEL, "color": None}), "color: None is not of type 'string'"),
        (Said(response_body={**LABEL, "url": "no address"}), "url: 'no address' is not a 'uri'"),
        (Said(response_body={key: LABEL[key] for key in LABEL if key != "default"}), "'default' is a required"),
        (Said(status=200), "the status is not one of 201, 404, 422"),
        (Said(request_body={"color": "ffffff"}), "request: body: 'name' is a required property"),
        (Said("GET", status=200, response_body=[LABEL], query={"size": "1"}), "query size: is not in the description"),
        (Said("GET", status=200, response_body=[LABEL], query={"per_page": "many"}), "query per_page: body: 'many'"),
        (Said("GET", status=200, response_body=LABEL), "is not of type 'array'"),
        (Said("DELETE", f"{_LABELS}/{{name}}", 204, {"ok": True}), "body: there must be none"),
        (Said("DELETE", f"{_LABELS}/{{name}}", 204, None, None), None),
        (Said(status=422, response_body={"error": "no"}), "is a required property"),
        (Said(status=403, response_body=[]), "is not of type 'object'"),
        (Said("GET", "/nowhere", 200), NOT_DESCRIBED),
    ],
)
def test_deviations_are_seen(github: Description, said: Said, problem: str | None) -> None:
    found = github.problems(said)
    assert any(problem in line for line in found) if problem else found == []


def test_a_failure_names_method_path_and_status(github: Description, shared_state: Path) -> None:
    conformity = Conformity(shared_state)
    conformity.observe(Said(status=200))
    conformity.observe(Said(status=200))
    assert conformity.failures() == [f"POST {_LABELS} 200: the status is not one of 201, 404, 422"]


def test_there_is_a_valid_example_of_every_webhook_with_and_without_what_is_optional(github: Description) -> None:
    schemas = github.webhook_schemas()
    assert len(schemas) == 270
    for number, ((event, action), schema) in enumerate(schemas.items()):
        full, short = github.example(schema), github.example(schema, optional=False)
        assert github.webhook_problems(event, action, full) == [], (event, action)
        assert github.webhook_problems(event, action, short) == [], (event, action)
        assert number % 10 or full == github.example(schema)


def test_a_payload_that_lacks_something_is_seen(github: Description) -> None:
    payload = github.example(github.webhook_schemas()["issues", "labeled"])
    del payload["issue"]["number"]
    assert github.webhook_problems("issues", "labeled", payload) == ["issue: 'number' is a required property"]
    assert github.webhook_problems("issues", "exploded", payload) == [NOT_DESCRIBED]


def test_the_models_of_githubkit_see_deviations_too() -> None:
    models = Models.installed()
    assert models is not None
    assert len(models.operations) > 1000
    assert models.problems(Said()) == []
    assert models.problems(Said(response_body={"id": 1}))
    assert models.problems(Said("GET", "/nowhere", 200)) == [NOT_DESCRIBED]
    assert models.webhook_problems("issues", "opened", {"action": "opened"})
