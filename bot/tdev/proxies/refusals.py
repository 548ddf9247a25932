"""What the client in the sandbox is told instead of an answer, in the shape of the Messages API's errors.

The connection ends with it: what else came on it is nothing that we want to read. `x-should-retry: false` keeps clients
of Anthropic's from asking again what can't be had.
"""

from __future__ import annotations

import json

from aiohttp import web

OUT_OF_MONEY = "tdev: the run's model budget is used up"
"""Begins the message by which a session can be told to have ended for want of money."""
OUT_OF_MONEY_STATUS = 402
"""After a 400 Claude Code tries other forms, after a 404 other models; not after this."""
UNREACHABLE_STATUS = 502
_TYPES = {400: "invalid_request_error", 402: "billing_error", 403: "permission_error", 429: "rate_limit_error"}


class Refusal(Exception):
    """A request that may not pass; the text says why, for the client and for the log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status

    def answer(self) -> web.Response:
        """What the client is told."""
        return _error(self.status, f"tdev: {self}", retry=self.status == 429)


def out_of_money() -> web.Response:
    """The budget is reached."""
    return _error(OUT_OF_MONEY_STATUS, OUT_OF_MONEY, retry=False)


def unreachable(reason: str) -> web.Response:
    """The provider could not be asked, which may pass."""
    return _error(UNREACHABLE_STATUS, f"tdev: {reason}", retry=True)


def event_out_of_money() -> bytes:
    """The end of the budget as the last event of a stream."""
    return b"event: error\ndata: " + _body(OUT_OF_MONEY_STATUS, OUT_OF_MONEY) + b"\n\n"


def _error(status: int, message: str, *, retry: bool) -> web.Response:
    headers = {"retry-after": "1"} if status == 429 else {} if retry else {"x-should-retry": "false"}
    answer = web.Response(status=status, body=_body(status, message), content_type="application/json", headers=headers)
    answer.force_close()
    return answer


def _body(status: int, message: str) -> bytes:
    kind = _TYPES.get(status, "api_error")
    return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()
