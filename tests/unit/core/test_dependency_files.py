from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.core.dependency_change import dependency_change, read_dependencies
from tdev.core.manifests import Dependencies, dependencies_of, is_dependency_file, normalised


def pairs(said: Dependencies) -> set[tuple[str, str]]:
    return {(requirement.name, requirement.specifier) for requirement in said.requirements}


@pytest.mark.parametrize(
    "path",
    [
        "requirements.txt",
        "requirements-dev.txt",
        "dev-requirements.txt",
        "requirements/base.txt",
        "service/requirements.lock",
        "constraints.txt",
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "uv.lock",
        "poetry.lock",
        "Pipfile.lock",
        "pylock.toml",
        "pylock.dev.toml",
    ],
)
def test_dependency_files_are_known_by_name(path: str) -> None:
    assert is_dependency_file(path)


@pytest.mark.parametrize("path", ["README.txt", "docs/requirements.md", "notes/requirement.txt", "setup.pyc", "a.lock"])
def test_other_files_are_not(path: str) -> None:
    assert not is_dependency_file(path)


def test_a_requirement_file() -> None:
    text = (
        "# comment\n"
        "Flask[Async]==2.0.1 ; python_version >= '3.8'  # why\n"
        "requests >= 2.0, <3\n"
        "a-lock==1.0 \\\n"
        "    --hash=sha256:00 \\\n"
        "    --hash=sha256:11\n"
        "naked\n"
        "-r more/base.in\n"
        "--extra-index-url https://user:word@packages.example/simple\n"
        "tool @ git+https://example.org/tool.git@main\n"
        "-e git+https://example.org/other.git#egg=Other_Tool\n"
        "-e .\n"
        "./local\n"
        "=?= not a requirement\n"
    )
    said = dependencies_of("requirements.txt", text)
    assert pairs(said) >= {("flask", "==2.0.1"), ("requests", ">=2.0,<3"), ("a-lock", "==1.0"), ("naked", "")}
    lines = {requirement.name: requirement.line for requirement in said.requirements}
    assert (lines["flask"], lines["a-lock"], lines["naked"]) == (2, 4, 7)
    assert {requirement.name for requirement in said.requirements if requirement.url} == {"tool", "other-tool"}
    assert said.includes == ("more/base.in",)
    assert said.indexes == (("https://user:word@packages.example/simple", 9),)
    assert [line for _, line in said.unclear] == [14]


def test_pyproject() -> None:
    text = """
[project]
name = "My_Shop"
dependencies = ["flask>=2", "Jinja2==3.1.4"]
[project.optional-dependencies]
dev = ["pytest==8.0.0", "my-shop[docs]"]
[dependency-groups]
lint = ["ruff==0.1.0", {include-group = "dev"}]
[build-system]
requires = ["hatchling"]
[tool.uv.sources]
flask = {git = "https://example.org/flask"}
[[tool.uv.index]]
url = "https://packages.example/simple"
"""
    said = dependencies_of("pyproject.toml", text)
    assert pairs(said) >= {("flask", ">=2"), ("jinja2", "==3.1.4"), ("pytest", "==8.0.0"), ("ruff", "==0.1.0")}
    assert said.project == "my-shop"
    assert [requirement.url for requirement in said.requirements if requirement.url] == ["https://example.org/flask"]
    assert said.indexes[0][0] == "https://packages.example/simple"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"^1.2.3"', ">=1.2.3,<2"),
        ('"^0.2.3"', ">=0.2.3,<0.3"),
        ('"~1.2"', ">=1.2,<1.3"),
        ('"1.2.3"', "==1.2.3"),
        ('"1.2.*"', "==1.2.*"),
        ('"*"', ""),
        ('">=1, <2"', ">=1,<2"),
        ('{version = "^2"}', ">=2,<3"),
    ],
)
def test_poetry_writes_versions_in_its_own_way(written: str, meant: str) -> None:
    text = f'[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.9"\nflask = {written}\n'
    assert pairs(dependencies_of("pyproject.toml", text)) == {("flask", meant)}


def test_lock_files() -> None:
    uv = (
        'version = 1\n[[package]]\nname = "flask"\nversion = "3.0.0"\n'
        'source = { registry = "https://index.example/simple" }\n'
        '[[package]]\nname = "shop"\nversion = "0.1"\nsource = { editable = "." }\n'
        '[[package]]\nname = "tool"\nversion = "1.0"\nsource = { git = "https://example.org/tool?rev=1#2" }\n'
    )
    said = dependencies_of("uv.lock", uv)
    assert pairs(said) == {("flask", "==3.0.0"), ("tool", "==1.0")}
    assert [requirement.name for requirement in said.requirements if requirement.url] == ["tool"]
    assert said.requirements[0].line == 3
    poetry = '[[package]]\nname = "Flask"\nversion = "3.0.0"\nfiles = [{file = "flask.whl", hash = "sha256:0"}]\n'
    assert pairs(dependencies_of("poetry.lock", poetry)) == {("flask", "==3.0.0")}
    pipfile = '{"default": {"flask": {"version": "==3.0.0", "hashes": []}}, "develop": {}}'
    assert pairs(dependencies_of("Pipfile.lock", pipfile)) == {("flask", "==3.0.0")}
    pylock = '[[packages]]\nname = "flask"\nversion = "3.0.0"\n[[packages]]\nname = "x"\n[packages.vcs]\nurl = "https://e.org/x"\n'
    assert pairs(dependencies_of("pylock.toml", pylock)) == {("flask", "==3.0.0"), ("x", "")}


def test_setup_files() -> None:
    cfg = "[metadata]\nname = shop\n[options]\ninstall_requires =\n  flask==2.0.1\n  # no\n  requests\n"
    assert pairs(dependencies_of("setup.cfg", cfg)) == {("flask", "==2.0.1"), ("requests", "")}
    py = "from setuptools import setup\n"
    py += "setup(name='shop', install_requires=['flask==2.0.1'], extras_require={'dev': ['pytest']})\n"
    said = dependencies_of("setup.py", py)
    assert pairs(said) == {("flask", "==2.0.1"), ("pytest", "")}
    assert said.project == "shop"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project"),
        ("uv.lock", "="),
        ("Pipfile.lock", "[1"),
        ("setup.py", "def ("),
        ("setup.cfg", "x"),
    ],
)
def test_a_broken_file_says_so(path: str, text: str) -> None:
    assert path in dependencies_of(path, text).error


@given(
    st.sampled_from(["requirements.txt", "pyproject.toml", "setup.cfg", "setup.py", "uv.lock", "Pipfile.lock"]),
    st.text(),
)
def test_no_text_crashes_it(path: str, text: str) -> None:
    dependencies_of(path, text)


def change(before: dict[str, str], after: dict[str, str]) -> object:
    return dependency_change(read_dependencies(before, before.get), read_dependencies(after, after.get))


def test_only_what_is_new_counts() -> None:
    said = change(
        {"requirements.txt": "flask==2.0.1\nrequests==2.19.1\n"},
        {"requirements.txt": "# moved\nrequests==2.19.1\nFlask==2.0.2\n", "dev-requirements.txt": "requests==2.19.1\n"},
    )
    assert [requirement.text for requirement in said.requirements] == ["flask==2.0.2"]
    assert said.files == 2


def test_included_files_count_whatever_their_name() -> None:
    said = change(
        {"x/extra.list": "flask==1.0\n"}, {"x/requirements.txt": "-r extra.list\n", "x/extra.list": "flask==1.0\n"}
    )
    assert [requirement.path for requirement in said.requirements] == ["x/extra.list"]


def test_a_file_that_breaks_is_a_problem_and_one_that_was_broken_is_not() -> None:
    assert change({"pyproject.toml": ""}, {"pyproject.toml": "[["}).problems
    assert not change({"pyproject.toml": "[["}, {"pyproject.toml": "[["}).problems
    assert change({}, {"requirements.txt": "?\n"}).problems == ("line 1 of requirements.txt can't be understood",)


def test_files_that_include_each_other_end() -> None:
    assert change({}, {"requirements.txt": "-r requirements.txt\n-r ../outside.txt\na==1\n"}).requirements


def test_an_index_that_is_named_anew_is_told() -> None:
    before = {"requirements.txt": "-i https://index.example/simple\n"}
    after = {"requirements.txt": "-i https://index.example/simple\n--extra-index-url https://packages.example/\n"}
    assert [address for address, _, _ in change(before, after).indexes] == ["https://packages.example/"]


def test_names_are_compared_as_indexes_do() -> None:
    assert normalised("Zope.Interface__X") == "zope-interface-x"
