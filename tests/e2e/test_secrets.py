from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from conftest import git
from tdev.adapters.git import Git
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.settings import Settings
from tdev.tools import kingfisher, secrets
from tdev.tools.secret_hits import plant_canary
from tdev.tools.toolbox import Toolbox

pytestmark = pytest.mark.e2e

# Put together here, so that no credential-like text stands in this repository.
TOKEN = "gh" + "p_PTGuZeJFEBZj6SzwDOhiXRxL0GQN8705s3zx"
SLACK = "xo" + "xb-752316374256-958351034993-HV7LSdBCWsF599Svr9UBUSU9"
PASSWORD = "hunter2" + "isweak"


class Change:
    """A repository and a search of what was committed on top of its first commit."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.base = git(folder, "rev-parse", "HEAD")

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "change") -> str:
        for path, content in files.items():
            file = self.folder / path
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        git(self.folder, "add", "--all", "--force")
        git(self.folder, "commit", "--quiet", "--allow-empty", "-m", message)
        return git(self.folder, "rev-parse", "HEAD")

    def scan(self, timeout: float = 120) -> ToolReport:
        toolbox = Toolbox(self.settings)
        head = git(self.folder, "rev-parse", "HEAD")
        repository = Git(self.folder, self.settings.child_environment)
        return secrets.scan(toolbox, repository, self.base, head, timeout)

    def findings(self) -> tuple[Finding, ...]:
        report = self.scan()
        assert report.ok, report.reason
        return report.findings


@pytest.fixture
def change(settings: Settings, make_repository: Callable[[Mapping[str, str | bytes]], Path]) -> Change:
    """A repository with an old password."""
    return Change(settings, make_repository({"old.py": f'password = "{PASSWORD}"\nx = 1\n', "README.md": "# x\n"}))


def test_a_clean_change_was_looked_at(change: Change) -> None:
    change.commit({"a.py": "x = 1\n"})
    report = change.scan()
    assert (report.ok, report.findings, report.examined) == (True, (), 3)
    assert "kingfisher" in report.version and "detect-secrets" in report.version


def test_a_credential_at_the_head_has_its_line_and_is_not_shown(change: Change) -> None:
    change.commit({"src/a.py": f'x = 1\n\ntoken = "{TOKEN}"\n'})
    (finding,) = change.findings()
    assert (finding.rule, finding.path, finding.line) == ("github-pat", "src/a.py", 3)
    assert finding.severity is Severity.ERROR
    assert TOKEN[4:] not in finding.model_dump_json()


def test_one_that_a_later_commit_removed_still_counts(change: Change) -> None:
    added = change.commit({"a.py": f'token = "{TOKEN}"\n'})
    change.commit({"a.py": None})
    (finding,) = change.findings()
    assert (finding.path, finding.line) == ("a.py", 0)
    assert added[:10] in finding.message and "history" in finding.message


def test_one_in_a_commit_message_counts(change: Change) -> None:
    change.commit({"a.py": "x = 1\n"}, f"use {TOKEN}")
    (finding,) = change.findings()
    assert "message of commit" in finding.message


def test_one_that_was_there_before_does_not_count_when_other_lines_change_or_the_file_moves(change: Change) -> None:
    change.commit({"old.py": f'password = "{PASSWORD}"\nx = 2\n'})
    assert change.findings() == ()
    git(change.folder, "mv", "old.py", "new.py")
    change.commit({})
    assert change.findings() == ()


@pytest.mark.parametrize("comment", ["pragma: allowlist secret", "kingfisher:ignore", "gitleaks:allow", "noqa"])
def test_comments_do_not_hide_it(change: Change, comment: str) -> None:
    change.commit({"a.py": f'token = "{TOKEN}"  # {comment}\n'})
    assert [finding.rule for finding in change.findings()] == ["github-pat"]


@pytest.mark.parametrize(
    "path",
    [
        "poetry.lock",
        ".env",
        "tests/test_a.py",
        "node_modules/x.js",
        "swagger.json",
        "a.png",
        "a.zip",
        "a.gz",
        "a.svg",
        "a.min.js",
        "go.sum",
        "with space/ü.txt",
    ],
)
def test_no_name_hides_it(change: Change, path: str) -> None:
    change.commit({path: f'token = "{TOKEN}"\n', ".gitignore": "*\n", ".gitattributes": "* -diff binary\n"})
    assert path in {finding.path for finding in change.findings()}


def test_binaries_are_searched(change: Change) -> None:
    change.commit({"a.bin": b"\0\1\2" + TOKEN.encode() + b"\n\0"})
    assert [finding.path for finding in change.findings()] == ["a.bin"]


def test_a_password_by_its_name_is_a_warning_and_in_tests_a_note(change: Change) -> None:
    line = f'login(password="{PASSWORD}")\n'
    change.commit({"src/a.py": line, "tests/test_a.py": line})
    assert {finding.path: finding.severity for finding in change.findings()} == {
        "src/a.py": Severity.WARNING,
        "tests/test_a.py": Severity.NOTE,
    }


def test_a_placeholder_and_a_local_login_are_notes(change: Change) -> None:
    login = "desk:" + PASSWORD
    change.commit({"env.example": "SECRET_KEY=change-me\n", "README.md": f"postgresql://{login}@localhost/desk\n"})
    found = change.findings()
    assert {each.path for each in found} == {"env.example", "README.md"}
    assert {each.severity for each in found} == {Severity.NOTE}
    change.commit({"env.example": f"SECRET_KEY={PASSWORD}\n"})
    assert Severity.WARNING in {each.severity for each in change.findings() if each.path == "env.example"}


def test_several_kinds_each_once(change: Change) -> None:
    plant_canary(change.folder.parent)
    change.commit(
        {"k.pem": (change.folder.parent / "canary" / "key.pem").read_text(), "a.py": f'a = "{TOKEN}"\nb = "{SLACK}"\n'}
    )
    found = [(finding.path, finding.line, finding.rule) for finding in change.findings()]
    assert sorted(found) == [("a.py", 1, "github-pat"), ("a.py", 2, "slack-bot-token"), ("k.pem", 1, "private-key")]


def test_merged_commits_are_searched(change: Change) -> None:
    git(change.folder, "checkout", "--quiet", "-b", "side")
    change.commit({"a.py": f'token = "{TOKEN}"\n'})
    change.commit({"a.py": None})
    git(change.folder, "checkout", "--quiet", "main")
    change.commit({"b.py": "x = 1\n"})
    git(change.folder, "merge", "--quiet", "--no-ff", "-m", "merge", "side")
    assert [finding.path for finding in change.findings()] == ["a.py"]


def test_no_commit_is_said(change: Change) -> None:
    report = change.scan()
    assert (report.ok, report.examined, report.reason) == (True, 0, "no commit between base and head")


def test_a_time_limit_is_no_evidence(change: Change) -> None:
    Toolbox(change.settings).install(["kingfisher-bin", "detect-secrets"])
    change.commit({"a.py": f'token = "{TOKEN}"\n'})
    report = change.scan(timeout=0.01)
    assert not report.ok and "was stopped after 0.01 s" in report.reason


def lying(settings: Settings, name: str, program: str, script: str) -> None:
    """Put a program that does something else in the place of the real one; the other is linked."""
    shared = (settings.home / "tools").resolve()
    real = Toolbox(settings)
    real.install(["kingfisher-bin", "detect-secrets"])
    (settings.home / "tools").unlink()
    (settings.home / "tools").mkdir()
    for other in ("kingfisher-bin", "detect-secrets"):
        folder = real.environment(other)
        if other != name:
            folder.symlink_to(shared / folder.name)
            continue
        (folder / "bin").mkdir(parents=True)
        for file in (".tdev-ready", "bin/python"):
            (folder / file).touch()
        (folder / "bin" / program).write_text(f"#!/bin/sh\n{script}\n")
        (folder / "bin" / program).chmod(0o755)


CLEAN = (
    '{"findings": [], "audit": {"summary": {"scan_succeeded": 1, "scan_partial": 0, "scan_failed": 0}},'
    ' "metadata": {"summary": {"blobs_scanned": %d}}}'
)


@pytest.mark.parametrize(
    ("name", "program", "script", "said"),
    [
        ("kingfisher-bin", "kingfisher", "exit 0", "can't be read"),
        ("kingfisher-bin", "kingfisher", f"echo '{CLEAN % 1}'", "examined 1 of"),
        ("kingfisher-bin", "kingfisher", f"echo '{CLEAN % 99}'", "did not find the test credential"),
        ("kingfisher-bin", "kingfisher", f"echo '{CLEAN % 99}'; exit 1", "exit code 1"),
        ("detect-secrets", "detect-secrets", "exit 0", "can't be read"),
        ("detect-secrets", "detect-secrets", "echo '{\"results\": {}}'", "did not find the test credential"),
    ],
)
def test_a_program_that_lies_is_no_evidence(change: Change, name: str, program: str, script: str, said: str) -> None:
    lying(change.settings, name, program, script)
    change.commit({"a.py": "x = 1\n"})
    report = change.scan()
    assert not report.ok
    assert said in report.reason


def test_a_change_too_large_to_search_is_no_evidence(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "LARGEST", 100)
    change.commit({"a.txt": "x" * 1000})
    report = change.scan()
    assert not report.ok and "more than" in report.reason


def test_the_folder_of_compiled_rules_is_in_the_cache(change: Change) -> None:
    change.commit({"a.py": "x = 1\n"})
    change.scan()
    assert any((change.settings.cache / "kingfisher").iterdir())
    assert kingfisher.NAME == "kingfisher-bin"


RANDOM = "q7Zt" + "mV2xLw9RbKs4PdYc"


def gitleaks(change: Change) -> Path:
    """gitleaks, installed for this test's machine; left out where it can't be built."""
    toolbox = Toolbox(change.settings)
    if why := toolbox.lacking("gitleaks"):
        pytest.skip(why)
    return toolbox.program("gitleaks")


def test_gitleaks_finds_a_random_text_by_its_name_whatever_the_comment(change: Change) -> None:
    gitleaks(change)
    change.commit({"a.py": f'TOKEN = "{RANDOM}"  # gitleaks:allow\n', "tests/test_a.py": f'TOKEN = "{RANDOM}"\n'})
    change.commit({".gitleaks.toml": '[allowlist]\npaths = [".*"]\n', ".gitleaksignore": "a.py:generic-api-key:1\n"})
    report = change.scan()
    assert report.ok and "gitleaks " in report.version
    assert {(found.path, found.rule, found.line, found.severity) for found in report.findings} == {
        ("a.py", "generic-api-key", 1, Severity.WARNING),
        ("tests/test_a.py", "generic-api-key", 1, Severity.NOTE),
    }


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 0", "can't be read"),
        ("echo '[]'", "did not find the test credential"),
        ("echo '[]'; exit 1", "exit code 1"),
    ],
)
def test_a_gitleaks_that_is_there_has_to_look(change: Change, script: str, said: str) -> None:
    real = Toolbox(change.settings)
    gitleaks(change)
    real.install(["kingfisher-bin", "detect-secrets"])
    shared = (change.settings.home / "tools").resolve()
    (change.settings.home / "tools").unlink()
    (change.settings.home / "tools").mkdir()
    for name in ("kingfisher-bin", "detect-secrets"):
        real.environment(name).symlink_to(shared / real.environment(name).name)
    program = real.environment("gitleaks") / "bin" / "gitleaks"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    total = hashlib.sha256(program.read_bytes()).hexdigest()
    (program.parents[1] / ".tdev-ready").write_text(f"{total}  gitleaks\n")
    change.commit({"a.py": "x = 1\n"})
    report = change.scan()
    assert not report.ok and said in report.reason
