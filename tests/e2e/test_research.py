"""research, on real repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support.command import fingerprint, git
from tdev.adapters import run_dir
from tdev.adapters.git import open_repository
from tdev.adapters.run_dir import RunDir
from tdev.adapters.scan_apart import scan_apart
from tdev.adapters.source_tree import MAX_BLOB_BYTES
from tdev.core.artifacts.goal import Goal, GoalKind, Repository
from tdev.core.artifacts.insights import Insight, Insights
from tdev.core.run import new_run_id, new_trace_id, utc_now
from tdev.core.scan import scan_file
from tdev.errors import TransientError
from tdev.policy.model import Policy, Research
from tdev.settings import Settings
from tdev.stages.research import research

pytestmark = pytest.mark.e2e
Make = Callable[[Mapping[str, str | bytes]], Path]
Look = Callable[..., RunDir]

FILES = {
    "pkg/__init__.py": "",
    "pkg/core.py": "import os\nfrom typing import List\n\n\ndef total(numbers: List[int]):\n    return sum(numbers)\n",
    "tests/test_other.py": "def test_nothing() -> None:\n    assert True\n",
    "web/app.js": "let x = 1\nlet y = 2\n",
    "requirements.txt": "requests==2.19.1\n",
}


@pytest.fixture
def look(settings: Settings) -> Look:
    """A function that runs the stage on a repository and returns the run."""

    def run_it(repository: Path, *, project: str = ".", policy: Research | None = None) -> RunDir:
        opened = open_repository(repository, settings.child_environment)
        goal = Goal(
            run_id=new_run_id(),
            goal_id="g",
            trace_id=new_trace_id(),
            kind=GoalKind.EVOLVE,
            text="",
            title="t",
            slug="t",
            repository=Repository(path=str(opened.folder), name=repository.name, base_sha=opened.commit_of("HEAD")),
            project=project,
            engine="recipes",
            engine_reason="",
            created_at=utc_now(),
        )
        run = run_dir.create(settings, goal, Policy(research=policy or Research()))
        return research(run)

    return run_it


def insights(run: RunDir) -> Insights:
    return run.read(Insights)


def by_kind(run: RunDir) -> dict[str, Insight]:
    return {one.kind: one for one in insights(run).insights}


def test_insights_with_evidence_effort_priority_and_recipe(make_repository: Make, look: Look) -> None:
    repository = make_repository(FILES)
    before = fingerprint(repository)
    run = look(repository)
    found = by_kind(run)
    assert set(found) == {"unused-import", "old-syntax", "missing-types", "missing-docstring", "untested-module"}
    for kind, path, line in (("unused-import", "pkg/core.py", 1), ("missing-types", "pkg/core.py", 5)):
        assert [(one.path, one.line) for one in found[kind].evidence] == [(path, line)]
    assert found["old-syntax"].recipe == "modernise" and found["untested-module"].recipe == "tests"
    order = [one.priority for one in insights(run).insights]
    assert order == sorted(order, reverse=True) and all(0 < value <= 1 for value in order)
    page = (run.path / "insights.md").read_text()
    assert "[pkg/core.py:5](<pkg/core.py#L5>)" in page and "| JavaScript | 1 | 2 |" in page
    assert fingerprint(repository) == before


def test_the_commit_is_judged_and_not_the_work_tree(make_repository: Make, look: Look) -> None:
    repository = make_repository({"a.py": '"""Doc."""\n'})
    (repository / "a.py").write_text("def broken(:\n")
    (repository / "new.py").write_text("import os\n")
    git(repository, "add", "new.py")
    run = look(repository)
    assert insights(run).insights == () and insights(run).unreadable == () and insights(run).files_scanned == 1


def test_a_second_run_is_answered_by_the_cache(make_repository: Make, look: Look) -> None:
    repository = make_repository(FILES)
    first, second = insights(look(repository)), insights(look(repository))
    assert (first.files_cached, second.files_cached) == (0, first.files_scanned)
    assert second.insights == first.insights and second.languages == first.languages
    (repository / "pkg/core.py").write_text('"""Doc."""\n')
    git(repository, "commit", "-aqm", "change")
    third = insights(look(repository))
    assert third.files_cached == third.files_scanned - 1


@pytest.mark.parametrize("damage", [b"", b"nonsense" * 4096, None])
def test_a_damaged_or_missing_cache_changes_nothing(
    make_repository: Make, look: Look, settings: Settings, damage: bytes | None
) -> None:
    repository = make_repository(FILES)
    first = insights(look(repository))
    (file,) = (settings.cache / "scan").glob("*.sqlite")
    if damage is None:
        shutil.rmtree(settings.cache)
        settings.cache.write_text("a file where the folder should be")
    else:
        file.write_bytes(damage)
    run = look(repository)
    assert insights(run) == first
    trouble = '"cache_trouble":""' not in (run.path / "events.jsonl").read_text().splitlines()[-1]
    assert trouble is (damage != b"")


def test_two_runs_at_once_see_the_same(make_repository: Make, look: Look, settings: Settings) -> None:
    repository = make_repository({f"m{number}.py": f"def f{number}(x): ...\n" * 20 for number in range(300)})
    words = (sys.executable, "-m", "bench.research_once", str(repository), str(settings.home))
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    both = [subprocess.Popen(words, cwd=root, env=environment, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    first, second = (RunDir(path, settings).read(Insights) for path in sorted(settings.runs.iterdir()))
    assert first.insights == second.insights and first.files_scanned == 300
    assert insights(look(repository)).files_cached == 300


def test_a_bare_repository_and_a_detached_head(make_repository: Make, look: Look, tmp_path: Path) -> None:
    repository = make_repository(FILES)
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare.git")
    git(repository, "checkout", "--quiet", "--detach")
    (repository / "only-here.py").write_text("")
    assert insights(look(tmp_path / "bare.git")).insights == insights(look(repository)).insights


def test_what_cannot_be_read_is_listed_with_the_reason(make_repository: Make, look: Look) -> None:
    repository = make_repository(
        {
            "broken.py": "x = 1\ndef f(:\n",
            "latin.py": b"# coding: latin-1\nname = '\xe9'\n",
            "undeclared.py": b"name = '\xe9'\n",
            "null.py": b"x = 1\0",
            "deep.py": b"x=" + b"-" * 200_000 + b"1",
            "huge.py": b"x = 1\n" * (MAX_BLOB_BYTES // 6 + 1),
            "binary.js": b"\0\1\2",
        }
    )
    (repository / "link.py").symlink_to("/etc/passwd")
    git(repository, "add", "link.py")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{'a' * 40},module")
    git(repository, "commit", "-qm", "link and submodule")
    run = look(repository)
    seen = insights(run)
    assert {one.path: one.line for one in seen.unreadable} == {
        "broken.py": 2,
        "undeclared.py": 0,
        "null.py": 0,
        "deep.py": 0,
    }
    assert {one.path: one.detail for one in seen.skipped} == {
        "link.py": "symbolic link",
        "module": "submodule",
        "huge.py": "larger than 2 MiB",
        "binary.js": "binary file",
    }
    assert "root:" not in (run.path / "insights.json").read_text()
    page = (run.path / "insights.md").read_text()
    assert "broken.py:2" in page and "symbolic link" in page


def test_large_files_that_stall_the_parser_stop_neither_the_run_nor_the_others(
    make_repository: Make, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tdev.adapters.scan_apart.SECONDS", 2.0)
    monkeypatch.setattr("tdev.adapters.scan_apart.SECONDS_PER_MIB", 0.0)
    stalling = b"x = f'" + b"{a}" * 600_000 + b"'\n"
    files = {f"m{number}.py": stalling + b"#" * number for number in range(4)}
    run = look(make_repository({"a.py": b"x = 1\n" * 30_000, **files, "z.py": b"x = 1\n"}))
    seen = insights(run)
    reasons = {one.path: one.detail for one in seen.unreadable}
    assert "time or memory" in reasons["m0.py"] and "was not tried" in reasons["m3.py"]
    assert "a.py" not in reasons and seen.files_scanned == 6


def test_large_files_give_the_same_facts_as_small_ones(settings: Settings) -> None:
    source = b"import os\n\n\ndef f(x):\n    return x  # TODO: caf\xc3\xa9\n" * 5000
    apart = scan_apart([("a.py", source), ("b.py", b"x = (")], settings.child_environment)
    assert apart == [scan_file("a.py", source), scan_file("b.py", b"x = (")]


def test_file_names_that_are_hard_to_write(make_repository: Make, look: Look) -> None:
    names = ["with space.py", "tab\there.py", "new\nline.py", "ünïcode.py", "-dash.py", "a;b$(c).py", "'quote\".py"]
    repository = make_repository(dict.fromkeys(names, "import os\n"))
    raw = os.fsencode(repository) + b"/not-utf-8-\xff.py"
    with open(raw, "wb") as file:  # noqa: PTH123
        file.write(b"import os\n")
    git(repository, "add", "--all")
    git(repository, "commit", "-qm", "bytes")
    run = look(repository)
    assert insights(run).files_scanned == len(names) + 1
    evidence = {place.path for one in insights(run).insights for place in one.evidence}
    assert set(names) <= evidence


def test_repositories_without_python_or_without_files(make_repository: Make, look: Look) -> None:
    only_go = insights(look(make_repository({"main.go": "package main\n"})))
    assert only_go.insights == () and [one.language for one in only_go.languages] == ["Go"]
    empty = look(make_repository({}))
    assert insights(empty) == Insights()
    assert "no Python files" in (empty.path / "events.jsonl").read_text()


def test_the_policys_globs_and_the_goals_project_limit_what_is_looked_at(make_repository: Make, look: Look) -> None:
    repository = make_repository({"a/x.py": "import os\n", "b/y.py": "import os\n", "b/gen/z.py": "import os\n"})
    excluded = look(repository, policy=Research(exclude=("**/gen/**",)))
    assert insights(excluded).files_scanned == 2
    below = look(repository, project="b")
    assert {one.path for one in insights(below).insights} == {"b/y.py", "b/gen/z.py"}


def test_the_policys_limits(make_repository: Make, look: Look) -> None:
    repository = make_repository(FILES)
    cut = insights(look(repository, policy=Research(insights=1)))
    assert cut.truncated and len(cut.insights) == 1
    strict = by_kind(look(repository, policy=Research(long_function_lines=1, complexity=1)))
    assert "long-function" in strict


def test_the_age_of_a_pin_comes_from_history(make_repository: Make, look: Look, tmp_path: Path) -> None:
    repository = make_repository({"a.py": '"""Doc."""\n'})
    for text, date in (("old==1.0\n", ("--date=2019-01-01T00:00:00",)), ("old==1.0\nyoung==2.0\n", ())):
        (repository / "requirements.txt").write_text(text)
        git(repository, "add", "--all")
        git(repository, "commit", "-qm", "pins", *date)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    assert "old-dependency" not in by_kind(look(tmp_path / "shallow"))
    found = by_kind(look(repository))["old-dependency"]
    assert [one.line for one in found.evidence] == [1]
    assert "old 1.0, pinned" in found.evidence[0].detail


def test_files_that_change_often_come_first(make_repository: Make, look: Look) -> None:
    repository = make_repository({"calm.py": "import os\n", "lively.py": "import os\n"})
    for number in range(6):
        (repository / "lively.py").write_text(f"import os\nx = {number}\n")
        git(repository, "commit", "-aqm", "again")
    found = [one.path for one in insights(look(repository)).insights if one.kind == "unused-import"]
    assert found == ["lively.py", "calm.py"]


def test_missing_objects_are_said_and_not_passed_over(make_repository: Make, look: Look) -> None:
    repository = make_repository(FILES)
    blob = git(repository, "rev-parse", "HEAD:pkg/core.py")
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(TransientError, match=r"pkg/core\.py"):
        look(repository)


def test_a_hostile_repository_configuration_runs_nothing(make_repository: Make, look: Look, tmp_path: Path) -> None:
    repository = make_repository({**FILES, ".gitattributes": "* diff=evil filter=evil export-ignore\n"})
    witness = tmp_path / "witness"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {witness}\ncat\n")
    script.chmod(0o755)
    for key in ("diff.evil.textconv", "filter.evil.smudge", "filter.evil.process", "core.fsmonitor", "core.pager"):
        git(repository, "config", key, str(script))
    assert insights(look(repository)).files_scanned == 3
    assert not witness.exists()


def test_settings_elsewhere_keep_their_own_cache(make_repository: Make, look: Look, settings: Settings) -> None:
    look(make_repository(FILES))
    other = replace(settings, home=settings.home.parent / "other")
    assert not other.cache.exists() and list((settings.cache / "scan").glob("facts-*.sqlite"))
