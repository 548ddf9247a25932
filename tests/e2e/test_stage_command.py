"""`tdev stage NAME --run-dir DIR`: the stages one by one, as the composite actions call them."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command import Tdev, git

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("recalled")]


def test_the_stages_one_by_one_make_the_branch(tdev: Tdev, old_repository: Path) -> None:
    planned = tdev("evolve", "modernise", "--repo", old_repository, "--plan-only", "--json")
    assert planned.exit_code == 0, planned.stderr
    folder = Path(planned.json["run_dir"])
    for name in ("baseline", "code", "evaluate", "gate", "publish", "learn"):
        ended = tdev("stage", name, "--run-dir", folder)
        assert ended.exit_code == 0, (name, ended.stderr)
    assert "class Calculator:" in git(old_repository, "show", "tdev/auto/modernise:calc.py")
    assert tdev("run", "verify", folder.name).exit_code == 0
    assert (folder / "lessons.json").is_file()


def test_a_gate_that_says_no_ends_with_its_own_exit_code(tdev: Tdev, old_repository: Path) -> None:
    git(old_repository, "rm", "-q", "test_calc.py")
    git(old_repository, "commit", "-qm", "no tests")
    planned = tdev("evolve", "modernise", "--repo", old_repository, "--plan-only", "--json")
    folder = Path(planned.json["run_dir"])
    for name in ("baseline", "code", "evaluate"):
        assert tdev("stage", name, "--run-dir", folder).exit_code == 0
    ended = tdev("stage", "gate", "--run-dir", folder)
    assert ended.exit_code == 4
    assert tdev("stage", "publish", "--run-dir", folder).exit_code == 0
    assert git(old_repository, "for-each-ref", "refs/heads/tdev") == ""


def test_a_stage_out_of_order_says_what_is_missing(tdev: Tdev, old_repository: Path) -> None:
    planned = tdev("evolve", "modernise", "--repo", old_repository, "--plan-only", "--json")
    folder = Path(planned.json["run_dir"])
    ended = tdev("stage", "gate", "--run-dir", folder)
    assert ended.exit_code == 2
    assert "has no evaluation.json" in ended.stderr or "has no patch.json" in ended.stderr
    ended = tdev("stage", "gate", "--run-dir", folder.parent)
    assert ended.exit_code == 2
    assert "goal.json" in ended.stderr
