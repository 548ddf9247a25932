"""Faults on purpose: what a client must live through, set over HTTP at /_forge/faults.

A fault says whom it meets (`target`: `api` or `delivery`; `method`, and `path` as a pattern with `*`),
what happens, and how many `times`. The API knows `status` (with `body` and `headers`), `delay` and
`reset` of the connection, each before the work is done or, with `late`, after it. Deliveries know
`delay`, `reset`, `drop`, `duplicate` and `reorder`. The first fault that fits is counted down.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tdev.forge.answers import invalid
from tdev.forge.store import Json, Store

_KINDS = {
    "api": ("status", "delay", "reset"),
    "delivery": ("delay", "reset", "drop", "duplicate", "reorder"),
}
_LONGEST = 600


class Fault(BaseModel):
    """What may be asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    target: Literal["api", "delivery"] = "api"
    method: str | None = None
    """HTTP method; of a delivery the event's name."""
    path: str = "*"
    """Pattern of the path below the API's root; of a delivery the address it goes to."""
    status: int | None = Field(default=None, ge=200, le=599)
    body: Any = None
    headers: dict[str, str] = {}
    delay: float = Field(default=0, ge=0, le=_LONGEST)
    """Seconds."""
    reset: bool = False
    late: bool = False
    """Strike when the work is done."""
    drop: bool = False
    duplicate: bool = False
    reorder: bool = False
    times: int = Field(default=1, ge=1)


def add_fault(store: Store, document: Json) -> int:
    """Keep a fault; ApiError 422 when it says nothing that can be done."""
    try:
        fault = Fault.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        raise invalid("Fault", ".".join(map(str, first["loc"])), "invalid", first["msg"]) from error
    asked = {kind for kinds in _KINDS.values() for kind in kinds if getattr(fault, kind)}
    known = _KINDS[fault.target]
    if not asked or asked - set(known):
        raise invalid("Fault", "target", "invalid", f"A fault of {fault.target} is one of {', '.join(known)}.")
    kept = fault.model_dump(exclude_unset=True)
    return store.insert("faults", target=fault.target, document=json.dumps(kept), times=fault.times)


def all_faults(store: Store) -> list[Json]:
    """Every fault that is still to happen, with its id and how many times are left."""
    rows = store.all("SELECT * FROM faults ORDER BY id")
    return [{**json.loads(row["document"]), "id": row["id"], "times": row["times"]} for row in rows]


def clear_faults(store: Store) -> None:
    """Forget them all."""
    store.run("DELETE FROM faults")


def take(store: Store, target: str, method: str, path: str) -> Json | None:
    """The first fault that fits a request or a delivery, counted down by one; None when there is none.

    For deliveries, `method` is the event's name and `path` the address it goes to.
    """
    for row in store.all("SELECT * FROM faults WHERE target = ? ORDER BY id", target):
        fault: Json = json.loads(row["document"])
        if fault.get("method", method).upper() != method.upper() or not fnmatchcase(path, fault.get("path", "*")):
            continue
        if row["times"] > 1:
            store.run("UPDATE faults SET times = times - 1 WHERE id = ?", row["id"])
        else:
            store.run("DELETE FROM faults WHERE id = ?", row["id"])
        return fault
    return None
