"""What a handler gives back, and the errors it may raise, in GitHub's words.

A handler returns an Answer; application.py turns it into HTTP. Every refusal is an ApiError with the
status, message and `errors` list that GitHub's documentation shows under "Troubleshooting the REST
API". Lists go through Call.page, which fills `links`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from tdev.errors import TdevError

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(frozen=True)
class Answer:
    """Status, body and headers of a response."""

    body: Any = None
    """A JSON value, or text when `media_type` says so; None = no body."""
    status: int = 200
    media_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


class ApiError(TdevError):
    """The request is refused, with this status and message."""

    def __init__(
        self, status: int, message: str, *, errors: list[Any] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.http_status = status
        self.errors = errors
        self.headers = headers or {}

    def answer(self) -> Answer:
        """The error as GitHub writes it: message, documentation_url, status and, where there are some, errors."""
        body: dict[str, Any] = {
            "message": self.message,
            "documentation_url": DOCUMENTATION,
            "status": str(self.http_status),
        }
        if self.errors is not None:
            body["errors"] = self.errors
        return Answer(body, self.http_status, headers=self.headers)


def not_found() -> ApiError:
    """404: there is none, or the caller must not know of it."""
    return ApiError(HTTPStatus.NOT_FOUND, "Not Found")


def forbidden(message: str = "Resource not accessible by integration") -> ApiError:
    """403: the caller may see it and may not do this."""
    return ApiError(HTTPStatus.FORBIDDEN, message)


def invalid(resource: str, fieldname: str, code: str = "invalid", message: str = "") -> ApiError:
    """422 with one entry in `errors`."""
    entry = {"resource": resource, "field": fieldname, "code": code, **({"message": message} if message else {})}
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed", errors=[entry])
