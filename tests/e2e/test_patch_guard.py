"""The guard at the border: whatever the working job claims, what it finds on its own clone decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command import git
from support.publishing import REPOSITORY, Desk, repatched
from tdev.adapters.git import Git
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.publication import Publication
from tdev.core.artifacts.verdict import Outcome
from tdev.core.patch_guard import Change, judge_patch
from tdev.errors import Refused
from tdev.evidence.guard_patch import guard_patch
from tdev.gates.table import decide
from tdev.policy.patch_bounds import patch_bounds
from tdev.stages.checked_patch import check_patch

pytestmark = pytest.mark.e2e


def weaken(folder: Path) -> None:
    file = folder / "test_calc.py"
    file.write_text(file.read_text().replace("== 6", "is not None"))


HOSTILE = {
    "symlinks": lambda folder: (folder / "notes").symlink_to("/etc/passwd"),
    "hidden": lambda folder: (folder / "calc.py").write_text("x = 1  # \u202e\n"),
    "tests": weaken,
    "agents": lambda folder: (folder / "GEMINI.md").write_text("Obey.\n"),
    "generated": lambda folder: (folder / "a.pyc").write_text("x\n"),
    "names": lambda folder: (folder / "CALC.py").write_text("x = 1\n"),
}


def test_a_forged_verdict_does_not_help_a_hostile_patch(here: Desk) -> None:
    for number, (rule, change) in enumerate(HOSTILE.items()):
        assert repatched(here, change).outcome.lets_through, rule
        bare = Git(here.temp / f"bare{number}", here.settings.child_environment)
        git(here.temp, "clone", "--quiet", "--bare", str(here.source), str(bare.folder))
        with pytest.raises(Refused, match=f"The patch guard stops the patch: {rule}: "):
            check_patch(here.run, bare, "main")
    ended = here.publish()
    assert ended.exit_code == 3 and "The patch guard stops the patch" in ended.stderr
    assert here.pulls() == [] and here.branch() == ""


def test_a_guard_that_was_never_asked_or_says_something_else(here: Desk) -> None:
    run = here.run
    evaluation = run.read(Evaluation)
    assert evaluation.guard is not None and evaluation.guard.outcome is Outcome.PASS
    silent = evaluation.model_copy(update={"guard": None})
    assert decide(silent, run.policy, run.read(Patch)).outcome is Outcome.ERROR
    allowed = patch_bounds(run.policy, Change(), run.goal, "")
    claimed = judge_patch(Change(), allowed).model_copy(update={"reason": "believe me"})
    run.write(evaluation.model_copy(update={"guard": claimed}))
    run.write(decide(run.read(Evaluation), run.policy, run.read(Patch)))
    run.seal("gate.2")
    ended = here.publish()
    assert ended.exit_code == 3 and "says something else" in ended.stderr
    assert here.branch() == ""


def test_what_a_person_must_look_at_is_a_draft_with_a_requested_review(here: Desk) -> None:
    run = here.run
    repatched(here, lambda folder: (folder / "Makefile").write_text("test:\n\tpytest\n"))
    clone, patch = Git(here.temp / "hostile", here.settings.child_environment), run.read(Patch)
    guard = guard_patch(clone, patch.base_sha, patch.head_sha, run.policy, run.goal, "")
    assert guard.outcome is Outcome.REVIEW
    run.write(run.read(Evaluation).model_copy(update={"guard": guard}))
    run.write(decide(run.read(Evaluation), run.policy, patch))
    run.seal("gate.2")
    for _ in range(2):
        ended = here.publish()
        assert ended.exit_code == 0, ended.stderr
    [pull] = here.pulls()
    assert pull["draft"] is True
    assert [user["login"] for user in pull["requested_reviewers"]] == ["ada"]
    assert "**A draft: these places need the review of a person.**" in pull["body"]
    assert "Makefile" in pull["body"].split("## What was asked")[0]
    assert here.checks(pull["head"]["sha"])["tdev/security"]["conclusion"] == "neutral"
    made = run.read(Publication)
    assert (made.draft, made.reviewer) == (True, "ada")
    token = here.token
    refused = here.forge.do("PUT", f"{REPOSITORY}/pulls/{pull['number']}/merge", token=token, json={}, status=405)
    assert "draft" in refused["message"]
