"""Tests made weaker in each way that is known, and changes of tests that are not."""

from __future__ import annotations

import pytest

from tdev.core.weakened_tests import TextPair, weakened

PATH = "tests/test_calc.py"
TEST = """\
import pytest
from calc import add, parse


@pytest.mark.parametrize("number", [1, 2, 3])
def test_add(number):
    assert add(number, 2) == number + 2
    assert add(number, 0) == number


def test_words():
    with pytest.raises(ValueError, match="no number"):
        parse("x")


class TestParse:
    def test_one(self):
        assert parse("1") == 1
"""
WEAKER = {
    "the test test_add is gone": TEST.replace("def test_add", "def _test_add"),
    "the test TestParse.test_one is gone": TEST[: TEST.index("class")],
    "is skipped or may fail now: skip": TEST.replace(
        "def test_words", "@pytest.mark.skip(reason='flaky')\ndef test_words"
    ),
    "is skipped or may fail now: xfail": TEST.replace("def test_words", "@pytest.mark.xfail\ndef test_words"),
    "may fail now: skip ": TEST.replace("    with pytest", "    pytest.skip('later')\n    with pytest"),
    "1 assertions that can fail, and had 2": TEST.replace("    assert add(number, 0) == number\n", ""),
    "1 assertions that can fail, and had 2 ": TEST.replace("assert add(number, 0) == number", "add(number, 0)"),
    "an assertion that is always true": TEST.replace("add(number, 0) == number", "True"),
    "assertion that is always true ": TEST.replace(
        "assert add(number, 0) == number", "assert add(number, 0) == number or True"
    ),
    "always true  ": TEST.replace("add(number, 0) == number", "add(number, 0) == add(number, 0)"),
    "1 assertions that name a value, and had 2": TEST.replace("add(number, 0) == number", "add(number, 0) is not None"),
    "1 assertions that name a value": TEST.replace(
        "assert add(number, 0) == number", "assert isinstance(add(number, 0), int)"
    ),
    "0 assertions that can fail": TEST.replace("    assert add(number, 2)", "    return\n    assert add(number, 2)"),
    "and had 2": TEST.replace(
        "    assert add(number, 0) == number\n",
        "    try:\n        assert add(number, 0) == 1\n    except AssertionError:\n        pass\n",
    ),
    "can fail, and had 2": TEST.replace("    assert add(number, 0)", "    if False:\n        assert add(number, 0)"),
    "1 assertions that one value alone satisfies, and had 2": TEST.replace(
        "add(number, 0) == number", "add(number, 0) >= 0"
    ),
    "one value alone satisfies ": TEST.replace("add(number, 0) == number", "add(number, 0) in (0, number, 7)"),
    "differ by more than before: 0.5": TEST.replace("== number\n", "== pytest.approx(number, abs=0.5)\n"),
    "differ by more than before: inf": TEST.replace("== number\n", "== pytest.approx(number, abs=SOME)\n"),
    "reaches 0 assertions whatever is true, and reached 2": TEST.replace(
        "    assert add(number, 2)", "    if number:\n        return\n    assert add(number, 2)"
    ),
    "replaces what it tests: add ": TEST.replace(
        "def test_add(number):\n", "def test_add(number):\n    add = Mock(side_effect=[3, 1])\n"
    ),
    "1 assertions that can fail, and had 2  ": TEST.replace(
        "    assert add(number, 0) == number\n",
        "\n\n@pytest.mark.skip\ndef test_zero(number):\n    assert add(number, 0) == number\n",
    ),
    "any exception": TEST.replace("ValueError, match", "Exception, match"),
    "any exception ": TEST.replace("raises(ValueError,", "raises((ValueError, Exception),"),
    "no longer looks at the message": TEST.replace(', match="no number"', ""),
    "1 sets of parameters, and had 3": TEST.replace("[1, 2, 3]", "[1]"),
    "what is tested is replaced for the whole file: add": TEST.replace(
        "from calc import add, parse\n", "from calc import parse\n\n\ndef add(one, other):\n    return one + other\n"
    ),
    "what is tested is replaced for the whole file: parse": TEST.replace(
        "from calc import add, parse\n", "from calc import add, parse\n\nparse = int\n"
    ),
    "replaces what it tests: add": TEST.replace(
        "def test_add(number):\n", "def test_add(number, monkeypatch):\n    monkeypatch.setattr('calc.add', int)\n"
    ),
    "replaced for the whole file: add": TEST.replace(
        "class TestParse",
        "@pytest.fixture(autouse=True)\ndef easy(patch):\n    patch.setattr('calc.add', sum)\n\n\nclass TestParse",
    ),
    "tests of the file are skipped: skip": TEST.replace("\n\n\n@", "\n\npytestmark = pytest.mark.skip\n\n\n@", 1),
    "tests of the file are skipped: __test__ = False": TEST.replace(
        "class TestParse:\n", "class TestParse:\n    __test__ = False\n\n"
    ),
    "tests of the file are skipped: sys.exit()": TEST + "\nimport sys\nsys.exit(0)\n",
    "pytest_collection_modifyitems decides": TEST
    + "\n\ndef pytest_collection_modifyitems(items):\n    items.clear()\n",
    "is equal to everything": TEST + "\n\nclass Any:\n    def __eq__(self, other):\n        return True\n",
    "can't be parsed": TEST + "\ndef (:\n",
}
SAME = {
    "nothing": TEST,
    "a stricter assertion": TEST.replace("== number\n", "== number\n    assert add(0, number) == number\n"),
    "another value": TEST.replace("number + 2", "2 + number"),
    "a name for a value": TEST.replace('assert parse("1") == 1', "found = parse('1')\n        assert found == 1"),
    "more parameters": TEST.replace("[1, 2, 3]", "[0, 1, 2, 3]"),
    "a float that is compared as one": TEST.replace("== number\n", "== pytest.approx(number)\n"),
    "a smaller tolerance, and one assertion more": TEST.replace(
        "== number\n", "== pytest.approx(number, abs=1e-9)\n    assert add(1, 1) == pytest.approx(2, abs=0.5)\n"
    ),
    "an assertion in a test of its own": TEST.replace(
        "    assert add(number, 0) == number\n", "\n\ndef test_zero(number):\n    assert add(number, 0) == number\n"
    ),
    "no instead of a comparison with it": TEST.replace("add(number, 0) == number", "not add(number, -number)"),
    "a narrower exception": TEST.replace("ValueError", "NumberError"),
    "a new test that needs a module": TEST
    + "\n\ndef test_new():\n    yaml = pytest.importorskip('yaml')\n    assert yaml.load('1') == 1\n",
    "a fixture that sets the environment": TEST
    + "\n\n@pytest.fixture\ndef home(monkeypatch):\n    monkeypatch.setenv('HOME', '/x')\n",
    "a clock that is replaced": TEST.replace(
        "    def test_one(self):\n",
        "    def test_one(self, monkeypatch):\n        monkeypatch.setattr('time.time', int)\n",
    ),
    "a comparison with True without it": TEST.replace("add(number, 0) == number", "add(number, 0) == number  # exact"),
}


def said(*pairs: TextPair) -> list[str]:
    return [found.message for found in weakened(pairs)]


@pytest.mark.parametrize("expected", WEAKER)
def test_a_weaker_test_is_told(expected: str) -> None:
    assert WEAKER[expected] != TEST
    assert expected.strip() in "\n".join(said(TextPair(PATH, TEST, WEAKER[expected])))


@pytest.mark.parametrize("name", SAME)
def test_a_test_that_is_as_strict_passes(name: str) -> None:
    assert said(TextPair(PATH, TEST, SAME[name])) == []


FIXTURE = """\
import pytest
from calc import Calculator


@pytest.fixture
def calculator():
    return Calculator(places=2)
"""


def test_a_fixture_that_makes_something_else() -> None:
    path = "tests/conftest.py"
    stub = FIXTURE.replace("return Calculator(places=2)", "return SimpleNamespace(add=lambda one, other: 3)")
    mocked = FIXTURE.replace(
        "calculator():\n    return Calculator(places=2)", "calculator(mocker):\n    return mocker.Mock()"
    )
    factory = FIXTURE.replace(
        "def calculator():\n    return Calculator(places=2)\n",
        "def make():\n    return Calculator\n\n\n@pytest.fixture\ndef calculator(make):\n    return make(places=2)\n",
    )
    expected = ["the fixture calculator no longer makes what is tested: Calculator"]
    assert said(TextPair(path, FIXTURE, stub)) == expected
    assert said(TextPair(path, FIXTURE, mocked)) == expected
    assert said(TextPair(path, FIXTURE, factory)) == said(TextPair(path, stub, FIXTURE)) == []


def test_a_tolerance_that_grows_by_its_places() -> None:
    test = "class TestSum(TestCase):\n    def test_sum(self):\n        self.assertAlmostEqual(total(), 3.1, places=5)\n"
    assert said(TextPair(PATH, test, test.replace("places=5", "places=1"))) != []
    assert said(TextPair(PATH, test, test.replace("places=5", "places=7"))) == []


def test_a_deleted_file_loses_its_tests_and_a_moved_one_does_not() -> None:
    assert len(said(TextPair(PATH, TEST, None))) == 3
    assert said(TextPair(PATH, TEST, None), TextPair("tests/unit/test_calc.py", None, TEST)) == []


def test_a_test_file_that_becomes_another_file_loses_its_tests() -> None:
    assert said(TextPair("docs/test_calc.py.txt", TEST, TEST, old_path=PATH)) != []


def test_a_new_test_that_asserts_nothing_real() -> None:
    assert said(TextPair("tests/test_new.py", None, "def test_x():\n    assert True\n")) == [
        "the assertion is always true"
    ]


NEW = "from unittest.mock import Mock\nfrom calc import Calculator, total\n\n\ndef test_new(calculator):\n"
VACUOUS = {
    "asserts nothing": "    calculator.add(1)\n",
    "asserts nothing ": "    print(calculator.total())\n",
    "asserts nothing  ": "    def looks_right():\n        assert calculator.total() == 3\n\n    calculator.total()\n",
    "asserts nothing   ": "    try:\n        assert total() == 3\n    except Exception:\n        pass\n",
    "its own constants": "    calculator.add(1)\n    expected = 3\n    assert expected == 3\n",
    "told its own mock": "    one = Mock()\n    one.total.return_value = 3\n    assert one.total() == 3\n",
    "told its own mock ": "    one = Mock(wraps=calculator)\n    one.add(1)\n    one.add.assert_called_once()\n",
    "always true": "    assert calculator.total() == calculator.total()\n",
}
TELLING = {
    "a function that asserts": "    right(calculator)\n\n\ndef right(one):\n    assert one.total() == 3\n",
    "a name that says so": "    check_total(calculator, 3)\n",
    "a function inside that is called": "    def right():\n        assert total() == 3\n\n    right()\n",
    "a mock that is handed over": "    out = Mock()\n    calculator.tell(out)\n    out.write.assert_called_with('3')\n",
    "the same twice, and another not": "    assert total(1) == total(1)\n    assert total(1) != total(2)\n",
    "an exception": "    with pytest.raises(ValueError):\n        total('x')\n",
    "a constant to compare with": "    expected = 3\n    assert calculator.total() == expected\n",
    "a state machine": "    run_state_machine_as_test(lambda: Steps(calculator))\n",
    "a snapshot": "    snapshot.take(calculator.total())\n",
}


@pytest.mark.parametrize("expected", VACUOUS)
def test_a_new_test_that_can_not_fail_for_the_code(expected: str) -> None:
    (found,) = said(TextPair("tests/test_new.py", None, NEW + VACUOUS[expected]))
    assert expected.strip() in found
    assert said(TextPair("tests/test_new.py", NEW + VACUOUS[expected], NEW + VACUOUS[expected])) == []


@pytest.mark.parametrize("name", TELLING)
def test_a_new_test_that_says_something(name: str) -> None:
    assert said(TextPair("tests/test_new.py", None, NEW + TELLING[name])) == []


SETTINGS = [
    ("pyproject.toml", "[tool.coverage.run]\n", "[tool.coverage.run]\nomit = ['src/hard.py']\n"),
    ("pyproject.toml", "fail_under = 90\n", "fail_under = 50\n"),
    ("setup.cfg", "[coverage:report]\nfail_under = 90\n", "[coverage:report]\n"),
    ("pytest.ini", "[pytest]\naddopts = -ra\n", "[pytest]\naddopts = -ra --ignore=tests/slow\n"),
    ("pytest.ini", "[pytest]\n", "[pytest]\naddopts = -k fast\n"),
    ("pytest.ini", "[pytest]\n", "[pytest]\ntestpaths = nowhere\n"),
    ("pytest.ini", None, "[pytest]\naddopts = --collect-only\n"),
    ("tox.ini", None, "[pytest]\ntestpaths = nowhere\n"),
    (".coveragerc", None, "[run]\nomit = *\n"),
    ("tox.ini", "commands = pytest\n", "commands = pytest || true\n"),
    ("pyproject.toml", "[tool.ruff.lint]\n", "[tool.ruff.lint]\nignore = ['S']\n"),
    (".flake8", "max-complexity = 10\n", "max-complexity = 40\n"),
    ("mypy.ini", "[mypy]\nstrict = true\n", "[mypy]\nignore_errors = true\n"),
    ("pytest.ini", "[pytest]\n", "[pytest]\npython_functions = check_*\n"),
    (".semgrepignore", "", "src/\n"),
    ("pyproject.toml", '[tool.ruff.lint]\nselect = ["E", "S1"]\n', '[tool.ruff.lint]\nselect = ["E"]\n'),
    ("pyproject.toml", '[tool.mypy]\nfiles = ["a", "b"]\n', '[tool.mypy]\nfiles = [\n  "a",\n]\n'),
    (".github/workflows/ci.yml", "- run: pytest\n", "- run: pytest || true\n"),
    (".github/workflows/ci.yml", "- run: pytest\n", "- run: pytest\n  continue-on-error: true\n"),
    ("package.json", "{\n}\n", '{\n  "test": "jest --passWithNoTests"\n}\n'),
]


@pytest.mark.parametrize(("path", "before", "after"), SETTINGS)
def test_settings_that_leave_something_out(path: str, before: str, after: str) -> None:
    assert said(TextPair(path, before, after)) != []
    assert said(TextPair(path, after, before)) == [] or "fail_under" in before
    assert said(TextPair(path, after, after)) == []


def test_settings_that_look_at_more() -> None:
    less, more = '[tool.ruff.lint]\nselect = ["S101"]\n', '[tool.ruff.lint]\nselect = ["E", "S"]\n'
    assert said(TextPair("pyproject.toml", less, more)) == []
    assert said(TextPair("pyproject.toml", more, more.replace('"S"', '"ALL"'))) == []
    assert said(TextPair(".github/workflows/ci.yml", None, "- run: pytest || true\n")) == []
    assert said(TextPair(".github/workflows/ci.yml", "- run: pytest\n", "- run: pytest -x\n  if: always()\n")) == []


def test_a_file_under_a_name_that_is_not_collected_has_no_tests() -> None:
    moved = TextPair("tests/calc_checks.py", TEST, TEST, PATH)
    assert any("is gone" in each for each in said(moved))
    apart = (TextPair(PATH, TEST, None), TextPair("tests/calc_checks.py", None, TEST))
    assert any("is gone" in each for each in said(*apart))
    assert said(TextPair("tests/test_sums.py", TEST, TEST, PATH)) == []


FOREIGN = "describe('add', () => {\n  it('adds', () => {\n    expect(add(1, 2)).toBe(3);\n  });\n});\n"


def test_tests_of_other_languages() -> None:
    path = "web/src/add.test.ts"
    assert said(TextPair(path, FOREIGN, FOREIGN.replace("toBe(3)", "toBe(4)"))) == []
    assert said(TextPair(path, FOREIGN, FOREIGN.replace("    expect(add(1, 2)).toBe(3);\n", ""))) != []
    assert said(TextPair(path, FOREIGN, FOREIGN.replace("it(", "it.skip("))) != []
    assert said(TextPair(path, FOREIGN, None)) != []
    go = "func TestAdd(t *testing.T) {\n\tif add(1, 2) != 3 {\n\t\tt.Fatal(1)\n\t}\n}\n"
    assert said(TextPair("add_test.go", go, go.replace("\tif", "\tt.Skip()\n\tif"))) != []
