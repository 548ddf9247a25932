"""What the client in the sandbox is told instead of an answer, in the shape of the Messages API's errors.

The connection ends with it: what else came on it is nothing that we want to read. `x-should-retry: false` keeps clients
of Anthropic's from asking again what can't be had.
"""

from __future__ import annotations

import json

from aiohttp import web

OUT_OF_MONEY = "tdev: the run's model budget is used up"
"""Begins the message by which a session can be told to have ended for want of money."""
_NO_RETRY = {"x-should-retry": "false"}


def forbidden(reason: str) -> web.Response:
    """403: no such door."""
    return _error(403, "permission_error", f"tdev: {reason}", _NO_RETRY)


def not_allowed(reason: str) -> web.Response:
    """400: the request asks for something that may not pass."""
    return _error(400, "invalid_request_error", f"tdev: {reason}", _NO_RETRY)


def out_of_money() -> web.Response:
    """402: the budget is reached. After a 400 Claude Code tries other forms, after a 404 other models; not here."""
    return _error(402, "billing_error", OUT_OF_MONEY, _NO_RETRY)


def too_many() -> web.Response:
    """429: too many requests at once."""
    return _error(429, "rate_limit_error", "tdev: too many requests at once", {"retry-after": "1"})


def unreachable(reason: str) -> web.Response:
    """502: the provider could not be asked, which may pass."""
    return _error(502, "api_error", f"tdev: {reason}", {})


def event_out_of_money() -> bytes:
    """The same as the last event of a stream."""
    return b"event: error\ndata: " + _body("billing_error", OUT_OF_MONEY) + b"\n\n"


def _error(status: int, kind: str, message: str, headers: dict[str, str]) -> web.Response:
    answer = web.Response(status=status, body=_body(kind, message), content_type="application/json", headers=headers)
    answer.force_close()
    return answer


def _body(kind: str, message: str) -> bytes:
    return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()
