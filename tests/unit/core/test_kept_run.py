"""What a run directory tells its comment, and that a damaged one tells nothing."""

from __future__ import annotations

import json

import pytest

from tdev.core.artifacts import Patch, Publication, Verdict
from tdev.core.artifacts.attempt import Attempt
from tdev.core.artifacts.verdict import Outcome
from tdev.core.kept_run import WANTED, Kept, kept_of

PATCH = Patch(base_sha="a", head_sha="b", engine="recipes")
PAID = Attempt(task="T1", number=1, kept=True, reason="kept", cost_usd=0.125, seconds=2)
FAILED = Verdict(name="gates", outcome=Outcome.FAIL, reason="tests: 2 fail")


def data(model: Patch | Publication | Verdict) -> bytes:
    return model.model_dump_json().encode()


def event(name: str, usd: object) -> bytes:
    told = {"time": "t", "name": name, "run_id": "r", "goal_id": "g", "trace_id": "t", "attributes": {"cost_usd": usd}}
    return json.dumps(told).encode() + b"\n"


def test_cost_and_reason() -> None:
    assert kept_of({"patch.json": data(PATCH)}).cost == "no model was used; 0.0 s at the code"
    paid = PATCH.model_copy(update={"attempts": (PAID, PAID)})
    assert kept_of({"patch.json": data(paid)}).cost == "0.2500 USD; 4.0 s at the code"
    assert kept_of({"verdict.json": data(FAILED)}).reason == "the gates did not pass: tests: 2 fail"
    files = {"verdict.json": data(FAILED), "publication.json": data(Publication(reason="dry run"))}
    assert kept_of(files).reason == "dry run"
    assert kept_of({"publication.json": data(Publication(branch="tdev/auto/x"))}).reason == ""


def test_questions_to_the_model_count_whether_there_is_a_patch_or_not() -> None:
    log = b"".join(event(name, usd) for name, usd in (("tdev.plan.model", 0.5), ("tdev.spec.model", 0.25)))
    paid = PATCH.model_copy(update={"attempts": (PAID,)})
    assert kept_of({"patch.json": data(paid), "events.jsonl": log}).cost == "0.8750 USD; 2.0 s at the code"
    assert kept_of({"events.jsonl": log}).cost == "0.7500 USD"


@pytest.mark.parametrize("usd", [-1.0, "9", True, "Infinity", None, 1e308 * 10])
def test_a_cost_that_is_no_money_counts_as_nothing(usd: object) -> None:
    log = event("tdev.plan.model", 0.5) + event("tdev.plan.model", usd) + event("tdev.other.model", 3.0) + b'{"cut'
    told = kept_of({"events.jsonl": log}).cost
    assert told == ("1.5000 USD" if usd is True else "0.5000 USD")


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b"null", b"\xff", b'{"a": 1}', b"[" * 100_000])
def test_what_cannot_be_read_is_left_out(junk: bytes) -> None:
    assert kept_of(dict.fromkeys(WANTED, junk)) == Kept()
    assert kept_of({}) == Kept()
