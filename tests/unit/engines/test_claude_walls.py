"""Which tool calls may go on; the file system is real, because links are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tdev.engines.claude.talk import Talk
from tdev.engines.claude.walls import decision, denial, rules_of
from tdev.policy.model import Scope


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    root = tmp_path / "checkout"
    for name in ("src", "docs", ".github/workflows", ".git/hooks", "service"):
        (root / name).mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "checkout-2").mkdir()
    (root / "src/a.py").write_text("x = 1\n")
    (root / "service/CLAUDE.md").write_text("x")
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "dangling").symlink_to(tmp_path / "nowhere.txt")
    (root / "loop").symlink_to(root / "loop")
    (root / "workflows").symlink_to(".github/workflows")
    (root / "src/alias.py").symlink_to("a.py")
    return talk_for(root)


def talk_for(root: Path) -> Talk:
    return Talk(
        cli="/c", cwd=str(root), prompt="", system_prompt="", model="m", turns=1, usd=1, seconds=1, idle_seconds=1,
        session="s",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["src/a.py", "{root}/src/a.py", "src/../src/a.py", "new/folder/b.py", "src/alias.py"])
@pytest.mark.parametrize("tool", ["Read", "Edit", "Write"])
def test_files_of_the_checkout_may_be_used(talk: Talk, tool: str, name: str) -> None:
    assert denial(tool, {"file_path": name.format(root=talk.cwd)}, talk) == ""


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../outside/x",
        "{root}/../outside/x",
        "{root}-2/x",
        "out/x",
        "out",
        "dangling",
        "loop/x",
        "~/x",
        "~root/x",
        " /etc/passwd",
        "/etc/passwd ",
        "\ufeff/etc/passwd",
        "src\\..\\..\\x",
        "a\0b",
        "a\nb",
        "",
        ".git/config",
        ".GIT/config",
        "src/.git/config",
        "/proc/self/environ",
        None,
        7,
        ["src/a.py"],
    ],
)
@pytest.mark.parametrize("tool", ["Read", "Edit", "Write"])
def test_everything_else_may_not(talk: Talk, tool: str, name: object) -> None:
    path = name.format(root=talk.cwd) if isinstance(name, str) else name
    assert denial(tool, {"file_path": path}, talk)


@pytest.mark.parametrize(
    "name",
    [
        ".github/workflows/ci.yml",
        ".GitHub/workflows/ci.yml",
        "workflows/ci.yml",
        "src/../.github/x",
        "CLAUDE.md",
        "src/claude.md",
        "AGENTS.md",
        ".mcp.json",
        ".claude/settings.json",
        ".gitattributes",
        "service/CLAUDE.md",
    ],
)
def test_protected_files_are_read_but_not_written(talk: Talk, name: str) -> None:
    assert denial("Read", {"file_path": name}, talk) == ""
    assert denial("Write", {"file_path": name}, talk)
    assert denial("Edit", {"file_path": name}, talk)


def test_the_policys_write_globs_hold(talk: Talk) -> None:
    narrow = talk.model_copy(update={"scope": Scope(write=("src/**",))})
    assert denial("Write", {"file_path": "src/b.py"}, narrow) == ""
    assert "scope.write" in denial("Write", {"file_path": "docs/b.md"}, narrow)
    assert denial("Read", {"file_path": "docs/b.md"}, narrow) == ""


def test_a_build_may_add_protected_names_in_its_own_folder_and_change_none(talk: Talk) -> None:
    build = talk.model_copy(update={"allowed_root": "service"})
    assert denial("Write", {"file_path": "service/.github/workflows/ci.yml"}, build) == ""
    assert denial("Write", {"file_path": "service/CLAUDE.md"}, build), "it is there already"
    assert denial("Write", {"file_path": ".github/workflows/ci.yml"}, build)
    assert denial("Write", {"file_path": "service2/CLAUDE.md"}, build)


@pytest.mark.parametrize(
    "tool", ["Bash", "WebFetch", "WebSearch", "Task", "Agent", "NotebookEdit", "mcp__x__y", "", "None"]
)
def test_other_tools_may_not_be_used(talk: Talk, tool: str) -> None:
    assert "not available" in denial(tool, {"file_path": "src/a.py", "command": "ls"}, talk)


def test_the_answer_tool_needs_a_schema(talk: Talk) -> None:
    assert denial("StructuredOutput", {}, talk)
    assert decision("StructuredOutput", {}, replace(rules_of(talk), answers=True)).allowed


@pytest.mark.parametrize("pattern", ["**/*.py", "src/*", "*.{py,md}", "a..b", "...", "src/..hidden"])
def test_patterns_inside(talk: Talk, pattern: str) -> None:
    assert denial("Glob", {"pattern": pattern}, talk) == ""


@pytest.mark.parametrize(
    "pattern", ["/etc/*", "../*", "src/../../*", "{..,src}/*", "~/*", "src/..", "a\\..\\b", "\\x", None]
)
def test_patterns_that_lead_out(talk: Talk, pattern: object) -> None:
    assert denial("Glob", {"pattern": pattern}, talk)


def test_searches_stay_inside(talk: Talk) -> None:
    assert denial("Grep", {"pattern": "../x"}, talk) == ""
    assert denial("Grep", {"pattern": "x", "path": "src"}, talk) == ""
    assert denial("Grep", {"pattern": "x", "path": "/etc"}, talk)
    assert denial("Grep", {"pattern": "x", "path": "out"}, talk)
    assert denial("Glob", {"pattern": "*", "path": "../outside"}, talk)


def test_a_checkout_that_is_gone_allows_nothing(talk: Talk) -> None:
    gone = talk.model_copy(update={"cwd": "/nowhere/at/all"})
    assert "resolved" in denial("Read", {"file_path": "a.py"}, gone)
