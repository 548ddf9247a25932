"""What GitHub publishes about its REST API and webhooks, as validators of what we send and answer.

Comes in: the npm package @octokit/openapi at a pinned version, fetched once into the tests' state folder,
and exchanges between a client and the forge. Goes out: one line for each deviation from the description,
`METHOD template status: path: message`, and schemas and valid examples of the 270 webhooks. OpenAPI 3.0's
`nullable` is understood; references are followed in place, so only what is asked for is ever looked at.
Where there is no npm, tests/support/github_models.py does the same with the models of githubkit.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft4Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from support.github_examples import Examples
from support.github_models import NOT_DESCRIBED, Models
from support.machine import lacks

VERSION = "23.0.2"
SHA256 = "829b4bebb19a53133289f7b0bc819f4f1118115821db2ca9f25e9ee995a7da2a"
"""Of the package's generated/api.github.com.json."""
_MEMBER = "package/generated/api.github.com.json"
_ALIASES = dict.fromkeys(
    ("/repos/{owner}/{repo}/contents", "/repos/{owner}/{repo}/contents/"), "/repos/{owner}/{repo}/contents/{path}"
)
"""Templates of the forge that stand for one of the description whose parameter is empty."""
_ROOT = Path(__file__).parents[2]
_SHAPES = {401: "basic-error", 403: "basic-error", 404: "basic-error", 409: "basic-error", 422: "validation-error"}
"""How GitHub's errors look where an operation does not list the status."""
WAIVED: Mapping[str, str] = {
    r"^GET /app/installations 200: \d+/account: '(name|slug|created_at|updated_at)' is a required property$": (
        "the list asks for an account that is a user and an enterprise at once; one installation's schema says either"
    ),
    r": \w+/(performed_via_github_app|app)/events/\d+: '(workflow_job|repository_ruleset)' is not one of": (
        "some webhooks list fewer events for an App than Apps can subscribe to"
    ),
    r"^\w+ /repos/{owner}/{repo}/contents/{path} 409: body: fits several of the alternatives$": (
        "one of two schemas is asked for, and every plain error fits both"
    ),
}
"""Regular expression of a deviation -> why the description is wrong there."""

_formats = FormatChecker(formats=())


@_formats.checks("date-time", ValueError)
def _is_time(value: object) -> bool:
    """A moment with an offset."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_formats.checks("date", ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@_formats.checks("uri", ValueError)
def _is_address(value: object) -> bool:
    return not isinstance(value, str) or (bool(urlsplit(value).scheme) and not re.search(r"[\s{}]", value))


class Unavailable(Exception):
    """The description could not be fetched; the text says why."""


@dataclass
class Description:
    """The parsed OpenAPI document."""

    document: dict[str, Any]
    _validators: dict[int, Draft4Validator] = field(default_factory=dict)

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema, or parameter or response, itself where it is a reference."""
        while "$ref" in schema:
            place: Any = self.document
            for word in schema["$ref"].removeprefix("#/").split("/"):
                place = place[word.replace("~1", "/").replace("~0", "~")]
            schema = place
        return schema

    def validator(self, schema: dict[str, Any]) -> Draft4Validator:
        """A validator of values against one of the document's schemas."""
        found = self._validators.get(id(schema))
        if found is None:
            found = self._kind(schema, format_checker=_formats)
            self._validators[id(schema)] = found
        return found

    @cached_property
    def _kind(self) -> Any:
        def reference(validator: Any, ref: str, instance: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
            yield from validator.descend(instance, self.resolve(schema))

        rules = {"$ref": reference}
        for word in ("type", "enum", "allOf", "anyOf", "oneOf"):
            rules[word] = _unless_null(Draft4Validator.VALIDATORS[word])
        return extend(Draft4Validator, rules)

    def problems_of_value(self, schema: dict[str, Any], value: object) -> list[str]:
        """`path: message` for each deviation of a value from a schema."""
        return [_line(error) for error in self.validator(schema).iter_errors(value)]

    def operation(self, method: str, template: str) -> dict[str, Any] | None:
        """What the document says of a method at a path."""
        found = self.document["paths"].get(template, {}).get(method.lower())
        return None if found is None else dict(found)

    def problems(self, exchange: Any) -> list[str]:
        """`path: message` for each deviation of a request that was accepted and of its answer."""
        method = "GET" if exchange.method == "HEAD" else exchange.method
        operation = self.operation(method, _ALIASES.get(exchange.template, exchange.template))
        if operation is None:
            return [NOT_DESCRIBED]
        found = self._answer(operation, exchange)
        if exchange.status < 400:
            found += self._request(operation, exchange)
        return found

    def _answer(self, operation: dict[str, Any], exchange: Any) -> list[str]:
        """Deviations of the answer."""
        status, body = exchange.status, exchange.response_body
        found = operation["responses"].get(str(status))
        if exchange.method == "HEAD" or status == 304:
            return []
        if (found is None and status in (200, 201, 202, 204, 205)) or (found is None and 300 <= status < 400):
            return [f"the status is not one of {', '.join(operation['responses'])}"]
        if found is None:
            schema = {"$ref": f"#/components/schemas/{_SHAPES.get(status, 'basic-error')}"}
            return self.problems_of_value(schema, body)
        content = self.resolve(found).get("content", {})
        if status in (204, 205) or (not content and status < 400):
            return ["body: there must be none"] if status in (204, 205) and body not in (None, "", b"") else []
        if "application/json" not in content or not isinstance(body, dict | list | str | int | None):
            return []
        return self.problems_of_value(content["application/json"]["schema"], body)

    def _request(self, operation: dict[str, Any], exchange: Any) -> list[str]:
        """Deviations of a request that was accepted: its body and its query."""
        found = []
        content = operation.get("requestBody", {}).get("content", {})
        sent = exchange.request_body
        if "application/json" in content and sent not in (None, b"", {}):
            lines = self.problems_of_value(content["application/json"]["schema"], sent)
            found += [f"request: {line}" for line in lines]
        rules = {row["name"]: row["schema"] for row in self._parameters(operation, exchange.template)}
        for name, word in exchange.query.items():
            if name not in rules:
                found.append(f"request: query {name}: is not in the description")
                continue
            schema = self.resolve(rules[name])
            lines = [*self.problems_of_value(schema, _value(word, schema))]
            found += [f"request: query {name}: {line}" for line in lines]
        return found

    def _parameters(self, operation: dict[str, Any], template: str) -> list[dict[str, Any]]:
        """The query parameters of an operation."""
        place = self.document["paths"][_ALIASES.get(template, template)]
        rows = [*operation.get("parameters", ()), *place.get("parameters", ())]
        return [row for row in map(self.resolve, rows) if row["in"] == "query"]

    def webhook_schemas(self) -> dict[tuple[str, str], dict[str, Any]]:
        """(event, action) -> schema of the payload; the action is empty where the event has none."""
        found = {}
        for item in self.document["x-webhooks"].values():
            post = item["post"]
            schema = self.resolve(post["requestBody"]["content"]["application/json"]["schema"])
            event, _, tail = post["operationId"].partition("/")
            actions = schema.get("properties", {}).get("action", {}).get("enum", [])
            action = actions[0] if len(actions) == 1 else tail.replace("-", "_")
            found[event.replace("-", "_"), action] = schema
        return found

    def webhook_problems(self, event: str, action: str | None, payload: object) -> list[str]:
        """`path: message` for each deviation of a payload; says so where GitHub has no such event."""
        schema = self.webhook_schemas().get((event, action or ""))
        if schema is None:
            return [NOT_DESCRIBED]
        return self.problems_of_value(schema, payload)

    def example(self, schema: dict[str, Any], *, optional: bool = True) -> Any:
        """A value that is valid for a schema, always the same; with or without what is not required."""
        return Examples(self.resolve, lambda rule, value: self.validator(rule).is_valid(value)).of(schema, optional)


def _unless_null(rule: Any) -> Any:
    """A keyword's rule that lets null pass where the schema says nullable."""

    def check(validator: Any, value: Any, instance: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
        if instance is None and schema.get("nullable"):
            return
        yield from rule(validator, value, instance, schema) or ()

    return check


def _line(error: ValidationError) -> str:
    """`path: message`, with the nearest reason where several alternatives failed."""
    path = "/".join(map(str, error.absolute_path)) or "body"
    message = error.message if len(error.message) < 160 else f"{error.message[:100]} … {error.message[-50:]}"
    if error.validator == "oneOf" and "is valid under each of" in error.message:
        message = "fits several of the alternatives"
    reasons = [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:120]}" for one in error.context or ()]
    return f"{path}: {message}" + (f" ({'; '.join(reasons[:4])})" if reasons else "")


def _value(word: str, schema: dict[str, Any]) -> Any:
    """A query's word as the kind of value the schema wants."""
    if schema.get("type") in ("integer", "number") and re.fullmatch(r"-?\d+", word):
        return int(word)
    if schema.get("type") == "boolean" and word in ("true", "false"):
        return word == "true"
    if schema.get("type") == "array":
        return word.split(",")
    return word


class Conformity:
    """Collects exchanges; hand `observe` to the forge and ask for `failures` at the end."""

    def __init__(self, state: Path | None = None) -> None:
        self.description = description_or_models(state or _state())
        self.exchanges: list[Any] = []

    def observe(self, exchange: Any) -> None:
        """Remember an exchange."""
        self.exchanges.append(exchange)

    def driven(self) -> set[tuple[str, str]]:
        """Method and template of everything that was answered with success at least once."""
        return {(one.method, one.template) for one in self.exchanges if one.status < 400}

    def failures(self) -> list[str]:
        """`METHOD template status: path: message` for every deviation that is not waived, each once."""
        lines = {
            f"{one.method} {one.template} {one.status}: {problem}": None
            for one in self.exchanges
            if one.template
            for problem in self.description.problems(one)
        }
        return [line for line in lines if not _waived(line)]

    def webhook_failures(self, heard: Iterable[tuple[str, str | None, Any]]) -> list[str]:
        """`event action: path: message` for every deviation of (event, action, payload) that is not waived."""
        lines = {
            f"{event} {action or ''}: {problem}": None
            for event, action, payload in heard
            for problem in self.description.webhook_problems(event, action, payload)
        }
        return [line for line in lines if not _waived(line)]


def _waived(line: str) -> bool:
    """The description itself is wrong there."""
    return any(re.search(pattern, line) for pattern in WAIVED)


def _state() -> Path:
    """The folder that the tests keep between runs."""
    return Path(os.environ.get("TDEV_TEST_STATE") or _ROOT / "build" / "test-state")


@lru_cache(maxsize=2)
def description(state: Path | None = None) -> Description:
    """GitHub's description; Unavailable with a reason where it can't be had."""
    file = (state or _state()) / "github-description" / f"{VERSION}.json"
    if not file.is_file():
        _fetch(file)
    data = file.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise Unavailable(f"{file} is not version {VERSION} of GitHub's description: remove it and try again.")
    return Description(json.loads(data))


@lru_cache(maxsize=2)
def description_or_models(state: Path) -> Description | Models:
    """The description, or githubkit's models where it can't be fetched (told as a warning); skips where neither is."""
    try:
        return description(state)
    except Unavailable as error:
        models = Models.installed()
        if models is None or os.environ.get("CI"):
            lacks(f"{error} githubkit is not {'enough' if models else 'installed either'}.")
        warnings.warn(f"{error} The models of githubkit are used instead.", stacklevel=2)
        return models


def _fetch(file: Path) -> None:
    """Fetch the package and keep the one file that is wanted, whole or not at all."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("npm is not installed, so GitHub's description can't be fetched.")
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        command = (npm, "pack", f"@octokit/openapi@{VERSION}", "--pack-destination", folder, "--silent")
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=folder, check=False)
        packages = list(Path(folder).glob("*.tgz"))
        if done.returncode or not packages:
            raise Unavailable(f"npm could not fetch @octokit/openapi: {done.stderr.strip()[-400:]}")
        with tarfile.open(packages[0]) as archive:
            member = archive.extractfile(_MEMBER)
            assert member is not None
            data = member.read()
        part = Path(folder) / "part.json"
        part.write_bytes(data)
        part.replace(file)


def webhook_schemas(state: Path | None = None) -> dict[tuple[str, str], dict[str, Any]]:
    """(event, action) -> schema of every webhook."""
    return description(state).webhook_schemas()


def webhook_validator(event: str, action: str | None, state: Path | None = None) -> Draft4Validator:
    """The validator of one webhook's payload; KeyError where GitHub has no such event."""
    found = description(state)
    return found.validator(found.webhook_schemas()[event, action or ""])


def example(schema: dict[str, Any], *, optional: bool = True, state: Path | None = None) -> Any:
    """A valid payload for a schema of `webhook_schemas`."""
    return description(state).example(schema, optional=optional)
