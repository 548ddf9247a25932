"""`tdev evolve` on real repositories: the branch, the untouched checkout, and every kind of bad input."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.command import OLD_CALC, OLD_FILES, TEST_CALC, WITHOUT_SECRETS, Tdev, fingerprint, git

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("recalled")]
Make = Callable[[Mapping[str, str | bytes]], Path]


def branches(repository: Path) -> list[str]:
    return git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads/tdev").splitlines()


def test_a_branch_with_what_was_asked(tdev: Tdev, make_repository: Make) -> None:
    old_repository = make_repository(OLD_FILES)
    ended = tdev("evolve", "modernise", "--repo", old_repository, "--json")
    assert ended.exit_code == 0, ended.stderr
    result = ended.json
    assert result["outcome"] == "published"
    assert result["verdict"] == "pass"
    assert result["gates"] == {"security": "pass", "tests": "pass", "quality": "pass"}
    assert branches(old_repository) == [result["branch"]] == ["tdev/auto/modernise"]
    new = git(old_repository, "show", f"{result['branch']}:calc.py")
    assert "class Calculator:" in new
    message = git(old_repository, "log", "-1", "--format=%B", result["branch"])
    assert f"Tdev-Run: {result['run_id']}" in message
    assert result["metrics"]["after"]["tests_passed"] == result["metrics"]["before"]["tests_passed"] == 2
    body = (Path(result["run_dir"]) / "pull-request.md").read_text()
    assert result["run_id"] in body
    assert "mermaid" in body
    verified = tdev("run", "verify", result["run_id"])
    assert verified.exit_code == 0
    (Path(result["run_dir"]) / "verdict.json").write_text("{}")
    tampered = tdev("run", "verify", result["run_id"])
    assert tampered.exit_code != 0
    assert "verdict.json" in tampered.stdout


def test_the_checkout_index_and_stash_are_untouched(tdev: Tdev, old_repository: Path) -> None:
    (old_repository / "README.md").write_text("# stashed\n")
    git(old_repository, "stash")
    (old_repository / "staged.txt").write_text("staged\n")
    git(old_repository, "add", "staged.txt")
    (old_repository / "calc.py").write_text(OLD_CALC + "# mine, not committed\n")
    (old_repository / "untracked.txt").write_text("untracked\n")
    before = {
        "status": git(old_repository, "status", "--porcelain=v2", "--branch"),
        "stash": git(old_repository, "stash", "list"),
        "index": (old_repository / ".git" / "index").read_bytes(),
        "head": git(old_repository, "rev-parse", "HEAD"),
        "config": (old_repository / ".git" / "config").read_text(),
    }
    ended = tdev("evolve", "modernise", "--repo", old_repository, "--json")
    assert ended.exit_code == 0, ended.stderr
    after = {
        "status": git(old_repository, "status", "--porcelain=v2", "--branch"),
        "stash": git(old_repository, "stash", "list"),
        "index": (old_repository / ".git" / "index").read_bytes(),
        "head": git(old_repository, "rev-parse", "HEAD"),
        "config": (old_repository / ".git" / "config").read_text(),
    }
    assert after == before
    assert (old_repository / "calc.py").read_text().endswith("# mine, not committed\n")
    assert "mine, not committed" not in git(old_repository, "show", "tdev/auto/modernise:calc.py")


def test_asking_twice_finds_the_first(tdev: Tdev, old_repository: Path) -> None:
    first = tdev("evolve", "modernise", "--repo", old_repository, "--json").json
    refs = git(old_repository, "for-each-ref")
    second = tdev("evolve", "modernise", "--repo", old_repository, "--json").json
    assert second["branch"] == first["branch"]
    assert git(old_repository, "for-each-ref") == refs
    publication = json.loads((Path(second["run_dir"]) / "publication.json").read_text())
    assert publication["found"] is True
    resumed = tdev("run", "resume", first["run_id"], "--json")
    assert resumed.exit_code == 0
    assert git(old_repository, "for-each-ref") == refs


def test_a_dry_run_touches_nothing(tdev: Tdev, old_repository: Path) -> None:
    before = fingerprint(old_repository)
    ended = tdev("evolve", "modernise", "--repo", old_repository, "--dry-run")
    assert ended.exit_code == 0, ended.stderr
    assert "-class Calculator(object):" in ended.stdout
    assert fingerprint(old_repository) == before


def test_plan_only_stops_after_the_plan(tdev: Tdev, old_repository: Path) -> None:
    before = fingerprint(old_repository)
    ended = tdev("evolve", "modernise", "--repo", old_repository, "--plan-only")
    assert ended.exit_code == 0, ended.stderr
    assert "T1" in ended.stdout
    assert fingerprint(old_repository) == before


def test_a_branch_of_that_name_is_never_moved(tdev: Tdev, old_repository: Path) -> None:
    git(old_repository, "branch", "tdev/auto/modernise")
    mine = git(old_repository, "rev-parse", "tdev/auto/modernise")
    result = tdev("evolve", "modernise", "--repo", old_repository, "--json").json
    assert result["branch"].startswith("tdev/auto/modernise-")
    assert git(old_repository, "rev-parse", "tdev/auto/modernise") == mine


def test_a_branch_in_the_way_is_said(tdev: Tdev, old_repository: Path) -> None:
    git(old_repository, "branch", "tdev")
    ended = tdev("evolve", "modernise", "--repo", old_repository, "--json")
    assert ended.exit_code == 3
    assert "stands in its way" in ended.stderr


def test_detached_head(tdev: Tdev, old_repository: Path) -> None:
    git(old_repository, "checkout", "--quiet", "--detach")
    ended = tdev("evolve", "modernise", "--repo", old_repository, "--json")
    assert ended.exit_code == 0, ended.stderr
    assert git(old_repository, "status", "--porcelain=v2", "--branch").splitlines()[1] == "# branch.head (detached)"


def test_a_bare_clone_a_shallow_clone_and_a_linked_worktree(tdev: Tdev, old_repository: Path, tmp_path: Path) -> None:
    (old_repository / "more.txt").write_text("more\n")
    git(old_repository, "add", ".")
    git(old_repository, "commit", "-qm", "more")
    git(tmp_path, "clone", "--quiet", "--bare", str(old_repository), "bare.git")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{old_repository}", "shallow")
    git(old_repository, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    for name in ("bare.git", "shallow", "linked"):
        ended = tdev("evolve", "modernise", "--repo", tmp_path / name, "--json")
        assert ended.exit_code == 0, (name, ended.stderr)
        assert branches(tmp_path / name) == ["tdev/auto/modernise"]


def test_no_tests_is_an_error_at_the_gate_unless_waived(tdev: Tdev, make_repository: Make) -> None:
    repository = make_repository({"calc.py": OLD_CALC, ".github/tdev.yml": WITHOUT_SECRETS})
    ended = tdev("evolve", "modernise", "--repo", repository, "--json")
    assert ended.exit_code == 4, ended.stderr
    assert ended.json["gates"]["tests"] == "error"
    assert branches(repository) == []
    policy = WITHOUT_SECRETS + "waivers:\n  - check: no-tests\n    reason: a collection of snippets, nothing to test\n"
    waived = make_repository({"calc.py": OLD_CALC, ".github/tdev.yml": policy})
    ended = tdev("evolve", "modernise", "--repo", waived, "--json")
    assert ended.exit_code == 0, ended.stderr
    assert ended.json["gates"]["tests"] == "waived"
    assert "a collection of snippets" in (Path(ended.json["run_dir"]) / "pull-request.md").read_text()


def test_tests_that_failed_before_do_not_block_and_are_shown(tdev: Tdev, make_repository: Make) -> None:
    failing = TEST_CALC + "\n\ndef test_broken() -> None:\n    assert Calculator().total([1]) == 2\n"
    files = {**OLD_FILES, "test_calc.py": failing, ".github/tdev.yml": WITHOUT_SECRETS}
    ended = tdev("evolve", "modernise", "--repo", make_repository(files), "--json")
    assert ended.exit_code == 0, ended.stderr
    assert ended.json["metrics"]["after"]["tests_failed"] == 1


def test_syntax_errors_and_undecodable_files_are_left_alone(tdev: Tdev, make_repository: Make) -> None:
    calm = {**OLD_FILES, ".github/tdev.yml": WITHOUT_SECRETS}
    files = {**calm, "broken.py": "def broken(:\n", "latin.py": b"name = 'caf\xe9'\n", "data.bin": b"\0\xff" * 100}
    repository = make_repository(files)
    ended = tdev("evolve", "modernise", "--repo", repository, "--json")
    assert ended.exit_code == 0, ended.stderr
    changed = git(repository, "diff", "--name-only", "HEAD", ended.json["branch"]).splitlines()
    assert changed == ["calc.py"]


def test_a_repository_without_python(tdev: Tdev, make_repository: Make) -> None:
    ended = tdev("evolve", "modernise", "--repo", make_repository({"README.md": "# Prose\n"}), "--json")
    assert ended.exit_code == 0, ended.stderr
    assert ended.json["outcome"] == "unchanged"


def test_an_empty_commit(tdev: Tdev, make_repository: Make) -> None:
    ended = tdev("evolve", "modernise", "--repo", make_repository({}), "--json")
    assert ended.exit_code == 0, ended.stderr
    assert ended.json["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("goal", "told"),
    [("make it faster", "No recipe can do"), ("modernize everything and fix bug 12", "No recipe can do")],
)
def test_what_recipes_can_not_do_is_refused(tdev: Tdev, old_repository: Path, goal: str, told: str) -> None:
    before = fingerprint(old_repository)
    ended = tdev("evolve", goal, "--repo", old_repository)
    assert ended.exit_code == 3
    assert told in ended.stderr
    assert fingerprint(old_repository) == before


def test_places_that_are_no_repository(tdev: Tdev, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    ended = tdev("evolve", "modernise", "--repo", empty)
    assert ended.exit_code == 3
    assert "not a git repository" in ended.stderr
    git(empty, "init", "--quiet")
    ended = tdev("evolve", "modernise", "--repo", empty)
    assert ended.exit_code == 3
    assert "no commit yet" in ended.stderr
    ended = tdev("evolve", "modernise", "--repo", tmp_path / "nowhere")
    assert ended.exit_code == 3
    assert "no folder" in ended.stderr


def test_claude_without_a_credential(tdev: Tdev, old_repository: Path) -> None:
    ended = tdev("evolve", "modernise", "--repo", old_repository, "--engine", "claude")
    assert ended.exit_code == 2
    assert "ANTHROPIC_API_KEY" in ended.stderr


def test_a_wrong_policy_names_the_place(tdev: Tdev, make_repository: Make) -> None:
    repository = make_repository({**OLD_FILES, ".github/tdev.yml": "version: 1\ngates:\n  tests:\n    coverge: 3\n"})
    ended = tdev("evolve", "modernise", "--repo", repository)
    assert ended.exit_code == 2
    assert ".github/tdev.yml:4:5" in ended.stderr


def test_tests_that_hang_are_no_pass(tdev: Tdev, make_repository: Make) -> None:
    hanging = TEST_CALC + "\n\ndef test_hang() -> None:\n    import time\n\n    time.sleep(600)\n"
    policy = WITHOUT_SECRETS + "limits:\n  test_seconds: 5\n"
    repository = make_repository({**OLD_FILES, "test_calc.py": hanging, ".github/tdev.yml": policy})
    ended = tdev("evolve", "modernise", "--repo", repository, "--json")
    assert ended.exit_code == 4, ended.stderr
    assert ended.json["gates"]["tests"] == "error"
    assert branches(repository) == []


def test_nothing_outside_the_write_scope_is_changed(tdev: Tdev, make_repository: Make) -> None:
    policy = "version: 1\nscope:\n  write: [docs/**]\n"
    repository = make_repository({**OLD_FILES, ".github/tdev.yml": policy})
    ended = tdev("evolve", "modernise", "--repo", repository, "--json")
    assert ended.exit_code == 0, ended.stderr
    assert ended.json["outcome"] == "unchanged"
    assert branches(repository) == []
