"""The job that judges anew: a forged verdict, a branch that moved, and a conflict; and the same without GitHub."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command import git
from support.publishing import REPOSITORY, Desk, payload, ran, repatched
from tdev.adapters import workspace
from tdev.adapters.git import Git
from tdev.core.artifacts.evaluation import Evaluation, TestOutcome
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.publication import Publication
from tdev.core.artifacts.rebase import Rebase
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.stages.publish import publish
from tdev.stages.rebase import follow

pytestmark = pytest.mark.e2e
BRANCH = "tdev/auto/modernise"


def put_out(here: Desk) -> str:
    """The digest that the job puts out."""
    lines = (here.temp / "output").read_text().splitlines()
    return next(line.removeprefix("manifest=") for line in reversed(lines) if line.startswith("manifest="))


def moved(here: Desk, files: dict[str, str]) -> str:
    """The default branch with one more commit of a person, checked out here; the commit."""
    tip = here.as_person("main", files)
    git(here.source, "checkout", "--quiet", "-B", "main", tip)
    return tip


def break_sums(folder: Path) -> None:
    file = folder / "calc.py"
    file.write_text(file.read_text().replace("start or 0", "0"))


def test_a_verdict_that_the_working_job_made_up_is_not_believed(here: Desk) -> None:
    assert repatched(here, break_sums).outcome.lets_through
    ended = here.gate(here.source)
    assert ended.exit_code == 0, ended.stderr
    verdict = here.run.read(Verdict)
    assert verdict.outcome is Outcome.FAIL, verdict.reason
    after = here.run.read(Evaluation).after.tests
    assert after.count(TestOutcome.FAILED) == 1
    ended = here.publish(judged=put_out(here))
    assert ended.exit_code == 4, ended.stderr
    assert here.pulls() == [] and here.branch() == ""


def test_a_run_is_judged_on_top_of_a_branch_that_moved(here: Desk) -> None:
    start = here.run.read(Patch).base_sha
    tip = moved(here, {"more.py": '"""More."""\n', "README.md": "# calc\n\nSums.\n"})
    ended = here.gate(here.source)
    assert ended.exit_code == 0, ended.stderr
    assert f"on top of {tip[:10]}: pass" in ended.stdout
    run = here.run
    rebase, patch, evaluation = run.read(Rebase), run.read(Patch), run.read(Evaluation)
    assert (rebase.from_sha, rebase.to_sha, rebase.conflict) == (start, tip, "")
    assert patch.base_sha == tip and [file.path for file in patch.files] == ["calc.py"]
    assert (evaluation.before.sha, evaluation.after.sha) == (tip, patch.head_sha)
    assert patch.attempts and run.verify() == ""
    assert here.publish(judged="0" * 64).exit_code == 3
    ended = here.publish(judged=put_out(here))
    assert ended.exit_code == 0, ended.stderr
    [pull] = here.pulls()
    assert here.branch() == pull["head"]["sha"] == patch.head_sha
    made = run.read(Publication)
    assert made.rebased_from == start and pull["commits_url"]
    repository = here.forge.store.git(here.repository)
    assert repository.text("rev-parse", f"{patch.head_sha}^") == tip


def test_a_conflict_ends_the_run_and_is_told_on_the_issue(here: Desk) -> None:
    moved(here, {"calc.py": '"""Sums, otherwise."""\n'})
    ended = here.gate(here.source)
    assert ended.exit_code == 0, ended.stderr
    assert "conflicts with what was changed there: calc.py" in ended.stdout
    for _ in range(2):
        ended = here.publish()
        assert ended.exit_code == 3, ended.stderr
    [comment] = here.forge.get(f"{REPOSITORY}/issues/1/comments")
    assert "# The branch has moved" in comment["body"] and "calc.py" in comment["body"]
    assert here.pulls() == [] and here.branch() == ""
    assert "conflicts" in here.run.read(Publication).reason


def test_a_branch_whose_history_was_rewritten(here: Desk) -> None:
    git(here.source, "checkout", "--quiet", "--orphan", "other")
    git(here.source, "commit", "--quiet", "-m", "all new")
    ended = here.gate(here.source)
    assert ended.exit_code == 0, ended.stderr
    assert "is no longer on it" in ended.stdout
    assert here.run.read(Rebase).conflict


def test_doing_it_again_gives_the_same_commits_and_what_is_there_already_is_told(here: Desk) -> None:
    tip = moved(here, {"more.py": '"""More."""\n'})
    run = here.run
    kept = {name: (run.path / name).read_bytes() for name in ("goal.json", "patch.json", workspace.BUNDLE_FILE)}
    heads = []
    for _ in range(2):
        for name, data in kept.items():
            (run.path / name).write_bytes(data)
        assert follow(run, here.source, tip) is not None
        heads.append(run.read(Patch).head_sha)
    assert heads[0] == heads[1]
    (run.path / "patch.json").write_bytes(kept["patch.json"])
    (run.path / "goal.json").write_bytes(kept["goal.json"])
    (run.path / workspace.BUNDLE_FILE).write_bytes(kept[workspace.BUNDLE_FILE])
    modern = git(here.source, "show", f"{fetched(here)}:calc.py")
    same = moved(here, {"calc.py": f"{modern}\n"})
    made = follow(run, here.source, same)
    assert made is not None and "holds the same change already" in made.conflict


def fetched(here: Desk) -> str:
    """The patch's commit, brought into the work tree's objects."""
    git(here.source, "fetch", "--quiet", str(here.run.path / workspace.BUNDLE_FILE), f"refs/heads/{BRANCH}")
    return git(here.source, "rev-parse", "FETCH_HEAD")


def test_a_local_run_follows_its_branch_too(here: Desk) -> None:
    run = here.run
    goal = run.goal
    run.write(goal.model_copy(update={"repository": goal.repository.model_copy(update={"path": str(here.source)})}))
    (here.source / "more.py").write_text('"""More."""\n')
    git(here.source, "add", "--all")
    git(here.source, "commit", "--quiet", "-m", "meanwhile")
    publish(run)
    made, patch = run.read(Publication), run.read(Patch)
    assert made.rebased_from == goal.repository.base_sha and made.branch == BRANCH
    tip = git(here.source, "rev-parse", "main")
    assert git(here.source, "rev-parse", f"{BRANCH}^") == tip == run.read(Evaluation).before.sha
    assert run.read(Evaluation).after.sha == patch.head_sha
    assert not Git(here.source, here.settings.child_environment).dirty()


def test_a_run_that_is_no_build_has_no_contract_and_another_run_is_refused(here: Desk) -> None:
    job = here.environment(payload())
    ended = ran(here.settings, "job", "contract", "--repo", str(here.source), "--run-dir", "", **job)
    assert ended.exit_code == 0 and "contract: skipped: it is no build" in ended.stdout, ended.stderr
    assert "verdict=skipped" in (here.temp / "output").read_text()
    job = here.environment(payload(kind="build"))
    ended = ran(here.settings, "job", "contract", "--repo", str(here.source), **job)
    assert ended.exit_code == 3 and "its kind is evolve, not build" in ended.stderr


def test_the_plan_is_drawn_on_the_page_of_the_workflow_run(here: Desk) -> None:
    job = here.environment(payload())
    ended = ran(here.settings, "job", "go", "plan", "--run-dir", str(here.run.path), **job)
    assert ended.exit_code == 0, ended.stderr
    page = (here.temp / "summary").read_text()
    assert "# Plan: modernise" in page and "```mermaid\nflowchart" in page
    assert f"run-dir={here.run.path}" in (here.temp / "output").read_text()
