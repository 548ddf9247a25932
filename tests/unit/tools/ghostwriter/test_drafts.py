"""The ghostwriter's code brought into one form: what would not run, or would test something else, is mended."""

from __future__ import annotations

import ast

import pytest

from tdev.tools.ghostwriter.drafts import keep_apart

DRAFT = """
@given(codes=st.lists(st.integers()), text=st.text())
def test_roundtrip(codes, text):
    value = codes.decode(codes=codes)
    assert codes == value, (codes, value)
"""


def written(module: str) -> str:
    (test,) = ast.parse(DRAFT).body
    assert isinstance(test, ast.FunctionDef)
    keep_apart(test, module)
    return ast.unparse(test)


def test_an_argument_called_as_its_module_does_not_hide_it() -> None:
    """`codes.decode` called a method of the drawn list, and every draft for such a module failed."""
    assert written("codes") == (
        "@given(codes_=st.lists(st.integers()), text=st.text())\n"
        "def test_roundtrip(codes_, text):\n"
        "    value = codes.decode(codes=codes_)\n"
        "    assert codes_ == value, (codes_, value)"
    )


@pytest.mark.parametrize("module", ["decode", "value", "pkg"])
def test_a_draft_with_other_arguments_stays_as_it_is(module: str) -> None:
    assert written(module) == ast.unparse(ast.parse(DRAFT))
