"""Which changed files a policy does not let through."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tdev.core.artifacts.patch import ChangedFile
from tdev.policy.model import Scope
from tdev.policy.write_scope import outside_scope, why_outside

DEFAULT = Scope()
SOURCE = Scope(write=("src/**", "tests/*.py"), protect=("src/vendor/**", "**/LICENSE"))


def changed(path: str, status: str = "M", old_path: str = "") -> ChangedFile:
    return ChangedFile(path=path, status=status, added=1, removed=0, old_path=old_path)


@pytest.mark.parametrize(
    "path", ["a.py", "src/a.py", "docs/x/y.md", "한국어.py", "a b.txt", ".gitignore", ".editorconfig", "x/.github/y"]
)
def test_the_default_scope_lets_ordinary_files_through(path: str) -> None:
    assert why_outside(path, DEFAULT) == ""


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".github/CODEOWNERS",
        ".GitHub/Workflows/ci.yml",
        ".github",
        "CODEOWNERS",
        "docs/CODEOWNERS",
        "docs/codeowners",
        ".gitmodules",
        "sub/.gitattributes",
        "CLAUDE.md",
        "a/b/claude.md",
        "AGENTS.md",
        ".mcp.json",
        ".claude/settings.json",
        ".vscode/tasks.json",
        ".devcontainer/devcontainer.json",
    ],
)
def test_the_default_scope_protects_what_steers_people_and_machines(path: str) -> None:
    assert "protect" in why_outside(path, DEFAULT) or "policy itself" in why_outside(path, DEFAULT)


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("src/a.py", True),
        ("src/deep/er/a.py", True),
        ("src", False),
        ("srcs/a.py", False),
        ("SRC/a.py", False),
        ("tests/test_a.py", True),
        ("tests/deep/test_a.py", False),
        ("tests/a.txt", False),
        ("src/vendor/x.py", False),
        ("src/vendor", False),
        ("src/Vendor/x.py", False),
        ("src/vendored/x.py", True),
        ("src/a/LICENSE", False),
        ("setup.py", False),
    ],
)
def test_globs_decide(path: str, inside: bool) -> None:
    assert (why_outside(path, SOURCE) == "") is inside


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../x",
        "src/../../x",
        "./x",
        "src//x",
        "src/",
        "~/.bashrc",
        "C:/x",
        "a\\..\\b",
        "a\nb",
        "a\x00b",
        "a\u202eb",
        "a\u200bb",
        "a\ufffdb",
        "a\udcffb",
        ".git/config",
        "sub/.git/hooks/x",
        ".GIT/config",
        ".git./config",
        ".git /config",
        "git~1/config",
        ".git",
        "x" * 256,
        "/".join(["x" * 200] * 30),
    ],
)
def test_paths_that_are_outside_whatever_the_policy_says(path: str) -> None:
    everything = Scope(write=("**",), protect=())
    assert why_outside(path, everything, allowed_root=".") != ""


@pytest.mark.parametrize("path", [".github/tdev.yml", ".github/TDEV.yml", ".github/tdev.yaml"])
def test_no_run_changes_the_policy_itself(path: str) -> None:
    assert "policy itself" in why_outside(path, Scope(protect=()), allowed_root=".")


def test_every_path_outside_is_named_in_order_with_its_reason() -> None:
    found = outside_scope((changed("src/a.py"), changed("setup.py"), changed("src/LICENSE")), SOURCE)
    assert [path for path, _ in found] == ["setup.py", "src/LICENSE"]
    assert found[0][1] == "it matches nothing in scope.write: src/**, tests/*.py"
    assert found[1][1] == "it is protected by scope.protect: **/LICENSE"


def test_a_rename_is_judged_at_both_its_ends() -> None:
    assert outside_scope((changed("src/b.py", "R", "src/a.py"),), SOURCE) == ()
    assert outside_scope((changed("src/b.py", "R", "setup.py"),), SOURCE)[0][0] == "setup.py"
    assert outside_scope((changed("setup.py", "R", "src/a.py"),), SOURCE)[0][0] == "setup.py"
    assert outside_scope((changed("src/b.py", "R"),), SOURCE) == (("", "it has no name"),)


def test_a_build_adds_protected_files_below_its_folder_and_nothing_else() -> None:
    def outside(path: str, status: str, root: str) -> bool:
        return bool(outside_scope((changed(path, status, "x" if status == "R" else ""),), DEFAULT, root))

    assert not outside(".github/workflows/ci.yml", "A", ".")
    assert outside(".github/workflows/ci.yml", "M", ".")
    assert outside(".github/workflows/ci.yml", "D", ".")
    assert outside(".github/workflows/ci.yml", "T", ".")
    assert not outside("services/rooms/CLAUDE.md", "A", "services/rooms")
    assert not outside("services/rooms/CLAUDE.md", "A", "services/rooms/")
    assert outside("services/roomsy/CLAUDE.md", "A", "services/rooms")
    assert outside(".github/workflows/ci.yml", "A", "services/rooms")
    assert outside(".github/workflows/ci.yml", "A", "")
    assert outside(".github/tdev.yml", "A", ".")
    moved = changed("rooms/CODEOWNERS", "R", "CODEOWNERS")
    assert [path for path, _ in outside_scope((moved,), DEFAULT, ".")] == ["CODEOWNERS"]


def test_a_build_still_keeps_to_the_write_globs() -> None:
    assert outside_scope((changed("services/a.py", "A"),), SOURCE, "services")[0][0] == "services/a.py"


def test_an_empty_write_list_lets_nothing_through() -> None:
    assert "empty" in why_outside("a.py", Scope(write=()))


segments = st.text(st.characters(codec="utf-8", exclude_categories=("C",), exclude_characters="/\\\ufffd"), min_size=1)
plain_paths = st.lists(segments, min_size=1, max_size=4).map("/".join)


@given(plain_paths)
def test_what_is_protected_by_its_own_name_is_never_let_through(path: str) -> None:
    scope = Scope.model_construct(write=("**",), protect=(path.replace("*", "?"),))
    assert why_outside(path, scope) != ""
    assert why_outside(path.swapcase(), scope) != "" or path.swapcase().casefold() != path.casefold()


@given(st.text())
@example("a/../b")
@example("\ud800")
def test_any_text_gets_an_answer_and_climbing_never_gets_through(path: str) -> None:
    reason = why_outside(path, DEFAULT)
    if ".." in path.split("/") or path.startswith("/") or "\x00" in path:
        assert reason


@given(plain_paths, plain_paths)
def test_a_folder_glob_holds_for_all_below_it_and_nothing_beside(folder: str, rest: str) -> None:
    literal = folder.replace("*", "x").replace("?", "x")
    scope = Scope.model_construct(write=(f"{literal}/**",), protect=())
    inside = why_outside(f"{literal}/{rest}", scope)
    assert inside == "" or "scope.write" not in inside
    assert why_outside(f"{literal}x/{rest}", scope) != ""


def test_a_hostile_path_against_a_glob_of_many_stars_takes_no_time() -> None:
    scope = Scope(write=("**/*a*b*/**/*a*b*/**/*a*b*c",), protect=("**/*a*a*a*a*a*a*b", "**/a/**/a/**/a/**/b"))
    started = time.perf_counter()
    why_outside("/".join(["a" * 200] * 20), scope)
    why_outside("/".join(["a"] * 2000), scope)
    assert time.perf_counter() - started < 1.0
