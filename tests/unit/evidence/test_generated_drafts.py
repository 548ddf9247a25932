"""Sheets of drafts: what can't fail for what the code does is left out before anything is run."""

from __future__ import annotations

from collections.abc import Sequence

from tdev.core.generated_tests import generated_tests, module_of, named
from tdev.evidence.generated_drafts import Sheet, with_assertions
from tdev.policy.tests_gate import Drafter

HEAD = "import pytest\nimport calc as calc_\n\n\n"
TELLS = "def test_0():\n    v = calc_.double(2)\n    assert v == 4\n"
OWN = "def test_1():\n    v = 4\n    calc_.double(v)\n    assert v == 4\n"
RAISES = "def test_2():\n    with pytest.raises(ValueError):\n        calc_.double(None)\n"


def sheet(*bodies: str) -> Sheet:
    tests = named(generated_tests(HEAD + "\n\n".join(bodies)))

    def text(names: Sequence[str]) -> str:
        return module_of({name: tests[name] for name in names}, "calc")

    return Sheet(Drafter.PYNGUIN, "test_calc.py", dict.fromkeys(tests, 2), text, text)


def test_a_draft_that_asserts_its_own_constants_alone_is_left_out() -> None:
    kept = with_assertions(sheet(TELLS, OWN, RAISES))
    assert kept is not None and list(kept.sizes) == ["test_0", "test_2"]
    assert "def test_1" not in kept.kept(list(kept.sizes)) and "def test_2" in kept.kept(["test_2"])


def test_there_is_no_sheet_where_nothing_is_left() -> None:
    assert with_assertions(sheet(OWN)) is None
    assert with_assertions(sheet()) is None
