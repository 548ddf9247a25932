from __future__ import annotations

import pytest

from tdev.engines.recipes.certain_types import review, value_returning_methods


def reviewed(before: str, after: str, project: str = "") -> tuple[str, int, int, str]:
    methods = value_returning_methods([before.encode(), project.encode()])
    result = review(before.encode(), after.encode(), methods)
    return result.source.decode(), result.kept, result.dropped, result.wrong


def test_a_function_without_return_is_kept() -> None:
    before, after = "def f(x):\n    x()\n", "def f(x) -> None:\n    x()\n"
    assert reviewed(before, after) == (after, 1, 0, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # the result is None where no branch returns
        ("def f(x):\n    if x:\n        return 1\n", "def f(x) -> int:\n    if x:\n        return 1\n"),
        # subclasses fill it in
        ("class A:\n    def f(self):\n        pass\n", "class A:\n    def f(self) -> None:\n        pass\n"),
        # a decorator may change what comes out
        ("@route\ndef f():\n    g()\n", "@route\ndef f() -> None:\n    g()\n"),
        # it returns something after all
        ("class A:\n    def __setitem__(self, k, v):\n        return v\n",
         "class A:\n    def __setitem__(self, k, v) -> None:\n        return v\n"),
        # not only its truth matters
        ("def f(a=True):\n    return g(a)\n", "def f(a: bool=True):\n    return g(a)\n"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_taken_out(before: str, after: str) -> None:
    source, kept, dropped, wrong = reviewed(before, after)
    assert (source, kept, dropped, wrong) == (before, 0, 1, "")


def test_a_method_that_another_class_overrides_with_a_value_is_not_certain() -> None:
    before = "class A:\n    def f(self):\n        g()\n"
    after = "class A:\n    def f(self) -> None:\n        g()\n"
    assert reviewed(before, after)[1] == 1
    assert reviewed(before, after, "class B(A):\n    def f(self):\n        return 1\n")[1] == 0


def test_a_parameter_that_is_only_a_condition_is_a_bool() -> None:
    before = "def f(x, deep=False):\n    return g(x) if deep and x else x\n"
    after = "def f(x, deep: bool=False):\n    return g(x) if deep and x else x\n"
    source, kept, dropped, _ = reviewed(before, after)
    assert (source, kept, dropped) == (after.replace("bool=False", "bool = False"), 1, 0)


def test_only_the_doubtful_part_of_a_file_is_taken_out() -> None:
    before = "def f():\n    g()\n\n\ndef h(é, a=True):\n    '''ünï'''\n    return k(a)\n"
    after = "def f() -> None:\n    g()\n\n\ndef h(é, a: bool=True):\n    '''ünï'''\n    return k(a)\n"
    assert reviewed(before, after) == (before.replace("def f():", "def f() -> None:"), 1, 1, "")


def test_windows_line_ends_are_counted() -> None:
    before = "def f():\r\n    g()\r\n\r\n@route\r\ndef h():\r\n    g()\r\n"
    after = before.replace("f():", "f() -> None:").replace("h():", "h() -> None:")
    assert reviewed(before, after) == (before.replace("f():", "f() -> None:"), 1, 1, "")


def test_a_file_that_differs_in_more_than_annotations_is_refused() -> None:
    assert "more than annotations" in reviewed("def f():\n    g()\n", "def f() -> None:\n    h()\n")[3]
    assert "would not parse" in reviewed("def f():\n    g()\n", "def f() -> :\n    g()\n")[3]
