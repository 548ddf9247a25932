"""Ways of making one test, one fixture or one file of settings say less, each beside a change that looks like it."""

from __future__ import annotations

import pytest

from tdev.core.weakened_tests import TextPair, weakened

HEAD = "import math\nimport pytest\nfrom calc import f, g\n\n\ndef test_a():\n"


def said(path: str, before: str, after: str) -> list[str]:
    return [found.message for found in weakened([TextPair(path, before, after)])]


def of_test(before: str, after: str) -> list[str]:
    """What is said of a test whose body changes."""
    texts = [HEAD + "".join(f"    {line}\n" for line in body.split("\n")) for body in (before, after)]
    return said("tests/test_calc.py", *texts)


WEAKER_BODIES = {
    "one more value": ("assert f() == 1", "assert f() == 1 or f() == 2"),
    "half of an and": ("assert f() == 1 and g() == 2", "assert f() == 1"),
    "a larger distance": ("assert abs(f() - 1) < 0.01", "assert abs(f() - 1) < 1"),
    "one more exception": (
        "with pytest.raises(ValueError):\n    f()",
        "with pytest.raises((ValueError, TypeError)):\n    f()",
    ),
    "a base class": ("with pytest.raises(KeyError):\n    f()", "with pytest.raises(LookupError):\n    f()"),
    "any message": (
        "with pytest.raises(ValueError, match='no such user'):\n    f()",
        "with pytest.raises(ValueError, match='.*'):\n    f()",
    ),
    "its own exception": (
        "with pytest.raises(KeyError):\n    f()",
        "with pytest.raises(KeyError):\n    raise KeyError",
    ),
    "a series of nothing": ("for x in (1, 2):\n    assert f(x) == x", "for x in ():\n    assert f(x) == x"),
    "the length alone": ("assert f() == [1, 2]", "assert len(f()) == 2"),
    "in any order": ("assert f() == [1, 2]", "assert set(f()) == {1, 2}"),
    "the type alone": ("assert f() == 1", "assert type(f()) == int"),
    "whatever the arguments": ("f.assert_called_once_with(1)", "f.assert_called()"),
    "nobody calls": ("assert f() == 1", "def inner():\n    assert f() == 1"),
    "cases assumed away": ("assert f() == 1", "assume(g() == 1)\nassert f() == 1"),
}
LIKE_THEM = {
    "two assertions for one": ("assert f() == 1 and g() == 2", "assert f() == 1\nassert g() == 2"),
    "a smaller distance": ("assert abs(f() - 1) < 0.01", "assert abs(f() - 1) < 0.001"),
    "another exception": ("with pytest.raises(ValueError):\n    f()", "with pytest.raises(CalcError):\n    f()"),
    "a derived one": ("with pytest.raises(LookupError):\n    f()", "with pytest.raises(KeyError):\n    f()"),
    "another message": (
        "with pytest.raises(ValueError, match='no user'):\n    f()",
        "with pytest.raises(ValueError, match='no such user'):\n    f()",
    ),
    "one more case": (
        "with pytest.raises(ValueError):\n    f()",
        "with pytest.raises(ValueError):\n    f()\nwith pytest.raises(TypeError):\n    f('x')",
    ),
    "another length": ("assert len(f()) == 2", "assert len(f()) == 3"),
    "whole instead of long": ("assert len(f()) == 2", "assert f() == [1, 2]"),
    "with arguments": ("f.assert_called()", "f.assert_called_once_with(1)"),
    "a helper": ("assert f() == 1", "def check():\n    assert f() == 1\n\ncheck()"),
}


@pytest.mark.parametrize("way", WEAKER_BODIES)
def test_a_body_that_says_less(way: str) -> None:
    assert len(of_test(*WEAKER_BODIES[way])) >= 1


@pytest.mark.parametrize("way", LIKE_THEM)
def test_a_body_that_says_as_much(way: str) -> None:
    assert of_test(*LIKE_THEM[way]) == []


PROPERTY = "@settings(max_examples=500)\n@given(x=integers())\ndef test_a(x):\n    assert f(x) == x\n"


def test_fewer_examples_of_a_property() -> None:
    fewer = said("tests/test_calc.py", PROPERTY, PROPERTY.replace("500", "1"))
    assert fewer == ["the test test_a has 1 sets of parameters, and had 500"]
    assert said("tests/test_calc.py", PROPERTY, PROPERTY.replace("500", "900")) == []


FIXTURE = """\
import pytest
from calc import enable, left


@pytest.fixture(autouse=True)
def strict():
    enable()
    yield
    assert not left()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "x").write_text("1")
    return tmp_path
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("(autouse=True)", "", "strict is no longer applied to every test"),
        ("(autouse=True)", "(autouse=False)", "strict is no longer applied to every test"),
        ("    assert not left()\n", "", "strict does nothing after a test any more"),
        ('    (tmp_path / "x").write_text("1")\n', "", "folder does nothing any more"),
        ("    enable()\n    yield\n    assert not left()\n", "    yield\n", "strict no longer makes what is tested"),
    ],
)
def test_a_fixture_that_is_neutralised(old: str, new: str, expected: str) -> None:
    assert old in FIXTURE
    assert expected in "\n".join(said("tests/conftest.py", FIXTURE, FIXTURE.replace(old, new)))


REPLACING = (
    "import pytest\nimport requests\nfrom calc import f\n\n\n@pytest.fixture{}\ndef easy(monkeypatch):\n    {}\n"
)


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("monkeypatch.setattr('calc.sums.add', sum)", "calc.sums.add"),
        ("monkeypatch.setattr(calc.sums, 'add', sum)", "calc.sums.add"),
        ("mock.patch('calc.sums.add').start()", "calc.sums.add"),
    ],
)
def test_a_fixture_that_replaces_what_is_tested_for_every_test(line: str, target: str) -> None:
    before = "import pytest\n"
    found = said("tests/conftest.py", before, REPLACING.format("(autouse=True)", line))
    assert f"the fixture easy replaces {target} for every test" in found
    assert said("tests/conftest.py", before, REPLACING.format("", line)) == []


@pytest.mark.parametrize("line", ["monkeypatch.setattr('time.time', int)", "monkeypatch.setenv('calc', '1')"])
def test_a_fixture_that_replaces_the_surroundings(line: str) -> None:
    assert said("tests/conftest.py", "import pytest\n", REPLACING.format("(autouse=True)", line)) == []


def test_a_fixture_that_does_the_same_in_another_place_or_way() -> None:
    moved = [TextPair("tests/conftest.py", FIXTURE, "import pytest\n"), TextPair("conftest.py", None, FIXTURE)]
    assert list(weakened(moved)) == []
    block = FIXTURE.replace("    enable()\n    yield\n    assert not left()\n", "    with enable():\n        yield\n")
    assert said("tests/conftest.py", FIXTURE, block) == []


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pytest.ini", "[pytest]\nxfail_strict = true\n", "[pytest]\n"),
        ("pytest.ini", "[pytest]\nfilterwarnings = error\n", "[pytest]\n"),
        ("pytest.ini", "[pytest]\naddopts = --strict-markers -W error\n", "[pytest]\naddopts = --strict-markers\n"),
        ("pytest.ini", "[pytest]\n", "[pytest]\naddopts = -m 'not slow'\n"),
        (".coveragerc", "[run]\nbranch = true\n", "[run]\n"),
        (".coveragerc", "[run]\nomit =\n  a.py\n", "[run]\nomit =\n  a.py\n  calc.py\n"),
        ("pyproject.toml", "[tool.mypy]\nstrict = true\n", "[tool.mypy]\n"),
        ("pyproject.toml", "[tool.ruff.lint]\nselect = ['S']\n", "[tool.ruff.lint]\n"),
        (
            "pyproject.toml",
            "[tool.ruff.lint]\nignore = [\n  'E1',\n]\n",
            "[tool.ruff.lint]\nignore = [\n  'E1',\n  'S1',\n]\n",
        ),
        (
            "pyproject.toml",
            "[tool.ruff.lint.per-file-ignores]\n'a.py' = ['S1']\n",
            "[tool.ruff.lint.per-file-ignores]\n'a.py' = ['S1']\n'b.py' = ['S1']\n",
        ),
    ],
)
def test_settings_that_look_at_less(path: str, before: str, after: str) -> None:
    assert said(path, before, after)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pytest.ini", "[pytest]\nxfail_strict = true\n", "[pytest]\nxfail_strict = True\nlog_cli = true\n"),
        (".coveragerc", "[run]\nomit =\n  a.py\n  b.py\n", "[run]\nomit =\n  a.py\n"),
        (
            "pyproject.toml",
            "[project]\ndependencies = [\n  'a',\n]\n",
            "[project]\ndependencies = [\n  'a',\n  'b',\n]\n",
        ),
        ("pyproject.toml", "[tool.ruff]\nselect = ['S']\n", "[tool.ruff.lint]\nselect = ['S', 'E']\n"),
        (
            "pyproject.toml",
            "[tool.ruff.lint]\nignore = ['E1']\n\n[tool.x]\n",
            "[tool.ruff.lint]\nignore = ['E1']\n\n[tool.x]\ny = 1\n",
        ),
        ("setup.cfg", "[mypy]\nstrict = true\n", "[mypy]\nstrict = true\n[metadata]\nclassifiers =\n  One\n"),
    ],
)
def test_settings_that_look_at_as_much(path: str, before: str, after: str) -> None:
    assert said(path, before, after) == []


def test_a_strict_setting_may_move_to_another_file() -> None:
    moved = [
        TextPair("mypy.ini", "[mypy]\nstrict = true\n", "[mypy]\n"),
        TextPair("pyproject.toml", "[project]\n", "[project]\n[tool.mypy]\nstrict = true\n"),
    ]
    assert list(weakened(moved)) == []
