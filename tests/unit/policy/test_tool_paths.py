"""No spelling of a path outside the checkout is ever allowed; the file system is real."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdev.adapters.tool_places import call_on_disk, located, place_of
from tdev.policy.agent import Agent, Server
from tdev.policy.decision import Decision
from tdev.policy.model import Scope
from tdev.policy.tool_calls import TABLE, Does, decide
from tdev.policy.tool_rules import Call, Kind, ToolRules
from tdev.policy.write_scope import why_outside

PARTS = (
    "..",
    ".",
    "",
    "src",
    "a.py",
    "link",
    "inner",
    "deep",
    "secret.txt",
    "outside",
    "checkout",
    "checkout-2",
    "~",
    "etc",
    "passwd",
    "proc",
    "self",
    "root",
    "cwd",
    "environ",
    ".git",
    ".GIT",
    ".git.",
    "git~1",
    "config",
    ".github",
    "CLAUDE.md",
    "\u200b",
    "e\u0301",
    "é",
    "\u202e",
    " ",
    "a b",
    "\\",
    "..\\",
    "\0",
    "\n",
    "%2e%2e",
    "\uff0e\uff0e",
    "C:",
    "NEW",
    "*",
)
_SPELLINGS = st.builds(
    lambda start, parts, end: start + "/".join(parts) + end,
    st.sampled_from(
        [
            "",
            "/",
            "//",
            "./",
            "../",
            "~/",
            "{root}/",
            "{root}/../",
            "{root}-2/",
            "/proc/self/cwd/",
            "/proc/self/root{root}/",
        ]
    ),
    st.lists(st.sampled_from(PARTS), max_size=6),
    st.sampled_from(["", "/", "/.", "/..", " ", "\n"]),
)
_TOOLS = st.sampled_from(sorted(tool for tool, row in TABLE.items() if row.paths))


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> ToolRules:
    base = tmp_path_factory.mktemp("paths")
    root, outside = base / "checkout", base / "outside"
    for folder in (root / "src/deep", root / ".github", root / ".git", outside / "deep", base / "checkout-2"):
        folder.mkdir(parents=True)
    for file in (root / "src/a.py", root / "CLAUDE.md", root / ".git/config", outside / "secret.txt"):
        file.write_text("x")
    (root / "link").symlink_to(outside)
    (root / "src/inner").symlink_to("deep")
    (root / "src/deep/up").symlink_to("../../..")
    (root / "hard.txt").hardlink_to(outside / "secret.txt")
    os.mkfifo(root / "fifo")
    return ToolRules(
        root=str(root),
        tools=frozenset(TABLE),
        scope=Scope(write=("src/**", "NEW/**", "link/**")),
        agent=Agent(servers=tuple(Server)),
    )


def judged(tool: str, path: object, rules: ToolRules, **more: object) -> Decision:
    arguments = {name: [path] if name == "paths" else path for name in TABLE[tool].paths}
    extra = {"pattern": "*", "task": "test", **more}
    return decide(call_on_disk(tool, {**arguments, **extra}, rules), rules)


@given(tool=_TOOLS, spelling=_SPELLINGS)
@settings(max_examples=800, deadline=None)
def test_what_is_allowed_is_inside_however_it_is_spelled(rules: ToolRules, tool: str, spelling: str) -> None:
    path = spelling.replace("{root}", rules.root)
    if not judged(tool, path, rules).allowed:
        return
    root = Path(rules.root).resolve()
    for reading in (path, os.path.normpath(path if path.startswith("/") else f"{root}/{path}")):
        real = Path(root, reading).resolve()
        assert real.is_relative_to(root), (tool, path)
        inside = real.relative_to(root).as_posix()
        assert not any(part.casefold() == ".git" for part in inside.split("/"))
        if TABLE[tool].does is Does.WRITES:
            assert why_outside(inside, rules.scope) == ""


@given(text=st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_the_decision_fail(rules: ToolRules, text: str) -> None:
    for tool in ("Read", "Write", "mcp__fs__write"):
        decision = judged(tool, text, rules)
        assert decision.allowed or decision.reason


@pytest.mark.parametrize("tool", sorted(tool for tool, row in TABLE.items() if row.paths and not row.optional))
@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../outside/secret.txt", "link/secret.txt", "", None, 7, {}, [], ["src"]]
)
def test_every_tool_with_a_path_is_held_to_the_checkout(rules: ToolRules, tool: str, path: object) -> None:
    assert not judged(tool, path, rules).allowed


@pytest.mark.parametrize("tool", ["Read", "Edit", "Write", "mcp__fs__read", "mcp__fs__write"])
@pytest.mark.parametrize("path", ["fifo", "src/deep/up", "src/deep/up/outside/secret.txt", "/proc/self/cwd", "git~1/x"])
def test_nothing_but_files_and_folders_inside_may_be_used(rules: ToolRules, tool: str, path: str) -> None:
    assert not judged(tool, path, rules).allowed


def test_a_file_with_a_second_name_is_not_written(rules: ToolRules) -> None:
    everywhere = replace(rules, scope=Scope())
    assert judged("Read", "hard.txt", everywhere).allowed
    assert "hard link" in judged("Write", "hard.txt", everywhere).reason


def test_a_composed_and_a_decomposed_name_are_both_looked_at(rules: ToolRules) -> None:
    call = call_on_disk("Write", {"file_path": "src/e\u0301.py"}, rules)
    assert set(call.places) == {"src/e\u0301.py", "src/é.py"}
    missing = Call("Write", call.arguments, {"src/e\u0301.py": call.places["src/e\u0301.py"]})
    assert decide(call, rules).allowed
    assert not decide(missing, rules).allowed


def test_tools_of_servers_that_are_off_are_denied(rules: ToolRules) -> None:
    off = replace(rules, agent=Agent(servers=()))
    for tool in TABLE:
        if tool.startswith("mcp__"):
            assert not judged(tool, "src/a.py", off).allowed
    for name in (
        "mcp__fs__delete",
        "mcp__evil__read",
        "mcp__fs",
        "mcp____read",
        "MCP__fs__read",
        "mcp__fs__read ",
        "read",
    ):
        assert "not available" in decide(Call(name, {"path": "src/a.py"}), rules).reason


@pytest.mark.parametrize("revision", ["HEAD", "HEAD~2", "HEAD^", "abcdef0", "a" * 40, "tdev/auto/fix-1", None])
def test_revisions(rules: ToolRules, revision: str | None) -> None:
    assert judged("mcp__git__log", "src", rules, revision=revision).allowed


@pytest.mark.parametrize(
    "revision",
    [
        "--output=/x",
        "-p",
        "main",
        "HEAD:../x",
        "HEAD..",
        "HEAD@{1}",
        "a b",
        "HEAD\n",
        "HEAD^{/x}",
        ":/x",
        "../x",
        7,
        ["HEAD"],
    ],
)
def test_what_is_no_plain_revision_is_denied(rules: ToolRules, revision: object) -> None:
    assert not judged("mcp__git__log", "src", rules, revision=revision).allowed


@pytest.mark.parametrize("task", ["deploy", "", None, ["test"], "test; id"])
def test_only_named_tasks_run(rules: ToolRules, task: object) -> None:
    assert judged("mcp__runner__run", "src", rules).allowed
    assert not judged("mcp__runner__run", "src", rules, task=task).allowed


def test_places_and_programs_on_disk(rules: ToolRules) -> None:
    root = Path(rules.root)
    assert place_of("src/inner", root, root).real == "src/deep"
    assert place_of("src/inner", root, root).kind is Kind.FOLDER
    assert place_of("src/none", root, root).kind is Kind.MISSING
    assert place_of("a\0b", root, root).trouble
    for name in ("", "/bin/ls", "a\0", "no-such-program"):
        assert located(name, rules).path == ""
    assert located("ls", replace(rules, search_path=())).path == ""
