"""What a check run says: title, summary, text and annotations, as a request brings them.

Follows the body parameters of "Create a check run". Comes in: a Call. Goes out: checked values, or 422
with GitHub's field names. Texts above 65,535 characters and more than 50 annotations are refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from tdev.forge.answers import ApiError, invalid
from tdev.forge.call import Call
from tdev.forge.store import Json, Store, timestamp

LONGEST = 65_535
"""Characters of a summary or a text."""
MOST_ANNOTATIONS = 50
"""Annotations of one request."""
_LEVELS = ("notice", "warning", "failure")
_LONGEST_MESSAGE, _LONGEST_TITLE, _MOST_ACTIONS = 64 * 1024, 255, 3
_ACTION = {"label": 20, "description": 40, "identifier": 20}


@dataclass(frozen=True)
class Output:
    """The `output` of a request."""

    columns: Json
    """title, summary and text, where they are given."""
    annotations: tuple[Json, ...] = ()
    """As they are kept and shown, without blob_href."""


def output_in(call: Call) -> Output:
    """The body's `output`; nothing where there is none."""
    given = call.document.get("output")
    if given is None:
        return Output({})
    if not isinstance(given, dict):
        raise invalid("CheckRun", "output", "invalid", "output is not an object.")
    columns = {}
    for name in ("title", "summary", "text"):
        value = given.get(name)
        if value is not None and not isinstance(value, str):
            raise invalid("CheckRun", name, "invalid", f"{name} is not a string.")
        if value is not None and len(value) > LONGEST:
            raise invalid("CheckRun", name, "invalid", f"{name} exceeds a maximum size of {LONGEST} characters.")
        if name in given:
            columns[name] = value
    if not columns.get("title") or columns.get("summary") is None:
        raise invalid("CheckRun", "output", "missing_field", "output needs a title and a summary.")
    annotations = given.get("annotations") or []
    if not isinstance(annotations, list):
        raise invalid("CheckRun", "annotations", "invalid", "annotations is not a list.")
    if len(annotations) > MOST_ANNOTATIONS:
        words = f"Only {MOST_ANNOTATIONS} annotations are allowed per request."
        raise invalid("CheckRun", "annotations", "invalid", words)
    return Output(columns, tuple(_annotation(each) for each in annotations))


def _annotation(given: object) -> Json:
    """One annotation as it is kept."""
    if not isinstance(given, dict):
        raise _wrong("annotations", "is not an object")
    for name in ("path", "message", "annotation_level"):
        if not isinstance(given.get(name), str) or not given[name]:
            raise _wrong(name, "wasn't supplied")
    for name in ("start_line", "end_line"):
        if not _whole(given.get(name)) or given[name] < 0:
            raise _wrong(name, "wasn't supplied")
    if given["annotation_level"] not in _LEVELS:
        raise _wrong("annotation_level", f"is not one of {', '.join(_LEVELS)}")
    if len(given["message"].encode()) > _LONGEST_MESSAGE:
        raise _wrong("message", "is longer than 64 KB")
    columns = [given.get("start_column"), given.get("end_column")]
    if any(each is not None and not _whole(each) for each in columns):
        raise _wrong("start_column", "is not a number")
    if given["start_line"] != given["end_line"] and any(each is not None for each in columns):
        raise _wrong("start_column", "is only for annotations of one line")
    title = given.get("title")
    return {
        **{name: given[name] for name in ("path", "start_line", "end_line", "annotation_level", "message")},
        "start_column": columns[0],
        "end_column": columns[1],
        "title": title[:_LONGEST_TITLE] if isinstance(title, str) else None,
        "raw_details": given.get("raw_details"),
    }


def _whole(value: object) -> bool:
    """The value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong(name: str, why: str) -> ApiError:
    """422 for an annotation."""
    return invalid("CheckRun", "annotations", "invalid", f'"{name}" {why}.')


def add_annotations(store: Store, check_run_id: int, output: Output) -> None:
    """Add annotations to those a run has."""
    for document in output.annotations:
        store.insert("annotations", check_run_id=check_run_id, document=json.dumps(document, ensure_ascii=False))


def check_actions(call: Call) -> None:
    """422 unless `actions` are at most three with label, description and identifier of the documented lengths."""
    actions = call.document.get("actions") or []
    if not isinstance(actions, list) or len(actions) > _MOST_ACTIONS:
        raise invalid("CheckRun", "actions", "invalid", f"Only {_MOST_ACTIONS} actions are allowed.")
    for action in actions:
        for name, longest in _ACTION.items():
            value = action.get(name) if isinstance(action, dict) else None
            if not isinstance(value, str) or not 0 < len(value) <= longest:
                raise invalid("CheckRun", "actions", "invalid", f"{name} must have 1 to {longest} characters.")


def time_in(call: Call, name: str) -> str | None:
    """A time of the body as GitHub writes it; 422 where it is none."""
    word = call.text(name, resource="CheckRun", default="")
    if not word:
        return None
    try:
        when = datetime.fromisoformat(word.replace("Z", "+00:00"))
    except ValueError as error:
        raise invalid("CheckRun", name, "invalid", f"{name} is not an ISO 8601 time.") from error
    return timestamp((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
