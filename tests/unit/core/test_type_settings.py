from __future__ import annotations

import configparser

import pytest

from tdev.core.type_settings import CANARY, configures_types, type_settings


def parsed(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("mypy.ini", "[mypy]\n"),
        ("setup.cfg", "[mypy]\nstrict = True\n"),
        ("pyproject.toml", "[tool.mypy]\n"),
        ("pyproject.toml", "[tool.pyright]\nstrict = ['src']\n"),
        ("sub/pyrightconfig.json", "{}"),
    ],
)
def test_what_configures_types(path: str, text: str) -> None:
    assert configures_types(path, text)


@pytest.mark.parametrize(("path", "text"), [("setup.cfg", "[flake8]\n"), ("pyproject.toml", "[tool.ruff]\n")])
def test_what_does_not(path: str, text: str) -> None:
    assert not configures_types(path, text)


def test_code_places_and_caches_are_not_taken_over() -> None:
    hostile = (
        "[mypy]\nstrict = True\nplugins = evil.py, pydantic.mypy\nmypy_path = /etc\ncache_dir = /work\n"
        "python_executable = /bin/evil\nhtml_report = out\ncustom_typeshed_dir = fake\nsnapshot = %(HOME)s\n"
        "python_version = 3.12\n[mypy-a.*,b]\nignore_errors = True\nplugins = x.py\n[mypy-c d]\nstrict = True\n"
    )
    made = parsed(type_settings({"mypy.ini": hostile}).ini)
    assert set(made.sections()) == {"mypy", "mypy-a.*", "mypy-b", f"mypy-{CANARY}"}
    assert made["mypy"]["strict"] == "True" and made["mypy"]["python_version"] == "3.12"
    assert not {"plugins", "mypy_path", "cache_dir", "python_executable", "html_report"} & set(made["mypy"])
    assert dict(made["mypy-a.*"]) == {"ignore_errors": "True"}
    assert made[f"mypy-{CANARY}"]["ignore_errors"] == "False"
    assert made["mypy"]["disallow_subclassing_any"] == "False"


def test_a_value_can_not_bring_lines_of_its_own() -> None:
    text = '[tool.mypy]\nstrict = "yes\\nplugins = evil.py"\ndisable_error_code = ["misc\\nplugins = x", "import"]\n'
    text += '[[tool.mypy.overrides]]\nmodule = ["a", "b]\\n[mypy]\\nplugins = x"]\ndisallow_untyped_defs = true\n'
    made = parsed(type_settings({"pyproject.toml": text}).ini)
    assert "plugins" not in type_settings({"pyproject.toml": text}).ini
    assert set(made.sections()) == {"mypy", "mypy-a", f"mypy-{CANARY}"}
    assert made["mypy"]["disable_error_code"] == "import"


def test_mypy_s_own_file_comes_before_the_others_and_the_root_before_the_project() -> None:
    both = {"mypy.ini": "[mypy]\nstrict = True\n", "pyproject.toml": "[tool.mypy]\nwarn_unreachable = true\n"}
    assert "strict" in type_settings(both).ini and "warn_unreachable" not in type_settings(both).ini
    assert "strict = True" in type_settings({"api/mypy.ini": "[mypy]\nstrict = on\n"}, "api").ini
    assert "strict" not in type_settings({"api/mypy.ini": "[mypy]\nstrict = on\n"}).ini


def test_which_files_are_looked_at() -> None:
    said = type_settings({"mypy.ini": "[mypy]\nfiles = src, run.py\nexclude = ^src/old/\n"})
    assert [said.wants(path) for path in ("src/a.py", "run.py", "b.py", "src/old/a.py")] == [True, True, False, False]
    listed = type_settings({"pyproject.toml": "[tool.mypy]\nexclude = ['migrations/', '(a+)+$']\n"})
    assert not listed.wants("app/migrations/a.py")
    assert listed.wants("app/aaaa.py")
    assert type_settings({"mypy.ini": "[mypy]\nfiles = **/*.py\n"}).wants("x.py")
