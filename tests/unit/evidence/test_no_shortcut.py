"""Evidence that repository code had a part in: asked anew where it must be, and missing where nobody looked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from support.evaluations import patch_of
from tdev.core.artifacts.finding import ToolReport
from tdev.evidence import reruns
from tdev.evidence.mutation import too_little
from tdev.evidence.subject import Change, Commit
from tdev.tools.mutmut import Made


def test_what_mutmut_could_not_read_is_no_evidence() -> None:
    unread = too_little(Made(unread=("a.py (ParserSyntaxError: odd)",)))
    assert unread is not None and not unread.ok and "can't read a.py" in unread.reason
    failed = too_little(Made(failure="mutmut failed"))
    assert failed is not None and (failed.ok, failed.reason) == (False, "mutmut failed")
    few = too_little(Made())
    assert few is not None and few.ok and few.examined == 0 and "too few" in few.reason


def test_judged_anew_tests_are_run_again_though_an_answer_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good = ToolReport(tool="reruns", ok=True, examined=1)
    fresh = ToolReport(tool="reruns", ok=True, examined=2)
    monkeypatch.setattr(reruns, "kept", lambda *given: good)
    monkeypatch.setattr(reruns, "key_of", lambda *given: "key")
    monkeypatch.setattr(reruns, "_look", lambda change: fresh)
    side = Commit(None, "after", "0" * 40, tmp_path)  # type: ignore[arg-type]
    run = SimpleNamespace(goal=SimpleNamespace(engine="none"))
    change = Change(run, patch_of(), side, side, {})  # type: ignore[arg-type]
    assert reruns.reruns(change) == good
    assert reruns.reruns(replace(change, after=replace(side, anew=True))) == fresh
