"""Generated modules taken apart and put together: what asserts something, each alike once, and nothing else."""

from __future__ import annotations

import ast

import pytest

from tdev.core.generated_tests import GHOSTWRITTEN, MARK, adds_generated, generated_tests, module_of, named, statements

HEAD = "import pytest\nimport sys\nimport calc\ncalc_ = sys.modules['calc']\n"


def sources(body: str) -> list[str]:
    return [one.source for one in generated_tests(HEAD + body)]


def test_tests_that_differ_in_names_alone_are_one() -> None:
    first = "def test_0():\n    a = calc_.f(1)\n    assert a == 2\n"
    again = "def test_7():\n    var_9 = calc_.f(1)\n    assert var_9 == 2\n"
    other = "def test_8():\n    var_9 = calc_.f(1)\n    assert var_9 == 3\n"
    assert len(sources(first + again + other)) == 2
    swapped = "def test_0():\n    a = 1\n    b = 2\n    assert a < b\n"
    assert len(sources(swapped + swapped.replace("a < b", "b < a"))) == 2


@pytest.mark.parametrize(
    "body",
    [
        "def test_0():\n    calc_.f(1)\n",
        "@pytest.mark.xfail(strict=True)\ndef test_0():\n    assert calc_.f(1)\n",
        "def test_0(capsys):\n    assert calc_.f(1)\n",
        "def helper():\n    assert calc_.f(1)\n",
        "def test_0(:\n",
        "x = '\0'\n",
    ],
)
def test_what_can_not_fail_or_not_be_read_is_left_out(body: str) -> None:
    assert sources(body) == []


def test_an_expected_exception_is_an_assertion() -> None:
    assert len(sources("def test_0():\n    with pytest.raises(ValueError):\n        calc_.f(-1)\n")) == 1


def test_a_module_holds_each_import_once_and_tests_by_number() -> None:
    body = "def test_3():\n    assert calc_.f(1)\n\n\ndef test_5():\n    assert calc_.f('\u202e')  # \u202e\n"
    text = module_of(named(generated_tests(HEAD + body)), "calc")
    assert text.startswith(f'"""{MARK} for calc') and text.count("import pytest") == 1
    assert "\u202e" not in text and "#" not in text
    assert [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)] == ["test_0", "test_1"]


def test_a_difference_that_adds_a_generated_module_is_known_by_its_docstring() -> None:
    ours = module_of(named(generated_tests(HEAD + "def test_0():\n    assert calc_.f(1)\n")), "calc")
    added = "".join(f"+{line}\n" for line in ours.splitlines())
    assert adds_generated(f"--- /dev/null\n+++ b/test_calc.py\n@@ -0,0 +1 @@\n{added}")
    assert adds_generated(f'+"""Properties of `x`, {GHOSTWRITTEN} and tried."""\n')
    assert not adds_generated(added.replace("+", "-")) and not adds_generated(f"+MARK = {MARK!r}\n")


def test_length_is_told_in_statements_without_the_docstring() -> None:
    body = "    a = f(\n        1,\n    )\n    with pytest.raises(ValueError):\n        f(a)\n"
    assert statements(f"@given(x=st.text())\ndef test_0(x):\n    '''Says it.'''\n{body}") == 3
    assert statements(f"def test_0():\n{body}    assert a\n") == 4
