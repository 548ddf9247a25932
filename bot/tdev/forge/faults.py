"""Faults on purpose: what a client must live through, set over HTTP at /_forge/faults.

A fault names a target (`api` or `delivery`), which requests it meets (`method`, and `path` as a
pattern with `*`), what happens (`status` with `body` and `headers`, `delay` in seconds, `reset` of
the connection; for deliveries also `drop`, `duplicate`, `reorder`) and how many `times`. The first
one that fits is used up by one. Deliveries take theirs through `take` as well.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

from tdev.forge.answers import ApiError, invalid
from tdev.forge.store import Json, Store

TARGETS = ("api", "delivery")
KINDS = ("status", "delay", "reset", "drop", "duplicate", "reorder")


def add_fault(store: Store, document: Json) -> int:
    """Keep a fault; ApiError 422 when it says nothing that can be done."""
    target = document.get("target", "api")
    if target not in TARGETS:
        raise invalid("Fault", "target")
    if not any(document.get(kind) for kind in KINDS):
        raise ApiError(422, f"A fault needs one of {', '.join(KINDS)}.")
    times = document.get("times", 1)
    if not isinstance(times, int) or times < 1:
        raise invalid("Fault", "times")
    return store.insert("faults", target=target, document=json.dumps(document), times=times)


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
