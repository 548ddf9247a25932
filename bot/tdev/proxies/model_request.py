"""What a request to the model may hold. Pure: bytes -> a body that is safe to send, or NotAllowed.

A body can ask the provider to reach out by itself: to search or fetch the web, run code, call an MCP server, load a
picture from an address. Each would be a way round the sandbox, so only what is listed here passes: plain fields, plain
tools of the client's own, plain content. What is sent is written anew from what was checked, so that nobody reads it
differently (a key that stands twice, say).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

Json = dict[str, Any]

MAX_BYTES = 32 * 1024 * 1024
"""The Messages API takes no longer request."""
_MAX_VALUES = 2_000_000
"""Commas and brackets: a body of nothing else would fill the memory when it is read."""

_FIELDS = frozenset(
    {
        "anthropic_beta",
        "anthropic_version",
        "cache_control",
        "context_management",
        "max_tokens",
        "messages",
        "metadata",
        "model",
        "output_config",
        "output_format",
        "stop_sequences",
        "stream",
        "system",
        "temperature",
        "thinking",
        "tool_choice",
        "tools",
        "top_k",
        "top_p",
    }
)
_CONTENT = frozenset(
    {
        "compaction",
        "document",
        "image",
        "redacted_thinking",
        "search_result",
        "text",
        "thinking",
        "tool_addition",
        "tool_reference",
        "tool_removal",
        "tool_result",
        "tool_use",
    }
)
_SOURCES = frozenset({"base64", "text", "content"})
_TOOL_TYPES = (None, "custom")
_MOST_TOKENS = 1_000_000


class NotAllowed(Exception):
    """The request may not pass; the text says why, for the client and for the log."""


def checked_body(data: bytes, may_ask: Callable[[str], bool], model: str = "") -> Json:
    """The body, every part of which is allowed; `model` is that of the path, where the path names it.

    Raises NotAllowed.
    """
    body = _parsed(data)
    if unknown := sorted(body.keys() - _FIELDS):
        raise NotAllowed(f"the field {unknown[0][:40]!r} is not allowed")
    asked = body.get("model", "") or model
    if not isinstance(asked, str) or (model and asked != model) or not may_ask(asked):
        raise NotAllowed(f"the model {str(asked)[:80]!r} is not one that the policy names")
    _check_tools(body.get("tools"))
    _check_content(body.get("system"))
    for message in _list(body.get("messages"), "messages"):
        _check_content(_dict(message, "a message").get("content"))
    tokens = body.get("max_tokens")
    if tokens is not None and (type(tokens) is not int or not 0 < tokens <= _MOST_TOKENS):
        raise NotAllowed("max_tokens is not a sensible number")
    return body


def written(body: Json) -> bytes:
    """The body as it is sent."""
    return json.dumps(body, separators=(",", ":")).encode()


def text_length(value: object) -> int:
    """Characters of everything the model is told; pictures and other encoded data are left out."""
    waiting, length = [value], 0
    while waiting:
        match waiting.pop():
            case str() as text:
                length += len(text)
            case list() as items:
                waiting.extend(items)
            case {"type": "base64"}:
                pass
            case dict() as fields:
                waiting.extend(fields.values())
    return length


def _parsed(data: bytes) -> Json:
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > _MAX_VALUES:
        raise NotAllowed("the body has too many values")
    try:
        body = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NotAllowed("the body is not JSON") from error
    return _dict(body, "the body")


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check_tools(tools: object) -> None:
    """Tools that the client itself carries out; the provider's own have a type."""
    for tool in _list(tools, "tools"):
        kind = _dict(tool, "a tool").get("type")
        if kind not in _TOOL_TYPES:
            raise NotAllowed(f"the tool type {str(kind)[:40]!r} is not allowed")


def _check_content(content: object) -> None:
    """Content all the way down; arguments and schemas of the client's tools are never looked into by the provider."""
    if isinstance(content, str):
        return
    waiting = _list(content, "content")
    while waiting:
        block = _dict(waiting.pop(), "a content block")
        kind = block.get("type")
        if not isinstance(kind, str) or kind not in _CONTENT:
            raise NotAllowed(f"content of type {str(kind)[:40]!r} is not allowed")
        waiting.extend(_below(kind, block))


def _below(kind: str, block: Json) -> Iterable[object]:
    """The content blocks inside one."""
    if kind in ("image", "document"):
        source = _dict(block.get("source"), "a source")
        if source.get("type") not in _SOURCES:
            raise NotAllowed(f"a source of type {str(source.get('type'))[:40]!r} is not allowed")
        inner = source.get("content")
    elif kind in ("tool_addition", "tool_removal"):
        if _dict(block.get("tool"), "a tool").get("type") != "tool_reference":
            raise NotAllowed("a tool may not be defined inside a message")
        return ()
    else:
        inner = block.get("content")
    return () if isinstance(inner, str) else _list(inner, "content")


def _list(value: object, what: str) -> list[Any]:
    """A list of its own; empty for nothing."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise NotAllowed(f"{what} must be a list")
    return list(value)


def _dict(value: object, what: str) -> Json:
    if not isinstance(value, dict):
        raise NotAllowed(f"{what} must be an object")
    return value
