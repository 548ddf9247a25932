"""Environments for real projects: packages old and new, requirement files, and what can't be installed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tdev.core.artifacts.evaluation import TestOutcome
from tdev.errors import TransientError
from tdev.settings import Settings
from tdev.tools.pytest import run_tests
from tdev.tools.python_environment import PythonEnvironment, ensure

pytestmark = pytest.mark.e2e

Make = Callable[[Mapping[str, str]], Path]
BUILD = "[build-system]\nrequires = ['setuptools>=61']\nbuild-backend = 'setuptools.build_meta'\n"
MODERN = BUILD + "[project]\nname = 'calc'\nversion = '1.2'\ndependencies = ['attrs']\n"


def imports(environment: PythonEnvironment, *names: str) -> bool:
    code = "import " + ", ".join(names)
    return subprocess.run((environment.python, "-c", code), capture_output=True, check=False).returncode == 0


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def write(files: Mapping[str, str]) -> Path:
        project = tmp_path / "project"
        for name, content in files.items():
            file = project / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        return project

    return write


def test_a_package_with_extras_groups_and_metadata(make: Make, settings: Settings, tmp_path: Path) -> None:
    extra = "[project.optional-dependencies]\ntest = ['iniconfig']\n[dependency-groups]\ndev = ['sortedcontainers']\n"
    test = "import importlib.metadata as m, attr, calc\n\n\ndef test_it():\n    assert m.version('calc') == '1.2'\n"
    project = make({"pyproject.toml": MODERN + extra, "src/calc/__init__.py": "", "tests/test_it.py": test})
    environment = ensure(settings, project, tmp_path / "environment", 300)
    assert imports(environment, "calc", "attr", "iniconfig", "sortedcontainers", "pytest", "coverage", "hypothesis")
    assert not environment.note
    assert not list(project.glob("**/*.egg-info")), "the build left files in the project"
    result = run_tests(environment, project, settings, 60)
    assert result.outcomes == {"tests/test_it.py::test_it": TestOutcome.PASSED}, result


def test_it_is_made_again_only_when_dependency_files_change(make: Make, settings: Settings, tmp_path: Path) -> None:
    project = make({"requirements.txt": "attrs\n", "calc.py": ""})
    folder = tmp_path / "environment"
    first = ensure(settings, project, folder, 300)
    (folder / "mark").touch()
    assert ensure(settings, project, folder, 300) == first
    (project / "calc.py").write_text("x = 1\n")
    assert ensure(settings, project, folder, 300) == first
    assert (folder / "mark").exists()
    (project / "requirements.txt").write_text("attrs\nsortedcontainers\n")
    second = ensure(settings, project, folder, 300)
    assert second.fingerprint != first.fingerprint and not (folder / "mark").exists()
    assert imports(second, "attr", "sortedcontainers")


def test_pins_of_the_project_win_over_ours(make: Make, settings: Settings, tmp_path: Path) -> None:
    environment = ensure(settings, make({"requirements.txt": "pytest==8.4.2\n"}), tmp_path / "environment", 300)
    done = subprocess.run((environment.python, "-m", "pytest", "--version"), capture_output=True, text=True, check=True)
    assert "8.4.2" in done.stdout + done.stderr


def test_versions_taken_from_git_need_no_git(make: Make, settings: Settings, tmp_path: Path) -> None:
    text = (
        "[build-system]\nrequires = ['setuptools>=61', 'setuptools_scm>=8']\nbuild-backend = 'setuptools.build_meta'\n"
        "[project]\nname = 'calc'\ndynamic = ['version']\n[tool.setuptools_scm]\n"
    )
    project = make({"pyproject.toml": text, "src/calc/__init__.py": ""})
    environment = ensure(settings, project, tmp_path / "environment", 300)
    assert not environment.note and imports(environment, "calc")


def test_a_package_that_does_not_build_is_imported_from_its_folder_and_says_so(
    make: Make, settings: Settings, tmp_path: Path
) -> None:
    setup = (
        "from setuptools import Extension, setup\n"
        "setup(name='calc', packages=['calc'], package_dir={'': 'src'}, ext_modules=[Extension('c', ['gone.c'])])\n"
    )
    test = "import calc\n\n\ndef test_it():\n    assert calc.x == 1\n"
    project = make({"setup.py": setup, "src/calc/__init__.py": "x = 1\n", "test_it.py": test})
    environment = ensure(settings, project, tmp_path / "environment", 300)
    assert "could not be built" in environment.note and "src/" in environment.note
    result = run_tests(environment, project, settings, 60)
    assert result.ok and result.covered_lines == {"src/calc/__init__.py": (1,)}


@pytest.mark.parametrize(
    "requirement", ["this-name-is-taken-by-nobody-tdev==1.0", "attrs==0.0.0.1", "-r nowhere.txt", "not a requirement"]
)
def test_what_can_not_be_installed_is_an_error_with_the_installers_words(
    make: Make, settings: Settings, tmp_path: Path, requirement: str
) -> None:
    project = make({"requirements.txt": requirement + "\n"})
    with pytest.raises(TransientError, match="Installing the project's dependencies failed"):
        ensure(settings, project, tmp_path / "environment", 300)
    with pytest.raises(TransientError):
        ensure(settings, project, tmp_path / "environment", 300)


def test_a_project_for_an_interpreter_that_is_not_here(make: Make, settings: Settings, tmp_path: Path) -> None:
    project = make({"pyproject.toml": MODERN + "requires-python = '>=4'\n"})
    with pytest.raises(TransientError, match="No Python interpreter"):
        ensure(settings, project, tmp_path / "environment", 300)


def test_the_same_environment_follows_to_another_checkout(make: Make, settings: Settings, tmp_path: Path) -> None:
    files = {"pyproject.toml": MODERN, "src/calc/__init__.py": "x = 1\n"}
    first = make(files)
    folder = tmp_path / "environment"
    ensure(settings, first, folder, 300)
    second = first.rename(tmp_path / "second")
    environment = ensure(settings, second, folder, 300)
    done = subprocess.run(
        (environment.python, "-c", "import calc; print(calc.__file__)"), capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(str(second))
