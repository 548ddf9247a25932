"""Pynguin itself, in the sandbox: what it drafts, what it can't reach, and that no answer is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdev.core.generated_tests import generated_tests
from tdev.policy.sandbox import USUAL_LIMITS
from tdev.settings import Settings
from tdev.tools.pynguin import Drafted, Subject, draft
from tdev.tools.python_environment import PythonEnvironment, ensure

pytestmark = pytest.mark.e2e

SIGN = "def sign(x: int) -> int:\n    if x < 0:\n        return -1\n    return 1\n"


@pytest.fixture
def environment(settings: Settings, tmp_path: Path) -> PythonEnvironment:
    project = tmp_path / "project"
    project.mkdir()
    return ensure(settings, project, tmp_path / "environment", 300)


def drafted(settings: Settings, tmp_path: Path, environment: PythonEnvironment, text: str) -> Drafted:
    (tmp_path / "project" / "signs.py").write_text(text)
    subject = Subject(tmp_path / "project", tmp_path / "project", "signs")
    return draft(settings, subject, environment, 3, USUAL_LIMITS)


def test_drafts_call_the_module_and_leave_nothing_in_the_checkout(
    settings: Settings, tmp_path: Path, environment: PythonEnvironment
) -> None:
    out = tmp_path / "project" / "out"
    escape = f"import contextlib\nwith contextlib.suppress(OSError):\n    open({str(out)!r}, 'w').write('x')\n\n\n"
    said = drafted(settings, tmp_path, environment, escape + SIGN)
    assert said.failure == "" and any("sign(" in one.source for one in generated_tests(said.text))
    assert [path.name for path in (tmp_path / "project").iterdir()] == ["signs.py"]


@pytest.mark.parametrize("text", ["import nosuchmodule\n", "raise SystemExit(0)\n", "def f(:\n"])
def test_a_module_that_can_not_be_imported_has_no_drafts_and_a_reason(
    settings: Settings, tmp_path: Path, environment: PythonEnvironment, text: str
) -> None:
    said = drafted(settings, tmp_path, environment, text)
    assert said.text == "" and said.failure.startswith("signs: ")
