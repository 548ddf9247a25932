"""What a run directory tells its comment, and that a damaged one tells nothing."""

from __future__ import annotations

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


def test_cost_and_reason() -> None:
    assert kept_of({"patch.json": data(PATCH)}).cost == "no model was used; 0.0 s at the code"
    paid = PATCH.model_copy(update={"attempts": (PAID, PAID)})
    assert kept_of({"patch.json": data(paid)}).cost == "0.2500 USD; 4.0 s at the code"
    assert kept_of({"verdict.json": data(FAILED)}).reason == "the gates did not pass: tests: 2 fail"
    files = {"verdict.json": data(FAILED), "publication.json": data(Publication(reason="dry run"))}
    assert kept_of(files).reason == "dry run"
    assert kept_of({"publication.json": data(Publication(branch="tdev/auto/x"))}).reason == ""


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b"null", b"\xff", b'{"a": 1}', b"[" * 100_000])
def test_what_cannot_be_read_is_left_out(junk: bytes) -> None:
    assert kept_of(dict.fromkeys(WANTED, junk)) == Kept()
    assert kept_of({}) == Kept()
