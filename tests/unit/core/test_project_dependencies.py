from __future__ import annotations

import pytest

from tdev.core.project_dependencies import ProjectDependencies, allows_python, project_dependencies


def test_nothing_at_all() -> None:
    assert project_dependencies({}) == ProjectDependencies()


def test_a_package_with_extras_and_groups() -> None:
    text = (
        "[project]\nname = 'x'\nrequires-python = '>=3.9'\n[project.optional-dependencies]\ntest = []\ndocs = []\n"
        "[dependency-groups]\ndev = []\nlint = []\n"
    )
    wanted = project_dependencies({"pyproject.toml": text, "requirements.txt": "", "requirements-dev.txt": ""})
    assert wanted == ProjectDependencies(
        metadata="pyproject.toml", extras=("test",), groups=("dev",), files=(), requires_python=">=3.9"
    )


def test_a_package_without_extras_takes_its_test_requirements() -> None:
    wanted = project_dependencies({"setup.py": "", "requirements.txt": "", "requirements-test.txt": ""})
    assert (wanted.metadata, wanted.files) == ("setup.py", ("requirements-test.txt",))


def test_requirements_of_a_project_that_is_no_package() -> None:
    files = {
        "pyproject.toml": "[tool.ruff]\n",
        "requirements.txt": "",
        "requirements.lock": "",
        "requirements-dev.txt": "",
    }
    assert project_dependencies(files).files == ("requirements.txt", "requirements-dev.txt")


def test_setup_cfg() -> None:
    text = "[metadata]\nname = x\n[options]\npython_requires = >=3.7\n[options.extras_require]\ntesting =\n  pytest\n"
    wanted = project_dependencies({"setup.cfg": text})
    assert wanted == ProjectDependencies(metadata="setup.cfg", extras=("testing",), requires_python=">=3.7")


@pytest.mark.parametrize("text", ["[project", "project = 3", "\0", "[project]\noptional-dependencies = 4"])
def test_a_damaged_file_is_left_to_the_installer(text: str) -> None:
    project_dependencies({"pyproject.toml": text, "setup.cfg": text})


@pytest.mark.parametrize(
    ("requires", "allowed"),
    [
        ("", True),
        (">=3.8", True),
        (">=3.8,<4", True),
        ("<3.11", False),
        (">=3.12", False),
        ("~=3.10", True),
        ("~=3.10.0", False),
        ("==3.11.*", True),
        ("==3.10.*", False),
        ("!=3.11.*", False),
        (">=3.11.8", False),
        ("weird", True),
    ],
)
def test_allows_python(requires: str, allowed: bool) -> None:
    assert allows_python(requires, (3, 11, 7)) is allowed
