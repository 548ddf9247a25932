from __future__ import annotations

from pathlib import Path

import pytest

from tdev.core.deptry_settings import DeptrySettings, deptry_settings
from tdev.core.distributions import entry_point_groups, import_names, is_for_checkers, modules_in
from tdev.core.manifests import normalised
from tdev.core.mentions import MOST_CHARACTERS, may_mention, mentioned
from tdev.core.package_names import popular_names

POLICIES = Path(__file__).parents[3] / "policies"
RECORD = """\
black/__init__.py,sha256=x,1
_black_version.py,,
_speed.cpython-311-x86_64-linux-gnu.so,,
"quoted/a,b.py",,
tests/test_it.py,,
../../bin/black,,
black-1.0.dist-info/METADATA,,
black.libs/libx.so,,
README.txt,,
"""


def test_modules_are_the_folders_and_files_at_the_top() -> None:
    assert modules_in(RECORD) == {"black", "_black_version", "_speed", "quoted"}
    assert modules_in("") == frozenset()


def test_groups_of_entry_points() -> None:
    assert entry_point_groups("[console_scripts]\na = b:c\n\n[pytest11]\nx = y\n") == ("console_scripts", "pytest11")
    assert entry_point_groups("") == ()


@pytest.mark.parametrize(
    ("name", "only_types"), [("types-requests", True), ("pandas-stubs", True), ("typesense", False), ("stubs", False)]
)
def test_packages_with_types_only(name: str, only_types: bool) -> None:
    assert is_for_checkers(name) is only_types


def test_the_lists_are_sorted_and_in_the_spelling_that_is_looked_up() -> None:
    text = (POLICIES / "import-names.txt").read_text("utf-8")
    names = list(import_names(text))
    assert names == sorted(names) and all(normalised(name) == name for name in names)
    assert import_names(text)["pyyaml"] == ("yaml",)
    assert len(names) == sum(not line.startswith("#") for line in text.splitlines())
    loaded = [line for line in (POLICIES / "loaded-by-others.txt").read_text("utf-8").splitlines() if line[0] != "#"]
    assert loaded == sorted(popular_names("\n".join(loaded))) and all(normalised(name) == name for name in loaded)


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("a.py", '"corsheaders.middleware.X"', {"corsheaders"}),
        ("a.py", '"postgresql+psycopg2://me@here/db"', {"psycopg2"}),
        ("a.py", '"""Answers requests."""\n# requests\nrequests = 1', set()),
        ("a.py", 'def (\n"requests"', set()),
        ("Procfile", "web: gunicorn app:app", {"gunicorn"}),
        ("deploy/k.yml", "image: django-cors-headers", {"django-cors-headers"}),
        ("Procfile", "web: gunicorns", set()),
        ("x.ini", "gunicorn " + "x" * MOST_CHARACTERS, set()),
    ],
)
def test_what_is_spoken_of(path: str, text: str, said: set[str]) -> None:
    names = {"corsheaders", "psycopg2", "requests", "gunicorn", "django-cors-headers"}
    assert mentioned(path, text, names) == said


@pytest.mark.parametrize(
    "path", ["README.md", "docs/a.rst", "pyproject.toml", "uv.lock", "requirements.txt", "LICENSE"]
)
def test_prose_and_dependency_files_speak_of_nothing(path: str) -> None:
    assert not may_mention(path)


@pytest.mark.parametrize("path", ["a.py", "Dockerfile", "Procfile", ".github/workflows/ci.yml", "mkdocs.yml", "a.ini"])
def test_settings_do(path: str) -> None:
    assert may_mention(path)


def test_settings_of_deptry() -> None:
    text = (
        '[tool.deptry]\nignore = ["DEP003", "DEP002"]\n[tool.deptry.per_rule_ignores]\nDEP002 = "A_b|c"\n'
        '[tool.deptry.package_module_name_map]\nX_y = ["m", 3]\nz = "n"\n'
    )
    assert deptry_settings(text) == DeptrySettings(True, frozenset({"a-b", "c"}), {"x-y": ("m",), "z": ("n",)})


@pytest.mark.parametrize("text", ["", "[", "[tool]\ndeptry = 1", "[tool.deptry]\nignore = 3\nper_rule_ignores = []"])
def test_no_settings_are_none(text: str) -> None:
    assert deptry_settings(text) == DeptrySettings()
