"""The built service, running for real in the sandbox: started, asked a few things over HTTP, stopped.

Used by the contract tests and by the demo. Comes in: an environment with the service's dependencies
and its Spec. Goes out: a base URL, or a few answers beside what the contract promises.

It has a loopback of its own there, and is reached through a socket.
The database is a new file for each start, so a probe never sees another's records. This is a look
at the main road for people; what decides is schemathesis.
"""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tdev.adapters import service
from tdev.adapters.private_folder import private_folder
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cells import environment_folders
from tdev.adapters.sandbox.run import serving
from tdev.core.artifacts.spec import FieldType, Operation, Resource, Spec
from tdev.core.crud_examples import example_body
from tdev.core.service_names import LARGEST_INTEGER, package_name, property_name
from tdev.policy.sandbox import USUAL_LIMITS, CellLimits
from tdev.settings import Settings
from tdev.tools.python_environment import PythonEnvironment

START_SECONDS = 30.0
_REQUEST_SECONDS = 10.0
_SHOWN_CHARACTERS = 120


class Answer(NamedTuple):
    """One request and what came back."""

    method: str
    """HTTP method."""
    path: str
    """Path with its query."""
    status: int
    """HTTP status; 0 = no answer."""
    body: str
    """Beginning of the body, one line."""
    expected: int
    """The status that the contract promises."""

    @property
    def ok(self) -> bool:
        """The status is the one that was expected."""
        return self.status == self.expected


@contextlib.contextmanager
def running_service(
    settings: Settings,
    environment: PythonEnvironment,
    project: Path,
    spec: Spec,
    timeout: float = START_SECONDS,
    limits: CellLimits = USUAL_LIMITS,
) -> Iterator[str]:
    """Run the service in `project` with a new, temporary SQLite database; gives its base URL.

    Raises TransientError when it does not answer its health check within `timeout` seconds.
    """
    with private_folder("service") as scratch:
        port = service.free_port()
        folders = (project / "src", *environment.python_path)
        variables = {
            **settings.child_environment,
            "PORT": str(port),
            "DATABASE_URL": f"sqlite:///{scratch}/service.db",
            "PYTHONPATH": ":".join(str(folder.absolute()) for folder in folders),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(scratch),
        }
        cell = Cell(
            cwd=scratch,
            environment=variables,
            writable=(scratch,),
            read_only=(project.resolve(), *environment_folders(environment.python)),
            limits=limits,
        )
        words = (environment.python, "-m", package_name(spec.slug))
        with serving(settings, cell, words, port=port, health_path="/health", timeout=timeout) as base_url:
            yield base_url


def demo_requests(base_url: str, spec: Spec) -> list[Answer]:
    """Ask for the health, create one record of each resource in the order of their references, read and list the last,
    then ask for what is not there (404) and send what is not valid (422).
    """
    address = urlsplit(base_url).netloc
    answers = [_ask(address, "GET", "/health", 200)]
    keys: dict[str, int] = {}
    for resource in _in_reference_order(spec):
        if Operation.CREATE not in resource.operations or not _needs(resource) <= keys.keys():
            continue
        answer, key = _create(address, resource, keys)
        answers.append(answer)
        if key:
            keys[resource.name] = key
    last = next((resource for resource in reversed(_in_reference_order(spec)) if resource.name in keys), None)
    if last is not None:
        answers += _about(address, last, keys[last.name])
    return answers


def _about(address: str, resource: Resource, key: int) -> list[Answer]:
    """Read, list, the 404 and the 422 of one resource, as far as it has the operations."""
    path = f"/{resource.plural}"
    answers = []
    if Operation.READ in resource.operations:
        answers.append(_ask(address, "GET", f"{path}/{key}", 200))
    if Operation.LIST in resource.operations:
        answers.append(_ask(address, "GET", f"{path}?limit=10", 200))
    if Operation.READ in resource.operations:
        answers.append(_ask(address, "GET", f"{path}/{LARGEST_INTEGER}", 404))
    return [*answers, _ask(address, "POST", path, 422, {"unknown": True})]


def _in_reference_order(spec: Spec) -> list[Resource]:
    """The resources, those that are referred to first."""
    by_name = {resource.name: resource for resource in spec.resources}
    sorter = TopologicalSorter({resource.name: sorted(_needs(resource)) for resource in spec.resources})
    return [by_name[name] for name in sorter.static_order() if name in by_name]


def _needs(resource: Resource) -> set[str]:
    """Resources that a record must refer to."""
    return {field.target for field in resource.fields if field.type is FieldType.REFERENCE and field.required}


def _create(address: str, resource: Resource, keys: dict[str, int]) -> tuple[Answer, int]:
    """Create one record; its key, or 0."""
    body = example_body(resource)
    for field in resource.fields:
        if field.type is FieldType.REFERENCE and field.required:
            body[property_name(field)] = keys[field.target]
    status, text = _request(address, "POST", f"/{resource.plural}", body)
    answer = Answer("POST", f"/{resource.plural}", status, _short(text), 201)
    return answer, _key(text) if answer.ok else 0


def _key(text: str) -> int:
    """The `id` of a JSON body, or 0."""
    try:
        found = json.loads(text)["id"]
    except (ValueError, KeyError, TypeError):
        return 0
    return found if isinstance(found, int) else 0


def _ask(address: str, method: str, path: str, expected: int, body: object = None) -> Answer:
    """One request."""
    status, text = _request(address, method, path, body)
    return Answer(method, path, status, _short(text), expected)


def _request(address: str, method: str, path: str, body: object = None) -> tuple[int, str]:
    """Status and body; status 0 and the reason when there is no answer."""
    connection = http.client.HTTPConnection(address, timeout=_REQUEST_SECONDS)
    data = None if body is None else json.dumps(body).encode()
    try:
        connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error) or type(error).__name__
    finally:
        connection.close()


def _short(text: str) -> str:
    """The beginning of a body on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_CHARACTERS else line[: _SHOWN_CHARACTERS - 1] + "…"
