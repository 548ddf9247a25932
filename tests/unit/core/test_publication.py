from __future__ import annotations

import pytest

from tdev.core.publication import publication_of, published_packages, raised

BUILD = '[build-system]\nrequires = ["hatchling"]\n'
PROJECT = '[project]\nname = "pk"\nversion = "1.2"\n'


@pytest.mark.parametrize(
    ("texts", "version"),
    [
        ({"pyproject.toml": BUILD + PROJECT}, "1.2"),
        ({"pyproject.toml": BUILD + '[tool.poetry]\nname = "pk"\nversion = "3.0"\n'}, "3.0"),
        ({"setup.cfg": "[metadata]\nname = pk\nversion = 0.4\n"}, "0.4"),
        ({"setup.py": "setup(name='pk')\n", "src/pk/__init__.py": "VERSION = '2.5.1'\n"}, "2.5.1"),
        ({"setup.cfg": "[metadata]\nname = pk\n", "pk/__about__.py": 'version: str = "7.0"\n'}, "7.0"),
        ({"pyproject.toml": BUILD + '[project]\nname = "pk"\ndynamic = ["version"]\n'}, ""),
    ],
)  # fmt: skip
def test_what_is_published(texts: dict[str, str], version: str) -> None:
    found = publication_of(texts)
    assert found is not None
    assert found.version == version


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"pyproject.toml": PROJECT},
        {"pyproject.toml": BUILD},
        {"pyproject.toml": BUILD + PROJECT + 'classifiers = ["Private :: Do Not Upload"]\n'},
        {"pyproject.toml": "not toml ["},
        {"setup.cfg": "[flake8]\nmax-line-length = 100\n"},
    ],
)
def test_what_is_not(texts: dict[str, str]) -> None:
    assert publication_of(texts) is None


def test_packages_are_those_at_the_top_and_no_tests_or_tools() -> None:
    paths = ["pk/__init__.py", "pk/a.py", "src/qk/__init__.py", "tests/__init__.py", "tools/__init__.py", "rk/a.py"]
    paths += ["_priv/__init__.py", "deep/er/sk/__init__.py", "pk/sub/__init__.py"]
    assert published_packages(paths) == {"pk": ".", "qk": "src"}
    assert published_packages(["services/api/src/pk/__init__.py"], "services/api") == {"pk": "services/api/src"}


@pytest.mark.parametrize(
    ("before", "after", "room"),
    [
        ("1.2.0", "2.0", True),
        ("1.2.0", "1.3.0", False),
        ("0.4.1", "0.5.0", True),
        ("0.4.1", "0.4.2", False),
        ("0.9", "1.0", True),
        ("2.0", "1.9", False),
        ("", "2.0", False),
        ("1.0", "", False),
        ("9" * 400, "1", False),
    ],
)
def test_versions_that_leave_room_for_breaks(before: str, after: str, room: bool) -> None:
    assert raised(before, after) is room
