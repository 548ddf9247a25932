"""`tdev doctor` on this machine, and on one that lacks things."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support.sandboxed import needs_bubblewrap

pytestmark = pytest.mark.e2e


def doctor(home: Path, variables: Mapping[str, str]) -> tuple[int, dict[str, Any], str]:
    words = (sys.executable, "-m", "tdev.cli.main", "doctor", "--json")
    environment = {"TDEV_HOME": str(home), "HOME": str(home), "PATH": os.environ["PATH"], **variables}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=120)
    answer = json.loads(done.stdout)
    return (
        done.returncode,
        {check["name"]: check for check in answer["checks"]} | {"ready": answer["ready"]},
        done.stdout,
    )


def test_this_machine_can_start_a_run_and_no_credential_is_shown(tmp_path: Path) -> None:
    needs_bubblewrap()
    code, found, printed = doctor(tmp_path, {"ANTHROPIC_API_KEY": "sk-ant-secret"})
    assert code == 0 and found["ready"] is True
    assert "could not get out" in found["sandbox bubblewrap"]["found"]
    assert found["runs are in"]["found"] == "bubblewrap"
    assert found["model credential"]["found"] == "ANTHROPIC_API_KEY" and "sk-ant-secret" not in printed


def test_without_a_sandbox_no_run_and_what_to_install(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "git").symlink_to("/usr/bin/git")
    code, found, _ = doctor(tmp_path, {"PATH": str(programs)})
    assert code == 2 and found["ready"] is False
    assert "bwrap is not installed" in found["runs are in"]["found"]
    assert "bubblewrap" in found["sandbox bubblewrap"]["next_step"]
    code, found, _ = doctor(tmp_path, {"PATH": str(programs), "TDEV_SANDBOX": "none"})
    assert code == 0 and "TDEV_SANDBOX=none" in found["runs are in"]["found"]


def test_a_sandbox_that_is_asked_for_must_work(tmp_path: Path) -> None:
    code, found, _ = doctor(tmp_path, {"TDEV_SANDBOX": "paper"})
    assert code == 2 and "not one of" in found["runs are in"]["found"]
