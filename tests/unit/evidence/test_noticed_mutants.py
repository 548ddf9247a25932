"""Mutants that need not be tried again: the same code, the same tests and the same surroundings."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from support.evaluations import outcomes_of, patch_of
from tdev.core.mutants import Mutant, functions_of
from tdev.evidence.noticed_mutants import NoticedMutants
from tdev.evidence.subject import Change, Commit
from tdev.policy.model import Policy
from tdev.settings import Settings

[DOUBLE] = functions_of("def double(x):\n    return 2 * x\n")
MUTANT = Mutant("app/calc.py", DOUBLE, 2, 2, ("    return 3 * x\n",))
FILES = {
    "app/calc.py": "1",
    "app/other.py": "2",
    "app/tests/test_calc.py": "3",
    "app/tests/test_more.py": "4",
    "app/tests/conftest.py": "5",
    "app/prices.csv": "6",
}


@pytest.fixture
def run(tmp_path: Path) -> SimpleNamespace:
    settings = Settings.from_environment({"HOME": str(tmp_path), "TDEV_HOME": str(tmp_path / "home")})
    return SimpleNamespace(settings=settings, policy=Policy())


def noticed_in(run: SimpleNamespace, files: dict[str, str], anew: bool = False) -> NoticedMutants:
    side = Commit(run, "after", "0" * 40, Path(), "app", anew)  # type: ignore[arg-type]
    vars(side)["files"] = files
    tests = outcomes_of({"tests/test_calc.py::test_one": "passed", "tests/test_more.py::test_two": "passed"})
    return NoticedMutants(Change(run, patch_of(), side, side, {"after.pytest": tests}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "known"),
    [
        ({}, True),
        ({"app/other.py": "9"}, True),
        ({"app/tests/test_more.py": "9"}, True),
        ({"app/calc.py": "9"}, False),
        ({"app/tests/test_calc.py": "9"}, False),
        ({"app/tests/conftest.py": "9"}, False),
        ({"app/prices.csv": "9"}, False),
        ({"pyproject.toml": "9"}, False),
    ],
)
def test_a_mutant_is_known_while_what_noticed_it_is_the_same(
    run: SimpleNamespace, changed: dict[str, str], known: bool
) -> None:
    noticed_in(run, FILES).keep([(MUTANT, ["tests/test_calc.py"])])
    later = noticed_in(run, {**FILES, **changed})
    assert later.known([MUTANT]) == ({MUTANT} if known else set())
    assert later.known([MUTANT._replace(lines=("    return 4 * x\n",))]) == set()


@pytest.mark.parametrize("files", [[], ["tests/made_up.py"]])
def test_what_names_no_test_file_is_not_kept(run: SimpleNamespace, files: list[str]) -> None:
    noticed_in(run, FILES).keep([(MUTANT, files)])
    assert noticed_in(run, FILES).known([MUTANT]) == set()


def test_judged_anew_nothing_is_known_and_nothing_kept(run: SimpleNamespace) -> None:
    noticed_in(run, FILES, anew=True).keep([(MUTANT, ["tests/test_calc.py"])])
    assert noticed_in(run, FILES).known([MUTANT]) == set()
    noticed_in(run, FILES).keep([(MUTANT, ["tests/test_calc.py"])])
    assert noticed_in(run, FILES, anew=True).known([MUTANT]) == set()
