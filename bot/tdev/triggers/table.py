"""TRIGGERS: which GitHub events mean something to the bot, and the function that reads each.

The one place that knows all triggers; web/webhook.py and the page on the App's settings read it. A new event is a file
in this room and a row here. Every other event is answered 202 and forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from tdev.core.intent import Request, RunReport
from tdev.triggers.issue_comment import issue_comment
from tdev.triggers.issues import issues
from tdev.triggers.workflow_job import workflow_job
from tdev.triggers.workflow_run import workflow_run

Trigger = Callable[[object], Request | RunReport | None]
"""Payload to intent."""

TRIGGERS: Mapping[str, Trigger] = {
    "issues": issues,
    "issue_comment": issue_comment,
    "workflow_run": workflow_run,
    "workflow_job": workflow_job,
}


def intent_of(event: str, payload: object) -> Request | RunReport | None:
    """What an event asks for; None for events and payloads that mean nothing to us."""
    trigger = TRIGGERS.get(event)
    if trigger is None:
        return None
    try:
        return trigger(payload)
    except ValidationError:
        return None
