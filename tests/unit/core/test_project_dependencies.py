from __future__ import annotations

import pytest

from tdev.core.project_dependencies import (
    ProjectDependencies,
    allows_python,
    decided_by_text,
    files_of,
    is_computed,
    names_packages_alone,
    project_dependencies,
)


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


@pytest.mark.parametrize(
    "text",
    [
        "attrs",
        "attrs>=23",
        " attrs [tests, more] >=23, <24 ; python_version >= '3.8'  # why",
        "zope.interface==5.0",
        "a~=1.0;sys_platform=='linux'",
    ],
)
def test_requirements_that_name_a_package_of_the_index(text: str) -> None:
    assert names_packages_alone((text,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "./attrs",
        "/attrs",
        "-r more.txt",
        "-e .",
        "--index-url=x",
        "attrs @ file:///x",
        "attrs@x",
        "attrs-1-py3-none-any.whl",
        "attrs.tar.gz",
        "ATTRS.WHL[x]",
        "attrs==1 \\",
        "attrs==${V}",
        "${NAME}",
        "attrs # x\n-r more.txt",
        "attrs; x == '/x'",
        "ättrs",
    ],
)
def test_requirements_that_may_lead_elsewhere(text: str) -> None:
    assert not names_packages_alone((text,))


STATIC = "[project]\nname='x'\nversion='1'\ndependencies=['attrs>=1']\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, True),
        ({"pyproject.toml": STATIC}, True),
        ({"pyproject.toml": STATIC + "[dependency-groups]\ntest=['pytest', {include-group='more'}]\n"}, True),
        ({"pyproject.toml": STATIC.replace("attrs>=1", "attrs @ file:///x")}, False),
        ({"pyproject.toml": STATIC + "[project.optional-dependencies]\nany=['./x']\n"}, False),
        ({"pyproject.toml": STATIC + "[dependency-groups]\nany=['./x']\n"}, False),
        ({"pyproject.toml": STATIC + "[tool.uv]\n"}, False),
        ({"pyproject.toml": STATIC + "[tool]\nuv = {index-url = 'x'}\n"}, False),
        ({"pyproject.toml": STATIC.replace("dependencies=['attrs>=1']", "dynamic=['dependencies']")}, False),
        ({"pyproject.toml": STATIC.replace("['attrs>=1']", "'attrs'")}, False),
        ({"pyproject.toml": "[dependency-groups]\ntest=['attrs']\n"}, True),
        ({"pyproject.toml": "[dependency-groups]\ntest=['attrs @ file:///x']\n"}, False),
        ({"setup.py": ""}, False),
        ({"setup.cfg": "[metadata]\nname=x\n"}, False),
        ({"requirements.txt": "# why\n\nattrs\r\n"}, True),
        ({"requirements.txt": "attrs\n", "requirements-dev.txt": "-r requirements.txt\n"}, False),
        ({"requirements.txt": "attrs\\\n==1\n"}, False),
    ],
)
def test_whether_anything_but_the_text_decides(files: dict[str, str], expected: bool) -> None:
    assert decided_by_text(project_dependencies(files), files) is expected


def test_files_that_the_installer_is_pointed_to() -> None:
    files = {"setup.py": "", "requirements-dev.txt": "", "pyproject.toml": "[dependency-groups]\ntest=[]\n"}
    assert files_of(project_dependencies(files)) == ("setup.py", "pyproject.toml")
    assert files_of(project_dependencies({"requirements.txt": ""})) == ("requirements.txt",)
    assert files_of(project_dependencies({})) == ()


def test_what_only_a_build_can_tell() -> None:
    named = [{"setup.py": ""}, {"setup.cfg": "[metadata]\nname=x\n"}, {"pyproject.toml": STATIC}, {}]
    assert [is_computed(project_dependencies(files)) for files in named] == [True, True, False, False]
