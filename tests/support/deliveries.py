"""Webhook deliveries as GitHub sends them: payloads, headers, signatures."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from tdev.web.signature import sign

SECRET = "a secret that is long enough"
PAYLOADS = Path(__file__).parents[1] / "payloads"


def payload(event: str, case: str) -> dict[str, Any]:
    """A recorded payload."""
    read: dict[str, Any] = json.loads((PAYLOADS / event / f"{case}.json").read_text("utf-8"))
    return read


def cases() -> list[tuple[str, str]]:
    """Event and name of every recorded payload."""
    return sorted((file.parent.name, file.stem) for file in PAYLOADS.glob("*/*.json"))


def headers(event: str, body: bytes, *, delivery: str = "", secret: str = SECRET) -> dict[str, str]:
    """The headers GitHub sends with a body."""
    return {
        "User-Agent": "GitHub-Hookshot/044aadd",
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
        "X-Hub-Signature-256": sign(secret, body),
    }
