"""The programs behind the quality gate: whatever goes wrong with one, its report is no evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tdev.core.artifacts.finding import ToolReport
from tdev.core.module_names import layout_of
from tdev.core.type_settings import type_settings
from tdev.errors import TransientError
from tdev.settings import Settings
from tdev.tools import griffe, import_linter, mypy, ruff_check, vulture
from tdev.tools.toolbox import Toolbox

pytestmark = pytest.mark.e2e

Ask = Callable[[Settings, Path, float], ToolReport]
FILES = {
    "pk/__init__.py": "",
    "pk/a.py": "def f(x: int) -> int:\n    return x\n",
    "ruff.toml": "",
    ".importlinter": (
        "[importlinter]\nroot_package = pk\n[importlinter:contract:1]\nname = n\ntype = forbidden\n"
        "source_modules = pk.a\nforbidden_modules = pk.b\n"
    ),
    "pk/b.py": "",
}
PYTHON = tuple(path for path in FILES if path.endswith(".py"))
LAYOUT = layout_of(PYTHON)


def ask_ruff(settings: Settings, tree: Path, timeout: float) -> ToolReport:
    return ruff_check.check(settings, tree, PYTHON, timeout)


def ask_mypy(settings: Settings, tree: Path, timeout: float) -> ToolReport:
    (tree.parent / "mypy").mkdir(exist_ok=True)
    job = mypy.Job(tree, LAYOUT, type_settings({}).ini, (tree.parent / "mypy").resolve())
    return mypy.check(settings, job, timeout)


def ask_griffe(settings: Settings, tree: Path, timeout: float) -> ToolReport:
    return griffe.breaks(settings, griffe.Trees(tree, tree, {"pk": (".",)}), timeout)


def ask_vulture(settings: Settings, tree: Path, timeout: float) -> ToolReport:
    return vulture.unused(settings, tree, PYTHON, timeout)


def ask_import_linter(settings: Settings, tree: Path, timeout: float) -> ToolReport:
    return import_linter.contracts(settings, tree, ".importlinter", LAYOUT, timeout)


PROGRAMS: dict[str, tuple[Ask, str]] = {
    "ruff": (ask_ruff, "ruff"),
    "mypy": (ask_mypy, "mypy"),
    "griffe": (ask_griffe, "python"),
    "vulture": (ask_vulture, "python"),
    "import-linter": (ask_import_linter, "python"),
}
LIES = {
    "says nothing": "exit 0",
    "finds nothing": "echo '[]'; exit 0",
    "looked at nothing": 'echo \'{"examined": 0, "breaks": [], "unused": [], "kept": [], "broken": []}\'; exit 0',
    "crashes": "echo Traceback >&2; exit 1",
    "is cut off": 'printf \'{"examined": 3, "br\'; exit 0',
    "is killed": "kill -9 $$",
    "does not end": "sleep 60",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_real_program_gives_evidence(settings: Settings, tree: Path, name: str) -> None:
    report = PROGRAMS[name][0](settings, tree, 120)
    assert (report.ok, report.examined > 0, report.version) == (True, True, Toolbox(settings).version(name)), report


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_false_program_gives_none(settings: Settings, tree: Path, tmp_path: Path, name: str, lie: str) -> None:
    ask, program = PROGRAMS[name]
    false = replace(settings, home=tmp_path / "false")
    folder = Toolbox(false).environment(name)
    (folder / "bin").mkdir(parents=True)
    for file in (".tdev-ready", "pyvenv.cfg", "bin/python", "bin/griffe", "bin/lint-imports", f"bin/{name}"):
        (folder / file).touch()
    (folder / "bin" / "griffecli").touch()
    (folder / "bin" / program).write_text(f"#!/bin/sh\n{LIES[lie]}\n")
    (folder / "bin" / program).chmod(0o755)
    report = ask(false, tree, 1)
    assert not report.ok
    assert report.reason
    assert report.tool == name


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_missing_program_is_told(settings: Settings, tree: Path, tmp_path: Path, name: str) -> None:
    nowhere = {"UV_INDEX_URL": "http://127.0.0.1:9/simple", "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"}
    environment = {
        **settings.installer_environment,
        **nowhere,
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_OFFLINE": "1",
    }
    lost = replace(settings, home=tmp_path / "lost", installer_environment=environment)
    with pytest.raises(TransientError, match=name):
        PROGRAMS[name][0](lost, tree, 5)


def test_what_mypy_keeps_of_one_checkout_is_told_of_the_next(settings: Settings, tmp_path: Path) -> None:
    """Kept errors name the checkout they were found in; dropped as strangers, a tree full of them looked clean."""
    said = []
    for name in ("base", "head"):
        tree = tmp_path / name
        for path in LAYOUT.files:
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text('"""M."""\n\nTOTAL: int = "three"\n')
        said.append(ask_mypy(settings, tree, 100))
    assert all(report.ok for report in said), said
    assert said[0].findings == said[1].findings and len(said[0].findings) == len(LAYOUT.files)
