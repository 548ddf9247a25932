"""What all programs that search for credentials answer, joined."""

from __future__ import annotations

import hashlib

from tdev.core.artifacts.finding import Severity
from tdev.core.documented_keys import DOCUMENTED
from tdev.tools.secret_hits import CANARY, Hit, identity_of, judged


def hit(identity: str, item: str = "1") -> Hit:
    return Hit(item=item, rule="r", severity=Severity.ERROR, line=1, end_line=1, identity=identity)


def test_keys_that_manuals_print_are_left_out_and_nothing_else() -> None:
    shown = sorted(DOCUMENTED)[0]
    plain = hashlib.sha1(shown.encode(), usedforsecurity=False).hexdigest()
    real = hit(identity_of(f"{shown}x"))
    found = judged("x", [hit("c", CANARY), hit(identity_of(shown)), hit(plain), real])
    assert (found.hits, found.reason) == ((real,), "")


def test_a_program_that_did_not_see_the_canary_is_no_evidence() -> None:
    assert judged("x", [hit("a")]).hits == ()
    assert "did not look properly" in judged("x", [hit("a")]).reason
