"""semgrep and radon asked file by file say what they say of the whole tree, and are asked only about what is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.command import git
from tdev.adapters import run_dir
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Goal
from tdev.core.artifacts.finding import Finding, ToolReport
from tdev.core.artifacts.goal import GoalKind, Repository
from tdev.core.run import new_run_id, new_trace_id, utc_now
from tdev.evidence import by_file
from tdev.evidence.subject import Commit
from tdev.policy.model import Policy
from tdev.settings import Settings
from tdev.tools import radon, semgrep

pytestmark = pytest.mark.e2e

DANGEROUS = "import subprocess\n\n\ndef run(word):\n    subprocess.run(f'ls {word}', shell=True)\n"
FILES: Mapping[str, str | bytes] = {
    "a.py": DANGEROUS,
    "pkg/b.py": "import yaml\n\n\ndef load(text):\n    return yaml.load(text, Loader=yaml.Loader)\n",
    "pkg/broken.py": "def (:\n    eval(given)\n",
    "Dockerfile": "FROM python:latest\nRUN curl https://example.org/x.sh | sh\n",
    "README.md": "# words\n",
}
Make = Callable[[Mapping[str, str | bytes]], Path]


def commit_of(settings: Settings, folder: Path) -> Commit:
    goal = Goal(
        run_id=new_run_id(),
        goal_id="g-1",
        trace_id=new_trace_id(),
        kind=GoalKind.EVOLVE,
        text="modernise",
        title="modernise",
        slug="modernise",
        repository=Repository(path=str(folder), name="it", base_sha=git(folder, "rev-parse", "HEAD")),
        engine="recipes",
        engine_reason="asked for",
        created_at=utc_now(),
    )
    run: RunDir = run_dir.create(settings, goal, Policy())
    return Commit(run, "after", run.goal.repository.base_sha, folder)


def said(report: ToolReport) -> list[tuple[str, int, str, str]]:
    def row(finding: Finding) -> tuple[str, int, str, str]:
        return finding.path, finding.line, finding.rule, finding.fingerprint

    assert report.ok, report.reason
    return sorted(row(finding) for finding in report.findings)


def test_the_same_as_of_the_whole_and_only_new_files_are_asked_about(
    make_repository: Make, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_repository(FILES)
    asked: list[object] = []
    real = semgrep.scan_files

    def noting(settings: Settings, root: Path, timeout: float, paths: list[str] | None = None) -> semgrep.Scan:
        asked.append(paths)
        return real(settings, root, timeout, paths)

    monkeypatch.setattr(by_file.semgrep, "scan_files", noting)
    first = by_file.static_analysis(commit_of(settings, folder))
    whole = semgrep.scan(settings, folder, 120)
    assert said(first) == said(whole) and first.examined == whole.examined
    assert {finding.path for finding in first.findings} >= {"a.py", "pkg/b.py", "pkg/broken.py", "Dockerfile"}

    asked.clear()
    (folder / "new.py").write_text(DANGEROUS)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one more")
    second = by_file.static_analysis(commit_of(settings, folder))
    # what could not be analysed is not kept, so it is asked about again
    assert asked == [["new.py", "pkg/broken.py"]]
    assert said(second) == said(semgrep.scan(settings, folder, 120)) and second.examined == first.examined + 1


def test_a_name_that_is_no_utf8_is_looked_at_with_the_whole(make_repository: Make, settings: Settings) -> None:
    folder = make_repository({"a.py": DANGEROUS})
    (folder / "b\udcff.py").write_text(DANGEROUS)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "odd")
    report = by_file.static_analysis(commit_of(settings, folder))
    assert report.examined == 2 and len({finding.path for finding in report.findings}) == 2


def test_radon_likewise(make_repository: Make, settings: Settings) -> None:
    folder = make_repository(FILES)
    paths = ["a.py", "pkg/b.py", "pkg/broken.py"]
    whole = radon.maintainability(settings, folder, paths, 60)
    for _ in range(2):
        found = by_file.maintainability(commit_of(settings, folder), paths)
        assert dict(found.indexes) == dict(whole.indexes) and len(found.indexes) == 2
        assert said(found.report) == said(whole.report) and found.report.examined == 3
