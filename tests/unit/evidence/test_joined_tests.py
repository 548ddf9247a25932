"""Two runners' results as one."""

from __future__ import annotations

from support.evaluations import outcomes_of
from tdev.evidence.tests_of import joined

NONE = "no tests were found"
PYTHON, NODE = {"t.py::a": "passed"}, {"a.test.js::one": "failed"}


def test_a_runner_without_tests_leaves_it_to_the_other() -> None:
    assert joined(outcomes_of(NONE), outcomes_of(NODE)).outcomes.keys() == NODE.keys()
    assert joined(outcomes_of(PYTHON), outcomes_of(NONE)).outcomes.keys() == PYTHON.keys()
    assert joined(outcomes_of(NONE), outcomes_of(NONE)).reason == NONE


def test_both_count_and_both_have_to_be_whole() -> None:
    both = joined(outcomes_of(PYTHON), outcomes_of(NODE))
    assert both.ok and both.outcomes.keys() == PYTHON.keys() | NODE.keys()
    for pair in ((outcomes_of(PYTHON), outcomes_of("crashed")), (outcomes_of("crashed"), outcomes_of(NODE))):
        assert not joined(*pair).ok and joined(*pair).reason == "crashed"
