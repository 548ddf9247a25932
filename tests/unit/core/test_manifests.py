"""What dependency files say."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.core.manifests import is_manifest, python_floor, requirements

FILES = ("requirements.txt", "pyproject.toml", "setup.cfg", "setup.py")


def read(path: str, text: str) -> list[tuple[int, str, str, str]]:
    return [(one.line, one.written, one.specifier, one.version) for one in requirements(path, text)]


@pytest.mark.parametrize(
    "path",
    [
        *FILES,
        "a/requirements-dev.txt",
        "dev-requirements.txt",
        "requirements/base.txt",
        "constraints.txt",
        "requirements.in",
    ],
)
def test_manifests(path: str) -> None:
    assert is_manifest(path)


@pytest.mark.parametrize("path", ["readme.txt", "pyproject.toml.bak", "docs/setup.md", "requirements/readme.md"])
def test_other_files_are_none(path: str) -> None:
    assert not is_manifest(path)


def test_requirement_files() -> None:
    text = (
        "# comment\n-r other.txt\n--index-url https://x\nrequests==2.19.1 \\\n    --hash=sha256:abc\n"
        "attrs\nclick[all]>=8,<9 ; python_version > '3'\n./local\nx @ https://host/x.zip\n-e .\nstar==1.*\npy (==2.0)\n"
        "\nlast===1.0  # why\n"
    )
    assert read("requirements.txt", text) == [
        (4, "requests", "==2.19.1", "2.19.1"),
        (6, "attrs", "", ""),
        (7, "click", ">=8,<9", ""),
        (11, "star", "==1.*", ""),
        (12, "py", "==2.0", "2.0"),
        (14, "last", "===1.0", "1.0"),
    ]


def test_pyproject() -> None:
    text = """[build-system]
requires = ["hatchling==1.0"]
[project]
dependencies = [
  "httpx==0.20",
  "attrs>=20",
]
[project.optional-dependencies]
cli = ["rich"]
[dependency-groups]
dev = ["pytest==7.0", {include-group = "x"}]
[tool.poetry.dependencies]
python = "^3.8"
django = "3.2"
flask = "^2"
local = {path = "."}
other = {version = "==1"}
"""
    assert read("pyproject.toml", text) == [
        (2, "hatchling", "==1.0", "1.0"),
        (5, "httpx", "==0.20", "0.20"),
        (6, "attrs", ">=20", ""),
        (9, "rich", "", ""),
        (11, "pytest", "==7.0", "7.0"),
        (14, "django", "==3.2", "3.2"),
        (15, "flask", ">=2,<3", ""),
        (17, "other", "==1", "1"),
    ]


def test_setup_cfg_and_setup_py() -> None:
    cfg = "[options]\npython_requires = >=3.7\ninstall_requires =\n    six==1.10\n[options.extras_require]\nx = y==2\n"
    assert read("setup.cfg", cfg) == [(4, "six", "==1.10", "1.10"), (6, "y", "==2", "2")]
    script = "from setuptools import setup\nsetup(name='x',\n install_requires=['six==1.10', variable][:1] or [],\n)\n"
    assert read("setup.py", script) == [(3, "six", "==1.10", "1.10")]
    assert read("setup.py", "setup(install_requires=[\n'six==1.10',\n 5])") == [(2, "six", "==1.10", "1.10")]


@pytest.mark.parametrize(
    ("path", "text", "version"),
    [
        ("pyproject.toml", '[project]\nrequires-python = ">=3.9,<4"\n', (3, 9)),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.8"\n', (3, 8)),
        ("setup.cfg", "[options]\npython_requires = >=3.6\n", (3, 6)),
        ("setup.py", "setup(python_requires='>=2.7, !=3.0.*')", (2, 7)),
        ("setup.py", "x = ['Programming Language :: Python :: 3.10', 'Programming Language :: Python :: 3.7']", (3, 7)),
        ("pyproject.toml", '[project]\nrequires-python = "<4"\n', None),
        ("pyproject.toml", "not toml [", None),
    ],
)
def test_the_oldest_python(path: str, text: str, version: tuple[int, int] | None) -> None:
    floor = python_floor({path: text})
    assert (floor.version if floor else None) == version


def test_the_manifest_nearest_to_the_root_decides() -> None:
    manifests = {
        "deep/er/setup.cfg": "[options]\npython_requires = >=3.5\n",
        "pyproject.toml": '[project]\nrequires-python = ">=3.11"\n',
    }
    floor = python_floor(manifests)
    assert floor is not None and floor.version == (3, 11) and floor.line == 2


@given(st.sampled_from(FILES), st.text(max_size=300))
def test_no_text_makes_the_reader_fail(path: str, text: str) -> None:
    requirements(path, text)
    python_floor({path: text})


@pytest.mark.parametrize("path", FILES)
def test_hostile_nesting(path: str) -> None:
    text = "x = " + "[" * 100_000
    assert requirements(path, text) == ()
    assert python_floor({path: text}) is None


@pytest.mark.parametrize("path", FILES)
def test_no_shape_of_a_dependency_file_takes_long(path: str) -> None:
    rows = ",".join(f'"a{number}==1"' for number in range(5_000))
    texts = (
        f"[project]\ndependencies = [{rows}]\n".replace(",", ",\n"),
        "setup(install_requires=[" + rows + "])",
        "[options]\ninstall_requires =\n" + "".join(f"    a{number}==1\n" for number in range(5_000)),
        "a" * 200_000 + "\n;",
        "a" + " " * 200_000 + ";\n",
        '[project]\ndependencies = ["""' + "a" * 100_000 + '\n;"""]\n',
    )
    started = time.process_time()
    for text in texts:
        requirements(path, text)
        python_floor({path: text})
    assert time.process_time() - started < 20
