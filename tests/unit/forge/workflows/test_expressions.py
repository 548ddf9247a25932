"""Expressions: what is replaced, what holds, what is refused."""

from __future__ import annotations

import pytest

from tdev.forge.workflows.expressions import check, holds, interpolate

SEEN = {
    "github": {"ref": "refs/heads/main", "event": {"pull_request": {"number": 7}}},
    "inputs": {"flag": True, "name": "x"},
    "secrets": {"KEY": "k"},
    "needs": {"work": {"result": "success", "outputs": {"go": "true"}}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a ${{ github.ref }} b", "a refs/heads/main b"),
        ("${{ github.event.pull_request.number }}", "7"),
        ("${{ secrets.key }}${{ secrets.OTHER }}", "k"),
        ("${{ inputs.flag }}", "true"),
        ("${{ inputs.flag && 'yes' || 'no' }}", "yes"),
        ("${{ needs.work.outputs.go == 'TRUE' }}", "true"),
        ("${{ 'it''s' }}", "it's"),
        ("${{ null }}|${{ 3 }}|${{ '' == 0 }}", "|3|true"),
        ("${{ contains(github.ref, 'HEADS') && startsWith(inputs.name, 'x') }}", "true"),
        ("${{ (inputs.flag || false) && !inputs.gone }}", "true"),
        ("no $expression {{ here }}", "no $expression {{ here }}"),
    ],
)
def test_values_are_replaced(text: str, value: str) -> None:
    assert interpolate(text, SEEN) == value


@pytest.mark.parametrize(
    ("condition", "status", "expected"),
    [
        ("", "success", True),
        ("", "failure", False),
        ("", "skipped", False),
        ("always()", "cancelled", True),
        ("${{ !cancelled() }}", "failure", True),
        ("failure()", "failure", True),
        ("failure()", "success", False),
        ("inputs.name == 'x'", "success", True),
        ("inputs.name == 'x'", "failure", False),
        ("always() && needs.work.result == 'success'", "failure", True),
        ("inputs.name != 'x'", "success", False),
    ],
)
def test_conditions_hold(condition: str, status: str, expected: bool) -> None:
    assert holds(condition, SEEN, status) is expected


@pytest.mark.parametrize(
    "expression",
    [
        "hashFiles('x')",
        "matrix.os",
        "github.ref[0]",
        "github.*",
        "1 < 2",
        "always(1)",
        "'open",
        "a b",
        "(github.ref",
        "",
    ],
)
def test_what_is_not_known_is_refused_before_anything_runs(expression: str) -> None:
    with pytest.raises(ValueError, match="does not know the expression"):
        check(f"x ${{{{ {expression} }}}}")
