"""GitHub's responses by the models of githubkit: the way out where its OpenAPI description can't be fetched.

Comes in: exchanges, and webhook payloads. Goes out: deviations as tests/support/github_description.py writes
them. githubkit is generated from the same description; which model an operation answers with stands in its
methods, whose docstrings name method and path. Requests, and answers to errors, are not looked at.
"""

from __future__ import annotations

import datetime
import importlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

_OPERATION = re.compile(
    r"\n        (GET|POST|PUT|PATCH|DELETE) (/\S*)\n(.*?)(?=\n    @overload|\n    (?:async )?def |\Z)", re.S
)
NOT_DESCRIBED = "is not in GitHub's description"
_MODEL = re.compile(r"response_model=(.+?),\n +(?:error_models=|\))", re.S)


@dataclass(frozen=True)
class Models:
    """The newest models of the installed githubkit."""

    folder: Path
    package: str
    _adapters: dict[str, TypeAdapter[Any]] = field(default_factory=dict)

    @classmethod
    def installed(cls) -> Models | None:
        """The models, or None where githubkit is missing."""
        try:
            package = importlib.import_module("githubkit_schemas")
        except ImportError:
            return None
        folders = sorted(Path(package.__path__[0]).glob("v20*"))
        return cls(folders[-1], f"githubkit_schemas.{folders[-1].name}") if folders else None

    @cached_property
    def operations(self) -> dict[tuple[str, str], str]:
        """(method, template) -> the model's name in Python; empty for no content."""
        found = {}
        for file in (self.folder / "rest").glob("*.py"):
            for method, template, rest in _OPERATION.findall(file.read_text("utf-8")):
                model = _MODEL.search(rest)
                found[method, template] = " ".join(model[1].split()) if model else ""
        return found

    def problems(self, exchange: Any) -> list[str]:
        """`path: message` for each deviation of a good answer."""
        method = "GET" if exchange.method == "HEAD" else exchange.method
        model = self.operations.get((method, exchange.template))
        if model is None:
            return [NOT_DESCRIBED]
        if exchange.method == "HEAD" or exchange.status >= 300 or exchange.status == 204 or not model:
            return []
        return self._problems(model, exchange.response_body)

    def webhook_problems(self, event: str, action: str | None, payload: object) -> list[str]:
        """`path: message` for each deviation of a payload."""
        namespace = importlib.import_module(f"{self.package}.webhooks").WebhookNamespace
        try:
            namespace.parse_obj(event, payload)
        except ValidationError as error:
            return _lines(error)
        return []

    def _problems(self, model: str, value: object) -> list[str]:
        """Deviations of a value from a model."""
        if model not in self._adapters:
            home = importlib.import_module(f"{self.package}.models")
            names = {name: getattr(home, name, None) for name in re.findall(r"[A-Z]\w+", model)}
            known = {name: value for name, value in names.items() if value is not None}
            typing = vars(importlib.import_module("typing"))
            self._adapters[model] = TypeAdapter(eval(model, {**typing, "_dt": datetime, **known}))
        try:
            self._adapters[model].validate_python(value)
        except ValidationError as error:
            return _lines(error)
        return []


def _lines(error: ValidationError) -> list[str]:
    """`path: message` for each error."""
    return [f"{'/'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in error.errors()]
