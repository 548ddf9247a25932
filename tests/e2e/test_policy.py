"""The policy of real repositories, and the commands that check and explain it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tdev.adapters import policy_file
from tdev.adapters.git import Git
from tdev.cli.main import main
from tdev.errors import ConfigurationError
from tdev.policy.model import Policy
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
Make = Callable[[Mapping[str, str | bytes]], Path]
GOOD = "gates:\n  tests:\n    coverage_drop: 2\n"
WAIVER = "  - check: semgrep:weak-hash\n    reason: an old file format\n    owner: ada\n"
WAIVED = f"waivers:\n{WAIVER}    approved_by: grace\n    expires: 2026-12-31\n"
BAD = "engin: auto\ngates:\n  tests:\n    coverge: 2\n"


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    return subprocess.run(("git", *identity, *words), cwd=folder, check=True, capture_output=True, text=True).stdout


def load(settings: Settings, folder: Path, ref: str = "HEAD") -> Policy:
    found = Git(folder, settings.child_environment)
    return policy_file.load_for(settings, found, found.commit_of(ref))


def test_the_policy_is_read_from_the_commit_and_not_from_the_work_tree(
    settings: Settings, make_repository: Make
) -> None:
    folder = make_repository({".github/tdev.yml": GOOD})
    (folder / ".github" / "tdev.yml").write_text(BAD, "utf-8")
    assert load(settings, folder).gates.tests.coverage_drop == 2


def test_each_commit_has_its_own_policy(settings: Settings, make_repository: Make) -> None:
    folder = make_repository({"a.py": ""})
    (folder / ".github").mkdir()
    (folder / ".github" / "tdev.yml").write_text(GOOD, "utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "policy")
    assert load(settings, folder, "HEAD~1") == Policy()
    assert load(settings, folder) != Policy()


def test_waivers_may_stand_in_a_file_of_their_own(settings: Settings, make_repository: Make) -> None:
    short = "waivers:\n  - check: no-tests\n    reason: there are none yet\n"
    folder = make_repository({".github/tdev.yml": short, ".github/tdev-waivers.yml": WAIVED})
    assert [waiver.check for waiver in load(settings, folder).waivers] == ["no-tests", "semgrep:weak-hash"]


def test_a_file_of_waivers_can_be_validated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "tdev-waivers.yml"
    file.write_text(WAIVED, "utf-8")
    assert main(["policy", "validate", str(file)]) == 0
    file.write_text(WAIVED + GOOD, "utf-8")
    assert main(["policy", "validate", str(file)]) != 0
    assert "'gates' stands in .github/tdev.yml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD, "tdev-waivers.yml:1:1: 'gates' stands in .github/tdev.yml"),
        (f"waivers:\n{WAIVER}", "tdev-waivers.yml:2:5: waivers.0.: .*must say approved_by, expires as well"),
        (WAIVED.replace("grace", "Ada"), "another person than its owner"),
        (WAIVED.replace("2026-12-31", "soon"), "Allowed: a day such as 2026-12-31"),
    ],
)
def test_a_file_of_waivers_that_is_wrong_is_an_error(
    text: str, said: str, settings: Settings, make_repository: Make
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load(settings, make_repository({".github/tdev-waivers.yml": text}))


def test_the_policy_of_a_bare_repository(settings: Settings, make_repository: Make, tmp_path: Path) -> None:
    folder = make_repository({".github/tdev.yml": GOOD})
    git(tmp_path, "clone", "--quiet", "--bare", str(folder), "bare.git")
    assert load(settings, tmp_path / "bare.git").gates.tests.coverage_drop == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: \xff\n", r"tdev\.yml:1:4: the file is not UTF-8"),
        (b"# x\n" * 2**18, "larger than 64 KiB"),
        (BAD.encode(), r"^\.github/tdev\.yml:1:1: unknown key 'engin' at the top level; nearest: 'engine'"),
        (b"- a\n", "must hold keys and values"),
    ],
)
def test_a_policy_that_can_not_be_used(settings: Settings, make_repository: Make, content: bytes, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load(settings, make_repository({".github/tdev.yml": content}))


def test_a_link_is_no_policy(settings: Settings, make_repository: Make) -> None:
    folder = make_repository({"real.yml": GOOD})
    (folder / ".github").mkdir()
    (folder / ".github" / "tdev.yml").symlink_to("../real.yml")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "link")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        load(settings, folder)


@pytest.mark.parametrize("name", [".github/tdev.yml/x", ".github/tdev.yaml", ".tdev.yml", "tdev.yml"])
def test_a_policy_in_the_wrong_place_is_an_error_and_not_passed_over(
    settings: Settings, make_repository: Make, name: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"not read|not a regular file"):
        load(settings, make_repository({name: GOOD}))


def test_files_that_only_look_like_a_policy_do_not_matter(settings: Settings, make_repository: Make) -> None:
    files = {".github/tdev.yml": GOOD, "docs/tdev.yml": BAD, "tdev.yml": BAD}
    assert load(settings, make_repository(files)).gates.tests.coverage_drop == 2


def test_validate_reads_the_work_tree(make_repository: Make, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_repository({"a.py": ""})
    assert main(["policy", "validate", "--repo", str(folder)]) == 0
    assert "the defaults hold" in capsys.readouterr().out
    (folder / ".github").mkdir()
    (folder / ".github" / "tdev.yml").write_text(BAD, "utf-8")
    assert main(["policy", "validate", "--repo", str(folder)]) == 2
    said = capsys.readouterr().err
    assert ".github/tdev.yml:1:1: unknown key 'engin'" in said
    assert ".github/tdev.yml:4:5: unknown key 'coverge'" in said
    (folder / ".github" / "tdev.yml").write_text(GOOD, "utf-8")
    assert main(["policy", "validate", "--repo", str(folder)]) == 0


def test_validate_says_all_to_a_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(BAD, "utf-8")
    assert main(["policy", "validate", str(file), "--json"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert not said["ok"]
    assert [(row["line"], row["column"], row["key"]) for row in said["problems"]] == [
        (1, 1, "engin"),
        (4, 5, "gates.tests.coverge"),
    ]
    file.write_text(GOOD, "utf-8")
    assert main(["policy", "validate", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "file": str(file), "problems": []}


@pytest.mark.parametrize("name", ["tdev.yml", ".github/tdev.yaml"])
def test_validate_finds_a_misplaced_file(make_repository: Make, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["policy", "validate", "--repo", str(make_repository({name: GOOD}))]) == 2
    assert "Rename it" in capsys.readouterr().err


def test_explain_says_value_source_default_meaning_and_what_is_allowed(
    make_repository: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_repository({".github/tdev.yml": GOOD})
    assert main(["policy", "explain", "gates.tests.coverage_drop", "--repo", str(folder)]) == 0
    said = capsys.readouterr().out
    for part in ("gates.tests.coverage_drop = 2.0", ".github/tdev.yml:3", "default  0.1", "a number from 0 to 100"):
        assert part in said
    assert main(["policy", "explain", "--repo", str(folder), "--json"]) == 0
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["gates.tests.coverage_drop"]["source"] == ".github/tdev.yml"
    assert rows["engine"]["source"] == "policies/default.yml"
    assert rows["engine"]["line"] > 0


def test_explain_a_section_a_list_and_a_key_that_is_not_there(
    make_repository: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(make_repository({"a.py": ""}))
    assert main(["policy", "explain", "gates.tests", "--repo", folder]) == 0
    assert "gates.tests.changed_coverage = 80.0" in capsys.readouterr().out
    assert main(["policy", "explain", "waivers", "--repo", folder]) == 0
    assert "waivers[].reason: in each entry" in capsys.readouterr().out
    assert main(["policy", "explain", "coverge", "--repo", folder]) == 2
    assert "Did you mean gates.tests.coverage_drop?" in capsys.readouterr().err


def test_explain_outside_a_repository_shows_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["policy", "explain", "engine"]) == 0
    assert 'engine = "auto"' in capsys.readouterr().out
    assert main(["policy", "explain", "engine", "--repo", str(tmp_path / "none")]) == 3


def test_a_committed_policy_that_is_wrong_stops_explain(
    make_repository: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "explain", "--repo", str(make_repository({".github/tdev.yml": BAD}))]) == 2
    assert ".github/tdev.yml:1:1" in capsys.readouterr().err


def test_schemas_are_the_same_whatever_the_hash_seed(tmp_path: Path) -> None:
    texts = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        out.mkdir()
        words = [sys.executable, "-m", "tdev.cli.main", "schema", "--out", str(out)]
        subprocess.run(words, check=True, env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"}, capture_output=True)
        texts.append({file.relative_to(out).as_posix(): file.read_text("utf-8") for file in out.rglob("*.json")})
    assert texts[0] == texts[1]
    assert len(texts[0]) >= 14
