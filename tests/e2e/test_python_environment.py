"""Environments for real projects: packages old and new, requirement files, and what can't be installed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tdev.core.artifacts.evaluation import TestOutcome
from tdev.errors import TransientError
from tdev.settings import Settings
from tdev.tools import kept_environments
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


def test_what_tox_installs_is_there_and_what_can_not_be_read_is_told(
    make: Make, settings: Settings, tmp_path: Path
) -> None:
    tox = "[testenv]\ndeps =\n    sortedcontainers\n    {[base]deps}\n"
    environment = ensure(settings, make({"tox.ini": tox, "calc.py": ""}), tmp_path / "environment", 300)
    assert imports(environment, "sortedcontainers")
    assert "{[base]deps} (tox.ini)" in environment.note


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


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """A machine that has kept nothing yet."""
    home = tmp_path / "own"
    home.mkdir()
    (home / "tools").symlink_to(settings.tool_environments)
    return replace(settings, home=home)


def kept(settings: Settings) -> int:
    place = settings.cache / "environments"
    return sum(not entry.name.startswith(".") for entry in place.iterdir()) if place.is_dir() else 0


def test_the_second_environment_with_the_same_packages_is_a_copy(make: Make, own: Settings, tmp_path: Path) -> None:
    project = make({"pyproject.toml": MODERN, "src/calc/__init__.py": "", "test_it.py": "def test_it(): import attr\n"})
    first = ensure(own, project, tmp_path / "first", 300)
    assert kept(own) == 2, "what tests need and what builds need"
    for file in (tmp_path / "first").glob("lib/python*/site-packages/attr/__init__.py"):
        file.write_text("raise ImportError\n")
    second = ensure(own, project, tmp_path / "second", 300)
    assert kept(own) == 2 and imports(second, "calc", "attr", "pytest") and not imports(first, "attr")
    assert run_tests(second, project, own, 60).outcomes == {"test_it.py::test_it": TestOutcome.PASSED}
    said = subprocess.run((second.python.parent / "pytest", "--version"), capture_output=True, text=True, check=True)
    assert "pytest" in said.stdout + said.stderr
    code = "import attr; print(attr.__cached__, attr.__file__)"
    done = subprocess.run((second.python, "-c", code), capture_output=True, text=True, check=True)
    byte_code, source = done.stdout.split()
    assert Path(byte_code).is_file() and source.startswith(str(tmp_path / "second"))


@pytest.mark.parametrize(
    "files",
    [
        {"uv.toml": "", "requirements.txt": "attrs\n"},
        {"pyproject.toml": "[tool.uv]\n", "requirements.txt": "attrs\n"},
        {"requirements.txt": "-r more.txt\n", "more.txt": "attrs\n"},
        {"requirements.txt": "./lib\n", "lib/setup.py": "from setuptools import setup\nsetup(name='attrs')\n"},
    ],
)
def test_what_a_repository_has_a_say_in_is_not_kept(
    make: Make, own: Settings, tmp_path: Path, files: Mapping[str, str]
) -> None:
    ensure(own, make(files), tmp_path / "environment", 300)
    assert kept(own) == 0


def test_what_a_build_says_it_depends_on_is_installed(make: Make, own: Settings, tmp_path: Path) -> None:
    needs = "install_requires=['attrs', 'pytest<9'], extras_require={'docs': ['this-name-is-taken-by-nobody-tdev']}"
    setup = f"from setuptools import setup\nsetup(name='calc', py_modules=['calc'], {needs})\n"
    environment = ensure(own, make({"setup.py": setup, "calc.py": "import attr\n"}), tmp_path / "environment", 300)
    assert imports(environment, "calc", "attr") and not environment.note
    done = subprocess.run((environment.python, "-m", "pytest", "--version"), capture_output=True, text=True, check=True)
    assert "pytest 8" in done.stdout + done.stderr
    assert kept(own) == 2


@pytest.mark.parametrize(
    "requirement", ["attrs @ file:///nowhere", "-rnowhere.txt", "this-name-is-taken-by-nobody-tdev"]
)
def test_what_a_build_says_can_not_be_installed(make: Make, own: Settings, tmp_path: Path, requirement: str) -> None:
    setup = (
        f"from setuptools import setup\nsetup(name='calc', py_modules=['calc'], install_requires=[{requirement!r}])\n"
    )
    with pytest.raises(TransientError, match="Installing the project's dependencies failed"):
        ensure(own, make({"setup.py": setup, "calc.py": ""}), tmp_path / "environment", 300)


def test_what_is_kept_and_half_gone_is_made_again(make: Make, own: Settings, tmp_path: Path) -> None:
    project = make({"requirements.txt": "attrs\n"})
    ensure(own, project, tmp_path / "first", 300)
    (entry,) = (own.cache / "environments").iterdir()
    (entry / "bin").rename(tmp_path / "bin")
    assert imports(ensure(own, project, tmp_path / "second", 300), "attr", "pytest")
    assert kept_environments.is_kept(own, entry.name)
