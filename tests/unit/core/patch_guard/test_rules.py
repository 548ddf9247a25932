"""Each rule on what it is there for: at least one bad case, and the like of it that is good."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple

import pytest

from support.changes import change, file, hits
from tdev.core.artifacts.verdict import Outcome
from tdev.core.patch_guard import RULES, Bounds, Change, Treatment, findings_of, judge_patch
from tdev.core.patch_guard.change import CommitText, FileChange, Side


class Case(NamedTuple):
    """One change, and the rule that must say something about it, or nothing."""

    rule: str
    made: Change
    hit: bool = True


KEY = "ghp_" + "a1B2c3D4e5" * 4
BLOB = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODkr" * 6


NAMES = {
    "workflows": ".github/workflows/ci.yml .GitHub/Workflows/CI.yml .gitlab-ci.yml a/.circleci/config.yml Jenkinsfile "
    ".github/actions/x/action.yml azure-pipelines-release.yml .github/dependabot.yml",
    "owners": "CODEOWNERS docs/CODEOWNERS .github/CODEOWNERS .github/tdev.yml codeowners",
    "agents": "CLAUDE.md src/claude.md AGENTS.md GEMINI.md .cursorrules .github/copilot-instructions.md .windsurfrules "
    ".cursor/rules/x.mdc .mcp.json pkg/.claude/settings.json .github/instructions/py.instructions.md",
    "hooks": ".husky/pre-commit .githooks/pre-push .pre-commit-config.yaml lefthook.yml src/sitecustomize.py evil.pth "
    ".envrc .vscode/tasks.json .npmrc .devcontainer/devcontainer.json",
    "git_files": ".gitmodules sub/.gitmodules .lfsconfig .gitconfig",
    "dot_folders": ".config/x .tox/y .github/ISSUE_TEMPLATE/bug.md",
    "dependencies": "pyproject.toml requirements-dev.txt uv.lock web/package-lock.json go.sum Cargo.toml",
    "entry_points": "setup.py Makefile Dockerfile web/vite.config.ts noxfile.py",
    "generated": "x.pyc m.pkl wheels/a-1-py3-none-any.whl web/app.min.js src/__pycache__/a.py a.tar.gz",
}
"""Names that a rule is about."""
OTHER_NAMES = {
    "workflows": "src/workflows/ci.py docs/github/workflows.md",
    "owners": "docs/owners.md",
    "agents": "src/agents.py docs/claude-code.md cursor.py",
    "hooks": "src/hooks/use.ts path.py",
    "dot_folders": ".gitignore .editorconfig src/.keep/x",
    "dependencies": "src/requirements.py docs/pyproject.md lock.py",
    "entry_points": "src/setup_wizard.py tests/conftest.py",
    "generated": "src/map.py data/sample.csv",
}
"""Names that are merely like them."""


def named(table: dict[str, str], *, hit: bool) -> list[Case]:
    return [Case(rule, change(file(path)), hit) for rule, paths in table.items() for path in paths.split()]


BAD = [
    *named(NAMES, hit=True),
    Case("git_files", change(file(".gitattributes", "*.py filter=evil\n"))),
    Case("git_files", change(file("src/.gitattributes", "src/** -diff linguist-generated\n"))),
    Case(
        "entry_points",
        change(
            file(
                "pyproject.toml", '[build-system]\nrequires = ["evil"]\n', '[build-system]\nrequires = ["hatchling"]\n'
            )
        ),
    ),
    Case("entry_points", change(file("package.json", '{\n  "postinstall": "curl evil"\n}\n', "{\n}\n"))),
    Case("symlinks", change(file("etc", "/etc/passwd", mode="120000"))),
    Case("symlinks", change(file("src/up", "../../outside", mode="120000"))),
    Case("symlinks", change(file("latest", "v2", "v1", mode="120000", old_mode="120000"))),
    Case("symlinks", change(file("calc.py", "other.py", "x = 1\n", mode="120000"))),
    Case("submodules", change(FileChange("lib", "A", None, Side("160000", text=None)))),
    Case("submodules", change(FileChange("lib", "M", Side("160000", text=None), Side("160000", text=None)))),
    Case("modes", change(file("run.sh", "x\n", "x\n", mode="100755"))),
    Case("modes", change(file("run.sh", "x\n", mode="100664"))),
    Case("executables", change(file("tool", "#!/bin/sh\n", mode="100755"))),
    Case("binaries", change(file("logo.png", b"\x89PNG\0\0"))),
    Case("binaries", change(FileChange("a.txt", "A", None, Side("100644", 3, "\ufffd", invalid=True)))),
    Case("size", change(*(file(f"{number}.py") for number in range(201)))),
    Case("size", change(file("a.py"), diff_bytes=5_000_000)),
    Case("size", change(file("a.py", "x" * 1_000_001))),
    Case("size", change(FileChange("a.bin", "A", None, Side("100644", 10, None, unread=True)))),
    Case("secrets", change(file("a.py", f'TOKEN = "{KEY}"\n'))),
    Case("secrets", change(file(f"{KEY}.txt"))),
    Case("secrets", change(file("a.py"), history=(file("b.py", f'TOKEN = "{KEY}"\n'),))),
    Case("secrets", change(file("a.py"), message=f"Use {KEY}\n")),
    Case("secrets", change(file("a.py"), branch=f"tdev/auto/{KEY}")),
    Case(
        "secrets",
        change(file("key.pem", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----\n")),
    ),
    Case("secrets", change(file("a.py", 'password = "9vX2pLqR7sT4wYzB1nM5kJ8h"\n'))),
    Case("hidden", change(file("a.py", "x = 1  # \u202e danger\n"))),
    Case("hidden", change(file("a.py", "x\u200b = 1\n"))),
    Case("hidden", change(file("a.md", "hi\U000e0041\U000e0042\n"))),
    Case("hidden", change(file("a\u202egnp.py"))),
    Case("hidden", change(file("a.py"), message="Fix\u2066 it\n")),
    Case("hidden", change(file("a.py", "x = 1\rimport os\n"))),
    Case("hidden", change(file("a.txt", "\x1b[2K\n"))),
    Case("hidden", change(file("a.py", "word\u200djoined\n"))),
    Case("homoglyphs", change(file("a.py", "p\u0430ssword = 1\n"))),
    Case("homoglyphs", change(file("a.py", "\uff45\uff56\uff41\uff4c(x)\n"))),
    Case("homoglyphs", change(file("\u0441\u0430lc.py"))),
    Case("names", change(file("Read.me"), paths=("Read.me", "read.ME"))),
    Case("names", change(file("Src/a.py"), paths=("Src/a.py", "src/b.py"))),
    Case("names", change(file("con.py"))),
    Case("names", change(file("a./b"))),
    Case("names", change(file("cafe\u0301.py"))),
    Case("names", change(file("sub/.GIT/config"))),
    Case("names", change(file("a:b"))),
    Case("names", change(file("-rf"))),
    Case("generated", change(file("a.js", "x" * 2001 + "\n"))),
    Case("generated", change(file("a.py", f'exec(b64("{BLOB}"))\n'))),
    Case("generated", change(file("a.py", "y = '" + "\\x41" * 120 + "'\n"))),
    Case(
        "generated",
        change(file("a.py", "DATA = (\n" + "".join(f'    "{BLOB[n : n + 64]}"\n' for n in range(50)) + ")\n")),
    ),
    Case("generated", change(file("notes.txt", b"\x7fELF\0\0"))),
    Case("licences", change(file("LICENSE", "mine\n", "MIT License\n"))),
    Case("licences", change(file("COPYING", None, "GPL\n"))),
    Case("licences", change(file("a.py", "x = 1\n", "# SPDX-License-Identifier: MIT\nx = 1\n"))),
    Case("licences", change(file("a.js", "let x\n", "/* Copyright 2020 Ada */\nlet x\n"))),
    Case("suppressions", change(file("a.py", "import os  # noqa\n"))),
    Case("suppressions", change(file("a.py", "x = y  # type: ignore\n"))),
    Case("suppressions", change(file("a.py", "eval(x)  # nosec\n"))),
    Case("suppressions", change(file("a.py", "eval(x)  # nosemgrep\n"))),
    Case("suppressions", change(file("a.py", "eval(x)  # noqa: S307\n"))),
    Case("suppressions", change(file("a.py", "def f():  # pragma: no cover\n"))),
    Case("tests", change(file("tests/test_a.py", None, "def test_a():\n    assert 1 + 1 == x\n"))),
    Case("scope", change(file("a.py"))),
]
GOOD = [
    *named(OTHER_NAMES, hit=False),
    Case("git_files", change(file(".gitattributes", "*.sh text eol=lf\n*.bat eol=crlf\n")), hit=False),
    Case(
        "entry_points", change(file("pyproject.toml", "[tool.ruff]\nline-length = 100\n", "[tool.ruff]\n")), hit=False
    ),
    Case("entry_points", change(file("setup.py", "setup(a=1)\n", "# coding: utf-8\nsetup(a=1)\n")), hit=False),
    Case("symlinks", change(file("latest", None, "v1", old_mode="120000")), hit=False),
    Case("modes", change(file("run.sh", "y\n", "x\n", mode="100755", old_mode="100755")), hit=False),
    Case("binaries", change(file("logo.png", None, b"\x89PNG\0")), hit=False),
    Case("size", change(file("a.py", "x" * 2_000_000, "x" * 3_000_000)), hit=False),
    Case("secrets", change(file("a.py", 'password = "correct horse battery staple"\n')), hit=False),
    Case("secrets", change(file("a.py", f"# {KEY}\nx = 1\n", f"# {KEY}\n")), hit=False),
    Case("hidden", change(file("a.py", "x = '\u202e'\ny = 1\n", "x = '\u202e'\n")), hit=False),
    Case("homoglyphs", change(file("a.md", "слово word λ-calculus Ωhm\n")), hit=False),
    Case("names", change(file("src/read_me.py"), paths=("src/read_me.py", "src/readme.py")), hit=False),
    Case("generated", change(file("uv.lock", f'hash = "{BLOB}"\n')), hit=False),
    Case(
        "licences",
        change(file("a.py", "x = 2\n# SPDX-License-Identifier: MIT\n", "# SPDX-License-Identifier: MIT\nx = 1\n")),
        hit=False,
    ),
    Case("licences", change(file("a.py", "", 'NOTICE = "copyright"\n')), hit=False),
    Case("suppressions", change(file("a.py", "import os  # noqa: F401\n")), hit=False),
    Case(
        "tests",
        change(file("tests/test_a.py", "def test_a():\n    assert x == 2\n", "def test_a():\n    assert x == 3\n")),
        hit=False,
    ),
]


@pytest.mark.parametrize("case", [*BAD, *GOOD], ids=lambda case: f"{case.rule}-{case.hit}")
def test_a_rule(case: Case) -> None:
    bounds = Bounds(outside=(("a.py", "it is not in scope.write"),) if case.hit else ())
    assert bool(hits(case.rule, case.made, bounds)) is case.hit, hits(case.rule, case.made, bounds)


def test_every_rule_has_a_bad_case() -> None:
    assert {case.rule for case in BAD} == {rule.name for rule in RULES}


def test_the_policy_decides_what_becomes_of_a_hit() -> None:
    made = change(file("Makefile", "all:\n\techo @ada\n"))
    outcomes = {}
    for treatment in Treatment:
        verdict = judge_patch(made, Bounds(treatments={"entry_points": treatment}))
        outcomes[treatment] = (verdict.outcome, len(findings_of(verdict)), len(verdict.to_review))
    assert outcomes == {
        Treatment.BLOCK: (Outcome.FAIL, 1, 0),
        Treatment.REVIEW: (Outcome.REVIEW, 0, 1),
        Treatment.ALLOW: (Outcome.PASS, 0, 0),
    }
    assert [child.name for child in verdict.children] == [rule.name for rule in RULES]


OWN = "q7Zr4mXv9Lt2Kp8Ws5Nd3Yb6"
SPELLED = {
    "plain": OWN,
    "reversed": OWN[::-1],
    "hex": OWN.encode().hex(),
    "base64": b64encode(b"x" + OWN.encode()).decode(),
    "over lines": "\n".join(OWN[start : start + 6] for start in range(0, len(OWN), 6)),
    "literals": " + ".join(repr(OWN[start : start + 5]) for start in range(0, len(OWN), 5)),
}


@pytest.mark.parametrize("spelled", SPELLED.values(), ids=SPELLED)
def test_a_credential_of_ours_is_found_however_it_is_written(spelled: str) -> None:
    made = change(file("a.py", f"x = 1\n# {spelled}\n"))
    assert ("a.py", 2, "the line holds a credential: one of ours") in hits("secrets", made, Bounds(own_secrets=(OWN,)))
    assert OWN not in repr(Bounds(own_secrets=(OWN,)))


def test_a_finding_has_place_and_remedy_and_no_secret() -> None:
    verdict = judge_patch(change(file("src/a.py", f'"""A."""\n\nKEY = "{KEY}"\n')), Bounds())
    [finding] = findings_of(verdict)
    assert (finding.rule, finding.path, finding.line) == ("secrets", "src/a.py", 3)
    assert finding.remedy and "github-token" in finding.message
    assert KEY not in verdict.model_dump_json()


def test_a_flood_of_hits_is_counted_and_cut() -> None:
    verdict = judge_patch(change(file("a.py", "x\u200b = 1\n" * 5000)), Bounds())
    assert len(findings_of(verdict)) == 100
    assert "more than 100 places" in verdict.reason


def test_lines_that_only_moved_are_not_new() -> None:
    made = file("a.py", "b\na\nc\n", "a\nb\n")
    assert [(line.number, line.text) for line in made.added] == [(3, "c")]
    assert made.removed == ()
    assert [line.text for line in file("a.py", "a\n", "a\na\n").removed] == ["a"]


def test_a_commit_of_strange_words_is_told_without_them() -> None:
    made = change(file("a.py"), commits=(CommitText("b" * 40, f"x {KEY}", "a\u202eb"),))
    told = judge_patch(made, Bounds()).model_dump_json()
    assert "bbbbbbbbbb" in told and KEY not in told and "\u202e" not in told
