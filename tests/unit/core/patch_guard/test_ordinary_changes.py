"""Ordinary good changes: the guard has nothing to say about any of them."""

from __future__ import annotations

import pytest

from support.changes import change, file
from tdev.core.artifacts.verdict import Outcome
from tdev.core.patch_guard import Bounds, Change, judge_patch

TEST = '''"""Sums."""

import pytest

from calc import add


def test_add():
    assert add(1, 2) == 3


def test_words():
    with pytest.raises(TypeError, match="number"):
        add("a", 1)
'''
CODE = '''"""Sums."""


def add(a: int, b: int) -> int:
    """The sum."""
    return a + b
'''
ORDINARY: dict[str, Change] = {
    "a function is changed": change(file("src/calc.py", CODE.replace("a + b", "b + a"), CODE)),
    "a module is added": change(file("src/calc/more.py", CODE), file("tests/test_more.py", TEST)),
    "a test is added": change(
        file("tests/test_calc.py", TEST + "\n\ndef test_zero():\n    assert add(0, 0) == 0\n", TEST)
    ),
    "an assertion is added": change(
        file("tests/test_calc.py", TEST.replace("== 3", "== 3\n    assert add(2, 2) == 4"), TEST)
    ),
    "an expected value is corrected": change(file("tests/test_calc.py", TEST.replace("== 3", "== 4"), TEST)),
    "a test is renamed": change(file("tests/test_calc.py", TEST.replace("test_add", "test_sum"), TEST)),
    "a test file is moved": change(file("tests/unit/test_calc.py", TEST, TEST, old_path="tests/test_calc.py")),
    "tests are split into two files": change(
        file("tests/test_calc.py", TEST[: TEST.index("\n\ndef test_words")], TEST),
        file("tests/test_words.py", TEST.replace("def test_add():\n    assert add(1, 2) == 3\n\n\n", "")),
    ),
    "a new test skips on Windows": change(
        file(
            "tests/test_new.py",
            "import sys, pytest\n\n@pytest.mark.skipif(sys.platform == 'win32', reason='no fork')\n"
            "def test_fork():\n    assert 1 + 1 == sum([1, 1])\n",
        ),
    ),
    "a fixture is added": change(
        file("tests/conftest.py", "import pytest\n\n@pytest.fixture\ndef number():\n    return 1\n", "import pytest\n"),
    ),
    "documentation in Korean": change(file("docs/사용법.md", "# 사용법\n\n라벨을 붙이면 풀 리퀘스트가 생깁니다.\n")),
    "Persian with its joiners": change(file("docs/fa.md", "\u0645\u06cc\u200c\u062e\u0648\n")),
    "emoji": change(file("README.md", "Done \u2714\ufe0f 👨\u200d👩\u200d👧 ✅\n", "Done\n")),
    "Greek names of quantities": change(file("physics.py", "Δt = 1\nλ_x = 2\nμ = 3\n")),
    "typographic quotes, dashes and figures": change(file("README.md", "“so” – 3 × 4 m² … ½ café naïve\n")),
    "a Windows text": change(file("notes.txt", "one\r\ntwo\r\n")),
    "a .gitignore": change(file(".gitignore", "*.pyc\n.venv/\n", "*.pyc\n")),
    "line ends in .gitattributes": change(file(".gitattributes", "* text=auto\n*.sh text eol=lf\n")),
    "a file is deleted": change(file("src/old.py", None, CODE)),
    "a made-up password in a test": change(
        file("tests/test_login.py", 'def test_login():\n    assert login(password="hunter22-hunter22") == 1\n')
    ),
    "a digest": change(file("data.py", 'SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"\n')),
    "an ignored rule of style": change(
        file("a.py", "import b  # noqa: E402\nx: int = y  # type: ignore[assignment]\n")
    ),
    "a notice whose year is raised": change(
        file("a.py", "# Copyright 2026 Ada\nx = 1\n", "# Copyright 2025 Ada\nx = 1\n")
    ),
    "a licence is added": change(file("LICENSE", "MIT License\n")),
    "a package named like a tool": change(file("src/copilot/agents.py", CODE), file("src/github/hooks.py", CODE)),
    "a symbolic link is deleted": change(file("latest", None, "v1", old_mode="120000")),
    "nothing": change(),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_change_passes(name: str) -> None:
    verdict = judge_patch(ORDINARY[name], Bounds())
    assert verdict.outcome is Outcome.PASS, verdict.reason


BUILD = change(
    file("services/shop/pyproject.toml", '[build-system]\nrequires = ["hatchling"]\n'),
    file("services/shop/requirements.lock", "fastapi==0.115.0 --hash=sha256:" + "ab" * 32 + "\n"),
    file("services/shop/Dockerfile", "FROM python:3.12-slim\n"),
    file("services/shop/.dockerignore", ".git\n"),
    file("services/shop/run.sh", "#!/bin/sh\n", mode="100755"),
    file("services/shop/tests/conftest.py", "import pytest\n"),
)


def test_a_build_brings_its_own_manifests() -> None:
    verdict = judge_patch(BUILD, Bounds(own_folder="services/shop"))
    assert verdict.outcome is Outcome.PASS, verdict.reason
    assert judge_patch(BUILD, Bounds()).outcome is Outcome.REVIEW


def test_a_goal_about_dependencies_may_change_them() -> None:
    made = change(file("requirements.txt", "jinja2==3.1.6\n", "jinja2==3.1.0\n"))
    assert judge_patch(made, Bounds(dependencies=True)).outcome is Outcome.PASS
    assert judge_patch(made, Bounds()).outcome is Outcome.REVIEW
